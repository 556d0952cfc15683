"""The far end of a plugin under test: an HTTP server that keeps what arrives and behaves as it is told."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl

import orjson

WAIT = 7  #: seconds that a busy far end asks for
_LARGEST = 4_194_304  # bytes of one request


class Behaviour(StrEnum):
    """How the far end answers."""

    WORKS = "works"
    BUSY = "busy"  #: 429, with Retry-After
    REFUSES = "refuses"  #: 403
    MISSING = "missing"  #: 404
    BROKEN = "broken"  #: 500
    AWAY = "away"  #: 503
    LIES = "lies"  #: 200 with a page of HTML
    SLAMS = "slams"  #: hangs up without an answer
    HANGS = "hangs"  #: never answers


_STATUS = {Behaviour.WORKS: "200 OK", Behaviour.BUSY: "429 Too Many Requests", Behaviour.REFUSES: "403 Forbidden",
           Behaviour.MISSING: "404 Not Found", Behaviour.BROKEN: "500 Internal Server Error",
           Behaviour.AWAY: "503 Service Unavailable", Behaviour.LIES: "200 OK"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Arrived:
    """One request as it came in; header names in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    def texts(self) -> Iterator[str]:
        """Every text in it: of JSON and forms the values, and the headers'."""
        yield from self.headers.values()
        yield self.path
        try:
            yield from _texts(orjson.loads(self.body))
        except orjson.JSONDecodeError:
            words = self.body.decode("utf-8", "replace")
            yield words
            yield from (value for _, value in parse_qsl(words))


@dataclass
class FarEnd:
    """`async with FarEnd() as far:` listens at `far.url`.

    `answer` is the body of the answer while it works; where that depends on what is asked, `says` gives status and body
    for each request, or None to hang up without a word.
    """

    answer: bytes = b'{"ok": true, "id": "message-1"}'
    behaviour: Behaviour = Behaviour.WORKS
    says: Callable[[Arrived], tuple[int, bytes] | None] | None = None
    arrived: list[Arrived] = field(default_factory=list)
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
        if self._server is None:
            raise RuntimeError("The far end listens only within `async with`.")
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._open.add(task)
            task.add_done_callback(self._open.discard)
        try:
            arrived = await _read(reader)
            self.arrived.append(arrived)
            await self._answer(writer, arrived)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            pass  # whoever called has gone, or did not speak HTTP
        finally:
            writer.close()

    async def _answer(self, writer: asyncio.StreamWriter, arrived: Arrived) -> None:
        how = self.behaviour
        if how is Behaviour.HANGS:
            await asyncio.Event().wait()
        if how is Behaviour.SLAMS:
            return
        if how is Behaviour.WORKS and self.says is not None:
            if (said := self.says(arrived)) is not None:
                top = f"HTTP/1.1 {said[0]} Said\r\nContent-Length: {len(said[1])}\r\nConnection: close\r\n"
                writer.write(f"{top}Content-Type: application/json\r\n\r\n".encode() + said[1])
                await writer.drain()
            return
        body = {Behaviour.WORKS: self.answer, Behaviour.LIES: b"<html>Welcome</html>"}.get(how, b'{"error": "no"}')
        head = [f"HTTP/1.1 {_STATUS[how]}", f"Content-Length: {len(body)}", "Connection: close"]
        head += ["Content-Type: text/html" if how is Behaviour.LIES else "Content-Type: application/json"]
        head += [f"Retry-After: {WAIT}"] if how is Behaviour.BUSY else []
        writer.write("\r\n".join([*head, "", ""]).encode() + body)
        await writer.drain()


async def _read(reader: asyncio.StreamReader) -> Arrived:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, path, _ = head[0].split(" ", 2)
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:-2])}
    length = int(headers.get("content-length", "0"))
    if length > _LARGEST:
        raise ValueError("The body is too large.")
    return Arrived(method, path, headers, await reader.readexactly(length))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
