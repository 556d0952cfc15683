"""A room in which a run has just ended: its version stands before the judge, with no trainer in between."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from bot.contract.evaluator import Asked, Scored
from bot.contract.guard import Guard
from bot.contract.plugin import Check
from bot.engine import desk as desks
from bot.engine import judge, promotion, trial_run, work
from bot.model.change import Change, Lever, Step, move
from bot.model.entry import Sealed
from bot.model.job import Job, Lane, NewJob
from bot.model.retraining import Phase, Training
from bot.model.served import Version
from bot.store import Tx, changes, jobs, trainings
from tests.story import forging, trying
from tests.story.forging import Smithy

POLICY = forging.POLICY.replace("cooldown: 1d", "cooldown: 0s")
GATE = "metric: auc, not_below_champion_by: 0.05"


@dataclass
class Columns:
    """A feature store; `down` is why it does not answer."""

    there: dict[str, str] = field(default_factory=dict)
    down: list[Exception] = field(default_factory=list)

    async def columns(self, ref: Any) -> dict[str, str]:
        """Those that are there."""
        if self.down:
            raise self.down.pop(0)
        return dict(self.there)

    async def check(self) -> list[Check]:
        """All is well."""
        return []


@dataclass
class Court:
    """The room, and what people and platforms do in it."""

    smithy: Smithy
    store: Columns
    offered: str = "retrain: {approval: one}\n  promote: {approval: one}"  #: as `forging.offer` has it

    async def made(self, version: str = "6", drain: bool = True, incident: str | None = None, **told: Any) -> Change:
        """A retrain that was agreed to has made this version; then what is due is done."""
        scene = self.smithy.scene
        proposed = await scene.proposed(lever=Lever.RETRAIN, why="it drifts", incident=incident)
        await scene.desk.store.write(lambda tx: ended(tx, proposed, version, told))
        if drain:
            await self.drain()
        return await scene.stored(proposed)

    async def drain(self) -> None:
        """What is due is done."""
        await self.smithy.bench.drain()

    async def training(self, change: Change) -> Training:
        """As it is now."""
        return await self.smithy.training(change)

    async def followed(self, change: Change) -> list[Change]:
        """Every change that came of it by itself."""
        return [one for one in await self.smithy.scene.all() if one.follows == change.id]

    async def judged(self, change: Change) -> Sealed:
        """The one entry that tells of the verdict."""
        (found,) = [one for one in await self.smithy.scene.log(change) if one.entry.kind == judge.JUDGED]
        return found

    def job(self, wanted: NewJob, attempts: int = 1) -> Job:
        """A wish as a worker gets it."""
        given = (wanted.key, wanted.kind, wanted.lane, wanted.due_at, wanted.payload)
        return Job(1, *given, fence=1, revision=1, attempts=attempts, claimed_at=wanted.due_at)

    async def judge(self, change: Change) -> None:
        """It is tried and judged, and nothing else that is due is done."""
        desk, now = self.smithy.desk, self.smithy.scene.room.now
        await self._do(await judge.Judges(desk).ring(self.job(judge.job(change.id, now))))
        (trial,) = await self.smithy.bench.all()
        made = NewJob(f"trial-made/{trial.id}", "trial", Lane.DIGEST, now, {"trial": trial.id})
        await self._do(await trial_run.Trials(desk).run(self.job(made)))
        await self._do(await judge.Judges(desk).ring(self.job(judge.job(change.id, now))))

    async def promote_again(self, change: Change) -> None:
        """Its promotion is asked for once more."""
        await self.smithy.desk.store.write(lambda tx: jobs.put(tx, promotion.job(change, tx.now)))

    async def _do(self, outcome: work.Outcome) -> None:
        assert outcome.then is not None, outcome
        await self.smithy.desk.store.write(outcome.then)

    def gate(self, gate: str, promote: str = "approval: one") -> None:
        """What the runbook wants from now on."""
        said = f"retrain: {{approval: one, gate: {{{gate}}}}}\n  promote: {{{promote}}}"
        self.smithy.scene.write("runbooks/anything.md", self.offered, said)
        self.offered = said


def ended(tx: Tx, change: Change, version: str, told: dict[str, Any]) -> None:
    """As `train` leaves it: the change waits, the run is over, its version is to be judged."""
    before = changes.get(tx, change.id)
    for step in (Step.APPROVED, Step.APPLYING, Step.VERIFYING):
        after = move(before, step, tx.now)
        changes.save(tx, before, after)
        before = after
    plan = change.plan
    own = {"model": plan.model, "entity": change.entity, "connection": plan.connection}
    said = {"asked_at": tx.now, "ended_at": tx.now, "heard_at": tx.now, "run": f"run-{change.id}", "version": version}
    training = Training(change.id, done=True, phase=Phase.JUDGING, **{**own, **said, **told})
    trainings.add(tx, training)
    jobs.put(tx, judge.job(change.id, tx.now))


def worse_on(value: str) -> Any:
    """Rows on which 6 is by far better, but for those of one country, on which it says nothing of use."""

    def rows(asked: Asked) -> Scored:
        said = trying.rows(asked)
        there: Any = np.asarray(said.columns["country"]) == value
        dice = np.random.default_rng(3)
        some: Any = there & (dice.random(len(there)) < 0.35)
        guessed: Any = np.where(some, dice.random(len(there)), said.said["6"])
        return replace(said, said={**said.said, "6": guessed})

    return rows


@asynccontextmanager
async def opened(home: Path, database: str, gate: str = GATE) -> AsyncIterator[Court]:
    """7 serves, 6 is far better, 5 is as good as 7, and what a version must show is `gate`."""
    async with forging.opened(home, database, POLICY) as smithy:
        court = Court(smithy, Columns())
        smithy.shelf.there = [Version("7"), Version("6"), Version("5")]
        court.gate(gate)
        smithy.desk.shelves["shelf"] = desks.Shelf(court.store, Guard("shelf", smithy.scene.room.clock))
        yield court
