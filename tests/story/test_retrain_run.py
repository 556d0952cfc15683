"""An approved retrain is started once, on exactly the data that was agreed to, and followed until its run is over."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.contract.trainer import Going, Run
from bot.engine import train
from bot.errors import NotDelivered, NotFound, Refused
from bot.model.alert import Kind
from bot.model.change import Change, Lever, Step
from bot.model.freeze import Freeze, LegalHold
from bot.model.job import Job, Lane
from bot.model.retraining import Phase, Training
from bot.rules.agreement import AUTOMATION
from bot.store import freezes, legal_holds, trainings
from tests.story import forging
from tests.story.changing import DAY
from tests.story.forging import Smithy

DOWN = NotDelivered("Nobody is there.")
BUDGET = "- {name: retail, timezone: Europe/Istanbul}"


@pytest.fixture
async def smithy(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Smithy]:
    """The room, in which what was made is judged by nobody."""
    async with forging.opened(tmp_path, sqlite_url) as one:
        forging.unjudged(one)
        yield one


@pytest.fixture
async def any_smithy(tmp_path: Path, migrated_url: str) -> AsyncIterator[Smithy]:
    """The same, once over each database."""
    async with forging.opened(tmp_path, migrated_url) as one:
        forging.unjudged(one)
        yield one


async def expired(smithy: Smithy, change: Change) -> str:
    """Why it was never started."""
    after = await smithy.begun(change)
    assert after.step is Step.EXPIRED
    assert smithy.hearth.begun == []
    assert "Nothing was trained." in after.outcome
    assert any(after.id in said for said in await smithy.bench.waiting.told("person:ada"))
    return after.outcome


# --- begun ---


async def test_it_is_started_once_with_its_own_token_and_the_window_that_was_agreed_to(any_smithy: Smithy) -> None:
    smithy = any_smithy
    await smithy.bench.trouble("orders came late", "orders", Kind.FRESHNESS, 2)
    await smithy.scene.room.clock.advance(2 * DAY)
    change = await smithy.approved()
    await smithy.later(minutes=3)
    (order,), said = smithy.hearth.orders, change.plan.parameters
    assert smithy.hearth.begun == [change.id]
    assert (order.model, order.since.isoformat(), order.until.isoformat()) == ("churn", said["since"], said["until"])
    assert [[start.isoformat(), end.isoformat()] for start, end in order.excluded] == said["excluded"]
    assert len(order.excluded) == 1
    after, training = await smithy.scene.stored(change), await smithy.training(change)
    assert (after.step, training.phase, training.run) == (Step.VERIFYING, Phase.TRAINING, f"run-{change.id}")
    assert (training.foreseen, training.model, training.connection) == (40, "churn", "shelf")
    assert after.deadline is not None
    assert after.deadline - after.requested_at < timedelta(hours=6, minutes=1)
    kinds = [kind for kind in await smithy.scene.room.story(change.id) if kind != "change.agreed"]
    assert kinds == [*("change.proposed", "change.approved", "evidence.frozen", "change.applying", "training.started")]


async def test_what_the_runbook_gives_is_handed_on(smithy: Smithy) -> None:
    smithy.scene.write(
        "runbooks/anything.md", "retrain: {approval: one}", "retrain: {approval: one, parameters: {depth: 6}}"
    )
    await smithy.approved()
    assert smithy.hearth.orders[0].parameters == {"depth": 6}


async def test_the_evidence_is_frozen_before_the_trainer_is_told(smithy: Smithy) -> None:
    """P10, and what serves is in it."""
    change = await smithy.agreed()
    smithy.hearth.faults["start"] = [Refused("Not today.")]
    await smithy.begun(change)
    (entry,) = await smithy.bench.entries(change.id, "evidence.frozen")
    assert entry.after["serving"]["split"] == {"7": 100.0}
    assert entry.after["digest"] == change.plan.digest


async def test_an_incident_tells_of_its_training(smithy: Smithy) -> None:
    incident = await smithy.scene.room.alert("accuracy fell", kind=Kind.PERFORMANCE)
    change = await smithy.approved(incident=incident.id)
    smithy.hearth.tell(change.id, going=Going.FAILED, stage="fitting")
    await smithy.later(minutes=1)
    (started,) = await smithy.bench.entries(incident.id, "training.started")
    (ended,) = await smithy.bench.entries(incident.id, "training.ended")
    assert started.after["change"] == ended.after["change"] == change.id
    assert ended.after["stage"] == "fitting"


async def test_replicas_start_it_once(any_smithy: Smithy) -> None:
    change = await any_smithy.agreed()
    now = any_smithy.scene.room.now
    job = Job(1, f"train/{change.id}", train.KIND, Lane.STATE, now, {"change": change.id}, 1, 1, 1, now)
    each = [train.Trainings(any_smithy.desk) for _ in range(4)]
    await asyncio.gather(*(one.follow(job) for one in each))
    assert any_smithy.hearth.called.count("start") == 1
    await any_smithy.later(minutes=2)
    assert any_smithy.hearth.begun == [change.id]
    assert (await any_smithy.scene.stored(change)).step is Step.VERIFYING


# --- what speaks against it by now ---


async def test_what_became_known_of_its_data_since_stops_it(smithy: Smithy) -> None:
    change = await smithy.agreed()
    began = smithy.scene.room.now - 3 * DAY
    await smithy.scene.room.alert("orders were wrong", model="orders", kind=Kind.DATA_QUALITY, started_at=began)
    why = await expired(smithy, change)
    assert "broken, late or missing" in why
    assert "Propose it again" in why


async def test_a_run_that_somebody_else_started_since_stops_it(smithy: Smithy) -> None:
    change = await smithy.agreed()
    smithy.hearth.others.append(Run("nightly-17", Going.RUNNING))
    why = await expired(smithy, change)
    assert "nightly-17" in why
    assert "propose it again" in why


async def test_a_run_that_the_trainer_knows_by_its_token_is_not_taken_for_its_own(smithy: Smithy) -> None:
    """A database that was made anew counts its changes from one again."""
    change = await smithy.agreed()
    smithy.hearth.runs[change.id] = Run(f"run-{change.id}", Going.DONE, version="5")
    assert "none of this change" in await expired(smithy, change)


@pytest.mark.parametrize("by", ["freeze", "hold"])
async def test_a_freeze_or_a_legal_hold_since_stops_it(smithy: Smithy, by: str) -> None:
    incident = await smithy.scene.room.alert("accuracy fell", kind=Kind.PERFORMANCE)
    change, now = await smithy.agreed(), smithy.scene.room.now
    if by == "freeze":
        freeze = Freeze("FRZ-1", now, now + timedelta(hours=2), "person:cy", "the big sale", "retail", now)
        await smithy.desk.store.write(lambda tx: freezes.add(tx, freeze))
    else:
        hold = LegalHold(incident.id, "person:cy", "the big sale", now)
        await smithy.desk.store.write(lambda tx: legal_holds.lay(tx, hold))
    assert "the big sale" in await expired(smithy, change)


@pytest.mark.parametrize(
    ("file", "old", "new", "why"),
    [
        ("config/estate.yaml", "ref: {name: churn}", "ref: {name: churn-2}", "The catalogue says otherwise"),
        ("config/estate.yaml", f"    retrain: {{{forging.POLICY}}}\n", "", "has no `retrain`"),
        ("runbooks/anything.md", "Look first.", "Look twice.", "The runbook anything was changed since"),
        ("config/estate.yaml", BUDGET, f"{BUDGET[:-1]}, budget: {{monthly: 30}}}}", "only 30 is left"),
    ],
)
async def test_a_configuration_that_says_otherwise_by_now_stops_it(
    smithy: Smithy, file: str, old: str, new: str, why: str
) -> None:
    change = await smithy.agreed()
    smithy.scene.write(file, old, new)
    assert why in await expired(smithy, change)


async def test_money_that_was_spent_since_stops_it(smithy: Smithy) -> None:
    smithy.scene.write("config/estate.yaml", BUDGET, f"{BUDGET[:-1]}, budget: {{monthly: 50}}}}")
    change, now = await smithy.agreed(), smithy.scene.room.now
    other = await smithy.scene.proposed("person:eve", why="it is worse")
    spent = Training(other.id, now, True, 20.0, model="price", entity="retail", phase=Phase.ENDED, asked_at=now)
    await smithy.desk.store.write(lambda tx: trainings.add(tx, spent))
    why = await expired(smithy, change)
    assert "costs about 40 USD" in why
    assert "only 30 is left" in why


async def test_what_was_agreed_to_beyond_the_budget_is_started(smithy: Smithy) -> None:
    smithy.scene.write("config/estate.yaml", BUDGET, f"{BUDGET[:-1]}, budget: {{monthly: 30}}}}")
    change = await smithy.scene.proposed(lever=Lever.RETRAIN, why="it drifts")
    for who in ("person:bo", "person:gus"):
        await smithy.scene.vote(change, who)
    assert (await smithy.begun(change)).step is Step.VERIFYING


async def test_a_row_that_was_approved_by_another_hand_is_not_started(smithy: Smithy) -> None:
    change = await smithy.scene.proposed(lever=Lever.RETRAIN, why="it drifts")
    await smithy.scene.sql("UPDATE changes SET step = 'approved'")
    now = smithy.scene.room.now
    job = Job(1, "k", train.KIND, Lane.STATE, now, {"change": change.id}, 1, 1, 1, now)
    await train.Trainings(smithy.desk).follow(job)
    assert "The log does not say" in await expired(smithy, change)


# --- a trainer that does not take it ---


@pytest.mark.parametrize("part", ["running", "find"])
async def test_a_trainer_that_is_down_is_tried_until_the_approval_runs_out(smithy: Smithy, part: str) -> None:
    change = await smithy.agreed()
    smithy.hearth.faults[part] = [DOWN] * 500
    await smithy.later(minutes=10)
    assert (await smithy.scene.stored(change)).step is Step.APPROVED
    await smithy.later(minutes=55)
    after = await smithy.scene.stored(change)
    assert after.step is Step.EXPIRED
    assert smithy.hearth.begun == []


async def test_a_trainer_that_was_down_for_a_while_is_told_then(smithy: Smithy) -> None:
    change = await smithy.agreed()
    smithy.hearth.faults["running"] = [DOWN] * 4
    await smithy.later(minutes=5)
    assert (await smithy.scene.stored(change)).step is Step.VERIFYING
    assert smithy.hearth.begun == [change.id]


async def test_a_platform_that_is_down_is_waited_for(smithy: Smithy) -> None:
    change = await smithy.agreed()
    smithy.shelf.down = DOWN
    await smithy.later(minutes=5)
    assert smithy.hearth.begun == []
    smithy.shelf.down = None
    await smithy.later(minutes=1)
    assert smithy.hearth.begun == [change.id]


@pytest.mark.parametrize("error", [Refused("Its quota is used up."), NotFound("There is no such pipeline.")])
async def test_a_start_that_is_refused_fails_and_costs_nothing(smithy: Smithy, error: Exception) -> None:
    change = await smithy.agreed()
    smithy.hearth.faults["start"] = [error]
    after, training = await smithy.begun(change), await smithy.training(change)
    assert after.step is Step.FAILED
    assert str(error) in after.outcome
    assert (training.phase, training.done, training.cost) == (Phase.ENDED, False, 0)
    assert training.ended_at is not None
    assert smithy.hearth.called.count("start") == 1
    again = await smithy.propose()
    assert again.change is not None, again.sentence


# --- followed ---


async def test_what_the_run_tells_is_kept_and_drawn_only_when_it_is_new(smithy: Smithy) -> None:
    change = await smithy.approved()
    await smithy.later(minutes=3)
    drawn = await drawings(smithy, change)
    await smithy.later(minutes=5)
    assert await drawings(smithy, change) == drawn
    smithy.hearth.tell(change.id, stage="fitting", share=0.4, cost=12.5, log="epoch 1\nepoch 2")
    await smithy.later(minutes=1)
    assert await drawings(smithy, change) == drawn + 1
    training = await smithy.training(change)
    assert (training.stage, training.share, training.cost, training.log) == ("fitting", 0.4, 12.5, "epoch 1\nepoch 2")
    assert training.link == f"https://forge.example/{change.id}"
    assert training.heard_at is not None
    assert smithy.scene.room.now - training.heard_at <= timedelta(seconds=30)


async def drawings(smithy: Smithy, change: Change) -> int:
    """How often it was asked to be drawn."""
    query = f"SELECT revision FROM jobs WHERE key = 'change/{change.id}'"
    return await smithy.desk.store.read(lambda tx: int(tx.sql.exec_driver_sql(query).scalar_one()))


async def test_it_is_looked_at_often_at_first_and_seldom_later(smithy: Smithy) -> None:
    await smithy.approved()
    await smithy.scene.room.pass_time(minutes=2)
    first = smithy.hearth.called.count("poll")
    await smithy.scene.room.pass_time(minutes=30)
    assert 20 <= first <= 26
    assert 55 <= smithy.hearth.called.count("poll") - first <= 62


async def test_a_run_that_made_a_version_is_judged(smithy: Smithy) -> None:
    change = await smithy.approved()
    await smithy.made(change, "8", metrics={"auc": 0.9})
    after, training = await smithy.scene.stored(change), await smithy.training(change)
    assert (after.step, training.phase, training.version) == (Step.VERIFYING, Phase.JUDGING, "8")
    assert (training.done, training.cost, training.metrics) == (True, 35.0, {"auc": 0.9})
    assert training.ended_at is not None
    assert await smithy.scene.jobs("judge") == [f"judge/{change.id}"]
    (ended,) = await smithy.bench.entries(change.id, "training.ended")
    assert (ended.after["version"], ended.after["metrics"]) == ("8", {"auc": 0.9})
    polled = smithy.hearth.called.count("poll")
    await smithy.later(minutes=5)
    assert smithy.hearth.called.count("poll") == polled  # nobody follows what is over


async def test_a_run_that_succeeds_without_a_model_fails(smithy: Smithy) -> None:
    change = await smithy.approved()
    smithy.hearth.tell(change.id, going=Going.DONE)
    await smithy.later(minutes=1)
    after, training = await smithy.scene.stored(change), await smithy.training(change)
    assert after.step is Step.FAILED
    assert "succeeded without a model" in after.outcome
    assert (training.phase, training.done) == (Phase.ENDED, False)
    assert await smithy.scene.jobs("judge") == []


async def test_a_run_that_fails_says_where_and_with_which_last_words(smithy: Smithy) -> None:
    change = await smithy.approved()
    log = "reading\nValueError: the column orders is empty"
    smithy.hearth.tell(change.id, going=Going.FAILED, stage="fitting", log=log, cost=3.0)
    await smithy.later(minutes=1)
    after, training = await smithy.scene.stored(change), await smithy.training(change)
    assert after.step is Step.FAILED
    assert after.outcome == "The run failed at: fitting. Its log ends with: ValueError: the column orders is empty"
    assert (training.phase, training.log, training.cost) == (Phase.ENDED, log, 3.0)
    told = await smithy.bench.waiting.told("person:ada")
    assert any(after.outcome in said for said in told)
    assert smithy.scene.room.paged() == []  # nothing that serves has changed


async def test_a_run_that_somebody_stopped_there_fails(smithy: Smithy) -> None:
    change = await smithy.approved()
    smithy.hearth.tell(change.id, going=Going.CANCELLED)
    await smithy.later(minutes=1)
    assert "Somebody stopped the run" in (await smithy.scene.stored(change)).outcome


async def test_a_run_that_goes_on_for_too_long_is_stopped(smithy: Smithy) -> None:
    change = await smithy.approved()
    await smithy.scene.room.pass_time(hours=5, minutes=59)
    assert (await smithy.scene.stored(change)).step is Step.VERIFYING
    await smithy.scene.room.pass_time(minutes=2)
    after = await smithy.scene.stored(change)
    assert after.step is Step.FAILED
    assert "longer than 6h" in after.outcome
    assert smithy.hearth.runs[change.id].going is Going.CANCELLED


async def test_a_run_that_ended_well_just_before_it_was_stopped_is_judged(smithy: Smithy) -> None:
    change = await smithy.approved()
    smithy.hearth.faults["poll"] = [DOWN] * 10_000
    smithy.hearth.tell(change.id, going=Going.DONE, version="6")
    await smithy.scene.room.pass_time(hours=6, minutes=1)
    assert (await smithy.training(change)).phase is Phase.JUDGING


async def test_a_trainer_that_is_silent_for_hours_is_asked_on(smithy: Smithy) -> None:
    change = await smithy.approved()
    smithy.hearth.faults["poll"] = [DOWN] * 10_000
    await smithy.scene.room.pass_time(hours=4)
    assert (await smithy.scene.stored(change)).step is Step.VERIFYING
    smithy.hearth.faults.clear()
    await smithy.made(change)
    assert (await smithy.training(change)).phase is Phase.JUDGING


async def test_what_no_person_asked_for_is_told_to_those_who_agreed(smithy: Smithy) -> None:
    answer = await smithy.propose(AUTOMATION, by_itself=True)
    assert answer.change is not None, answer.sentence
    await smithy.scene.vote(answer.change)
    await smithy.bench.drain()
    smithy.hearth.tell(answer.change.id, going=Going.FAILED)
    await smithy.later(minutes=1)
    assert any("The run failed" in said for said in await smithy.bench.waiting.told("person:bo"))
