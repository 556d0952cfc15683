"""Trainers over a far end in memory: one that keeps the contract, and those that begin or stop runs otherwise."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, ClassVar

from pydantic import SecretStr

from bot.contract import Check, ConnectionSettings, Context, Going, Health, NotFound, Order, Refused, Run

TOKEN = "s3cret-token-of-the-mill"
NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)


@dataclass
class Job:
    """One run as the far end has it."""

    token: str
    order: Order
    run: Run
    by: list[str] = field(default_factory=list)


class Far:
    """The far end, and the stage."""

    def __init__(self) -> None:
        self.ref: Mapping[str, str] = {"job": "churn"}
        self.jobs: dict[str, Job] = {}
        self.serves = "7"
        self.versions = {"7"}

    async def prepare(self) -> None:
        self.jobs, self.serves, self.versions = {}, "7", {"7"}

    async def started(self) -> int:
        return len(self.jobs)

    async def at_work(self) -> int:
        return sum(not job.run.over for job in self.jobs.values())

    async def ordered(self, run: str) -> Order:
        return self.jobs[run].order

    async def tells(self, run: str, stage: str, share: float) -> None:
        self.put(run, stage=stage, share=share)

    async def succeeds(self, run: str, version: str | None, metrics: Mapping[str, float]) -> None:
        if version is None:
            self.put(run, going=Going.FAILED, stage="no model")
        else:
            self.versions.add(version)
            self.put(run, going=Going.DONE, version=version, metrics=metrics, ended_at=NOW)

    async def fails(self, run: str, last: str) -> None:
        self.put(run, going=Going.FAILED, log=last, ended_at=NOW)

    async def serving(self) -> str:
        return self.serves

    def begin(self, token: str, order: Order) -> Run:
        run = Run(f"r{len(self.jobs) + 1}", Going.RUNNING, started_at=NOW)
        self.jobs[run.id] = Job(token, order, run)
        return run

    def put(self, run: str, **more: Any) -> None:
        self.jobs[run].run = replace(self.jobs[run].run, **more)


FAR = Far()


class MillSettings(ConnectionSettings):
    token: SecretStr


class Mill:
    """Keeps the contract."""

    repeatable: ClassVar[bool] = True

    def __init__(self, settings: MillSettings, context: Context) -> None:
        self.settings = settings

    def known(self, ref: Mapping[str, str]) -> None:
        if dict(ref) != dict(FAR.ref):
            raise NotFound("There is no such model.")

    def under(self, token: str) -> Run | None:
        return next((job.run for job in FAR.jobs.values() if job.token == token), None)

    def told(self, run: Run) -> Run:
        return replace(run, log=run.log[-2_000:])

    async def start(self, ref: Mapping[str, str], order: Order, token: str) -> Run:
        self.known(ref)
        if not token.isprintable() or not 0 < len(token) < 100:
            raise Refused("That is no token.")
        return self.told(self.under(token) or FAR.begin(token, order))

    async def find(self, ref: Mapping[str, str], token: str) -> Run | None:
        self.known(ref)
        found = self.under(token)
        return found and self.told(found)

    async def poll(self, ref: Mapping[str, str], run: str) -> Run:
        self.known(ref)
        if run not in FAR.jobs:
            raise NotFound("There is no such run.")
        return self.told(FAR.jobs[run].run)

    async def cancel(self, ref: Mapping[str, str], run: str) -> Run:
        if not (await self.poll(ref, run)).over:
            FAR.put(run, going=Going.CANCELLED)
        return await self.poll(ref, run)

    async def running(self, ref: Mapping[str, str]) -> Sequence[Run]:
        self.known(ref)
        return [self.told(job.run) for job in FAR.jobs.values() if not job.run.over]

    async def check(self) -> list[Check]:
        return [Check("jobs", Health.OK)]


class Anew(Mill):
    """Begins another run each time."""

    async def start(self, ref: Mapping[str, str], order: Order, token: str) -> Run:
        self.known(ref)
        return FAR.begin(token, order)


class AnewWhenOver(Mill):
    """Begins another once the first is over."""

    def under(self, token: str) -> Run | None:
        found = super().under(token)
        return found if found and not found.over else None


class Forgets(Mill):
    """Knows only the runs that it began itself."""

    def __init__(self, settings: MillSettings, context: Context) -> None:
        super().__init__(settings, context)
        self.mine: dict[str, str] = {}

    async def start(self, ref: Mapping[str, str], order: Order, token: str) -> Run:
        run = await super().start(ref, order, token)
        self.mine[token] = run.id
        return run

    async def find(self, ref: Mapping[str, str], token: str) -> Run | None:
        return await super().find(ref, token) if token in self.mine else None


class Slow(Mill):
    """Looks, waits, and then begins without a second look."""

    async def start(self, ref: Mapping[str, str], order: Order, token: str) -> Run:
        found = await self.find(ref, token)
        await asyncio.sleep(0)
        return found or FAR.begin(token, order)


class Lost(Mill):
    """Begins the run before its token is written down."""

    async def start(self, ref: Mapping[str, str], order: Order, token: str) -> Run:
        if found := await self.find(ref, token):
            return found
        if not token.isprintable() or not 0 < len(token) < 100:
            raise Refused("That is no token.")
        run = FAR.begin("", order)
        await asyncio.sleep(0)
        FAR.jobs[run.id].token = token
        return run


class Prefix(Mill):
    """Searches by the beginning of a token."""

    def under(self, token: str) -> Run | None:
        return next((job.run for job in FAR.jobs.values() if job.token.startswith(token)), None)


class Nothing(Mill):
    """Says it began, and did not."""

    async def start(self, ref: Mapping[str, str], order: Order, token: str) -> Run:
        return Run("r1", Going.RUNNING)


class Waits(Mill):
    """Answers when all is done."""

    async def start(self, ref: Mapping[str, str], order: Order, token: str) -> Run:
        run = await super().start(ref, order, token)
        FAR.put(run.id, going=Going.DONE, version="9")
        return FAR.jobs[run.id].run


class Everything(Mill):
    """Trains on the contaminated days too."""

    async def start(self, ref: Mapping[str, str], order: Order, token: str) -> Run:
        return await super().start(ref, replace(order, excluded=()), token)


class Naive(Mill):
    """Loses the zone of a time."""

    async def start(self, ref: Mapping[str, str], order: Order, token: str) -> Run:
        return await super().start(ref, replace(order, since=order.since.replace(tzinfo=None)), token)


class Unheard(Mill):
    """Says it was cancelled, and lets it go on."""

    cancelled: ClassVar[set[str]] = set()

    async def cancel(self, ref: Mapping[str, str], run: str) -> Run:
        found = await self.poll(ref, run)
        FAR.jobs[run].by.append("cancel")
        return replace(found, going=found.going if found.over else Going.CANCELLED)

    def told(self, run: Run) -> Run:
        gone = not run.over and FAR.jobs[run.id].by
        return replace(super().told(run), going=Going.CANCELLED) if gone else super().told(run)

    async def running(self, ref: Mapping[str, str]) -> Sequence[Run]:
        return [run for run in await super().running(ref) if not run.over]


class Overwrites(Mill):
    """Cancels what is over."""

    async def cancel(self, ref: Mapping[str, str], run: str) -> Run:
        await self.poll(ref, run)
        FAR.put(run, going=Going.CANCELLED, version=None)
        return await self.poll(ref, run)


class All(Mill):
    """Cancels everything."""

    async def cancel(self, ref: Mapping[str, str], run: str) -> Run:
        for each in [job.run for job in FAR.jobs.values() if not job.run.over]:
            FAR.put(each.id, going=Going.CANCELLED)
        return await self.poll(ref, run)


class Keeps(Mill):
    """Tells of runs that are over as if they went on."""

    async def running(self, ref: Mapping[str, str]) -> Sequence[Run]:
        return [self.told(job.run) for job in FAR.jobs.values()]


class Blind(Mill):
    """Knows of no run that goes on."""

    async def running(self, ref: Mapping[str, str]) -> Sequence[Run]:
        self.known(ref)
        return []


class Promotes(Mill):
    """Lets what it trained serve."""

    async def poll(self, ref: Mapping[str, str], run: str) -> Run:
        found = await super().poll(ref, run)
        FAR.serves = found.version or FAR.serves
        return found


class Begins(Mill):
    """Begins a run where one is looked at."""

    async def poll(self, ref: Mapping[str, str], run: str) -> Run:
        FAR.begin("looked", next(iter(FAR.jobs.values())).order)
        return await super().poll(ref, run)


class AnyModel(Mill):
    """Trains whatever it is told."""

    def known(self, ref: Mapping[str, str]) -> None:
        pass


class AnyToken(Mill):
    """Takes a token that it does not know again."""

    async def start(self, ref: Mapping[str, str], order: Order, token: str) -> Run:
        self.known(ref)
        return self.under(token[:40]) or FAR.begin(token[:40], order)


class Once(Lost):
    """Not repeatable, and forgets what was cut off."""

    repeatable: ClassVar[bool] = False
