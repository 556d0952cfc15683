"""How the retraining of a model stands: what goes on, what was, what it cost, when it comes, what stands in the way."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot import telemetry
from bot.contract.trainer import Going
from bot.engine import report, retrain_report, retrain_turn
from bot.errors import NotFound
from bot.model.alert import Kind
from bot.model.change import Lever
from bot.model.retraining import Phase, Training
from bot.model.watch import Watch
from bot.store import watches
from tests.story import forging, retrained
from tests.story.forging import Smithy
from tests.story.place import START
from tests.story.trying import DAY

HOUR = timedelta(hours=1)
BUDGET = "- {name: retail, timezone: Europe/Istanbul, budget: {monthly: 100, currency: EUR}}"


@pytest.fixture
async def smithy(tmp_path: Path, migrated_url: str) -> AsyncIterator[Smithy]:
    async with forging.opened(tmp_path, migrated_url, retrained.FREELY) as one:
        yield one


@pytest.fixture
async def here(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Smithy]:
    async with forging.opened(tmp_path, sqlite_url, retrained.FREELY) as one:
        yield one


async def status(smithy: Smithy, model: str = "churn") -> retrain_report.Status:
    (one,) = await retrain_report.status(smithy.desk, model)
    return one


async def test_one_that_never_ran(smithy: Smithy) -> None:
    one = await status(smithy, "churn-v2")  # by an alias
    assert (one.model, one.policy) == ("churn", smithy.desk.settings.estate.models["churn"].retrain)
    assert (one.going, one.past, one.watch, one.next_at, one.rests_until, one.obstacle) == (
        None,
        (),
        None,
        None,
        None,
        "",
    )
    assert (one.spent, one.left, one.currency, one.foreseen) == (0.0, None, "", 40)
    assert await retrain_report.status(smithy.desk) == [one]  # price has no policy
    with pytest.raises(NotFound):
        await retrain_report.status(smithy.desk, "chrun")


async def test_what_goes_on_what_was_and_what_it_cost(smithy: Smithy) -> None:
    smithy.scene.write("config/estate.yaml", "- {name: retail, timezone: Europe/Istanbul}", BUDGET)
    past = [await retrained.run(smithy, cost=10.0 + n) for n in range(7)]
    going = await retrained.run(smithy, on=True)
    one = await status(smithy)
    assert one.going is not None
    assert (one.going[0].id, one.going[1].phase) == (going.id, Phase.TRAINING)
    assert {training.id for _, training in one.past} <= {each.id for each in past}
    assert len(one.past) == retrain_report.LAST
    assert all(change.id == training.id for change, training in one.past)
    assert (one.spent, one.left, one.currency) == (131.0, -31.0, "EUR")  # 91, and the 40 it is foreseen to cost
    assert one.foreseen == 14.0
    assert one.obstacle.startswith(f"churn is being retrained already: {going.id}.")


async def test_the_month_is_the_entitys_own(here: Smithy) -> None:
    await retrained.run(here)
    await here.scene.room.clock.advance(datetime(2026, 11, 30, 20, 59, tzinfo=UTC) - START)  # 23:59 there
    assert (await status(here)).spent == 35.0
    await here.scene.room.clock.advance(timedelta(minutes=2))
    assert (await status(here)).spent == 0.0


async def test_its_pause_and_its_next_turn(here: Smithy) -> None:
    here.scene.write("config/estate.yaml", "cooldown: 0s", "cooldown: 2d, every: 7d")
    await retrained.run(here)
    one, model = await status(here), here.desk.settings.estate.models["churn"]
    assert one.rests_until == START + 2 * DAY
    assert "it rests for 2d" in one.obstacle
    assert one.next_at == retrain_turn.following(model, "Europe/Istanbul", START)
    await here.scene.room.clock.advance(2 * DAY)
    one = await status(here)
    assert (one.rests_until, one.obstacle) == (None, "")


async def test_a_run_that_broke_off_keeps_no_person_waiting(here: Smithy) -> None:
    here.scene.write("config/estate.yaml", "cooldown: 0s", "cooldown: 2d")
    await retrained.run(here, done=False, version=None, passed=None, going="failed")
    one, model = await status(here), here.desk.settings.estate.models["churn"]
    assert (one.rests_until, one.obstacle) == (None, "")
    found = await retrain_report.hindrance(here.desk, model, here.bench.now)
    assert found is not None  # but a machine would do so for ever
    assert (found.passes, found.until) == (True, START + 2 * DAY)


async def test_what_stands_in_the_way_is_told(here: Smithy) -> None:
    change = (await here.propose()).change
    assert change is not None
    assert change.id in (await status(here)).obstacle
    await here.scene.vote(change, verb="withdraw", by="person:ada")
    assert (await status(here)).obstacle == ""
    assert (await status(here, "price")).obstacle.startswith("price has no `retrain` in config/estate.yaml.")
    forge = here.desk.forges.pop("shelf")
    assert "The connection shelf has no trainer here." in (await status(here)).obstacle
    here.desk.hosts.clear()  # a process that asks nobody cannot tell
    assert (await status(here)).obstacle == ""
    here.desk.forges["shelf"] = forge
    here.scene.write("config/estate.yaml", "window: 30d", "window: 1h")
    await here.scene.room.alert("its data is broken", kind=Kind.DATA_QUALITY)
    await here.scene.room.clock.advance(2 * HOUR)
    assert "no clean data" in (await status(here)).obstacle


async def test_looking_writes_nothing_and_asks_nobody(here: Smithy) -> None:
    here.hearth.called.clear()
    here.shelf.asked.clear()
    before = await here.scene.room.log("churn")
    await status(here)
    assert await here.scene.room.log("churn") == before
    assert (here.hearth.called, here.shelf.asked) == ([], [])


async def test_the_newest_watch_is_told_ended_or_not(here: Smithy) -> None:
    made = [await retrained.run(here) for _ in range(2)]
    over = Watch(made[0].id, "churn", "retail", "6", START, START + DAY, finding="well", ended_at=START)
    going = Watch(made[1].id, "churn", "retail", "6", START, START + DAY)
    await here.desk.store.write(lambda tx: watches.add(tx, over))
    assert (await status(here)).watch == over
    await here.desk.store.write(lambda tx: watches.add(tx, going))
    found = (await status(here)).watch
    assert found is not None
    assert found.id == going.id


# --- what the doors are told ---


async def test_retraining_is_a_lever_of_what_has_a_policy_and_a_trainer(here: Smithy) -> None:
    incident = await here.scene.room.alert("it drifts", kind=Kind.DRIFT)
    view = await report.view(here.desk, incident.id)
    assert Lever.RETRAIN in view.levers
    assert Lever.ROLLBACK in view.levers
    assert view.retrains
    assert Lever.RETRAIN not in report.levers(here.desk, "price")
    assert report.levers(here.desk, None) == frozenset()
    forge = here.desk.forges.pop("shelf")
    view = await report.view(here.desk, incident.id)
    assert Lever.RETRAIN not in view.levers
    assert not view.retrains
    here.desk.forges["shelf"] = forge
    here.scene.write("runbooks/anything.md", "  retrain: {approval: one}\n", "")
    view = await report.view(here.desk, incident.id)
    assert Lever.RETRAIN in view.levers
    assert not view.retrains


async def test_a_trainer_elsewhere_counts_and_its_absence_too(here: Smithy) -> None:
    here.desk.hosts.clear()
    assert report.levers(here.desk, "churn") == {Lever.RETRAIN}
    here.scene.write("config/tocsin.yaml", "plugin: webhook}", "plugin: webhook}\n  - {name: ci, plugin: webhook}")
    here.scene.write("config/estate.yaml", "window: 30d", "connection: ci, window: 30d")
    assert report.levers(here.desk, "churn") == frozenset()
    here.desk.forges["ci"] = here.desk.forges.pop("shelf")
    assert report.levers(here.desk, "churn") == {Lever.RETRAIN}


# --- what is counted ---


@pytest.mark.parametrize(
    ("run", "outcome"),
    [
        (Training("CHG-1", done=True, passed=True), "passed"),
        (Training("CHG-1", done=True, passed=False), "missed"),
        (Training("CHG-1", done=True), "unjudged"),
        (Training("CHG-1", going="failed"), "failed"),
        (Training("CHG-1", going="cancelled"), "cancelled"),
        (Training("CHG-1", called_off="person:ada"), "cancelled"),
    ],
)
def test_an_end_is_counted_once_by_how_it_came_out(run: Training, outcome: str) -> None:
    before = counted(outcome)
    retrain_report.count(run)
    assert counted(outcome) == before + 1


def test_how_long_it_took_is_from_its_start_to_its_end() -> None:
    before = telemetry.REGISTRY.get_sample_value("tocsin_retrain_seconds_sum") or 0.0
    retrain_report.count(Training("CHG-1", START + HOUR, started_at=START, asked_at=START - HOUR))
    retrain_report.count(Training("CHG-2", START + HOUR, asked_at=START, run="run-2"))
    retrain_report.count(Training("CHG-3", START, started_at=START + HOUR))  # by a clock that is wrong
    retrain_report.count(Training("CHG-4", START + HOUR, asked_at=START))  # it was never taken
    assert telemetry.REGISTRY.get_sample_value("tocsin_retrain_seconds_sum") == before + 7200


def counted(outcome: str) -> float:
    return telemetry.REGISTRY.get_sample_value("tocsin_retrains_total", {"outcome": outcome}) or 0.0


async def test_a_whole_retrain_is_counted_and_so_is_one_that_fails(here: Smithy) -> None:
    before = {name: counted(name) for name in ("passed", "failed")}
    change = await here.approved()
    await here.made(change)
    assert counted("passed") == before["passed"] + 1
    change = await here.approved()
    here.hearth.tell(change.id, going=Going.FAILED)
    await here.later(minutes=2)
    assert counted("failed") == before["failed"] + 1
    (_, failed), (_, passed) = (await status(here)).past
    assert (retrain_report.outcome(failed), retrain_report.outcome(passed)) == ("failed", "passed")
