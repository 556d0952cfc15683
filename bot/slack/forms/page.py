"""The form that asks somebody to join; it shows who will be paged and by which ways."""

from bot.model.verb import Verb
from bot.slack.forms import choices, fields, hand_over, lines, reading, sending
from bot.slack.forms.fields import Field
from bot.slack.forms.form import Again, Done, Errand, Filled, Form, Scene
from bot.slack.pieces import Json
from bot.words import Words

WORDS = 1_000  # characters


def draw(scene: Scene) -> list[Json]:
    """Its blocks."""
    w, filled = scene.w.form, scene.filled
    target = Field("target", w.page_whom, w.target_placeholder, lively=True)
    words = Field("words", w.page_words, w.page_words_placeholder, optional=True)
    return [
        *lines.about(scene),
        fields.search(target, choices.target(filled.get("target", ""), scene.w)),
        fields.text(words, filled.get("words", ""), most=WORDS, lines=True),
        hand_over.preview(scene, w.page_means),
    ]


def check(filled: Filled, w: Words) -> dict[str, str]:
    """What can be said of it without asking anybody."""
    found = {} if filled.get("target") else {"target": w.form.needed}
    return found | ({"words": w.form.too_long} if len(filled.get("words", "")) > WORDS else {})


async def send(errand: Errand) -> Done | Again:
    """Page them."""
    filled = errand.filled
    return await sending.press(errand, Verb.PAGE, detail=filled["target"], why=filled.get("words", ""), field="target")


FORM = Form(
    "page",
    "page_title",
    draw,
    submit="page_submit",
    load=reading.joiners,
    check=check,
    send=send,
    words_in="words",
    typed="/page PERSON INC-7",
    asks=("target",),
)
