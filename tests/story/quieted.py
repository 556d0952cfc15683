"""What the stories about held alerts have in common: an estate whose parts feed each other, silences, and looks."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot import ticker
from bot.engine import intake, release, respond
from bot.engine.respond import Press
from bot.model.entry import Sealed
from bot.model.held import Held
from bot.model.incident import Incident
from bot.model.silence import Silence
from bot.model.verb import Verb
from bot.rules import matching
from bot.store import Tx, inhibitors, log, silences
from bot.store import held as shelf
from bot.testing.house import House
from tests.story.place import Place

ESTATE = """\
    entities:
      - {name: retail}
      - {name: market}
    models:
      - {name: orders, kind: data, entity: retail, team: churn-ml, feeds: [churn, price]}
      - {name: churn, kind: model, entity: retail, team: churn-ml}
      - {name: price, kind: model, entity: market, team: price-ml}
    """


@dataclass
class Quieted:
    """The bot, and what it holds back."""

    house: House

    async def tell(self, title: str, **fields: Any) -> intake.Receipt:
        """A monitor's word in the native form, and what follows."""
        return await self.tell_all({"title": title, **fields})

    async def tell_all(self, *said: dict[str, Any]) -> intake.Receipt:
        """Several in one body."""
        start = self.house.clock.now().isoformat()
        usual = {"kind": "drift", "model": "churn", "environment": "production", "started_at": start}
        body = {"alerts": [{"problem": one["title"], **usual, **one} for one in said]}
        receipt = await self.house.deliver(body)
        await self.house.settle()
        return receipt.booked

    async def over(self, title: str, **fields: Any) -> intake.Receipt:
        """The monitor says that it is over."""
        return await self.tell(title, status="resolved", **fields)

    async def silence(self, *matchers: str, minutes: float = 60, begins: float = 0, **more: Any) -> Silence:
        """Somebody's silence, from `begins` minutes on for `minutes`."""
        now = self.house.clock.now()
        start = now + timedelta(minutes=begins)
        facts = {"by": "person:ada", "why": "backfill", "made_at": now, **more}
        found = tuple(matching.parse(one) for one in matchers)

        def act(tx: Tx) -> Silence:
            made = Silence(silences.next_id(tx), found, start, start + timedelta(minutes=minutes), **facts)
            silences.add(tx, made)
            release.at(tx, made)
            return made

        return await self.house.app.store.write(act)

    async def end(self, silence: Silence) -> None:
        """Somebody ends it before its time."""

        def act(tx: Tx) -> None:
            silences.end(tx, silence.id, tx.now, "person:ada")
            release.ask(tx, tx.now)

        await self.house.app.store.write(act)
        await self.house.settle()

    async def held(self) -> list[Held]:
        """What is held now."""
        return await self.house.app.store.read(shelf.listing)

    async def behind(self, incident: str) -> shelf.Behind:
        """What the incident holds back."""
        return await self.house.app.store.read(lambda tx: shelf.about(tx, incident))

    async def incident(self, number: int) -> Incident:
        """INC-`number`."""
        return await self.house.incident(f"INC-{number}")

    async def told(self, subject: str, kind: str) -> list[Sealed]:
        """The log's entries of that kind about it."""
        return [
            one for one in await self.house.app.store.read(lambda tx: log.of(tx.sql, subject)) if one.entry.kind == kind
        ]

    async def inhibitors(self) -> list[tuple[Any, ...]]:
        """The rows that hold others."""
        table = inhibitors._TABLE
        return await self.house.app.store.read(lambda tx: [tuple(row) for row in tx.sql.execute(table.select())])

    async def press_merge(self, which: str, into: str) -> str:
        """Ada makes one incident part of another; the id of that which goes on."""
        press = Press(Verb.MERGE, which, "person:ada", self.now, "cli", detail=into)
        answer = await respond.take(self.house.app.desk, press)
        await self.house.settle()
        return answer.incident.merged_into or answer.sentence

    async def ring_the_minute(self) -> None:
        """The ticker rings, and what follows happens."""
        await self.house.app.store.write(lambda tx: ticker.recur(tx, tx.now))
        await self.house.settle()

    @property
    def now(self) -> datetime:
        """The frozen time."""
        return self.house.clock.now()


@asynccontextmanager
async def opened(place: Place, noise: str = "", head: str = "") -> AsyncIterator[Quieted]:
    """The bot over `place`, with this noise.yaml and these lines more in the runbook's head."""
    place.write("config/estate.yaml", ESTATE)
    if noise:
        place.write("config/noise.yaml", noise)
    if head:
        place.change("runbooks/anything.md", "repeats: 1", f"repeats: 1\n{head}")
    async with place.house() as house:
        yield Quieted(house)
