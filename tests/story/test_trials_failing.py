"""Evaluators that lie, hang, break or are gone: each fails its trial with a sentence, once, and nothing else."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.contract.evaluator import Asked, Scored
from bot.engine import duties, trial_run
from bot.errors import NotDelivered, NotFound, Refused
from bot.model.job import Job, Lane
from bot.model.trial import Finding, Stage
from tests.story import trying
from tests.story.place import START
from tests.story.trying import Bench, card, rows

HOSTILE = "<!channel> \0 \ud800 \u202e{x}\n"


@pytest.fixture
async def bench(tmp_path: Path, migrated_url: str) -> AsyncIterator[Bench]:
    """Each story once over each database."""
    async with trying.opened(tmp_path, migrated_url) as one:
        yield one


@pytest.fixture
async def here(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Bench]:
    """The same over SQLite, where the database does not matter."""
    async with trying.opened(tmp_path, sqlite_url) as one:
        yield one


def _ragged(asked: Asked) -> Scored:
    return replace(rows(asked), truth=[1.0, 0.0])


def _wordy(asked: Asked) -> Scored:
    said: Any = {version: ["yes"] * trying.ROWS for version in asked.versions}
    return replace(rows(asked), said=said)


def _silent(asked: Asked) -> Scored:
    return replace(rows(asked), said={})


def _flooding(asked: Asked) -> Scored:
    return Scored(range(trial_run.MOST + 1), (), {})


def _ragged_column(asked: Asked) -> Scored:
    return replace(rows(asked), columns={"country": ["tr"]})


class _Trap:
    """A column whose length nobody may ask."""

    def __len__(self) -> int:
        raise ZeroDivisionError


@pytest.mark.parametrize(
    ("instead", "said"),
    [
        (_ragged, "The evaluator of shelf gave what cannot be scored: The columns differ in length"),
        (_ragged_column, "The columns differ in length"),
        (_wordy, "The column 'said of 7' is not"),
        (_silent, "Nothing was given of what version 7 and 6 said."),
        (_flooding, "1000001 rows, where at most 1000000 were asked for."),
        ({"at": []}, "It is a dict, and no Scored."),
        (Scored(_Trap(), [], {}), "The rows could not be had. shelf failed in rows: ZeroDivisionError."),  # type: ignore[arg-type]
    ],
)
async def test_an_evaluator_that_lies_fails_its_trial_with_a_sentence(bench: Bench, instead: Any, said: str) -> None:
    bench.arrays.instead = instead
    trial = await bench.ended()
    assert (trial.stage, trial.scorecard) == (Stage.FAILED, None)
    assert said in trial.outcome
    assert len(trial.outcome) <= trial_run.WHY
    (entry,) = await bench.entries("TRL-1", "trial.failed")
    assert entry.why == trial.outcome
    assert await bench.waiting.owed("trial-told") == [{"trial": "TRL-1"}]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (NotFound("There is no version 6."), "There is no version 6."),
        (Refused("It keeps no predictions."), "It keeps no predictions."),
        (NotDelivered("It refused."), "It refused."),
        (MemoryError(), "shelf failed in scored: MemoryError."),
        (SystemExit(3), "shelf failed in scored: SystemExit."),
    ],
)
async def test_one_that_has_nothing_to_give_fails_its_trial_at_once(here: Bench, fault: Any, said: str) -> None:
    here.arrays.faults = [fault]
    trial = await here.ended()
    assert (trial.stage, len(here.arrays.asked)) == (Stage.FAILED, 1)
    assert trial.outcome.startswith(f"The rows could not be had. {said}")


async def test_one_that_hangs_is_given_up(here: Bench) -> None:
    here.desk.labs["shelf"] = trying.lab(here.arrays, here.desk, deadline=0.05)
    here.arrays.hold = asyncio.Event()
    trial = await here.ended()
    assert trial.stage is Stage.FAILED
    assert "shelf did not answer scored within 0.05 s." in trial.outcome


async def test_one_that_was_not_reached_is_asked_again_a_few_times(here: Bench) -> None:
    gone = NotDelivered("Nobody answers there.", retry=True)
    here.arrays.faults = [gone, gone]
    await here.asked()
    await here.scene.room.pass_time(minutes=5)
    assert card(await here.stored("TRL-1")).finding is Finding.BETTER
    here.arrays.faults = [gone] * 99
    await here.asked()
    await here.scene.room.pass_time(minutes=30)
    trial = await here.stored("TRL-2")
    assert (trial.stage, trial.outcome) == (Stage.FAILED, "The rows could not be had. Nobody answers there.")
    assert len(here.arrays.asked) == 3 + trial_run.TRIES


async def test_names_from_outside_are_made_fit_to_be_kept(bench: Bench) -> None:
    def hostile(asked: Asked) -> Scored:
        said = rows(asked)
        names: Any = np.where(np.asarray(said.columns["country"]) == "tr", HOSTILE * 99, "de")
        return replace(said, columns={"country": names, "sex": said.columns["sex"]}, how=HOSTILE * 99)

    bench.arrays.instead = hostile
    trial = await bench.ended(why=HOSTILE * 999)
    values = {one.value for one in card(trial).slices}
    assert len(values) == 2
    assert all(len(value) <= trial_run.VALUE and "\0" not in value and "\n" not in value for value in values)
    (done,) = await bench.entries("TRL-1", "trial.done")
    assert len(done.after["how"]) == trial_run.WHY


async def test_a_model_that_left_the_estate_meanwhile_fails_its_trial(here: Bench) -> None:
    await here.asked()
    here.scene.write("config/estate.yaml", f"    trial: {{{trying.TERMS}}}\n", "")
    await here.drain()
    assert (await here.stored("TRL-1")).outcome == "churn or its `trial` is not in the configuration any more."


async def test_an_evaluator_that_was_taken_away_meanwhile_fails_it_too(here: Bench) -> None:
    await here.asked()
    here.desk.labs.clear()
    await here.drain()
    assert (await here.stored("TRL-1")).outcome.startswith("The connection shelf has no evaluator")


async def test_one_is_made_at_a_time(here: Bench) -> None:
    here.arrays.hold = asyncio.Event()
    await here.asked()
    await here.asked(challenger="5")
    working = asyncio.create_task(here.drain())
    await here.arrays.first.wait()
    here.arrays.hold.set()
    await working
    await here.scene.room.pass_time(seconds=30)
    assert [one.stage for one in await here.all()] == [Stage.DONE, Stage.DONE]
    assert max(len(asked.versions) for asked in here.arrays.asked) == 2
    assert len(here.arrays.asked) == 2


def job(attempts: int = 1) -> Job:
    """The claimed wish that TRL-1 is made."""
    return Job(1, "trial-made/TRL-1", "trial", Lane.DIGEST, START, {"trial": "TRL-1"}, 1, 1, attempts, START)


async def test_two_workers_that_made_it_both_write_it_once(bench: Bench) -> None:
    await bench.asked()
    outcomes = [await trial_run.Trials(bench.desk).run(job()) for _ in range(2)]
    for outcome in outcomes:
        assert outcome.then is not None
        await bench.desk.store.write(outcome.then)
    assert len(await bench.entries("TRL-1", "trial.done")) == 1
    first = card(await bench.stored("TRL-1"))
    again = await duties.of(bench.desk)["trial"](job())
    assert again.then is None
    assert card(await bench.stored("TRL-1")) == first


async def test_one_during_which_the_bot_dies_each_time_is_given_up(here: Bench) -> None:
    await here.asked()
    outcome = await trial_run.Trials(here.desk).run(job(trial_run.TRIES + 1))
    assert outcome.then is not None
    await here.desk.store.write(outcome.then)
    trial = await here.stored("TRL-1")
    assert (trial.stage, trial.outcome) == (Stage.FAILED, "It was begun 5 times and never came to an end.")
    assert here.arrays.asked == []
