"""The gate before bolt: what is not from Slack, not fresh, not whole or not new gets a clear answer, never a 500."""

import hashlib
import hmac
import json
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.errors import NotAuthentic
from bot.slack.gate import Gate, Shut
from bot.testing.clock import FakeClock

START = datetime(2026, 11, 23, tzinfo=UTC)
SECRET = "not-a-real-secret"
FORM = "application/x-www-form-urlencoded"


class Behind:
    """Stands where bolt stands and remembers what came through."""

    def __init__(self) -> None:
        """Answers 200 until told otherwise."""
        self.passed: list[dict[str, Any]] = []
        self.answer: BoltResponse | Exception = BoltResponse(status=200, body="")

    async def __call__(self, request: AsyncBoltRequest) -> BoltResponse:
        """Take it."""
        self.passed.append(request.body)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class Caller:
    """Somebody who talks HTTP to the gate."""

    def __init__(self, limit: int = 10_000) -> None:
        """A gate with a small limit, and what stands behind it."""
        self.clock = FakeClock(START)
        self.behind = Behind()
        self.gate = Gate(SecretStr(SECRET), self.clock, self.behind, limit=limit)

    def signed(self, body: bytes, at: float | None = None) -> dict[str, str]:
        """Slack's headers for a body."""
        stamp = str(int(at if at is not None else self.clock.now().timestamp()))
        digest = hmac.new(SECRET.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
        return {"x-slack-request-timestamp": stamp, "x-slack-signature": f"v0={digest}", "content-type": FORM}

    async def post(self, body: bytes, headers: dict[str, str] | None = None, **scope: Any) -> tuple[int, str]:
        """Status and body of the answer."""
        return await call(self.gate, body, self.signed(body) if headers is None else headers, **scope)


async def call(app: Any, body: bytes, headers: dict[str, str], **scope: Any) -> tuple[int, str]:
    """One HTTP request, the body in three pieces."""
    pieces = [body[:5], body[5:50], body[50:]]
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        if not pieces:
            return {"type": "http.disconnect"}
        piece = pieces.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    await app({"type": "http", "method": "POST", "headers": raw} | scope, receive, send)
    return sent[0]["status"], sent[1]["body"].decode()


COMMAND = urlencode({"command": "/incident", "user_id": "U1", "text": "list"}).encode()


async def test_what_slack_signed_passes() -> None:
    caller = Caller()
    assert await caller.post(COMMAND) == (200, "")
    assert caller.behind.passed[0]["command"] == "/incident"


@pytest.mark.parametrize("off", [-301, 301, 10**11])
async def test_an_old_or_future_timestamp_is_refused(off: int) -> None:
    caller = Caller()
    status, said = await caller.post(COMMAND, caller.signed(COMMAND, START.timestamp() + off))
    assert (status, caller.behind.passed) == (401, [])
    assert "five minutes" in said


@pytest.mark.parametrize("stamp", ["", "soon", "1e9", "-5", "٣", "9" * 400])
async def test_a_timestamp_that_is_no_number_is_refused(stamp: str) -> None:
    caller = Caller()
    headers = caller.signed(COMMAND)
    headers["x-slack-request-timestamp"] = stamp.encode("utf-8").decode("latin-1")
    assert (await caller.post(COMMAND, headers))[0] == 401


@pytest.mark.parametrize("signature", ["", "v0=", "v0=" + "0" * 64, "v1=abc", "é"])
async def test_a_wrong_signature_is_refused(signature: str) -> None:
    caller = Caller()
    status, said = await caller.post(COMMAND, caller.signed(COMMAND) | {"x-slack-signature": signature})
    assert status == 401
    assert "SLACK_SIGNING_SECRET" in said
    assert SECRET not in said


async def test_a_changed_body_is_refused() -> None:
    caller = Caller()
    assert (await caller.post(COMMAND + b"&x=1", caller.signed(COMMAND)))[0] == 401


async def test_a_replay_is_refused_while_it_could_still_pass() -> None:
    caller = Caller()
    headers = caller.signed(COMMAND)
    assert (await caller.post(COMMAND, headers))[0] == 200
    assert (await caller.post(COMMAND, headers))[0] == 401
    await caller.clock.advance(299)
    assert (await caller.post(COMMAND, headers))[0] == 401
    assert (await caller.post(COMMAND))[0] == 200
    assert len(caller.behind.passed) == 2


@pytest.mark.parametrize("stated", [True, False])
async def test_a_body_over_the_limit_is_refused(stated: bool) -> None:
    caller = Caller(limit=100)
    body = b"x" * 101
    headers = caller.signed(body) | ({"content-length": "101"} if stated else {})
    assert (await caller.post(body, headers))[0] == 413


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"payload=%7Bnot+json", FORM),
        (b"payload=%5B1%5D", FORM),
        (b"\xff\xfe", FORM),
        (b"[1, 2]", "application/json"),
        (b"{", "application/json"),
        (b"[" * 9000, "application/json"),
        (b'"text"', "application/json; charset=utf-8"),
    ],
)
async def test_what_cannot_be_read_gets_a_reason(body: bytes, kind: str) -> None:
    caller = Caller()
    status, said = await caller.post(body, caller.signed(body) | {"content-type": kind})
    assert status == 400
    assert json.loads(said)["error"]
    assert caller.behind.passed == []


@pytest.mark.parametrize("answer", [RuntimeError("boom"), BoltResponse(status=500, body="")])
async def test_a_failure_behind_it_is_no_500(answer: BoltResponse | Exception) -> None:
    caller = Caller()
    caller.behind.answer = answer
    status, said = await caller.post(COMMAND)
    assert status == 400
    assert "boom" not in said


async def test_other_methods_and_a_closing_bot() -> None:
    caller = Caller()
    assert (await caller.post(b"", {}, method="GET"))[0] == 405
    caller.gate.closed = True
    assert (await caller.post(COMMAND))[0] == 503


async def test_a_connection_that_ends_early_is_unreadable() -> None:
    caller = Caller()
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    await caller.gate({"type": "http", "method": "POST", "headers": []}, receive, send)
    assert sent[0]["status"] == 400


def test_an_empty_secret_opens_nothing() -> None:
    with pytest.raises(NotAuthentic):
        Gate(SecretStr(""), FakeClock(START), Behind())


async def test_where_slack_comes_by_socket_there_is_nothing_to_post_to() -> None:
    assert (await call(Shut(), b"", {}))[0] == 404


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200), st.sampled_from([FORM, "application/json", "", "text/plain"]))
async def test_nothing_signed_ends_in_a_500(body: bytes, kind: str) -> None:
    caller = Caller()
    status, _ = await caller.post(body, caller.signed(body) | {"content-type": kind})
    assert status in (200, 400)
