"""Training over a real MLflow server: the contract, bots at once, one that is killed, what others do."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

from bot.contract import Context, Going, Order
from bot.testing import trainers
from plugins import mlflow as plugin
from plugins.mlflow.settings import MlflowSettings
from plugins.mlflow.trainer import Delegate
from tests.parts.mlflow import Server
from tests.plugins import kilns, pupils
from tests.plugins.kilns import ORDER
from tests.plugins.pupils import Pupil

pytestmark = [pytest.mark.mlflow, pytest.mark.slow]

TOKEN = "CHG-1"


@pytest.fixture
def pupil(tmp_path: Path) -> Iterator[Pupil]:
    one = Pupil(tmp_path)
    yield one
    one.put_out()


def options(server: Server, pupil: Pupil) -> dict[str, Any]:
    train = {"command": [sys.executable, "train.py"], "cwd": str(pupil.folder)}
    return {"url": server.url, "timeout": "20s", "train": train}


def delegate(server: Server, pupil: Pupil, **more: Any) -> Delegate:
    return Delegate(MlflowSettings.model_validate({**options(server, pupil), **more}), Context("registry"))


async def registered(server: Server, versions: int = 2) -> dict[str, str]:
    """A model of its own whose champion is its last version."""
    name = f"churn {uuid4().hex[:8]} & co?"
    await server.done("POST", "registered-models/create", {"name": name})
    for _ in range(versions):
        await server.done("POST", "model-versions/create", {"name": name, "source": "s3://models/churn"})
    await server.point(name, "champion", versions)
    return {"registered_model": name, "alias": "champion"}


class Behind:
    """The suite's hand: a model of its own each time."""

    def __init__(self, server: Server, pupil: Pupil) -> None:
        self.server, self.pupil = server, pupil
        self.ref: Mapping[str, str] = {}
        self._before = 0

    async def prepare(self) -> None:
        self._before = await self.pupil.settled()
        self.ref = await registered(self.server, 8)

    async def started(self) -> int:
        return await self.pupil.settled() - self._before

    async def at_work(self) -> int:
        return sum(map(kilns.lives, self.pupil.began[self._before :]))

    async def ordered(self, run: str) -> Order:
        return pupils.ordered(self.pupil.environment(run))

    async def tells(self, run: str, stage: str, share: float) -> None:
        for key, value in (("tocsin.stage", stage), ("tocsin.share", str(share))):
            await self.server.done("POST", "runs/set-tag", {"run_id": run, "key": key, "value": value})

    async def succeeds(self, run: str, version: str | None, metrics: Mapping[str, float]) -> None:
        await self.pupil.does(run, metrics=dict(metrics), registers=bool(version))

    async def fails(self, run: str, last: str) -> None:
        await self.pupil.does(run, fails=last)

    async def serving(self) -> str:
        return str(await self.server.pointed(self.ref["registered_model"], "champion"))


async def test_it_keeps_the_contract(mlflow: Server, pupil: Pupil) -> None:
    await trainers.conforms(plugin.plugin, options(mlflow, pupil), Behind(mlflow, pupil), deadline=20)


#: A bot that begins a run, and is killed while that goes on.
BOT = """
import asyncio, json, os, signal, sys
from bot.contract import Context
from plugins.mlflow.settings import MlflowSettings
from plugins.mlflow.trainer import Delegate
from tests.plugins.kilns import ORDER
settings = MlflowSettings.model_validate(json.loads(sys.argv[1]))
run = asyncio.run(Delegate(settings, Context("registry")).start(json.loads(sys.argv[2]), ORDER, "CHG-1"))
print(run.id, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def bot(server: Server, pupil: Pupil, ref: Mapping[str, str]) -> subprocess.Popen[str]:
    given = [json.dumps(options(server, pupil)), json.dumps(dict(ref))]
    env = {"PYTHONPATH": os.getcwd(), "PATH": os.defpath}
    return subprocess.Popen([sys.executable, "-c", BOT, *given], stdout=subprocess.PIPE, text=True, env=env)


async def test_bots_that_begin_at_once_begin_one_run_which_outlives_them(mlflow: Server, pupil: Pupil) -> None:
    ref = await registered(mlflow)
    bots = [bot(mlflow, pupil, ref) for _ in range(3)]
    said = {one.communicate(timeout=120)[0].strip() for one in bots}
    assert [one.returncode for one in bots] == [-signal.SIGKILL] * 3
    (run,) = said
    assert await pupil.settled() == 1
    part = delegate(mlflow, pupil)
    found = await part.find(ref, TOKEN)
    assert found is not None
    assert (found.id, found.going) == (run, Going.RUNNING)
    assert [one.id for one in await part.running(ref)] == [run]
    await pupil.does(run, metrics={"auc": 0.97, "tocsin.cost": 1.5}, registers=True)
    done = await kilns.over(part, run, ref)  # type: ignore[arg-type]
    assert (done.version, done.metrics, done.cost, done.share) == ("3", {"auc": 0.97}, 1.5, 1.0)
    assert done.link == f"{mlflow.url}/#/experiments/{await _experiment(mlflow, ref)}/runs/{run}"
    assert done.started_at is not None
    assert await mlflow.pointed(ref["registered_model"], "champion") == "2"


async def _experiment(server: Server, ref: Mapping[str, str]) -> str:
    said = await server.done("GET", "experiments/get-by-name", {"experiment_name": ref["registered_model"]})
    return str(said["experiment"]["experiment_id"])


async def test_what_others_train_in_the_experiment_is_seen(mlflow: Server, pupil: Pupil) -> None:
    ref, part = await registered(mlflow), delegate(mlflow, pupil)
    run = await part.start(ref, ORDER, TOKEN)
    at = await _experiment(mlflow, ref)
    now = int(run.started_at.timestamp() * 1000) if run.started_at else 0
    tags: list[dict[str, str]] = [{"key": "tocsin.registered_model", "value": "another"}]
    made = []
    for start, marks in ((now, []), (now - 3 * 86_400_000, []), (now, tags)):
        body = {"experiment_id": at, "start_time": start, "tags": marks}
        made.append((await mlflow.done("POST", "runs/create", body))["run"]["info"]["run_id"])
    assert {one.id for one in await part.running(ref)} == {run.id, made[0]}
    assert (await part.poll(ref, made[0])).going is Going.RUNNING
    await mlflow.done("POST", "runs/delete", {"run_id": made[0]})
    assert [one.id for one in await part.running(ref)] == [run.id]


async def test_a_run_that_was_deleted_is_found_and_not_begun_again(mlflow: Server, pupil: Pupil) -> None:
    ref, part = await registered(mlflow), delegate(mlflow, pupil)
    run = await part.start(ref, ORDER, TOKEN)
    await pupil.does(run.id, forgets=True)
    await kilns.over(part, run.id, ref)  # type: ignore[arg-type]
    await mlflow.done("POST", "runs/delete", {"run_id": run.id})
    found = await part.find(ref, TOKEN)
    assert found is not None
    assert (found.going, found.stage) == (Going.CANCELLED, "somebody deleted it in MLflow")
    assert (await part.start(ref, ORDER, TOKEN)).id == run.id
    assert len(pupil.began) == 1


async def test_an_artifact_is_the_log_where_nothing_else_is(mlflow: Server, pupil: Pupil) -> None:
    ref, part = await registered(mlflow), delegate(mlflow, pupil)
    run = await part.start(ref, ORDER, TOKEN)
    stored = f"api/2.0/mlflow-artifacts/artifacts/{await _experiment(mlflow, ref)}/{run.id}/artifacts/tocsin.log"
    await _put(f"{mlflow.url}/{stored}", b"first\nValueError: no rows\n")
    await pupil.does(run.id, fails="")
    failed = await kilns.over(part, run.id, ref)  # type: ignore[arg-type]
    assert (failed.going, failed.log) == (Going.FAILED, "first\nValueError: no rows")


async def _put(url: str, body: bytes) -> None:
    async with aiohttp.request("PUT", url, data=body) as reply:
        reply.raise_for_status()
