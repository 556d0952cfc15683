"""The page asks how fast the demo's time runs, and sets it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.clock import FastClock
from bot.sandbox.demo import pace
from bot.testing.clock import FakeClock

START = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


async def test_it_tells_the_speed_and_the_present_and_sets_the_speed() -> None:
    machine = FakeClock(START)
    clock = FastClock(machine=machine)
    act = pace.act(clock)
    assert await act({}) == {"speed": 1.0, "now": START.isoformat()}
    assert await act({"speed": 60}) == {"speed": 60.0, "now": START.isoformat()}
    await machine.advance(10)
    assert await act({}) == {"speed": 60.0, "now": (START + timedelta(minutes=10)).isoformat()}
    assert clock.speed == 60


@pytest.mark.parametrize("wrong", [0, -5, 4000, True, "60", None, [60]])
async def test_what_is_no_speed_changes_nothing(wrong: Any) -> None:
    clock = FastClock(2, machine=FakeClock(START))
    with pytest.raises(ValueError, match=r"^A (clock|speed) .*\.$"):
        await pace.act(clock)({"speed": wrong})
    assert clock.speed == 2
