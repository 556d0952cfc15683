"""A clock that stands still until a test moves it."""

import asyncio
import heapq
from datetime import datetime, timedelta

from bot.clock import StillClock

_PASSES = 25  # turns of the loop given to those who woke, before the clock moves on


class FakeClock(StillClock):
    """Stands at `start` until advanced; whoever sleeps by it wakes in the order of their due times."""

    def __init__(self, start: datetime) -> None:
        """`start` must be aware; inside it is UTC."""
        super().__init__(start)
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._count = 0

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock has been moved by `seconds`; nothing or less only lets others run."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._count += 1
        heapq.heappush(self._sleepers, (self.now() + timedelta(seconds=seconds), self._count, waiting))
        await waiting

    async def advance(self, by: float | timedelta) -> None:
        """Move on by seconds or a timedelta; each sleeper on the way wakes at its own instant and gets to run.

        Work in other threads is not waited for.
        """
        goal = self.now() + (by if isinstance(by, timedelta) else timedelta(seconds=by))
        if goal < self.now():
            raise ValueError("Time only goes forward.")
        await self._settle()
        while self._sleepers and self._sleepers[0][0] <= goal:
            due, _, waiting = heapq.heappop(self._sleepers)
            if not waiting.done():
                self.put(due)
                waiting.set_result(None)
                await self._settle()
        self.put(goal)
        await self._settle()

    @property
    def sleeping(self) -> int:
        """How many wait for this clock."""
        return sum(not waiting.done() for _, _, waiting in self._sleepers)

    async def _settle(self) -> None:
        for _ in range(_PASSES):
            await asyncio.sleep(0)
