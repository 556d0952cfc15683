"""A living estate: models, a table and an agent serve a changing world, window by window, and a monitor tells of it.

What changes is the world, or what somebody upstream deploys; what comes of that is computed, never written down before.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import orjson

from bot import telemetry
from bot.clock import Clock
from bot.errors import BadInput, TocsinError
from bot.sandbox.estate import (
    agent,
    churn,
    course,
    delivery,
    demand,
    features,
    linear,
    measures,
    past,
    price,
    rows,
    serving,
    streams,
)
from bot.sandbox.estate.course import Event
from bot.sandbox.estate.linear import Columns, Model
from bot.sandbox.estate.measures import Finding
from bot.sandbox.estate.monitor import Monitor
from bot.sandbox.estate.serving import Served
from bot.sandbox.estate.streams import Window

log = telemetry.logger("estate")

T = TypeVar("T")
Json = dict[str, Any]
Post = Callable[[list[Json]], Awaitable[None]]  #: delivers alerts; TocsinError when they were not taken
Tell = Callable[[Json], Awaitable[None]]  #: delivers one change event (course.Event.told); the same errors

FILE, FORMAT = "estate.json", 1
EVERY = 5.0  #: seconds of the estate's clock between two windows
LEAST = 1.0  #: seconds of the machine between two windows, however fast the clock runs
_TOLD = ("log_loss", "mape", "cost_per_task_usd", "unusual_share")  # what `errors` tells of a model: its first of these


class Estate:
    """Everything that runs under `root`, in folders as plugin `local` reads them."""

    def __init__(self, root: Path, clock: Clock, seed: int = 7, least: float = LEAST) -> None:
        """Nothing is touched before `furnish`; `least` is the shortest pause of the machine between two windows."""
        self._root, self._clock, self._seed, self._least = root, clock, seed, least
        self._began: datetime | None = None
        self._window = 0
        self._done: set[str] = set()
        self._untold: list[Json] = []
        self._newest: dict[str, tuple[str, float]] = {}
        self._stored_at: datetime | None = None
        self._learnt_at: datetime | None = None
        self._monitor = Monitor(timedelta(seconds=EVERY))
        models = (churn.NAME, delivery.NAME, demand.NAME, price.NAME)
        self._models: dict[str, Served[Model]] = {name: Served(root / name, linear.load) for name in models}
        self._ledgers = {room.NAME: rows.Ledger(root / room.NAME, room.apart) for room in (churn, delivery)}
        self._table = features.Table(root / features.NAME)
        self._agent = Served(root / agent.NAME, agent.load)

    def furnish(self) -> None:
        """Train and write every version that is not there, and go on where an earlier run stopped. Blocks a second.

        BadInput where `root` holds the state of another version of the estate.
        """
        now = self._clock.now()
        for room in (churn, delivery, demand, price, features, agent):
            (self._root / room.NAME).mkdir(parents=True, exist_ok=True)
            room.furnish(self._root / room.NAME, self._seed, now)
        self._remember()
        for served in self._models.values():
            served.serving(now)
        self._agent.serving(now)
        self._table.served.serving(now)

    @property
    def began_at(self) -> datetime | None:
        """When its first window was; None before that."""
        return self._began

    def errors(self) -> dict[str, tuple[str, float]]:
        """The newest error of each model that answered: its metric and the value."""
        return dict(self._newest)

    async def run(self, post: Post, tell: Tell | None = None) -> None:
        """Serve window after window until cancelled. What cannot be delivered is said again with the next window."""
        while True:
            try:
                await self.turn(post, tell)
            except (TocsinError, OSError) as error:  # a bot that is down or a full disk ends no world
                log.warning("the estate was not heard", error=str(error))
            await asyncio.gather(self._clock.sleep(EVERY), asyncio.sleep(self._least))

    async def turn(self, post: Post, tell: Tell | None = None) -> None:
        """One window: what is due happens, every model serves, and what is to be said is posted.

        What `post` raises is raised here; what was not delivered then is said again after the next window.
        """
        at = self._clock.now()
        said = await _finished(lambda: self._serve(at))
        if tell:
            await self._tell(tell)
        if said:
            await post(said)
            self._monitor.told(said, at)
            await _finished(self._keep)

    async def _tell(self, tell: Tell) -> None:
        """What was changed stands beside an alert that came of it, so it goes first; the alert does not wait for it."""
        try:
            while self._untold:
                await tell(self._untold[0])
                del self._untold[0]
        except (TocsinError, OSError) as error:
            log.warning("a change was not heard of", error=str(error))

    def _serve(self, at: datetime) -> list[Json]:
        """One window at `at`; the bodies that are to be posted."""
        self._began = self._began or at
        self._window += 1
        for event in course.COURSE:
            self._happen(event, at)
        found = measures.one_each([*self._plain(at), *self._lending(at), *self._refunds(at)])
        self._newest |= measures.newest(found, _TOLD)
        said = self._monitor.hear(found, at)
        self._keep()
        return said

    def _happen(self, event: Event, at: datetime) -> None:
        """Once, when its time has come. While a model is paused, or its pointer makes no sense, its deployers wait."""
        if event.name in self._done or self._began is None or at - self._began < event.after:
            return
        if event.version is not None:
            folder = self._root / event.model
            try:
                if serving.pointed(folder).paused:
                    return
                serving.switch(folder, event.version, at, event.by)
            except BadInput as error:
                log.warning("nothing can be deployed", model=event.model, error=str(error))
                return
        self._done.add(event.name)
        self._untold.append(event.told(at))

    def _plain(self, at: datetime) -> Iterator[Finding]:
        """Customers who all were sent a promotion, parcels on their way, and demand, to which nothing happens."""
        windows = {
            churn.NAME: streams.customers(self._chance(churn.NAME), promo=True),
            delivery.NAME: streams.parcels(self._chance(delivery.NAME), hub=True),
            demand.NAME: streams.orders(self._chance(demand.NAME)),
        }
        reported = self._reported(windows[delivery.NAME], at)
        for name, window in windows.items():
            told = reported or name != delivery.NAME
            if told and name in self._ledgers and self._models[name].serving(at).first:
                self._ledgers[name].keep(window, at, timedelta(seconds=EVERY))
            yield from self._answered(name, window.columns, window.truth if told else None, at)

    def _reported(self, window: Window, at: datetime) -> bool:
        """Whether the carrier has reported by now; what it reports is kept to be learnt from."""
        folder = self._root / delivery.NAME
        if course.happened(delivery.NAME) not in self._done:
            return False
        if self._learnt_at is None and not (folder / past.FILE).exists():
            delivery.report(folder, self._seed, at)
        elif self._learnt_at is None or at - self._learnt_at >= delivery.AFTERWARDS:
            past.keep(folder, window, at, delivery.AFTERWARDS)
        else:
            return True
        self._learnt_at = at
        return True

    def _lending(self, at: datetime) -> Iterator[Finding]:
        """New listings go through the table, then the prices are guessed from what is read there."""
        window = streams.listings(self._chance(features.NAME))
        read = self._table.through(window.columns, at)
        table = self._table.served.serving(at)
        version = table.shares[0].version if table.shares else ""
        if read is not None:
            self._stored_at = at
            version = read.version
            reader = self._models[price.NAME].serving(at).first
            yield from measures.quality(features.NAME, version, read.columns, reader.loaded.expects if reader else {})
            yield from self._answered(price.NAME, read.columns, window.truth, at)
        if self._stored_at is not None:
            yield measures.freshness(features.NAME, version, self._stored_at, at)

    def _refunds(self, at: datetime) -> Iterator[Finding]:
        """People want their money back, and the agent works."""
        state = self._agent.serving(at)
        tasks = streams.tasks(self._chance(agent.NAME), agent.BATCH)
        if state.first is None:
            return
        usual, done = agent.usual(self._root / agent.NAME), 0.0
        for share in state.shares:
            first, done = round(done * len(tasks) / 100), done + share.percent
            if own := tasks[first : round(done * len(tasks) / 100)]:
                yield measures.cost(agent.NAME, share.version, agent.runs(share.loaded, own), usual)
        self._agent.count(len(tasks), at)

    def _answered(self, name: str, columns: Columns, truth: linear.Array | None, at: datetime) -> Iterator[Finding]:
        """What is found of the answers; None: what is true nobody knows yet."""
        for answer in serving.answers(self._models[name], columns, at):
            mine = {column: values[answer.rows] for column, values in columns.items()}
            known = None if truth is None else truth[answer.rows]
            yield from measures.predictions(answer.model, mine, known, answer.predictions)

    def _chance(self, name: str) -> np.random.Generator:
        return streams.rng(self._seed, name, self._window)

    def _keep(self) -> None:
        """Write down what a later run goes on from."""
        said = {
            "format": FORMAT,
            "began_at": self._began,
            "stored_at": self._stored_at,
            "window": self._window,
            "done": sorted(self._done),
            "untold": self._untold,
            "problems": self._monitor.spelled(),
        }
        serving.written(self._root / FILE, orjson.dumps(said, option=orjson.OPT_INDENT_2))

    def _remember(self) -> None:
        file = self._root / FILE
        if not file.exists():
            return
        try:
            said = orjson.loads(file.read_bytes())
            if said["format"] != FORMAT:
                raise ValueError
            self._began, self._stored_at = _instant(said["began_at"]), _instant(said["stored_at"])
            self._window, self._done, self._untold = int(said["window"]), set(said["done"]), list(said["untold"])
            self._monitor = Monitor.read(said["problems"], timedelta(seconds=EVERY))
        except (KeyError, TypeError, ValueError):
            raise BadInput(f"{FILE} is of another version of the estate.", "Begin anew in another folder.") from None


async def _finished(work: Callable[[], T]) -> T:
    """What `work` returns, done in a thread; whoever is cancelled meanwhile waits until it is done, and then ends."""
    task = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


def _instant(said: str | None) -> datetime | None:
    return datetime.fromisoformat(said) if said else None
