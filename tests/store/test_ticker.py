"""The time door: what recurs is enqueued once by any number of replicas, and lateness can be seen."""

from datetime import timedelta
from pathlib import Path

from bot import telemetry, ticker
from bot.engine.desk import Desk
from bot.model.job import Lane, NewJob
from bot.runbooks import Library
from bot.settings import Settings
from bot.store import Store, jobs, seen
from bot.testing.clock import FakeClock
from tests.store.made import START


def desk(store: Store, clock: FakeClock) -> Desk:
    """A desk without configuration: what recurs needs none."""
    return Desk(store, clock, Settings(Path(), ""), Library())


async def test_replicas_enqueue_what_recurs_once_an_hour(store: Store) -> None:
    hours = (START, START + timedelta(minutes=1), START + timedelta(hours=1))
    for now in hours:
        for _replica in range(3):
            await store.write(lambda tx, now=now: ticker.recur(tx, now))  # type: ignore[misc]
    late = START + timedelta(hours=2)
    found = await store.write(lambda tx: jobs.claim(tx, "w", late, {Lane.DIGEST: 9}))
    assert len([job for job in found if job.kind == "tidy"]) == len({now.replace(minute=0) for now in hours})


async def test_what_was_settled_long_ago_is_forgotten_and_what_is_owed_is_not(store: Store, clock: FakeClock) -> None:
    await store.write(lambda tx: jobs.put(tx, *(NewJob(key, "x", Lane.CARD, START) for key in ("done", "owed"))))
    found = await store.write(lambda tx: jobs.claim(tx, "w", START, {Lane.CARD: 2}))
    done = next(job for job in found if job.key == "done")
    await store.write(lambda tx: (jobs.settle(tx, done, "done"), jobs.release(tx, "w")))
    await store.write(lambda tx: seen.first(tx, "delivery/1", START + timedelta(hours=1)))
    await clock.advance(ticker.KEEP_JOBS + timedelta(seconds=1))
    tidied = await ticker.Tidy(clock).tidy(done)
    assert tidied.then is not None
    await store.write(tidied.then)
    again = await store.write(lambda tx: jobs.claim(tx, "w", clock.now(), {Lane.CARD: 9}))
    assert [job.key for job in again] == ["owed"]
    assert await store.write(lambda tx: jobs.prune(tx, clock.now())) == 0  # nothing settled was left
    assert await store.write(seen.prune) == 0


async def test_the_gauges_tell_how_late_the_oldest_work_is(store: Store, clock: FakeClock) -> None:
    await store.write(lambda tx: jobs.put(tx, NewJob("c", "card", Lane.CARD, START + timedelta(seconds=20))))
    await store.write(lambda tx: jobs.put(tx, NewJob("s", "step", Lane.STATE, START)))
    await clock.advance(30)
    await ticker.measure(desk(store, clock))
    assert telemetry.OLDEST_DUE_JOB.collect()[0].samples[0].value == 30
    assert telemetry.OUTBOX_AGE.collect()[0].samples[0].value == 10
