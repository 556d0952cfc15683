"""The form that merges an incident into another one that is open, and says what becomes of both."""

from bot.model.verb import Verb
from bot.slack import pieces
from bot.slack.forms import choices, fields, lines, reading, sending
from bot.slack.forms.fields import Field
from bot.slack.forms.form import Again, Done, Errand, Filled, Form, Scene
from bot.slack.pieces import Json
from bot.words import Words


def draw(scene: Scene) -> list[Json]:
    """Its blocks; without another open incident there is nothing to choose."""
    w, known, into = scene.w.form, scene.known, scene.filled.get("into", "")
    if known is None and not into:
        return [*lines.about(scene), lines.preview(scene)]
    others = choices.incidents(known.open if known else ())
    if not others and not into:
        return [*lines.about(scene), pieces.lines([pieces.say(w.no_other)])]
    means = pieces.line(w.merge_means, gone=scene.incident, stays=into) if into else [pieces.say(w.choose_other)]
    return [
        *lines.about(scene),
        fields.choose(Field("into", w.merge_into, w.incident_placeholder, lively=True), others, into),
        lines.preview(scene, means),
    ]


def check(filled: Filled, w: Words) -> dict[str, str]:
    """What can be said of it without asking anybody."""
    return {} if filled.get("into") else {"into": w.form.needed}


async def send(errand: Errand) -> Done | Again:
    """Merge it."""
    return await sending.press(errand, Verb.MERGE, detail=errand.filled["into"], field="into")


FORM = Form(
    "merge",
    "merge_title",
    draw,
    submit="merge_submit",
    load=reading.others,
    check=check,
    send=send,
    typed="/incident merge INC-7 INC-3",
    asks=("into",),
)
