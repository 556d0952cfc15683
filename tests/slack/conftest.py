"""The room of the chat door, over both transports."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.slack import room as rooms


@pytest.fixture(params=["socket", "http"])
async def either(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[rooms.Room]:
    """A bot whose chat door stands open; the test runs once over each transport."""
    async with rooms.room(tmp_path, request.param) as one:
        yield one


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[rooms.Room]:
    """A bot whose chat door stands open by Socket Mode."""
    async with rooms.room(tmp_path) as one:
        yield one
