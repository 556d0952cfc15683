"""The form that writes a note into an incident's timeline."""

from bot.model.verb import Verb
from bot.slack import pieces
from bot.slack.forms import fields, lines, reading, sending
from bot.slack.forms.fields import Field
from bot.slack.forms.form import Again, Done, Errand, Filled, Form, Scene
from bot.slack.pieces import Json
from bot.words import Words


def draw(scene: Scene) -> list[Json]:
    """Its blocks."""
    w = scene.w.form
    return [
        *lines.about(scene),
        fields.text(Field("text", w.note, w.note_placeholder), scene.filled.get("text", ""), lines=True),
        lines.preview(scene, [pieces.say(w.note_means)]),
    ]


def check(filled: Filled, w: Words) -> dict[str, str]:
    """What can be said of it without asking anybody."""
    size = len(filled.get("text", ""))
    return {"text": w.form.too_long if size else w.form.needed} if not 0 < size <= fields.WORDS else {}


async def send(errand: Errand) -> Done | Again:
    """Write it down."""
    return await sending.press(errand, Verb.NOTE, detail=errand.filled["text"], field="text")


FORM = Form(
    "note",
    "note_title",
    draw,
    submit="note_submit",
    load=reading.incident,
    check=check,
    send=send,
    words_in="text",
    typed="/incident note INC-7",
)
