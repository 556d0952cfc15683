"""A small bot with nothing but its chat door, on a workspace, in frozen time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bot import app
from bot.contract.guard import Guard
from bot.contract.source import Delivery
from bot.engine import intake, work
from bot.engine.desk import Desk, Way
from bot.model.alert import Alert, Kind, Measure, Status
from bot.model.estate import Entity, Estate, Model
from bot.model.job import Lane, NewJob
from bot.model.people import People, Person, Team
from bot.model.rota import Every, Layer, Rota, Unit
from bot.model.runbook import Grade, Runbook, Tier
from bot.runbooks import Library
from bot.sandbox.workspace import App, Message, Workspace
from bot.sandbox.workspace.nouns import ALL_EVENTS
from bot.sandbox.workspace.wire import Wire
from bot.settings import Settings, Slack
from bot.slack import off, validate
from bot.slack.door import Door
from bot.slack.sockets import Patience
from bot.store import Store, jobs
from bot.testing.clock import FakeClock
from tests.parts import migrated

START = datetime(2026, 11, 23, 3, 38, tzinfo=UTC)
PEOPLE = ("ada", "bo", "cy", "eve")
#: The sockets of a test live in real time; on a busy machine half a second without a pong says nothing.
STEADY = Patience(close=0.2)
#: For tests of half-open sockets, so that they are noticed soon.
QUICK = Patience(ping=0.2, connect=2.0, close=0.2)


def estate() -> Estate:
    """One model, churn, in an entity with a channel of its own, and one in an entity without."""
    churn, price = Model("churn", "retail", "churn-ml"), Model("price", "market", "churn-ml")
    entities = {"retail": Entity("retail", "#ml-retail"), "market": Entity("market")}
    models = {"churn": churn, "price": price}
    return Estate(entities, models, models)


def people() -> People:
    """Ada, Bo and Cy are ours; Eve is in the workspace, but nobody here knows her."""
    persons = {name: Person(name, slack=f"U01{name.upper()}") for name in ("ada", "bo", "cy")}
    return People(persons, {"churn-ml": Team("churn-ml", "retail", ("ada", "bo"), lead="cy")})


def runbook() -> Runbook:
    """Ada first, Bo ten minutes later, then Cy."""
    ten = timedelta(minutes=10)
    tiers = (
        Tier("L1", ("rota:first-line",), ten),
        Tier("L2", ("person:bo",), ten),
        Tier("L3", ("lead:churn-ml",), ten),
    )
    return Runbook(
        name="feature-drift",
        file="runbooks/feature-drift.md",
        revision="r1",
        title="Features drifted",
        owner="person:cy",
        review_by=date(2027, 6, 1),
        match=(),
        severity=(Grade("sev2"),),
        tiers=tiers,
        start={},
        repeats=0,
    )


def rota() -> Rota:
    """Ada and Bo take turns by the week."""
    layer = Layer("weekly", datetime(2026, 11, 23), Every(1, Unit.WEEK), ("ada", "bo"))
    return Rota("first-line", "UTC", (layer,))


def alert(title: str = "Feature drift", model: str = "churn", **more: Any) -> Alert:
    """A monitor's alert about `model`."""
    facts: dict[str, Any] = {
        "source": "test",
        "connection": "prom",
        "problem": f"{model}/{title}",
        "title": title,
        "status": Status.FIRING,
        "kind": Kind.DRIFT,
        "started_at": START,
        "model": model,
        "version": "7",
        "environment": "production",
        "measures": (Measure("psi", 0.31, 0.2, ">", feature="age"),),
    }
    return Alert(**(facts | more))


@dataclass
class Room:
    """The parts of the bot, and what a test does with them."""

    ws: Workspace
    clock: FakeClock
    desk: Desk
    door: Door
    worker: work.Worker

    async def book(self, *alerts: Alert) -> None:
        """A delivery comes in and everything due is done."""
        arrived = [intake.Arrived("prom", Delivery(alerts=alerts))]
        await self.desk.store.write(lambda tx: intake.book(tx, self.desk, arrived, tx.now))
        await self.settle()

    async def settle(self, seconds: float = 1.0) -> None:
        """What listeners started ends, a moment passes, and everything due by then is done."""
        while self.door.runner.busy:
            with suppress(TimeoutError):
                async with asyncio.timeout(0.1):
                    await self.door.runner.idle()
            if self.door.talk.waiting:  # an answer that waits for its turn in Slack
                await self.clock.advance(1)
        await self.worker.drain()
        await self.clock.advance(seconds)
        await self.worker.drain()

    async def pass_time(self, minutes: float) -> None:
        """Time goes by and what falls due is done."""
        await self.clock.advance(minutes * 60)
        await self.settle()

    async def ask_for(self, *wanted: NewJob) -> None:
        """Jobs are put, and done."""
        await self.desk.store.write(lambda tx: jobs.put(tx, *wanted))
        await self.settle()

    async def say(self, to: str, text: str, key: str = "a") -> None:
        """A notice is owed to somebody."""
        await self.ask_for(NewJob(f"notice/{key}", "notice", Lane.PAGE, self.clock.now(), {"to": to, "text": text}))

    def cards(self, channel: str = "#ml-retail") -> list[Message]:
        """The incidents' cards in a channel, as they are on the screen now."""
        return [one for one in self.ws.messages(channel) if key(one).startswith("card/")]

    def pages(self, person: str) -> list[Message]:
        """The pages in somebody's direct messages, as they look now."""
        return [one for one in self.ws.dms(person) if key(one).startswith("page/")]

    def calls(self, method: str) -> list[str | None]:
        """The outcome of every call of a method so far (None: ok)."""
        return [call.error for call in self.ws.calls if call.method == method]


def key(message: Message) -> str:
    """What the bot calls this message; empty when it is none of its own."""
    return str((message.metadata or {}).get("event_payload", {}).get("key", ""))


@asynccontextmanager
async def room(folder: Path, transport: str = "socket", **door: Any) -> AsyncIterator[Room]:
    """A bot whose chat door stands open over `transport`; every message anybody saw is valid at the end."""
    clock = FakeClock(START)
    async with AsyncExitStack() as stack:
        ws = await stack.enter_async_context(
            Workspace(clock=clock, people=PEOPLE, channels=["#ml-oncall", "#ml-retail"], app=App(events=ALL_EVENTS))
        )
        slack = Slack(
            transport,
            "#ml-oncall",
            2,
            SecretStr(ws.bot_token),
            SecretStr(ws.app_token),
            SecretStr(ws.signing_secret),
            ws.url,
        )
        settings = Settings(folder, "", slack, people=people(), estate=estate(), rotas={"first-line": rota()})
        store = await Store.open(migrated.sqlite(folder), clock=clock)
        stack.push_async_callback(store.close)
        desk = Desk(store, clock, settings, Library((runbook(),)))
        one = Door(desk, slack, **({"patience": STEADY} | door))
        desk.ways["slack"] = Way(one.pager, Guard("slack", clock))
        worker = work.Worker(desk, {**off.HANDLERS, **app.duties(desk), **one.handlers}, owner="test")
        if transport == "http":
            wire = Wire(one.asgi)
            ws.request_url = f"http://127.0.0.1:{await wire.start(0)}/slack/events"
            stack.push_async_callback(wire.stop)
        stack.push_async_callback(one.stop, 1.0)
        await one.start()
        yield Room(ws, clock, desk, one, worker)
        for change in ws.journal:
            if change.message is not None and change.message.user == ws.bot_user:
                shown = {"text": change.message.text, "blocks": change.message.blocks}
                assert validate.validate(shown, "message") == []
