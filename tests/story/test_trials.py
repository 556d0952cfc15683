"""Versions of a model are compared on the same data: by whose wish, on which rows, and what each sees of it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.contract.evaluator import Asked, Scored
from bot.engine import trial_run, trial_terms
from bot.model.alert import Kind
from bot.model.change import Serving
from bot.model.served import Version
from bot.model.trial import Finding, Terms
from bot.model.verb import Verb
from bot.model.verdict import Verdict
from bot.rules import sifting
from bot.store import Store, history
from tests.story import trying
from tests.story.place import START
from tests.story.trying import DAY, Bench, card


@pytest.fixture
def database(migrated_url: str) -> str:
    """The same for all that a test asks for."""
    return migrated_url


@pytest.fixture
async def bench(tmp_path: Path, database: str) -> AsyncIterator[Bench]:
    """Each story once over each database."""
    async with trying.opened(tmp_path, database) as one:
        yield one


@pytest.fixture
async def here(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Bench]:
    """The same over SQLite, where the database does not matter."""
    async with trying.opened(tmp_path, sqlite_url) as one:
        yield one


async def test_the_version_that_is_better_is_found_and_everybody_can_read_how(bench: Bench) -> None:
    answer = await bench.ask()
    assert (answer.verdict, answer.sentence) == (Verdict.GO, "TRL-1: 6 of churn is compared with 7 on the last 4w.")
    await bench.drain()
    trial = await bench.stored("TRL-1")
    assert (trial.champion, trial.challenger, trial.asked_by, trial.why) == ("7", "6", "person:ada", "it drifts")
    found = card(trial)
    assert (found.finding, found.scores[0].metric) == (Finding.BETTER, "auc")
    assert {one.value for one in found.slices} == {"tr", "de"}
    assert trial.outcome == found.why
    (asked,) = await bench.entries("TRL-1", "trial.asked")
    assert (asked.chain, asked.actor, asked.after["terms"]["metric"]) == ("retail", "person:ada", "auc")
    (done,) = await bench.entries("TRL-1", "trial.done")
    assert (done.actor, done.why, done.after["finding"]) == ("tocsin", found.why, "better")
    assert (done.after["whole"], done.after["how"]) == (True, "Thirty days of arrays.")
    assert next(one for one in found.checks if one.what == trial_run.GIVEN).why == "Thirty days of arrays."
    assert await bench.waiting.owed("trial-told") == [{"trial": "TRL-1"}]


async def test_it_stands_in_the_timeline_of_its_incident(bench: Bench) -> None:
    incident = await bench.scene.room.alert("accuracy fell", kind=Kind.DRIFT)
    trial = await bench.ended(incident="1")
    assert trial.incident == incident.id
    for kind in ("trial.asked", "trial.done"):
        (entry,) = await bench.entries(incident.id, kind)
        assert (entry.after["trial"], entry.after["champion"], entry.after["challenger"]) == ("TRL-1", "7", "6")
        (own,) = await bench.entries("TRL-1", kind)
        assert own.after["incident"] == incident.id


async def test_the_newest_version_that_may_serve_challenges_what_serves_most(here: Bench) -> None:
    shelf = here.scene.shelf
    shelf.now = Serving({"5": 10.0, "7": 90.0})
    shelf.there = [Version("8", usable=False), *shelf.there]
    trial = await here.asked()
    assert (trial.champion, trial.challenger) == ("7", "6")
    named = await here.asked(challenger="5", champion="6")
    assert (named.champion, named.challenger) == ("6", "5")


async def test_a_champion_without_a_challenger_is_measured_alone(here: Bench) -> None:
    here.scene.shelf.there = [Version("7")]
    answer = await here.ask()
    assert answer.sentence == "TRL-1: 7 of churn is measured on the last 4w; there is nothing else to try."
    await here.drain()
    trial = await here.stored("TRL-1")
    assert trial.challenger is None
    assert card(trial).scores[0].difference is None


async def test_rows_of_broken_data_are_left_out_upstream_included(bench: Bench) -> None:
    await bench.trouble("late", "orders", Kind.FRESHNESS, 12)
    await bench.trouble("nulls", "churn", Kind.DATA_QUALITY, 6)
    await bench.trouble("nothing", "churn", Kind.FAILURE, 6, end=Verb.FALSE_ALARM)
    await bench.trouble("drifts", "churn", Kind.DRIFT, 6)
    await bench.trouble("another's", "price", Kind.FAILURE, 6)
    await bench.scene.room.alert("still late", model="orders", kind=Kind.FRESHNESS)
    await bench.scene.room.clock.advance(timedelta(hours=1))
    trial = await bench.asked()
    hours = [(start - START, end - START) for start, end in trial.excluded]
    at = timedelta(hours=1)
    assert hours == [(0 * at, 18 * at), (36 * at, 37 * at)]
    assert trial.until == START + 37 * at
    await bench.drain()
    found = card(await bench.stored(trial.id))
    assert found.left_out[sifting.EXCLUDED] == 75 + 5  # one row every 14.4 minutes
    assert found.samples + sum(found.left_out.values()) == trying.ROWS


async def test_a_sample_is_told_from_all_there_is(here: Bench) -> None:
    here.arrays.instead = lambda asked: replace(trying.rows(asked), whole=False, how="2 lines make no sense.")
    found = card(await here.ended())
    given = next(one for one in found.checks if one.what == trial_run.GIVEN)
    assert (given.ok, given.why) == (True, "2 lines make no sense. Of these a sample was taken.")


async def test_rows_are_spoiled_from_when_the_monitor_says_it_began(bench: Bench) -> None:
    """A check that runs once a night speaks hours after the data broke."""
    await bench.scene.room.clock.advance(timedelta(hours=30))
    began = bench.now - timedelta(hours=9)
    await bench.scene.room.alert("nulls", kind=Kind.DATA_QUALITY, started_at=began)
    await bench.scene.room.alert("types", kind=Kind.DATA_QUALITY, started_at=began + timedelta(hours=1))
    await bench.scene.room.alert("late", model="orders", kind=Kind.FRESHNESS)
    await bench.scene.room.alert("another's", model="price", kind=Kind.FAILURE, started_at=START)
    await bench.scene.room.clock.advance(timedelta(hours=1))
    assert (await bench.asked()).excluded == ((began, bench.now),)


async def test_data_that_broke_before_the_window_spoils_no_more_than_the_window(bench: Bench) -> None:
    await bench.scene.room.alert("nulls", kind=Kind.DATA_QUALITY, started_at=START - 900 * DAY)
    trial = await bench.asked()
    assert trial.excluded == ((trial.since, trial.until),)


async def test_the_terms_are_those_that_were_in_force_when_it_was_asked_for(here: Bench) -> None:
    trial = await here.asked(window=timedelta(days=7))
    here.scene.write("config/estate.yaml", "metric: auc", "metric: log_loss")
    await here.drain()
    (asked,) = here.arrays.asked
    wanted = Asked(("7", "6"), START - 7 * DAY, START, ("country", "sex"), trial_run.MOST)
    assert asked == wanted
    assert card(await here.stored(trial.id)).scores[0].metric == "auc"


def test_terms_are_read_as_they_were_spelled() -> None:
    plain = Terms("auc")
    full = replace(plain, also=("brier",), window=7 * DAY, label_delay=DAY / 24, slices=("a",), every=DAY, least=10)
    for terms in (plain, full):
        assert trial_terms.read(trial_terms.spelled(terms)) == terms


@pytest.mark.parametrize(
    ("by", "verdict"),
    [
        ("slack:U09NOBODY", Verdict.STRANGER),
        ("person:nobody", Verdict.STRANGER),
        ("slack:U01DEE", Verdict.NOT_YOUR_MODEL),
    ],
)
async def test_only_those_who_may_propose_changes_may_ask(here: Bench, by: str, verdict: Verdict) -> None:
    answer = await here.ask(by)
    assert (answer.verdict, answer.sentence, answer.trial) == (verdict, verdict.sentence, None)
    assert (await here.all(), here.scene.shelf.asked) == ([], [])
    (entry,) = await here.entries("churn", "trial.refused")
    assert entry.after["verdict"] == verdict.name


@pytest.mark.parametrize("by", ["slack:U01BO", "person:eve", "runbook:anything", "schedule", "tocsin"])
async def test_its_people_and_machines_may(here: Bench, by: str) -> None:
    trial = await here.asked(by)
    assert trial.asked_by == by.replace("slack:U01BO", "person:bo")


def _paused(bench: Bench) -> None:
    bench.scene.shelf.now = Serving({})


def _unplugged(bench: Bench) -> None:
    bench.desk.labs.clear()


def _homeless(bench: Bench) -> None:
    bench.desk.hosts.clear()


def _slow_truth(bench: Bench) -> None:
    bench.scene.write("config/estate.yaml", "window: 28d", "window: 28d, label_delay: 4w")


@pytest.mark.parametrize(
    ("world", "wish", "said"),
    [
        (None, {"model": "chrn"}, "There is no model or agent 'chrn'. Did you mean churn?"),
        (None, {"model": "orders"}, "orders has no `trial` in config/estate.yaml"),
        (None, {"challenger": "99"}, "churn has no version 99. There are: 7, 6, 5."),
        (None, {"champion": "99"}, "churn has no version 99."),
        (None, {"challenger": "7"}, "7 cannot be compared with itself"),
        (None, {"incident": "INC-9"}, "INC-9"),
        (None, {"change": "CHG-9"}, "CHG-9"),
        (None, {"window": timedelta(0)}, "A window is longer than nothing"),
        (None, {"window": timedelta.max}, "at most 520w"),
        (_slow_truth, {}, "What is true of churn is known after 4w, so the last 4w says nothing"),
        (_paused, {}, "Nothing serves churn now"),
        (_unplugged, {}, "The connection shelf has no evaluator"),
        (_homeless, {}, "No platform that Tocsin can ask runs churn"),
    ],
)
async def test_what_cannot_be_tried_is_answered_with_its_reason(
    here: Bench, world: Callable[[Bench], None] | None, wish: dict[str, Any], said: str
) -> None:
    if world:
        world(here)
    answer = await here.ask(**wish)
    assert (answer.verdict, answer.trial, answer.again) == (Verdict.NOT_POSSIBLE, None, False)
    assert said in answer.sentence
    assert await here.all() == []
    kept = await here.desk.store.read(lambda tx: history.noted(tx, ["trial.refused"], START - DAY, 100))
    assert [entry.why for entry in kept] == [answer.sentence]


async def test_a_platform_that_does_not_answer_may_answer_later(here: Bench) -> None:
    here.scene.shelf.down = RuntimeError("its plugin broke")
    answer = await here.ask()
    assert (answer.verdict, answer.again) == (Verdict.NOT_POSSIBLE, True)


async def test_a_model_no_platform_runs_is_tried_where_its_versions_are_named(here: Bench) -> None:
    _homeless(here)
    trial = await here.ended(champion="7", challenger="6")
    assert card(trial).finding is Finding.BETTER


async def test_whoever_asks_for_the_same_is_shown_what_was_asked(bench: Bench) -> None:
    answers = await asyncio.gather(bench.ask(), bench.ask("person:bo"), bench.ask("person:cy", language="tr"))
    assert sorted(answer.verdict.name for answer in answers) == ["ALREADY", "ALREADY", "GO"]
    assert {answer.trial.id for answer in answers if answer.trial} == {(await bench.all())[0].id}
    assert len(await bench.all()) == 1
    assert (await bench.ask(challenger="5")).verdict is Verdict.GO
    for _ in range(3):  # one at a time in a process: whichever is second comes back a little later
        await bench.drain()
        await bench.scene.room.clock.advance(60)
    assert (await bench.ask()).verdict is Verdict.GO


async def test_replicas_that_are_asked_at_once_make_one(bench: Bench, database: str) -> None:
    other = await Store.open(database, clock=bench.scene.room.clock)
    try:
        desks = (bench.desk, replace(bench.desk, store=other)) * 3
        answers = await asyncio.gather(*(bench.ask(desk=desk) for desk in desks))
    finally:
        await other.close()
    assert {answer.trial.id for answer in answers if answer.trial} == {"TRL-1"}
    assert len(await bench.all()) == 1


async def test_the_answer_is_in_the_language_of_whoever_asks(here: Bench) -> None:
    answer = await here.ask(language="tr")
    assert answer.sentence == "TRL-1: churn için 6, 7 ile karşılaştırılıyor, dönem: son 4w."


@pytest.mark.parametrize("instead", [lambda asked: Scored([], [], {v: [] for v in asked.versions}), None])
async def test_too_little_data_is_said_to_be_so(here: Bench, instead: Any) -> None:
    here.arrays.instead = instead
    trial = await here.ended(window=timedelta(hours=12))
    assert card(trial).finding is Finding.INSUFFICIENT
    assert "200 are needed" in trial.outcome


async def test_rows_whose_truth_is_not_known_yet_are_left_out(here: Bench) -> None:
    here.scene.write("config/estate.yaml", "window: 28d", "window: 28d, label_delay: 20d")
    found = card(await here.ended())
    assert found.samples == 800  # eight days of a hundred rows each
    assert sifting.YOUNG in found.left_out
