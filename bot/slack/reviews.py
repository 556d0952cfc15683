"""The order `review CHG-3 WORDS`: somebody looked at a change that one person made alone, and says what they found."""

import re

from bot.engine import review
from bot.slack import cards, spoken
from bot.slack.commands import Order
from bot.slack.identity import Caller
from bot.slack.pieces import Message
from bot.slack.talk import Talk

_CHANGE = re.compile(r"#?(?:chg[-_ ]?)?(?P<number>[0-9]{1,15})[.,;:!]?(?:\s+|$)", re.IGNORECASE)


async def note(talk: Talk, caller: Caller, order: Order) -> Message:
    """Put it down, and say what came of that. NotFound and BadInput as the engine says."""
    said, desk = spoken.readable(order.words.strip(), talk.desk.settings.people), talk.desk
    found = _CHANGE.match(said)
    typed, rest = (found["number"], said[found.end() :]) if found else (said, "")
    language = caller.words.language
    outcome = await review.note(desk, typed, caller.by, desk.clock.now(), rest, language=language)
    return cards.notice(outcome.sentence)
