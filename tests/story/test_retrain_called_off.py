"""A training is called off by those whose it is: its run is stopped, however long that takes, and it fails."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.contract.trainer import Going
from bot.engine import train
from bot.engine.propose import Proposed
from bot.errors import NotDelivered, NotFound, Refused
from bot.model.change import Change, Lever, Step
from bot.model.retraining import Phase
from bot.model.verdict import Verdict
from tests.story import forging
from tests.story.forging import Smithy

DOWN = NotDelivered("Nobody is there.")


@pytest.fixture
async def smithy(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Smithy]:
    """The room, in which what was made is judged by nobody."""
    async with forging.opened(tmp_path, sqlite_url) as one:
        forging.unjudged(one)
        yield one


async def call_off(smithy: Smithy, change: Change | str, by: str = "person:ada", **more: Any) -> Proposed:
    """Somebody has had enough."""
    typed = change if isinstance(change, str) else change.id
    said = {"why": "the data is wrong", **more}
    return await train.call_off(smithy.desk, typed, by, smithy.scene.room.now, "command", **said)


@pytest.mark.parametrize("by", ["person:ada", "person:bo", "person:cy", "person:eve", "slack:U01ADA"])
async def test_its_requester_approvers_and_whoever_may_propose_it_call_it_off(smithy: Smithy, by: str) -> None:
    change = await smithy.approved()
    answer = await call_off(smithy, change.id.lower(), by)
    assert answer.verdict is Verdict.GO, answer.sentence
    assert "is called off" in answer.sentence
    await smithy.later(seconds=30)
    after, training = await smithy.scene.stored(change), await smithy.training(change)
    who = {"slack:U01ADA": "ada"}.get(by, by.removeprefix("person:"))
    assert after.step is Step.FAILED
    assert after.outcome == f"Called off by {who}: the data is wrong"
    assert (training.phase, training.called_off, training.going) == (Phase.ENDED, f"person:{who}", "cancelled")
    assert smithy.hearth.runs[change.id].going is Going.CANCELLED
    (entry,) = await smithy.bench.entries(change.id, "training.called_off")
    assert (entry.actor, entry.why, entry.after["as"]) == (f"person:{who}", "the data is wrong", by)


@pytest.mark.parametrize(
    ("by", "verdict"),
    [("person:dee", Verdict.NOT_YOUR_MODEL), ("slack:U0NOBODY", Verdict.STRANGER), ("tocsin", Verdict.STRANGER)],
)
async def test_others_do_not_and_that_is_written_down(smithy: Smithy, by: str, verdict: Verdict) -> None:
    change = await smithy.approved()
    answer = await call_off(smithy, change, by)
    assert (answer.verdict, answer.sentence) == (verdict, verdict.sentence)
    (entry,) = await smithy.bench.entries(change.id, "change.refused")
    assert (entry.actor, entry.after["verdict"], entry.after["verb"]) == (by, verdict.name, "call off")
    await smithy.later(minutes=1)
    assert "cancel" not in smithy.hearth.called
    assert (await smithy.scene.stored(change)).step is Step.VERIFYING


async def test_a_reason_is_not_needed(smithy: Smithy) -> None:
    change = await smithy.approved()
    await call_off(smithy, change, why=" ")
    await smithy.later(seconds=30)
    assert (await smithy.scene.stored(change)).outcome == "Called off by ada."


@pytest.mark.parametrize("agreed", [True, False])
async def test_what_has_not_begun_is_withdrawn(smithy: Smithy, agreed: bool) -> None:
    change = await smithy.scene.proposed(lever=Lever.RETRAIN, why="it drifts")
    if agreed:
        await smithy.scene.vote(change)
    answer = await call_off(smithy, change)
    assert answer.verdict is Verdict.GO, answer.sentence
    after = await smithy.begun(change)
    assert (after.step, after.outcome) == (Step.WITHDRAWN, "the data is wrong")
    assert smithy.hearth.begun == []


async def test_what_is_over_is_not_called_off(smithy: Smithy) -> None:
    change = await smithy.approved()
    smithy.hearth.tell(change.id, going=Going.FAILED)
    await smithy.later(minutes=1)
    answer = await call_off(smithy, change)
    assert answer.verdict is Verdict.DECIDED
    assert change.id in answer.sentence
    assert not (await smithy.training(change)).called_off
    (entry,) = await smithy.bench.entries(change.id, "change.refused")
    assert entry.after["verdict"] == "DECIDED"


async def test_what_is_judged_is_not_called_off(smithy: Smithy) -> None:
    change = await smithy.approved()
    await smithy.made(change)
    answer = await call_off(smithy, change)
    assert answer.verdict is Verdict.DECIDED
    assert "is over" in answer.sentence


async def test_once_is_enough(smithy: Smithy) -> None:
    change = await smithy.approved()
    await call_off(smithy, change)
    answer = await call_off(smithy, change, "person:bo", language="tr")
    assert answer.verdict is Verdict.ALREADY
    assert "ada" in answer.sentence
    assert "iptal" in answer.sentence
    assert (await smithy.training(change)).called_off == "person:ada"


async def test_what_trains_nothing_is_not_called_off(smithy: Smithy) -> None:
    change = await smithy.scene.proposed(lever=Lever.ROLLBACK)
    answer = await call_off(smithy, change)
    assert answer.verdict is Verdict.NOT_POSSIBLE
    assert (await smithy.scene.stored(change)).step is Step.PROPOSED


@pytest.mark.parametrize("typed", ["CHG-99", "the last one", ""])
async def test_what_is_no_change_is_not_found(smithy: Smithy, typed: str) -> None:
    with pytest.raises(NotFound):
        await call_off(smithy, typed)


async def test_a_trainer_that_does_not_answer_is_told_again(smithy: Smithy) -> None:
    change = await smithy.approved()
    smithy.hearth.faults["cancel"] = [DOWN] * 20
    await call_off(smithy, change)
    await smithy.later(minutes=1)
    assert (await smithy.scene.stored(change)).step is Step.VERIFYING
    await smithy.later(minutes=15)
    after = await smithy.scene.stored(change)
    assert after.step is Step.FAILED
    assert "Called off by ada" in after.outcome


async def test_a_run_that_takes_its_time_to_end_is_waited_for(smithy: Smithy) -> None:
    change = await smithy.approved()

    async def slowly(ref: Any, run: str) -> Any:
        smithy.hearth.called.append("cancel")
        return smithy.hearth.runs[change.id]

    smithy.hearth.cancel = slowly  # type: ignore[method-assign]
    smithy.hearth.tell(change.id, stage="being stopped")
    await call_off(smithy, change)
    await smithy.later(minutes=2)
    assert (await smithy.scene.stored(change)).step is Step.VERIFYING
    assert (await smithy.training(change)).stage == "being stopped"
    smithy.hearth.tell(change.id, going=Going.CANCELLED)
    await smithy.later(minutes=1)
    assert (await smithy.scene.stored(change)).step is Step.FAILED


async def test_a_trainer_that_stops_nothing_is_watched_until_the_run_ends_by_itself(smithy: Smithy) -> None:
    change = await smithy.approved()
    smithy.hearth.faults["cancel"] = [Refused("It cannot be stopped.")] * 1_000
    await call_off(smithy, change)
    await smithy.later(minutes=10)
    assert (await smithy.scene.stored(change)).step is Step.VERIFYING
    smithy.hearth.tell(change.id, going=Going.FAILED)
    await smithy.later(minutes=1)
    after = await smithy.scene.stored(change)
    assert (after.step, after.outcome) == (Step.FAILED, "Called off by ada: the data is wrong")


async def test_what_is_unknown_is_called_off_and_stopped_once_it_is_found(smithy: Smithy) -> None:
    change = await smithy.approved()
    smithy.hearth.faults |= {"cancel": [DOWN] * 10_000, "poll": [DOWN] * 10_000}
    await smithy.scene.room.pass_time(hours=6, minutes=11)
    assert (await smithy.scene.stored(change)).step is Step.UNKNOWN
    assert (await call_off(smithy, change)).verdict is Verdict.GO
    await smithy.bench.drain()
    assert (await smithy.scene.stored(change)).step is Step.UNKNOWN
    smithy.hearth.faults.clear()
    await smithy.later(minutes=11)
    after = await smithy.scene.stored(change)
    assert (after.step, after.outcome) == (Step.FAILED, "Called off by ada: the data is wrong")
    assert smithy.hearth.runs[change.id].going is Going.CANCELLED


async def test_a_run_that_was_gone_by_then_is_called_off_all_the_same(smithy: Smithy) -> None:
    change = await smithy.approved()
    smithy.hearth.runs.clear()
    await call_off(smithy, change)
    await smithy.later(minutes=4)
    after = await smithy.scene.stored(change)
    assert after.step is Step.FAILED
    assert after.outcome.startswith("Called off by ada: the data is wrong")


async def test_what_it_had_made_by_then_is_not_judged(smithy: Smithy) -> None:
    change = await smithy.approved()
    await call_off(smithy, change)
    await smithy.made(change, "8")
    after, training = await smithy.scene.stored(change), await smithy.training(change)
    assert after.step is Step.FAILED
    assert "it had made version 8" in after.outcome
    assert (training.done, training.version) == (True, "8")
    assert await smithy.scene.jobs("judge") == []


@pytest.mark.parametrize("landed", [True, False])
async def test_it_is_called_off_while_nobody_knows_whether_it_was_started(smithy: Smithy, landed: bool) -> None:
    change = await smithy.agreed()
    lost = smithy.hearth.late if landed else smithy.hearth.faults
    lost["start"] = [NotDelivered("The answer was lost.")]
    find, smithy.hearth.repeatable = smithy.hearth.find, False  # type: ignore[misc]
    silent = [DOWN] * 5

    async def sometimes(ref: Any, token: str) -> Any:
        if "start" in smithy.hearth.called and silent:
            raise silent.pop()
        return await find(ref, token)

    smithy.hearth.find = sometimes  # type: ignore[method-assign]
    assert (await smithy.begun(change)).step is Step.APPLYING
    answer = await call_off(smithy, change)
    assert answer.verdict is Verdict.GO
    await smithy.scene.room.pass_time(minutes=2)
    after = await smithy.scene.stored(change)
    assert after.step is Step.FAILED
    assert after.outcome.startswith("Called off by ada")
    assert smithy.hearth.called.count("start") == 1
    assert all(run.over for run in smithy.hearth.runs.values())
