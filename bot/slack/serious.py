"""Orders about reports to authorities: `serious INC-7 dora because WHY`, `reported INC-7 STEP REFERENCE`."""

import re

from bot.engine import serious
from bot.engine.serious import Outcome, Wish
from bot.rules import serious as clocks
from bot.slack import cards, forms, spoken
from bot.slack.commands import Order
from bot.slack.identity import Caller
from bot.slack.pieces import Message
from bot.slack.talk import Talk

MARK, REPORTED = "serious", "reported"
_BECAUSE = re.compile(r"(?:^|\s)(?:because|çünkü)(?:\s+|:\s*)", re.IGNORECASE)
_SINCE = re.compile(r"(?:^|\s)since\s+(.+)$", re.IGNORECASE)


async def order(talk: Talk, caller: Caller, asked: Order, incident: str) -> Message | None:
    """Mark it, or say that a report was made; a form asks for what is missing. NotFound; BadInput."""
    said = spoken.readable(asked.words.strip(), talk.desk.settings.people)
    return await (_reported if asked.act == REPORTED else _marked)(talk, caller, said, incident)


async def _marked(talk: Talk, caller: Caller, said: str, incident: str) -> Message | None:
    head, *reason = _BECAUSE.split(said, maxsplit=1)
    since = _SINCE.search(head)
    names = (head[: since.start()] if since else head).replace(",", " ").split()
    why, aware = (reason or [""])[0], since[1] if since else ""
    if not names or not why:
        seed = forms.Seed(incident=incident, text=why, boxes=",".join(names), starts=aware)
        await forms.open_(talk, caller, MARK, seed)
        return None
    now = talk.desk.clock.now()
    zone = caller.person.timezone if caller.person else "UTC"
    wanted = (why, tuple(names), "", clocks.moment(aware, zone, now) if aware else None)
    wish = Wish(incident, caller.by, now, caller.asked.via, *wanted, language=caller.words.language)
    return _told(await serious.mark(talk.desk, wish))


async def _reported(talk: Talk, caller: Caller, said: str, incident: str) -> Message | None:
    step, _, reference = said.partition(" ")
    if not reference.strip():
        await forms.open_(talk, caller, REPORTED, forms.Seed(incident=incident, text=step))
        return None
    now, language = talk.desk.clock.now(), caller.words.language
    wish = Wish(incident, caller.by, now, caller.asked.via, step=step, reference=reference, language=language)
    return _told(await serious.meet(talk.desk, wish))


def _told(outcome: Outcome) -> Message:
    return cards.notice(outcome.sentence, [outcome.flag] if outcome.flag else [])
