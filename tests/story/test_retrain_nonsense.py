"""Whatever a trainer tells of its run is kept clean, or not at all: nonsense stops nobody, and is never believed."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.contract.trainer import Going, Order, Run
from bot.errors import NotFound
from bot.model.change import Step
from bot.model.retraining import Phase
from tests.story import forging
from tests.story.forging import Smithy

LINK = "https://forge.example/CHG-1"  #: what it told before


@pytest.fixture
async def smithy(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Smithy]:
    """The room, in which what was made is judged by nobody."""
    async with forging.opened(tmp_path, sqlite_url) as one:
        forging.unjudged(one)
        yield one


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ({"share": float("nan")}, {"share": None}),
        ({"share": 7.0}, {"share": None}),
        ({"share": "most"}, {"share": None}),
        ({"share": True}, {"share": None}),
        ({"stage": 7}, {"stage": ""}),
        ({"stage": "\x1b[31mfitting\n\n<!channel>\0" + "x" * 500}, {"stage": f"[31mfitting <!channel> {'x' * 96}…"}),
        ({"link": "javascript:alert(1)"}, {"link": LINK}),
        ({"link": "https://a.example/|<@U1>"}, {"link": LINK}),
        ({"cost": -3.0}, {"cost": None}),
        ({"cost": float("inf")}, {"cost": None}),
        ({"metrics": [1]}, {"metrics": {}}),
        ({"metrics": {"auc": 0.9, "x": float("nan"), 7: 1.0, "s": "much"}}, {"metrics": {"auc": 0.9}}),
        ({"started_at": "yesterday"}, {"started_at": None}),
        ({"started_at": datetime(2026, 1, 1)}, {"started_at": None}),
        ({"started_at": datetime.max.replace(tzinfo=UTC)}, {"started_at": None}),
    ],
)
async def test_what_makes_no_sense_of_a_run_is_left_out(smithy: Smithy, told: dict[str, Any], kept: Any) -> None:
    change = await smithy.approved()
    smithy.hearth.tell(change.id, **{"share": 0.1, **told})
    await smithy.later(minutes=1)
    training = await smithy.training(change)
    assert training.going == "running"
    assert {name: getattr(training, name) for name in kept} == kept


async def test_a_huge_log_is_kept_in_its_last_lines(smithy: Smithy) -> None:
    change = await smithy.approved()
    smithy.hearth.tell(change.id, log="x" * 5_000_000 + "\n\ud800half\nlast \x07 line", going=Going.FAILED)
    await smithy.later(minutes=1)
    training = await smithy.training(change)
    assert len(training.log) < 4_000
    assert training.log.endswith("\nhalf\nlast line")
    assert (await smithy.scene.stored(change)).outcome == "The run failed at: reading. Its log ends with: last line"


@pytest.mark.parametrize("version", [7, "", "a\nb", "x" * 300, ["6"], "\ud800"])
async def test_a_version_that_is_none_is_no_model(smithy: Smithy, version: Any) -> None:
    change = await smithy.approved()
    smithy.hearth.tell(change.id, version=version, going=Going.DONE)
    await smithy.later(minutes=1)
    after = await smithy.scene.stored(change)
    assert after.step is Step.FAILED
    assert "succeeded without a model" in after.outcome


async def test_an_end_that_lies_ahead_is_now(smithy: Smithy) -> None:
    change = await smithy.approved()
    await smithy.made(change, ended_at=datetime.max.replace(tzinfo=UTC))
    ended = (await smithy.training(change)).ended_at
    assert ended is not None
    assert ended <= smithy.scene.room.now


@pytest.mark.parametrize(
    "answer",
    [None, "running", Run("another", Going.DONE, version="6"), Run("", Going.RUNNING), Run("run-CHG-1", "done")],  # type: ignore[arg-type]
)
async def test_a_run_that_nobody_can_follow_is_as_good_as_silent(smithy: Smithy, answer: Any) -> None:
    """Also where it tells of the run of somebody else, which is never taken for ours."""
    change = await smithy.approved()

    async def odd(ref: Mapping[str, str], run: str) -> Any:
        return answer

    smithy.hearth.poll = odd  # type: ignore[method-assign]
    await smithy.later(minutes=30)
    assert (await smithy.scene.stored(change)).step is Step.VERIFYING
    assert (await smithy.training(change)).version is None
    del smithy.hearth.poll
    await smithy.made(change)
    assert (await smithy.training(change)).phase is Phase.JUDGING


async def test_a_start_that_answers_nonsense_is_in_doubt(smithy: Smithy) -> None:
    change = await smithy.agreed()
    start = smithy.hearth.start

    async def odd(ref: Mapping[str, str], order: Order, token: str) -> Any:
        await start(ref, order, token)
        return {"id": 7}

    smithy.hearth.start = odd  # type: ignore[method-assign]
    assert (await smithy.begun(change)).step is Step.VERIFYING
    assert smithy.hearth.begun == [change.id]


async def test_a_trainer_that_does_not_know_the_run_it_is_asked_about_at_once_is_asked_again(smithy: Smithy) -> None:
    change = await smithy.approved()
    smithy.hearth.faults["poll"] = [NotFound("Not yet.")] * 3
    await smithy.later(minutes=2)
    assert (await smithy.scene.stored(change)).step is Step.VERIFYING
    assert smithy.hearth.begun == [change.id]
