"""Works that wait together share one commit; whatever one of them does, the others and the store live on."""

import asyncio
import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from bot.errors import BadInput, Conflict, NotFound, StoreDown
from bot.store import Store, Tx, engines, jobs, log, posts
from bot.testing.clock import FakeClock
from tests.store import made


def keep(name: str):
    """A work that leaves a post called `name`."""
    return lambda tx: posts.save(tx, posts.Post(name, "#c", "1.0", "d"))


async def kept(store: Store) -> set[str]:
    return {row[0] for row in await made.rows(store, "SELECT key FROM posts")}


def insert(tx: Tx, name: str) -> None:
    tx.sql.execute(text("INSERT INTO posts (key, channel, ts, digest) VALUES (:key, '', '', '')"), {"key": name})


async def test_works_that_wait_together_share_one_commit(store: Store) -> None:
    transactions = []

    def work(tx: Tx) -> str:
        transactions.append(tx.sql.get_transaction())
        keep(f"p{len(transactions)}")(tx)
        return f"p{len(transactions)}"

    async with made.held(store):
        waiting = [asyncio.create_task(store.write(work)) for _ in range(20)]
        await asyncio.sleep(0)
    names = await asyncio.gather(*waiting)
    assert len({id(each) for each in transactions}) == 1
    assert await kept(store) == set(names) == {f"p{n}" for n in range(1, 21)}


async def test_one_that_fails_takes_nothing_with_it(store: Store) -> None:
    await store.write(lambda tx: insert(tx, "there"))

    def raises(tx: Tx) -> None:
        insert(tx, "raises")
        tx.note(made.entry("never"))
        raise NotFound("It is not here.")

    def breaks_the_log(tx: Tx) -> None:
        insert(tx, "breaks")
        tx.note(made.entry("never", after={"what": object()}))

    def exceeds(tx: Tx) -> None:
        insert(tx, "exceeds")
        tx.sql.execute(text("UPDATE counters SET value = :much"), {"much": 2**70})

    def twice(tx: Tx) -> None:
        insert(tx, "twice")
        insert(tx, "there")

    def fine(tx: Tx) -> None:
        insert(tx, f"fine {len(tx.now.isoformat())}")
        tx.note(made.entry("told"))

    async with made.held(store):
        bad = [asyncio.create_task(store.write(work)) for work in (raises, breaks_the_log, exceeds, twice)]
        good = asyncio.create_task(store.write(fine))
        await asyncio.sleep(0)
    outcomes = await asyncio.gather(*bad, return_exceptions=True)
    assert await good is None
    assert [type(each) for each in outcomes] == [
        NotFound,
        TypeError,
        OverflowError if store.dialect == "sqlite" else BadInput,
        Conflict,
    ]
    assert await kept(store) == {"there", f"fine {len(made.START.isoformat())}"}
    assert await store.read(lambda tx: log.verify(tx.sql)) == (1, [])
    assert await made.rows(store, "SELECT why FROM log_said") == [("told",)]


async def test_a_work_alone_leaves_nothing_behind_when_it_fails(store: Store) -> None:
    def act(tx: Tx) -> None:
        insert(tx, "gone")
        jobs.put(tx, made.job())
        tx.note(made.entry())
        raise KeyError("a bug of ours")

    told = []
    store.on_jobs.append(told.append)
    with pytest.raises(KeyError):
        await store.write(act)
    await store.write(keep("after"))
    assert await kept(store) == {"after"}
    assert await store.read(lambda tx: log.verify(tx.sql)) == (0, [])
    assert told == []


async def test_a_work_cancelled_while_it_waits_never_runs_and_harms_nobody(store: Store) -> None:
    async with made.held(store):
        waiting = asyncio.create_task(store.write(keep("cancelled")))
        other = asyncio.create_task(store.write(keep("other")))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting])
    await other
    await store.write(keep("later"))
    assert waiting.cancelled()
    assert await kept(store) == {"other", "later"}


async def test_a_work_cancelled_while_it_runs_is_written_whole(store: Store) -> None:
    begun, go = threading.Event(), threading.Event()

    def act(tx: Tx) -> None:
        insert(tx, "one")
        begun.set()
        go.wait(20)
        insert(tx, "two")

    running = asyncio.create_task(store.write(act))
    await asyncio.to_thread(begun.wait, 20)
    running.cancel()
    await asyncio.wait([running])
    go.set()
    await store.write(keep("three"))
    assert await kept(store) == {"one", "two", "three"}


async def test_a_key_that_another_replica_wrote_first_is_tried_again(store: Store) -> None:
    await store.write(lambda tx: insert(tx, "a"))
    runs = []

    def act(tx: Tx) -> int:
        runs.append(tx)
        insert(tx, f"run {len(runs)}")
        insert(tx, "a" if len(runs) == 1 else "b")
        return len(runs)

    assert await store.write(act) == 2
    assert await kept(store) == {"a", "b", "run 2"}


async def test_a_work_that_always_meets_the_same_key_gives_up_with_a_reason(store: Store) -> None:
    await store.write(lambda tx: insert(tx, "a"))
    with pytest.raises(Conflict) as told:
        await store.write(lambda tx: insert(tx, "a"))
    assert told.value.retry


async def test_workers_are_told_of_the_earliest_job_after_the_commit(store: Store) -> None:
    told: asyncio.Queue[Any] = asyncio.Queue()
    store.on_jobs.append(told.put_nowait)
    async with made.held(store):
        waiting = [
            asyncio.create_task(made.put(store, made.job(str(n), due=made.START + timedelta(minutes=n))))
            for n in (5, 2, 9)
        ]
        await asyncio.sleep(0)
        assert told.empty()
    await asyncio.gather(*waiting)
    assert await asyncio.wait_for(told.get(), 20) == made.START + timedelta(minutes=2)
    assert told.empty()


async def test_time_is_the_clock_that_was_passed_in(store: Store, clock: FakeClock) -> None:
    await clock.advance(90)
    assert await store.write(lambda tx: tx.now) == made.START + timedelta(seconds=90)
    assert await store.read(lambda tx: tx.now) == made.START + timedelta(seconds=90)


async def test_readers_do_not_wait_for_the_writer_and_see_only_what_is_committed(store: Store) -> None:
    await store.write(keep("before"))
    begun, go = threading.Event(), threading.Event()

    def act(tx: Tx) -> None:
        insert(tx, "unfinished")
        begun.set()
        go.wait(20)

    running = asyncio.create_task(store.write(act))
    await asyncio.to_thread(begun.wait, 20)
    assert await kept(store) == {"before"}
    go.set()
    await running
    assert await kept(store) == {"before", "unfinished"}


async def test_what_was_handed_over_before_closing_is_written_and_nothing_after(url: str, clock: FakeClock) -> None:
    store = await Store.open(url, clock=clock)
    async with made.held(store):
        waiting = [asyncio.create_task(store.write(keep(str(n)))) for n in range(100)]
        await asyncio.sleep(0)
        closing = asyncio.create_task(store.close())
        await asyncio.sleep(0)
        with pytest.raises(StoreDown, match="closed"):
            await store.write(keep("late"))
        with pytest.raises(StoreDown, match="closed"):
            await store.read(lambda tx: None)
    await asyncio.gather(*waiting)
    await closing
    await store.close()
    again = await Store.open(url, clock=clock)
    try:
        assert len(await kept(again)) == 100
    finally:
        await again.close()


async def test_a_race_lost_while_closing_ends_in_an_answer(url: str, clock: FakeClock) -> None:
    store = await Store.open(url, clock=clock)
    await store.write(lambda tx: insert(tx, "a"))
    async with made.held(store):
        waiting = asyncio.create_task(store.write(lambda tx: insert(tx, "a")))
        await asyncio.sleep(0)
        closing = asyncio.create_task(store.close())
        await asyncio.sleep(0)
    with pytest.raises(StoreDown):
        await waiting
    await closing


async def test_a_naive_time_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="names no moment") as told:
        await made.put(store, made.job(due=made.START.replace(tzinfo=None), token="xoxb-very-secret"))
    assert "xoxb" not in str(told.value)
    await store.write(keep("after"))


async def test_the_engines_word_is_told_without_the_values(store: Store) -> None:
    secret = "xoxb-very-secret"
    with pytest.raises(StoreDown) as told:
        await store.write(lambda tx: tx.sql.execute(text("INSERT INTO nowhere VALUES (:key)"), {"key": secret}))
    assert secret not in str(told.value)
    assert "nowhere" in str(told.value)
    assert told.value.retry


def test_errors_that_are_ours_never_pass() -> None:
    assert not engines.passing(ValueError())
    assert not engines.passing(IntegrityError("INSERT", {}, Exception("duplicate")))


@pytest.mark.parametrize(
    ("address", "word"),
    [
        ("mysql://root:hunter2@db/x", "sqlite:///FILE"),
        ("nonsense", "sqlite:///FILE"),
        ("", "sqlite:///FILE"),
        ("sqlite:////proc/nowhere/tocsin.db", "DATABASE_URL"),
        ("postgresql://tocsin:hunter2@127.0.0.1:1/x", "DATABASE_URL"),
    ],
)
async def test_an_address_that_is_no_database_says_what_to_do(address: str, word: str, clock: FakeClock) -> None:
    if address.startswith("postgresql"):
        pytest.importorskip("psycopg")
    with pytest.raises(StoreDown) as told:
        await Store.open(address, clock=clock)
    assert word in str(told.value)
    assert "hunter2" not in str(told.value)


async def test_a_missing_driver_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, clock: FakeClock) -> None:
    monkeypatch.setitem(__import__("sys").modules, "psycopg", None)
    with pytest.raises(StoreDown, match=r"pip install 'tocsin\[postgres\]'"):
        await Store.open("postgresql://tocsin@127.0.0.1:1/x", clock=clock)
