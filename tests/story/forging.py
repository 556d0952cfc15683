"""A room in which models are trained anew: a trainer that keeps its runs in memory, and everything that comes after."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

from bot import app
from bot.contract.guard import Guard
from bot.contract.plugin import Check
from bot.contract.trainer import Going, Order, Run
from bot.engine import propose, trial, work
from bot.engine.desk import Desk, Forge, Host
from bot.errors import NotFound
from bot.model.change import Change, Lever
from bot.model.job import Job
from bot.model.retraining import Training
from bot.model.served import Version
from bot.slack import off
from bot.store import trainings
from tests.story import trying
from tests.story.changing import Scene, Shelf
from tests.story.trying import Bench

POLICY = "window: 30d, holdout: 0s, cooldown: 1d, longest: 6h, cost: 40, watch: 1d"


@dataclass
class Hearth:
    """A trainer; what befalls its next call of a part is in `faults`, before or after it was done (`late`)."""

    repeatable: ClassVar[bool] = True

    runs: dict[str, Run] = field(default_factory=dict)  #: by token
    begun: list[str] = field(default_factory=list)  #: a token for each run that was really started
    orders: list[Order] = field(default_factory=list)
    called: list[str] = field(default_factory=list)
    faults: dict[str, list[Exception]] = field(default_factory=dict)
    late: dict[str, list[Exception]] = field(default_factory=dict)
    others: list[Run] = field(default_factory=list)  #: what somebody else runs there

    def _call(self, part: str, when: dict[str, list[Exception]]) -> None:
        if when is self.faults:
            self.called.append(part)
        if when.get(part):
            raise when[part].pop(0)

    async def start(self, ref: Mapping[str, str], order: Order, token: str) -> Run:
        """Once for a token."""
        self._call("start", self.faults)
        if token not in self.runs:
            self.begun.append(token)
            self.orders.append(order)
            self.runs[token] = Run(f"run-{token}", Going.RUNNING, "reading", link=f"https://forge.example/{token}")
        self._call("start", self.late)
        return self.runs[token]

    async def find(self, ref: Mapping[str, str], token: str) -> Run | None:
        """By its token."""
        self._call("find", self.faults)
        return self.runs.get(token)

    async def poll(self, ref: Mapping[str, str], run: str) -> Run:
        """By its name."""
        self._call("poll", self.faults)
        return self._run(run)

    async def cancel(self, ref: Mapping[str, str], run: str) -> Run:
        """It ends at once."""
        self._call("cancel", self.faults)
        found = self._run(run)
        if not found.over:
            self.tell(run.removeprefix("run-"), going=Going.CANCELLED)
        return self._run(run)

    async def running(self, ref: Mapping[str, str]) -> Sequence[Run]:
        """Those that go on, ours and others'."""
        self._call("running", self.faults)
        return [run for run in (*self.runs.values(), *self.others) if not run.over]

    async def check(self) -> list[Check]:
        """All is well."""
        return []

    def tell(self, token: str, **more: Any) -> None:
        """What the run tells from now on."""
        self.runs[token] = replace(self.runs[token], **more)

    def _run(self, name: str) -> Run:
        found = next((run for run in self.runs.values() if run.id == name), None)
        if found is None:
            raise NotFound(f"There is no run {name}.")
        return found


@dataclass
class Smithy:
    """The room, its trainer and its platform, and what people do in it."""

    bench: Bench
    hearth: Hearth
    shelf: Shelf

    @property
    def scene(self) -> Scene:
        """The configuration."""
        return self.bench.scene

    @property
    def desk(self) -> Desk:
        """Of the process under test."""
        return self.scene.desk

    async def propose(self, by: str = "person:ada", desk: Desk | None = None, **more: Any) -> propose.Proposed:
        """Somebody asks to retrain churn, unless `more` says what else."""
        return await self.scene.propose(by, desk, **{"lever": Lever.RETRAIN, "why": "it drifts", **more})

    async def approved(self, **more: Any) -> Change:
        """One that somebody asks for and bo agrees to, once what is due is done."""
        return await self.begun(await self.agreed(**more))

    async def agreed(self, **more: Any) -> Change:
        """One that somebody asks for and bo agrees to, and nothing more."""
        change = await self.scene.proposed(**{"lever": Lever.RETRAIN, "why": "it drifts", **more})
        await self.scene.vote(change)
        return change

    async def begun(self, change: Change) -> Change:
        """The same once what is due is done."""
        await self.bench.drain()
        return await self.scene.stored(change)

    async def training(self, change: Change) -> Training:
        """As it is now."""
        return await self.desk.store.read(lambda tx: trainings.get(tx, change.id))

    async def later(self, **span: float) -> None:
        """Time passes, and what falls due is done, step by step."""
        until = self.scene.room.now + timedelta(**span)
        while self.scene.room.now < until:
            await self.scene.room.clock.advance(min(timedelta(seconds=30), until - self.scene.room.now))
            await self.bench.drain()

    async def made(self, change: Change, version: str = "6", **more: Any) -> None:
        """The run makes a version, and what is due is done."""
        if version not in {one.id for one in self.shelf.there}:
            self.shelf.there.insert(0, Version(version))
        self.hearth.tell(change.id, **{"going": Going.DONE, "version": version, "cost": 35.0, **more})
        await self.later(minutes=2)


@asynccontextmanager
async def opened(home: Path, database: str, policy: str = POLICY, more: str = "") -> AsyncIterator[Smithy]:
    """As `trying.opened`, with a trainer: 6 is by far better than 7, which serves; 5 is as good as 7."""
    async with trying.opened(home, database, more) as bench:
        bench.scene.write("config/estate.yaml", "    trial: {", f"    retrain: {{{policy}}}\n    trial: {{")
        hearth, shelf = Hearth(), Shelf()
        bench.desk.forges["shelf"] = Forge(hearth, Guard("shelf", bench.scene.room.clock, deadline=20))
        bench.desk.hosts["shelf"] = Host(shelf, Guard("shelf", bench.scene.room.clock, deadline=20))
        smithy = Smithy(bench, hearth, shelf)
        offer(smithy)
        yield smithy


def offer(smithy: Smithy, retrain: str = "approval: one", promote: str = "approval: one") -> None:
    """The runbook offers to retrain and to promote."""
    levers = f"rollback: {{approval: one}}\n  retrain: {{{retrain}}}\n  promote: {{{promote}}}"
    smithy.scene.write("runbooks/anything.md", "rollback: {approval: one}", levers)


def unjudged(smithy: Smithy) -> None:
    """From now on what was made waits to be judged, and nobody does."""

    async def never(job: Job) -> work.Outcome:
        return work.Later(job.due_at + timedelta(days=365), "nobody judges here", tried=False)

    quiet = dict.fromkeys((*off.HANDLERS, "change", trial.TOLD), off.HANDLERS["card"])
    handlers: dict[str, work.Handler] = {**quiet, **app.duties(smithy.desk), "judge": never}
    smithy.scene.room.worker = work.Worker(smithy.desk, handlers, owner="the room")
