"""A log with signed checkpoints, a bundle of it and what was posted, and a hand that does anything in its database."""

import asyncio
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import text

from bot.cli import audit_bundle, audit_given
from bot.cli.audit_bundle import Found
from bot.engine import checkpoint, export
from bot.model.checkpoint import Checkpoint
from bot.model.entry import Entry
from bot.rules import signing
from tests.story.engine_room import Room
from tests.story.place import START

FOREVER = datetime(2100, 1, 1, tzinfo=UTC)


@dataclass
class Kept:
    """A bundle, the keys to it, and what was posted."""

    room: Room
    file: Path
    key: Path
    posted: list[Checkpoint]

    def verify(self, file: Path | None = None, *, key: bool = True, notes: bool = False) -> Found:
        keys = [signing.read_public(self.key.with_name("audit.key.pub"))] if key else []
        outside = [one for each in self.posted for one in signing.notes(each.note) if isinstance(one, signing.Note)]
        return audit_bundle.verify(file or self.file, keys, outside if notes else [])

    def forged(self, change: Callable[[dict[str, bytes]], Any]) -> Path:
        """A bundle with some of its files changed, and a manifest that fits them."""
        import hashlib

        with zipfile.ZipFile(self.file) as zipped:
            files = {name: zipped.read(name) for name in zipped.namelist()}
        change(files)
        if manifest := files.get("manifest.json"):
            told = orjson.loads(manifest)
            for name in list(told["files"]):
                if name in files:
                    told["files"][name] = {"sha256": hashlib.sha256(files[name]).hexdigest()}
            files["manifest.json"] = orjson.dumps(told)
        path = self.file.with_name("forged.zip")
        with zipfile.ZipFile(path, "w") as zipped:
            for name, data in files.items():
                zipped.writestr(name, data)
        return path


async def write(room: Room, count: int, chain: str = "retail", about: str = "INC-1") -> None:
    """So many entries, each of its own minute."""
    for number in range(count):
        note = Entry(chain, "note.added", room.now, "person:ada", about, f"<b>{number}</b>", after={"n": number})
        await room.desk.store.write(lambda tx, note=note: tx.note(note))  # type: ignore[misc]
        await room.clock.advance(timedelta(minutes=1))


async def keep(room: Room, tmp_path: Path) -> Kept:
    """Twelve entries of retail with checkpoints at 5 and 12, five of market; the bundle shows all of retail."""
    key = tmp_path / "audit.key"
    audit_given.make(key)
    own = replace(room.desk.settings.audit, key=key)
    room.desk.settings = replace(room.desk.settings, audit=own)
    await write(room, 5)
    await write(room, 5, "market", "INC-2")
    posted = await checkpoint.make(room.desk)
    await write(room, 7)
    posted += await checkpoint.make(room.desk)
    made = await export.bundle(room.desk, "retail", START, FOREVER, out=tmp_path / "whole.zip")
    assert (made.first, made.last, made.entries, made.size) == (1, 12, 12, 12)
    return Kept(room, made.path, key, posted)


async def hand(room: Room, *statements: str) -> None:
    """Somebody's hand in the database, who may do everything there."""

    def act() -> None:
        with room.desk.store.engine.begin() as sql:
            if room.desk.store.dialect == "postgresql":
                sql.execute(text("SET session_replication_role = replica"))
            for statement in statements:
                sql.execute(text(statement))

    await asyncio.to_thread(act)


ALL = ("log", "log_said")
CUT = tuple(f"DELETE FROM {name} WHERE chain = 'retail' AND seq > 8" for name in ALL)
EIGHTH = "(SELECT hash FROM log WHERE chain = 'retail' AND seq = 8)"
HEADED = f"UPDATE log_heads SET seq = 8, hash = {EIGHTH} WHERE chain = 'retail'"
SWAPPED = tuple(
    f"UPDATE {name} SET chain = CASE chain WHEN 'retail' THEN 'x' ELSE chain END" for name in (*ALL, "log_heads")
) + tuple(f"UPDATE {name} SET chain = 'retail' WHERE chain = 'market'" for name in (*ALL, "log_heads"))
