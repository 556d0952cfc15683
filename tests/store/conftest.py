"""Stores on databases whose schema is up to date already."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from bot.engine import work
from bot.engine.desk import Desk
from bot.model.job import Lane
from bot.runbooks import Library
from bot.settings import Settings
from bot.store import Store
from bot.testing.clock import FakeClock
from tests.store.hired import Hire
from tests.store.made import START

Open = Callable[[], Awaitable[Store]]


@pytest.fixture
def url(migrated_url: str) -> str:
    """The test runs once on each engine."""
    return migrated_url


@pytest.fixture
def clock() -> FakeClock:
    """The time of the first store; other replicas may have their own."""
    return FakeClock(START)


@pytest_asyncio.fixture
async def opened() -> AsyncIterator[Callable[..., Awaitable[Store]]]:
    """`await opened(url, clock)`: a store that is closed afterwards; several on one address are replicas."""
    async with AsyncExitStack() as stack:

        async def start(address: str, clock: FakeClock) -> Store:
            store = await Store.open(address, clock=clock)
            stack.push_async_callback(store.close)
            return store

        yield start


@pytest_asyncio.fixture
async def store(url: str, clock: FakeClock, opened: Callable[..., Awaitable[Store]]) -> Store:
    """A store on either engine."""
    return await opened(url, clock)


@pytest_asyncio.fixture
async def replica(url: str, opened: Callable[..., Awaitable[Store]]) -> Store:
    """Another process's store on the same database; its clock is its own."""
    return await opened(url, FakeClock(START))


@pytest.fixture
def hire(store: Store, clock: FakeClock, tmp_path: Path) -> Hire:
    """`hire(handler)`: a worker that does the jobs of kind `work` by `handler`."""

    def new(handler: work.Handler | None, name: str = "me", slots: dict[Lane, int] | None = None) -> work.Worker:
        desk = Desk(store, clock, Settings(tmp_path, ""), Library())
        return work.Worker(desk, {"work": handler} if handler else {}, owner=name, slots=slots)

    return new
