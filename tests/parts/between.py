"""Stands between an HTTP client and a real server, counts the writes that were taken, and loses one when it is told."""

import asyncio
import re
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CONNECTION = re.compile(rb"\r\nconnection:[^\r]*", re.IGNORECASE)


@dataclass
class Between:
    """`async with Between(port, b"/alias") as wire:` listens at `wire.url`; one request a connection.

    A write is a POST, PUT, PATCH or DELETE whose first line holds `about`.
    """

    port: int
    about: bytes = b"/"
    loses: str = ""  #: of the next write: "answer", or "write", which then never arrives
    taken: int = 0  #: writes that the server answered with 2xx
    _server: asyncio.Server | None = None
    _open: set[asyncio.Task[Any]] = field(default_factory=set)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._open:
            task.cancel()
        if self._server is not None:
            self._server.close()
        await asyncio.gather(*self._open, return_exceptions=True)

    @property
    def url(self) -> str:
        """Where it listens."""
        assert self._server, "It listens only within `async with`."
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._open.add(task)
        task.add_done_callback(self._open.discard)
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            found = _LENGTH.search(head)
            body = await reader.readexactly(int(found[1])) if found else b""
            first = head.partition(b"\r\n")[0]
            writes = not first.startswith((b"GET ", b"HEAD ")) and self.about in first
            loses, self.loses = (self.loses, "") if writes else ("", self.loses)
            if loses != "write":
                answer = await self._asked(_CONNECTION.sub(b"", head[:-2]) + b"Connection: close\r\n\r\n" + body)
                self.taken += writes and answer[9:10] == b"2"
            if loses:
                await asyncio.Event().wait()
            writer.write(answer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # whoever called has gone
        finally:
            writer.close()

    async def _asked(self, request: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(request)
            await writer.drain()
            return await reader.read()
        finally:
            writer.close()
