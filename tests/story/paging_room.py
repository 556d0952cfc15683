"""A phone company and a post office in a test, each of which can fail as real ones do."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

from bot import registry
from bot.contract import Call, Check, ConnectionSettings, Context, NotDelivered, Plugin, Sent
from bot.model.address import Address, Standing, digest
from bot.store import addresses
from bot.testing.house import House
from tests.story.place import Place

PHONE = "+905550000001"


@dataclass
class Far:
    """What arrived, in order, by channel; and what its lines are like now."""

    arrived: list[tuple[str, Call]] = field(default_factory=list)
    lost: Callable[[], Exception] | None = None  #: every send takes effect, and its answer is lost
    shut: Callable[[], Exception] | None = None  #: no send takes effect

    def codes(self, channel: str) -> list[str]:
        """The incidents' numbers of what came by this channel."""
        return [call.code for by, call in self.arrived if by == channel]


class _Way:
    far: ClassVar[Far] = Far()
    channel: ClassVar[str]

    def __init__(self, settings: ConnectionSettings, context: Context) -> None:
        self.name = context.connection

    async def send(self, call: Call) -> Sent:
        """Take it, or not."""
        if self.far.shut is not None:
            raise self.far.shut()
        self.far.arrived.append((self.channel, call))
        if self.far.lost is not None:
            raise self.far.lost()
        return Sent(f"{self.channel}-{len(self.far.arrived)}")

    async def check(self) -> list[Check]:
        """Nothing."""
        return []


class Texts(_Way):
    """SMS."""

    channel = "sms"
    once = True


class Calls(_Way):
    """Voice."""

    channel = "call"
    once = True


class Letters(_Way):
    """E-mail."""

    channel = "email"


def far() -> Far:
    """A new far end, to which nothing was sent."""
    _Way.far = Far()
    return _Way.far


def found() -> registry.Found:
    """The installed plugins, and this one."""
    known = registry.discover(names={"webhook", "alertmanager"})
    return dataclasses.replace(known, plugins={**known.plugins, "tel": Plugin("tel", pagers=(Texts, Calls, Letters))})


def connect(place: Place, notify: str, *, more: str = "") -> None:
    """The place has a phone company; ada is reached as `notify` says."""
    place.change("config/tocsin.yaml", "  - {name: prom,", "  - {name: tel, plugin: tel}\n  - {name: prom,")
    ada = f'{{name: ada, slack: U01ADA, phone: "{PHONE}", email: ada@example.com, notify: {notify}{more}}}'
    place.change("config/people.yaml", "{name: ada, slack: U01ADA}", ada)


async def confirm(house: House) -> None:
    """Ada has confirmed her phone and her e-mail."""
    now = house.clock.now()
    kept = [
        Address("ada", kind, digest(value), Standing.CONFIRMED, now, confirmed_at=now)
        for kind, value in (("phone", PHONE), ("email", "ada@example.com"))
    ]
    for each in kept:
        await house.app.store.write(lambda tx, each=each: addresses.put(tx, each))  # type: ignore[misc]


def down(retry: bool = True, after: float | None = None) -> Callable[[], Exception]:
    """How a far end says no: never, later, or after so many seconds."""
    return lambda: NotDelivered("The line is down.", retry=retry, after=after)
