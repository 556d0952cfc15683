"""Has models trained: MLflow keeps the run, and a command, a Kubernetes Job or a pipeline does the work."""

import secrets
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import ClassVar

from bot.contract import Check, Context, Going, NotDelivered, NotFound, Order, Refused, Run, TocsinError
from plugins.mlflow import log, marks, reference, told
from plugins.mlflow.client import Client
from plugins.mlflow.command import Command
from plugins.mlflow.kubernetes import Jobs
from plugins.mlflow.pipeline import Pipelines
from plugins.mlflow.registry import Registry
from plugins.mlflow.runs import Record, Runs
from plugins.mlflow.settings import MlflowSettings
from plugins.mlflow.training import Train
from plugins.mlflow.way import UNSEEN, Errand, Seen, State, Way

_GOING = " AND ".join(f"attributes.status != '{over}'" for over in ("FINISHED", "FAILED", "KILLED"))
_CHILD = "mlflow.parentRunId"
_ARTIFACT = "tocsin.log"
_OVER = (State.ENDED, State.FAILED, State.ABSENT)


class Delegate:
    """The runs of one server's models.

    Repeatable: a run is handed on by whoever wrote its parameter `tocsin.delegating` first, which MLflow lets nobody
    change. A Job and a command begin once however often they are asked for; a pipeline is asked for once, also where
    its answer was lost, so that it may be that a run waits for a pipeline that never was.
    """

    repeatable: ClassVar[bool] = True

    def __init__(self, settings: MlflowSettings, context: Context) -> None:
        """Nothing is opened."""
        self._settings, self._train = settings, settings.train
        self._clock = context.clock
        self._client = Client.of(settings)
        self._host = socket.gethostname()
        self._way = _way(settings.train, settings.timeout.total_seconds(), self._host) if settings.train else None

    async def start(self, ref: Mapping[str, str], order: Order, token: str) -> Run:
        """Make the run of this token and hand it on, unless that was done."""
        model, way = _model(ref), self._way
        if way is None or self._train is None:
            raise Refused("This connection trains nothing.", "Say who does in its `train`.")
        if not marks.fit(token):
            raise Refused("The token is no plain word of at most 63 letters.", "Use one such as CHG-1.")
        given = marks.variables(order, token, model, self._train.tracking_url or self._settings.url)
        async with self._client.kept() as client:
            runs = Runs(client)
            if ref["alias"] not in await Registry(client).aliases(reference.read(ref)):
                raise NotFound(f"{model} has no alias {ref['alias']}.", "Give the version that serves one.")
            experiment = await runs.made(self._experiment(model))
            tags = marks.tags(order, token, model, way.name, given)
            mine = f"{self._host}/{secrets.token_hex(8)}"
            record = await runs.claim(experiment, tags, mine, self._clock.now())
            first = record.claim == mine
            if first:
                await runs.status(record.id, "SCHEDULED")
                await runs.mark(record.id, {marks.ASKED: self._clock.now().isoformat()})
            if first or await self._certainly_not(record):
                await self._hand_on(runs, way, record, {**given, "MLFLOW_RUN_ID": record.id})
            with _begun():
                return await self._told(runs, await runs.get(record.id), model)

    async def find(self, ref: Mapping[str, str], token: str) -> Run | None:
        """The run that bears the token's mark and was handed on, wherever its experiment keeps it."""
        model = _model(ref)
        if not marks.fit(token):
            return None
        async with self._client.kept() as client:
            runs = Runs(client)
            experiment = await runs.experiment(self._experiment(model))
            record = await runs.of(experiment, marks.key(token, model)) if experiment else None
            if record is None or await self._certainly_not(record):
                return None
            return await self._told(runs, record, model)

    async def poll(self, ref: Mapping[str, str], run: str) -> Run:
        """How MLflow has it, and what is seen of who does the work."""
        model = _model(ref)
        async with self._client.kept() as client:
            runs = Runs(client)
            return await self._told(runs, await self._one(runs, model, run), model)

    async def cancel(self, ref: Mapping[str, str], run: str) -> Run:
        """End the command, delete the Job, and mark the run KILLED; a pipeline must look at that itself."""
        model = _model(ref)
        async with self._client.kept() as client:
            runs = Runs(client)
            record = await self._one(runs, model, run)
            if (now := await self._told(runs, record, model)).over:
                return now
            if not marks.ours(record.tags, model):
                raise Refused("The run was not started by Tocsin.", "Stop it where it was started.")
            await runs.mark(record.id, {marks.CANCELLED: self._clock.now().isoformat()})
            if (way := self._way_of(record)) is not None:
                await way.stop(_errand(record))
            await runs.status(record.id, "KILLED", self._clock.now())
            return await self._told(runs, await runs.get(record.id), model)

    async def running(self, ref: Mapping[str, str]) -> Sequence[Run]:
        """The runs of the model's experiment that go on: ours, and those of others that began not too long ago."""
        model = _model(ref)
        async with self._client.kept() as client:
            runs = Runs(client)
            experiment = await runs.experiment(self._experiment(model))
            if experiment is None:
                return ()
            found = [
                await self._told(runs, one, model)
                for one in await runs.search(experiment, _GOING, all=False)
                if self._counts(one, model)
            ]
            return tuple(one for one in found if not one.over)

    async def check(self) -> list[Check]:
        """Whether a training could begin; nothing where none is configured."""
        return await self._way.check() if self._way else []

    def _experiment(self, model: str) -> str:
        return (self._train.experiment if self._train else None) or model

    def _counts(self, record: Record, model: str) -> bool:
        """Whether it is a training of this model: claimed by us, or of somebody who says no other model."""
        if marks.TOKEN in record.tags:
            return record.claimed and marks.ours(record.tags, model) and not record.dropped
        whose = record.tags.get(marks.REGISTERED, model)
        if whose != model or _CHILD in record.tags or record.started_at is None or self._train is None:
            return False
        return self._clock.now() - record.started_at < self._train.abandoned

    def _way_of(self, record: Record) -> Way | None:
        """Who does the work; None for a run of others, or when the connection names another by now."""
        way, tags = self._way, record.tags
        ours = record.claimed and marks.ours(tags, tags.get(marks.REGISTERED, ""))
        return way if way is not None and ours and tags.get(marks.WAY) == way.name else None

    async def _certainly_not(self, record: Record) -> bool:
        """Whether it was claimed and surely not begun, so that it may be begun now."""
        way = self._way_of(record)
        if way is None or not way.again or marks.DELEGATED in record.tags or record.over:
            return False
        return (await way.look(_errand(record))).state is State.ABSENT

    async def _hand_on(self, runs: Runs, way: Way, record: Record, variables: Mapping[str, str]) -> None:
        """Begin it; what certainly was not begun is written down as such, so that it may be asked for again."""
        try:
            noted = await way.begin(_errand(record), variables)
        except (Refused, NotFound, NotDelivered) as error:
            if not isinstance(error, NotDelivered) or error.retry:
                await runs.mark(record.id, {marks.REFUSED: error.what, marks.STAGE: error.what})
                await runs.status(record.id, "FAILED", self._clock.now())
            raise
        with _begun():
            await runs.mark(record.id, {**noted, marks.DELEGATED: self._clock.now().isoformat()})

    async def _one(self, runs: Runs, model: str, run: str) -> Record:
        record = await runs.get(run)
        if record.experiment != await runs.experiment(self._experiment(model)):
            raise NotFound(f"{model} has no such run.", "Choose one that was started.")
        return record

    async def _told(self, runs: Runs, record: Record, model: str) -> Run:
        way, train = self._way_of(record), self._train or Train.model_construct()
        seen = await _look(way, record) if way else UNSEEN
        if seen.state in _OVER and not record.over:
            record = await runs.get(record.id)  # it may have told MLflow its end just before that
        versions = await runs.versions(record.id, model) if record.status == "FINISHED" else ()
        link = f"{self._settings.url}/#/experiments/{record.experiment}/runs/{record.id}"
        late = self._clock.now() - train.settle
        return await self._logged(told.run(record, seen, versions, link, late))

    async def _logged(self, run: Run) -> Run:
        """The same with the log it left among its artifacts, where it failed and nothing else tells."""
        if run.going is not Going.FAILED or run.log:
            return run
        try:
            body = await self._client.artifact(run.id, _ARTIFACT)
        except TocsinError:
            return run
        return told.with_log(run, log.last(body or b""))


@contextmanager
def _begun() -> Iterator[None]:
    """What is refused from here on does not mean that nothing was begun."""
    try:
        yield
    except (Refused, NotFound) as error:
        raise NotDelivered(error.what, "Look whether the training began.") from None


async def _look(way: Way, record: Record) -> Seen:
    """What is seen of the work; of a run that is over, whatever hinders that, too."""
    try:
        return await way.look(_errand(record))
    except TocsinError:
        if record.over:
            return UNSEEN
        raise


def _errand(record: Record) -> Errand:
    host = record.claim.rpartition("/")[0]
    return Errand(record.tags.get(marks.TOKEN, ""), record.id, record.tags.get(marks.REGISTERED, ""), host)


def _model(ref: Mapping[str, str]) -> str:
    """The registered model that the catalogue names; Refused for a prompt."""
    named = reference.read(ref)
    if named.prompt:
        raise Refused(f"{named.name} is a prompt: it is written, not trained.", "Retrain models only.")
    return named.name


def _way(train: Train, timeout: float, host: str) -> Way:
    if train.job is not None:
        return Jobs(train.job, timeout)
    if train.pipeline is not None:
        return Pipelines(train.pipeline, timeout)
    return Command(train, host)
