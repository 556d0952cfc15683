"""The log: whatever is changed behind its back, verify names the first entry that is not as it was written."""

import asyncio
import threading
from datetime import UTC, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from bot.errors import StoreDown
from bot.model import verifying
from bot.model.entry import Entry, Sealed
from bot.model.seal import canonical
from bot.store import Store, Tx, history, log
from bot.testing.clock import FakeClock
from tests.store import made
from tests.store.made import START

WRITTEN = 6


async def write(store: Store, *entries: Entry) -> None:
    await store.write(lambda tx: tx.note(*entries))


async def verify(store: Store) -> tuple[int, list[log.Broken]]:
    return await store.read(lambda tx: log.verify(tx.sql))


async def about(store: Store, subject: str, limit: int = 200) -> list[Sealed]:
    return await store.read(lambda tx: log.of(tx.sql, subject, limit))


@pytest.fixture
async def chain(store: Store, clock: FakeClock) -> Store:
    """Six entries of retail, recorded a second apart, and two of another entity."""
    for n in range(1, WRITTEN + 1):
        await write(store, made.entry(f"entry {n}", at=START, before={"n": n - 1}, after={"n": n}))
        await clock.advance(1)
    await write(store, made.entry("one", "market"), made.entry("two", "market"))
    return store


async def test_a_chain_that_nobody_touched_is_whole(chain: Store) -> None:
    assert await verify(chain) == (WRITTEN + 2, [])
    told = await about(chain, "INC-1")
    assert [sealed.entry.why for sealed in told if sealed.entry.chain == "retail"] == [
        f"entry {n}" for n in range(1, 7)
    ]
    assert [sealed.seq for sealed in told if sealed.entry.chain == "market"] == [1, 2]
    assert told[0].previous == log.GENESIS
    assert [sealed.previous for sealed in told[1:6]] == [sealed.hash for sealed in told[:5]]
    assert [sealed.entry.why for sealed in await about(chain, "INC-1", 2)] == ["one", "two"]


async def test_an_empty_log_is_whole(store: Store) -> None:
    await write(store)
    assert await verify(store) == (0, [])


OTHER = {
    ("log", "at"): "2026-11-23 03:00:01.000000+00:00",
    ("log", "recorded_at"): "2026-11-23 04:00:00.000000+00:00",
    ("log", "kind"): "thing.unhappened",
    ("log", "previous"): "1" * 64,
    ("log", "hash"): "2" * 64,
    ("log", "form"): "1",
    ("log", "commitment"): "3" * 64,
    ("log_said", "salt"): "0" * 32,
    ("log_said", "actor"): "person:eve",
    ("log_said", "subject"): "INC-2",
    ("log_said", "why"): "never mind",
    ("log_said", "before"): '{"n":7}',
    ("log_said", "after"): "{}",
    ("log_said", "context"): '{"automation":false}',
    ("log_said", "erased"): "retail/6",
}
LAST = [("log_said", "why", 1), ("log_said", "why", WRITTEN), ("log", "hash", WRITTEN)]


@pytest.mark.parametrize(("table", "column", "at"), [*((*where, 3) for where in OTHER), *LAST])
async def test_an_edited_entry_is_named(chain: Store, table: str, column: str, at: int) -> None:
    new = OTHER[table, column]
    await made.tamper(chain, f"UPDATE {table} SET {column} = '{new}' WHERE chain = 'retail' AND seq = {at}")
    count, (broken,) = await verify(chain)
    assert (broken.chain, broken.seq) == ("retail", at)
    assert count >= at


def test_every_column_of_both_tables_is_edited() -> None:
    keys = {"chain", "seq"}
    columns = {("log", each) for each in verifying.PLACE} | {("log_said", each) for each in verifying.SAYS}
    assert {(table, name) for table, name in columns if name not in keys} == set(OTHER)


@pytest.mark.parametrize("column", ["before", "after", "context"])
async def test_what_cannot_even_be_read_is_named(chain: Store, column: str) -> None:
    await made.tamper(chain, f"UPDATE log_said SET {column} = 'not json' WHERE chain = 'retail' AND seq = 4")
    _, (broken,) = await verify(chain)
    assert (broken.chain, broken.seq, "changed" in broken.what) == ("retail", 4, True)


async def test_an_entry_whose_time_is_no_time_is_named(sqlite_url: str, clock: FakeClock, opened) -> None:
    store = await opened(sqlite_url, clock)
    for n in range(3):
        await write(store, made.entry(str(n)))
    await made.tamper(store, "UPDATE log SET at = 'yesterday' WHERE seq = 2")
    _, (broken,) = await verify(store)
    assert broken.seq == 2


LOG = "chain, {seq}, at, recorded_at, kind, previous, hash, form, commitment FROM log WHERE chain = 'retail'"
SAID = "chain, {seq}, salt, actor, subject, why, before, after, context, erased FROM log_said WHERE chain = 'retail'"
FAULTS = {
    "deleted": ("DELETE FROM log WHERE chain = 'retail' AND seq = 3", 3),
    "deleted with its words": ("BOTH DELETE FROM {} WHERE chain = 'retail' AND seq = 3", 3),
    "first deleted": ("BOTH DELETE FROM {} WHERE chain = 'retail' AND seq = 1", 1),
    "its words deleted": ("DELETE FROM log_said WHERE chain = 'retail' AND seq = 3", 3),
    "all words deleted": ("DELETE FROM log_said WHERE chain = 'retail'", 1),
    "cut tail": ("BOTH DELETE FROM {} WHERE chain = 'retail' AND seq > 4", 5),
    "cut tail, its words left": ("DELETE FROM log WHERE chain = 'retail' AND seq > 4", 5),
    "all gone": ("BOTH DELETE FROM {} WHERE chain = 'retail'", 1),
    "moved to another chain": ("BOTH UPDATE {} SET chain = 'market', seq = 3 WHERE chain = 'retail' AND seq = 6", 6),
    "swapped chains": (
        "BOTH UPDATE {0} SET chain = 'other' WHERE chain = 'retail';"
        "BOTH UPDATE {0} SET chain = 'retail' WHERE chain = 'market';"
        "BOTH UPDATE {0} SET chain = 'market' WHERE chain = 'other'",
        1,
    ),
    "words of another chain": (
        "UPDATE log_said SET why = 'one', salt = (SELECT salt FROM log_said WHERE chain = 'market' AND seq = 1)"
        " WHERE chain = 'retail' AND seq = 1",
        1,
    ),
    "copied": (
        f"INSERT INTO log SELECT {LOG.format(seq=7)} AND seq = 6;"
        f"INSERT INTO log_said SELECT {SAID.format(seq=7)} AND seq = 6",
        7,
    ),
    "before the first": (f"INSERT INTO log SELECT {LOG.format(seq=0)} AND seq = 1", 1),
    "words of no entry": (f"INSERT INTO log_said SELECT {SAID.format(seq=7)} AND seq = 6", 7),
    "words of no chain": (f"INSERT INTO log_said SELECT 'ghost', {SAID.format(seq=7)[7:]} AND seq = 6", None),
    "head gone": ("DELETE FROM log_heads WHERE chain = 'retail'", WRITTEN),
    "head turned back": ("UPDATE log_heads SET seq = 5 WHERE chain = 'retail'", WRITTEN),
    "head of another entry": ("UPDATE log_heads SET hash = '0' WHERE chain = 'retail'", WRITTEN),
    "tail and head turned back to nothing": (
        "BOTH DELETE FROM {} WHERE chain = 'retail';DELETE FROM log_heads WHERE chain = 'retail'",
        None,  # only what stands outside the database can tell that there was anything
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_the_first_bad_entry_is_named(chain: Store, fault: str) -> None:
    statements, at = FAULTS[fault]
    for statement in statements.split(";"):
        both = statement.startswith("BOTH ")
        for table in ("log", "log_said") if both else ("",):
            await made.tamper(chain, statement.removeprefix("BOTH ").format(table))
    _, broken = await verify(chain)
    named = [(each.chain, each.seq) for each in broken if each.chain == "retail"]
    assert named == ([] if at is None else [("retail", at)])
    assert bool(broken) is (fault != "tail and head turned back to nothing")


async def test_an_entry_put_between_two_others_is_named(chain: Store) -> None:
    for table, columns in (("log", LOG), ("log_said", SAID)):
        await made.tamper(chain, f"UPDATE {table} SET seq = seq + 100 WHERE chain = 'retail' AND seq >= 4")
        await made.tamper(chain, f"UPDATE {table} SET seq = seq - 99 WHERE chain = 'retail' AND seq >= 104")
        await made.tamper(chain, f"INSERT INTO {table} SELECT {columns.format(seq=4)} AND seq = 3")
    assert [(each.chain, each.seq) for each in (await verify(chain))[1]] == [("retail", 4)]


async def test_two_entries_that_changed_places_are_named(chain: Store) -> None:
    for table in ("log", "log_said"):
        for old, new in ((3, 103), (4, 3), (103, 4)):
            await made.tamper(chain, f"UPDATE {table} SET seq = {new} WHERE chain = 'retail' AND seq = {old}")
    assert [(each.chain, each.seq) for each in (await verify(chain))[1]] == [("retail", 3)]


async def test_readings_go_on_where_words_were_taken_away(chain: Store) -> None:
    await made.tamper(chain, "DELETE FROM log_said WHERE chain = 'retail' AND seq = 3")
    told = await about(chain, "INC-1")
    assert [one.seq for one in told if one.entry.chain == "retail"] == [1, 2, 4, 5, 6]
    every = await chain.read(lambda tx: history.noted(tx, ["thing.happened"], START, 100))
    assert sorted(one.why for one in every if one.chain == "retail")[0] == ""
    assert len(every) == WRITTEN + 2


@pytest.mark.parametrize(
    "statement",
    ["UPDATE log SET kind = 'x'", "DELETE FROM log WHERE seq = 1", "TRUNCATE log", "DELETE FROM log WHERE seq = 99"],
)
async def test_postgresql_refuses_to_change_the_log(shared_url: str, clock: FakeClock, opened, statement: str) -> None:
    store = await opened(shared_url, clock)
    await write(store, made.entry("kept"))
    with pytest.raises(StoreDown, match="append-only"):
        await store.write(lambda tx: tx.sql.exec_driver_sql(statement))
    assert await verify(store) == (1, [])
    await write(store, made.entry("and it goes on"))
    assert await verify(store) == (2, [])


async def test_each_chain_is_judged_by_itself(chain: Store) -> None:
    await write(chain, made.entry("fine", "whole"))
    await made.tamper(chain, "UPDATE log_said SET why = 'x' WHERE seq = 2 AND chain IN ('retail', 'market')")
    _, broken = await verify(chain)
    assert [(each.chain, each.seq) for each in broken] == [("market", 2), ("retail", 2)]


async def test_the_entries_of_one_commit_stand_in_the_order_they_were_noted(store: Store) -> None:
    async with made.held(store):
        waiting = [
            asyncio.create_task(write(store, *(made.entry(f"{n}{part}", f"c{n % 2}") for part in "ab")))
            for n in range(6)
        ]
        await asyncio.sleep(0)
    await asyncio.gather(*waiting)
    rows = await made.rows(store, "SELECT why FROM log_said ORDER BY chain, seq")
    assert [row[0] for row in rows] == ["0a", "0b", "2a", "2b", "4a", "4b", "1a", "1b", "3a", "3b", "5a", "5b"]
    assert await verify(store) == (12, [])


async def test_replicas_that_write_at_once_never_fork_a_chain(url: str, store: Store, opened) -> None:
    stores = [store, *[await opened(url, FakeClock(START + timedelta(hours=n))) for n in range(3)]]

    async def work(at: Store, name: int) -> None:
        for n in range(8):
            chains = ["shared", f"only {name}", f"round {n}"]
            await write(at, *(made.entry(f"{name}/{n}", chain) for chain in chains[:: 1 if name % 2 else -1]))

    await asyncio.gather(*(work(each, n) for n, each in enumerate(stores) for _ in range(3)))
    assert await verify(store) == (4 * 3 * 8 * 3, [])


async def test_two_replicas_that_begin_a_chain_at_the_same_moment(shared_url: str, clock: FakeClock, opened) -> None:
    stores = [await opened(shared_url, clock) for _ in range(2)]
    together = threading.Barrier(2, timeout=20)

    def act(tx: Tx) -> None:
        tx.note(made.entry("first", "new"))
        tx.sql.execute(text("SELECT 1"))
        together.wait()

    await asyncio.gather(*(each.write(act) for each in stores))
    assert await verify(stores[0]) == (2, [])


ODD = [
    "a\0b",
    "\0",
    r"a\u0000b",
    r"\\u0000",
    "\\\0",
    "line\u2028sep",
    "🔥",
    "e\u0301",
    "\ufffd",
    "'; DROP TABLE log;--",
]


@pytest.mark.parametrize("odd", ODD, ids=ascii)
async def test_odd_text_is_kept_and_verifies(store: Store, odd: str) -> None:
    entry = made.entry(
        odd, f"chain {odd}", actor=odd, kind=odd, subject=odd, before={odd: odd}, after={"deep": [odd, {odd: [odd]}]}
    )
    await write(store, entry, entry)
    clean = odd.replace("\0", "\ufffd")
    told = await about(store, clean)
    assert [sealed.entry.why for sealed in told] == [clean, clean]
    assert told[0].entry.after == {"deep": [clean, {clean: [clean]}]}
    assert await verify(store) == (2, [])


async def test_text_that_is_no_text_is_its_writers_own_trouble(store: Store) -> None:
    async with made.held(store):
        bad = asyncio.create_task(write(store, made.entry("lone \ud800 surrogate")))
        good = asyncio.create_task(write(store, made.entry("fine")))
        await asyncio.sleep(0)
    with pytest.raises((TypeError, ValueError)):
        await bad
    await good
    assert await verify(store) == (1, [])


async def test_a_time_in_another_zone_is_the_same_moment(store: Store) -> None:
    there = timezone(timedelta(hours=5, minutes=45))
    await write(store, made.entry(at=START.astimezone(there)))
    assert await verify(store) == (1, [])
    (sealed,) = await about(store, "INC-1")
    assert sealed.entry.at == START
    assert sealed.entry.at.tzinfo is UTC


json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(json)
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_what_was_written_and_read_back_has_the_same_bytes(value: object) -> None:
    import orjson

    once = canonical(value)
    assert canonical(orjson.loads(once)) == once
    assert b"\0" not in once
    assert b"\\u0000" not in once.replace(rb"\\", b"")
