"""What a command connects itself: channels it never sends through, and the platforms it asks."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bot.cli import say
from bot.errors import NotDelivered

if TYPE_CHECKING:
    from bot.contract.pager import Call, Sent
    from bot.contract.plugin import Check
    from bot.engine.desk import Desk
    from bot.settings import Settings

LATE = 60  # seconds a due job may wait before nobody seems to be there who does it


def open_ways(desk: "Desk") -> None:
    """Let pages be decided here as the bot would; their jobs are the running bot's to do."""
    from bot.contract.guard import Guard
    from bot.engine.desk import Way

    named = kinds(desk.settings).items()
    desk.ways |= {name: Way(_Elsewhere(), Guard(name, desk.clock), kind) for name, kind in named}


def kinds(settings: "Settings") -> "Mapping[str, str]":
    """The channels that a bot with this configuration would have, each with its kind, as in sms."""
    from bot import registry
    from bot.clock import SystemClock

    found = registry.discover(names={connection.plugin for connection in settings.connections})
    linked = registry.Registry(found, SystemClock(), settings.web.address).connect(settings.connections).parts
    named = {name: kind for name, (_, kind) in registry.offered(linked).items()}
    for one in linked.values():
        one.guard.close()
    return {**named, "slack": "slack"} if settings.slack.mode != "off" else named


def channels(settings: "Settings") -> tuple[str, ...]:
    """Their names alone."""
    return tuple(kinds(settings))


@contextmanager
def hosts(desk: "Desk", *names: str | None) -> "Iterator[None]":
    """Let the parts of these connections be asked from here, each behind its guard, until the end of the block.

    Raises what is wrong with such a connection or its plugin.
    """
    from bot import registry
    from bot.contract.guard import Guard
    from bot.engine.desk import Forge, Host, Lab, Shelf

    wanted = [one for one in desk.settings.connections if one.name in names]
    found = registry.discover(names={connection.plugin for connection in wanted})
    connected = registry.Registry(found, desk.clock).connect(wanted)
    try:
        if connected.faults:
            raise connected.faults[0]
        parts = connected.parts.items()
        guards = {
            name: Guard(name, desk.clock, deadline=desk.settings.changes.call_within.total_seconds())
            for name, _ in parts
        }
        desk.hosts |= {name: Host(one.platform, guards[name]) for name, one in parts if one.platform is not None}
        desk.labs |= {name: Lab(one.evaluator, guards[name]) for name, one in parts if one.evaluator is not None}
        desk.forges |= {name: Forge(one.trainer, guards[name]) for name, one in parts if one.trainer is not None}
        desk.shelves |= {name: Shelf(one.features, guards[name]) for name, one in parts if one.features is not None}
        yield
    finally:
        for linked in connected.parts.values():
            linked.guard.close()


async def idle(desk: "Desk") -> None:
    """Say so when nobody seems to do what is decided here."""
    from bot.store import jobs

    now = desk.clock.now()
    oldest = await desk.store.read(jobs.next_due)  # what a worker has in hand, however long it takes, waits for nobody
    if oldest and (now - oldest).total_seconds() > LATE:
        what = f"work has been waiting since {say.when(oldest)}, so no worker seems to run"
        say.warning(f"{what}: nothing is done until `tocsin serve` does.")


class _Elsewhere:
    """A pager that only the running bot has."""

    async def send(self, call: "Call") -> "Sent":
        raise NotDelivered("A command sends nothing itself.", "The running bot does.", retry=True)

    async def check(self) -> "list[Check]":
        return []
