"""A retrain over a real MLflow, from the wish to the way back: run, metrics, version, gate, alias, watch, rollback."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from bot.contract.evaluator import Asked, Scored
from bot.contract.guard import Guard
from bot.contract.plugin import Context
from bot.engine import train
from bot.engine.desk import Forge, Host
from bot.model.change import Change, Lever, Step
from plugins.mlflow.platform import Mlflow
from plugins.mlflow.settings import MlflowSettings
from plugins.mlflow.trainer import Delegate
from tests.parts.mlflow import Server
from tests.plugins.kilns import until
from tests.plugins.pupils import Pupil
from tests.story import judging, trying, watching_room
from tests.story.judging import Court
from tests.story.watching_room import USUAL, Watchtower

pytestmark = [pytest.mark.mlflow, pytest.mark.slow]

SERVES, MADE = "7", "8"
ALIKE = {MADE: "6"}  #: what training makes predicts as 6 does, which is far better than 7
WORSE = {SERVES: "6", MADE: "5"}


def predicted(asked: Asked, alike: dict[str, str]) -> Scored:
    """The rows of the room, in which the versions that it does not know are like others."""
    said = trying.rows(replace(asked, versions=tuple(alike.get(one, one) for one in asked.versions)))
    return replace(said, said={one: said.said[alike.get(one, one)] for one in asked.versions})


@dataclass
class Works:
    """The room, MLflow behind it, and the program that trains."""

    tower: Watchtower
    server: Server
    pupil: Pupil
    name: str

    async def pointed(self) -> str | None:
        """Where the alias points, by MLflow's own word."""
        return await self.server.pointed(self.name, "champion")

    async def begun(self) -> tuple[Change, str]:
        """A retrain that ada asked for and bo agreed to, and its run, which waits to be told."""
        change = await self.tower.smithy.approved()
        training = await self.tower.smithy.training(change)
        assert training.run, training
        await self.pupil.waits(training.run)
        return change, training.run

    async def trained(self, change: Change, run: str, **what: Any) -> Change:
        """The same once its program did this and ended, and what follows is done."""
        await self.pupil.does(run, **what)
        await until(lambda: self.pupil.at_work() == 0)
        await self.tower.smithy.later(minutes=3)
        found: Change = await self.tower.scene.stored(change)
        return found


@asynccontextmanager
async def opened(home: Path, database: str, server: Server, alike: dict[str, str]) -> AsyncIterator[Works]:
    """churn is served by version 7 of a model in MLflow, and trained by a program of this machine."""
    name = f"churn-{uuid4().hex[:8]}"
    await server.model(name, 7, alias="champion")
    pupil = Pupil(home / "training")
    async with watching_room.opened(home, database) as tower:
        smithy = tower.smithy
        Court(smithy, judging.Columns()).gate(judging.GATE)
        smithy.scene.write(
            "config/estate.yaml", "ref: {name: churn}", f"ref: {{registered_model: {name}, alias: champion}}"
        )
        trains = {"command": [sys.executable, "train.py"], "cwd": str(pupil.folder)}
        settings = MlflowSettings.model_validate({"url": server.url, "timeout": "30s", "train": trains})
        context = Context("shelf", smithy.desk.clock)
        guard = Guard("shelf", smithy.desk.clock, deadline=60)
        smithy.desk.hosts["shelf"] = Host(Mlflow(settings, context), guard)
        smithy.desk.forges["shelf"] = Forge(Delegate(settings, context), guard)
        smithy.bench.arrays.instead = lambda asked: predicted(asked, alike)
        try:
            yield Works(tower, server, pupil, name)
        finally:
            pupil.put_out()


async def test_from_the_wish_to_the_promotion_and_back(mlflow: Server, tmp_path: Path, sqlite_url: str) -> None:
    async with opened(tmp_path, sqlite_url, mlflow, ALIKE) as works:
        tower, scene = works.tower, works.tower.scene
        change, run = await works.begun()
        assert works.pupil.environment(run)["TOCSIN_TOKEN"] == change.id
        await tower.hear(*USUAL)
        assert (await scene.stored(change)).step is Step.VERIFYING

        change = await works.trained(change, run, metrics={"auc": 0.97, "tocsin.cost": 35.0}, registers=True)
        assert change.step is Step.DONE, change.outcome
        training = await tower.smithy.training(change)
        assert (training.version, training.metrics, training.cost, training.passed) == (MADE, {"auc": 0.97}, 35.0, True)
        assert await works.pointed() == SERVES  # nothing is moved that nobody agreed to

        promotion = await tower.follower(change)
        assert promotion is not None
        assert (promotion.plan.lever, promotion.plan.after.version) == (Lever.PROMOTE, MADE)
        await scene.vote(promotion)
        await tower.smithy.later(minutes=2)
        assert (await scene.stored(promotion)).step is Step.DONE
        assert await works.pointed() == MADE
        assert (await tower.watch(promotion)).version == MADE

        await tower.hear(0.83, 0.8, 0.79)
        found = await tower.watch(promotion)
        assert found.finding == "wrong", found.why
        back = await tower.follower(promotion)
        assert back is not None
        assert (back.plan.lever, back.plan.after.version, back.step) == (Lever.ROLLBACK, SERVES, Step.PROPOSED)
        assert await works.pointed() == MADE
        await scene.vote(back)
        await tower.smithy.later(minutes=2)
        assert (await scene.stored(back)).step is Step.DONE
        assert await works.pointed() == SERVES
        assert len(works.pupil.began) == 1


@pytest.mark.parametrize(
    ("does", "outcome"),
    [
        ({"fails": "ValueError: the column orders is empty"}, "ValueError: the column orders is empty"),
        ({"metrics": {"auc": 0.97}}, "without a model"),
        ({"forgets": True}, "neither success nor failure"),
    ],
)
async def test_a_training_that_fails_says_why_and_nothing_is_moved(
    mlflow: Server, tmp_path: Path, sqlite_url: str, does: dict[str, Any], outcome: str
) -> None:
    async with opened(tmp_path, sqlite_url, mlflow, ALIKE) as works:
        change, run = await works.begun()
        change = await works.trained(change, run, **does)
        training = await works.tower.smithy.training(change)
        assert change.step is Step.FAILED
        assert outcome in f"{change.outcome} {training.log} {training.stage}"
        assert await works.tower.follower(change) is None
        assert await works.pointed() == SERVES
        assert len(works.pupil.began) == 1


async def test_a_challenger_that_is_worse_stays_in_the_registry_and_serves_nobody(
    mlflow: Server, tmp_path: Path, sqlite_url: str
) -> None:
    async with opened(tmp_path, sqlite_url, mlflow, WORSE) as works:
        change, run = await works.begun()
        change = await works.trained(change, run, metrics={"auc": 0.99}, registers=True)
        training = await works.tower.smithy.training(change)
        assert (change.step, training.version, training.passed) == (Step.FAILED, MADE, False)
        assert await works.tower.follower(change) is None
        assert await works.pointed() == SERVES


async def test_one_that_is_called_off_ends_on_this_machine_and_in_mlflow(
    mlflow: Server, tmp_path: Path, sqlite_url: str
) -> None:
    async with opened(tmp_path, sqlite_url, mlflow, ALIKE) as works:
        change, run = await works.begun()
        smithy = works.tower.smithy
        await train.call_off(smithy.desk, change.id, "person:ada", smithy.scene.room.now, "command", "wrong window")
        await smithy.later(minutes=2)
        assert works.pupil.at_work() == 0
        assert (await smithy.scene.stored(change)).step is Step.FAILED
        said = await mlflow.done("GET", "runs/get", {"run_id": run})
        assert said["run"]["info"]["status"] == "KILLED"
        assert await works.pointed() == SERVES
