"""The real Alertmanager under the same load, with a webhook that does nothing but note when it was called."""

import asyncio
import re
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

from bench.parts import bodies, figures, load
from tests.parts import alertmanager

NAME = re.compile(rb'"alertname":"(PsiHigh\d{6})"')
INTAKE = alertmanager.Route(group_by=("model",), group_wait="30s", group_interval="5m", repeat_interval="4h")
PROMPT = alertmanager.Route(group_by=("model",), group_wait="0s", group_interval="5m", repeat_interval="4h")
PATH = "/api/v2/alerts"


class Sink(asyncio.Protocol):
    """Answers every POST with 200; `seen` has the Unix time at which each alert was first told of."""

    def __init__(self, seen: dict[str, float], calls: list[float]) -> None:
        self.seen, self.calls = seen, calls
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop has a class of its own

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        at = self._buffer.find(b"\r\n\r\n")
        if at < 0 or len(self._buffer) < at + 4 + load.length(bytes(self._buffer[:at])):
            return
        now = time.time()
        self.calls.append(now)
        for found in NAME.findall(self._buffer):
            self.seen.setdefault(found.decode(), now)
        self._buffer.clear()
        assert self._transport
        self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")


class Running:
    """An Alertmanager and the sink it notifies."""

    def __init__(self, part: alertmanager.Alertmanager, seen: dict[str, float], calls: list[float]) -> None:
        self.part, self.seen, self.calls = part, seen, calls


@asynccontextmanager
async def running(route: alertmanager.Route) -> AsyncIterator[Running]:
    """A fresh Alertmanager."""
    seen: dict[str, float] = {}
    calls: list[float] = []
    sink = await asyncio.get_running_loop().create_server(lambda: Sink(seen, calls), "127.0.0.1", 0)
    port = sink.sockets[0].getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        part = alertmanager.Alertmanager(Path(folder), f"http://127.0.0.1:{port}/", route=route)
        async with part:
            yield Running(part, seen, calls)
    sink.close()


def wires(count: int, size: int, causes: int) -> list[bytes]:
    """Requests for `count` distinct alerts in batches of `size`."""
    return [load.request(PATH, body) for body in bodies.prometheus(count, size, causes)]


async def measure(plan: figures.Plan) -> dict[str, float]:
    """Every figure of one run."""
    found: dict[str, float] = {}
    for size, count in plan.intake.items():
        async with running(INTAKE) as peer:
            found |= figures.intake(size, count, await load.flat_out(peer.part.port, wires(count, size, plan.causes)))
    for rate, count in plan.latency.items():
        async with running(PROMPT) as peer:
            outcome = await load.paced(peer.part.port, wires(count, 1, count), rate)
            await figures.settled(peer.seen.__len__, count)
            found |= figures.seen(rate, outcome, peer.seen)
    async with running(PROMPT) as peer:
        outcome = await load.flat_out(peer.part.port, wires(plan.storm, plan.storm_size, 1))
        await figures.settled(lambda: len(peer.calls), 1)
        found |= figures.storm(outcome, peer.calls)
        found["rss"] = figures.resident(peer.part.pid)
    found["ready"] = await start_up()
    return found


async def start_up() -> float:
    """Seconds from the start of the process until it says that it is ready."""
    start = time.perf_counter()
    async with running(INTAKE):
        return time.perf_counter() - start
