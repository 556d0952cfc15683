"""A sender acknowledges, notes, tells of changes and asks: all of it in the transaction of its delivery."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.contract.source import Act, Delivery, Does
from bot.engine import annotate, inbox, intake, remote, report, respond
from bot.engine.respond import Answer, Press, Verb
from bot.model.alert import Alert, Kind, Status
from bot.model.change_event import ChangeEvent
from bot.model.incident import Incident, Phase
from bot.model.job import Job, Lane
from bot.model.verdict import Verdict
from bot.store import change_events, log, receipts
from bot.ticker import Tidy
from tests.story import engine_room
from tests.story.engine_room import Room

ACK = Act(Does.ACKNOWLEDGE, "hook:slow", "grafana\n<!channel>", "Looking.")


@pytest.fixture
async def room(tmp_path: Path, migrated_url: str) -> AsyncIterator[Room]:
    """The engine alone, once over each database."""
    async with engine_room.opened(tmp_path, migrated_url) as one:
        yield one


async def deliver(room: Room, **said: Any) -> tuple[intake.Receipt, remote.Beside]:
    """One delivery through `hook`."""
    arrived = [intake.Arrived("hook", Delivery(**said))]
    (taken,) = await room.desk.store.write(lambda tx: inbox.take_in(tx, room.desk, arrived))
    return taken


async def press(room: Room, verb: Verb, by: str, detail: str = "") -> Answer:
    return await respond.take(room.desk, Press(verb, "INC-1", f"person:{by}", room.now, "cli", detail=detail))


async def held_elsewhere(room: Room) -> Incident:
    """An incident that its monitor acknowledged a minute after Ada was paged."""
    await room.alert("slow")
    await room.pass_time(minutes=1)
    _, beside = await deliver(room, acts=(ACK,))
    assert beside.acted == 1
    return await room.incident("INC-1")


async def test_an_acknowledgement_stops_the_escalation_and_says_who_sent_it(room: Room) -> None:
    incident = await held_elsewhere(room)
    assert (incident.phase, incident.holder, incident.next_step_at) == (Phase.ACKNOWLEDGED, "connection:hook", None)
    await room.pass_time(hours=2)
    assert room.paged() == ["ada"]
    (entry,) = [each.entry for each in await room.log("INC-1") if each.entry.kind == "incident.acknowledged"]
    assert (entry.actor, entry.why, entry.after["as"]) == ("connection:hook", "Looking.", "grafana <!channel>")


async def test_it_counts_once_and_never_takes_it_from_a_person(room: Room) -> None:
    await room.alert("slow")
    await press(room, Verb.ACKNOWLEDGE, "ada")
    _, beside = await deliver(room, acts=(ACK, ACK))
    assert beside.acted == 2
    assert (await room.incident("INC-1")).holder == "ada"
    assert (await room.story("INC-1")).count("incident.acknowledged") == 1


async def test_new_triggers_page_nobody_while_it_is_held(room: Room) -> None:
    await held_elsewhere(room)
    await room.alert("slow")
    await room.alert("slower")
    await room.pass_time(hours=1)
    assert room.paged() == ["ada"]


@pytest.mark.parametrize("does", list(Does))
async def test_an_act_on_nothing_is_counted_as_none_and_kept_in_the_log(room: Room, does: Does) -> None:
    _, beside = await deliver(room, acts=(Act(does, "hook:unheard", "grafana", "Words."),))
    assert beside.acted == 0
    (entry,) = [each.entry for each in await room.log("hook:unheard")]
    assert (entry.kind, entry.actor, entry.after["as"]) == ("act.missed", "connection:hook", "grafana")


async def test_what_is_over_is_not_acknowledged_but_may_be_noted(room: Room) -> None:
    await room.alert("slow")
    await room.alert("slow", status=Status.RESOLVED)
    note = Act(Does.NOTE, "hook:slow", "cy@example.com", "It was the <!channel> table.")
    _, beside = await deliver(room, acts=(ACK, note))
    assert beside.acted == 1
    view = await report.view(room.desk, "INC-1", whole=True)
    assert view.incident.phase is Phase.RESOLVED
    (remark,) = view.notes
    assert (remark.text, remark.by, remark.via) == (note.text, "connection:hook", "connection")
    assert remark.author is None


async def test_a_problem_and_its_acknowledgement_may_come_in_one_delivery(room: Room) -> None:
    alert = Alert("webhook", "hook", "hook:slow", "slow", Status.FIRING, Kind.LATENCY, room.now, model="churn")
    receipt, beside = await deliver(room, alerts=(alert,), acts=(ACK,))
    assert (receipt.new, beside.acted) == (1, 1)
    assert (await room.incident("INC-1")).held_elsewhere
    await room.pass_time(hours=1)
    assert room.paged() == []  # its page had not gone out


async def test_a_copy_of_a_delivery_acts_no_second_time(room: Room) -> None:
    await room.alert("slow")
    first, second = [await deliver(room, id="d-1", acts=(ACK,)) for _ in range(2)]
    assert (first[1].acted, second[0].copy, second[1].acted) == (1, True, 0)


async def test_a_person_takes_it_over(room: Room) -> None:
    await held_elsewhere(room)
    answer = await press(room, Verb.ACKNOWLEDGE, "bo")
    assert (answer.verdict, answer.incident.holder) == (Verdict.GO, "bo")
    again = await press(room, Verb.ACKNOWLEDGE, "ada")
    assert again.verdict is Verdict.ALREADY


async def test_a_person_hands_it_over_snoozes_it_and_is_woken(room: Room) -> None:
    await held_elsewhere(room)
    handed = await press(room, Verb.HAND_OVER, "ada", "person:bo")
    assert (handed.verdict, handed.incident.holder) == (Verdict.GO, None)
    await deliver(room, acts=(ACK,))
    assert (await room.incident("INC-1")).held_elsewhere
    await press(room, Verb.SNOOZE, "cy", "30")
    _, beside = await deliver(room, acts=(ACK,))
    assert (beside.acted, (await room.incident("INC-1")).holder) == (1, "cy")
    await room.pass_time(minutes=31)
    assert room.paged() == ["ada", "cy"]


@pytest.mark.parametrize("verb", [Verb.ESCALATE, Verb.PAGE, Verb.RESOLVE, Verb.FALSE_ALARM, Verb.NOTE])
async def test_every_other_verb_works_on_it(room: Room, verb: Verb) -> None:
    await held_elsewhere(room)
    detail = {Verb.PAGE: "person:bo", Verb.NOTE: "Seen."}.get(verb, "")
    answer = await press(room, verb, "ada", detail)
    assert answer.verdict is Verdict.GO, answer
    assert "None" not in answer.sentence


async def test_its_monitor_resolves_it(room: Room) -> None:
    await held_elsewhere(room)
    await room.alert("slow", status=Status.RESOLVED)
    assert (await room.incident("INC-1")).phase is Phase.RESOLVED


async def test_it_is_drawn_as_held(room: Room) -> None:
    await held_elsewhere(room)
    view = await report.view(room.desk, "INC-1")
    assert (view.holder, view.waiting_for, view.next_step) == (None, (), None)


async def test_how_it_stands_is_told_of_what_was_asked(room: Room) -> None:
    _, beside = await deliver(room, asks=("hook:slow",))
    assert beside.standings == {}
    await held_elsewhere(room)
    await room.alert("slow", started_inferred=True)
    standing = (await deliver(room, asks=("hook:slow", "hook:other")))[1].standings["hook:slow"]
    assert (standing.incident, standing.phase, standing.holder) == ("INC-1", "acknowledged", "connection:hook")
    assert (standing.title, standing.firing, standing.repeats, standing.priority) == ("slow", True, 1, "sev2")
    await room.alert("slow", status=Status.RESOLVED)
    standing = (await deliver(room, asks=("hook:slow",)))[1].standings["hook:slow"]
    assert (standing.firing, standing.phase) == (False, "resolved")


async def test_what_became_of_a_request_is_told_for_a_day(room: Room) -> None:
    await room.alert("slow")
    await deliver(room, acts=(ACK,), keep_as="r-1")
    kept = (await deliver(room, look_up="r-1"))[1].earlier
    assert kept is not None
    assert (kept["did"], kept["problems"], kept["acted"]) == (["acknowledge"], ["hook:slow"], 1)
    assert (await deliver(room, look_up="r-2"))[1].earlier is None
    await room.pass_time(hours=24)
    assert (await deliver(room, look_up="r-1"))[1].earlier is None
    assert await room.desk.store.write(receipts.prune) == 1


def changes(room: Room, *each: tuple[str, timedelta, str | None]) -> Sequence[ChangeEvent]:
    return [ChangeEvent(s, "hook", room.now - ago, s, "ci", model) for s, ago, model in each]


async def shown(room: Room, incident: str) -> list[str]:
    return [each.summary for each in (await report.view(room.desk, incident)).changes]


async def test_an_incident_shows_what_was_changed_before_it(room: Room) -> None:
    hour = timedelta(hours=1)
    told = changes(
        room,
        ("too old", 25 * hour, "churn"),
        ("deploy v5", 6 * hour, "churn"),
        ("deploy v6", 5 * hour, "churn-v2"),  # an alias
        ("deploy v7", 2 * hour, "churn"),
        ("other model", hour, "price"),
        ("after", -hour, "churn"),
    )
    whole = replace(told[0], id="entity", at=room.now - hour, summary="new region", model=None, entity="retail")
    await deliver(room, changes=(*told, whole))
    incident = await room.alert("slow")
    assert await shown(room, incident.id) == ["new region", "deploy v7", "deploy v6"]
    assert room.paged() == []


async def test_a_change_finds_its_model_by_its_source(room: Room) -> None:
    (change,) = changes(room, ("retrained", timedelta(hours=1), None))
    await deliver(room, changes=(replace(change, source="churn"),))
    await deliver(room, changes=(replace(change, source="churn", summary="the same once more"),))
    assert await shown(room, (await room.alert("slow")).id) == ["retrained"]


async def test_changes_are_kept_for_ninety_days(room: Room) -> None:
    await deliver(room, changes=changes(room, ("deploy", timedelta(0), "churn")))
    await room.pass_time(days=89)
    assert await room.desk.store.write(change_events.prune) == 0
    await room.pass_time(days=1)
    tidied = await Tidy(room.clock).tidy(Job(1, "tidy/1", "tidy", Lane.DIGEST, room.now, {}, 0, 0, 0, room.now))
    assert tidied.then is not None
    await room.desk.store.write(tidied.then)
    assert await room.desk.store.write(change_events.prune) == 0
    assert not await room.desk.store.read(lambda tx: tx.sql.exec_driver_sql("SELECT 1 FROM change_events").all())


async def test_changes_and_questions_alone_leave_no_entry(room: Room) -> None:
    await deliver(room, changes=changes(room, ("deploy", timedelta(0), "churn")), asks=("hook:x",), keep_as="r")
    assert await room.desk.store.read(lambda tx: log.verify(tx.sql)) == (0, [])


async def test_an_endless_note_is_cut(room: Room) -> None:
    await room.alert("slow")
    await deliver(room, acts=(Act(Does.NOTE, "hook:slow", "x" * 500, "y" * 50_000),))
    (remark,) = (await report.view(room.desk, "INC-1", whole=True)).notes
    assert len(remark.text) == annotate.LONGEST
