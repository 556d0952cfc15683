"""What is in doubt about a run is asked of its trainer: never two runs, whatever got lost."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.contract.trainer import Going, Order, Run
from bot.engine import train
from bot.errors import BadInput, NotDelivered, PluginFault
from bot.model.change import Change, Step
from bot.model.freeze import Freeze
from bot.model.job import Job, Lane
from bot.model.retraining import Phase
from bot.store import freezes
from tests.story import forging
from tests.story.forging import Smithy

DOWN = NotDelivered("Nobody is there.")
LOST = NotDelivered("The answer was lost.")


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


class Once(forging.Hearth):
    """A trainer that starts another run whenever it is told to."""

    repeatable = False


def starts(smithy: Smithy) -> int:
    """How often the trainer was told to start."""
    return smithy.hearth.called.count("start")


def forgetful(smithy: Smithy) -> None:
    """From now on the trainer cannot be told twice."""
    forge = smithy.desk.forges["shelf"]
    smithy.hearth = Once(**vars(smithy.hearth))
    smithy.desk.forges["shelf"] = replace(forge, trainer=smithy.hearth)


async def story(smithy: Smithy, change: Change) -> list[str]:
    """The kinds of its entries."""
    return await smithy.scene.room.story(change.id)


# --- whether it was started ---


@pytest.mark.parametrize("error", [LOST, BadInput("No."), ValueError("broken"), PluginFault("odd")])
@pytest.mark.parametrize("repeatable", [True, False])
async def test_a_lost_answer_is_asked_for(any_smithy: Smithy, repeatable: bool, error: Exception) -> None:
    smithy = any_smithy
    if not repeatable:
        forgetful(smithy)
    change = await smithy.agreed()
    smithy.hearth.late["start"] = [error]
    after = await smithy.begun(change)
    assert after.step is Step.VERIFYING
    assert (starts(smithy), smithy.hearth.begun) == (1, [change.id])
    assert (await smithy.training(change)).run == f"run-{change.id}"


async def test_a_lost_start_is_repeated_once_and_at_once_where_that_is_harmless(smithy: Smithy) -> None:
    change = await smithy.agreed()
    smithy.hearth.faults["start"] = [LOST]
    after = await smithy.begun(change)
    assert after.step is Step.VERIFYING
    assert (starts(smithy), smithy.hearth.begun) == (2, [change.id])
    kinds = await story(smithy, change)
    assert kinds.index("change.repeated") < kinds.index("training.started")


async def test_another_start_of_what_may_not_be_repeated_waits_until_the_first_one_is_over(smithy: Smithy) -> None:
    forgetful(smithy)
    change = await smithy.agreed()
    smithy.hearth.faults["start"] = [LOST]
    await smithy.begun(change)
    await smithy.later(seconds=25)
    assert starts(smithy) == 1
    await smithy.later(seconds=10)
    assert (await smithy.scene.stored(change)).step is Step.VERIFYING
    assert (starts(smithy), smithy.hearth.begun) == (2, [change.id])


@pytest.mark.parametrize("repeatable", [True, False])
async def test_a_start_that_is_lost_twice_is_not_tried_again(smithy: Smithy, repeatable: bool) -> None:
    if not repeatable:
        forgetful(smithy)
    change = await smithy.agreed()
    smithy.hearth.faults["start"] = [LOST, LOST, LOST]
    await smithy.begun(change)
    await smithy.later(minutes=3)
    after, training = await smithy.scene.stored(change), await smithy.training(change)
    assert after.step is Step.FAILED
    assert "nothing was started" in after.outcome
    assert (starts(smithy), training.phase, training.cost) == (2, Phase.ENDED, 0)


async def test_a_second_start_that_lands_late_is_still_found(smithy: Smithy) -> None:
    change = await smithy.agreed()
    smithy.hearth.faults["start"] = [LOST, LOST]
    await smithy.begun(change)
    await smithy.later(seconds=20)
    smithy.hearth.runs[change.id] = Run(f"run-{change.id}", Going.RUNNING)
    await smithy.later(seconds=10)
    assert (await smithy.scene.stored(change)).step is Step.VERIFYING
    assert starts(smithy) == 2


async def test_nothing_is_repeated_once_it_is_forbidden(smithy: Smithy) -> None:
    forgetful(smithy)
    change = await smithy.agreed()
    smithy.hearth.faults["start"] = [LOST]
    await smithy.begun(change)
    now = smithy.scene.room.now
    freeze = Freeze("FRZ-1", now, now + timedelta(hours=2), "person:cy", "the big sale", "retail", now)
    await smithy.desk.store.write(lambda tx: freezes.add(tx, freeze))
    await smithy.later(minutes=1)
    assert (await smithy.scene.stored(change)).step is Step.FAILED
    assert smithy.hearth.begun == []


@pytest.mark.parametrize("landed", [True, False])
@pytest.mark.parametrize("repeatable", [True, False])
async def test_what_a_dead_worker_left_is_asked_for_and_not_started_blindly(
    any_smithy: Smithy, repeatable: bool, landed: bool
) -> None:
    """Its worker died in the middle of the call: before it reached the trainer, or after."""
    smithy = any_smithy
    if not repeatable:
        forgetful(smithy)
    hearth, reached = smithy.hearth, asyncio.Event()

    class Hangs(type(hearth)):  # type: ignore[misc]
        async def start(self, ref: Mapping[str, str], order: Order, token: str) -> Run:
            if landed:
                await super().start(ref, order, token)
            reached.set()
            await asyncio.Event().wait()
            raise AssertionError

    change, now = await smithy.agreed(), smithy.scene.room.now
    forge = smithy.desk.forges["shelf"]
    smithy.desk.forges["shelf"] = replace(forge, trainer=Hangs(**vars(hearth)))
    job = Job(1, f"train/{change.id}", train.KIND, Lane.STATE, now, {"change": change.id}, 1, 1, 1, now)
    dead = asyncio.create_task(train.Trainings(smithy.desk).follow(job))
    await reached.wait()
    dead.cancel()
    await asyncio.gather(dead, return_exceptions=True)
    smithy.desk.forges["shelf"] = forge if repeatable else replace(forge, trainer=hearth)
    assert (await smithy.scene.stored(change)).step is Step.APPLYING
    await smithy.scene.room.pass_time(seconds=25)
    assert len(hearth.begun) == landed  # another worker may still be at it
    await smithy.later(minutes=1)
    assert (await smithy.scene.stored(change)).step is Step.VERIFYING
    assert hearth.begun == [change.id]


# --- nobody can say ---


async def doubted(smithy: Smithy) -> Change:
    """A run whose start was not answered, with a trainer that says nothing ever since, until that counts as unknown."""
    change = await smithy.agreed()
    smithy.hearth.late["start"] = [LOST]
    find = smithy.hearth.find

    async def silent(ref: Mapping[str, str], token: str) -> Run | None:
        if smithy.hearth.begun:
            smithy.hearth.called.append("find")
            raise DOWN
        return await find(ref, token)

    smithy.hearth.find = silent  # type: ignore[method-assign]
    await smithy.begun(change)
    await smithy.later(minutes=5)
    assert (await smithy.scene.stored(change)).step is Step.APPLYING
    await smithy.later(minutes=6)
    after = await smithy.scene.stored(change)
    assert after.step is Step.UNKNOWN
    return after


def answers(smithy: Smithy) -> None:
    """The trainer is there again."""
    del smithy.hearth.find


async def test_a_trainer_that_cannot_be_asked_leaves_it_unknown_and_those_who_agreed_hear_so(smithy: Smithy) -> None:
    change = await doubted(smithy)
    assert "every 10m" in change.outcome
    for who in ("person:ada", "person:bo"):
        assert sum(change.outcome in said for said in await smithy.bench.waiting.told(who)) == 1
    assert (await smithy.propose()).change is None  # it may go on
    asked = smithy.hearth.called.count("find")
    await smithy.later(hours=1)
    assert 5 <= smithy.hearth.called.count("find") - asked <= 7
    assert starts(smithy) == 1


async def test_what_was_unknown_and_is_found_is_followed(smithy: Smithy) -> None:
    change = await doubted(smithy)
    answers(smithy)
    await smithy.later(minutes=11)
    after = await smithy.scene.stored(change)
    assert (after.step, after.outcome) == (Step.VERIFYING, "")
    await smithy.made(change)
    assert (await smithy.training(change)).phase is Phase.JUDGING
    assert (await story(smithy, change)).count("training.started") == 1


async def test_what_was_unknown_and_has_ended_meanwhile_is_judged(smithy: Smithy) -> None:
    change = await doubted(smithy)
    answers(smithy)
    smithy.hearth.tell(change.id, going=Going.DONE, version="6")
    await smithy.later(minutes=11)
    assert (await smithy.training(change)).phase is Phase.JUDGING
    assert (await smithy.scene.stored(change)).step is Step.VERIFYING


async def test_what_was_unknown_and_is_not_there_has_failed(smithy: Smithy) -> None:
    change = await doubted(smithy)
    answers(smithy)
    smithy.hearth.runs.clear()
    await smithy.later(minutes=11)
    after = await smithy.scene.stored(change)
    assert after.step is Step.FAILED
    assert "nothing was started" in after.outcome
    assert (await smithy.propose()).change is not None


async def test_what_was_unknown_for_too_long_is_stopped_when_it_is_found(smithy: Smithy) -> None:
    change = await doubted(smithy)
    await smithy.scene.room.pass_time(hours=6)
    answers(smithy)
    await smithy.later(minutes=11)
    after = await smithy.scene.stored(change)
    assert after.step is Step.FAILED
    assert "longer than 6h" in after.outcome
    assert smithy.hearth.runs[change.id].going is Going.CANCELLED


async def test_what_is_unknown_does_not_lock_its_model_for_ever(smithy: Smithy) -> None:
    change = await doubted(smithy)
    await smithy.scene.room.pass_time(hours=29)
    assert (await smithy.scene.stored(change)).step is Step.UNKNOWN
    await smithy.scene.room.pass_time(hours=2)
    after = await smithy.scene.stored(change)
    assert after.step is Step.FAILED
    assert "look at the trainer" in after.outcome
    answers(smithy)
    answer = await smithy.propose()  # but what goes on there is seen all the same
    assert f"run-{change.id}" in answer.sentence


async def test_a_connection_that_is_gone_is_a_trainer_that_cannot_be_asked(smithy: Smithy) -> None:
    change = await smithy.approved()
    forge = smithy.desk.forges.pop("shelf")
    await smithy.later(minutes=30)
    assert (await smithy.scene.stored(change)).step is Step.VERIFYING
    smithy.desk.forges["shelf"] = forge
    await smithy.made(change)
    assert (await smithy.training(change)).phase is Phase.JUDGING


async def test_a_run_that_cannot_be_stopped_in_time_is_unknown_until_it_is(smithy: Smithy) -> None:
    change = await smithy.approved()
    smithy.hearth.faults["cancel"] = [DOWN] * 10_000
    await smithy.scene.room.pass_time(hours=6, minutes=5)
    assert (await smithy.scene.stored(change)).step is Step.VERIFYING
    await smithy.scene.room.pass_time(minutes=10)
    after = await smithy.scene.stored(change)
    assert after.step is Step.UNKNOWN
    assert "stopping it is tried" in after.outcome
    smithy.hearth.faults.clear()
    await smithy.scene.room.pass_time(minutes=11)
    after = await smithy.scene.stored(change)
    assert after.step is Step.FAILED
    assert "longer than 6h" in after.outcome


async def test_a_run_that_never_stops_is_given_up_and_still_seen(smithy: Smithy) -> None:
    change = await smithy.approved()

    async def deaf(ref: Mapping[str, str], run: str) -> Run:
        return smithy.hearth.runs[change.id]

    smithy.hearth.cancel = deaf  # type: ignore[method-assign]
    await smithy.scene.room.pass_time(hours=6, minutes=11)
    after = await smithy.scene.stored(change)
    assert after.step is Step.UNKNOWN
    assert "not seen to stop" in after.outcome
    await smithy.scene.room.pass_time(hours=24)
    assert (await smithy.scene.stored(change)).step is Step.FAILED
    assert f"run-{change.id}" in (await smithy.propose()).sentence


# --- runs that vanish ---


async def test_a_run_that_vanished_has_failed_after_a_while(smithy: Smithy) -> None:
    change = await smithy.approved()
    await smithy.later(minutes=1)
    smithy.hearth.runs.clear()
    await smithy.later(minutes=1)
    assert (await smithy.scene.stored(change)).step is Step.VERIFYING  # it may only be slow to show it
    await smithy.later(minutes=3)
    after = await smithy.scene.stored(change)
    assert after.step is Step.FAILED
    assert "knows nothing of its run any more" in after.outcome
    assert (await smithy.training(change)).phase is Phase.ENDED
    assert starts(smithy) == 1


async def test_a_run_that_only_waited_and_vanished_is_asked_for_once_more(smithy: Smithy) -> None:
    change = await smithy.approved()
    smithy.hearth.tell(change.id, going=Going.WAITING)
    await smithy.later(minutes=1)
    smithy.hearth.runs.clear()
    await smithy.later(minutes=4)
    assert (await smithy.scene.stored(change)).step is Step.VERIFYING
    assert starts(smithy) == 2
    smithy.hearth.tell(change.id, going=Going.WAITING)
    await smithy.later(minutes=1)
    smithy.hearth.runs.clear()
    await smithy.later(minutes=4)
    assert (await smithy.scene.stored(change)).step is Step.FAILED
    assert starts(smithy) == 2


async def test_a_run_that_goes_by_another_name_now_is_found_by_its_token(smithy: Smithy) -> None:
    change = await smithy.approved()
    smithy.hearth.tell(change.id, id="renamed", share=0.5)
    await smithy.later(minutes=1)
    training = await smithy.training(change)
    assert (training.run, training.share) == ("renamed", 0.5)
    smithy.hearth.tell(change.id, going=Going.DONE, version="6")
    await smithy.later(minutes=1)
    assert (await smithy.training(change)).phase is Phase.JUDGING
