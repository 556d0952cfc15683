"""A far end as a process of its own: takes whatever is posted, answers at once, and tells when each body came."""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import orjson

from bench.parts import load
from tests.parts import process

TAKEN = b'{"ok": true, "id": "%d", "time": 0, "event": "message", "topic": "t"}'


@dataclass(frozen=True)
class Sink:
    """A running one."""

    port: int

    @property
    def url(self) -> str:
        """Where it takes posts."""
        return f"http://127.0.0.1:{self.port}"

    async def arrived(self) -> list[tuple[float, Any]]:
        """(Unix time, JSON body) of everything so far, in the order in which it came."""
        connection = await load.Connection.to(self.port)
        status, body = await connection.ask(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n")
        connection.close()
        assert status == 200, status
        return [(at, said) for at, said in orjson.loads(body)]


@asynccontextmanager
async def running() -> AsyncIterator[Sink]:
    """Start one, and end it with the block."""
    command = [sys.executable, "-m", "bench.parts.sink"]
    child = subprocess.Popen(command, cwd=process.ROOT, stdout=subprocess.PIPE)
    try:
        assert child.stdout
        yield Sink(int(await asyncio.to_thread(child.stdout.readline)))
    finally:
        child.kill()
        child.wait()
        if child.stdout:
            child.stdout.close()


async def serve() -> None:
    """Be one: its port stands on the first line of the output."""
    arrived: list[tuple[float, Any]] = []

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            at = time.time()
            size = load.length(head)
            body = await reader.readexactly(size) if size else b""
            if head.startswith(b"GET"):
                answer = orjson.dumps(arrived)
            else:
                arrived.append((at, orjson.loads(body)))
                answer = TAKEN % len(arrived)
            head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(answer)
            writer.write(head + answer)

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await one(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0, limit=1 << 24, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
