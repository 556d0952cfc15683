"""What goes before what: a lane that is full or hangs delays no other, and what nobody waits for makes room."""

import asyncio
from typing import Any

from sqlalchemy import event

from bot.engine import work
from bot.model.job import Job, Lane
from bot.store import Store
from bot.testing.clock import FakeClock
from tests.store import made
from tests.store.hired import Hire, running


async def test_a_lane_that_hangs_delays_no_other_and_makes_nobody_spin(store: Store, hire: Hire) -> None:
    done: asyncio.Queue[str] = asyncio.Queue()
    hanging = asyncio.Event()
    claims = []

    async def handle(job: Job) -> work.Outcome:
        if job.lane is Lane.CARD:
            hanging.set()
            await asyncio.Event().wait()
        done.put_nowait(job.key)
        return work.Done()

    def count(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        claims.append("lease_owner" in statement and "fence + 1" in statement)

    worker = hire(handle, slots=dict.fromkeys(Lane, 2))
    await made.put(store, *(made.job(f"card {n}", lane=Lane.CARD) for n in range(6)))
    async with running(worker, store):
        await asyncio.wait_for(hanging.wait(), 30)
        for n in range(5):
            await made.put(store, made.job(f"page {n}", lane=Lane.PAGE))
            assert await asyncio.wait_for(done.get(), 30) == f"page {n}"
        event.listen(store.engine, "before_cursor_execute", count)
        await asyncio.sleep(0.4)  # a moment of nothing to do
        event.remove(store.engine, "before_cursor_execute", count)
    assert sum(claims) <= 3, "what is due in a full lane must not be claimed in a circle"
    assert len(await made.claim(store, "next")) == 6


async def test_digests_make_room_for_what_somebody_waits_for_but_not_for_ever(
    store: Store, clock: FakeClock, hire: Hire
) -> None:
    begun: asyncio.Queue[str] = asyncio.Queue()
    over = asyncio.Event()

    async def handle(job: Job) -> work.Outcome:
        begun.put_nowait(job.key)
        if job.lane is Lane.CARD:
            await over.wait()
        return work.Done()

    worker = hire(handle)
    async with running(worker, store):
        await made.put(store, made.job("card", lane=Lane.CARD))
        assert await asyncio.wait_for(begun.get(), 30) == "card"
        await made.put(store, made.job("digest", lane=Lane.DIGEST))
        await made.put(store, made.job("another", lane=Lane.CARD))
        assert await asyncio.wait_for(begun.get(), 30) == "another"
        assert begun.empty()
        await clock.advance(10)
        worker.wake()
        assert await asyncio.wait_for(begun.get(), 30) == "digest"
        over.set()


async def test_a_finished_job_makes_room_for_the_next_of_its_lane(store: Store, hire: Hire) -> None:
    at_once: list[int] = []
    busy: set[str] = set()

    async def handle(job: Job) -> work.Outcome:
        busy.add(job.key)
        at_once.append(len(busy))
        await asyncio.sleep(0)
        busy.discard(job.key)
        return work.Done()

    worker = hire(handle, slots={Lane.STATE: 3})
    await made.put(store, *(made.job(str(n)) for n in range(30)), made.job("no slots", lane=Lane.PAGE))
    async with running(worker, store):
        while len(at_once) < 30:
            await asyncio.sleep(0.01)
    assert max(at_once) <= 3
    assert [job.key for job in await made.claim(store)] == ["no slots"]


async def test_a_digest_that_ends_while_others_make_it_wait_is_no_stumble(store: Store, hire: Hire) -> None:
    broke: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: broke.append(context))
    begun: asyncio.Queue[str] = asyncio.Queue()
    gates = {"digest": asyncio.Event(), "card": asyncio.Event()}

    async def handle(job: Job) -> work.Outcome:
        begun.put_nowait(job.key)
        await gates[job.key].wait()
        return work.Done()

    worker = hire(handle)
    async with running(worker, store):
        await made.put(store, made.job("digest", lane=Lane.DIGEST))
        assert await asyncio.wait_for(begun.get(), 30) == "digest"
        await made.put(store, made.job("card", lane=Lane.CARD))
        assert await asyncio.wait_for(begun.get(), 30) == "card"
        gates["digest"].set()
        while await made.rows(store, "SELECT 1 FROM jobs WHERE key = 'digest' AND outcome IS NULL"):
            await asyncio.sleep(0)
        gates["card"].set()
    assert broke == []
