"""Explain tells what the engine then does: the same pages, at the same moments, for whatever stands before."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import words
from bot.engine import explain, foresee, ladder, parts, respond
from bot.model.alert import Alert, Kind, Measure, Status
from bot.rules.episodes import Meaning
from bot.slack import lists, validate
from bot.store import incidents, jobs
from tests.story import noisy
from tests.story.engine_room import Room

SEVEN = (Kind.DRIFT, Kind.PERFORMANCE, Kind.DATA_QUALITY, Kind.FAILURE, Kind.LATENCY, Kind.SAFETY, Kind.DRIFT)
MODELS = ("churn", "price", "nobody-knows", None)
HOUR = ladder.MARKS[-1]
Page = tuple[timedelta, str, str, str]

said = st.fixed_dictionaries(
    {
        "name": st.sampled_from(("a", "b", "c")),
        "kind": st.sampled_from(list(Kind)),
        "model": st.sampled_from(("churn", "churn-v2", "price", "table", "nobody-knows", None)),
        "status": st.sampled_from((Status.FIRING, Status.FIRING, Status.FIRING, Status.RESOLVED, Status.NO_DATA)),
        "value": st.sampled_from((0.1, 0.6, 500.0)),
    }
)
acts = st.one_of(
    st.tuples(st.just("say"), st.lists(said, min_size=1, max_size=3)),
    st.tuples(st.just("pass"), st.sampled_from((1, 4, 11, 26, 61))),
    st.tuples(st.just("silence"), st.sampled_from(("churn", "price"))),
    st.tuples(st.just("answer"), st.sampled_from((respond.Verb.ACKNOWLEDGE, respond.Verb.RESOLVE))),
)


def made(room: Room, name: str, kind: Kind, model: str | None, status: Status, value: float) -> Alert:
    """An alert of one of a few problems, so that stories meet them again."""
    metric = "drift.share" if kind is Kind.DRIFT else "usd"
    measures = (Measure(metric, value),)
    ended = room.now if status is Status.RESOLVED else None
    title = f"{name}-{kind.value}-{model}"
    facts: dict[str, Any] = {"status": status, "measures": measures, "ended_at": ended, "started_inferred": True}
    return noisy.alert(room, title, kind, model, **facts)


async def act(room: Room, what: str, how: Any) -> None:
    """One thing that happens."""
    if what == "say":
        await noisy.deliver(room, *(made(room, **one) for one in how))
        await room.worker.drain()
    elif what == "pass":
        await room.pass_time(minutes=how)
    elif what == "silence":
        await noisy.silenced(room, "model", how)
    else:
        found = await room.desk.store.read(incidents.listing)
        for incident in found[:1]:
            await respond.take(room.desk, respond.Press(how, incident.id, "person:bo", room.now, "cli"))
        await room.worker.drain()


def expected(told: tuple[foresee.Told, ...], at: datetime) -> set[Page]:
    """The pages that the last word about each incident announces."""
    last: dict[object, foresee.Told] = {}
    for one in told:
        last[(one.path.group, one.path.runbook) if one.incident == foresee.DRAWN else one.incident] = one
    rungs = [rung for one in last.values() for rung in one.climb.rungs if rung.after <= HOUR]
    return {(p.due_at - at, p.person, p.channel, p.tier) for rung in rungs for p in rung.pages}


async def told_and_done(story: list[tuple[str, Any]], final: list[dict[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as home:
        async with noisy.opened(Path(home)) as room:
            for what, how in story:
                await act(room, what, how)
            await room.pass_time(seconds=1)  # what was decided before is told apart from what follows
            delivery = [made(room, **one) for one in final]
            at = room.now
            told = await explain.alerts(room.desk, delivery, at)
            known = {one.incident for one in told if one.incident and one.incident != foresee.DRAWN}
            touched = await noisy.deliver(room, *delivery) | known
            await room.pass_time(minutes=60)
            done = await noisy.paged(room, touched, at)
            assert expected(told, at) == done, [(one.meaning, one.meant, one.hold, one.incident) for one in told]


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(acts, max_size=8), st.lists(said, min_size=1, max_size=3))
def test_what_is_told_is_what_is_paged(story: list[tuple[str, Any]], final: list[dict[str, Any]]) -> None:
    asyncio.run(told_and_done(story, final))


@pytest.fixture
async def noisy_room(tmp_path: Path) -> AsyncIterator[Room]:
    """Every rule in force, and nothing has happened."""
    async with noisy.opened(tmp_path) as room:
        yield room


async def told(room: Room, *delivery: Alert) -> list[foresee.Told]:
    """What would become of them now; and nothing was written for it."""
    before = await room.desk.store.read(lambda tx: tx.sql.exec_driver_sql("SELECT count(*) FROM log").scalar_one())
    found = await explain.alerts(room.desk, delivery, room.now)
    after = await room.desk.store.read(lambda tx: tx.sql.exec_driver_sql("SELECT count(*) FROM log").scalar_one())
    assert (before, await room.desk.store.read(jobs.next_due)) == (after, await room.desk.store.read(jobs.next_due))
    return list(found)


async def test_the_chosen_runbook_and_why_each_other_is_not_it(noisy_room: Room) -> None:
    (one,) = await told(noisy_room, noisy.alert(noisy_room, "psi", Kind.DRIFT, measures=(Measure("drift.share", 0.6),)))
    passed = {each.runbook: each.why for each in one.path.passed}
    assert one.path.runbook == "drift-churn"
    assert passed["cost"] == "kind = cost fails: it is drift."
    assert passed["drift"] == "It matches with fewer conditions: 1, against 3 of drift-churn."
    assert passed["anything"] == "It matches with fewer conditions: 0, against 3 of drift-churn."
    assert one.path.group[0] == ("entity", "retail")
    assert (one.opens, one.meaning, one.meant) == (True, Meaning.NEW, "first seen")


async def test_who_is_paged_at_the_marks(noisy_room: Room) -> None:
    (one,) = await told(noisy_room, noisy.alert(noisy_room, "down"))
    shown = [(mark.after // timedelta(minutes=1), [(p.person, p.tier) for p in mark.paged]) for mark in one.marks]
    assert shown[:3] == [(0, [("ada", "L1")]), (5, []), (15, [("bo", "L2")])]
    assert shown[3][1] == [("cy", "L3"), ("ada", "L1")]  # 25 and 55 minutes after it opened
    assert one.marks[1].rung is one.climb.rungs[0]


async def test_quiet_hours_hold_the_first_page_until_they_are_over(noisy_room: Room) -> None:
    (one,) = await told(noisy_room, noisy.alert(noisy_room, "tokens", Kind.COST))
    assert one.climb.waits[0].startswith("Quiet hours (nights) for sev4 until 2026-11-23 04:20")
    assert one.climb.rungs[0].after == timedelta(minutes=42)
    assert [mark.rung for mark in one.marks[:3]] == [None, None, None]


async def test_what_holds_it_and_until_when(noisy_room: Room) -> None:
    await noisy.silenced(noisy_room, "model", "churn", 90)
    (one,) = await told(noisy_room, noisy.alert(noisy_room, "slow", Kind.LATENCY))
    assert one.hold
    assert (one.hold.by, one.hold.until) == ("SIL-1", noisy_room.now + timedelta(minutes=90))
    assert (one.climb, one.marks, one.incident) == (ladder.NOBODY, (), None)


async def test_a_cause_in_the_same_delivery_holds_what_follows_from_it(noisy_room: Room) -> None:
    slow, down = noisy.alert(noisy_room, "slow", Kind.LATENCY), noisy.alert(noisy_room, "down")
    one, two = await told(noisy_room, slow, down)
    assert one.hold
    assert one.hold.by == "outage"
    assert (two.hold, two.opens) == (None, True)


async def test_a_rule_in_shadow_is_only_told(noisy_room: Room) -> None:
    await noisy.silenced(noisy_room, "model", "churn", shadow=True)
    (one,) = await told(noisy_room, noisy.alert(noisy_room, "down"))
    assert one.hold is None
    assert one.shadows[0].startswith("In shadow: it would have been held by SIL-1 (ada: known)")


async def test_the_first_of_two_evaluations_is_held(noisy_room: Room) -> None:
    late = noisy.alert(noisy_room, "late", Kind.FRESHNESS)
    (one,) = await told(noisy_room, late)
    assert one.hold
    assert one.hold.cause == "unconfirmed"
    await noisy.deliver(noisy_room, late)
    (two,) = await told(noisy_room, late)
    assert (two.hold, two.opens, two.meant) == (None, True, "it was held until now, and is judged anew")


async def test_joining_raising_repeating_resolving_and_dropping(noisy_room: Room) -> None:
    room = noisy_room
    (id_,) = await noisy.deliver(room, mild := noisy.alert(room, "usd", Kind.COST, measures=(Measure("usd", 1.0),)))
    await room.worker.drain()
    dear = noisy.alert(room, "more", Kind.COST, measures=(Measure("usd", 500.0),))
    (one,) = await told(room, dear)
    assert (one.incident, one.joins, one.raises, one.opens) == (id_, True, True, False)
    assert one.climb.rungs[0].after == timedelta(0)  # sev2 waits for no quiet hours
    (two,) = await told(room, mild)
    assert (two.meaning, two.incident, two.joins) == (Meaning.REPEAT, id_, False)
    over = replace(mild, status=Status.RESOLVED, ended_at=room.now)
    (three,) = await told(room, over)
    assert (three.meaning, three.climb) == (Meaning.RESOLVE, ladder.NOBODY)
    (four,) = await told(room, replace(over, problem="never heard of"))
    assert (four.meaning, four.meant) == (Meaning.DROP, "a resolve of something unknown")


async def test_the_seventh_incident_of_an_entity_is_a_storm(noisy_room: Room) -> None:
    room = noisy_room
    delivery = [noisy.alert(room, f"{n}", kind, f"m{n}", entity="retail") for n, kind in enumerate(SEVEN)]
    found = await told(room, *delivery)
    assert [bool(one.storm) for one in found] == [False] * 6 + [True]
    assert found[-1].climb == ladder.NOBODY
    assert "More than 6 incidents of retail" in found[-1].storm


async def test_a_resolve_counts_where_only_another_runbook_counts(noisy_room: Room) -> None:
    down = noisy.alert(noisy_room, "down")
    (id_,) = await noisy.deliver(noisy_room, down)
    await noisy.deliver(noisy_room, replace(down, status=Status.RESOLVED, ended_at=noisy_room.now))
    assert not (await noisy_room.incident(id_)).open


async def test_an_incident_tells_what_would_differ_if_it_opened_now(noisy_room: Room) -> None:
    room = noisy_room
    (id_,) = await noisy.deliver(room, noisy.alert(room, "psi", Kind.DRIFT))
    found = await explain.incident(room.desk, id_, room.now)
    assert found.first
    assert (found.first.path.runbook, found.changes) == ("drift-churn", ())
    (room.home / "runbooks/drift-churn.md").unlink()
    room.reload()
    await noisy.silenced(room, "model", "churn")
    found = await explain.incident(room.desk, id_, room.now)
    changes = {one.what: (one.was, one.now) for one in found.changes}
    assert changes["runbook"] == ("drift-churn", "drift")
    assert changes["severity"] == ("sev2", "sev3")
    assert changes["held"] == ("", "Held by SIL-1 (ada: known).")
    assert found.revised


@pytest.mark.parametrize("w", words.LANGUAGES.values(), ids=lambda w: w.language)
async def test_every_part_can_be_said_in_every_language(noisy_room: Room, w: words.Words) -> None:
    room = noisy_room
    await noisy.silenced(room, "model", "price")
    delivery = [noisy.alert(room, f"{kind.value} <!channel>", kind, model) for kind in Kind for model in MODELS]
    for one in await told(room, *delivery):
        drawn = parts.alert(one, w)
        assert len(drawn) == 8
        assert all(part.title and part.lines and all(part.lines) for part in drawn), drawn
    (id_, *_) = await noisy.deliver(room, *delivery)
    found = await explain.incident(room.desk, id_, room.now)
    assert parts.incident(found, w)[0].title == w.explain.paged
    assert not validate.validate(lists.explained(found, w).payload(), "message")
