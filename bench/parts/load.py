"""A cheap HTTP load: raw asyncio, kept-alive connections, bodies made beforehand, so that the server is measured."""

import asyncio
import itertools
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Self, cast

CONNECTIONS = 32


def request(path: str, body: bytes, *, secret: str = "") -> bytes:
    """One POST of JSON as it goes over the wire."""
    authorization = f"Authorization: Bearer {secret}\r\n" if secret else ""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n{authorization}"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@dataclass
class Outcome:
    """What came of a load: seconds for each reply, and when each request was posted (Unix time) by its number."""

    began: float = 0.0  #: Unix time of the first request
    seconds: float = 0.0  #: from the first request to the last reply
    replies: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)  #: anything without a 2xx, as answered
    posted: dict[int, float] = field(default_factory=dict)


class Connection(asyncio.Protocol):
    """One kept-alive connection with one request under way at a time."""

    def __init__(self) -> None:
        self._buffer = b""
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._transport: asyncio.Transport | None = None

    @classmethod
    async def to(cls, port: int) -> Self:
        """A connection to a port of this machine."""
        _, connection = await asyncio.get_running_loop().create_connection(cls, "127.0.0.1", port)
        return connection

    async def ask(self, wire: bytes) -> tuple[int, bytes]:
        """Send a whole request; its status and body."""
        assert self._transport
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(wire)
        return await self._answer

    def close(self) -> None:
        """Hang up."""
        if self._transport:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop has a class of its own

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, ended, rest = self._buffer.partition(b"\r\n\r\n")
        if not ended:
            return
        announced = length(head)
        if len(rest) < announced:
            return
        self._buffer = b""
        if self._answer and not self._answer.done():
            self._answer.set_result((int(head[9:12]), rest[:announced]))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_exception(ConnectionError("The server hung up before it answered."))


def length(head: bytes) -> int:
    """The body length that a head announces; 0 when it says nothing."""
    at = head.lower().find(b"\r\ncontent-length:")
    if at < 0:
        return 0
    return int(head[at + 17 :].partition(b"\r\n")[0])


async def flat_out(port: int, wires: Sequence[bytes], *, connections: int = CONNECTIONS) -> Outcome:
    """Post all of `wires`, each connection the next as soon as it has its reply."""
    outcome, numbered = Outcome(), iter(enumerate(wires))
    crew = [await Connection.to(port) for _ in range(min(connections, len(wires)))]
    outcome.began, start = time.time(), time.perf_counter()
    await asyncio.gather(*(_work(connection, numbered, outcome) for connection in crew))
    outcome.seconds = time.perf_counter() - start
    for connection in crew:
        connection.close()
    return outcome


async def _work(connection: Connection, numbered: Iterator[tuple[int, bytes]], outcome: Outcome) -> None:
    for number, wire in numbered:
        await _one(connection, number, wire, outcome)


async def _one(connection: Connection, number: int, wire: bytes, outcome: Outcome) -> None:
    outcome.posted[number] = time.time()
    start = time.perf_counter()
    status, body = await connection.ask(wire)
    outcome.replies.append(time.perf_counter() - start)
    if status // 100 != 2:
        outcome.refused.append(f"{status} {body[:200]!r}")


async def paced(port: int, wires: Sequence[bytes], per_second: float) -> Outcome:
    """Post `wires` at a steady rate, whether or not replies keep up."""
    outcome = Outcome()
    idle = deque([await Connection.to(port) for _ in range(4)])
    crew, running, loop = list(idle), [], asyncio.get_running_loop()
    outcome.began = time.time()
    start = loop.time()

    async def post(number: int, wire: bytes) -> None:
        if not idle:
            crew.append(await Connection.to(port))
            idle.append(crew[-1])
        connection = idle.popleft()
        await _one(connection, number, wire, outcome)
        idle.append(connection)

    for number, wire in zip(itertools.count(), wires):
        await asyncio.sleep(start + number / per_second - loop.time())
        running.append(loop.create_task(post(number, wire)))
    await asyncio.gather(*running)
    outcome.seconds = loop.time() - start
    for connection in crew:
        connection.close()
    return outcome
