"""Brings commands, presses, forms and events to the bot, by web socket or by signed HTTP, as strictly as Slack does."""

import asyncio
import hashlib
import hmac
import json
import uuid
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlencode

import aiohttp

from bot.sandbox.workspace.nouns import EVENT_SCOPES, Failure, Json
from bot.sandbox.workspace.sockets import Sockets
from bot.sandbox.workspace.state import State

Kind = Literal["slash_commands", "interactive", "events_api"]
ACK_WITHIN = 3.0  # seconds, by the workspace's clock
REDELIVER_AFTER = (0.0, 60.0, 300.0)  # of events alone: at once, after a minute, after five


@dataclass(frozen=True)
class Ack:
    """How the bot took a delivery: `error` is None when it acknowledged, `body` what it said while doing so."""

    error: str | None = None
    body: Json = field(default_factory=dict)
    again: bool = True  # false when the bot asked not to be sent this event again


class Courier:
    """Sends to whichever door the bot has: a request URL when one is set, its web sockets otherwise."""

    def __init__(self, state: State, sockets: Sockets, request_url: str | None) -> None:
        self.state, self.sockets, self.request_url = state, sockets, request_url
        self.failures: list[Failure] = []
        self.twice = 0
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[object]] = set()
        state.emit = self.emit

    async def deliver(self, kind: Kind, payload: Json, attempt: int = 0, reason: str = "") -> Ack:
        """One attempt: the bot's ack, or the error a person would see; failures are kept."""
        if kind != "events_api" and not self.state.installed:
            return Ack("app_not_installed")
        copies = 1
        if self.twice:
            self.twice, copies = self.twice - 1, 2
        send = self._post if self.request_url else self._envelope
        first, *others = [asyncio.ensure_future(send(kind, payload, attempt, reason)) for _ in range(copies)]
        ack = await first
        for other in others:
            await other
        if ack.error:
            self.failures.append(Failure(kind, ack.error, payload, self.state.clock.now()))
            self.state.wake()
        return ack

    def emit(self, subscription: str, event: Json) -> None:
        """Tells the bot of an event it has subscribed to, in the background; nobody is told while there is no bot."""
        heard = subscription in self.state.app.events and (self.request_url or self.sockets.ever)
        needed = EVENT_SCOPES.get(subscription, "")
        if heard and self.state.installed and (not needed or needed in self.state.bot_scopes()):
            self.spawn(self.event(event))

    async def event(self, event: Json) -> bool:
        """Delivers an event; True when its first attempt was acknowledged; otherwise it is tried again later."""
        payload = {
            "token": "verification",
            "team_id": self.state.team_id,
            "api_app_id": self.state.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": self.state.fresh("Ev"),
            "event_time": int(self.state.clock.now().timestamp()),
            "authorizations": [
                {"team_id": self.state.team_id, "user_id": self.state.bot_user, "is_bot": True, "enterprise_id": None}
            ],
            "is_ext_shared_channel": self.state.shared(_place(event)),
        }
        ack = await self.deliver("events_api", payload)
        if ack.error and ack.again:
            self.spawn(self._redeliver(payload, ack))
        return ack.error is None

    async def _redeliver(self, payload: Json, ack: Ack) -> None:
        waited = 0.0
        for attempt, after in enumerate(REDELIVER_AFTER, 1):
            if after > waited:
                await self.state.clock.sleep(after - waited)
                waited = after
            reason = ack.error or ""
            ack = await self.deliver("events_api", payload, attempt, REASONS.get(reason, "unknown_error"))
            if ack.error is None or not ack.again:
                return

    @property
    def busy(self) -> int:
        """How many events are on their way."""
        return len(self._tasks)

    def spawn(self, work: Coroutine[object, object, object]) -> None:
        """Runs something in the background until the workspace stops."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def settle(self, work: asyncio.Future[Ack]) -> Ack:
        """The ack, or the failure when the clock passes three seconds first."""
        alarm = asyncio.ensure_future(self.state.clock.sleep(ACK_WITHIN))
        try:
            await asyncio.wait((work, alarm), return_when=asyncio.FIRST_COMPLETED)
            return work.result() if work.done() else Ack("operation_timeout")
        finally:
            work.cancel()
            alarm.cancel()
            await asyncio.gather(work, alarm, return_exceptions=True)

    async def _envelope(self, kind: Kind, payload: Json, attempt: int, reason: str) -> Ack:
        envelope: Json = {"envelope_id": str(uuid.uuid4()), "payload": payload, "type": kind}
        envelope["accepts_response_payload"] = kind != "events_api"
        if kind == "events_api":
            envelope |= {"retry_attempt": attempt, "retry_reason": "timeout" if attempt else ""}
        answer = await self.sockets.send(envelope)
        if answer is None:
            return Ack("dispatch_failed")
        return await self.settle(asyncio.ensure_future(_said(answer)))

    async def _post(self, kind: Kind, payload: Json, attempt: int, reason: str) -> Ack:
        if kind == "events_api":
            body, content_type = json.dumps(payload), "application/json"
        else:
            form = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
            body, content_type = urlencode(form), "application/x-www-form-urlencoded"
        retry = {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": reason} if attempt else {}
        return await self.settle(asyncio.ensure_future(self._request(body, {"Content-Type": content_type} | retry)))

    async def _request(self, body: str, headers: dict[str, str]) -> Ack:
        if self._session is None:
            # A new connection each time: one kept open to a bot that has been restarted would fail a press for nothing.
            # Environment proxies are not asked, and there is no timeout but the clock's.
            connector = aiohttp.TCPConnector(force_close=True)
            self._session = aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=None))
        signed = headers | self.signature(body)
        try:
            async with self._session.post(self.request_url or "", data=body.encode(), headers=signed) as answer:
                said = await answer.text()
                if answer.status >= 300:
                    return Ack("http_error", again=answer.headers.get("X-Slack-No-Retry") != "1")
                return _read(said, answer.headers.get("Content-Type", ""))
        except aiohttp.ClientError:
            return Ack("dispatch_failed")

    def signature(self, body: str) -> dict[str, str]:
        """The headers by which the bot knows that a body comes from this workspace."""
        at = str(int(self.state.clock.now().timestamp()))
        key = self.state.keys.signing_secret.encode()
        digest = hmac.new(key, f"v0:{at}:{body}".encode(), hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": f"v0={digest}"}

    async def verify_url(self) -> bool:
        """Whether the request URL answers Slack's challenge, as it must before Slack sends anything to it."""
        challenge = uuid.uuid4().hex
        body = json.dumps({"token": "verification", "challenge": challenge, "type": "url_verification"})
        ack = await self.settle(asyncio.ensure_future(self._request(body, {"Content-Type": "application/json"})))
        return challenge in (ack.body.get("challenge"), ack.body.get("text"))

    async def stop(self) -> None:
        """Forgets what is under way and closes the connections to the bot."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
            self._session = None


def _place(event: Json) -> str:
    """The conversation an event is of, empty when it is of none."""
    said = event.get("channel") or event.get("channel_id") or event.get("item", {}).get("channel", "")
    return said if isinstance(said, str) else str(said.get("id", ""))


# What went wrong, in the words of X-Slack-Retry-Reason.
REASONS = {"operation_timeout": "http_timeout", "http_error": "http_error", "dispatch_failed": "connection_failed"}


async def _said(answer: asyncio.Future[Json | None]) -> Ack:
    said = await answer
    return Ack("dispatch_failed") if said is None else Ack(body=said)


def _read(said: str, content_type: str) -> Ack:
    if not said.strip():
        return Ack()
    if "json" not in content_type:
        return Ack(body={"text": said})
    try:
        body = json.loads(said)
    except ValueError:
        return Ack("invalid_response")
    return Ack(body=body) if isinstance(body, dict) else Ack("invalid_response")
