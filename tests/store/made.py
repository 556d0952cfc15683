"""Nouns as small as they come, and a writer that is held up while others queue."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text

from bot.model.alert import Alert, Kind, Status
from bot.model.entry import Entry
from bot.model.incident import Incident, Phase
from bot.model.job import Job, Lane, NewJob
from bot.model.page import Page, PageState
from bot.model.runbook import Policy, Tier
from bot.store import Store, Tx, jobs

START = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
SOON = timedelta(minutes=1)
TEN = timedelta(minutes=10)
POLICY = Policy((Tier("L1", ("person:ada",), TEN), Tier("L2", ("person:bo",), TEN)), "L1", repeats=1)


def incident(number: int = 1, **more: Any) -> Incident:
    """INC-`number`, triggered a moment ago."""
    facts: dict[str, Any] = {
        "id": f"INC-{number}",
        "key": f"key-{number}",
        "title": "Features drifted",
        "phase": Phase.TRIGGERED,
        "severity": "sev2",
        "entity": "retail",
        "kind": "drift",
        "model": "churn",
        "model_version": "7",
        "environment": "production",
        "runbook": "feature-drift",
        "runbook_revision": "r1",
        "why": "it matched",
        "policy": POLICY,
        "tier": "L1",
        "round": 0,
        "step": 0,
        "opened_at": START,
        "changed_at": START,
    }
    return Incident(**(facts | more))


def alert(problem: str = "churn/drift", status: Status = Status.FIRING, minute: float = 0, **more: Any) -> Alert:
    """What a monitor says of `problem`; the episode began `minute` minutes after START."""
    facts: dict[str, Any] = {
        "source": "test",
        "connection": "prom",
        "problem": problem,
        "title": f"About {problem}",
        "status": status,
        "kind": Kind.DRIFT,
        "started_at": START + timedelta(minutes=minute),
    }
    return Alert(**(facts | more))


def job(key: str = "a", *, lane: Lane = Lane.STATE, due: datetime = START, **payload: Any) -> NewJob:
    """A wish of kind `work`."""
    return NewJob(key, "work", lane, due, payload)


def page(id_: str = "INC-1/1/ada/slack", **more: Any) -> Page:
    """A page that was just decided."""
    number, step, person, channel = id_.split("/")
    facts: dict[str, Any] = {
        "id": id_,
        "incident": number,
        "step": int(step),
        "tier": "L1",
        "person": person,
        "channel": channel,
        "why": "named directly",
        "state": PageState.DECIDED,
        "decided_at": START,
        "due_at": START,
    }
    return Page(**(facts | more))


def entry(what: str = "happened", chain: str = "retail", **more: Any) -> Entry:
    """A fact of the log."""
    facts: dict[str, Any] = {"kind": "thing.happened", "at": START, "actor": "tocsin", "subject": "INC-1", "why": what}
    return Entry(chain, **(facts | more))


async def put(store: Store, *wanted: NewJob) -> None:
    """Ask for jobs."""
    await store.write(lambda tx: jobs.put(tx, *wanted))


async def claim(store: Store, owner: str = "me", at: datetime = START, most: int = 10) -> list[Job]:
    """Claim from every lane."""
    return await store.write(lambda tx: jobs.claim(tx, owner, at, dict.fromkeys(Lane, most)))


async def rows(store: Store, query: str) -> list[tuple[Any, ...]]:
    """What plain SQL sees."""
    return await store.read(lambda tx: [tuple(row) for row in tx.sql.execute(text(query))])


async def tamper(store: Store, statement: str) -> None:
    """Change the database behind the store's back, as somebody who owns it and has switched off what guards it."""

    def act(tx: Tx) -> None:
        if tx.dialect == "postgresql":
            tx.sql.exec_driver_sql("ALTER TABLE log DISABLE TRIGGER USER")
        tx.sql.exec_driver_sql(statement)
        if tx.dialect == "postgresql":
            tx.sql.exec_driver_sql("ALTER TABLE log ENABLE TRIGGER USER")

    await store.write(act)


@asynccontextmanager
async def held(store: Store) -> AsyncIterator[None]:
    """The writer is busy with another work, so that what is written meanwhile waits for its next commit."""
    begun, go = threading.Event(), threading.Event()
    first = asyncio.create_task(store.write(lambda tx: (begun.set(), go.wait(20))))
    await asyncio.to_thread(begun.wait, 20)
    try:
        yield
    finally:
        go.set()
        await first
