"""On opening, an incident hears of past ones that are like it and of what ended them, if its readers may see those."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot import app, words
from bot.engine import annotate, likened, likeness, report, respond, work
from bot.model.alert import Kind, Measure
from bot.model.change_event import ChangeEvent
from bot.model.estate import Entity
from bot.model.job import Job, Lane
from bot.slack import off
from bot.store import change_events, log
from tests.story import engine_room
from tests.story.engine_room import Room
from tests.story.place import START

HOSTILE = "<!channel> {x} \u202e psi"


@pytest.fixture
async def room(tmp_path: Path, migrated_url: str) -> AsyncIterator[Room]:
    """Each story once over each database, with everything the engine does by itself."""
    async with engine_room.opened(tmp_path, migrated_url) as one:
        one.worker = work.Worker(one.desk, {**app.duties(one.desk), **off.HANDLERS}, owner="the room")
        yield one


async def drifted(room: Room, feature: str = "amount", title: str = "Feature drift", **facts: Any) -> str:
    """A monitor says that a feature of churn drifts; its incident."""
    measures = (Measure("psi", 0.31, 0.2, ">", feature=feature, breached=True),)
    incident = await room.alert(title, **{"kind": Kind.DRIFT, "measures": measures, **facts})
    await room.worker.drain()
    return incident.id


async def ended(room: Room, incident: str, note: str = "", by: str = "ada", minutes: int = 42) -> None:
    """Somebody notes something, and resolves it after a while."""
    await room.pass_time(minutes=minutes)
    said = f"person:{by}"
    if note:
        await annotate.add(room.desk, annotate.Note(incident, note, said, room.now, "cli"))
    await respond.take(room.desk, respond.Press(respond.Verb.RESOLVE, incident, said, room.now, "cli"))
    await room.clock.advance(timedelta(hours=30))


async def entries(room: Room, incident: str) -> list[dict[str, Any]]:
    """What was written of likenesses."""
    found = await room.desk.store.read(lambda tx: log.of_kinds(tx.sql, incident, (likeness.LIKENED,)))
    return [dict(one.entry.after) for one in found]


async def test_the_past_one_is_told_with_what_ended_it_once(room: Room) -> None:
    first = await drifted(room)
    await ended(room, first, "the table moved to cents")
    new = await drifted(room)
    assert new != first
    (entry,) = await entries(room, new)
    (said,) = entry["like"]
    assert said["incident"] == first
    assert {"kind": "feature", "names": ["amount"]} in said["reasons"]
    assert "note" not in str(entry), "what people wrote is not copied"
    view = await report.view(room.desk, new)
    assert [one.incident for one in view.likes] == [first]
    (found,) = await room.desk.store.read(lambda tx: likeness.alike(tx, view.likes))
    how = likened.how(found.ending, words.ENGLISH.likeness)
    assert how.startswith("resolved by ada after 42m, last note: “the table moved to cents”")
    assert likened.because(found.like, words.ENGLISH.likeness).startswith("same model churn, same feature amount")
    jobs = await room.desk.store.read(
        lambda tx: tx.sql.execute(text("SELECT key FROM jobs WHERE kind = 'likened'")).all()
    )
    assert [key for (key,) in jobs] == [f"likened/{new}"]
    handler = likeness.Likenesses(room.desk)
    again = await handler.look(_job(new))
    assert isinstance(again, work.Done)
    assert again.then is not None
    await room.desk.store.write(again.then)
    assert len(await entries(room, new)) == 1


async def test_nothing_is_written_where_nothing_is_alike(room: Room) -> None:
    first = await drifted(room)
    await ended(room, first)
    other = await drifted(room, "age", "Accuracy fell", kind=Kind.PERFORMANCE, model="price")
    assert await entries(room, other) == []
    assert (await report.view(room.desk, other)).likes == ()


async def test_what_is_open_is_none_of_the_past(room: Room) -> None:
    await drifted(room)
    beside = await drifted(room, model="price")
    assert await entries(room, beside) == []


async def test_only_what_readers_of_its_channel_see_is_compared(room: Room) -> None:
    estate = room.desk.settings.estate
    apart = {"retail": Entity("retail", "#ml-retail"), "market": Entity("market", "#ml-market")}
    shared, kept = room.desk.settings, replace(room.desk.settings, estate=replace(estate, entities=apart))
    first = await drifted(room, title="Timeouts of feature-gateway", model="price")
    await ended(room, first, by="dee")
    room.desk.settings = kept
    hidden = await drifted(room, title="Timeouts of feature-gateway")
    assert await entries(room, hidden) == []
    await ended(room, hidden)
    room.desk.settings = shared  # neither has a channel of its own, so everybody reads both
    seen = await drifted(room, title="Timeouts of feature-gateway")
    (entry,) = await entries(room, seen)
    assert [one["incident"] for one in entry["like"]] == [hidden, first]


async def test_a_false_alarm_and_what_ended_by_itself_are_said_to_be_that(room: Room) -> None:
    first = await drifted(room)
    press = respond.Press(respond.Verb.FALSE_ALARM, first, "person:bo", room.now, "cli", why="a test of the monitor")
    await respond.take(room.desk, press)
    await room.pass_time(hours=1)
    new = await drifted(room)
    (found,) = (await likeness.similar(room.desk, new))[1]
    said = likened.how(found.ending, words.ENGLISH.likeness)
    assert said == "a false alarm, said bo after 1m, “a test of the monitor”"
    alone = replace(found.ending, resolution="ended", by=None, why="", changes=(("CHG-3", "rollback", "6"),))
    assert likened.how(alone, words.ENGLISH.likeness) == "CHG-3 (rollback to 6), by itself after 1m"
    assert likened.how(alone, words.TURKISH.likeness) == "CHG-3 (rollback, sürüm 6), 1m sonra kendiliğinden"


async def test_a_change_shortly_before_both_is_told(room: Room) -> None:
    async def changed() -> None:
        at = room.now - timedelta(hours=1)
        event = ChangeEvent(at.isoformat(), "hook", at, "deploy", "ci", "churn", "retail")
        await room.desk.store.write(lambda tx: change_events.add(tx, [event]))

    await changed()
    first = await drifted(room)
    await ended(room, first)
    await changed()
    new = await drifted(room)
    (entry,) = await entries(room, new)
    assert entry["like"][0]["reasons"][-1] == {"kind": "change", "names": []}


async def test_hostile_words_are_data_all_the_way(room: Room) -> None:
    first = await drifted(room, HOSTILE, HOSTILE)
    await ended(room, first, HOSTILE)
    new = await drifted(room, HOSTILE, HOSTILE)
    (entry,) = await entries(room, new)
    assert entry["like"][0]["incident"] == first
    incident, found = await likeness.similar(room.desk, new)
    assert incident.id == new
    assert likened.how(found[0].ending, words.ENGLISH.likeness)
    _, broken = await room.desk.store.read(lambda tx: log.verify(tx.sql))
    assert broken == []


def _job(incident: str) -> Any:
    about = {"incident": incident}
    return Job(1, f"likeness/{incident}", likeness.KIND, Lane.DIGEST, START, about, 1, 1, 1, START)
