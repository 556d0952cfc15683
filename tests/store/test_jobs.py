"""Jobs: asked for once under a key, claimed by one worker at a time, settled only by who holds them."""

import asyncio
from datetime import datetime, timedelta

import pytest

from bot.errors import LeaseLost
from bot.model.job import Job, Lane
from bot.store import Store, jobs
from bot.testing.clock import FakeClock
from tests.store import made
from tests.store.made import SOON, START


async def settle(store: Store, job: Job, outcome: str = "done") -> None:
    await store.write(lambda tx: jobs.settle(tx, job, outcome, "because"))


async def defer(store: Store, job: Job, due: datetime, *, tried: bool = True) -> None:
    await store.write(lambda tx: jobs.defer(tx, job, due, "not yet", tried=tried))


async def next_due(store: Store, *lanes: Lane) -> datetime | None:
    return await store.read(lambda tx: jobs.next_due(tx, lanes) if lanes else jobs.next_due(tx))


async def expire(store: Store) -> None:
    """The database's clock has passed the end of every lease."""
    await made.tamper(store, "UPDATE jobs SET lease_until = 1")


async def test_a_job_comes_back_as_it_was_put(store: Store) -> None:
    payload = {"incident": "INC-7", "n": 3, "nested": {"deep": [1.5, None, "Zürich \\u0000 \u2028"]}}
    due = START + timedelta(microseconds=123456)
    await made.put(store, made.job("step/INC-7/1", lane=Lane.CARD, due=due, **payload))
    at = due + SOON
    (job,) = await made.claim(store, at=at)
    assert (job.key, job.kind, job.lane, job.due_at, dict(job.payload)) == (
        "step/INC-7/1",
        "work",
        Lane.CARD,
        due,
        payload,
    )
    assert (job.fence, job.revision, job.attempts, job.claimed_at) == (1, 1, 1, at)


async def test_nothing_is_claimed_before_it_is_due_and_all_of_it_then(store: Store) -> None:
    await made.put(store, made.job("a", due=START + SOON))
    assert await made.claim(store, at=START + SOON - timedelta(microseconds=1)) == []
    assert [job.key for job in await made.claim(store, at=START + SOON)] == ["a"]


async def test_the_oldest_of_each_lane_comes_first_and_lanes_come_in_order(store: Store) -> None:
    await made.put(
        store,
        *(made.job(f"digest {n}", lane=Lane.DIGEST, due=START - n * SOON) for n in range(3)),
        *(made.job(f"page {n}", lane=Lane.PAGE, due=START + n * SOON) for n in range(3)),
        made.job("card", lane=Lane.CARD),
    )
    free = {Lane.DIGEST: 2, Lane.PAGE: 2, Lane.CARD: 0, Lane.STATE: 5}
    found = await store.write(lambda tx: jobs.claim(tx, "me", START + 5 * SOON, free))
    assert [job.key for job in found] == ["page 0", "page 1", "digest 2", "digest 1"]


async def test_no_more_is_claimed_than_there_are_slots(store: Store) -> None:
    await made.put(store, *(made.job(str(n)) for n in range(300)))
    for analyzed in (False, True):
        if analyzed:
            await made.tamper(store, "ANALYZE")
        for most in (1, 2, 7):
            assert len(await made.claim(store, most=most)) == most


async def test_a_pending_key_asked_for_again_is_one_job_and_the_earlier_due_time_wins(store: Store) -> None:
    await made.put(store, made.job("a", due=START + 5 * SOON, n=1))
    await made.put(store, made.job("a", due=START + 9 * SOON, n=2))
    assert await next_due(store) == START + 5 * SOON
    await made.put(store, made.job("a", due=START + 2 * SOON, n=3))
    assert await next_due(store) == START + 2 * SOON
    (job,) = await made.claim(store, at=START + 9 * SOON)
    assert (job.revision, job.payload) == (3, {"n": 3})


async def test_a_pending_key_asked_for_again_goes_to_the_more_urgent_lane(store: Store) -> None:
    for lane in (Lane.DIGEST, Lane.CARD, Lane.DIGEST):
        await made.put(store, made.job(lane=lane))
    (job,) = await made.claim(store)
    assert job.lane is Lane.CARD
    await store.write(lambda tx: jobs.settle(tx, job, "done"))
    await made.put(store, made.job(lane=Lane.DIGEST))
    assert [job.lane for job in await made.claim(store)] == [Lane.DIGEST]


async def test_the_same_key_twice_in_one_breath(store: Store) -> None:
    await made.put(store, made.job("a", n=1), made.job("a", due=START + SOON, n=2), made.job("b"))
    found = await made.claim(store)
    assert [(job.key, job.revision, job.payload) for job in found] == [("a", 2, {"n": 2}), ("b", 1, {})]


async def test_asked_for_again_while_a_worker_has_it_it_stays_due_after_settling(store: Store) -> None:
    await made.put(store, made.job("a", n=1))
    (first,) = await made.claim(store)
    await made.put(store, made.job("a", due=START + SOON, n=2))
    assert await made.claim(store, "other") == []
    await settle(store, first)
    (second,) = await made.claim(store, "other")
    assert (second.payload, second.revision, second.fence, second.attempts) == ({"n": 2}, 2, 2, 1)
    await settle(store, second)
    assert await next_due(store) is None


async def test_settled_and_asked_for_again_it_starts_anew(store: Store) -> None:
    await made.put(store, made.job("a"))
    for outcome in ("done", "dead"):
        (job,) = await made.claim(store)
        await settle(store, job, outcome)
        assert await made.claim(store) == []
        assert await made.rows(store, "SELECT outcome, note FROM jobs") == [(outcome, "because")]
        await made.put(store, made.job("a", due=START - SOON))
        assert await made.rows(store, "SELECT outcome, note, settled_at, attempts FROM jobs") == [(None, "", None, 0)]


async def test_put_once_asks_only_the_first_time(store: Store) -> None:
    for n in range(3):
        await store.write(lambda tx, n=n: jobs.put_once(tx, made.job("tick", due=START + n * SOON, n=n)))
    (job,) = await made.claim(store, at=START + 9 * SOON)
    assert (job.payload, job.revision) == ({"n": 0}, 1)
    await settle(store, job)
    await store.write(lambda tx: jobs.put_once(tx, made.job("tick")))
    assert await made.claim(store, at=START + 9 * SOON) == []


async def test_a_worker_that_lost_its_lease_can_neither_settle_nor_put_off(store: Store, replica: Store) -> None:
    await made.put(store, made.job("a"))
    (slow,) = await made.claim(store, "slow")
    await expire(store)
    (quick,) = await made.claim(replica, "quick")
    assert quick.fence == slow.fence + 1
    for act in (settle(store, slow), defer(store, slow, START + SOON), settle(store, slow, "dead")):
        with pytest.raises(LeaseLost) as lost:
            await act
        assert not lost.value.retry
    await settle(replica, quick)
    with pytest.raises(LeaseLost):
        await settle(replica, quick)


async def test_what_a_worker_writes_beside_a_lost_lease_is_not_written(store: Store) -> None:
    await made.put(store, made.job("a"))
    (slow,) = await made.claim(store, "slow")
    await expire(store)
    await made.claim(store, "quick")

    def act(tx) -> None:
        tx.note(made.entry("the step was fired"))
        jobs.put(tx, made.job("b"))
        jobs.settle(tx, slow, "done")

    with pytest.raises(LeaseLost):
        await store.write(act)
    assert await made.rows(store, "SELECT key FROM jobs") == [("a",)]
    assert await made.rows(store, "SELECT * FROM log") == []


async def test_a_lease_that_ran_out_still_settles_while_nobody_else_took_it(store: Store) -> None:
    await made.put(store, made.job("a"))
    (job,) = await made.claim(store)
    await expire(store)
    await settle(store, job)
    assert await next_due(store) is None


@pytest.mark.parametrize("jump", [timedelta(hours=2), timedelta(hours=-2)], ids=["ahead", "behind"])
async def test_a_replica_whose_clock_jumps_neither_steals_nor_freezes_work(
    store: Store, replica: Store, jump: timedelta
) -> None:
    await made.put(store, made.job("a", due=START - timedelta(hours=3)))
    (job,) = await made.claim(store, at=START)
    assert await made.claim(replica, "jumped", at=START + jump) == []
    await expire(store)
    (taken,) = await made.claim(replica, "jumped", at=START + jump)
    assert taken.fence == 2
    assert await made.claim(store, at=START) == []
    await settle(replica, taken)
    with pytest.raises(LeaseLost):
        await settle(store, job)


async def test_a_lease_is_renewed_by_its_owner_alone(store: Store) -> None:
    await made.put(store, made.job("a"), made.job("b"))
    found = await made.claim(store, "me")
    await expire(store)
    await store.write(lambda tx: jobs.renew(tx, "other", [job.id for job in found]))
    await store.write(lambda tx: jobs.renew(tx, "me", [found[0].id]))
    await store.write(lambda tx: jobs.renew(tx, "me", []))
    assert [job.key for job in await made.claim(store, "other")] == ["b"]


async def test_put_off_it_comes_back_at_its_time_and_counts_only_what_was_tried(store: Store) -> None:
    await made.put(store, made.job("a"))
    attempts = []
    at = START
    for tried in (True, False, True):
        (job,) = await made.claim(store, at=at)
        attempts.append(job.attempts)
        at += SOON
        await defer(store, job, at, tried=tried)
        assert await made.claim(store, at=at - timedelta(microseconds=1)) == []
        assert await next_due(store) == at
    (job,) = await made.claim(store, at=at)
    assert [*attempts, job.attempts] == [1, 2, 2, 3]


async def test_asked_for_again_while_put_off_the_earlier_time_wins(store: Store) -> None:
    await made.put(store, made.job("a"))
    (job,) = await made.claim(store)
    await defer(store, job, START + 9 * SOON)
    await made.put(store, made.job("a", due=START + SOON))
    assert await next_due(store) == START + SOON


async def test_given_back_work_is_there_for_others_at_once(store: Store) -> None:
    await made.put(store, made.job("a"), made.job("b"), made.job("c"))
    mine = await made.claim(store, "me", most=2)
    (other,) = await made.claim(store, "other")
    await settle(store, mine[0])
    assert await store.read(jobs.owners) == {"me", "other"}
    await store.write(lambda tx: jobs.release(tx, "me"))
    assert await store.read(jobs.owners) == {"other"}
    (again,) = await made.claim(store, "next")
    assert (again.key, again.fence, again.attempts) == (mine[1].key, 2, 2)
    await settle(store, other)


async def test_the_next_due_time_knows_lanes_and_leases(store: Store) -> None:
    assert await next_due(store) is None
    await made.put(store, made.job("card", lane=Lane.CARD), made.job("page", lane=Lane.PAGE, due=START + SOON))
    assert await next_due(store) == START
    assert await next_due(store, Lane.PAGE, Lane.STATE) == START + SOON
    assert await next_due(store, Lane.DIGEST) is None
    await made.claim(store)
    assert await next_due(store) == START + SOON
    await expire(store)
    assert await next_due(store) == START


async def test_the_oldest_overdue_job_counts_held_ones_too(store: Store) -> None:
    await made.put(store, made.job("a", lane=Lane.PAGE), made.job("b", lane=Lane.DIGEST, due=START - SOON))
    await made.claim(store)
    assert await store.read(lambda tx: jobs.oldest_due(tx, START, [Lane.PAGE, Lane.CARD])) == START
    assert await store.read(lambda tx: jobs.oldest_due(tx, START - SOON, [Lane.PAGE])) is None


async def test_what_was_settled_long_ago_is_forgotten_and_nothing_else(store: Store, clock: FakeClock) -> None:
    await made.put(store, made.job("old"), made.job("pending", due=START - 9 * SOON), made.job("new"))
    held = {job.key: job for job in await made.claim(store)}
    await settle(store, held["old"])
    await clock.advance(SOON)
    await settle(store, held["new"])
    assert await store.write(lambda tx: jobs.prune(tx, START + SOON)) == 1
    assert set(await made.rows(store, "SELECT key FROM jobs")) == {("new",), ("pending",)}


async def test_many_workers_at_once_never_hold_the_same_job(url: str, store: Store, opened) -> None:
    wanted = [made.job(f"{lane.name} {n}", lane=lane, due=START - n * SOON) for lane in Lane for n in range(30)]
    await made.put(store, *wanted)
    stores = [await opened(url, FakeClock(START + (n - 3) * timedelta(hours=1))) for n in range(5)]

    async def work(at: Store, owner: str) -> list[Job]:
        mine: list[Job] = []
        while found := await made.claim(at, owner, most=2):
            for job in found:
                await settle(at, job)
            mine += found
        return mine

    parts = await asyncio.gather(*(work(each, str(n)) for n, each in enumerate([store, *stores])))
    done = [job.key for part in parts for job in part]
    assert sorted(done) == sorted(job.key for job in wanted)
    assert all(job.fence == 1 for part in parts for job in part)


async def test_many_replicas_that_ask_for_the_same_keys_make_one_job_each(url: str, store: Store, opened) -> None:
    stores = [store, *[await opened(url, FakeClock(START)) for _ in range(3)]]
    keys = [f"k{n}" for n in range(8)]
    orders = [keys, keys[::-1], keys[4:] + keys[:4], keys[::2] + keys[1::2]]
    for _ in range(3):
        await asyncio.gather(
            *(made.put(each, *map(made.job, order)) for each, order in zip(stores, orders, strict=True))
        )
    found = await made.claim(store)
    assert sorted(job.key for job in found) == keys
    assert {job.revision for job in found} == {12}
