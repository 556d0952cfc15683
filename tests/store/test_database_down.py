"""The database fails under a running store: it says so, writes nothing by halves, and works again afterwards."""

import asyncio
import os
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event, text

from bot.errors import StoreDown
from bot.store import Store, Tx, log, posts
from bot.testing.clock import FakeClock
from tests.parts import postgres as clusters
from tests.store import made


def act(tx: Tx) -> None:
    """One work that touches three tables and the log."""
    posts.save(tx, posts.Post("card/INC-1", "#c", "1.0", "d"))
    tx.sql.execute(text("INSERT INTO seen (key, until) VALUES ('k', :at)"), {"at": tx.now.isoformat()})
    tx.note(made.entry("whole"))


async def whole(store: Store) -> bool:
    """True when `act` is there, False when nothing of it is; anything between is the fault we look for."""
    counts = await made.rows(
        store, "SELECT (SELECT count(*) FROM posts), (SELECT count(*) FROM seen), (SELECT count(*) FROM log)"
    )
    assert counts in ([(0, 0, 0)], [(1, 1, 1)])
    assert (await store.read(lambda tx: log.verify(tx.sql)))[1] == []
    return counts == [(1, 1, 1)]


@contextmanager
def every_connection(store: Store, pragma: str) -> Iterator[None]:
    """All connections of `store`, which nobody uses just now, are opened anew and run `PRAGMA pragma` first.

    The listener stays, since taking it away while a thread connects would break that thread.
    """
    on = True

    def say(connection: sqlite3.Connection, _record: object) -> None:
        if on:
            connection.execute(f"PRAGMA {pragma}")

    event.listen(store.engine, "connect", say)
    store.engine.dispose()
    try:
        yield
    finally:
        on = False
        store.engine.dispose()


@pytest.fixture
def file(sqlite_url: str) -> Path:
    return Path(sqlite_url.removeprefix("sqlite:///"))


async def test_a_file_somebody_else_keeps_locked(sqlite_url: str, file: Path, clock: FakeClock, opened) -> None:
    store = await opened(sqlite_url, clock)
    with every_connection(store, "busy_timeout=5"):
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreDown, match="SQLITE_BUSY") as told:
            await store.write(act)
        assert told.value.retry
        assert not await whole(store)
        other.execute("ROLLBACK")
        other.close()
        await store.write(act)
    assert await whole(store)


async def test_a_file_that_may_not_be_written(sqlite_url: str, clock: FakeClock, opened) -> None:
    store = await opened(sqlite_url, clock)
    with every_connection(store, "query_only=ON"):
        with pytest.raises(StoreDown, match="SQLITE_READONLY"):
            await store.write(act)
        assert not await whole(store)
    await store.write(act)
    assert await whole(store)


async def test_a_full_disk(sqlite_url: str, file: Path, clock: FakeClock, opened) -> None:
    store = await opened(sqlite_url, clock)
    pages = file.stat().st_size // 4096

    def much(tx: Tx) -> None:
        act(tx)
        posts.save(tx, posts.Post("big", "#c", "1.0", "x" * 1_000_000))

    with every_connection(store, f"max_page_count={pages + 10}"):
        async with made.held(store):
            waiting = [asyncio.create_task(store.write(much)) for _ in range(3)]
            await asyncio.sleep(0)
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(each) for each in outcomes] == [StoreDown] * 3
        assert "SQLITE_FULL" in str(outcomes[0])
        assert not await whole(store)
        await store.write(act)
    assert await whole(store)


async def test_a_file_that_is_no_database(tmp_path: Path, clock: FakeClock) -> None:
    (tmp_path / "tocsin.db").write_bytes(b"This is a shopping list, not a database.\n" * 200)
    with pytest.raises(StoreDown, match="file is not a database"):
        await Store.open(f"sqlite:///{tmp_path / 'tocsin.db'}", clock=clock)


async def test_a_file_that_rots_while_it_is_open(sqlite_url: str, file: Path, clock: FakeClock, opened) -> None:
    store = await opened(sqlite_url, clock)
    await store.write(act)
    store.engine.dispose()
    file.write_bytes(b"\0rot" * (file.stat().st_size // 4))
    with pytest.raises(StoreDown):  # whoever opens it anew sees it; the writer holds the file as it knew it
        await store.read(lambda tx: tx.sql.execute(text("SELECT * FROM log")).all())


async def test_a_folder_that_is_not_there_is_made(tmp_path: Path, clock: FakeClock) -> None:
    store = await Store.open(f"sqlite:///{tmp_path / 'a' / 'b' / 'tocsin.db'}", clock=clock)
    await store.write(act)
    assert await whole(store)
    await store.close()


KILL = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND pid <> pg_backend_pid()"""


def kill_everybody(url: str) -> None:
    """End every session on the database at `url`."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(KILL)


async def test_sessions_that_are_ended_between_works(shared_url: str, clock: FakeClock, opened) -> None:
    store = await opened(shared_url, clock)
    assert not await whole(store)
    kill_everybody(shared_url)
    await store.write(act)
    kill_everybody(shared_url)
    assert await whole(store)


async def test_a_session_that_is_ended_in_the_middle_of_a_work(shared_url: str, clock: FakeClock, opened) -> None:
    store = await opened(shared_url, clock)
    runs = []

    def struck(tx: Tx) -> None:
        runs.append(tx)
        if len(runs) == 1:
            tx.sql.execute(text("INSERT INTO posts (key, channel, ts, digest) VALUES ('half', '', '', '')"))
            kill_everybody(shared_url)
        act(tx)

    async with made.held(store):
        waiting = [asyncio.create_task(store.write(work)) for work in (struck, lambda tx: None)]
        await asyncio.sleep(0)
    await asyncio.gather(*waiting)
    assert len(runs) == 2
    assert await whole(store)


async def test_a_session_that_is_always_ended_is_given_up(shared_url: str, clock: FakeClock, opened) -> None:
    store = await opened(shared_url, clock)

    def struck(tx: Tx) -> None:
        tx.sql.execute(text("INSERT INTO posts (key, channel, ts, digest) VALUES ('half', '', '', '')"))
        kill_everybody(shared_url)
        act(tx)

    with pytest.raises(StoreDown):
        await store.write(struck)
    assert not await whole(store)
    await store.write(act)
    assert await whole(store)


async def test_a_reader_whose_session_is_ended_says_so(shared_url: str, clock: FakeClock, opened) -> None:
    store = await opened(shared_url, clock)

    def struck(tx: Tx) -> None:
        kill_everybody(shared_url)
        tx.sql.execute(text("SELECT 1"))

    with pytest.raises(StoreDown):
        await store.read(struck)
    assert not await whole(store)


def pg_ctl(cluster: clusters.Cluster, *arguments: str) -> None:
    """Run pg_ctl on the running server, as whoever it belongs to."""
    owner = cluster.folder.stat().st_uid
    subprocess.run(
        [cluster.bin / "pg_ctl", "-D", cluster.folder / "data", "-w", "-l", cluster.folder / "log", *arguments],
        cwd=cluster.folder,
        user=owner if os.geteuid() == 0 else None,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )


async def test_a_server_that_is_gone_for_a_while(
    postgres: clusters.Cluster, shared_url: str, clock: FakeClock, opened
) -> None:
    store = await opened(shared_url, clock)
    assert not await whole(store)
    pg_ctl(postgres, "-m", "fast", "stop")
    try:
        with pytest.raises(StoreDown):
            await store.write(act)
        with pytest.raises(StoreDown):
            await store.read(lambda tx: None)
    finally:
        pg_ctl(postgres, "-o", (postgres.folder / "data" / "postmaster.opts").read_text().partition(" ")[2], "start")
    await store.write(act)
    assert await whole(store)


async def test_a_server_that_restarts_between_works(
    postgres: clusters.Cluster, shared_url: str, clock: FakeClock, opened
) -> None:
    store = await opened(shared_url, clock)
    await store.write(act)
    pg_ctl(postgres, "-m", "fast", "restart")
    assert await whole(store)
    await store.write(lambda tx: posts.save(tx, posts.Post("card/INC-2", "#c", "1.0", "d")))
