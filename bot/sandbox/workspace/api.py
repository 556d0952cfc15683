"""From the bytes of a Web API request to the bytes of its answer."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

import orjson

from bot.sandbox.workspace.ask import Ask
from bot.sandbox.workspace.faults import Fault, Faults
from bot.sandbox.workspace.limits import Meter
from bot.sandbox.workspace.methods import METHODS, Method
from bot.sandbox.workspace.nouns import Call, Json
from bot.sandbox.workspace.permits import Denied, Token
from bot.sandbox.workspace.state import State

KEPT = 200_000  # calls; a benchmark of an hour would otherwise fill the memory
JSON_TYPE = b"application/json; charset=utf-8"


@dataclass(frozen=True)
class Answer:
    """A status, headers and a body; `drop` asks for the connection to be closed without any of them."""

    body: bytes
    status: int = 200
    headers: tuple[tuple[bytes, bytes], ...] = ()
    drop: bool = False


class Api:
    """The Web API of one workspace."""

    def __init__(self, state: State, meter: Meter, faults: Faults) -> None:
        self.state, self.meter, self.faults = state, meter, faults
        self.calls: list[Call] = []
        self.silent = False

    async def answer(self, name: str, headers: Mapping[bytes, bytes], query: bytes, body: bytes) -> Answer:
        """What Slack would say; may take as long as an armed fault holds it."""
        if self.silent:
            await self.faults.hang()
        args: Json = {}
        try:
            args = read(headers.get(b"content-type", b""), query, body) | _client(headers)
            method, token = self._allowed(name, _bearer(headers, args))
        except Denied as refusal:
            return self._refuse(name, args, refusal)
        wait = self.meter.take(name, method.tier, self._place(args), self.state.clock.now().timestamp())
        if wait:
            return self._limited(name, args, wait)
        fault = self.faults.take(name)
        if fault and not fault.after_effect:
            return await self._fail(fault, name, args)
        try:
            said = method.run(Ask(self.state, args, token))
        except Denied as refusal:
            return self._refuse(name, args, refusal, token)
        if fault:
            return await self._fail(fault, name, args)
        self._record(name, args, None)
        return Answer(orjson.dumps({"ok": True} | said), headers=_scopes(token))

    def _allowed(self, name: str, given: str) -> tuple[Method, Token]:
        method = METHODS.get(name)
        if method is None:
            raise Denied("unknown_method", req_method=name)
        if not method.tokens:
            return method, Token("none", set())
        if not given:
            raise Denied("not_authed")
        token = self.state.tokens.get(given)
        if token is None:
            raise Denied(self.state.ended.get(given, "invalid_auth"))
        if token.kind not in method.tokens:
            raise Denied("not_allowed_token_type")
        if method.scope and method.scope not in token.scopes:
            raise Denied("missing_scope", needed=method.scope, provided=",".join(sorted(token.scopes)))
        return method, token

    def _place(self, args: Json) -> str:
        """The conversation a call is about, however it is called there."""
        said = str(args.get("channel", ""))
        if said in self.state.people:
            return f"D{said[1:]}"
        named = None if said in self.state.channels else self.state.named(said)
        return named.id if named else said

    def _record(self, name: str, args: Json, error: str | None) -> None:
        if len(self.calls) >= KEPT:
            del self.calls[: KEPT // 2]
        shown = args | {"client_secret": "***"} if "client_secret" in args else args
        self.calls.append(Call(name, shown, self.state.clock.now(), error))

    def _refuse(self, name: str, args: Json, refusal: Denied, token: Token | None = None) -> Answer:
        self._record(name, args, refusal.code)
        said = {"ok": False, "error": refusal.code} | refusal.extra
        return Answer(orjson.dumps(said), headers=_scopes(token) if token else ())

    def _limited(self, name: str, args: Json, wait: int) -> Answer:
        self._record(name, args, "ratelimited")
        said = orjson.dumps({"ok": False, "error": "ratelimited"})
        return Answer(said, 429, ((b"retry-after", str(wait).encode()),))

    async def _fail(self, fault: Fault, name: str, args: Json) -> Answer:
        if fault.kind == "ratelimited":
            return self._limited(name, args, fault.retry_after)
        if fault.kind == "hang":
            self._record(name, args, fault.kind)
            await self.faults.hang()
            return Answer(b"", drop=True)
        if fault.kind == "drop":
            self._record(name, args, fault.kind)
            return Answer(b"", drop=True)
        if fault.kind.isdecimal():
            self._record(name, args, fault.kind)
            return Answer(b"<html>the server could not answer</html>", int(fault.kind))
        return self._refuse(name, args, Denied(fault.kind))


def read(content_type: bytes, query: bytes, body: bytes) -> Json:
    """The arguments of a request, from the query string and a form or JSON body."""
    args: Json = dict(parse_qsl(query.decode(), keep_blank_values=True)) if query else {}
    if not body:
        return args
    kind = content_type.partition(b";")[0].strip().lower()
    if kind == b"application/json":
        try:
            given = orjson.loads(body)
        except orjson.JSONDecodeError as problem:
            raise Denied("invalid_json") from problem
        if not isinstance(given, dict):
            raise Denied("json_not_object")
        return args | given
    if kind == b"application/x-www-form-urlencoded":
        return args | dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
    raise Denied("invalid_post_type" if kind else "missing_post_type")


def _bearer(headers: Mapping[bytes, bytes], args: Json) -> str:
    """The token, by header; in a form too, but never in a JSON body, where Slack does not look for it."""
    said = headers.get(b"authorization", b"").decode(errors="replace")
    in_form = headers.get(b"content-type", b"").startswith(b"application/x-www-form-urlencoded")
    token = str(args.pop("token", "") or "")
    return said.removeprefix("Bearer ").strip() if said.startswith("Bearer ") else token if in_form else ""


def _client(headers: Mapping[bytes, bytes]) -> Json:
    """The app's client id and secret, where it says them in the header."""
    kind, _, said = headers.get(b"authorization", b"").partition(b" ")
    if kind != b"Basic":
        return {}
    try:
        client_id, _, secret = base64.b64decode(said, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return {}
    return {"client_id": client_id, "client_secret": secret}


def _scopes(token: Token) -> tuple[tuple[bytes, bytes], ...]:
    return ((b"x-oauth-scopes", ",".join(sorted(token.scopes)).encode()),)
