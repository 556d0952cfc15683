"""The rota room with its bell: minutes pass, the ticker looks each minute, and shifts are handed over."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.engine import handover, handover_turns, roster
from bot.engine.desk import Desk
from bot.engine.handover import Answer
from bot.engine.roster import Asking
from bot.model.handover import Handover
from bot.rules import rota as rota_rule
from tests.story.rota_room import ROTA, Scene

MINUTE = timedelta(minutes=1)


@dataclass
class Watch:
    """What people do at a change of shift."""

    scene: Scene

    @property
    def desk(self) -> Desk:
        """The engine's."""
        return self.scene.desk

    @property
    def now(self) -> datetime:
        """The frozen time."""
        return self.scene.room.now

    async def look(self, desk: Desk | None = None) -> None:
        """The ticker's minute, and what is due by then."""
        await handover_turns.recur(desk or self.desk, self.now)
        await self.scene.room.worker.drain()

    async def until(self, at: datetime, step: timedelta = timedelta(minutes=5)) -> None:
        """Time passes, and the bot looks on the way; jobs ring at their own moments."""
        while self.now < at:
            await self.look()
            await self.scene.room.pass_time(seconds=min(step, at - self.now).total_seconds())
        await self.look()

    async def down(self, until: datetime) -> None:
        """The bot does not run until then."""
        await self.scene.room.clock.advance(until - self.now)

    async def all(self, rota: str = ROTA) -> list[Handover]:
        """Every handover of a rota, the oldest first."""
        return (await handover.listing(self.desk, rota=rota))[::-1]

    async def last(self, rota: str = ROTA) -> Handover:
        """The newest."""
        return (await self.all(rota))[-1]

    async def accept(self, typed: str, who: str, desk: Desk | None = None) -> Answer:
        """A press of Accept."""
        return await handover.accept(desk or self.desk, typed, f"person:{who}", self.now, "test")

    async def remark(self, typed: str, text: str, who: str) -> Answer:
        """A note."""
        return await handover.remark(self.desk, typed, text, Asking(f"person:{who}", self.now, "test", "en"))

    async def told(self, what: str) -> dict[str, str]:
        """By whom it went to, the text of each notice of that kind."""
        owed = await self.scene.owed()
        return {one["to"]: one["text"] for key, one in owed.items() if key.split("/")[1:2] == [what]}

    async def story(self, id_: str) -> list[str]:
        """The kinds of its entries."""
        return [one.kind.removeprefix("handover.") for one in await self.scene.entries(id_)]

    async def shifts(self, start: datetime, end: datetime) -> list[set[str]]:
        """Whose shifts they are, without whoever is only kept on call."""
        known = self.desk.settings.rotas[ROTA]
        changes = await self.desk.store.read(lambda tx: roster.changes(tx, self.desk, start, end))
        return [{one.person for one in shift.holders} for shift in rota_rule.shifts(known, start, end, changes)]
