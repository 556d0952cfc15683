"""What somebody bore counts by what the rota was then, and by the pages that were sent to them."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.engine import burden, yesterday
from bot.model.alert import Kind
from bot.model.rota import Amendment, Override
from bot.store import overrides
from tests.story import engine_room
from tests.story.engine_room import Room
from tests.story.place import START

MORNING = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
async def room(tmp_path: Path, migrated_url: str) -> AsyncIterator[Room]:
    """Over each database."""
    async with engine_room.opened(tmp_path, migrated_url) as one:
        yield one


async def figures(room: Room, start: datetime, end: datetime) -> dict[str, tuple[float, float, int, int]]:
    """Hours, nights, pages and pages by night, by person."""
    rota = room.desk.settings.rotas["first-line"]
    found = await room.desk.store.read(lambda tx: burden.figures(tx, room.desk, rota, start, end))
    return {one.person: (one.hours, one.nights, one.pages, one.night_pages) for one in found}


async def test_pages_by_night_and_by_day_count_for_whoever_was_on_call(room: Room) -> None:
    await room.alert("it fails at night")  # 03:38; ada has two ways, of which one is connected
    await room.pass_time(minutes=45)  # then bo and cy, who are not on call, and everybody again
    await room.pass_time(hours=10)
    await room.alert("it fails by day", model="price", kind=Kind.LATENCY)
    await room.pass_time(minutes=5)
    found = await figures(room, START, START + timedelta(hours=24))
    assert found.keys() == {"ada"}
    _, _, pages, by_night = found["ada"]
    sent = [call for call in room.pagers["slack"].sent if call.person.name == "ada"]
    assert pages == len({(call.page.incident, call.page.step) for call in sent})
    assert by_night == len({call.page.id for call in sent if call.at.hour < 7})
    assert 0 < by_night < pages


async def test_an_edit_of_tomorrow_leaves_what_was_borne_and_a_stand_in_bears_it(room: Room) -> None:
    await yesterday.remember(room.desk)
    await room.pass_time(hours=24)
    edited = room.now
    room.change("config/rotas.yaml", "members: [ada]", "members: [bo]")
    await yesterday.remember(room.desk)
    stand_in = Override("o-1", "first-line", Amendment.OVERRIDE, edited, edited + timedelta(hours=6), "cy", "bo")
    await room.desk.store.write(lambda tx: overrides.add(tx, stand_in))
    found = await figures(room, START, edited + timedelta(hours=24))
    assert {person: hours for person, (hours, *_) in found.items()} == {"ada": 24.0, "bo": 18.0, "cy": 6.0}
    assert set(await figures(room, START, edited)) == {"ada"}
