"""A thousand people due at one instant: how late each page leaves, and whether a flood to one delays anybody else."""

import argparse
import asyncio
import os
import platform
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import uvloop

from bench.parts import load, sink, tocsin
from bot.clock import SystemClock
from bot.model import address
from bot.model.page import Page
from bot.store import Store, Tx, addresses, pages
from tests.parts import Missing, alertmanager, folder, free_port, process

PEOPLE = 1000
AFTER = 5  #: seconds between the alert and the instant at which everybody is due
FLOOD = 500  #: incidents of one person
OTHERS = 50  #: people who get one page each meanwhile
PATIENCE = 60.0  #: seconds for everything to arrive

MAIN = """\
database: ${{DATABASE_URL}}
slack: {{mode: "off"}}
web: {{host: 127.0.0.1, port: {port}}}
connections:
  - {{name: prom, plugin: alertmanager, secret: "${{PROM_SECRET}}"}}
  - {{name: phone, plugin: ntfy, url: "{sink}"}}
"""

RUNBOOK = """\
---
title: Something is wrong with a model
owner: team:all
review_by: 2099-01-01
match: {match}
severity:
  - {{is: sev1}}
tiers:
  L1: {{page: "{page}", answer_within: 1h}}
start: {{sev1: L1}}
repeats: 0
---
## Check first
1. What changed last?
"""


@dataclass(frozen=True)
class Lateness:
    """Seconds between the instant at which each was due and its arrival at the far end."""

    seconds: Sequence[float]

    def __str__(self) -> str:
        if not self.seconds:
            return "nothing arrived"
        p50, p99, most = np.percentile(self.seconds, (50, 99, 100))
        return f"{len(self.seconds):5d} arrived; p50 {p50 * 1000:6.0f} ms, p99 {p99 * 1000:6.0f} ms, last {most:.2f} s"


def options() -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.pages", description=__doc__)
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--only", choices=["tocsin", "alertmanager"], help="leave the other out")
    return parser.parse_args()


def write(home: Path, port: int, far: str) -> Path:
    """A folder for TOCSIN_CONFIG: everybody in one team, and fifty teams of one person with a model each."""
    config = folder.write(home, port, mode="off")
    (config / "tocsin.yaml").write_text(MAIN.format(port=port, sink=far), encoding="utf-8")
    names = [f"p{n:04d}" for n in range(PEOPLE)]
    late = f"notify: {{high: [push after {AFTER}s], low: [push]}}"
    lines = [f"  - {{name: {name}, email: {name}@example.com, push: {name}, {late}}}" for name in names]
    now = "notify: {high: [push], low: [push]}"
    others = [f"q{n:04d}" for n in range(OTHERS + 1)]
    lines += [f"  - {{name: {name}, email: {name}@example.com, push: {name}, {now}}}" for name in others]
    teams = [f"  - {{name: all, entity: retail, members: [{', '.join(names)}], lead: {names[0]}}}"]
    teams += [f"  - {{name: {name}, entity: retail, members: [{name}], lead: {name}}}" for name in (*names, *others)]
    people = "\n".join(["people:", *lines, "teams:", *teams, ""])
    (config / "people.yaml").write_text(people, encoding="utf-8")
    owned = [f"  - {{name: single-{n:03d}, entity: retail, team: {others[n + 1]}}}" for n in range(OTHERS)]
    owned += [f"  - {{name: flood-{n:03d}, entity: retail, team: {others[0]}}}" for n in range(FLOOD)]
    owned += ["  - {name: everybody, entity: retail, team: all}"]
    owned += [f"  - {{name: each-{n:04d}, entity: retail, team: {name}}}" for n, name in enumerate(names)]
    estate = "\n".join(["entities:", "  - {name: retail}", "models:", *owned, ""])
    (config / "estate.yaml").write_text(estate, encoding="utf-8")
    book = RUNBOOK.format(match="{}", page="lead:{{ model.team }}")
    (home / "runbooks" / "anything.md").write_text(book, encoding="utf-8")
    book = RUNBOOK.format(match="{model: everybody}", page="team:all")
    (home / "runbooks" / "everybody.md").write_text(book, encoding="utf-8")
    return config


async def confirmed(url: str) -> None:
    """Everybody has confirmed their address: that is what people have who are paged by it."""
    store = await Store.open(url, clock=SystemClock())
    names = [f"p{n:04d}" for n in range(PEOPLE)] + [f"q{n:04d}" for n in range(OTHERS + 1)]
    now = store.clock.now()
    count = address.Standing.CONFIRMED
    mine = [address.Address(name, "push", address.digest(name), count, now, confirmed_at=now) for name in names]

    def keep(tx: Tx) -> None:
        for one in mine:
            addresses.put(tx, one)

    await store.write(keep)
    await store.close()


@asynccontextmanager
async def house(kept: tocsin.Databases) -> AsyncIterator[tuple[process.Serve, sink.Sink, str]]:
    """A bot that pages through a far end of ours, and its database."""
    with tempfile.TemporaryDirectory() as scratch:
        home, port = Path(scratch), free_port()
        async with sink.running() as far:
            config = write(home, port, far.url)
            with kept.fresh(home) as url:
                await confirmed(url)
                async with process.Serve(config, port, folder.env(url, "", "", "")) as serve:
                    yield serve, far, url


def alert(*models: str) -> bytes:
    """One delivery with a firing alert for each model."""
    firing = [
        {
            "status": "firing",
            "labels": {"alertname": "drift", "model": model, "severity": "critical"},
            "annotations": {"summary": f"{model} drifted"},
            "startsAt": "2026-11-23T02:10:00Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "fingerprint": model,
        }
        for model in models
    ]
    body: dict[str, Any] = {
        "version": "4",
        "groupKey": "{}",
        "status": "firing",
        "receiver": "tocsin",
        "alerts": firing,
    }
    body |= {"groupLabels": {}, "commonLabels": {}, "commonAnnotations": {}, "externalURL": "http://am"}
    return load.request("/alerts/prom", orjson.dumps(body), secret=folder.SECRET)


async def arrivals(far: sink.Sink, wanted: int, topics: str) -> dict[str, float]:
    """When the first message came to each topic that begins with `topics`; waits until there are `wanted`."""
    began, first = time.monotonic(), dict[str, float]()
    while len(first) < wanted and time.monotonic() - began < PATIENCE:
        await asyncio.sleep(0.25)
        first = {}
        for at, said in await far.arrived():
            if str(said.get("topic", "")).startswith(topics):
                first.setdefault(said["topic"], at)
    return first


async def ledger(url: str, count: int) -> list[Page]:
    """The pages of the incidents after the first, `count` of them, as they stand."""
    store = await Store.open(url, clock=SystemClock(), migrate=False)
    found = await store.read(lambda tx: [page for n in range(count) for page in pages.of(tx, f"INC-{n + 2}")])
    await store.close()
    return found


async def instant(kept: tocsin.Databases, models: Sequence[str]) -> Lateness:
    """A thousand people due at one instant, for these models' incidents."""
    async with house(kept) as (serve, far, url):
        await load.flat_out(serve.port, [alert("single-000")], connections=1)  # what is measured is not the first ever
        await arrivals(far, 1, "q")
        await load.flat_out(serve.port, [alert(*models)], connections=1)
        came = await arrivals(far, PEOPLE, "p")
        due = {page.person: page.due_at.timestamp() for page in await ledger(url, len(models))}
        return Lateness([came[name] - due[name] for name in due if name in came])


async def flood(kept: tocsin.Databases, count: int) -> Lateness:
    """Fifty people with one page each, while another is paged for `count` incidents; from the post to the arrival."""
    async with house(kept) as (serve, far, _):
        await load.flat_out(serve.port, [alert("single-000")], connections=1)
        await arrivals(far, 1, "q")
        flooding = [alert(*(f"flood-{n:03d}" for n in range(at, min(at + 50, count)))) for at in range(0, count, 50)]
        singles = [alert(f"single-{n:03d}") for n in range(1, OTHERS)]
        storm = asyncio.create_task(load.flat_out(serve.port, flooding, connections=2)) if flooding else None
        outcome = await load.paced(serve.port, singles, 10)
        came = await arrivals(far, OTHERS + bool(count), "q")
        if storm:
            await storm
        names = [f"q{n + 1:04d}" for n in range(1, OTHERS)]
        return Lateness([came[name] - outcome.posted[n] for n, name in enumerate(names) if name in came])


async def theirs() -> Lateness:
    """Alertmanager: a thousand groups whose wait ends at one instant, each a call of the same far end."""
    route = alertmanager.Route(("model",), group_wait=f"{AFTER}s", group_interval="5m", repeat_interval="4h")
    with tempfile.TemporaryDirectory() as scratch:
        async with sink.running() as far, alertmanager.Alertmanager(Path(scratch), far.url, route=route) as part:
            await part.push([alertmanager.labelled("warm", model="warm")])
            await asyncio.sleep(AFTER + 1)
            due = time.time() + AFTER
            await part.push([alertmanager.labelled("drift", model=f"p{n:04d}") for n in range(PEOPLE)])
            began, first = time.monotonic(), dict[str, float]()
            while len(first) < PEOPLE and time.monotonic() - began < PATIENCE:
                await asyncio.sleep(0.25)
                for at, said in await far.arrived():
                    first.setdefault(said["groupLabels"].get("model", ""), at)
            return Lateness([at - due for name, at in first.items() if name.startswith("p")])


async def run(asked: argparse.Namespace) -> None:
    """Measure and print."""
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    if asked.only != "alertmanager":
        with tocsin.databases(asked.database) as kept:
            print(f"Tocsin on {asked.database}")
            each = [f"each-{n:04d}" for n in range(PEOPLE)]
            print(f"  {PEOPLE} people, an incident each      {await instant(kept, each)}")
            print(f"  {PEOPLE} people of one incident        {await instant(kept, ['everybody'])}")
            print(f"  {OTHERS - 1} first pages, nothing else      {await flood(kept, 0)}")
            print(f"  the same, {FLOOD} for somebody else  {await flood(kept, FLOOD)}")
    if asked.only != "tocsin":
        try:
            print(f"Alertmanager\n  {PEOPLE} groups due at one instant    {await theirs()}")
        except Missing as missing:
            print(missing)


if __name__ == "__main__":
    uvloop.run(run(options()))
