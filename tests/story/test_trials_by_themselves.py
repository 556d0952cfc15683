"""Trials nobody asks for: a runbook wants one when a model starts to do worse, and the clock one every so often."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot import registry, ticker
from bot.contract.plugin import ConnectionSettings, Context, Plugin
from bot.engine import declare, trial, trial_schedule, trial_trigger, work
from bot.model.alert import Kind
from bot.model.job import Job, Lane
from bot.model.trial import Finding
from bot.model.verdict import Verdict
from bot.store import jobs, trials
from tests.story import trying
from tests.story.place import START, Place
from tests.story.trying import DAY, Bench, card

HOUR = timedelta(hours=1)


@pytest.fixture
async def bench(tmp_path: Path, migrated_url: str) -> AsyncIterator[Bench]:
    """Each story once over each database; the runbook offers to evaluate."""
    async with trying.opened(tmp_path, migrated_url) as one:
        one.offer()
        yield one


@pytest.fixture
async def weekly(tmp_path: Path, migrated_url: str) -> AsyncIterator[Bench]:
    """Churn is tried every week."""
    async with trying.opened(tmp_path, migrated_url, ", every: 7d") as one:
        yield one


@pytest.fixture
async def here(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Bench]:
    """Nobody offers anything yet, over SQLite."""
    async with trying.opened(tmp_path, sqlite_url) as one:
        yield one


async def opens(bench: Bench, title: str, kind: Kind, model: str = "churn") -> str:
    """An incident opens, and what follows from that is done; its id."""
    incident = await bench.scene.room.alert(title, kind=kind, model=model)
    await bench.drain()
    return incident.id


async def test_the_runbooks_gate_is_judged_with_all_its_numbers(here: Bench) -> None:
    """Retraining and promotion are by these rules, so whoever reads the result sees whether it would be let through."""
    here.offer(more="retrain: {approval: two, gate: {metric: auc, at_least: 0.99, not_below_champion_by: 0.01}}")
    await opens(here, "it drifts", Kind.DRIFT)
    (made,) = await here.all()
    found = {one.why.partition(" Found:")[0]: one.ok for one in card(made).gate if one.what == "auc"}
    assert found == {
        "Wanted: at least 0.99.": False,
        "Wanted: surely not worse than the champion by more than 0.01.": True,
    }
    (entry,) = await here.entries(made.id, "trial.done")
    assert entry.after["gate"] == [{"what": one.what, "ok": one.ok, "why": one.why} for one in card(made).gate]


@pytest.mark.parametrize("kind", [Kind.DRIFT, Kind.PERFORMANCE])
async def test_a_model_that_drifts_is_tried_by_its_runbook(bench: Bench, kind: Kind) -> None:
    incident = await opens(bench, "it drifts", kind)
    (made,) = await bench.all()
    assert (made.asked_by, made.incident) == ("runbook:anything", incident)
    assert made.why == f"The runbook anything asks for it: {incident} opened ({kind.value})."
    assert card(made).finding is Finding.BETTER
    (entry,) = await bench.entries(incident, "trial.asked")
    assert (entry.actor, entry.after["asked_by"]) == ("tocsin", "runbook:anything")
    assert await bench.entries(incident, "trial.done")


async def test_one_that_was_opened_by_hand_is_tried_too(bench: Bench) -> None:
    draft = declare.Draft("it looks odd", model="churn", kind="drift")
    declared = await declare.open_(bench.desk, draft, "person:bo", bench.now, "cli", "key")
    await bench.drain()
    assert declared.incident
    assert [one.incident for one in await bench.all()] == [declared.incident.id]


async def test_once_an_hour_is_enough(bench: Bench) -> None:
    await opens(bench, "it drifts", Kind.DRIFT)
    await opens(bench, "it is worse", Kind.PERFORMANCE)
    assert [one.incident for one in await bench.all()] == ["INC-1"]
    await bench.scene.room.clock.advance(HOUR)
    bench.scene.write("runbooks/anything.md", "match: {}", "match: {}\ngroup_by: [title]")
    await opens(bench, "it drifts elsewhere", Kind.DRIFT)
    assert [one.incident for one in await bench.all()] == ["INC-1", "INC-3"]
    assert (await bench.ask("person:ada", incident="1")).trial  # a person need not wait


@pytest.mark.parametrize("kind", [Kind.FAILURE, Kind.DATA_QUALITY, Kind.LATENCY])
async def test_other_troubles_are_none_of_its_business(bench: Bench, kind: Kind) -> None:
    await opens(bench, "it fails", kind)
    assert await bench.waiting.owed(trial_trigger.KIND) == []


async def test_what_has_no_terms_is_not_tried(bench: Bench) -> None:
    await opens(bench, "it drifts", Kind.DRIFT, model="price")
    await opens(bench, "what is it", Kind.DRIFT, model="nobody-knows-it")
    assert await bench.waiting.owed(trial_trigger.KIND) == []


async def test_a_runbook_that_asks_for_consent_waits_for_a_person(here: Bench) -> None:
    await opens(here, "it drifts", Kind.DRIFT)
    here.offer("one")
    await opens(here, "it is worse", Kind.PERFORMANCE)
    assert await here.waiting.owed(trial_trigger.KIND) == []


async def test_one_that_somebody_else_asked_for_is_waited_for_and_not_taken_for_its_own(bench: Bench) -> None:
    """Its result comes to whoever asked; the thread of the incident would stay without one."""
    await bench.asked()
    incident = await bench.scene.room.alert("it is worse", kind=Kind.PERFORMANCE)
    named = {"incident": incident.id}
    wish = Job(1, f"trial-wanted/{incident.id}", trial_trigger.KIND, Lane.DIGEST, START, named, 1, 1, 1, START)
    outcome = await trial_trigger.Triggers(bench.desk).ring(wish)
    assert isinstance(outcome, work.Later)
    assert not outcome.tried  # it is no fault of anybody's, so it does not count
    await bench.scene.room.pass_time(minutes=5)
    assert [one.incident for one in await bench.all()] == [None, incident.id]
    assert await bench.entries(incident.id, "trial.done")


async def test_a_platform_that_is_down_is_asked_again_and_nobody_waits_for_it(bench: Bench) -> None:
    shelf = bench.scene.shelf
    shelf.down = RuntimeError("its plugin broke")
    incident = await opens(bench, "it drifts", Kind.DRIFT)
    assert bench.scene.room.paged() == ["ada"]
    assert await bench.all() == []
    shelf.down = None
    await bench.scene.room.pass_time(minutes=5)
    assert [one.incident for one in await bench.all()] == [incident]


async def test_a_refusal_is_written_down(bench: Bench) -> None:
    bench.desk.labs.clear()
    await opens(bench, "it drifts", Kind.DRIFT)
    (entry,) = await bench.entries("churn", "trial.refused")
    assert (entry.actor, entry.after["as"], entry.after["incident"]) == ("tocsin", "runbook:anything", "INC-1")
    assert await bench.all() == []


async def test_an_incident_that_is_over_by_then_asks_for_nothing(bench: Bench) -> None:
    incident = await bench.scene.room.alert("it drifts", kind=Kind.DRIFT)
    await bench.scene.sql(f"UPDATE incidents SET phase = 'resolved', open = FALSE WHERE id = '{incident.id}'")
    await bench.drain()
    assert await bench.all() == []


class Plugged(trying.Arrays):
    """The evaluator as a plugin brings it."""

    def __init__(self, settings: ConnectionSettings, context: Context) -> None:
        super().__init__()


async def test_the_whole_bot_asks_the_evaluator_of_a_plugin(place: Place) -> None:
    hook = "  - {name: hook,"
    place.change("config/tocsin.yaml", hook, f"  - {{name: lab, plugin: lab}}\n{hook}")
    terms = f"trial: {{{trying.TERMS}, connection: lab}}"
    place.change("config/estate.yaml", "entity: retail, team: churn-ml}", f"entity: retail, team: churn-ml, {terms}}}")
    found = registry.discover()
    plugins = replace(found, plugins={**found.plugins, "lab": Plugin("lab", evaluators=(Plugged,))})
    async with place.house(plugins=plugins) as house:
        wish = trial.Wish("churn", champion="7", challenger="6")
        answer = await trial.ask(house.app.desk, wish, "person:ada", house.clock.now(), "cli")
        await house.settle()
        kept = await house.app.store.read(lambda tx: trials.get(tx, "TRL-1"))
        assert answer.verdict is Verdict.GO
        assert card(kept).finding is Finding.BETTER


async def weeks(bench: Bench, count: int) -> None:
    """So many of them in steps of six hours, on two replicas at once."""
    workers = [trying.worker(bench.desk, f"replica-{number}") for number in range(2)]
    for _ in range(count * 28):
        for _replica in workers:
            await bench.desk.store.write(lambda tx: trial_schedule.recur(tx, bench.desk, bench.now))
        await asyncio.gather(*(worker.drain() for worker in workers))
        await bench.scene.room.clock.advance(6 * HOUR)


async def test_the_clock_asks_once_a_week(weekly: Bench) -> None:
    await weeks(weekly, 3)
    made = await weekly.all()
    assert [(one.asked_by, one.why) for one in made] == [("schedule", "It is made by itself every 1w.")] * 3
    assert all((one.asked_at - START) % (7 * DAY) == (made[0].asked_at - START) % (7 * DAY) for one in made)
    nights = [trial_schedule.turn("churn", 7 * DAY, one.asked_at) for one in made]
    assert all(night.weekday() == 0 and 1 <= night.hour < 6 for night in nights)


async def test_it_is_made_up_for_after_a_night_off_and_not_after_a_week(weekly: Bench) -> None:
    due = trial_schedule.turn("churn", 7 * DAY, START + 7 * DAY)
    clock = weekly.scene.room.clock
    await clock.advance(due + 20 * HOUR - START)
    await weekly.desk.store.write(lambda tx: trial_schedule.recur(tx, weekly.desk, weekly.now))
    await weekly.drain()
    assert len(await weekly.all()) == 1
    await clock.advance(3 * DAY)
    await weekly.desk.store.write(lambda tx: jobs.prune(tx, weekly.now))  # its job is forgotten
    await weekly.desk.store.write(lambda tx: trial_schedule.recur(tx, weekly.desk, weekly.now))
    await weekly.drain()
    assert len(await weekly.all()) == 1


async def test_a_model_that_is_no_longer_tried_by_itself_is_left_alone(weekly: Bench) -> None:
    await weekly.scene.room.clock.advance(trial_schedule.turn("churn", 7 * DAY, START + 7 * DAY) - START)
    await weekly.desk.store.write(lambda tx: trial_schedule.recur(tx, weekly.desk, weekly.now))
    weekly.scene.write("config/estate.yaml", ", every: 7d", "")
    await weekly.drain()
    assert await weekly.waiting.owed(trial_schedule.KIND) == [{"model": "churn"}]
    assert await weekly.all() == []


async def test_the_ticker_rings_it(weekly: Bench) -> None:
    await weekly.scene.room.clock.advance(trial_schedule.turn("churn", 7 * DAY, START + 7 * DAY) - START)
    await ticker.Ticker(weekly.desk)._recur()
    assert await weekly.waiting.owed(trial_schedule.KIND) == [{"model": "churn"}]


@pytest.mark.parametrize("every", [timedelta(minutes=10), timedelta(hours=6), DAY, 7 * DAY, 90 * DAY])
def test_each_turn_comes_after_the_one_before(every: timedelta) -> None:
    last = trial_schedule.turn("churn", every, START)
    assert START - every < last <= START
    assert trial_schedule.turn("churn", every, last) == last
    assert trial_schedule.turn("churn", every, last + every) == last + every
