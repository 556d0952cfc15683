"""Training by a Kubernetes Job: what is made of the template, why a pod failed, and what a cluster refuses."""

import re
from typing import Any

import pytest

from bot.contract import Going, Health, NotDelivered, NotFound, Refused
from plugins.mlflow import manifest
from plugins.mlflow.way import Errand
from tests.plugins import clusters
from tests.plugins.benches import jobbed
from tests.plugins.kilns import ORDER

TOKEN = "CHG-1"


async def test_a_job_is_the_template_with_its_name_and_variables() -> None:
    async with jobbed() as (stage, part):
        run = await part.start(stage.ref, ORDER, TOKEN)
        ((name, made),) = stage.cluster.jobs.items()
        assert re.fullmatch(r"tocsin-chg-1-[0-9a-f]{10}", name)
        assert made["metadata"]["labels"] == {"team": "churn-ml", "app.kubernetes.io/managed-by": "tocsin"}
        assert made["metadata"]["annotations"] == {"tocsin/mlflow-run": run.id}
        assert (made["spec"]["backoffLimit"], made["spec"]["ttlSecondsAfterFinished"]) == (0, 86_400)
        (said,) = stage.cluster.began
        assert said["A"] == "b"
        assert said["TOCSIN_REGISTERED_MODEL"] == stage.model
        assert said["MLFLOW_TRACKING_URI"].startswith("http://127.0.0.1:")
        assert "tocsin/mlflow-run" not in str(clusters.TEMPLATE)
        tags = stage.tracks.runs[run.id]["tags"]
        assert (tags["tocsin.token"], tags["tocsin.model"], tags["tocsin.way"]) == (TOKEN, "churn", "job")


async def test_a_job_that_fails_before_its_run_began_says_why() -> None:
    async with jobbed() as (stage, part):
        run = await part.start(stage.ref, ORDER, TOKEN)
        stage.cluster.fails(stage.name(run.id), "loading\nMemoryError")
        found = await part.poll(stage.ref, run.id)
        assert (found.going, found.stage) == (Going.FAILED, "its Job failed: OOMKilled, exit code 137")
        assert found.log == "loading\nMemoryError"
        del stage.cluster.pods[stage.name(run.id)]
        assert (await part.poll(stage.ref, run.id)).stage == "its Job failed: BackoffLimitExceeded: too often"


async def test_a_pod_that_waits_in_vain_says_what_for() -> None:
    async with jobbed() as (stage, part):
        stage.cluster.slow = True
        run = await part.start(stage.ref, ORDER, TOKEN)
        assert (run.going, run.stage) == (Going.WAITING, "asked for; MLflow heard nothing of it yet")
        name = stage.name(run.id)
        waits = {"state": {"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}}}
        stage.cluster.pods[name] = {"metadata": {"name": name}, "status": {"containerStatuses": [waits]}}
        found = await part.poll(stage.ref, run.id)
        assert (found.going, found.stage) == (Going.WAITING, "ImagePullBackOff: no such image")
        odd = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes"}
        stage.cluster.pods[name]["status"] = {"conditions": [odd]}
        assert (await part.poll(stage.ref, run.id)).stage == "Unschedulable: 0/3 nodes"


async def test_a_job_is_being_stopped_until_its_pods_are_gone() -> None:
    async with jobbed() as (stage, part):
        run = await part.start(stage.ref, ORDER, TOKEN)
        stage.cluster.lingers = True
        stopped = await part.cancel(stage.ref, run.id)
        assert (stopped.going, stopped.stage) == (Going.RUNNING, "being stopped")
        assert [one.id for one in await part.running(stage.ref)] == []
        stage.cluster.jobs.clear()
        assert (await part.poll(stage.ref, run.id)).going is Going.CANCELLED
        assert stage.tracks.runs[run.id]["status"] == "KILLED"


async def test_a_job_that_somebody_deleted_failed_and_is_not_made_again() -> None:
    async with jobbed() as (stage, part):
        run = await part.start(stage.ref, ORDER, TOKEN)
        stage.cluster.jobs.clear()
        found = await part.start(stage.ref, ORDER, TOKEN)
        assert (found.id, found.going, found.stage) == (run.id, Going.FAILED, "what should do the work is gone")
        assert len(stage.cluster.began) == 1


async def test_a_job_of_that_name_for_another_run_is_not_taken_for_ours() -> None:
    async with jobbed() as (stage, part):
        run = await part.start(stage.ref, ORDER, TOKEN)
        stage.tracks.runs.clear()
        with pytest.raises(Refused, match="is for another run"):
            await part.start(stage.ref, ORDER, TOKEN)
        assert len(stage.cluster.began) == 1
        assert await part.find(stage.ref, TOKEN) is None
        assert run.id


@pytest.mark.parametrize(
    ("answer", "error", "why"),
    [
        (clusters.status(403, "Forbidden", "jobs is forbidden"), Refused, "jobs is forbidden"),
        (clusters.status(422, "Invalid", "spec.template: bad"), Refused, "spec.template: bad"),
        (clusters.status(429, "TooManyRequests", "later"), NotDelivered, "busy"),
        ((404, b"<html>no</html>"), NotFound, "it answered 404"),
    ],
)
async def test_a_job_that_is_refused_was_not_begun(answer: Any, error: type[Exception], why: str) -> None:
    async with jobbed() as (stage, part):
        stage.cluster.answers = [answer]
        with pytest.raises(error, match=why):
            await part.start(stage.ref, ORDER, TOKEN)
        assert await part.find(stage.ref, TOKEN) is None
        assert list(await part.running(stage.ref)) == []
        assert (await part.start(stage.ref, ORDER, TOKEN)).going is Going.WAITING or stage.cluster.began
        assert len(stage.cluster.began) == 1


async def test_a_cluster_that_breaks_while_it_is_asked_is_asked_again() -> None:
    async with jobbed() as (stage, part):
        stage.cluster.answers = [clusters.status(500, "InternalError", "etcd")]
        with pytest.raises(NotDelivered, match="etcd") as said:
            await part.start(stage.ref, ORDER, TOKEN)
        assert not said.value.retry
        assert await part.find(stage.ref, TOKEN) is None
        await part.start(stage.ref, ORDER, TOKEN)
        assert len(stage.cluster.began) == 1
        assert len(stage.tracks.runs) == 1


async def test_what_mlflow_refuses_afterwards_does_not_say_that_nothing_was_begun() -> None:
    async with jobbed() as (stage, part):
        no = (403, b"Permission denied")
        stage.tracks.before = lambda path: no if stage.cluster.began and path == "runs/set-tag" else None
        with pytest.raises(NotDelivered, match="does not permit it"):
            await part.start(stage.ref, ORDER, TOKEN)
        found = await part.find(stage.ref, TOKEN)
        assert found is not None
        assert len(stage.cluster.began) == 1
        stage.tracks.before = lambda path: None
        assert (await part.start(stage.ref, ORDER, TOKEN)).id == found.id
        assert len(stage.cluster.began) == 1


async def test_the_check_asks_for_a_job_without_making_one() -> None:
    async with jobbed() as (stage, part):
        assert [row.health for row in await part.check()] == [Health.OK]
        assert stage.cluster.jobs == {}
    async with jobbed(token="another-token-of-the-tests") as (_, part):
        (row,) = await part.check()
        assert row.health is Health.MISSING
        assert "another-token" not in str(row)


async def test_a_bot_outside_a_cluster_must_be_told_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    async with jobbed(url=None) as (stage, part):
        with pytest.raises(Refused, match="runs in no cluster"):
            await part.start(stage.ref, ORDER, TOKEN)


@pytest.mark.parametrize("token", ["CHG-1", "chg-1", "a" * 63, "A.b_c", "0"])
def test_every_name_of_a_job_is_one_for_kubernetes(token: str) -> None:
    names = {manifest.name(Errand(token, "run", model, "")) for model in ("churn", "Ünal & co", "x" * 300)}
    assert len(names) == 3
    assert all(re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", name) for name in names)
    assert manifest.name(Errand("A", "run", "m", "")) != manifest.name(Errand("a", "run", "m", ""))
