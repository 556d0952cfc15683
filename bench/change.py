"""A rollback on MLflow: from the approving press to applied and to verified, beside the raw REST calls alone."""

import argparse
import asyncio
import os
import platform
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import uvloop

from bench.parts import figures
from bot.sandbox.workspace import Limits, Message, Workspace
from tests.parts import Missing, folder, free_port, mlflow, process

PAUSE = 0.3  #: seconds after each change, in which all it set off comes to its end
WARM = 5  #: changes that are not counted
TARGET = 50.0  #: milliseconds that Tocsin may add at p50
CONNECTION = '  - {{name: registry, plugin: mlflow, url: "{url}"}}\n'
MODEL = """\
entities:
  - {name: retail}
models:
  - {name: churn, kind: model, entity: retail, team: churn-ml, platform: registry,
     ref: {registered_model: churn, alias: champion}, approvers: [person:bo]}
"""


def options() -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.change", description=__doc__)
    parser.add_argument("--changes", type=int, default=60, help="how many are made, one after the other")
    parser.add_argument("--quick", action="store_true", help="a fifth of them")
    return parser.parse_args()


async def raw(server: mlflow.Server, count: int) -> list[float]:
    """Milliseconds that reading an alias, setting it and reading it again take over one kept connection."""
    waits = []
    at = f"{server.url}/api/2.0/mlflow/registered-models/alias"
    named = {"name": "churn", "alias": "champion"}
    async with aiohttp.ClientSession() as http:
        for number in range(count + WARM):
            begun = time.perf_counter()
            for body in (None, {**named, "version": str(1 + number % 2)}, None):
                call = http.post(at, json=body) if body else http.get(at, params=named)
                async with call as reply:
                    await reply.read()
                    reply.raise_for_status()
            if number >= WARM:
                waits.append((time.perf_counter() - begun) * 1000)
    await server.point("churn", "champion", 1)
    return waits


class Room:
    """Tocsin as a process, its Slack in this one, and one model on MLflow."""

    def __init__(self, slack: Workspace, database: Path) -> None:
        self.slack, self.database = slack, database
        self.shown: dict[str, float] = {}  #: when each change's card said that it is done

    async def change(self, number: int, version: str) -> float:
        """One change from the command to its end; the Unix time at which its approver pressed."""
        words = f"churn to {version} because the benchmark says so"
        await self.slack.command("/rollback", words, by="ada", channel=folder.CHANNEL)
        view = await self.slack.until(lambda: self._form(version))
        reply = await self.slack.submit(view, {}, by="ada")
        if reply.errors:
            raise RuntimeError(f"The form was refused: {reply.errors}")
        id_ = f"CHG-{number}"
        card = await self.slack.until(lambda: self._card(id_, "Approve"))
        if (answer := self.slack.view("ada")) is not None:
            await self.slack.close(answer, by="ada", clear=True)
        await asyncio.sleep(PAUSE)
        pressed = time.time()
        await self.slack.press(card, "Approve", by="bo")
        await self.slack.until(lambda: self._card(id_, "Undo"))
        self.shown[id_] = time.time()
        await asyncio.sleep(PAUSE)
        return pressed

    def _form(self, version: str) -> object:
        view = self.slack.view("ada")
        return view if view is not None and f"becomes {version}" in view.shown else None

    def _card(self, id_: str, button: str) -> Message | None:
        own = (one for one in self.slack.messages(folder.CHANNEL) if f"{id_} " in one.shown and button in one.buttons)
        return next(own, None)

    def told(self, kind: str) -> Mapping[str, float]:
        """When each change's entry of a kind was written, as Unix time."""
        with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True) as found:
            told = "SELECT subject, recorded_at FROM log NATURAL JOIN log_said WHERE kind = ?"
            rows = found.execute(told, (kind,)).fetchall()
        return {subject: _unix(at) for subject, at in rows}


def _unix(at: str | int | float) -> float:
    if isinstance(at, str):
        return datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp()
    return at / 1e6 if at > 1e12 else float(at)


async def ours(server: mlflow.Server, count: int) -> dict[str, list[float]]:
    """Milliseconds from the approving press until each point of so many changes."""
    with tempfile.TemporaryDirectory() as scratch:
        home, port = Path(scratch), free_port()
        config = folder.write(home, port)
        with (config / "tocsin.yaml").open("a", encoding="utf-8") as main:
            main.write(CONNECTION.format(url=server.url))
        (config / "estate.yaml").write_text(MODEL, encoding="utf-8")
        async with Workspace(people=folder.PEOPLE, channels=[folder.CHANNEL], limits=Limits.off()) as slack:
            env = folder.env(f"sqlite:///{home / 'tocsin.db'}", slack.url, slack.bot_token, slack.app_token)
            async with process.Serve(config, port, env):
                room = Room(slack, home / "tocsin.db")
                pressed = {}
                for number in range(1, count + WARM + 1):
                    pressed[f"CHG-{number}"] = await room.change(number, str(1 + number % 2))
                ends = {"applied": room.told("change.applied"), "verified": room.told("change.done")}
                ends["shown"] = room.shown
        counted = list(pressed)[WARM:]
        return {what: [(when[id_] - pressed[id_]) * 1000 for id_ in counted] for what, when in ends.items()}


async def run(server: mlflow.Server, count: int) -> None:
    """Measure both and print the table."""
    await server.model("churn", 2, alias="champion", at=1)
    alone = await raw(server, count)
    found = await ours(server, count)
    calls = figures.percentile(alone, 0.5)
    print(f"{'from the approving press':36}{'p50':>10}{'p99':>10}  target")
    for what, label in (
        ("applied", "until it is applied"),
        ("verified", "until it is seen to serve"),
        ("shown", "until its card says so"),
    ):
        print(_line(label, found[what]))
    print(_line("the REST calls alone", alone))
    added = statistics.median(found["verified"]) - calls
    print(f"{'Tocsin adds, until it is seen':36}{added:>7.1f} ms{'':12}< {TARGET:g} ms {_verdict(added < TARGET)}")


def _line(label: str, waits: list[float]) -> str:
    return f"{label:36}{figures.percentile(waits, 0.5):>7.1f} ms{figures.percentile(waits, 0.99):>7.1f} ms"


def _verdict(met: bool) -> str:
    return "reached" if met else "MISSED"


def main() -> None:
    """Start MLflow and measure; without one, say how to get it."""
    asked = options()
    count = asked.changes // 5 if asked.quick else asked.changes
    try:
        mlflow.program()
    except Missing as missing:
        print(missing)
        return
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; {count} changes\n")
    with tempfile.TemporaryDirectory() as scratch:
        server = mlflow.Server(Path(scratch))
        try:
            server.start()
            uvloop.run(run(server, count))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
