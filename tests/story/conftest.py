"""A place for each story, and the bot running in it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox.workspace import Workspace
from bot.testing.clock import FakeClock
from bot.testing.house import House
from tests.story import engine_room
from tests.story.engine_room import Room
from tests.story.place import CHANNELS, PEOPLE, START, Place


@pytest.fixture
def clock() -> FakeClock:
    """It stands at a night in November until it is moved."""
    return FakeClock(START)


@pytest.fixture
async def workspace(clock: FakeClock) -> AsyncIterator[Workspace]:
    """Everybody's Slack."""
    async with Workspace(clock=clock, people=PEOPLE, channels=CHANNELS) as one:
        yield one


@pytest.fixture
def place(tmp_path: Path, workspace: Workspace, clock: FakeClock, sqlite_url: str) -> Place:
    """A configuration over SQLite; nothing runs yet."""
    return Place(tmp_path, workspace, clock, sqlite_url)


@pytest.fixture
def any_place(tmp_path: Path, workspace: Workspace, clock: FakeClock, migrated_url: str) -> Place:
    """The same, once over each database."""
    return Place(tmp_path, workspace, clock, migrated_url)


@pytest.fixture
async def house(place: Place) -> AsyncIterator[House]:
    """The bot, running, with Slack by Socket Mode."""
    async with place.house() as one:
        yield one


@pytest.fixture(params=["socket", "http"])
async def either(request: pytest.FixtureRequest, place: Place) -> AsyncIterator[House]:
    """The bot, running; the test runs once with each of Slack's two transports."""
    async with place.house(http=request.param == "http") as one:
        yield one


@pytest.fixture
async def room(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Room]:
    """The engine alone, without any chat."""
    async with engine_room.opened(tmp_path, sqlite_url) as one:
        yield one


@pytest.fixture
async def any_room(tmp_path: Path, migrated_url: str) -> AsyncIterator[Room]:
    """The same, once over each database."""
    async with engine_room.opened(tmp_path, migrated_url) as one:
        yield one
