"""The fake clock stands still, and wakes sleepers in order."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone

import pytest

from bot.clock import StillClock
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
