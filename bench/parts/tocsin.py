"""Tocsin under load as a process, the workspace as another: what it accepts and what people see in Slack."""

import asyncio
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any

from bench.parts import bodies, figures, load
from bot.sandbox.workspace.remote import Remote
from tests.parts import folder, free_port, postgres, process

MODEL = re.compile(r"model-(\d{5})")
PATH = "/alerts/prom"


class House:
    """The bot and its Slack."""

    def __init__(self, serve: process.Serve, slack: Remote) -> None:
        self.serve, self.slack = serve, slack
        self.posts: list[dict[str, Any]] = []  #: messages in the order they appeared, each with `at`
        self._heard = 0

    async def listen(self) -> int:
        """Fetch what appeared in Slack since; how many messages there are by now."""
        while True:
            self._heard, changes = await self.slack.changes(after=self._heard)
            self.posts += [change["message"] for change in changes if change["kind"] == "post"]
            if not changes:
                return len(self.posts)

    def when(self, *, direct: bool) -> dict[str, float]:
        """The Unix time at which each model was first told of: in the channel (its card) or `direct` (its page)."""
        first: dict[str, float] = {}
        for post in self._posts(direct):
            for number in MODEL.findall(post["shown"]):
                first.setdefault(bodies.name(int(number)), posted(post))
        return first

    def pages(self) -> list[float]:
        """When each direct message came."""
        return [posted(post) for post in self._posts(True)]

    def _posts(self, direct: bool) -> Iterator[dict[str, Any]]:
        return (post for post in self.posts if post["channel"].startswith("D") is direct)


def posted(post: dict[str, Any]) -> float:
    """The Unix time at which the workspace took a message."""
    return datetime.fromisoformat(post["at"]).timestamp()


@asynccontextmanager
async def workspace(home: Path) -> AsyncIterator[dict[str, str]]:
    """The workspace as a process: what it prints of itself."""
    seed = home / "seed.json"
    seed.write_text(json.dumps({"people": list(folder.PEOPLE), "channels": [folder.CHANNEL]}), encoding="utf-8")
    command = [sys.executable, "-m", "bot.sandbox.workspace", "--no-limits", "--state", str(seed)]
    with (home / "workspace.log").open("wb") as log:
        running = subprocess.Popen(command, cwd=process.ROOT, stdout=subprocess.PIPE, stderr=log)
    try:
        assert running.stdout
        line = await asyncio.to_thread(running.stdout.readline)
        if not line:
            raise RuntimeError(f"The workspace did not start.\n{(home / 'workspace.log').read_text()[-4000:]}")
        yield json.loads(line)
    finally:
        running.kill()
        running.wait()
        if running.stdout:
            running.stdout.close()


class Databases:
    """Hands out a fresh database for each measurement."""

    def __init__(self, cluster: postgres.Cluster | None) -> None:
        self._cluster = cluster

    def fresh(self, home: Path) -> AbstractContextManager[str]:
        """The address of an empty database."""
        return self._cluster.fresh() if self._cluster else nullcontext(f"sqlite:///{home / 'tocsin.db'}")


@contextmanager
def databases(kind: str) -> Iterator[Databases]:
    """`sqlite`, or a `postgres` of our own whose commits reach the disk."""
    if kind == "sqlite":
        yield Databases(None)
        return
    with postgres.cluster(durable=True) as cluster:
        yield Databases(cluster)


@asynccontextmanager
async def running(kept: Databases, *, paced: bool = False) -> AsyncIterator[House]:
    """A fresh bot, ready, connected to a fresh workspace without rate limits; `paced` keeps to Slack's all the same."""
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        port = free_port()
        config = folder.write(home, port)
        with kept.fresh(home) as url:
            async with workspace(home) as slack:
                env = folder.env(url, slack["url"], slack["bot_token"], slack["app_token"])
                env |= {"TOCSIN_SLACK_PACE": "on"} if paced else {}
                async with (
                    process.Serve(config, port, env) as serve,
                    Remote(slack["origin"], slack["control_token"]) as remote,
                ):
                    yield House(serve, remote)


def wires(count: int, size: int, causes: int, prefix: str = "model") -> list[bytes]:
    """Requests for `count` distinct alerts in deliveries of `size`."""
    return [load.request(PATH, body, secret=folder.SECRET) for body in bodies.webhook(count, size, causes, prefix)]


async def warm(house: House) -> None:
    """A few deliveries that are not measured: a bot that has run for a while is what people have."""
    await load.flat_out(house.serve.port, wires(10, 1, 1, "warm"), connections=1)
    await until_quiet(house)


async def until_quiet(house: House, wanted: int = 1 << 30, *, quiet: float = 0.5) -> None:
    """Returns when Slack shows `wanted` messages, or nothing new for `quiet` seconds."""
    last, moved = await house.listen(), time.monotonic()
    while last < wanted and time.monotonic() - moved < quiet:
        await asyncio.sleep(0.1)
        if (now := await house.listen()) != last:
            last, moved = now, time.monotonic()


async def measure(plan: figures.Plan, kept: Databases) -> dict[str, float]:
    """Every figure of one run, each on a fresh bot."""
    found = await start_up(kept)
    for size, count in plan.intake.items():
        async with running(kept, paced=True) as house:
            await warm(house)
            outcome = await load.flat_out(house.serve.port, wires(count, size, plan.causes))
            found |= figures.intake(size, count, outcome)
    for rate, count in plan.latency.items():
        async with running(kept) as house:
            await warm(house)
            outcome = await load.paced(house.serve.port, wires(count, 1, count), rate)
            await until_quiet(house, quiet=3.0)
            found |= figures.seen(rate, outcome, house.when(direct=False))
            found |= figures.seen(rate, outcome, house.when(direct=True), "paged")
    async with running(kept) as house:
        found |= await storm(plan, house, causes=1)
    return found


async def storm(plan: figures.Plan, house: House, *, causes: int) -> dict[str, float]:
    """The storm and the memory after it."""
    await warm(house)
    before = len(house.pages())
    outcome = await load.flat_out(house.serve.port, wires(plan.storm, plan.storm_size, causes))
    await until_quiet(house, quiet=3.0)
    pages = house.pages()[before:]
    last = max(pages, default=float("nan")) - outcome.began
    return {**figures.storm(outcome, pages), "storm_last": last, "rss": figures.resident(house.serve.pid)}


async def causes(plan: figures.Plan, kept: Databases) -> dict[str, float]:
    """A storm in which every alert has a cause of its own: as many incidents, cards and pages."""
    async with running(kept) as house:
        found = await storm(plan, house, causes=plan.storm)
    return {key.replace("storm_", "causes_"): value for key, value in found.items() if key.startswith("storm_")}


async def start_up(kept: Databases) -> dict[str, float]:
    """Seconds until ready: the very first time, with an empty database, and every later time."""
    async with running(kept) as house:
        found = {"ready_first": house.serve.took, "rss_calm": figures.resident(house.serve.pid)}
        await house.serve.stop()
        house.serve.start()
        await house.serve.ready()
        return {**found, "ready": house.serve.took}
