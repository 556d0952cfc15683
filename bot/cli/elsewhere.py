"""The channels as a command knows them: people can be reached there, by the running bot alone."""

from typing import TYPE_CHECKING

from bot.errors import NotDelivered

if TYPE_CHECKING:
    from bot.contract.pager import Call, Sent
    from bot.contract.plugin import Check
    from bot.engine.desk import Desk


def open_ways(desk: "Desk") -> None:
    """Let pages be decided here as the bot would; their jobs are the running bot's to do."""
    from bot.contract.guard import Guard
    from bot.engine.desk import Way

    if desk.settings.slack.mode != "off":
        desk.ways["slack"] = Way(_Elsewhere(), Guard("slack", desk.clock))


class _Elsewhere:
    """A pager that only the running bot has."""

    async def send(self, call: "Call") -> "Sent":
        raise NotDelivered("A command sends nothing itself.", "The running bot does.", retry=True)

    async def check(self) -> "list[Check]":
        return []
