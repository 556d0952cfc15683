"""A Twilio on loopback: it takes what Twilio takes, refuses what it refuses, and posts back signed as Twilio signs."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit
from xml.etree import ElementTree

import orjson
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from bot.contract import Request
from bot.testing.far_end import Arrived, Behaviour, FarEnd
from bot.testing.promises import NOW

ACCOUNT, TOKEN = f"AC{'0' * 31}1", "an-auth-token-of-the-tests"
KEY, KEY_SECRET = f"SK{'0' * 31}2", "an-api-key-of-the-tests"
OURS = "+15005550006"
_PHONE = re.compile(r"\+[1-9][0-9]{6,14}")
_MESSAGE = {"To", "From", "MessagingServiceSid", "Body", "StatusCallback"}
_CALL = {"To", "From", "Twiml", "StatusCallback", "StatusCallbackEvent", "MachineDetection"}
_VERBS = {"Response": set(), "Say": {"language", "voice"}, "Hangup": set(), "Message": set(),
          "Gather": {"numDigits", "timeout", "method", "action"}}  # fmt: skip


@dataclass
class Exchange:
    """`async with Exchange() as twilio:` listens at `twilio.url`; `refuses` is a code for each number it refuses."""

    refuses: dict[str, int] = field(default_factory=dict)
    status: str = "active"
    taken: list[dict[str, list[str]]] = field(default_factory=list)
    far: FarEnd = field(default_factory=FarEnd)

    async def __aenter__(self) -> Self:
        self.far.says = self._answer
        await self.far.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.far.__aexit__(kind, error, trace)

    @property
    def url(self) -> str:
        return self.far.url

    def behaves(self, how: Behaviour) -> None:
        self.far.behaviour = how

    def options(self, **more: Any) -> dict[str, Any]:
        """The options of a connection to it."""
        return {"account": ACCOUNT, "token": TOKEN, "from": OURS, "url": self.url, **more}

    def _answer(self, asked: Arrived) -> tuple[int, bytes]:
        parts = urlsplit(asked.path)
        who = base64.b64decode(asked.headers.get("authorization", "").removeprefix("Basic ")).decode()
        if who not in (f"{ACCOUNT}:{TOKEN}", f"{KEY}:{KEY_SECRET}"):
            return refusal(401, 20003)
        root = f"/2010-04-01/Accounts/{ACCOUNT}"
        if asked.method == "GET":
            return self._shown(parts.path.removeprefix(root), parse_qs(parts.query), who)
        if asked.headers.get("content-type") != "application/x-www-form-urlencoded":
            return refusal(415, 20415)
        form = parse_qs(asked.body.decode(), keep_blank_values=True, strict_parsing=True)
        if parts.path == f"{root}/Messages.json":
            return self._taken("SM", form, message(form))
        if parts.path == f"{root}/Calls.json":
            return self._taken("CA", form, call(form))
        return refusal(404, 20404)

    def _shown(self, path: str, query: dict[str, list[str]], who: str) -> tuple[int, bytes]:
        if path == ".json":
            # An ordinary API key may not read the account.
            return (200, orjson.dumps({"status": self.status})) if ACCOUNT in who else refusal(401, 20003)
        if path == "/IncomingPhoneNumbers.json":
            one = {"phone_number": OURS, "capabilities": {"sms": True, "voice": True}}
            return 200, orjson.dumps({"incoming_phone_numbers": [one] if query.get("PhoneNumber") == [OURS] else []})
        return (200, b'{"messages": []}') if path == "/Messages.json" else refusal(404, 20404)

    def _taken(self, kind: str, form: dict[str, list[str]], code: int | None) -> tuple[int, bytes]:
        code = code or self.refuses.get(form.get("To", [""])[0])
        if code:
            return refusal(400, code, form)
        self.taken.append(form)
        return 201, orjson.dumps({"sid": f"{kind}{len(self.taken):032d}", "status": "queued"})


def message(form: dict[str, list[str]]) -> int | None:
    """The code by which Twilio would refuse it."""
    if not set(form) <= _MESSAGE or any(len(values) > 1 for values in form.values()):
        return 20001
    if ("From" in form) == ("MessagingServiceSid" in form):
        return 21603
    if not 0 < len(form.get("Body", [""])[0]) <= 1600:
        return 21617
    if "From" in form and form["From"] != [OURS]:
        return 21659
    return None if _PHONE.fullmatch(form["To"][0]) else 21211


def call(form: dict[str, list[str]]) -> int | None:
    """The code by which Twilio would refuse it."""
    if not set(form) <= _CALL or form.get("From") != [OURS]:
        return 21212
    if not _PHONE.fullmatch(form["To"][0]):
        return 21211
    twiml = form["Twiml"][0]
    return None if len(twiml) <= 4000 and spoken(twiml) else 12100


def spoken(twiml: str) -> list[str]:
    """The words of TwiML; it fails for a verb or an attribute that we never use."""
    root = ElementTree.fromstring(twiml)
    for element in root.iter():
        assert set(element.attrib) <= _VERBS[element.tag], element.tag
    return [element.text or "" for element in root.iter() if element.tag in ("Say", "Message")]


def refusal(status: int, code: int, form: Mapping[str, list[str]] | None = None) -> tuple[int, bytes]:
    """An error as Twilio words it: with the whole number in it."""
    words = f"The 'To' number {(form or {}).get('To', ['?'])[0]} is not valid."
    more = f"https://www.twilio.com/docs/errors/{code}"
    return status, orjson.dumps({"code": code, "message": words, "more_info": more, "status": status})


def posts(url: str, told: Mapping[str, str], *, token: str = TOKEN, **headers: str) -> Request:
    """What Twilio posts to an address of ours, as the HTTP door hands it over."""
    parts = urlsplit(url)
    shown = RequestValidator(token).compute_signature(url, dict(told))
    known = {"content-type": "application/x-www-form-urlencoded; charset=utf-8", "x-twilio-signature": shown}
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    return Request(urlencode(told).encode(), NOW, {**known, **headers}, query, "POST", parts.path)
