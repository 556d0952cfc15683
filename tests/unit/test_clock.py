"""The fake clock stands still and wakes sleepers in order; the fast one runs ahead of the machine's."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone

import pytest

from bot.clock import FastClock, StillClock, SystemClock
from bot.testing.clock import FakeClock

START = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


async def test_sleepers_wake_in_the_order_of_their_due_times_each_at_its_own() -> None:
    clock = FakeClock(START)
    woke: list[tuple[str, datetime]] = []

    async def sleeper(name: str, *naps: float) -> None:
        for nap in naps:
            await clock.sleep(nap)
            woke.append((name, clock.now()))

    tasks = [
        asyncio.create_task(sleeper("a", 5, 1)),
        asyncio.create_task(sleeper("b", 2, 3)),
        asyncio.create_task(sleeper("c", 9)),
    ]
    await clock.advance(timedelta(seconds=6))
    assert [(name, (at - START).total_seconds()) for name, at in woke] == [("b", 2), ("a", 5), ("b", 5), ("a", 6)]
    assert (clock.now(), clock.monotonic(), clock.sleeping) == (START + timedelta(seconds=6), 6.0, 1)
    await clock.advance(3)
    await asyncio.gather(*tasks)


async def test_a_cancelled_sleeper_is_forgotten() -> None:
    clock = FakeClock(START)
    task = asyncio.create_task(clock.sleep(1))
    await asyncio.sleep(0)
    task.cancel()
    await clock.advance(2)
    assert task.cancelled()
    assert clock.sleeping == 0


async def test_no_time_to_sleep_only_yields() -> None:
    await FakeClock(START).sleep(0)
    await FakeClock(START).sleep(-1)


async def test_it_is_utc_whatever_its_start_and_refuses_a_naive_one() -> None:
    east = FakeClock(START.astimezone(timezone(timedelta(hours=3))))
    assert east.now().utcoffset() == timedelta(0)
    with pytest.raises(ValueError, match="aware"):
        FakeClock(datetime(2026, 1, 1))


async def test_time_only_goes_forward() -> None:
    with pytest.raises(ValueError, match="forward"):
        await FakeClock(START).advance(-1)


async def test_a_clock_that_is_put_stands_where_it_was_put() -> None:
    clock = StillClock(START.astimezone(timezone(timedelta(hours=3))))
    await clock.sleep(3600)
    assert (clock.now(), clock.monotonic()) == (START, 0.0)
    clock.put(START + timedelta(hours=2))
    assert (clock.now(), clock.now().utcoffset(), clock.monotonic()) == (
        START + timedelta(hours=2),
        timedelta(0),
        7200.0,
    )
    with pytest.raises(ValueError, match="forward"):
        clock.put(START)
    with pytest.raises(ValueError, match="aware"):
        StillClock(datetime(2026, 1, 1))


async def test_a_fast_clock_runs_ahead_of_the_machines_and_its_sleepers_wait_by_it() -> None:
    machine = FakeClock(START)
    clock = FastClock(60, machine=machine)
    woke: list[datetime] = []

    async def sleeper() -> None:
        await clock.sleep(600)
        woke.append(clock.now())

    task = asyncio.create_task(sleeper())
    await machine.advance(9)
    assert (clock.now(), clock.monotonic(), woke) == (START + timedelta(minutes=9), 540.0, [])
    await machine.advance(1)
    assert woke == [START + timedelta(minutes=10)]
    await task
    assert machine.sleeping == 0


async def test_another_speed_changes_nothing_of_the_present_and_sleepers_reckon_anew() -> None:
    machine = FakeClock(START)
    clock = FastClock(machine=machine)
    sleepers = [asyncio.create_task(clock.sleep(seconds)) for seconds in (100, 700, 701)]
    await machine.advance(40)
    for speed in (3600, 60, 60.0):
        clock.speed = speed
        assert (clock.speed, clock.now()) == (speed, START + timedelta(seconds=40))
    await machine.advance(1)
    assert [task.done() for task in sleepers] == [True, False, False]
    await machine.advance(10)
    assert (clock.monotonic(), [task.done() for task in sleepers]) == (700.0, [True, True, False])
    clock.speed = 0.5
    await machine.advance(1)
    assert not sleepers[2].done()
    await machine.advance(1)
    assert (clock.monotonic(), sleepers[2].done()) == (701.0, True)


async def test_a_sleep_that_no_machine_can_divide_ends_all_the_same() -> None:
    machine = FakeClock(START)
    clock = FastClock(7, machine=machine)
    task = asyncio.create_task(clock.sleep(1))
    await machine.advance(0.142857)
    assert not task.done()
    await machine.advance(0.000001)
    assert task.done()
    assert clock.monotonic() >= 1


async def test_who_gives_up_a_sleep_on_a_fast_clock_leaves_nothing_behind() -> None:
    machine = FakeClock(START)
    clock = FastClock(2, machine=machine)
    task = asyncio.create_task(clock.sleep(10))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.sleep(0)
    assert machine.sleeping == 0
    clock.speed = 4  # nobody is woken who is gone
    await clock.sleep(0)
    await clock.sleep(-1)


def test_a_fast_clock_does_not_go_back_behind_a_world_that_ran_ahead() -> None:
    machine, ahead = FakeClock(START), START.astimezone(timezone(timedelta(hours=3))) + timedelta(hours=5)
    assert FastClock(machine=machine, not_before=ahead).now() == START + timedelta(hours=5)
    assert FastClock(machine=machine, not_before=ahead).now().utcoffset() == timedelta(0)
    assert FastClock(machine=machine, not_before=START - timedelta(hours=5)).now() == START
    with pytest.raises(ValueError, match="aware"):
        FastClock(not_before=datetime(2026, 1, 1))


@pytest.mark.parametrize("speed", [0, -1, 3600.5, float("inf"), float("nan")])
def test_what_is_no_speed(speed: float) -> None:
    with pytest.raises(ValueError, match="at most 3600"):
        FastClock(speed)
    clock = FastClock(60, machine=FakeClock(START))
    with pytest.raises(ValueError, match="at most 3600"):
        clock.speed = speed
    assert clock.speed == 60


async def test_the_machines_own_time_is_what_a_fast_clock_runs_by() -> None:
    before, clock = SystemClock().now(), FastClock(3600)
    await clock.sleep(10)
    assert clock.now() - before >= timedelta(seconds=10)
    assert clock.monotonic() >= 10 - 1e-6
