"""The form that hands an incident to somebody else, and says who that is right now."""

from bot.model.verb import Verb
from bot.slack import pieces
from bot.slack.forms import choices, fields, lines, reading, sending
from bot.slack.forms.fields import Field
from bot.slack.forms.form import Again, Done, Errand, Filled, Form, Scene
from bot.slack.pieces import Json
from bot.words import Words

WHY = 1_000  # characters


def draw(scene: Scene) -> list[Json]:
    """Its blocks."""
    w, filled = scene.w.form, scene.filled
    target = Field("target", w.hand_over_to, w.target_placeholder, lively=True)
    return [
        *lines.about(scene),
        fields.search(target, choices.target(filled.get("target", ""), scene.w)),
        fields.text(Field("why", w.why, w.why_placeholder, optional=True), filled.get("why", ""), most=WHY, lines=True),
        preview(scene, w.hand_over_means),
    ]


def preview(scene: Scene, means: str) -> Json:
    """Who is behind the chosen target now, and what becomes of the incident."""
    known = scene.known
    if known is None or known.incident is None or not scene.filled.get("target"):
        return lines.preview(scene, [pieces.say(scene.w.form.choose_target)])
    then = [[pieces.say(means)]] if any(one.ways for one in known.reached) else []
    return lines.preview(scene, *lines.crew(known.reached, known.why, scene), *then)


def check(filled: Filled, w: Words) -> dict[str, str]:
    """What can be said of it without asking anybody."""
    found = {} if filled.get("target") else {"target": w.form.needed}
    return found | ({"why": w.form.too_long} if len(filled.get("why", "")) > WHY else {})


async def send(errand: Errand) -> Done | Again:
    """Hand it over."""
    filled = errand.filled
    return await sending.press(
        errand, Verb.HAND_OVER, detail=filled["target"], why=filled.get("why", ""), field="target"
    )


FORM = Form(
    "hand-over",
    "hand_over_title",
    draw,
    submit="hand_over_submit",
    load=reading.takers,
    check=check,
    send=send,
    words_in="why",
    typed="/incident handover INC-7 PERSON",
    asks=("target",),
)
