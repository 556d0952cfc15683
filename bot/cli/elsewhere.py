"""The channels as a command knows them: people can be reached there, by the running bot alone."""

from typing import TYPE_CHECKING

from bot.errors import NotDelivered

if TYPE_CHECKING:
    from bot.contract.pager import Call, Sent
    from bot.contract.plugin import Check
    from bot.engine.desk import Desk
    from bot.settings import Settings


def open_ways(desk: "Desk") -> None:
    """Let pages be decided here as the bot would; their jobs are the running bot's to do."""
    from bot.contract.guard import Guard
    from bot.engine.desk import Way

    names = channels(desk.settings)
    desk.ways |= {channel: Way(_Elsewhere(), Guard(channel, desk.clock)) for channel in names}


def channels(settings: "Settings") -> tuple[str, ...]:
    """The channels that a bot with this configuration would have."""
    from bot import registry

    connections = settings.connections
    found = registry.discover(names={connection.plugin for connection in connections})
    pagers = {name for name, plugin in found.plugins.items() if plugin.pagers}
    names = tuple(connection.name for connection in connections if connection.plugin in pagers)
    return (*names, "slack") if settings.slack.mode != "off" else names


class _Elsewhere:
    """A pager that only the running bot has."""

    async def send(self, call: "Call") -> "Sent":
        raise NotDelivered("A command sends nothing itself.", "The running bot does.", retry=True)

    async def check(self) -> "list[Check]":
        return []
