"""The form in which the outgoing say what the numbers of a handover do not."""

from bot import words
from bot.engine import handover
from bot.engine.roster import Asking
from bot.model.verdict import Verdict
from bot.slack import pieces
from bot.slack.forms import fields
from bot.slack.forms.fields import Field
from bot.slack.forms.form import Again, Done, Errand, Filled, Form, Problem, Scene
from bot.slack.pieces import Json
from bot.words import Words

MOST = 2_000  #: characters of a note


def draw(scene: Scene) -> list[Json]:
    """Its blocks."""
    say, seed = scene.w.handover, scene.seed
    about = words.fill(say.note_of, handover=seed.handover, rota=seed.rota or scene.filled.get("rota", "")).strip()
    text = Field("text", say.note_label, scene.w.form.note_placeholder)
    return [pieces.lines([pieces.say(about)]), fields.text(text, scene.filled.get("text", ""), lines=True, most=MOST)]


def check(filled: Filled, w: Words) -> dict[str, str]:
    """What can be said of it without asking anybody."""
    size = len(filled.get("text", ""))
    return {"text": w.form.too_long if size else w.form.needed} if not 0 < size <= MOST else {}


async def send(errand: Errand) -> Done | Again:
    """Write it into the handover, in the name of whoever sends it. NotFound."""
    text, caller, typed = errand.filled["text"], errand.caller, errand.seed.handover
    asking = Asking(caller.by, errand.now, "form", caller.words.language)
    answer = await handover.remark(errand.desk, typed, text, asking)
    if answer.verdict is not Verdict.GO:
        return Again(Problem(answer.sentence))
    return Done(([pieces.say(answer.sentence, 500)],))


FORM = Form(
    "handover-note",
    "handover_title",
    draw,
    submit="handover_submit",
    check=check,
    send=send,
    words_in="text",
    typed="/handover",
)
