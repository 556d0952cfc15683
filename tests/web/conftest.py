"""The bot behind its HTTP door, without a chat: what is asked here is asked over real HTTP."""

from collections.abc import AsyncIterator

import pytest

from bot.testing.house import House
from tests.story.conftest import any_place, any_room, clock, place, room, workspace
from tests.story.place import Place

__all__ = ["any_place", "any_room", "clock", "place", "room", "workspace"]


@pytest.fixture
async def house(place: Place) -> AsyncIterator[House]:
    """The bot, running."""
    place.change("config/tocsin.yaml", "mode: socket", "mode: off")
    async with place.house() as one:
        yield one
