"""A platform that only remembers, and a room whose model runs on it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from bot.contract.guard import Guard
from bot.contract.platform import Flow, Op, Probe
from bot.contract.plugin import Check
from bot.engine.desk import Host
from bot.errors import NotDelivered, NotFound, Stale
from bot.model.change import SWITCHES, Change, Lever, Plan, Serving
from bot.model.estate import Estate, Model
from bot.model.runbook import Action
from bot.model.served import Moved, Served, Version
from bot.runbooks import Library
from bot.sandbox.workspace import Message, View
from bot.store import changes, log, moved
from tests.slack import room as rooms
from tests.slack.forming import send, top
from tests.slack.room import START, Room

LONG = timedelta(days=3)


@dataclass
class Shelf:
    """Implements `contract.Platform` in memory; `applied` tells what it was told to serve."""

    levers: ClassVar[frozenset[Lever]] = SWITCHES
    repeatable: ClassVar[bool] = True
    now: Serving = field(default_factory=lambda: Serving({"7": 100.0}, guard="g7"))
    listed: list[Version] = field(default_factory=list)
    applied: list[str] = field(default_factory=list)
    down: bool = False

    async def serving(self, ref: Mapping[str, str]) -> Serving:
        """What serves."""
        self._up()
        return self.now

    async def versions(self, ref: Mapping[str, str], limit: int = 50) -> Sequence[Version]:
        """What could."""
        return self.listed[:limit]

    async def history(self, ref: Mapping[str, str]) -> Sequence[Served]:
        """It remembers nothing."""
        return ()

    async def wanted(
        self, ref: Mapping[str, str], lever: Lever, now: Serving, parameters: Mapping[str, Any]
    ) -> Serving:
        """What would serve then."""
        if lever in (Lever.PAUSE, Lever.RESUME):
            return replace(now, paused=lever is Lever.PAUSE, guard=None)
        split = parameters.get("split") or {parameters["version"]: 100.0}
        if missing := set(split) - {one.id for one in self.listed}:
            raise NotFound(f"There is no version {min(missing)!r}.")
        return Serving(dict(split))

    async def apply(self, plan: Plan, token: str) -> Op:
        """Serve it from now on."""
        self._up()
        if not self.now.same(plan.before):
            raise Stale("Something else serves by now.")
        self.serve(plan.after)
        self.applied.append(f"{plan.model} -> {plan.after.version or dict(plan.after.split)}")
        return Op("done")

    async def poll(self, plan: Plan, op: Op) -> Op:
        """It is always done."""
        return Op("done" if self.now.same(plan.after) else "failed")

    async def probe(self, ref: Mapping[str, str]) -> Probe | None:
        """It cannot be asked."""
        return None

    async def flow(self, ref: Mapping[str, str], since: datetime) -> Flow:
        """As many as there were."""
        return Flow(48_000, "a count")

    async def check(self) -> list[Check]:
        """It needs nothing."""
        return []

    def serve(self, serving: Serving) -> None:
        """Somebody's hand, or ours."""
        name = "+".join(serving.split)
        self.now = replace(serving, guard=f"g{name}{'p' if serving.paused else ''}")

    def _up(self) -> None:
        if self.down:
            raise NotDelivered("The registry does not answer.")


def version(name: str, days: float = 12, **more: Any) -> Version:
    """A version with a metric, made by the build."""
    facts: dict[str, Any] = {"created_at": START - timedelta(days=days), "by": "ci", "metrics": {"auc": 0.912}}
    return Version(name, **(facts | more))


@asynccontextmanager
async def serving(folder: Path, transport: str = "socket", **action: Any) -> AsyncIterator[tuple[Room, Shelf]]:
    """A room whose churn runs on a shelf: 7 serves since yesterday, 6 did well before; Bo and Cy may agree."""
    async with rooms.room(folder, transport) as room:
        shelf = Shelf(listed=[version("7", 1, metrics={"auc": 0.891}), version("6"), version("5", 40)])
        desk = room.desk
        churn = Model(
            "churn",
            "retail",
            "churn-ml",
            platform="registry",
            ref={"name": "churn"},
            approvers=("person:bo", "person:cy"),
        )
        models = {**desk.settings.estate.models, "churn": churn}
        estate = Estate(desk.settings.estate.entities, models, models)
        desk.settings = replace(desk.settings, estate=estate)
        desk.hosts["registry"] = Host(shelf, Guard("registry", room.clock))
        if action:
            book = replace(rooms.runbook(), actions=(Action("rollback", **action),))
            desk.runbooks = Library((book,))
        await desk.store.write(lambda tx: moved.add(tx, Moved("churn", START - LONG, Serving({"6": 100.0}), "seen")))
        since = START - timedelta(hours=2)
        await desk.store.write(lambda tx: moved.add(tx, Moved("churn", since, Serving({"7": 100.0}), "platform:ci")))
        yield room, shelf


async def change(room: Room, number: int = 1) -> Change:
    """The change as it stands."""
    return await room.desk.store.read(lambda tx: changes.get(tx, f"CHG-{number}"))


async def story(room: Room, subject: str = "CHG-1") -> list[str]:
    """The kinds of what was written down about it."""
    return [each.entry.kind for each in await room.desk.store.read(lambda tx: log.of(tx.sql, subject))]


def cards(room: Room, channel: str = "#ml-retail") -> list[Message]:
    """The cards of changes in a channel, as they look now."""
    return [one for one in room.ws.messages(channel) if rooms.key(one).startswith("change/")]


def asked(room: Room, person: str) -> list[Message]:
    """What somebody was asked by direct message."""
    return [one for one in room.ws.dms(person) if rooms.key(one).startswith("change/")]


async def rollback(room: Room, words: str = "churn", by: str = "ada", channel: str = "#ml-retail") -> View:
    """The form that the command opens."""
    await room.ws.command("/rollback", words, by=by, channel=channel)
    await room.settle()
    return top(room, by)


async def proposed(room: Room, words: str = "churn because accuracy fell", by: str = "ada") -> None:
    """Somebody asks for a rollback; it waits for the others."""
    done = await send(room, await rollback(room, words, by), by)
    assert "CHG-1 waits for 1 to agree" in done.shown, done.shown


async def pressed(room: Room, label: str, by: str, card: Any = None) -> str:
    """Somebody presses a button of the newest card; what they read in answer."""
    reply = await room.ws.press(card or cards(room)[0], label, by=by)
    assert reply.acked, reply.error
    await room.settle()
    return "\n".join(message.shown for message in reply.responses)
