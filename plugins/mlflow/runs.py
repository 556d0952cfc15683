"""The runs of MLflow that are ours to follow: found by their token, claimed by one bot, told what we know of them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.contract import NotDelivered, NotFound, Refused, TocsinError, reading
from plugins.mlflow import answers, marks
from plugins.mlflow.client import Client

MOST = 100  #: runs of one search
_TRIES = 6
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Record:
    """A run as MLflow has it."""

    id: str
    experiment: str
    status: str  #: RUNNING, SCHEDULED, FINISHED, FAILED, KILLED
    deleted: bool
    started_at: datetime | None
    ended_at: datetime | None
    tags: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    step: int = 0  #: the last step of its metrics
    claim: str = ""

    @property
    def over(self) -> bool:
        """MLflow was told its end."""
        return self.status in ("FINISHED", "FAILED", "KILLED")

    @property
    def claimed(self) -> bool:
        """One bot may hand it on, and did or will."""
        return self.claim not in ("", marks.VOID)

    @property
    def dropped(self) -> bool:
        """Nobody will ever hand it on."""
        refused = marks.REFUSED in self.tags and marks.DELEGATED not in self.tags
        return self.claim == marks.VOID or refused or (self.deleted and not self.claimed)


class Runs:
    """Over one connection; each method raises what the client does."""

    def __init__(self, client: Client) -> None:
        """Asks nothing yet."""
        self._client = client

    async def experiment(self, name: str) -> str | None:
        """The number of the experiment of that name; None when there is none. Refused when it was deleted."""
        try:
            said = (await self._client.get("experiments/get-by-name", experiment_name=name)).get("experiment")
        except NotFound:
            return None
        if not isinstance(said, dict) or not (number := reading.text(said.get("experiment_id"), 64)):
            raise NotDelivered("MLflow's answer describes no experiment.", "Look whether the address is right.")
        if said.get("lifecycle_stage") == "deleted":
            raise Refused(f"The experiment {name} was deleted in MLflow.", "Restore it, or set `train.experiment`.")
        return number

    async def made(self, name: str) -> str:
        """The number of the experiment, which is there from now on."""
        if (found := await self.experiment(name)) is not None:
            return found
        refusal: TocsinError | None = None
        try:
            await self._client.post("experiments/create", name=name)
        except (Refused, NotDelivered) as error:  # somebody may have been faster, or the answer was lost
            refusal = error
        if (found := await self.experiment(name)) is None:
            raise refusal or NotDelivered(f"MLflow does not know the experiment {name}.", retry=True)
        return found

    async def search(self, experiment: str, wanted: str, *, all: bool = True) -> list[Record]:
        """The runs that a filter of MLflow fits, the newest first; deleted ones too, unless not `all`."""
        try:
            found = await self._client.post(
                "runs/search",
                experiment_ids=[experiment],
                filter=wanted,
                run_view_type="ALL" if all else "ACTIVE_ONLY",
                max_results=MOST,
                order_by=["attributes.start_time DESC"],
            )
        except NotDelivered as error:
            raise NotDelivered(error.what, error.do, retry=True, after=error.after) from None  # it changes nothing
        return [one for one in map(_record, answers.dicts(found.get("runs"))) if one is not None]

    async def get(self, run: str) -> Record:
        """One run; NotFound."""
        if not _ID.fullmatch(run):
            raise NotFound("There is no such run.", "Choose one that was started.")
        found = (await self._client.get("runs/get", run_id=run)).get("run")
        record = _record(found) if isinstance(found, dict) else None
        if record is None:
            raise NotDelivered("MLflow's answer describes no run.", "Look whether the address is right.")
        return record

    async def of(self, experiment: str, key: str) -> Record | None:
        """The run of a token that was claimed; None when there is certainly none."""
        return next((one for one in await self._candidates(experiment, key) if one.claimed), None)

    async def claim(self, experiment: str, tags: Mapping[str, str], mine: str, at: datetime) -> Record:
        """The one run of a token, made when there is none; its `claim` is `mine` where we are to hand it on.

        Of two who do this at once one wins. Whoever claims a run made all others void that it saw after that run was
        made; so of two claims the later would have seen the other's run, and found it claimed.
        """
        for _ in range(_TRIES):
            there = await self._candidates(experiment, tags[marks.KEY])
            if claimed := [one for one in there if one.claimed]:
                return claimed[0]
            if not there:
                await self._create(experiment, tags, at)
                continue  # looked at again, for somebody else may have made one meanwhile
            first, *others = there
            settled = [await self._settle(other.id, marks.VOID) for other in others]
            if all(one.claim == marks.VOID for one in settled):
                taken = await self._settle(first.id, mine)
                if taken.claimed:
                    return taken
        raise NotDelivered("Others begin the same training.", "Look whether it began.", retry=True)

    async def mark(self, run: str, tags: Mapping[str, str]) -> None:
        """Set these tags; one that is set again is set once."""
        for key, value in tags.items():
            said = {"run_id": run, "key": key, "value": value}
            try:
                await self._client.post("runs/set-tag", **said)
            except Refused:  # MLflow's database does so when two set a new tag at once; then it is no more new
                await self._client.post("runs/set-tag", **said)

    async def status(self, run: str, status: str, ended: datetime | None = None) -> None:
        """Tell MLflow how it stands."""
        ends = {"end_time": int(ended.timestamp() * 1000)} if ended else {}
        await self._client.post("runs/update", run_id=run, status=status, **ends)

    async def versions(self, run: str, model: str) -> Sequence[Mapping[str, Any]]:
        """What was registered of a model out of the run, the newest first."""
        found = await self._client.get("model-versions/search", filter=f"run_id='{run}'", max_results=str(MOST))
        said = [one for one in answers.dicts(found.get("model_versions")) if one.get("name") == model]
        mine = [one for one in said if one.get("run_id") == run and str(one.get("version", "")).isdecimal()]
        return sorted(mine, key=lambda one: int(one["version"]), reverse=True)

    async def _candidates(self, experiment: str, key: str) -> list[Record]:
        found = await self.search(experiment, f"tags.`{marks.KEY}` = '{key}'")
        return sorted((one for one in found if not one.dropped), key=lambda one: one.id)

    async def _create(self, experiment: str, tags: Mapping[str, str], at: datetime) -> None:
        await self._client.post(
            "runs/create",
            experiment_id=experiment,
            start_time=int(at.timestamp() * 1000),
            run_name=tags["mlflow.runName"],
            tags=[{"key": key, "value": value} for key, value in tags.items()],
        )

    async def _settle(self, run: str, value: str) -> Record:
        """The run once its claim has a value, this one or another's that came first."""
        refusal: TocsinError | None = None
        try:
            await self._client.post("runs/log-parameter", run_id=run, key=marks.CLAIM, value=value)
        except (Refused, NotDelivered) as error:
            refusal = error
        record = await self.get(run)
        if not record.claim:
            raise refusal or NotDelivered("MLflow forgot who hands the run on.", "Look at its database.")
        return record


def _record(run: Mapping[str, Any]) -> Record | None:
    info, data = run.get("info"), run.get("data")
    if not isinstance(info, dict) or not _ID.fullmatch(str(info.get("run_id", ""))):
        return None
    data = data if isinstance(data, dict) else {}
    steps = [reading.number(answers.number(one.get("step"))) or 0 for one in answers.dicts(data.get("metrics"))]
    return Record(
        id=str(info["run_id"]),
        experiment=str(info.get("experiment_id", "")),
        status=str(info.get("status", "")),
        deleted=info.get("lifecycle_stage") == "deleted",
        started_at=reading.instant(answers.number(info.get("start_time"))),
        ended_at=reading.instant(answers.number(info.get("end_time"))),
        tags=answers.tags(data),
        metrics=answers.measured(run),
        step=int(max(steps, default=0)),
        claim=answers.pairs(data.get("params")).get(marks.CLAIM, ""),
    )
