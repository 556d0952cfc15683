"""The figures of a span are read from what happened: over both databases, by entity, team, model and monitor."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import app, telemetry
from bot.engine import figures, respond, work
from bot.engine.figures import About, Report
from bot.errors import NotFound
from bot.model.alert import Status
from bot.slack import off
from tests.story import engine_room
from tests.story.engine_room import Room
from tests.story.place import START

DAY = timedelta(days=1)


@pytest.fixture
async def room(tmp_path: Path, migrated_url: str) -> AsyncIterator[Room]:
    """Each story once over each database, with everything the engine does by itself."""
    async with engine_room.opened(tmp_path, migrated_url) as one:
        one.worker = work.Worker(one.desk, {**app.duties(one.desk), **off.HANDLERS}, owner="the room")
        yield one


async def opened(room: Room, title: str, **facts: Any) -> str:
    """An incident opens, and whoever is due is paged."""
    incident = await room.alert(title, **facts)
    await room.pass_time(seconds=1)
    return incident.id


async def press(room: Room, verb: respond.Verb, incident: str, by: str = "ada", why: str = "") -> None:
    """Somebody answers."""
    await respond.take(room.desk, respond.Press(verb, incident, f"person:{by}", room.now, "cli", why=why))
    await room.worker.drain()


async def week(room: Room) -> datetime:
    """One that is answered and resolved, one that ends by itself, one that is false, one still open; the end of it."""
    one = await opened(room, "Rows are missing", started_at=room.now - timedelta(minutes=5))
    await room.pass_time(minutes=4)
    await press(room, respond.Verb.ACKNOWLEDGE, one)
    await room.pass_time(minutes=56)
    await press(room, respond.Verb.RESOLVE, one)
    two = await opened(room, "Nothing to see", started_inferred=True)
    await room.alert("Nothing to see", status=Status.RESOLVED)
    await room.pass_time(hours=2)
    assert not (await room.incident(two)).open
    three = await opened(room, "A test", model="price", started_inferred=True)
    await press(room, respond.Verb.FALSE_ALARM, three, "dee", "a test")
    await opened(room, "Prices are stale", model="price", started_inferred=True)
    return room.now + timedelta(seconds=1)


async def told(room: Room, end: datetime, **about: str) -> Report:
    """The report of the day."""
    return await figures.report(room.desk, About(**about), START, end)


async def test_what_happened_is_counted_as_the_page_says(room: Room) -> None:
    end = await week(room)
    now = (await told(room, end)).now
    assert (now.incidents, now.open, now.closed, now.ended) == (4, 1, 3, 1)
    assert (now.useful, now.noise, now.unknown) == (1, 2, 1)
    assert (now.detect.count, now.detect.median) == (1, 300.0)
    assert (now.acknowledge.count, now.waiting, now.unanswered) == (2, 1, 1)
    assert now.resolve.count == 2
    assert now.pages >= 3
    assert now.monitors[0].name == "hook"
    assert [one.person for one in now.people] == sorted(one.person for one in now.people)
    before = (await figures.report(room.desk, About(), end, end + DAY)).before
    assert before.incidents == 4, "the span before the next day is this one"


async def test_it_is_narrowed_by_each_of_the_four(room: Room) -> None:
    end = await week(room)
    by = {
        "entity": (await told(room, end, entity="market")).now,
        "model": (await told(room, end, model="price")).now,
        "alias": (await told(room, end, model="churn-v2")).now,
        "monitor": (await told(room, end, monitor="hook")).now,
    }
    assert {name: one.incidents for name, one in by.items()} == {"entity": 2, "model": 2, "alias": 2, "monitor": 4}
    assert sum(one.pages for one in (by["model"], by["alias"])) == by["monitor"].pages
    team = (await told(room, end, team="price-ml")).now
    assert team.incidents >= 2
    assert (await told(room, end, entity="market", model="churn")).now.incidents == 0


@pytest.mark.parametrize(
    ("about", "near"),
    [
        ({"entity": "retial"}, "retail"),
        ({"model": "chrun"}, "churn"),
        ({"team": "price-lm"}, "price-ml"),
        ({"monitor": "hok"}, "hook"),
    ],
)
async def test_what_is_called_by_no_name_is_answered_with_the_nearest(
    room: Room, about: dict[str, str], near: str
) -> None:
    await opened(room, "Rows are missing")
    with pytest.raises(NotFound, match=near):
        await told(room, START + DAY, **about)


async def test_the_metrics_tell_of_everything_and_of_each_entity(room: Room) -> None:
    await week(room)
    await figures.measure(room.desk, room.now + timedelta(seconds=1))
    read = telemetry.REGISTRY.get_sample_value
    asked = {"entity": "retail", "to": "detect", "stat": "median"}
    assert read("tocsin_incident_seconds", asked) == 300.0
    assert read("tocsin_incident_seconds", asked | {"entity": "market"}) is None
    assert read("tocsin_alert_precision", {"entity": "retail"}) == 0.5
    assert read("tocsin_alert_precision", {"entity": "market"}) == 0.0
    assert read("tocsin_night_pages", {"entity": ""}) is not None
