"""Lends plugins a client for HTTP: what goes wrong becomes NotDelivered, which says whether to try again."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from bot.contract import reading
from bot.errors import NotDelivered, Unreadable

DEADLINE = 10.0  # seconds; the guard around a page allows 15
_IDLE = 1.0  # seconds a connection is kept for the next request: less than what any server gives it
_OLDEST = 60.0  # seconds, after which a host is looked up anew however busy its connections are
_IDLERS = 64  # connections kept for one host
#: The fields of a form, one of several values as a list of them.
Form = Mapping[str, str | list[str]] | None
_GAP = re.compile(r"[\x00-\x20\x7f]")
_LARGEST = 1_048_576  # bytes of an answer that are read
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})  # statuses after which the same may succeed


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; what `send` returns is of the 2xx kind."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)  #: names in lower case

    def json(self) -> Any:
        """The JSON of the body; raises NotDelivered (nobody knows what became of the request) where it is none."""
        try:
            return reading.loads(self.body)
        except Unreadable:
            raise NotDelivered("The answer is no JSON.", "Look whether the address is right.") from None


async def send(
    method: str,
    url: str,
    *,
    json: Any = None,
    form: Mapping[str, str] | None = None,
    content: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """One request; raises NotDelivered. `content` travels as it is, for a body that is signed; `headers` say its type.

    `retry` says whether the same may succeed later, `after` how many seconds its host asked to wait (then nothing was
    taken). Redirects are refused: they would carry secrets elsewhere. No error shows the address beyond its host, nor
    anything of headers or bodies.
    """
    host = _host(url)
    try:
        async with (
            _client(url) as client,
            client.stream(method, url, json=json, data=form, content=content, headers=headers) as answer,
        ):
            body = await _read(answer, host)
    except httpx.TimeoutException:
        raise NotDelivered(f"{host} did not answer within {DEADLINE:g} s.", retry=True) from None
    except httpx.TransportError as error:
        raise NotDelivered(f"{host} cannot be reached: {type(error).__name__}.", retry=True) from None
    # What no header, address or body may hold; such a request never left.
    except (httpx.InvalidURL, httpx.HTTPError, ValueError, TypeError) as error:
        raise NotDelivered(
            f"The request to {host} cannot be made: {type(error).__name__}.", "Check its address."
        ) from None
    if 200 <= answer.status_code < 300:
        return Reply(answer.status_code, body, _headers(answer))
    raise _refused(host, answer)


@asynccontextmanager
async def kept() -> AsyncIterator[None]:
    """Within it, and in tasks that begin there, `send` uses a host's connection again; all are closed at its end."""
    lines = _Kept()
    token = _lines.set(lines)
    try:
        yield
    finally:
        _lines.reset(token)
        await lines.close()


@dataclass(slots=True)
class _Idle:
    """A client whose only connection rests: since when, and how old it is, by the loop's time."""

    client: httpx.AsyncClient
    born: float
    since: float


class _Kept:
    """Clients of one connection each, by host. One with many looks at all of them for each request: that costs more."""

    def __init__(self) -> None:
        self._idle: dict[tuple[str, str], list[_Idle]] = {}  # the one used last stands last
        self._sweeping: asyncio.Task[None] | None = None
        self._closed = False

    @asynccontextmanager
    async def one(self, url: str) -> AsyncIterator[httpx.AsyncClient]:
        """A client for this address, nobody else's meanwhile; what went wrong with it once is not used again."""
        where, loop = (urlsplit(url).scheme, urlsplit(url).netloc), asyncio.get_running_loop()
        idle = self._idle.get(where)
        used = idle.pop() if idle else None
        if used is None or loop.time() - used.since >= _IDLE:
            if used is not None:
                await used.client.aclose()
            used = _Idle(_fresh(), loop.time(), 0.0)
        back = False
        try:
            yield used.client
            back = not self._closed and loop.time() - used.born < _OLDEST
        finally:
            used.since = loop.time()
            if back and len(self._idle.setdefault(where, [])) < _IDLERS:
                used.client.cookies.clear()  # they were for that one request
                self._idle[where].append(used)
                self._sweeping = self._sweeping or asyncio.create_task(self._sweep())
            else:
                await used.client.aclose()

    async def close(self) -> None:
        """Close what rests; what is in use closes itself."""
        self._closed = True
        if self._sweeping is not None:
            self._sweeping.cancel()
            with suppress(asyncio.CancelledError):
                await self._sweeping
        await self._drop(float("inf"))

    async def _sweep(self) -> None:
        """Close what has rested for too long, until nothing rests."""
        while self._idle:
            await asyncio.sleep(_IDLE)
            await self._drop(asyncio.get_running_loop().time() - _IDLE)
        self._sweeping = None

    async def _drop(self, before: float) -> None:
        old = [each for idle in self._idle.values() for each in idle if each.since <= before]
        left = {where: [each for each in idle if each.since > before] for where, idle in self._idle.items()}
        self._idle = {where: idle for where, idle in left.items() if idle}
        for each in old:
            await each.client.aclose()


_lines: ContextVar[_Kept | None] = ContextVar("lines", default=None)


def _fresh() -> httpx.AsyncClient:
    return httpx.AsyncClient(verify=_trust(), timeout=DEADLINE, follow_redirects=False)


@asynccontextmanager
async def _client(url: str) -> AsyncIterator[httpx.AsyncClient]:
    lines = _lines.get()
    async with _fresh() if lines is None else lines.one(url) as client:
        yield client


@dataclass(frozen=True, slots=True)
class Peer:
    """A host of which any answer is wanted, an error's too: a platform, whose errors say what is wrong."""

    url: str  #: what every path is appended to
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)  #: that every request carries
    ca: Path | None = None  #: the certificates to trust; not given: this machine's
    verify: bool = True
    timeout: float = DEADLINE  #: seconds for each step of one request
    largest: int = _LARGEST  #: bytes of an answer that are read
    repeatable: bool = False  #: everything that is asked of it may be asked again, since who asks looks first

    async def ask(
        self, method: str, path: str, *, query: Mapping[str, str] | None = None, json: Any = None, form: Form = None
    ) -> Reply:
        """The answer, whatever its status; a redirect is one too and is not followed. Raises NotDelivered.

        `retry` then says that the same may be asked again: it surely never left, or it was a GET, which changes
        nothing, or the peer is `repeatable`. Where it is False after anything else was asked, nobody knows whether it
        was done.
        """
        async with self.line() as line:
            return await line.ask(method, path, query=query, json=json, form=form)

    @asynccontextmanager
    async def line(self) -> AsyncIterator["Line"]:
        """One connection for several questions in a row; NotDelivered where its certificates cannot be read."""
        try:
            trust = _trust(self.ca) if self.verify else False
        except OSError:
            raise NotDelivered(f"The certificates in {self.ca} cannot be read.", "Look at the file.") from None
        async with httpx.AsyncClient(verify=trust, timeout=self.timeout, follow_redirects=False) as client:
            yield Line(self, client)


@dataclass(frozen=True, slots=True)
class Line:
    """A connection to a peer, as long as its `line()` lasts."""

    _peer: Peer
    _client: httpx.AsyncClient

    async def ask(
        self, method: str, path: str, *, query: Mapping[str, str] | None = None, json: Any = None, form: Form = None
    ) -> Reply:
        """As `Peer.ask`."""
        peer, host = self._peer, _host(self._peer.url)
        address = f"{peer.url.rstrip('/')}/{path}"
        sent: dict[str, Any] = {"params": query, "json": json, "data": form, "headers": peer.headers}
        try:
            async with self._client.stream(method, address, **sent) as answer:
                body = await _read(answer, host, peer.largest)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            if "certificate" in str(error).lower():
                cure = "Name the file of those who signed it in the connection's settings."
                raise NotDelivered(f"The certificate of {host} is not trusted.", cure) from None
            raise NotDelivered(f"{host} cannot be reached: {type(error).__name__}.", retry=True) from None
        except httpx.TransportError as error:
            why = f"within {peer.timeout:g} s" if isinstance(error, httpx.TimeoutException) else type(error).__name__
            raise NotDelivered(f"{host} gave no answer: {why}.", retry=peer.repeatable or method == "GET") from None
        except (httpx.InvalidURL, httpx.HTTPError, ValueError, TypeError) as error:
            raise NotDelivered(
                f"The request to {host} cannot be made: {type(error).__name__}.", "Check its address."
            ) from None
        return Reply(answer.status_code, body, _headers(answer))


def wait(reply: Reply) -> float | None:
    """The seconds that an answer asks to wait (Retry-After); None where it says nothing that can be read."""
    return _wait(reply.headers)


def _refused(host: str, answer: httpx.Response) -> NotDelivered:
    status = answer.status_code
    what = f"{host} answered {status}."
    if status in _PASSING:
        return NotDelivered(
            what, "It is tried again.", retry=True, after=_wait(_headers(answer)) if status in (429, 503) else None
        )
    if 300 <= status < 400:
        return NotDelivered(what, "It leads elsewhere: set the address it leads to.")
    if status in (401, 403):
        return NotDelivered(what, "Check the connection's secrets, and what they permit.")
    return NotDelivered(what, "Check the connection's address and options.")


def _headers(answer: httpx.Response) -> dict[str, str]:
    return {name.lower(): value for name, value in answer.headers.items()}


def _wait(headers: Mapping[str, str]) -> float | None:
    """The seconds of Retry-After, also where it names a moment; None where it says nothing that can be read."""
    said = headers.get("retry-after", "").strip()
    if said.isascii() and said.isdigit():
        return float(min(int(said[:9]), 3600))
    try:
        at, sent = parsedate_to_datetime(said), parsedate_to_datetime(headers.get("date", ""))
        return min(max(0.0, (at - sent).total_seconds()), 3600.0)
    except (ValueError, TypeError):
        return None


async def _read(answer: httpx.Response, host: str, largest: int = _LARGEST) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in answer.aiter_bytes():
        size += len(part)
        if size > largest:
            raise NotDelivered(
                f"{host} answered with more than {largest:,} bytes.", "Look whether the address is right."
            )
        parts.append(part)
    return b"".join(parts)


def _host(url: str) -> str:
    """The host of an address; raises NotDelivered where it is none to which anything could be sent."""
    try:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and not _GAP.search(url):
            return parts.hostname
    except ValueError:
        pass
    raise NotDelivered("The address is no http or https address.", "Correct it in the connection.")


@lru_cache(8)
def _trust(ca: Path | None = None) -> Any:
    """The certificates of this machine, or of a file; reading them takes longer than a request."""
    return httpx.create_ssl_context() if ca is None else ssl.create_default_context(cafile=ca)
