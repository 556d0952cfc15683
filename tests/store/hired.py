"""A worker of its own for a test."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from bot.engine import work
from bot.store import Store

Hire = Callable[..., work.Worker]  #: `hire(handler)`: a worker that does the jobs of kind `work` by `handler`


@asynccontextmanager
async def running(worker: work.Worker, store: Store) -> AsyncIterator[None]:
    """The worker in its loop, woken by its own process's jobs."""
    store.on_jobs.append(worker.wake)
    task = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        await worker.stop(0.1)
        await asyncio.wait_for(task, 30)
