"""The chat door: how soon a command is acknowledged and a press shows on the card, beside a bare bolt app."""

import argparse
import asyncio
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import uvloop

from bench.parts import bodies, figures, load
from bot.sandbox.workspace import Limits, Message, Workspace
from tests.parts import folder, free_port, process, waiting

TRANSPORTS = ("socket", "http")
PAUSE = 0.02  #: seconds between two acts, in which whatever the last one set off comes to its end


@dataclass(frozen=True)
class Plan:
    """How much of everything one run measures."""

    commands: int = 500
    presses: int = 200


def options() -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.slack", description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="each figure is the median of so many")
    parser.add_argument("--quick", action="store_true", help="one run, a fifth of the load")
    return parser.parse_args()


@asynccontextmanager
async def workspace() -> AsyncIterator[Workspace]:
    """A workspace in this very process, so that nothing stands between it and the stop watch."""
    async with Workspace(people=folder.PEOPLE, channels=[folder.CHANNEL], limits=Limits.off()) as slack:
        yield slack


@asynccontextmanager
async def tocsin(slack: Workspace, transport: str) -> AsyncIterator[int]:
    """Tocsin as a process, ready; its port."""
    with tempfile.TemporaryDirectory() as scratch:
        home, port = Path(scratch), free_port()
        config = folder.write(home, port, mode=transport)
        env = folder.env(f"sqlite:///{home / 'tocsin.db'}", slack.url, slack.bot_token, slack.app_token)
        env |= {"SLACK_SIGNING_SECRET": slack.signing_secret}
        async with process.Serve(config, port, env):
            yield port


@asynccontextmanager
async def bare(slack: Workspace, transport: str) -> AsyncIterator[int]:
    """The bare bolt app as a process, ready; its port."""
    port = free_port()
    given = {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_SIGNING_SECRET": slack.signing_secret,
        "SLACK_API_URL": slack.url,
    }
    with tempfile.TemporaryDirectory() as scratch:
        log = Path(scratch) / "bare.log"
        with log.open("wb") as out:
            command = [sys.executable, "-m", "bench.parts.bare", transport, str(port)]
            running = subprocess.Popen(
                command, cwd=process.ROOT, env=process.environment(given), stdout=out, stderr=subprocess.STDOUT
            )
        try:
            await waiting.reachable(f"http://127.0.0.1:{port}/health/ready", running, log)
            yield port
        finally:
            running.kill()
            running.wait()


async def acks(slack: Workspace, count: int) -> dict[str, float]:
    """Milliseconds from typing a command until its ack is here, one after the other."""
    waits = []
    for number in range(count + 20):
        begun = time.perf_counter()
        reply = await slack.command("/incident", "list", by="ada", channel=folder.CHANNEL)
        if not reply.acked:
            raise RuntimeError(f"A command was not acknowledged: {reply.error}")
        if number >= 20:
            waits.append((time.perf_counter() - begun) * 1000)
        await asyncio.sleep(PAUSE)
    return {"ack_p50": figures.percentile(waits, 0.5), "ack_p99": figures.percentile(waits, 0.99)}


async def edits(slack: Workspace, cards: list[Message]) -> dict[str, float]:
    """Milliseconds from pressing Acknowledge until the card shows it, one card after the other."""
    waits = []
    for number, card in enumerate(cards):
        begun = time.perf_counter()
        await slack.press(card, "Acknowledge", by="ada")
        await slack.until(partial(_edited, slack, card))
        if number >= 10:
            waits.append((time.perf_counter() - begun) * 1000)
        await asyncio.sleep(PAUSE)
    return {"edit_p50": figures.percentile(waits, 0.5), "edit_p99": figures.percentile(waits, 0.99)}


def _edited(slack: Workspace, card: Message) -> bool:
    return slack.state.messages[card.channel][card.ts].edits > card.edits


async def ours(transport: str, plan: Plan) -> dict[str, float]:
    """Tocsin's figures: real incidents, each answered through its card, committed before the card shows it."""
    async with workspace() as slack, tocsin(slack, transport) as port:
        slack.request_url = f"http://127.0.0.1:{port}/slack/events" if transport == "http" else None
        found = await acks(slack, plan.commands)
        wires = [
            load.request("/alerts/prom", body, secret=folder.SECRET)
            for body in bodies.webhook(plan.presses + 10, 1, plan.presses + 10)
        ]
        await load.flat_out(port, wires, connections=4)
        cards = await slack.until(lambda: _cards(slack, plan.presses + 10), within=60)
        await asyncio.sleep(1)
        cards = _cards(slack, plan.presses + 10)
        return found | await edits(slack, cards)


def _cards(slack: Workspace, wanted: int) -> list[Message]:
    cards = [message for message in slack.messages(folder.CHANNEL) if "Acknowledge" in message.buttons]
    return cards if len(cards) >= wanted else []


async def theirs(transport: str, plan: Plan) -> dict[str, float]:
    """The bare app's figures: a card is a constant, and a press edits it."""
    async with workspace() as slack, bare(slack, transport) as port:
        slack.request_url = f"http://127.0.0.1:{port}/slack/events" if transport == "http" else None
        found = await acks(slack, plan.commands)
        for _ in range(plan.presses + 10):
            await slack.command("/incident", "card", by="ada", channel=folder.CHANNEL)
        cards = await slack.until(lambda: _cards(slack, plan.presses + 10), within=60)
        return found | await edits(slack, cards)


async def run(asked: argparse.Namespace) -> None:
    """Measure both in turns and print the table."""
    plan = Plan(100, 40) if asked.quick else Plan()
    runs = 1 if asked.quick else asked.runs
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; median of {runs} run(s)")
    print(
        f"{plan.commands} commands and {plan.presses} presses, one after the other; the workspace shares the machine\n"
    )
    print(f"{'':36}{'Tocsin':>12}{'bare bolt':>12}  target")
    for transport in TRANSPORTS:
        us, them = [], []
        for _ in range(runs):
            us.append(await ours(transport, plan))
            them.append(await theirs(transport, plan))
        for line in lines(transport, middle(us), middle(them)):
            print(line)


def middle(runs: list[dict[str, float]]) -> dict[str, float]:
    """The median of each figure."""
    return {key: statistics.median([run[key] for run in runs]) for key in runs[0]}


def lines(transport: str, us: Mapping[str, float], them: Mapping[str, float]) -> list[str]:
    """The rows of one transport."""
    rows = (
        ("ack_p50", "command to ack, p50", "no slower than bare bolt", us["ack_p50"] <= them["ack_p50"] * 1.1),
        ("ack_p99", "  p99", "< 10 ms", us["ack_p99"] < 10),
        ("edit_p50", "press to edited card, p50", "< 50 ms", us["edit_p50"] < 50),
        ("edit_p99", "  p99", "", None),
    )
    return [
        f"{transport + ': ' + label:36}{us[key]:>9.1f} ms{them[key]:>9.1f} ms  {target}{_verdict(met)}".rstrip()
        for key, label, target, met in rows
    ]


def _verdict(met: bool | None) -> str:
    return "" if met is None else " reached" if met else " MISSED"


if __name__ == "__main__":
    uvloop.run(run(options()))
