"""Orders and presses about the handover of a shift: what it says now, and who takes it."""

from bot import documents
from bot.engine import handover
from bot.engine.handover import Answer
from bot.errors import NotFound
from bot.slack import buttons, commands, handover_card
from bot.slack.buttons import Meant
from bot.slack.commands import Order
from bot.slack.identity import Caller
from bot.slack.pieces import Message
from bot.slack.talk import Talk

ACCEPT = "accept"


async def ordered(talk: Talk, caller: Caller, order: Order) -> Message:
    """The handover of the rota that is named, else of the one that is theirs; several: which. NotFound."""
    desk, w, named = talk.desk, caller.words, " ".join(order.words.split())
    if named and named not in desk.settings.rotas:
        near = documents.closest(named[:80], desk.settings.rotas)
        raise NotFound(f"There is no rota {named[:80]!r}.", near or "See /oncall.")
    found = await handover.show(desk, named or None, caller.by, desk.clock.now())
    if len(found) == 1:
        person = caller.person.name if caller.person else ""
        shown = found[0]
        return handover_card.now(shown.handover, dict(shown.report), person, w, acceptable=shown.acceptable)
    if not found:
        return commands.hint(w.talk.no_rota)
    return handover_card.which([one.rota for one in found], w)


async def pressed(talk: Talk, caller: Caller, meant: Meant) -> Answer:
    """Take the shift. NotFound; BadInput: an old button."""
    verb, _, typed = meant.detail.partition(" ")
    if verb != ACCEPT or not typed:
        raise buttons.old()
    via = "home" if caller.asked.via == "home" else "button"
    return await handover.accept(talk.desk, typed, caller.by, talk.desk.clock.now(), via, caller.words.language)
