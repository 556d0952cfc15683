"""The worker on a real store: what it claims it does, what fails is tried again, what hangs delays nobody else."""

import asyncio
import os
import socket
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from bot.engine import owner, work
from bot.engine.desk import Desk
from bot.errors import Conflict, NotDelivered, NotFound
from bot.model.job import Job, Lane
from bot.runbooks import Library
from bot.settings import Settings
from bot.store import Store, jobs
from bot.testing.clock import FakeClock
from tests.store import made
from tests.store.hired import Hire, running
from tests.store.made import START
from tests.store.test_database_down import every_connection


class Seen:
    """A handler that does what it is told to and remembers each job."""

    def __init__(self, *answers: Any) -> None:
        self.jobs: list[Job] = []
        self.answers = list(answers)
        self.done = asyncio.Event()

    async def __call__(self, job: Job) -> work.Outcome:
        self.jobs.append(job)
        self.done.set()
        answer = self.answers.pop(0) if self.answers else work.Done()
        if isinstance(answer, Exception):
            raise answer
        outcome: work.Outcome = answer
        return outcome

    @property
    def keys(self) -> list[str]:
        return [job.key for job in self.jobs]


async def state(store: Store) -> list[tuple[Any, ...]]:
    return await made.rows(store, "SELECT key, outcome, attempts, note, lease_owner FROM jobs ORDER BY key")


async def due(store: Store) -> float | None:
    """Seconds after START until the next job is due."""
    found = await store.read(jobs.next_due)
    return (found - START).total_seconds() if found else None


async def test_everything_due_is_done_and_nothing_else(store: Store, clock: FakeClock, hire: Hire) -> None:
    seen = Seen()
    worker = hire(seen, slots=dict.fromkeys(Lane, 2))
    await made.put(store, *(made.job(f"{lane} {n}", lane=lane) for lane in Lane for n in range(5)))
    await made.put(store, made.job("later", due=START + timedelta(seconds=5)))
    await worker.drain()
    assert len(seen.keys) == len(set(seen.keys)) == 20
    assert await due(store) == 5
    await clock.advance(5)
    await worker.drain()
    assert seen.keys[-1] == "later"
    assert {row[1:] for row in await state(store)} == {("done", 1, "", None)}


async def test_what_a_job_asks_for_is_done_too(store: Store, hire: Hire) -> None:
    seen = Seen(work.Done(lambda tx: jobs.put(tx, made.job("second"))))
    await made.put(store, made.job("first"))
    await hire(seen).drain()
    assert seen.keys == ["first", "second"]


async def test_a_handler_that_breaks_is_tried_again_ever_more_slowly(
    store: Store, clock: FakeClock, hire: Hire
) -> None:
    seen = Seen(*(ValueError(f"no {n}") for n in range(8)))
    worker = hire(seen)
    await made.put(store, made.job("a"), made.job("b", due=START + timedelta(hours=1)))
    pauses = []
    for _ in range(8):
        await worker.drain()
        now = (clock.now() - START).total_seconds()
        pauses.append((await due(store) or 0) - now)
        await clock.advance(pauses[-1])
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]
    assert await state(store) == [("a", None, 8, "ValueError('no 7')", None), ("b", None, 0, "", None)]
    await worker.drain()
    assert (await state(store))[0][:3] == ("a", "done", 9)


async def test_one_that_always_breaks_is_given_up_in_the_end(store: Store, hire: Hire) -> None:
    await made.put(store, made.job("a"))
    await made.tamper(store, f"UPDATE jobs SET attempts = {work.GIVE_UP - 1}")
    await hire(Seen(ValueError("no"))).drain()
    ((_, outcome, attempts, note, _),) = await state(store)
    assert (outcome, attempts) == ("dead", work.GIVE_UP)
    assert "ValueError('no')" in note


ANSWERS = {
    "it can never work": (NotFound("There is no page."), "dead", 1, "There is no page.", None),
    "it may work later": (Conflict("Somebody was faster."), None, 1, "Somebody was faster.", 1),
    "the destination refuses": (NotDelivered("No such user."), "dead", 1, "No such user.", None),
    "the destination is away": (NotDelivered("Timeout.", retry=True), None, 1, "Timeout.", 1),
    "it is not its turn": (NotDelivered("Slow down.", retry=True, after=7.5), None, 0, "Slow down.", 7.5),
    "later": (work.Later(START + timedelta(seconds=9), "not yet"), None, 1, "not yet", 9),
    "later, untried": (work.Later(START + timedelta(seconds=9), "not yet", tried=False), None, 0, "not yet", 9),
    "dead": (work.Dead("no use"), "dead", 1, "no use", None),
}


@pytest.mark.parametrize("case", ANSWERS)
async def test_what_becomes_of_a_job_by_its_answer(store: Store, hire: Hire, case: str) -> None:
    answer, outcome, attempts, note, after = ANSWERS[case]
    await made.put(store, made.job("a"))
    await hire(Seen(answer)).drain()
    assert await state(store) == [("a", outcome, attempts, note, None)]
    assert await due(store) == after


async def test_a_kind_nobody_here_does_waits_for_somebody_who_can(store: Store, clock: FakeClock, hire: Hire) -> None:
    await made.put(store, made.job("a"))
    await hire(None).drain()
    assert (await state(store))[0][1] is None
    assert await due(store) == 60
    await clock.advance(60)
    seen = Seen()
    await hire(seen, "other").drain()
    assert seen.keys == ["a"]


async def test_what_follows_is_written_with_the_outcome_or_not_at_all(
    store: Store, clock: FakeClock, hire: Hire
) -> None:
    def half(tx) -> None:
        jobs.put(tx, made.job("follows"))
        raise KeyError("a bug in what follows")

    seen = Seen(work.Done(half), work.Done(lambda tx: jobs.put(tx, made.job("follows", due=START))))
    worker = hire(seen)
    await made.put(store, made.job("a"))
    await worker.drain()
    assert await state(store) == [("a", None, 1, "KeyError('a bug in what follows')", None)]
    await clock.advance(1)
    await worker.drain()
    assert [row[:2] for row in await state(store)] == [("a", "done"), ("follows", "done")]


async def test_what_can_never_follow_ends_the_job_with_its_reason(store: Store, hire: Hire) -> None:
    def gone(tx) -> None:
        raise NotFound("There is no incident INC-7.")

    await made.put(store, made.job("a"))
    await hire(Seen(work.Done(gone))).drain()
    assert await state(store) == [("a", "dead", 1, "There is no incident INC-7.", None)]


async def test_a_worker_that_was_too_slow_writes_nothing(store: Store, replica: Store, hire: Hire) -> None:
    taken: list[Job] = []

    async def slow(job: Job) -> work.Outcome:
        await made.tamper(store, "UPDATE jobs SET lease_until = 1")
        taken.extend(await made.claim(replica, "quick"))
        return work.Done(lambda tx: tx.note(made.entry("twice")))

    await made.put(store, made.job("a"))
    await hire(slow).drain()
    assert await state(store) == [("a", None, 2, "", "quick")]
    assert await made.rows(store, "SELECT * FROM log") == []
    await replica.write(lambda tx: jobs.settle(tx, taken[0], "done"))


async def test_asked_for_again_meanwhile_it_is_done_again(store: Store, hire: Hire) -> None:
    seen: list[Any] = []

    async def draw(job: Job) -> work.Outcome:
        if not seen:
            await made.put(store, made.job("card", n=2))
        seen.append(job.payload["n"])
        return work.Done()

    await made.put(store, made.job("card", n=1))
    await hire(draw).drain()
    assert seen == [1, 2]


async def test_it_finds_what_nobody_woke_it_for_and_wakes_at_the_due_time(
    store: Store, replica: Store, clock: FakeClock, hire: Hire
) -> None:
    seen = Seen()
    async with running(hire(seen), store):
        await made.put(replica, made.job("quiet"))
        await asyncio.wait_for(seen.done.wait(), 30)
        seen.done.clear()
        await made.put(store, made.job("future", due=START + timedelta(hours=1)))
        await clock.advance(3600)
        await asyncio.wait_for(seen.done.wait(), 30)
    assert seen.keys == ["quiet", "future"]


async def test_stopping_lets_work_in_hand_end_and_claims_no_more(store: Store, hire: Hire) -> None:
    begun, go = asyncio.Event(), asyncio.Event()

    async def slow(job: Job) -> work.Outcome:
        begun.set()
        await go.wait()
        return work.Done()

    worker = hire(slow, slots={Lane.STATE: 1})
    await made.put(store, made.job("a"), made.job("b"))
    task = asyncio.create_task(worker.run())
    await asyncio.wait_for(begun.wait(), 30)
    stopping = asyncio.create_task(worker.stop(30))
    await asyncio.sleep(0)
    go.set()
    await stopping
    await task
    assert [row[:2] for row in await state(store)] == [("a", "done"), ("b", None)]
    await worker.drain()
    assert await due(store) == 0


async def test_stopping_gives_back_what_does_not_end(store: Store, replica: Store, hire: Hire) -> None:
    begun = asyncio.Event()
    ended: list[str] = []

    async def hangs(job: Job) -> work.Outcome:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(job.key)
        return work.Done()

    await made.put(store, made.job("a"))
    async with running(hire(hangs), store):
        await asyncio.wait_for(begun.wait(), 30)
    assert ended == ["a"]
    (job,) = await made.claim(replica, "next")
    assert job.fence == 2


async def test_stopping_in_the_middle_of_a_claim_starts_nothing(store: Store, replica: Store, hire: Hire) -> None:
    seen = Seen()
    worker = hire(seen)
    await made.put(store, made.job("a"))
    worker.wake()  # it claims at once, without a look at the table first
    async with made.held(store):
        task = asyncio.create_task(worker.run())
        await asyncio.sleep(0.01)  # the claim waits for the writer
        stopping = asyncio.create_task(worker.stop(0.1))
        await asyncio.sleep(0.01)
    await stopping
    await task
    assert seen.keys == []
    assert [job.key for job in await made.claim(replica, "next")] == ["a"]


@pytest.mark.parametrize("trouble", ["may not be written", "breaks in a way nobody foresaw"])
async def test_a_database_that_is_away_for_a_while_only_delays(
    sqlite_url: str, clock: FakeClock, tmp_path: Path, opened, trouble: str
) -> None:
    store = await opened(sqlite_url, clock)
    seen = Seen()
    worker = work.Worker(Desk(store, clock, Settings(tmp_path, ""), Library()), {"work": seen}, owner="me")
    await made.put(store, made.job("a"))
    hit = asyncio.Event()
    loop = asyncio.get_running_loop()
    away = True

    def breaks(*_: Any) -> None:
        loop.call_soon_threadsafe(hit.set)
        if away and trouble != "may not be written":
            raise KeyError("a bug in a driver")

    with every_connection(store, "query_only=ON"):
        event.listen(store.engine, "connect", breaks)
        task = asyncio.create_task(worker.run())
        await asyncio.wait_for(hit.wait(), 30)
        away = False
    await asyncio.wait_for(seen.done.wait(), 30)
    await worker.stop(5)
    await task
    assert (await state(store))[0][1] == "done"


def dead_process() -> int:
    """The pid of a process that has ended."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return ended.pid


async def test_only_what_dead_processes_of_this_host_held_is_given_back_at_once(store: Store) -> None:
    here = socket.gethostname()
    ours = owner.name()
    holders = {
        f"{here}/{dead_process()}/aaaa": True,
        f"{here}/{os.getpid()}/bbbb": True,
        ours: False,
        f"{here}/{os.getppid()}/cccc": False,
        f"elsewhere/{dead_process()}/dddd": False,
        f"{here}/x/eeee": False,
        "me": False,
    }
    for n, holder in enumerate(holders):
        await made.put(store, made.job(holder, due=START - timedelta(seconds=n)))
        assert [job.key for job in await made.claim(store, holder)] == [holder]
    await store.write(owner.release_dead)
    freed = {job.key for job in await made.claim(store, "next")}
    assert freed == {holder for holder, dead in holders.items() if dead}
    assert owner.name() != owner.name()
