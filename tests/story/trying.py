"""A room in which versions are compared: an evaluator over arrays, good or bad, and the platform that serves them."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from bot import app
from bot.contract.evaluator import Asked, Scored
from bot.contract.guard import Guard
from bot.contract.plugin import Check
from bot.engine import respond, work
from bot.engine import trial as trying
from bot.engine.desk import Desk, Lab
from bot.model.alert import Kind
from bot.model.entry import Entry
from bot.model.trial import Scorecard, Stage, Trial
from bot.model.verb import Verb
from bot.model.verdict import Verdict
from bot.slack import off
from bot.store import trials
from tests.story import waiting_room
from tests.story.changing import Scene
from tests.story.place import START
from tests.story.waiting_room import Waiting

DAY = timedelta(days=1)
ROWS = 3_500  #: a hundred a day, from thirty days before the story begins to five after that
SKILL = {"7": 0.4, "6": 1.6, "5": 0.4, "8": 1.6}  #: how well each version tells yes from no
TERMS = "metric: auc, also: [brier], window: 28d, slices: [country], fairness: [sex], least: 200"


def rows(asked: Asked) -> Scored:
    """Whatever span is asked for, all there are; who is asked for the same gets the same."""
    dice = np.random.default_rng(7)
    at: Any = np.linspace((START - 30 * DAY).timestamp(), (START + 5 * DAY).timestamp(), ROWS, endpoint=False)
    truth: Any = (dice.random(ROWS) < 0.4).astype(float)
    noise = {version: dice.normal(size=ROWS) for version in SKILL}
    said: Any = {v: 1 / (1 + np.exp(-(noise[v] + SKILL[v] * (truth - 0.5)))) for v in asked.versions}
    columns: Any = {"country": np.where(dice.random(ROWS) < 0.5, "tr", "de"), "sex": dice.choice(["f", "m"], ROWS)}
    return Scored(at, truth, said, {name: columns[name] for name in asked.columns}, how="Thirty days of arrays.")


@dataclass
class Arrays:
    """An evaluator; `faults`, in order, befall its next calls, and `instead` is what it says in place of rows."""

    asked: list[Asked] = field(default_factory=list)
    faults: list[Exception] = field(default_factory=list)
    instead: Any = None
    hold: asyncio.Event | None = None  #: it waits for this
    first: asyncio.Event = field(default_factory=asyncio.Event)  #: it was called

    async def scored(self, ref: Mapping[str, str], asked: Asked) -> Scored:
        """The rows."""
        self.asked.append(asked)
        self.first.set()
        if self.hold:
            await self.hold.wait()
        if self.faults:
            raise self.faults.pop(0)
        if self.instead is None:
            return rows(asked)
        said: Scored = self.instead(asked) if callable(self.instead) else self.instead
        return said

    async def check(self) -> list[Check]:
        """All is well."""
        return []


@dataclass
class Bench:
    """The room, its evaluator, and what people do in it."""

    waiting: Waiting
    arrays: Arrays

    @property
    def scene(self) -> Scene:
        """The platform, and the configuration."""
        return self.waiting.scene

    @property
    def desk(self) -> Desk:
        """Of the process under test."""
        return self.scene.desk

    @property
    def now(self) -> datetime:
        """The frozen time."""
        return self.waiting.now

    async def ask(self, by: str = "person:ada", **more: Any) -> trying.Answer:
        """Somebody wants churn's versions compared, unless `more` says what else."""
        desk = more.pop("desk", self.desk)
        wish = trying.Wish(**{"model": "churn", "why": "it drifts", **more})
        return await trying.ask(desk, wish, by, self.now, "command")

    async def asked(self, by: str = "person:ada", **more: Any) -> Trial:
        """The same, and it was taken."""
        answer = await self.ask(by, **more)
        assert answer.trial is not None, answer.sentence
        return answer.trial

    async def ended(self, **more: Any) -> Trial:
        """One that somebody asks for, once it has ended."""
        trial = await self.asked(**more)
        await self.drain()
        return await self.stored(trial.id)

    async def drain(self) -> None:
        """What is due is done."""
        await self.scene.room.worker.drain()

    async def stored(self, id_: str) -> Trial:
        """As it is now."""
        return await self.desk.store.read(lambda tx: trials.get(tx, id_))

    async def all(self) -> list[Trial]:
        """Every trial, oldest first."""
        return (await self.desk.store.read(trials.listing))[::-1]

    async def entries(self, subject: str, kind: str) -> list[Entry]:
        """What the log says of something, of one kind."""
        return await self.waiting.entries(subject, kind)

    async def trouble(self, title: str, model: str, kind: Kind, hours: float, end: Verb = Verb.RESOLVE) -> None:
        """An incident opens now, and is over so many hours later."""
        incident = await self.scene.room.alert(title, model=model, kind=kind)
        await self.scene.room.clock.advance(timedelta(hours=hours))
        press = respond.Press(end, incident.id, "person:eve", self.now, "cli")
        assert (await respond.take(self.desk, press)).verdict is Verdict.GO

    def offer(self, approval: str = "none", more: str = "") -> None:
        """The runbook offers to evaluate, and `more`."""
        actions = filter(None, ("rollback: {approval: one}", f"evaluate: {{approval: {approval}}}", more))
        self.scene.write("runbooks/anything.md", "rollback: {approval: one}", "\n  ".join(actions))


def card(trial: Trial) -> Scorecard:
    """What a trial that is done has found."""
    assert trial.stage is Stage.DONE, trial.outcome
    assert trial.scorecard is not None
    return trial.scorecard


def lab(arrays: Arrays, desk: Desk, deadline: float = 60.0) -> Lab:
    """Behind its guard."""
    return Lab(arrays, Guard("shelf", desk.clock, deadline=deadline))


def worker(desk: Desk, name: str = "the room") -> work.Worker:
    """One replica's; it draws nothing."""
    quiet = dict.fromkeys((*off.HANDLERS, "change", trying.TOLD), off.HANDLERS["card"])
    return work.Worker(desk, {**quiet, **app.duties(desk)}, owner=name)


@asynccontextmanager
async def opened(home: Path, database: str, more: str = "") -> AsyncIterator[Bench]:
    """A bench over `database`: churn is served by 7, tried on arrays; orders feed it; price is tried by nobody."""
    async with waiting_room.opened(home, database) as waiting:
        arrays = Arrays()
        bench = Bench(waiting, arrays)
        approvers = 'approvers: ["team:churn-ml"]\n'
        bench.scene.write("config/estate.yaml", approvers, f"{approvers}    trial: {{{TERMS}{more}}}\n")
        orders = "- {name: orders, kind: data, entity: retail, team: churn-ml, feeds: [churn]}"
        bench.scene.write("config/estate.yaml", "- {name: price,", f"{orders}\n  - {{name: price,")
        bench.desk.labs["shelf"] = lab(arrays, bench.desk)
        bench.scene.room.worker = worker(bench.desk)
        yield bench


def without(said: Scored, **columns: Any) -> Scored:
    """The same with other columns."""
    return replace(said, **columns)
