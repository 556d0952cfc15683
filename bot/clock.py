"""The only reader of the system clock; everywhere else time is an argument."""

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time and waits."""

    def now(self) -> datetime:
        """The present, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go backwards; for measuring, never for due times."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that never go backwards."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds` (none if negative)."""
        await asyncio.sleep(max(0.0, seconds))


class StillClock:
    """Stands where it was put until it is put further: for playing what has been, and for tests."""

    def __init__(self, start: datetime) -> None:
        """`start` must be aware; inside it is UTC."""
        if start.tzinfo is None:
            raise ValueError("A clock starts at an aware time; give the start a timezone.")
        self._start = self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        """The instant it stands at, aware, in UTC."""
        return self._now

    def monotonic(self) -> float:
        """Seconds since the start."""
        return (self._now - self._start).total_seconds()

    async def sleep(self, seconds: float) -> None:
        """Only let others run: nobody waits for a clock that another moves."""
        await asyncio.sleep(0)

    def put(self, at: datetime) -> None:
        """Stand at `at` from now on; ValueError where that is earlier."""
        if at < self._now:
            raise ValueError("Time only goes forward.")
        self._now = at.astimezone(UTC)
