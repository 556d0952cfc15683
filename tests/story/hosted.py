"""The engine room with a platform in it, whose pointer anybody may move and whose answers may be lost."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot import app
from bot.contract.guard import Guard
from bot.contract.platform import Flow, Op, Probe
from bot.contract.plugin import Check
from bot.contract.source import Delivery, Move
from bot.engine import inbox, intake, work
from bot.engine.desk import Desk, Host
from bot.errors import Stale, TocsinError
from bot.model.alert import Alert, Kind, Measure, Status
from bot.model.change import SWITCHES, Change, Lever, Plan, Serving, Step
from bot.model.entry import Entry
from bot.model.incident import Incident
from bot.model.job import Lane, NewJob
from bot.model.served import Moved, Served, Version
from bot.slack import off
from bot.store import Store, changes, jobs, moved
from tests.story import engine_room
from tests.story.engine_room import Pager, Room
from tests.story.place import START

REF = {"name": "churn"}
BEFORE, AFTER, FOREIGN = (Serving({version: 100.0}, raw={"alias": version}) for version in ("7", "6", "9"))
Act = Callable[[], Awaitable[None]]


class Lost(Exception):
    """The line broke; the plugin has no word for it."""


@dataclass
class Platform:
    """One pointer; `faults`, in order, befall its next writes: lose answer, lose write, ignore, or what is raised."""

    levers = SWITCHES
    repeatable: bool = False
    pointer: Serving = BEFORE
    under_way: Serving | None = None  #: what a switch that takes its time will end with
    slow: bool = False
    answers: str | None = None  #: the version that answers, whatever the pointer says; None: it cannot be asked
    down: TocsinError | None = None
    faults: list[str | TocsinError] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)  #: the token of each call of apply
    applied: list[str] = field(default_factory=list)  #: what was switched to
    first: Act | None = None  #: done when apply is called, before anything else
    after: Act | None = None  #: done once, after the pointer was read and before the answer arrives

    async def serving(self, ref: Mapping[str, str]) -> Serving:
        """The pointer."""
        if self.down:
            raise self.down
        said, after = self.pointer, self.after
        if after:
            self.after = None
            await after()
        return said

    async def versions(self, ref: Mapping[str, str], limit: int = 50) -> Sequence[Version]:
        """All there are."""
        return [Version("9"), Version("7"), Version("6")]

    async def history(self, ref: Mapping[str, str]) -> Sequence[Served]:
        """It has no memory."""
        return []

    async def wanted(
        self, ref: Mapping[str, str], lever: Lever, now: Serving, parameters: Mapping[str, Any]
    ) -> Serving:
        """The version that is asked for."""
        return Serving({str(parameters["version"]): 100.0})

    async def apply(self, plan: Plan, token: str) -> Op:
        """Switch, unless somebody was faster or something goes wrong."""
        self.calls.append(token)
        if self.first:
            await self.first()
        fault = self.faults.pop(0) if self.faults else ""
        if isinstance(fault, TocsinError):
            raise fault
        if fault == "lose write":
            raise Lost
        if not self.pointer.same(plan.before):
            raise Stale(f"{dict(self.pointer.split)} serves.", "Propose it again.")
        if fault != "ignore":
            self._switch(plan.after)
        if fault == "lose answer":
            raise Lost
        return Op("pending" if self.slow else "done", "op-1")

    def _switch(self, to: Serving) -> None:
        self.applied.append(str(to.version))
        if self.slow:
            self.under_way = to
        else:
            self.pointer = to

    def finish(self) -> None:
        """The switch that takes its time is through."""
        assert self.under_way
        self.pointer, self.under_way = self.under_way, None

    async def poll(self, plan: Plan, op: Op) -> Op:
        """What it shows."""
        if self.pointer.same(plan.after):
            return Op("done", op.id)
        return Op("pending" if self.under_way else "failed", op.id, "" if self.under_way else "it rests")

    async def probe(self, ref: Mapping[str, str]) -> Probe | None:
        """Which version answers."""
        return Probe(self.answers, f"a request was answered by {self.answers}") if self.answers else None

    async def flow(self, ref: Mapping[str, str], since: datetime) -> Flow:
        """A guess."""
        return Flow(1200, "counted in the last hour", {"tr": 800, "de": 400})

    async def check(self) -> list[Check]:
        """All is well."""
        return []


@dataclass
class Hosted:
    """A room, its platform, and changes that are approved as soon as they are made."""

    room: Room
    platform: Platform

    @property
    def store(self) -> Store:
        """The database."""
        return self.room.desk.store

    @property
    def pager(self) -> Pager:
        """The channel by which everybody is paged."""
        return self.room.pagers["slack"]

    async def approved(self, incident: str | None = None, *, step: Step = Step.APPROVED, **facts: Any) -> Change:
        """A rollback from 7 to 6 that ada wants; bo agreed, and its job is due."""
        given = {"runbook": "", "metric": "auc", "effect": "6 serves in place of 7.", **facts}
        plan = Plan(Lever.ROLLBACK, "churn", "registry", REF, BEFORE, AFTER, "asked for", **given)
        return await self.store.write(lambda tx: self._approved(tx, plan, incident, step))

    def _approved(self, tx: Any, plan: Plan, incident: str | None, step: Step) -> Change:
        now = self.room.now
        people = ("retail", "ada", now, "it is worse", 1, now + timedelta(hours=1), now)
        change = Change(changes.next_id(tx), plan, step, *people, incident=incident)
        changes.add(tx, change)
        kinds = ("change.proposed", "change.approved") if step is Step.APPROVED else ("change.proposed",)
        said = {"digest": plan.digest}
        tx.note(*(Entry("retail", kind, now, "person:ada", change.id, after=said) for kind in kinds))
        if step is Step.APPROVED:
            jobs.put(tx, NewJob(f"apply/{change.id}", "apply", Lane.STATE, now, {"change": change.id}))
        return change

    async def change(self, id_: str = "CHG-1") -> Change:
        """As it is now."""
        return await self.store.read(lambda tx: changes.get(tx, id_))

    async def ledger(self) -> list[Moved]:
        """What served, the oldest first."""
        return (await self.store.read(lambda tx: moved.listing(tx, "churn")))[::-1]

    async def served(self) -> list[tuple[str | None, str, str | None]]:
        """The same in short: version, by whom, by which change."""
        return [(one.serving.version, one.by, one.change) for one in await self.ledger()]

    async def said(self, value: float, *, status: Status = Status.FIRING, title: str = "auc fell") -> Incident | None:
        """A monitor's word on the metric, through the same door as any delivery."""
        own = Measure("auc", value, 0.8, "<")
        started = START if status is Status.FIRING else self.room.now
        ended = None if status is Status.FIRING else self.room.now
        alert = Alert(
            "webhook", "hook", f"hook:{title}", title, status, Kind.PERFORMANCE, started,
            started_inferred=status is not Status.FIRING, ended_at=ended, model="churn", environment="production",
            measures=(own,),
        )  # fmt: skip
        found = await self.deliver(Delivery((alert,)))
        return await self.room.incident(min(found)) if found else None

    async def hint(self, version: str, by: str = "") -> None:
        """The platform's own word that its pointer was moved."""
        await self.deliver(Delivery(moves=(Move(REF, self.room.now, version, by),)), "registry")

    async def deliver(self, delivery: Delivery, connection: str = "hook") -> set[str]:
        """As the inbox takes it in; the incidents it was about."""
        arrived = [intake.Arrived(connection, delivery)]
        ((receipt, _),) = await self.store.write(lambda tx: inbox.take_in(tx, self.room.desk, arrived))
        return receipt.incidents

    async def notices(self) -> list[str]:
        """What people were told beside pages, with to whom."""
        rows = await self.store.read(
            lambda tx: (
                tx.sql.exec_driver_sql("SELECT payload FROM jobs WHERE kind = 'notice' ORDER BY id").scalars().all()
            )
        )
        return [str(row) for row in rows]


def host(platform: Platform, desk: Desk) -> Host:
    """Behind a guard; whether it is repeatable is each platform's own here, so that a test can say it."""
    return Host(platform, Guard("registry", desk.clock, deadline=20.0))  # type: ignore[arg-type]


def worker(desk: Desk, name: str) -> work.Worker:
    """One replica's; it draws nothing."""
    drawn = ("card", "line", "thread", "own", "homes", "dm", "notice", "change")
    return work.Worker(desk, {**app.duties(desk), **dict.fromkeys(drawn, off.HANDLERS["card"])}, owner=name)


@asynccontextmanager
async def opened(home: Path, database: str) -> AsyncIterator[Hosted]:
    """Over `database`, with churn on the platform."""
    async with engine_room.opened(home, database) as room:
        room.change(
            "config/tocsin.yaml",
            "slack: {mode: off}",
            "slack: {mode: off}\nconnections: [{name: registry, plugin: local}]",
        )
        old = "team: churn-ml, aliases: [churn-v2]}"
        room.change(
            "config/estate.yaml", old, f"{old[:-1]}, platform: registry, ref: {{name: churn}}, approvers: [person:bo]}}"
        )
        platform = Platform()
        room.desk.hosts["registry"] = host(platform, room.desk)
        yield Hosted(replace(room, worker=worker(room.desk, "the room")), platform)
