"""The runbook's steps as a checklist: each tick is an entry, and the list is read from runbook and log alone."""

import pytest

from bot.engine import checklist, report, respond
from bot.errors import BadInput
from bot.model.alert import Kind, Status
from bot.model.checklist import Item
from bot.model.verb import Verb
from bot.model.verdict import Verdict
from tests.story.engine_room import Room


async def read(room: Room, incident: str) -> tuple[Item, ...]:
    return (await report.view(room.desk, incident, whole=True)).checklist


async def mark(room: Room, verb: Verb, incident: str, step: str, by: str = "ada") -> respond.Answer:
    return await respond.take(room.desk, respond.Press(verb, incident, f"person:{by}", room.now, "button", detail=step))


async def test_the_steps_of_the_runbook_come_filled_in_and_unticked(any_room: Room) -> None:
    incident = await any_room.alert("accuracy fell")
    items = await read(any_room, incident.id)
    assert [(item.step.number, item.step.text) for item in items] == [
        (1, "What changed last?"),
        (2, "Is accuracy fell known?"),
        (1, "Tell the owner of churn."),
    ]
    assert {item.step.section for item in items} == {"Check first"}
    assert all(item.ticked_by is None and item.ticked_at is None for item in items)


async def test_a_tick_says_who_and_when_and_can_be_taken_back(any_room: Room) -> None:
    room = any_room
    incident = await room.alert("accuracy fell")
    first, second, _ = (item.step.id for item in await read(room, incident.id))
    await mark(room, Verb.TICK, incident.id, first)
    at = room.now
    await room.pass_time(minutes=1)
    await mark(room, Verb.TICK, incident.id, second, by="bo")
    items = await read(room, incident.id)
    assert [(item.ticked_by, item.ticked_at) for item in items] == [("ada", at), ("bo", room.now), (None, None)]
    await mark(room, Verb.UNTICK, incident.id, first, by="bo")
    assert (await read(room, incident.id))[0].ticked_by is None
    await mark(room, Verb.TICK, incident.id, first, by="bo")
    assert (await read(room, incident.id))[0].ticked_by == "bo"


async def test_a_step_stays_itself_when_other_alerts_join_and_the_first_ones_end(room: Room) -> None:
    incident = await room.alert("accuracy fell")
    before = await read(room, incident.id)
    await mark(room, Verb.TICK, incident.id, before[1].step.id)
    assert (await room.alert("recall fell")).id == incident.id
    await room.alert("accuracy fell", status=Status.RESOLVED)
    after = await read(room, incident.id)
    assert [item.step for item in after] == [item.step for item in before]
    assert after[1].ticked_by == "ada"


async def test_a_step_stays_itself_when_an_older_incident_becomes_part_of_this_one(room: Room) -> None:
    older = await room.alert("late", kind=Kind.LATENCY)
    await room.pass_time(minutes=1)
    incident = await room.alert("accuracy fell")
    before = await read(room, incident.id)
    assert (await mark(room, Verb.MERGE, older.id, incident.id)).verdict is Verdict.GO
    assert await read(room, incident.id) == before
    assert await read(room, older.id) == ()


async def test_an_edited_runbook_shows_its_new_steps_and_keeps_the_ticks_of_the_others(room: Room) -> None:
    incident = await room.alert("accuracy fell")
    items = await read(room, incident.id)
    for item in items:
        await mark(room, Verb.TICK, incident.id, item.step.id)
    room.change("runbooks/anything.md", "1. What changed last?", "1. Who deployed last?")
    now = await read(room, incident.id)
    assert [item.ticked_by for item in now] == [None, "ada", "ada"]
    told = [each.entry.after["text"] for each in await room.log(incident.id) if each.entry.kind == "step.ticked"]
    assert "What changed last?" in told  # the log keeps the words of a step that has gone


async def test_a_runbook_that_has_gone_leaves_no_list_but_its_ticks_in_the_log(room: Room) -> None:
    incident = await room.alert("accuracy fell")
    step = (await read(room, incident.id))[0].step
    await mark(room, Verb.TICK, incident.id, step.id)
    (room.home / "runbooks/anything.md").rename(room.home / "runbooks/something.md")
    room.reload()
    assert await read(room, incident.id) == ()
    assert (await room.log(incident.id))[-1].entry.after["text"] == "What changed last?"


async def test_a_step_that_is_not_there_is_named_no_step(room: Room) -> None:
    incident = await room.alert("accuracy fell")
    with pytest.raises(BadInput, match="no such step"):
        await room.desk.store.read(lambda tx: checklist.find(tx, room.desk, incident, "nope"))
