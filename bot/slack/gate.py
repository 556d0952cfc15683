"""The HTTP door before bolt: size, timestamp, signature and replay are judged here, and nothing ends in a 500.

The memory of signatures is this process's own, so that no ack waits for the database; a copy that reaches another
replica is dropped there by its content key (event_id, trigger_id, action_ts), which all replicas share.
"""

import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

import orjson
from pydantic import SecretStr
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot import telemetry
from bot.clock import Clock
from bot.errors import BadInput, NotAuthentic, TooLarge, Unreadable

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Dispatch = Callable[[AsyncBoltRequest], Awaitable[BoltResponse]]

LIMIT = 1_048_576  # bytes; Slack's largest payload, a view, is a quarter of it
WINDOW = 300  # seconds a timestamp may be off, in either direction
KEPT = 100_000  # signatures
STATUS: Mapping[type[BadInput], tuple[int, str]] = {
    NotAuthentic: (401, "signature"),
    TooLarge: (413, "size"),
    Unreadable: (400, "unreadable"),
}
log = telemetry.logger("slack")


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[bytes, bytes], ...] = ()


class Gate:
    """An ASGI application: what passes it is from Slack, fresh, whole and new."""

    def __init__(self, secret: SecretStr, clock: Clock, dispatch: Dispatch, *, limit: int = LIMIT) -> None:
        """`secret` is the app's signing secret, never empty; `limit` is in bytes."""
        if not secret.get_secret_value():
            raise NotAuthentic("The signing secret is empty.", "Set SLACK_SIGNING_SECRET, or use Socket Mode.")
        self._secret = secret.get_secret_value().encode()
        self._clock = clock
        self._dispatch = dispatch
        self._limit = limit
        self._known: OrderedDict[str, float] = OrderedDict()
        self.closed = False  #: the bot is stopping: Slack is asked to come back

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await answer(await self._reply(scope, receive), send)

    async def _reply(self, scope: Scope, receive: Receive) -> Reply:
        if scope["method"] != "POST":
            return _said(405, "Slack sends POST.", (b"allow", b"POST"))
        if self.closed:
            return _said(503, "The bot is stopping; try again in a moment.", (b"retry-after", b"5"))
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        try:
            body = await self._read(headers, receive)
            self._authentic(headers, body)
            request = _request(headers, body)
        except BadInput as refusal:
            status, why = STATUS[type(refusal)]
            telemetry.REFUSED.labels("slack", why).inc()
            return _said(status, str(refusal))
        return await self._pass(request)

    async def _read(self, headers: Mapping[str, str], receive: Receive) -> bytes:
        stated = headers.get("content-length", "0")
        if stated.isascii() and stated.isdigit() and int(stated[:12]) > self._limit:
            raise TooLarge(f"The body is over {self._limit} bytes.")
        parts: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] != "http.request":
                raise Unreadable("The connection ended before the body did.")
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > self._limit:
                raise TooLarge(f"The body is over {self._limit} bytes.")
            if not message.get("more_body", False):
                return b"".join(parts)

    def _authentic(self, headers: Mapping[str, str], body: bytes) -> None:
        stamp, signature = headers.get("x-slack-request-timestamp", ""), headers.get("x-slack-signature", "")
        now = self._clock.now().timestamp()
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
            raise NotAuthentic("The timestamp is missing or no number.")
        if abs(now - int(stamp)) > WINDOW:
            raise NotAuthentic("The timestamp is more than five minutes off.", "Check the clock of this machine.")
        wanted = "v0=" + hmac.new(self._secret, b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(wanted.encode(), signature.encode("latin-1")):
            raise NotAuthentic("The signature does not fit.", "Check SLACK_SIGNING_SECRET.")
        while self._known and (next(iter(self._known.values())) < now or len(self._known) >= KEPT):
            self._known.popitem(last=False)
        if wanted in self._known:
            raise NotAuthentic("This request was answered before.")
        self._known[wanted] = now + 2 * WINDOW

    async def _pass(self, request: AsyncBoltRequest) -> Reply:
        begun = self._clock.monotonic()
        try:
            answer = await self._dispatch(request)
        except Exception:  # a door: Slack gets an answer it understands, the log has the trace
            log.exception("slack.dispatch_failed")
            telemetry.REFUSED.labels("slack", "unreadable").inc()
            return _said(400, "This payload makes no sense to the bot.")
        telemetry.ACK_LATENCY.observe(self._clock.monotonic() - begun)
        if answer.status >= 500:
            telemetry.REFUSED.labels("slack", "unreadable").inc()
            return _said(400, "This payload makes no sense to the bot.")
        return Reply(answer.status, (answer.body or "").encode(), tuple(_headers(answer)))


class Shut:
    """The ASGI application where Slack comes another way: 404, with the reason."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await answer(_said(404, "Slack comes by Socket Mode here; set slack.mode to http to change that."), send)


async def answer(reply: Reply, send: Send) -> None:
    """Send an HTTP answer."""
    length = (b"content-length", str(len(reply.body)).encode())
    await send({"type": "http.response.start", "status": reply.status, "headers": [*reply.headers, length]})
    await send({"type": "http.response.body", "body": reply.body})


def _request(headers: dict[str, str], body: bytes) -> AsyncBoltRequest:
    """The payload as bolt wants it; Unreadable when it is not an object of Slack's."""
    try:
        text = body.decode("utf-8")
        if headers.get("content-type", "").startswith("application/json") and not isinstance(orjson.loads(text), dict):
            raise Unreadable("The body is no JSON object.")
        request = AsyncBoltRequest(body=text, headers=dict(headers))
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        raise Unreadable(f"The body cannot be read: {type(error).__name__}.") from error
    if not isinstance(request.body, dict):
        raise Unreadable("The payload is no JSON object.")
    return request


def _headers(answer: BoltResponse) -> Iterable[tuple[bytes, bytes]]:
    for name, value in answer.first_headers_without_set_cookie().items():
        if name.lower() != "content-length":
            yield name.lower().encode("latin-1"), value.encode("latin-1")


def _said(status: int, sentence: str, *headers: tuple[bytes, bytes]) -> Reply:
    return Reply(status, orjson.dumps({"error": sentence}), ((b"content-type", b"application/json"), *headers))
