"""Retrains nobody asks for: a runbook proposes one when a model drifts, the clock one every so often; people decide."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot import ticker
from bot.contract.trainer import Going, Run
from bot.engine import respond, retrain_schedule, retrain_trigger, retrain_turn, retrain_unasked
from bot.errors import NotDelivered
from bot.model.alert import Kind
from bot.model.change import Change, Lever, Step
from bot.model.entry import Entry
from bot.model.estate import Model
from bot.model.retraining import Phase, Policy, Training
from bot.model.trial import Finding
from bot.model.verb import Verb
from bot.model.verdict import Verdict
from bot.store import jobs, trainings
from tests.story import forging, trying
from tests.story.forging import Smithy
from tests.story.place import START
from tests.story.trying import DAY

HOUR = timedelta(hours=1)
ISTANBUL = "Europe/Istanbul"
PROPOSES = "approval: one, propose: true"


@pytest.fixture
async def smithy(tmp_path: Path, migrated_url: str) -> AsyncIterator[Smithy]:
    """Each story once over each database; the runbook has drifting models retrained."""
    async with forging.opened(tmp_path, migrated_url) as one:
        proposes(one)
        yield one


@pytest.fixture
async def here(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Smithy]:
    """The same over SQLite alone."""
    async with forging.opened(tmp_path, sqlite_url) as one:
        proposes(one)
        yield one


@pytest.fixture
async def weekly(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Smithy]:
    """Churn is retrained every week."""
    async with forging.opened(tmp_path, sqlite_url, f"{forging.POLICY}, every: 7d") as one:
        yield one


def proposes(smithy: Smithy, more: str = "") -> None:
    """The runbook does, and offers `more`."""
    before, after = "  retrain: {approval: one}\n", f"  retrain: {{{PROPOSES}}}\n{more}"
    smithy.scene.write("runbooks/anything.md", before, after)


def evaluates(smithy: Smithy) -> None:
    """The runbook has its model evaluated by itself, too."""
    smithy.scene.write("runbooks/anything.md", "  promote:", "  evaluate: {approval: none}\n  promote:")


async def opens(smithy: Smithy, kind: Kind = Kind.DRIFT, title: str = "it drifts", **facts: object) -> str:
    """An incident opens, and what follows at once is done; its id."""
    incident = await smithy.scene.room.alert(title, kind=kind, **facts)
    await smithy.bench.drain()
    return incident.id


async def ends(smithy: Smithy, incident: str, verb: Verb = Verb.RESOLVE) -> None:
    """Somebody resolves it."""
    press = respond.Press(verb, incident, "person:eve", smithy.bench.now, "cli")
    assert (await respond.take(smithy.desk, press)).verdict is Verdict.GO


async def retrains(smithy: Smithy) -> list[Change]:
    """Every retrain that was ever proposed, oldest first."""
    return [one for one in reversed(await smithy.scene.all()) if one.plan.lever is Lever.RETRAIN]


async def spared(smithy: Smithy, subject: str) -> list[Entry]:
    """What tells that none was proposed."""
    return await smithy.bench.entries(subject, retrain_unasked.SPARED)


async def ended(smithy: Smithy) -> None:
    """A run of churn that ended well a moment ago."""
    change = (await smithy.propose()).change
    assert change is not None
    await smithy.scene.vote(change, verb="withdraw", by="person:ada")
    now = smithy.bench.now
    run = Training(change.id, now, True, model="churn", entity="retail", connection="shelf", asked_at=now)
    run = replace(run, phase=Phase.ENDED, started_at=now)
    await smithy.desk.store.write(lambda tx: trainings.add(tx, run))


@pytest.mark.parametrize("kind", [Kind.DRIFT, Kind.PERFORMANCE])
async def test_a_model_that_drifts_is_to_be_retrained_by_its_runbook(smithy: Smithy, kind: Kind) -> None:
    incident = await opens(smithy, kind)
    (made,) = await retrains(smithy)
    assert (made.requested_by, made.incident, made.step, made.needs) == ("tocsin", incident, Step.PROPOSED, 1)
    assert made.why == f"The runbook anything asks for it: {incident} opened ({kind.value})."
    (entry,) = await smithy.bench.entries(made.id, "change.proposed")
    assert (entry.actor, entry.after["via"]) == ("tocsin", "runbook")
    assert smithy.hearth.begun == []  # people decide


@pytest.mark.parametrize("kind", [Kind.FAILURE, Kind.DATA_QUALITY, Kind.LATENCY])
async def test_other_troubles_are_none_of_its_business(here: Smithy, kind: Kind) -> None:
    await opens(here, kind)
    assert await here.bench.waiting.owed(retrain_trigger.KIND) == []


async def test_a_runbook_that_only_offers_it_waits_for_a_person(here: Smithy) -> None:
    here.scene.write("runbooks/anything.md", PROPOSES, "approval: one")
    await opens(here)
    assert await here.bench.waiting.owed(retrain_trigger.KIND) == []


async def test_one_that_has_no_policy_is_told_of_and_never_retrained(here: Smithy) -> None:
    incident = await opens(here, model="price")
    (entry,) = await spared(here, incident)
    assert "price has no `retrain` in config/estate.yaml." in entry.why
    assert [one.after["incident"] for one in await spared(here, "price")] == [incident]
    assert await retrains(here) == []


async def test_one_is_enough_for_an_incident_whatever_became_of_it(smithy: Smithy) -> None:
    incident = await opens(smithy)
    (made,) = await retrains(smithy)
    await smithy.scene.vote(made, verb="reject")
    found = await smithy.scene.room.incident(incident)
    wishes = list(retrain_trigger.wanted(smithy.desk, [found], smithy.bench.now))
    await smithy.desk.store.write(lambda tx: jobs.put(tx, *wishes))
    await smithy.bench.drain()
    assert [one.id for one in await retrains(smithy)] == [made.id]
    assert await spared(smithy, incident) == []


async def test_what_somebody_asked_for_is_not_asked_for_twice(here: Smithy) -> None:
    evaluates(here)
    incident = await opens(here)  # the runbook's trial comes first
    assert (await here.propose(incident=incident)).verdict is Verdict.GO
    await here.later(minutes=5)
    assert [one.requested_by for one in await retrains(here)] == ["ada"]


async def test_a_version_that_is_there_and_does_better_is_better_than_a_run(smithy: Smithy) -> None:
    evaluates(smithy)
    incident = await opens(smithy)
    await smithy.later(minutes=3)
    assert await retrains(smithy) == []
    (entry,) = await spared(smithy, incident)
    assert entry.why == "No retrain of churn is proposed: 6 is there already, and does better (TRL-1)."
    assert (entry.after["trial"], entry.after["version"]) == ("TRL-1", "6")


async def test_a_trial_that_found_nothing_better_leads_to_a_run(smithy: Smithy) -> None:
    evaluates(smithy)
    smithy.shelf.there = [one for one in smithy.shelf.there if one.id != "6"]
    incident = await opens(smithy)
    await smithy.later(minutes=3)
    (trial,) = await smithy.bench.all()
    assert trying.card(trial).finding is not Finding.BETTER
    assert [one.incident for one in await retrains(smithy)] == [incident]


async def test_one_that_does_better_and_fails_the_gate_is_none(here: Smithy) -> None:
    here.scene.write("runbooks/anything.md", PROPOSES, f"{PROPOSES}, gate: {{metric: auc, at_least: 0.99}}")
    evaluates(here)
    await opens(here)
    await here.later(minutes=3)
    assert trying.card((await here.bench.all())[0]).finding is Finding.BETTER
    assert len(await retrains(here)) == 1


async def test_a_trial_that_never_ends_is_waited_for_two_hours(here: Smithy) -> None:
    evaluates(here)
    here.bench.arrays.hold = asyncio.Event()
    incident = await here.scene.room.alert("it drifts", kind=Kind.DRIFT)
    await here.bench.ask("person:ada", incident=incident.id)  # its making is nobody's here: the job is taken away
    await here.scene.sql("DELETE FROM jobs WHERE kind IN ('trial', 'trial-wanted')")
    await here.later(minutes=115)
    assert await retrains(here) == []
    await here.later(minutes=10)
    assert [one.incident for one in await retrains(here)] == [incident.id]


async def test_a_trial_that_is_not_to_be_had_keeps_it_for_minutes(here: Smithy) -> None:
    evaluates(here)
    here.desk.labs.clear()
    incident = await opens(here)
    assert await retrains(here) == []
    await here.later(minutes=11)
    assert [one.incident for one in await retrains(here)] == [incident]


@pytest.mark.parametrize("verb", [Verb.RESOLVE, Verb.FALSE_ALARM])
async def test_an_incident_that_is_over_asks_for_nothing(here: Smithy, verb: Verb) -> None:
    incident = await here.scene.room.alert("it drifts", kind=Kind.DRIFT)
    await ends(here, incident.id, verb)
    await here.later(minutes=5)
    assert await retrains(here) == []
    assert await spared(here, incident.id) == []


async def test_a_suspicion_is_not_enough_until_it_is_confirmed(here: Smithy) -> None:
    incident = await opens(here, labels={"drift.verdict": "Suspected"})
    await here.later(minutes=20)
    assert await retrains(here) == []
    joined = await opens(here, title="it drifts for sure", labels={"drift.verdict": "confirmed"})
    await here.later(minutes=2)
    assert joined == incident
    assert [one.incident for one in await retrains(here)] == [incident]


async def test_a_suspicion_that_nothing_confirms_is_told_of(here: Smithy) -> None:
    incident = await opens(here, labels={"drift.verdict": "suspected"})
    await here.later(minutes=125)
    (entry,) = await spared(here, incident)
    assert "only suspected" in entry.why
    assert await retrains(here) == []


async def test_while_another_is_under_way_it_waits_and_then_says_that_it_did(here: Smithy) -> None:
    first = await here.propose()
    assert first.change is not None
    incident = await opens(here)
    assert await spared(here, incident) == []
    assert await here.scene.refusals() == []  # it looks before it asks
    await here.scene.vote(first.change, verb="withdraw", by="person:ada")
    await here.later(minutes=11)
    assert [one.requested_by for one in await retrains(here)] == ["ada", "tocsin"]


async def test_a_run_of_others_that_never_ends_is_given_up(here: Smithy) -> None:
    here.hearth.others.append(Run("nightly-17", Going.RUNNING))
    incident = await opens(here)
    await here.scene.room.pass_time(hours=6)
    (entry,) = await spared(here, incident)
    assert "nightly-17" in entry.why
    assert here.hearth.called.count("running") == 1 + len(retrain_unasked.AGAIN)
    assert await retrains(here) == []


async def test_a_trainer_that_is_silent_is_asked_again(here: Smithy) -> None:
    here.hearth.faults["running"] = [NotDelivered("nobody is there"), RuntimeError("its plugin broke")]
    incident = await opens(here)
    assert await retrains(here) == []
    await here.scene.room.pass_time(hours=1)
    assert [one.incident for one in await retrains(here)] == [incident]


async def test_a_pause_is_waited_for_and_a_long_one_is_told_of(here: Smithy) -> None:
    await ended(here)
    await here.scene.room.clock.advance(6 * HOUR)
    incident = await opens(here)
    assert await retrains(here) != []  # the one that was withdrawn
    await here.scene.room.pass_time(hours=17)
    assert [one.incident for one in await retrains(here)] == [None]
    await here.scene.room.pass_time(hours=2)
    assert [one.incident for one in await retrains(here)] == [None, incident]
    here.scene.write("config/estate.yaml", "cooldown: 1d", "cooldown: 9d")
    await ends(here, incident)
    other = await opens(here, title="it drifts again")
    (entry,) = await spared(here, other)
    assert "it rests for" in entry.why


async def test_no_clean_data_is_no_reason_to_wait(here: Smithy) -> None:
    here.scene.write("config/estate.yaml", "window: 30d", "window: 1h")
    await opens(here, Kind.DATA_QUALITY, "its data is broken")
    await here.scene.room.clock.advance(2 * HOUR)
    here.scene.write("runbooks/anything.md", "match: {}", "match: {}\ngroup_by: [title]")
    incident = await opens(here)
    (entry,) = await spared(here, incident)
    assert "no clean data" in entry.why


async def test_nobody_who_may_agree_is_told_of_at_once(here: Smithy) -> None:
    here.scene.write("config/estate.yaml", '    approvers: ["team:churn-ml"]\n', "")
    incident = await opens(here)
    (entry,) = await spared(here, incident)
    assert entry.after["wanted"].startswith("The runbook anything asks for it")
    assert await retrains(here) == []


async def test_the_trainer_is_handed_what_the_runbook_says(here: Smithy) -> None:
    said = "parameters: {epochs: 3, rate: 0.5, deep: true, columns: [age, plan], note: a < b}"
    here.scene.write("runbooks/anything.md", PROPOSES, f"{PROPOSES}, {said}")
    await opens(here)
    (made,) = await retrains(here)
    wanted = {"epochs": 3, "rate": 0.5, "deep": True, "columns": ["age", "plan"], "note": "a < b"}
    assert made.plan.parameters["options"] == wanted


# --- by the clock ---


async def ring(smithy: Smithy) -> None:
    """The ticker, and what is due."""
    await ticker.Ticker(smithy.desk)._recur()
    await smithy.bench.drain()


async def test_the_clock_proposes_one_on_a_monday_morning_of_the_entity(weekly: Smithy) -> None:
    model = weekly.desk.settings.estate.models["churn"]
    due = retrain_turn.following(model, ISTANBUL, START)
    assert due is not None
    local = due.astimezone(ZoneInfo(ISTANBUL))
    assert (local.weekday(), local.hour) == (0, 9)
    await weekly.scene.room.clock.advance(due - START - timedelta(seconds=1))
    await ring(weekly)
    assert await retrains(weekly) == []
    await weekly.scene.room.clock.advance(timedelta(seconds=2))
    for _replica in range(2):
        await ring(weekly)
    (made,) = await retrains(weekly)
    assert (made.requested_by, made.why, made.incident) == ("tocsin", "It is proposed by itself every 1w.", None)
    await weekly.scene.room.pass_time(hours=20)
    await ring(weekly)
    assert len(await retrains(weekly)) == 1


async def test_one_that_was_killed_in_between_is_not_proposed_again(weekly: Smithy) -> None:
    model = weekly.desk.settings.estate.models["churn"]
    due = retrain_turn.following(model, ISTANBUL, START)
    assert due is not None
    await weekly.scene.room.clock.advance(due - START)
    await ring(weekly)
    (made,) = await retrains(weekly)
    await weekly.scene.vote(made, verb="reject")
    await weekly.scene.sql("DELETE FROM jobs WHERE kind = 'retrain-due'")  # as if it had never been settled
    await ring(weekly)
    assert [one.id for one in await retrains(weekly)] == [made.id]


async def test_one_that_is_no_longer_proposed_by_itself_is_left_alone(weekly: Smithy) -> None:
    model = weekly.desk.settings.estate.models["churn"]
    due = retrain_turn.following(model, ISTANBUL, START)
    assert due is not None
    await weekly.scene.room.clock.advance(due - START)
    await weekly.desk.store.write(lambda tx: retrain_schedule.recur(tx, weekly.desk, weekly.bench.now))
    weekly.scene.write("config/estate.yaml", ", every: 7d", "")
    await weekly.bench.drain()
    assert await retrains(weekly) == []


@pytest.mark.parametrize("zone", ["UTC", ISTANBUL, "America/New_York", "Australia/Lord_Howe"])
@pytest.mark.parametrize("every", [6 * HOUR, DAY, 7 * DAY, 28 * DAY])
def test_each_turn_comes_after_the_one_before_at_the_same_hour_of_the_clock(zone: str, every: timedelta) -> None:
    model = Model("churn", "retail", "t", retrain=Policy(every=every))
    at, hours = START, set()
    for _ in range(60):
        due = retrain_turn.following(model, zone, at)
        assert due is not None
        assert at < due <= at + every + HOUR
        assert retrain_turn.last(model, zone, due) == due
        hours.add(due.astimezone(ZoneInfo(zone)).hour)
        at = due
    assert hours == ({9} if every >= DAY else {3, 9, 15, 21})


def test_one_that_is_not_scheduled_has_no_turn() -> None:
    for policy in (None, Policy()):
        model = Model("churn", "retail", "t", retrain=policy)
        assert retrain_turn.last(model, "UTC", START) is None
        assert retrain_turn.following(model, "UTC", START) is None
