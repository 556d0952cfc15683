"""The forms of follow-ups: write one down, drop one with a reason."""

from collections.abc import Awaitable

from bot import words
from bot.engine import follow_up
from bot.engine.follow_up import Wish
from bot.engine.roster import Asking
from bot.errors import BadInput, NotFound
from bot.model.verdict import Verdict
from bot.slack import pieces
from bot.slack.forms import choices, fields
from bot.slack.forms.fields import Field
from bot.slack.forms.form import Again, Done, Errand, Filled, Form, Problem, Scene
from bot.slack.pieces import Json
from bot.words import Words


def draw(scene: Scene) -> list[Json]:
    """Its blocks."""
    say, filled = scene.w.reviewing, scene.filled
    what = Field("text", say.fu_what, say.fu_placeholder)
    who = Field("person", say.fu_owner, say.fu_owner_placeholder, optional=True)
    when = Field("ends", say.fu_due, say.fu_due_placeholder, optional=True)
    link = Field("link", say.fu_link, say.fu_link_placeholder, optional=True)
    return [
        pieces.lines([pieces.say(words.fill(say.fu_of, incident=scene.incident))]),
        fields.text(what, filled.get("text", ""), most=follow_up.WHAT),
        fields.search(who, choices.chosen(filled.get("person", ""))),
        fields.text(when, filled.get("ends", ""), most=40),
        fields.text(link, filled.get("link", ""), most=follow_up.LINK),
    ]


def check(filled: Filled, w: Words) -> dict[str, str]:
    """What can be said of it without asking anybody."""
    return {} if filled.get("text") else {"text": w.form.needed}


async def send(errand: Errand) -> Done | Again:
    """Write it down in the name of whoever sends it."""
    said = errand.filled
    wish = Wish(errand.incident, said["text"], said.get("person", ""), said.get("ends", ""), said.get("link", ""))
    return await _ended(follow_up.add(errand.desk, wish, _asking(errand)))


def draw_drop(scene: Scene) -> list[Json]:
    """Its blocks."""
    say = scene.w.reviewing
    why = Field("text", say.fu_why, say.fu_why_placeholder)
    about = [pieces.loud(scene.seed.follow_up), pieces.say(f" · {scene.incident}")]
    return [pieces.lines(about), fields.text(why, scene.filled.get("text", ""), lines=True, most=follow_up.WHY)]


async def send_drop(errand: Errand) -> Done | Again:
    """Drop it in the name of whoever sends it."""
    return await _ended(follow_up.drop(errand.desk, errand.seed.follow_up, errand.filled["text"], _asking(errand)))


async def _ended(asked: Awaitable[follow_up.Answer]) -> Done | Again:
    try:
        answer = await asked
    except (BadInput, NotFound) as error:
        return Again(Problem(str(error)))
    if answer.verdict in (Verdict.GO, Verdict.ALREADY):
        return Done(([pieces.say(answer.sentence, 1_000)],))
    return Again(Problem(answer.sentence))


def _asking(errand: Errand) -> Asking:
    return Asking(errand.caller.by, errand.now, "form", errand.caller.words.language)


FORMS = (
    Form(
        "follow-up-add",
        "follow_up_title",
        draw,
        submit="follow_up_submit",
        check=check,
        send=send,
        words_in="text",
        typed="/postmortem INC-7",
    ),
    Form(
        "follow-up-drop",
        "drop_title",
        draw_drop,
        submit="drop_submit",
        check=check,
        send=send_drop,
        words_in="text",
        typed="/postmortem INC-7",
    ),
)
