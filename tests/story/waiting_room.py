"""The room in which production is changed, with everything the engine does by itself, and what it owes to the chat."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bot import app
from bot.engine import work
from bot.model.entry import Entry
from bot.slack import off
from bot.store import Tx
from bot.store.tables import JobRow, table
from tests.story import changing
from tests.story.changing import Scene


@dataclass
class Waiting:
    """A scene, and what people were told in it."""

    scene: Scene

    @property
    def now(self) -> datetime:
        """The frozen time."""
        return self.scene.room.now

    async def owed(self, kind: str = "notice") -> list[dict[str, Any]]:
        """What every job of this kind carries, in the order in which they were asked for."""
        query = text("SELECT payload FROM jobs WHERE kind = :kind ORDER BY id")

        def read(tx: Tx) -> list[dict[str, Any]]:
            found = tx.sql.execute(query.columns(payload=_PAYLOAD), {"kind": kind})
            return list(found.scalars())

        return await self.scene.desk.store.read(read)

    async def told(self, to: str) -> list[str]:
        """What somebody (person:NAME, channel:NAME) is told, the lines below it included."""
        owed = await self.owed()
        return ["\n".join((one["text"], *one.get("lines", ()))) for one in owed if one["to"] == to]

    async def entries(self, subject: str, kind: str) -> list[Entry]:
        """The entries of a kind about something, oldest first."""
        return [each.entry for each in await self.scene.room.log(subject) if each.entry.kind == kind]


_PAYLOAD = table(JobRow).c.payload.type


@asynccontextmanager
async def opened(home: Path, database: str) -> AsyncIterator[Waiting]:
    """Eve is the fallback of everything, and an admin."""
    async with changing.opened(home, database) as scene:
        scene.write(
            "config/tocsin.yaml", "slack: {mode: off}", 'slack: {mode: off}\nescalation: {fallback: ["person:eve"]}'
        )
        done = {**off.HANDLERS, "change": off.HANDLERS["card"]}
        handlers: dict[str, work.Handler] = {**app.duties(scene.desk), **done}
        scene.room.worker = work.Worker(scene.desk, handlers, owner="the room")
        yield Waiting(scene)
