"""Stages of the trainers' suite over MLflow: a command, a Job, a pipeline, each on runs kept in memory."""

import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson

from bot.contract import Context, Order
from bot.testing.clock import FakeClock
from bot.testing.far_end import Arrived, FarEnd
from plugins.mlflow.settings import MlflowSettings
from plugins.mlflow.trainer import Delegate
from tests.plugins import clusters, pupils
from tests.plugins.clusters import Cluster
from tests.plugins.kilns import lives
from tests.plugins.pupils import Pupil
from tests.plugins.shelf import NOW
from tests.plugins.tracks import Tracks

SECRET = "a-trigger-token-of-the-tests"


class Bench:
    """What the three have in common: a model of eight versions in an MLflow that is made anew each time."""

    def __init__(self) -> None:
        self.tracks, self._count = Tracks(), 0
        self.ref: Mapping[str, str] = {"registered_model": "churn", "alias": "champion"}

    @property
    def model(self) -> str:
        return self.ref["registered_model"]

    async def prepare(self) -> None:
        self._count += 1
        self.ref = {"registered_model": f"churn-{self._count}", "alias": "champion"}
        self.tracks.model(self.model)

    async def tells(self, run: str, stage: str, share: float) -> None:
        self.tracks.runs[run]["tags"] |= {"tocsin.stage": stage, "tocsin.share": str(share)}

    async def succeeds(self, run: str, version: str | None, metrics: Mapping[str, float]) -> None:
        self.tracks.logs(run, **metrics)
        if version:
            self.tracks.register(self.model, run)
        self.tracks.ends(run)

    async def serving(self) -> str:
        return self.tracks.aliases[self.model]


class Commanded(Bench):
    """A program on this machine."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self.pupil = Pupil(folder / "0")

    def train(self) -> dict[str, Any]:
        return {"command": [sys.executable, "train.py"], "cwd": str(self.pupil.folder)}

    async def started(self) -> int:
        mine = {run for run, one in self.tracks.runs.items() if one["tags"]["tocsin.registered_model"] == self.model}
        await self.pupil.settled()
        return sum((self.pupil.folder / f"{run}.env").exists() for run in mine)

    async def at_work(self) -> int:
        mine = [run for run, one in self.tracks.runs.items() if one["tags"]["tocsin.registered_model"] == self.model]
        files = [self.pupil.folder / "runs" / f"CHG-1-{run}" / "process.json" for run in mine]
        return sum(lives(orjson.loads(file.read_bytes())["pid"]) for file in files if file.exists())

    async def ordered(self, run: str) -> Order:
        return pupils.ordered(self.pupil.environment(run))

    async def succeeds(self, run: str, version: str | None, metrics: Mapping[str, float]) -> None:
        await self.pupil.does(run, metrics=dict(metrics), registers=bool(version))

    async def fails(self, run: str, last: str) -> None:
        await self.pupil.does(run, fails=last)


class Jobbed(Bench):
    """A Kubernetes Job."""

    def __init__(self) -> None:
        super().__init__()
        self.cluster = Cluster()

    async def prepare(self) -> None:
        await super().prepare()
        self.cluster.__init__()  # type: ignore[misc]

    def name(self, run: str) -> str:
        """The Job of a run."""
        return str(self.tracks.runs[run]["tags"]["tocsin.job"]).removeprefix("ml/")

    async def started(self) -> int:
        return len(self.cluster.began)

    async def at_work(self) -> int:
        return sum("conditions" not in job["status"] for job in self.cluster.jobs.values())

    async def ordered(self, run: str) -> Order:
        return next(pupils.ordered(said) for said in self.cluster.began if said["MLFLOW_RUN_ID"] == run)

    async def succeeds(self, run: str, version: str | None, metrics: Mapping[str, float]) -> None:
        await super().succeeds(run, version, metrics)
        self.cluster.completes(self.name(run))

    async def fails(self, run: str, last: str) -> None:
        self.cluster.fails(self.name(run), last)


def job(at: str, **more: Any) -> dict[str, Any]:
    """The settings of such Jobs."""
    given = {"template": clusters.TEMPLATE, "namespace": "ml", "url": at, "token": clusters.TOKEN}
    return {"job": {**given, **more}}


class Piped(Bench):
    """A pipeline of GitLab that looks at its run now and then."""

    def __init__(self) -> None:
        super().__init__()
        self.began: list[dict[str, str]] = []
        self.posted: list[Arrived] = []
        self.answers: list[tuple[int, bytes] | None] = []  #: to the next that would be taken

    def says(self, arrived: Arrived) -> tuple[int, bytes] | None:
        """As GitLab answers the trigger of a pipeline."""
        self.posted.append(arrived)
        said = orjson.loads(arrived.body)
        if self.answers and (answer := self.answers.pop(0)) is not None:
            return answer
        if arrived.path != "/api/v4/projects/ml%2Fchurn/trigger/pipeline":
            return 404, b'{"message": "404 Not Found"}'
        if said["token"] != SECRET or set(said) != {"token", "ref", "variables"}:
            return 404, b'{"message": "404 Not Found"}'
        self.began.append(said["variables"])
        self.tracks.runs[said["variables"]["MLFLOW_RUN_ID"]]["status"] = "RUNNING"
        page = {"id": 46, "status": "created", "web_url": "https://gitlab.example.com/ml/churn/-/pipelines/46"}
        return 201, orjson.dumps(page)

    async def prepare(self) -> None:
        await super().prepare()
        self.began = []

    async def started(self) -> int:
        return len(self.began)

    async def at_work(self) -> int:
        runs = [self.tracks.runs[said["MLFLOW_RUN_ID"]] for said in self.began]
        return sum(run["status"] in ("RUNNING", "SCHEDULED") for run in runs)

    async def ordered(self, run: str) -> Order:
        return next(pupils.ordered(said) for said in self.began if said["MLFLOW_RUN_ID"] == run)

    async def fails(self, run: str, last: str) -> None:
        self.tracks.runs[run]["tags"]["tocsin.log"] = last[-4_000:]
        self.tracks.ends(run, "FAILED")


def pipeline(at: str, **more: Any) -> dict[str, Any]:
    """The settings of such a pipeline."""
    return {"pipeline": {"kind": "gitlab", "url": at, "token": SECRET, "project": "ml/churn", **more}}


def trainer(url: str, train: Mapping[str, Any] | None, **options: Any) -> Delegate:
    """The part of a connection, at NOW."""
    given = {"url": url, "timeout": "2s", **({"train": train} if train else {}), **options}
    return Delegate(MlflowSettings.model_validate(given), Context("registry", FakeClock(NOW)))


@asynccontextmanager
async def jobbed(**more: Any) -> AsyncIterator[tuple[Jobbed, Delegate]]:
    """A Job's stage, and the part over it."""
    stage = Jobbed()
    await stage.prepare()
    async with FarEnd(says=stage.tracks.says) as far, FarEnd(says=stage.cluster.says) as cluster:
        yield stage, trainer(far.url, job(cluster.url, **more))


@asynccontextmanager
async def piped(**more: Any) -> AsyncIterator[tuple[Piped, Delegate]]:
    """A pipeline's stage, and the part over it."""
    stage = Piped()
    await stage.prepare()
    async with FarEnd(says=stage.tracks.says) as far, FarEnd(says=stage.says) as ci:
        yield stage, trainer(far.url, pipeline(ci.url, **more))
