"""The form that closes an incident as a false alarm; the reason is asked, so that its monitor can be mended."""

from bot.model.verb import Verb
from bot.slack import pieces
from bot.slack.forms import fields, lines, reading, sending
from bot.slack.forms.fields import Field
from bot.slack.forms.form import Again, Done, Errand, Filled, Form, Scene
from bot.slack.pieces import Json
from bot.words import Words

WHY = 1_000  # characters


def draw(scene: Scene) -> list[Json]:
    """Its blocks."""
    w = scene.w.form
    why = Field("why", w.false_alarm_why, w.false_alarm_placeholder)
    return [
        *lines.about(scene),
        fields.text(why, scene.filled.get("why", ""), most=WHY, lines=True),
        lines.preview(scene, [pieces.say(w.false_alarm_means)]),
    ]


def check(filled: Filled, w: Words) -> dict[str, str]:
    """What can be said of it without asking anybody."""
    why = filled.get("why", "")
    return {"why": w.form.needed if not why else w.form.too_long} if not 0 < len(why) <= WHY else {}


async def send(errand: Errand) -> Done | Again:
    """Close it."""
    return await sending.press(errand, Verb.FALSE_ALARM, why=errand.filled["why"], field="why")


FORM = Form(
    "false-alarm",
    "false_alarm_title",
    draw,
    submit="false_alarm_submit",
    load=reading.incident,
    check=check,
    send=send,
    words_in="why",
    typed="/incident falsealarm INC-7",
)
