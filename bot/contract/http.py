"""Lends plugins a client for HTTP: what goes wrong becomes NotDelivered, which says whether to try again."""

import re
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
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
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """One request; raises NotDelivered.

    `retry` says whether the same may succeed later, `after` how many seconds its host asked to wait (then nothing was
    taken). Redirects are refused: they would carry secrets elsewhere. No error shows the address beyond its host, nor
    anything of headers or bodies.
    """
    host = _host(url)
    try:
        async with (
            httpx.AsyncClient(verify=_trust(), timeout=DEADLINE, follow_redirects=False) as client,
            client.stream(method, url, json=json, data=form, headers=headers) as answer,
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


@dataclass(frozen=True, slots=True)
class Peer:
    """A host of which any answer is wanted, an error's too: a platform, whose errors say what is wrong."""

    url: str  #: what every path is appended to
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)  #: that every request carries
    ca: Path | None = None  #: the certificates to trust; not given: this machine's
    verify: bool = True
    timeout: float = DEADLINE  #: seconds for each step of one request
    largest: int = _LARGEST  #: bytes of an answer that are read

    async def ask(self, method: str, path: str, *, query: Mapping[str, str] | None = None, json: Any = None) -> Reply:
        """The answer, whatever its status; a redirect is one too and is not followed. Raises NotDelivered.

        `retry` then says that the same may be asked again: it surely never left, or it was a GET, which changes
        nothing. Where it is False after anything else was asked, nobody knows whether it was done.
        """
        async with self.line() as line:
            return await line.ask(method, path, query=query, json=json)

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

    async def ask(self, method: str, path: str, *, query: Mapping[str, str] | None = None, json: Any = None) -> Reply:
        """As `Peer.ask`."""
        peer, host = self._peer, _host(self._peer.url)
        address = f"{peer.url.rstrip('/')}/{path}"
        try:
            async with self._client.stream(method, address, params=query, json=json, headers=peer.headers) as answer:
                body = await _read(answer, host, peer.largest)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            if "certificate" in str(error).lower():
                cure = "Name the file of those who signed it in the connection's settings."
                raise NotDelivered(f"The certificate of {host} is not trusted.", cure) from None
            raise NotDelivered(f"{host} cannot be reached: {type(error).__name__}.", retry=True) from None
        except httpx.TransportError as error:
            why = f"within {peer.timeout:g} s" if isinstance(error, httpx.TimeoutException) else type(error).__name__
            raise NotDelivered(f"{host} gave no answer: {why}.", retry=method == "GET") from None
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
