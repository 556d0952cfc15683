"""A smithy in which a version is promoted, and monitors go on telling how it does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.contract.source import Delivery
from bot.engine import inbox, intake
from bot.model.alert import Alert, Kind, Measure, Status
from bot.model.change import Change, Lever
from bot.model.entry import Entry
from bot.model.watch import Watch
from bot.store import changes, watches
from tests.story import forging
from tests.story.forging import Smithy

USUAL = (0.86, 0.85, 0.87, 0.84, 0.86, 0.85, 0.86, 0.85, 0.86)  #: of 7, which serves


@dataclass
class Watchtower:
    """The smithy, and what its monitor says."""

    smithy: Smithy

    @property
    def scene(self) -> Any:
        """The configuration."""
        return self.smithy.scene

    async def hear(self, *values: float, minutes: float = 5, problem: str = "auc", **facts: Any) -> None:
        """What the monitor measures of churn, one value after the other, so many minutes apart.

        It tells them with an alert about drift, which no version is blamed for.
        """
        for value in values:
            await self.say(value, problem, **facts)
            await self.smithy.later(minutes=minutes)

    async def say(self, value: float, problem: str = "auc", **facts: Any) -> set[str]:
        """One of them, through the door of any delivery; the incidents it is about."""
        room = self.scene.room
        own = Measure("auc", value, 0.5, "<", breached=False)
        given = {"kind": Kind.DRIFT, "model": "churn", "environment": "production", "measures": (own,), **facts}
        alert = Alert("webhook", "hook", f"hook:{problem}", problem, Status.FIRING, started_at=room.now, **given)
        arrived = [intake.Arrived("hook", Delivery((alert,)))]
        ((receipt, _),) = await room.desk.store.write(lambda tx: inbox.take_in(tx, room.desk, arrived))
        found: set[str] = receipt.incidents
        return found

    async def promoted(self, version: str = "6", **more: Any) -> Change:
        """A promotion that ada asks for and bo agrees to, as far as it goes at once."""
        change = await self.scene.proposed(**{"lever": Lever.PROMOTE, "version": version, "why": "better", **more})
        await self.scene.vote(change)
        await self.smithy.bench.drain()
        found: Change = await self.scene.stored(change)
        return found

    async def watch(self, change: Change | str = "CHG-1") -> Watch:
        """The watch over what it promoted."""
        id_ = change if isinstance(change, str) else change.id
        found: Watch | None = await self.scene.desk.store.read(lambda tx: watches.find(tx, id_))
        assert found is not None, f"{id_} is not watched"
        return found

    async def follower(self, change: Change | str) -> Change | None:
        """What followed it by itself."""
        id_ = change if isinstance(change, str) else change.id
        found: Change | None = await self.scene.desk.store.read(lambda tx: changes.after(tx, id_))
        return found

    async def entries(self, subject: Change | str, kind: str) -> list[Entry]:
        """What the log says of it, of one kind."""
        return await self.smithy.bench.entries(subject if isinstance(subject, str) else subject.id, kind)

    async def told(self, person: str) -> str:
        """All that somebody was told beside pages."""
        return "\n".join(await self.smithy.bench.waiting.told(f"person:{person}"))

    async def days(self, count: float) -> None:
        """So many pass, in hours."""
        for _hour in range(int(count * 24)):
            await self.scene.room.clock.advance(timedelta(hours=1))
            await self.smithy.bench.drain()


@asynccontextmanager
async def opened(home: Path, database: str, promote: str = "approval: one", **more: Any) -> AsyncIterator[Watchtower]:
    """As `forging.opened`, with a runbook that says so of promotions."""
    async with forging.opened(home, database, **more) as smithy:
        smithy.scene.write("runbooks/anything.md", "promote: {approval: one}", f"promote: {{{promote}}}")
        yield Watchtower(smithy)
