"""Orders that lay and lift a legal hold: `hold INC-7 because WHY`, `unhold INC-7 because WHY`."""

import re

from bot.engine import legal_hold
from bot.slack import cards, spoken
from bot.slack.commands import Order
from bot.slack.identity import Caller
from bot.slack.pieces import Message
from bot.slack.talk import Talk

LIFT = "unhold"
_BECAUSE = re.compile(r"^(?:because|çünkü)(?:\s+|:\s*)", re.IGNORECASE)


async def hold(talk: Talk, caller: Caller, order: Order, incident: str) -> Message:
    """Lay it, or lift it, and say what came of that. NotFound and BadInput as the engine says."""
    desk, said = talk.desk, spoken.readable(order.words.strip(), talk.desk.settings.people)
    why, language = _BECAUSE.sub("", said), caller.words.language
    wish = legal_hold.Wish(incident, caller.by, desk.clock.now(), caller.asked.via, why, language)
    outcome = await (legal_hold.lift if order.act == LIFT else legal_hold.lay)(desk, wish)
    return cards.notice(outcome.sentence)
