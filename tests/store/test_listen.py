"""Replicas hear of each other's jobs by NOTIFY, which is a hint; SQLite has no other replicas."""

import asyncio
from datetime import datetime, timedelta

import pytest

from bot.store import Store, jobs, listen
from bot.testing.clock import FakeClock
from tests.store import made
from tests.store.made import START
from tests.store.test_database_down import kill_everybody


class Ear:
    """What a listener told, from its thread into this loop."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[datetime] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()

    def tell(self, due: datetime) -> None:
        self._loop.call_soon_threadsafe(self.heard.put_nowait, due)

    async def next(self) -> datetime:
        return await asyncio.wait_for(self.heard.get(), 30)


async def until_heard(store: Store, ear: Ear) -> None:
    """Ask for a job again and again until the listener, which starts in its own time, hears of one."""
    for _ in range(300):
        await made.put(store, made.job("knock", due=START - timedelta(hours=1)))
        try:
            await asyncio.wait_for(ear.heard.get(), 0.1)
        except TimeoutError:
            continue
        while not ear.heard.empty():
            ear.heard.get_nowait()
        return
    pytest.fail("the listener heard of none of 300 jobs")


@pytest.fixture
async def pair(shared_url: str, opened) -> tuple[Store, Store]:
    """Two replicas."""
    return await opened(shared_url, FakeClock(START)), await opened(shared_url, FakeClock(START))


async def test_another_replica_hears_of_the_earliest_new_job_once_it_is_committed(pair: tuple[Store, Store]) -> None:
    here, there = pair
    ear = Ear()
    listener = listen.Listener(there, ear.tell)
    listener.start()
    try:
        await until_heard(here, ear)
        due = START + timedelta(minutes=3, microseconds=7)

        def fails(tx) -> None:
            jobs.put(tx, made.job("never", due=START))
            raise KeyError

        with pytest.raises(KeyError):
            await here.write(fails)
        await made.put(here, made.job("late", due=due + timedelta(hours=1)), made.job("early", due=due))
        assert await ear.next() == due
        (job,) = await made.claim(there, at=due - timedelta(minutes=1))
        await there.write(lambda tx: jobs.defer(tx, job, due, "later"))
        assert await ear.next() == due
    finally:
        await asyncio.to_thread(listener.stop)


async def test_a_listener_whose_session_is_ended_listens_again(pair: tuple[Store, Store], shared_url: str) -> None:
    here, there = pair
    ear = Ear()
    listener = listen.Listener(there, ear.tell)
    listener.start()
    try:
        await until_heard(here, ear)
        kill_everybody(shared_url)
        await until_heard(here, ear)
    finally:
        await asyncio.to_thread(listener.stop)


async def test_it_does_nothing_on_sqlite_and_may_be_stopped_unstarted(sqlite_url: str, opened) -> None:
    store = await opened(sqlite_url, FakeClock(START))
    ear = Ear()
    listener = listen.Listener(store, ear.tell)
    listener.start()
    await made.put(store, made.job())
    listener.stop()
    assert ear.heard.empty()
    listen.Listener(store, ear.tell).stop()
