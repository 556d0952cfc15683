"""Training over MLflow: the contract by a command, a Job and a pipeline, and what MLflow and settings say."""

import dataclasses
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from bot.contract import Going, NotDelivered, NotFound, Refused
from bot.testing import trainers
from bot.testing.far_end import Behaviour, FarEnd
from plugins import mlflow
from plugins.mlflow.settings import MlflowSettings
from plugins.mlflow.training import Job
from tests.plugins import clusters
from tests.plugins.benches import Commanded, Jobbed, Piped, job, piped, pipeline, trainer
from tests.plugins.kilns import ORDER
from tests.plugins.shelf import NOW

TOKEN = "CHG-1"


@pytest.fixture
def commanded(tmp_path: Path) -> Iterator[Commanded]:
    stage = Commanded(tmp_path)
    yield stage
    stage.pupil.put_out()


async def test_a_command_keeps_the_contract(commanded: Commanded) -> None:
    async with FarEnd(says=commanded.tracks.says) as far:
        await trainers.conforms(mlflow.plugin, {"url": far.url, "train": commanded.train()}, commanded)


async def test_a_job_keeps_the_contract() -> None:
    stage = Jobbed()
    async with FarEnd(says=stage.tracks.says) as far, FarEnd(says=lambda said: stage.cluster.says(said)) as cluster:
        await trainers.conforms(mlflow.plugin, {"url": far.url, "train": job(cluster.url)}, stage)


async def test_a_pipeline_keeps_the_contract() -> None:
    stage = Piped()
    async with FarEnd(says=stage.tracks.says) as far, FarEnd(says=stage.says) as ci:
        await trainers.conforms(mlflow.plugin, {"url": far.url, "train": pipeline(ci.url)}, stage)


# --- what MLflow says ---


async def test_a_version_that_is_being_registered_is_waited_for() -> None:
    async with piped() as (stage, part):
        run = await part.start(stage.ref, ORDER, TOKEN)
        stage.tracks.register(stage.model, run.id, "PENDING_REGISTRATION")
        stage.tracks.ends(run.id)
        found = await part.poll(stage.ref, run.id)
        assert (found.going, found.stage) == (Going.RUNNING, "its version is being registered")
        stage.tracks.models[stage.model][-1]["status"] = "FAILED_REGISTRATION"
        found = await part.poll(stage.ref, run.id)
        assert found.going is Going.FAILED
        assert "version 9 cannot be loaded. MLflow says FAILED_REGISTRATION" in found.stage


async def test_a_pipeline_may_register_its_version_shortly_after_its_end() -> None:
    async with piped() as (stage, part):
        run = await part.start(stage.ref, ORDER, TOKEN)
        stage.tracks.ends(run.id, at=int((NOW - timedelta(seconds=50)).timestamp() * 1000))
        found = await part.poll(stage.ref, run.id)
        assert (found.going, found.stage) == (Going.RUNNING, "about to register its version")
        stage.tracks.register("churn-1", run.id)
        assert (await part.poll(stage.ref, run.id)).version == "9"
        stage.tracks.models["churn-1"].pop()
        stage.tracks.ends(run.id, at=int((NOW - timedelta(seconds=61)).timestamp() * 1000))
        assert (await part.poll(stage.ref, run.id)).going is Going.FAILED


async def test_odd_things_in_a_run_are_left_out() -> None:
    async with piped() as (stage, part):
        run = await part.start(stage.ref, ORDER, TOKEN)
        tags = {"tocsin.stage": "fit\x1b[31m\n<!channel>" + "x" * 500, "tocsin.share": "7", "tocsin.cost": "-1"}
        stage.tracks.runs[run.id]["tags"] |= {**tags, "tocsin.log": "a\n" * 9_000 + "end"}
        stage.tracks.logs(run.id, **{"auc": 0.9, "tocsin.share": 3.0, "system/cpu": 9.0, "worse": 1e400})
        stage.tracks.logs(run.id, **{f"m{number:03}": 1.0 for number in range(500)})
        found = await part.poll(stage.ref, run.id)
    assert len(found.stage) == 120
    assert not {"\x1b", "\n"} & set(found.stage)
    assert (found.share, found.cost) == (None, None)
    assert found.log.endswith("end")
    assert len(found.log) <= 4_000
    assert len(found.metrics) <= 50
    assert found.metrics["auc"] == 0.9
    assert "worse" not in found.metrics


async def test_a_run_that_somebody_dressed_up_as_ours_is_not_looked_for(commanded: Commanded) -> None:
    await commanded.prepare()
    async with FarEnd(says=commanded.tracks.says) as far:
        part = trainer(far.url, commanded.train())
        run = await part.start(commanded.ref, ORDER, TOKEN)
        commanded.tracks.runs[run.id]["tags"]["tocsin.token"] = "../../elsewhere"
        with pytest.raises(Refused, match="not started by Tocsin"):
            await part.cancel(commanded.ref, run.id)
        await commanded.pupil.waits(run.id)
        assert commanded.pupil.at_work() == 1


async def test_a_run_of_another_experiment_is_none_of_this_model() -> None:
    async with piped() as (stage, part):
        run = await part.start(stage.ref, ORDER, TOKEN)
        stage.tracks.model("other")
        other = {"registered_model": "other", "alias": "champion"}
        await part.start(other, ORDER, "CHG-2")
        with pytest.raises(NotFound, match="other has no such run"):
            await part.poll(other, run.id)


@pytest.mark.parametrize(
    "behaviour", [Behaviour.BUSY, Behaviour.BROKEN, Behaviour.LIES, Behaviour.SLAMS, Behaviour.HANGS]
)
async def test_a_server_that_fails_is_no_answer(behaviour: Behaviour) -> None:
    async with FarEnd(behaviour=behaviour) as far:
        part = trainer(far.url, pipeline("http://127.0.0.1:9"), timeout="1s")
        ref = {"registered_model": "churn", "alias": "champion"}
        for act in (part.start(ref, ORDER, TOKEN), part.find(ref, TOKEN), part.poll(ref, "a1"), part.running(ref)):
            with pytest.raises(NotDelivered):
                await act


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"experiment": 7}', b'{"experiment": {"experiment_id": []}}', b'"x"'])
async def test_an_answer_of_another_shape_is_no_answer(body: bytes) -> None:
    async with FarEnd(answer=body) as far:
        part = trainer(far.url, None)
        with pytest.raises(NotDelivered):
            await part.find({"registered_model": "churn", "alias": "champion"}, TOKEN)
        with pytest.raises(NotDelivered):
            await part.poll({"registered_model": "churn", "alias": "champion"}, "a1")


# --- settings ---


async def test_without_train_it_trains_nothing() -> None:
    stage = Piped()
    await stage.prepare()
    async with FarEnd(says=stage.tracks.says) as far:
        part = trainer(far.url, None)
        with pytest.raises(Refused, match="trains nothing"):
            await part.start(stage.ref, ORDER, TOKEN)
        assert await part.check() == []
        assert list(await part.running(stage.ref)) == []


async def test_a_prompt_is_not_trained() -> None:
    with pytest.raises(Refused, match="written, not trained"):
        await trainer("http://127.0.0.1:9", None).start({"prompt": "hi", "alias": "production"}, ORDER, TOKEN)


async def test_an_order_that_cannot_be_written_down_begins_nothing() -> None:
    async with piped() as (stage, part):
        for parameters in ({"a": object()}, {"a": float("nan")}, {"a": "x" * 40_000}):
            with pytest.raises(Refused):
                await part.start(stage.ref, dataclasses.replace(ORDER, parameters=parameters), TOKEN)
        assert stage.tracks.runs == {}


@pytest.mark.parametrize(
    ("train", "why"),
    [
        ({}, "Give one of"),
        ({"command": ["x"], "cwd": "/", "job": {"template": clusters.TEMPLATE}}, "Give one of"),
        ({"command": []}, "at least 1"),
        ({"command": [""], "cwd": "/"}, "names no program"),
        ({"command": ["x"]}, "needs `cwd`"),
        ({"command": "x; y", "cwd": "/"}, "valid tuple"),
        ({"job": {"template": clusters.TEMPLATE}, "cwd": "/"}, "stand with `command` alone"),
        ({"job": {"template": {"kind": "Pod"}}}, "kind Job"),
        ({"job": {"template": {"kind": "Job", "apiVersion": "batch/v1", "spec": []}}}, "containers"),
        ({"job": {"template": "/no/such/file"}}, "No JSON can be read"),
        ({"job": {"template": clusters.TEMPLATE, "url": "cluster:6443"}}, "Write an address"),
        ({"pipeline": {"kind": "jenkins", "token": "t"}}, "gitlab"),
        ({"pipeline": {"kind": "gitlab", "token": "t"}}, "needs `project`"),
        ({"pipeline": {"kind": "github", "token": "t", "project": "churn", "workflow": "a.yml"}}, "owner/name"),
        ({"pipeline": {"kind": "webhook", "token": "t"}}, "needs `url`"),
    ],
)
def test_what_cannot_be_meant_is_refused(train: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        MlflowSettings.model_validate({"url": "http://mlflow", "train": train})


def test_a_template_may_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "job.json"
    file.write_bytes(orjson.dumps(clusters.TEMPLATE))
    train = {"job": {"template": str(file)}}
    settings = MlflowSettings.model_validate({"url": "http://mlflow", "train": train})
    assert settings.train is not None
    assert settings.train.job is not None
    assert settings.train.job.template == clusters.TEMPLATE


def test_the_samples_are_what_they_say() -> None:
    samples = Path(mlflow.__file__).parent / "samples"
    template = orjson.loads((samples / "training" / "job.json").read_bytes())
    Job.model_validate({"template": template})
    compile((samples / "training" / "train").read_text(), "train", "exec")
