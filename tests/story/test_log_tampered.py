"""Hands in the database: what was posted elsewhere shows a cut tail, a fresh chain, an old copy, a chain exchanged."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.engine import compared
from bot.store import Tx, log
from tests.story import sealing
from tests.story.engine_room import Room
from tests.story.sealing import ALL, CUT, HEADED, SWAPPED, Kept, hand, write


@pytest.fixture
async def kept(any_room: Room, tmp_path: Path) -> Kept:
    """Twelve entries of retail with checkpoints at 5 and 12, five of market; the bundle shows all of retail."""
    return await sealing.keep(any_room, tmp_path)


def refilled(tx: Tx) -> None:
    """The same story again with one word changed, in a fresh chain that is whole in itself."""
    entries = [one.entry for one in log.of(tx.sql, "INC-1", 1000)]
    for table in ("log", "log_said", "log_heads"):
        tx.sql.execute(text(f"DELETE FROM {table} WHERE chain = 'retail'"))
    log.append(tx.sql, [replace(one, actor="person:eve") if n == 7 else one for n, one in enumerate(entries)], tx.now)


async def test_a_cut_tail_with_its_head_mended_is_caught_by_what_was_posted(kept: Kept) -> None:
    await hand(kept.room, *CUT, HEADED, "DELETE FROM checkpoints WHERE size > 8")
    assert (await kept.room.desk.store.read(lambda tx: log.verify(tx.sql)))[1] == []
    (found,) = [one for one in await compared.against(kept.room.desk.store, kept.posted) if one.differs]
    assert found.differs is not None
    assert (found.chain, found.differs.seq) == ("retail", 9)
    assert "cut off" in found.differs.what


async def test_everything_rewritten_in_a_fresh_chain_is_caught_by_what_was_posted(kept: Kept) -> None:
    store = kept.room.desk.store
    triggers = "DROP TRIGGER" if store.dialect == "sqlite" else ""
    if triggers:
        names = await store.read(
            lambda tx: list(tx.sql.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars())
        )
        await hand(kept.room, *(f"{triggers} {name}" for name in names))

    def act() -> None:
        with store.engine.begin() as sql:
            if store.dialect == "postgresql":
                sql.execute(text("SET session_replication_role = replica"))
            refilled(Tx(sql, kept.room.now, store.dialect))

    await asyncio.to_thread(act)
    await hand(kept.room, "DELETE FROM checkpoints")
    assert (await store.read(lambda tx: log.verify(tx.sql)))[1] == []
    (found,) = [one for one in await compared.against(store, kept.posted) if one.differs]
    assert found.differs is not None
    assert (found.chain, found.differs.seq) == ("retail", 1)
    assert "another than when the checkpoint" in found.differs.what


async def test_an_old_copy_put_back_is_caught_even_when_it_went_on(kept: Kept) -> None:
    """The restored copy ended at 8, and four others were written since: as long as before, yet another chain."""
    await hand(kept.room, *CUT, HEADED, "DELETE FROM checkpoints WHERE size > 8")
    await write(kept.room, 4)
    (found,) = [one for one in await compared.against(kept.room.desk.store, kept.posted) if one.differs]
    assert found.differs is not None
    assert found.differs.seq == 6, "up to 5 the checkpoint of 5 vouches for them"
    assert "one of entries 6 to 12" in found.differs.what


async def test_a_chain_put_in_the_place_of_another_is_caught(kept: Kept) -> None:
    await hand(kept.room, *SWAPPED)
    found = {one.chain: one.differs for one in await compared.against(kept.room.desk.store, kept.posted)}
    assert all(differs is not None and differs.seq == 1 for chain, differs in found.items() if chain != "retail")
    assert found["retail"] is not None
    await hand(
        kept.room,
        *(f"UPDATE {name} SET chain = 'market' WHERE chain = 'retail'" for name in (*ALL, "log_heads")),
        *(f"UPDATE {name} SET chain = 'retail' WHERE chain = 'x'" for name in (*ALL, "log_heads")),
    )
