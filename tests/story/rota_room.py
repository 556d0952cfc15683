"""A room in which rotas are changed by hand: ada, bo and gus hold the pager for a day each, from nine to nine."""

import textwrap
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from bot import app
from bot.engine import cover, duties, roster, work, yesterday
from bot.engine.cover import Answer, CoverWish
from bot.engine.desk import Desk
from bot.engine.roster import Done, Preview, Wish
from bot.model.cover import Request
from bot.model.entry import Entry
from bot.model.rota import Amendment
from bot.rules import rota as rota_rule
from bot.slack import off
from bot.store import covers, log
from tests.story import engine_room
from tests.story.engine_room import Room
from tests.story.place import START

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
TODAY = START.replace(hour=9, minute=0)  #: ada's day begins, then bo's, gus's, ada's
ROTA = "first-line"
ROTAS = """\
    rotas:
      - name: first-line
        owner: churn-ml
        timezone: UTC
        layers:
          - {name: daily, start: "2026-11-02 09:00", every: 1 day, members: [ada, bo, gus]}
      - {name: second-line, timezone: Europe/Istanbul, start: "2026-11-02 09:00", every: 1 week, members: [dee, flo]}
    """


def day(number: int) -> tuple[datetime, datetime]:
    """The day from nine to nine, so many after today's: 0, 3 and 6 are ada's, 1 and 4 bo's, 2 and 5 gus's."""
    return TODAY + number * DAY, TODAY + (number + 1) * DAY


@dataclass
class Scene:
    """The room, and what people do in it."""

    room: Room

    @property
    def desk(self) -> Desk:
        """Its engine's."""
        return self.room.desk

    def wish(self, kind: str, span: tuple[datetime, datetime], person: str | None, **more: Any) -> Wish:
        """A change of the first line."""
        return Wish(more.pop("rota", ROTA), Amendment(kind), *span, person, **more)

    async def preview(self, wish: Wish, by: str = "person:cy") -> Preview:
        """What it would change."""
        return await roster.preview(self.desk, wish, by, self.room.now)

    async def amend(self, wish: Wish, by: str = "person:cy", **more: Any) -> Done:
        """Do it."""
        desk = more.pop("desk", self.desk)
        return await roster.amend(desk, wish, by, self.room.now, "test", **more)

    async def back(self, override_id: str, by: str = "person:cy") -> Done:
        """Take it back."""
        return await roster.take_back(self.desk, override_id, by, self.room.now, "test")

    async def ask(self, person: str, span: tuple[datetime, datetime], by: str = "", **more: Any) -> Answer:
        """Ask for cover of somebody's shift, as they themselves unless `by` says who."""
        desk = more.pop("desk", self.desk)
        wish = CoverWish(more.pop("rota", ROTA), person, *span, **more)
        return await cover.ask(desk, wish, by or f"person:{person}", self.room.now, "test")

    async def accept(self, typed: str, by: str, **more: Any) -> Answer:
        """Take it."""
        desk = more.pop("desk", self.desk)
        return await cover.accept(desk, typed, by, self.room.now, "test", **more)

    async def withdraw(self, typed: str, by: str, **more: Any) -> Answer:
        """Ask nobody any more."""
        return await cover.withdraw(self.desk, typed, by, self.room.now, "test", **more)

    async def stored(self, typed: str) -> Request:
        """The wish as it is kept."""
        return await self.desk.store.read(lambda tx: covers.find(tx, typed))

    async def who(self, at: datetime, rota: str = ROTA) -> set[str]:
        """Who would be paged at `at`."""
        overrides = (await self.desk.store.read(lambda tx: self.desk.roster(tx, at))).overrides
        return {one.person for one in rota_rule.on_call(self.desk.settings.rotas[rota], at, overrides)}

    async def owed(self) -> dict[str, dict[str, Any]]:
        """The messages owed so far: their payloads by what follows notice/ in their keys."""
        said = "SELECT key, payload FROM jobs WHERE kind = 'notice' ORDER BY key"
        rows = await self.desk.store.read(lambda tx: tx.sql.exec_driver_sql(said).all())
        return {key.removeprefix("notice/"): orjson.loads(payload) for key, payload in rows}

    async def keys(self, kind: str) -> list[str]:
        """The keys of all jobs of a kind."""
        said = f"SELECT key FROM jobs WHERE kind = '{kind}' ORDER BY due_at, key"
        return await self.desk.store.read(lambda tx: list(tx.sql.exec_driver_sql(said).scalars()))

    async def entries(self, subject: str = f"rota:{ROTA}") -> list[Entry]:
        """What the log says of it."""
        return [each.entry for each in await self.desk.store.read(lambda tx: log.of(tx.sql, subject))]

    async def edit(self, old: str, new: str) -> None:
        """The operator edits the rotas, and the bot takes them into force."""
        path = self.room.home / "config/rotas.yaml"
        text = path.read_text("utf-8")
        assert text.count(old) == 1
        path.write_text(text.replace(old, new), "utf-8")
        self.room.reload()
        if names := await yesterday.remember(self.desk):
            await self.desk.store.write(lambda tx: roster.edited(tx, self.desk, names, self.room.now))


@asynccontextmanager
async def opened(home: Path, database: str) -> AsyncIterator[Scene]:
    """The room over `database`, with all that the engine does by itself."""
    async with engine_room.opened(home, database) as room:
        (home / "config/rotas.yaml").write_text(textwrap.dedent(ROTAS), "utf-8")
        loaded = app.load(app.Folder.of(home / "config"), room.env)
        room.desk.settings, room.desk.runbooks = loaded.settings, loaded.library
        await yesterday.remember(room.desk)
        shown = ("card", "line", "thread", "own", "homes", "notice", "offer", "handover_card")
        quiet = dict.fromkeys(shown, off.HANDLERS["card"])
        handlers = {**duties.of(room.desk), **quiet}
        yield Scene(replace(room, worker=work.Worker(room.desk, handlers, owner="the rota room")))
