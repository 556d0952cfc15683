"""Rotas edited in the configuration: everybody whose shifts that moves is told once, and so is the team."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from bot.engine import roster
from tests.story import rota_room
from tests.story.place import START, Place
from tests.story.rota_room import ROTA, Scene
from tests.story.test_roster import replica


@pytest.fixture
async def scene(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Scene]:
    async with rota_room.opened(tmp_path, sqlite_url) as one:
        yield one


async def test_an_edit_tells_each_whose_shift_it_moves_and_their_team(scene: Scene) -> None:
    scene.room.change("config/estate.yaml", "{name: retail}", "{name: retail, channel: '#ml-retail'}")
    await scene.edit("members: [ada, bo, gus]", "members: [ada, gus, bo]")
    owed = await scene.owed()
    key = f"rota/{ROTA}/{scene.room.now.isoformat()}"
    assert sorted(owed) == [key, f"{key}/bo", f"{key}/gus"]
    assert owed[f"{key}/bo"]["text"] == (
        "The rota first-line was edited. Your next shift was from 2026-11-24 09:00 UTC until 2026-11-25 09:00 UTC; "
        "now: from 2026-11-23 03:38 UTC until 2026-11-23 09:00 UTC."
    )
    assert owed[key]["to"] == "channel:#ml-retail"
    assert owed[key]["text"].endswith("Within the next 14 days the shifts of bo, gus move.")
    assert [line.partition(":")[0] for line in owed[key]["lines"]] == ["bo", "gus"]


async def test_an_edit_that_takes_somebody_out_says_that_they_have_none(scene: Scene) -> None:
    await scene.edit("members: [ada, bo, gus]", "members: [ada, bo, null]")
    owed = await scene.owed()
    (gus,) = (each["text"] for key, each in owed.items() if key.endswith("/gus"))
    assert gus.endswith("now: none within 14 days.")


async def test_a_shift_that_outlasts_the_fortnight_is_told_to_its_real_end(scene: Scene) -> None:
    turns = "every: 1 day, members: [dee], from: '2026-12-06 09:00', until: '2026-12-07 09:00'"
    guest = f"{{name: guest, start: '2026-12-06 09:00', {turns}}}"
    await scene.edit("members: [ada, bo, gus]}", f"members: [ada, bo, gus]}}\n      - {guest}")
    told = {key.rpartition("/")[2]: each["text"] for key, each in (await scene.owed()).items()}
    span = "from 2026-12-06 09:00 UTC until 2026-12-07 09:00 UTC"
    assert told["dee"].endswith(f"Your next shift was none within 14 days; now: {span}.")
    assert told["bo"].endswith(f"Your next shift was {span}; now: none within 14 days.")


async def test_an_edit_that_moves_nothing_is_told_to_nobody(scene: Scene) -> None:
    await scene.edit("members: [ada, bo, gus]", "members: [ada, bo, gus], until: '2027-06-01 09:00'")
    assert scene.desk.settings.rotas[ROTA].past
    assert await scene.owed() == {}


async def test_what_is_edited_in_the_configuration_by_hand_is_told_once_by_all_replicas(
    tmp_path: Path, migrated_url: str
) -> None:
    async with rota_room.opened(tmp_path, migrated_url) as scene, AsyncExitStack() as stack:
        other, was = await replica(scene, stack), scene.desk.settings.overrides
        planned = "{kind: override, start: '2026-11-24 09:00', end: '2026-11-25 09:00', person: cy, replaces: bo}"
        await scene.edit("members: [ada, bo, gus]}", f"members: [ada, bo, gus]}}\n    overrides: [{planned}]")
        assert await scene.owed() == {}  # the form of the rota is what it was
        other.settings = scene.desk.settings
        for desk in (scene.desk, other):
            tell = partial(roster.edited, desk=desk, names=[], at=scene.room.now, was=was)
            await desk.store.write(tell)
            await scene.room.clock.advance(timedelta(seconds=5))
        assert sorted(key.rpartition("/")[2] for key in await scene.owed()) == [f"{START.isoformat()}", "bo", "cy"]


async def test_a_reload_tells_in_the_chat_whom_it_moves(place: Place) -> None:
    async with place.house() as house:
        place.change("config/rotas.yaml", "members: [ada]", "members: [bo]")
        await house.reload()
        await house.settle()
        assert [text.partition(". ")[0] for text in house.told("ada")] == ["The rota first-line was edited"]
        assert len(house.told("bo")) == 1
        assert house.told("dee") == []
        (said,) = house.told("#ml-oncall")
        assert "the shifts of ada, bo move" in said
        assert "ada: from" in said
        await house.reload()
        assert len(house.told("ada")) == 1


async def test_what_was_edited_while_the_bot_was_off_is_told_at_its_start(place: Place) -> None:
    async with place.house():
        pass
    place.change("config/rotas.yaml", "members: [ada]", "members: [bo]")
    async with place.house() as house:
        await house.settle()
        assert len(house.told("ada")) == 1
