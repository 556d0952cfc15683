"""The only reader of the system clock; everywhere else time is an argument."""

import asyncio
import math
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

FASTEST = 3600
GRAIN = 1e-6  # seconds; the least a datetime can tell apart


class Clock(Protocol):
    """Tells the time and waits."""

    @property
    def name(self) -> str:
        """As the log says where a time comes from: system, still, fast."""
        ...

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

    name = "system"

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

    name = "still"

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


class FastClock:
    """Runs so many times as fast as the machine's, from the machine's present on: for whoever will not wait an hour."""

    name = "fast"

    def __init__(self, speed: float = 1.0, *, not_before: datetime | None = None, machine: Clock | None = None) -> None:
        """Starts at the machine's present, or at `not_before` where that is later: a world that ran fast is ahead.

        ValueError for a speed that is not above 0 and at most 3600, or a naive `not_before`.
        """
        if not_before is not None and not_before.tzinfo is None:
            raise ValueError("A clock starts at an aware time; give the start a timezone.")
        self._machine = machine or SystemClock()
        present = self._machine.now()
        self._start = max(present, not_before.astimezone(UTC)) if not_before else present
        self._speed = _speed(speed)
        self._mark, self._gone = self._machine.monotonic(), 0.0  # when the speed was set last; our seconds until then
        self._naps: set[asyncio.Future[None]] = set()

    @property
    def speed(self) -> float:
        """How many of its seconds pass in one of the machine's; may be set at any time."""
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        """The present stays what it is, and sleepers reckon anew; ValueError for what is no speed."""
        wanted = _speed(speed)
        self._gone, self._mark = self.monotonic(), self._machine.monotonic()
        self._speed = wanted
        for nap in self._naps:
            nap.cancel()

    def now(self) -> datetime:
        """The present, aware, in UTC."""
        return self._start + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        """Its own seconds since it was made."""
        return self._gone + (self._machine.monotonic() - self._mark) * self._speed

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds` of its time (none if negative)."""
        until = self.monotonic() + seconds
        left = max(0.0, seconds)
        while True:
            # Rounded up, so that nobody who asks for a second sees less than one gone by.
            nap = asyncio.ensure_future(self._machine.sleep(math.ceil(left / self._speed / GRAIN) * GRAIN))
            self._naps.add(nap)
            try:
                await asyncio.wait((nap,))
            finally:
                self._naps.discard(nap)
                nap.cancel()
            if (left := until - self.monotonic()) < GRAIN:
                return


def _speed(speed: float) -> float:
    if not 0 < speed <= FASTEST:
        raise ValueError(f"A clock runs above 0 and at most {FASTEST} times as fast as the machine's, not {speed:g}.")
    return float(speed)
