"""An incident's figures are kept while it goes on, and its pictures are made of what is kept: the same ever after."""

import io
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.contract.source import Delivery
from bot.engine import incident_picture, incident_sheets, intake, notes, respond
from bot.engine.incident_sheets import Sheets
from bot.engine.respond import Press, Verb
from bot.errors import NotFound
from bot.model.alert import Alert, Kind, Measure, Status
from bot.model.change import Serving
from bot.model.change_event import ChangeEvent
from bot.model.held import Cause, Hold
from bot.model.incident import Incident
from bot.model.served import Moved
from bot.store import change_events, log, moved
from tests.parts import migrated
from tests.story.engine_room import Room, opened
from tests.story.place import START

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with opened(tmp_path, migrated.sqlite(tmp_path)) as one:
        yield one


def psi(value: float, feature: str = "amount", **more: object) -> Measure:
    return replace(Measure("psi", value, 0.2, ">", sample_size=12_400, feature=feature), **more)  # type: ignore[arg-type]


async def tell(room: Room, *measures: Measure, status: Status = Status.FIRING, **more: object) -> Incident | None:
    """A monitor's word about the drift of churn."""
    facts = {"model": "churn", "version": "7", "environment": "production", "kind": Kind.DRIFT, "status": status}
    given = {"started_at": START, "measures": measures, **facts, **more}
    alert = Alert("webhook", "hook", "hook:drift", "Drift", **given)  # type: ignore[arg-type]
    arrived = [intake.Arrived("hook", Delivery((alert,)))]
    (receipt,) = await room.desk.store.write(lambda tx: intake.book(tx, room.desk, arrived, room.now))
    return await room.incident(min(receipt.incidents)) if receipt.incidents else None


async def press(room: Room, verb: Verb) -> None:
    await respond.take(room.desk, Press(verb, "INC-1", "person:ada", room.now, "cli"))


async def sheets(room: Room) -> Sheets:
    return await room.desk.store.read(lambda tx: incident_sheets.read(tx, room.desk, "INC-1"))


async def told(room: Room) -> None:
    """An incident of an hour: it drifts on, somebody deploys, takes it, another version serves, it recovers."""
    await tell(room, psi(0.31), psi(0.1, "age"))
    await room.pass_time(minutes=4)
    await press(room, Verb.ACKNOWLEDGE)
    for minute, value in ((10, 0.36), (20, 0.34), (30, 0.12)):
        await room.pass_time(minutes=(START + minute * MINUTE - room.now) / MINUTE)
        await tell(room, psi(value), psi(0.11, "age"))
    event = ChangeEvent("d1", "hook", START - 20 * MINUTE, "feature table v12", "ci", model="churn")
    late = replace(event, id="d2", at=START + 12 * MINUTE, summary="config reverted")
    old = replace(event, id="d3", at=START - timedelta(hours=3), summary="long ago")
    served = Moved("churn", START + 25 * MINUTE, Serving({"6": 100.0}), "platform:ops")
    await room.desk.store.write(lambda tx: change_events.add(tx, [event, late, old]))
    await room.desk.store.write(lambda tx: moved.add(tx, served))
    await room.pass_time(minutes=30)
    await tell(room, psi(0.05), status=Status.RESOLVED)


async def test_what_repeats_and_resolves_measured_is_kept_and_drawn(room: Room) -> None:
    await told(room)
    (amount, age) = (await sheets(room)).measured[0].lines
    assert (amount.name, age.name) == ("amount", "age")
    minutes = [(point.at - START) / MINUTE for point in amount.points]
    assert list(zip(minutes, (point.value for point in amount.points), strict=True)) == [
        *((0, 0.31), (10, 0.36), (20, 0.34), (30, 0.12), (60, 0.05))
    ]
    assert (amount.limit, amount.below) == (0.2, False)
    assert [point.value for point in age.points] == [0.1, 0.11, 0.11, 0.11]


async def test_what_happened_is_marked_in_order(room: Room) -> None:
    await told(room)
    found = (await sheets(room)).metric
    assert found is not None
    assert [(int((mark.at - START) / MINUTE), mark.told) for mark in found.marks] == [
        (-20, "elsewhere: feature table v12"),
        (0, "opened as sev2"),
        (4, "taken by ada"),
        (12, "elsewhere: config reverted"),
        (25, "6 serves"),
        (60, "resolved"),
    ]


async def test_each_finding_is_a_sentence_with_its_numbers(room: Room) -> None:
    await told(room)
    drift, metric, timeline = incident_picture.drawings(await sheets(room))
    assert drift.aloud == (
        "amount drifted most: psi 0.36 over a limit of 0.2, on 12,400 rows. Beyond their limit: 1 of 2 features."
    )
    assert metric.aloud.startswith(
        "psi amount: 0.31 at 23 Nov 03:38 (UTC), 0.36 at its highest, 0.05 at 04:38, within the limit of 0.2 again. "
        "Marked: "
    )
    assert timeline.aloud == (
        "INC-1 opened at 23 Nov 03:38 (UTC), taken after 4m by ada, resolved after 1h. "
        "Pages: 1 (people: 1). Changes: 0."
    )


async def test_once_it_is_over_the_pictures_stay_the_same(room: Room) -> None:
    pytest.importorskip("matplotlib")
    image = pytest.importorskip("PIL.Image")
    await told(room)
    first = await incident_picture.pictures(room.desk, "INC-1")
    assert [one.name for one in first] == ["INC-1-drift.png", "INC-1-metric.png", "INC-1-timeline.png"]
    assert all(image.open(io.BytesIO(one.png)).width == 1055 and one.alt for one in first)
    await room.clock.advance(timedelta(days=30))
    assert await incident_picture.pictures(room.desk, "1") == first
    assert await incident_picture.pictures(room.desk, "INC-1", "tr") != first


async def test_without_the_library_there_are_rows_of_bars(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    await told(room)
    monkeypatch.setitem(__import__("sys").modules, "matplotlib", None)
    assert await incident_picture.pictures(room.desk, "INC-1") == ()
    assert await incident_picture.sparklines(room.desk, "INC-1") == (
        "psi amount ▇██▂▁ 0.05 to 0.36, last 0.05 (limit 0.2)",
        "psi age ▁███ 0.1 to 0.11, last 0.11 (limit 0.2)",
    )


async def test_a_monitor_that_looked_earlier_than_it_was_heard_is_drawn_where_it_looked(room: Room) -> None:
    await tell(room, psi(0.31))
    await room.pass_time(minutes=30)
    await tell(room, psi(0.4), evaluated_at=START + 10 * MINUTE)
    await tell(room, psi(0.5), evaluated_at=START + timedelta(days=400))  # its clock is wrong
    (line,) = (await sheets(room)).measured[0].lines
    assert [(point.at, point.value) for point in line.points] == [
        (START, 0.31),
        (START + 10 * MINUTE, 0.4),
        (START + 30 * MINUTE, 0.5),
    ]


async def test_what_is_no_number_is_not_kept_and_an_entry_is_bounded(room: Room) -> None:
    await tell(room, psi(0.31))
    many = [psi(float(n), f"f{n}") for n in range(100)]
    await tell(room, psi(float("nan")), psi(float("inf")), Measure("psi"), *many)
    _, entry = await room.desk.store.read(lambda tx: log.of_kinds(tx.sql, "INC-1", {"alerts.received"}))
    assert 0 < len(entry.entry.after["measured"]) <= 24
    assert {type(one["measure"]["value"]) for one in entry.entry.after["measured"]} == {float}


async def test_an_incident_without_figures_has_its_story_alone(room: Room) -> None:
    await room.alert("it fails")
    (only,) = incident_picture.drawings(await sheets(room))
    assert only.kind == "timeline"
    assert await incident_picture.sparklines(room.desk, "INC-1") == ()
    with pytest.raises(NotFound):
        await incident_picture.pictures(room.desk, "INC-9")


async def test_few_rows_are_said_to_prove_little(room: Room) -> None:
    await tell(room, psi(0.31, sample_size=40))
    drift, _ = incident_picture.drawings(await sheets(room))
    assert "Chance alone reaches 0.423 on so few rows." in drift.aloud


async def test_drift_that_a_rule_held_back_because_of_it_is_drawn_with_it(room: Room) -> None:
    await tell(room, Measure("auc", 0.6, 0.7, "<", sample_size=900), kind=Kind.PERFORMANCE)
    assert (await sheets(room)).drift is None
    given = {"started_at": START, "kind": Kind.DRIFT, "status": Status.FIRING, "measures": (psi(7.18, "promo"),)}
    alert = Alert("webhook", "hook", "hook:promo", "promo drifted", **given)  # type: ignore[arg-type]
    for incident in ("INC-1", "INC-9"):
        hold = Hold(Cause.INHIBITION, "drift-behind-performance", "It is the same trouble.", incident=incident)
        entry = notes.held("retail", replace(alert, measures=(psi(7.18, incident),)), hold, room.now, "connection:hook")
        await room.desk.store.write(lambda tx, entry=entry: tx.note(entry))  # type: ignore[misc]
    found = (await sheets(room)).drift
    assert found is not None
    assert [(one.name, one.value, one.limit) for one in found.sorted] == [("INC-1", 7.18, 0.2)]
