"""Trials as rows: what was asked stands for good, what came of it is written once, and nothing is lost on the way."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.errors import Conflict, NotFound
from bot.model.trial import Check, Estimate, Finding, Score, Scorecard, Slice, Stage, Trial, move
from bot.store import Store, Tx, trials
from tests.store.made import START

WEEK = timedelta(days=7)
SCORE = Score("auc", Estimate(0.7, 0.65, 0.75), Estimate(0.8, 0.75, 0.85), Estimate(0.1, 0.05, 0.15))
CARD = Scorecard(
    finding=Finding.BETTER,
    why="6 is better: ü\u202e",
    samples=900,
    scores=(SCORE, Score("brier", None)),
    slices=(Slice("country", "tr", 90, (SCORE,), Finding.LEVEL),),
    fairness=(Slice("sex", "f", 450, (), Finding.INSUFFICIENT),),
    checks=(Check("labels", False, "Half of them are missing."),),
    left_out={"too young": 100},
    draws=200,
    seed=7,
)


def trial(number: int = 1, **more: Any) -> Trial:
    """TRL-`number`: 6 against 7 of churn on a week."""
    facts: dict[str, Any] = {
        "id": f"TRL-{number}",
        "model": "churn",
        "entity": "retail",
        "champion": "7",
        "challenger": "6",
        "since": START - WEEK,
        "until": START,
        "excluded": ((START - timedelta(days=2), START - timedelta(days=1)),),
        "terms": {"metric": "auc", "least": 500, "slices": ["country"]},
        "stage": Stage.ASKED,
        "asked_by": "person:ada",
        "asked_at": START,
        "changed_at": START,
        "why": "it drifts",
        "incident": "INC-1",
    }
    return Trial(**(facts | more))


async def add(store: Store, *made: Trial) -> None:
    """Write them."""

    def act(tx: Tx) -> None:
        for one in made:
            trials.add(tx, one)

    await store.write(act)


async def test_what_was_asked_is_read_back(store: Store) -> None:
    alone = trial(2, challenger=None, incident=None, excluded=(), change="CHG-3")
    await add(store, trial(), alone)
    assert await store.read(lambda tx: trials.get(tx, "TRL-1")) == trial()
    assert await store.read(lambda tx: trials.get(tx, "TRL-2")) == alone


@pytest.mark.parametrize("typed", ["TRL-1", "trl-1", " 1 ", "0001"])
async def test_people_may_type_it_shorter(store: Store, typed: str) -> None:
    await add(store, trial())
    assert (await store.read(lambda tx: trials.find(tx, typed))).id == "TRL-1"


@pytest.mark.parametrize("typed", ["TRL-2", "", "INC-1", "one", "1" * 40, "²", "1; DROP TABLE trials"])
async def test_what_is_none_is_not_found(store: Store, typed: str) -> None:
    await add(store, trial())
    with pytest.raises(NotFound, match=r"trial"):
        await store.read(lambda tx: trials.find(tx, typed))


async def test_each_gets_a_number_of_its_own(store: Store) -> None:
    def two(tx: Tx) -> list[str]:
        return [trials.next_id(tx), trials.next_id(tx)]

    assert await store.write(two) == ["TRL-1", "TRL-2"]
    assert await store.write(two) == ["TRL-3", "TRL-4"]


async def test_what_came_of_it_is_kept_whole(store: Store) -> None:
    await add(store, trial(), trial(2))
    at = START + timedelta(minutes=1)
    done = move(trial(), Stage.DONE, at, outcome=CARD.why, scorecard=CARD)
    await store.write(lambda tx: trials.save(tx, trial(), done))
    assert await store.read(lambda tx: trials.get(tx, "TRL-1")) == done
    assert await store.read(lambda tx: trials.get(tx, "TRL-2")) == trial(2)
    assert (done.version, done.scorecard) == (2, CARD)


async def test_whoever_comes_second_is_told_so(store: Store) -> None:
    await add(store, trial())
    failed = move(trial(), Stage.FAILED, START, outcome="It hung.")
    await store.write(lambda tx: trials.save(tx, trial(), failed))
    done = move(trial(), Stage.DONE, START, scorecard=CARD)
    with pytest.raises(Conflict, match="TRL-1"):
        await store.write(lambda tx: trials.save(tx, trial(), done))
    assert await store.read(lambda tx: trials.get(tx, "TRL-1")) == failed


async def test_what_was_asked_is_never_written_again(store: Store) -> None:
    await add(store, trial())
    other = replace(move(trial(), Stage.DONE, START), champion="5", asked_by="person:eve", terms={})
    await store.write(lambda tx: trials.save(tx, trial(), other))
    kept = await store.write(lambda tx: trials.get(tx, "TRL-1", lock=True))
    assert (kept.champion, kept.asked_by, kept.terms) == ("7", "person:ada", trial().terms)


async def test_the_newest_come_first(store: Store) -> None:
    done = trial(9, stage=Stage.DONE, scorecard=CARD)
    await add(store, done, trial(10), trial(11, model="price", incident=None))

    async def ids(**wanted: Any) -> list[str]:
        found: list[Trial] = await store.read(lambda tx: trials.listing(tx, **wanted))
        return [one.id for one in found]

    assert await ids() == ["TRL-11", "TRL-10", "TRL-9"]
    assert await ids(limit=1) == ["TRL-11"]
    assert await ids(model="churn") == ["TRL-10", "TRL-9"]
    assert await ids(model="churn", stage=Stage.ASKED) == ["TRL-10"]
    assert await ids(stage=Stage.FAILED) == []
    of_incident = await store.read(lambda tx: trials.of_incident(tx, "INC-1"))
    assert [one.id for one in of_incident] == ["TRL-9", "TRL-10"]
