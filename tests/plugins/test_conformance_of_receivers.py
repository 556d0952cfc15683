"""The suite for receivers: it passes one that keeps the contract and names what another does instead."""

import hashlib
import hmac
from collections.abc import Sequence
from typing import Any, ClassVar

import orjson
import pytest
from pydantic import SecretStr

from bot.contract import (
    Answer,
    ConnectionSettings,
    Context,
    Heard,
    NotAuthentic,
    Plugin,
    Reply,
    Report,
    Request,
    Says,
    Unreadable,
    proof,
    reading,
)
from bot.testing import receivers
from bot.testing.promises import NOW

KEY = "a-key-of-the-suite"
BODY = b'{"id": "m-1", "arrived": true, "says": "acknowledge", "code": "42"}'


class EarSettings(ConnectionSettings):
    key: SecretStr


class Ear:
    """As small as a receiver can be that keeps the contract; the methods are where others go wrong."""

    def __init__(self, settings: EarSettings, context: Context) -> None:
        self.settings = settings

    def authenticate(self, request: Request) -> None:
        proof.signature(request, self.settings.key, "X-Ear-Signature")

    def hear(self, request: Request) -> Heard:
        said = self.read(request.body)
        id_ = reading.clean(reading.text(said.get("id"), 100) or "")
        if not id_:
            raise Unreadable("There is no id.")
        if said.get("says") not in set(Says):
            return Heard(reports=(Report(id_, said.get("arrived") is True),))
        return Heard(replies=(Reply(Says(said["says"]), self.code(said), id=id_),))

    def read(self, body: bytes) -> dict[str, Any]:
        said = reading.loads(body)
        if not isinstance(said, dict) or not isinstance(said.get("says"), str):
            raise Unreadable("This is no message of the ear's.")
        return said

    def code(self, said: dict[str, Any]) -> str:
        return reading.clean(reading.text(said.get("code"), 100) or "")

    def answer(self, request: Request, sentences: Sequence[str]) -> Answer:
        return Answer(200, orjson.dumps({"said": [reading.clean(one) for one in sentences]}))


class OpenDoor(Ear):
    def authenticate(self, request: Request) -> None:
        return


class HeadersOnly(Ear):
    """What is signed is not what is read."""

    def authenticate(self, request: Request) -> None:
        wanted = hmac.new(KEY.encode(), BODY, hashlib.sha256).hexdigest()
        shown = request.headers.get("x-ear-signature", "").encode("utf-8", "replace")
        if not hmac.compare_digest(wanted.encode(), shown):
            raise NotAuthentic("No.")


class SecretInUrl(Ear):
    def authenticate(self, request: Request) -> None:
        if request.query.get("token") != KEY:
            super().authenticate(request)


class BreaksOnOddHeaders(Ear):
    def authenticate(self, request: Request) -> None:
        request.headers.get("x-ear-signature", "").encode("ascii")
        super().authenticate(request)


class RefusesAll(Ear):
    def authenticate(self, request: Request) -> None:
        raise NotAuthentic("Not today.")


class TellsInRefusal(Ear):
    def authenticate(self, request: Request) -> None:
        try:
            super().authenticate(request)
        except NotAuthentic:
            raise NotAuthentic(f"It is not {KEY}.") from None


class TellsInRepr(Ear):
    def __repr__(self) -> str:
        return KEY


class Breaks(Ear):
    def read(self, body: bytes) -> dict[str, Any]:
        said: dict[str, Any] = orjson.loads(body)
        return said


class Counts(Ear):
    heard: ClassVar[list[int]] = []

    def code(self, said: dict[str, Any]) -> str:
        self.heard.append(1)
        return str(len(self.heard))


class Raw(Ear):
    """As it came, whatever that is."""

    def code(self, said: dict[str, Any]) -> str:
        return str(said.get("code"))


class Lists(Ear):
    def hear(self, request: Request) -> Heard:
        return [super().hear(request)]  # type: ignore[return-value]


class Joins(Ear):
    def answer(self, request: Request, sentences: Sequence[str]) -> Answer:
        return Answer(
            200, f"<Response><Say>{' '.join(sentences)}</Say></Response>".encode("utf-8", "replace"), "text/xml"
        )


class Echoes(Ear):
    def answer(self, request: Request, sentences: Sequence[str]) -> Answer:
        return Answer(200, b"<p>" + request.body + b"</p>", "text/html")


class Refuses(Ear):
    def answer(self, request: Request, sentences: Sequence[str]) -> Answer:
        return Answer(500)


class NeedsOne(Ear):
    def answer(self, request: Request, sentences: Sequence[str]) -> Answer:
        return Answer(200, orjson.dumps(reading.clean(sentences[0])))


def plugin(part: type[Ear]) -> Plugin:
    return Plugin(name="ear", settings=EarSettings, receivers=(part,))


def delivery(body: bytes = BODY) -> Request:
    signed = hmac.new(KEY.encode(), body, hashlib.sha256).hexdigest()
    return Request(body, NOW, {"content-type": "application/json", "x-ear-signature": signed}, path="/pages/prom")


async def test_a_receiver_that_keeps_the_contract_passes() -> None:
    report = delivery(b'{"id": "m-1", "arrived": false, "says": ""}')
    await receivers.conforms(plugin(Ear), {"key": KEY}, deliveries=[delivery(), report])


@pytest.mark.parametrize(
    ("part", "complaint"),
    [
        (OpenDoor, "authenticate lets in what proves nothing"),
        (HeadersOnly, "authenticate lets in a body that was altered"),
        (SecretInUrl, "authenticate lets in what proves nothing"),
        (BreaksOnOddHeaders, "authenticate must return or raise NotAuthentic: ear failed"),
        (RefusesAll, "authenticate refuses a delivery of yours"),
        (TellsInRefusal, "A secret shows in the refusal"),
        (TellsInRepr, "A secret shows in its repr"),
        (Breaks, "hear must answer or raise Unreadable: ear failed"),
        (Counts, "hear reads a second copy otherwise"),
        (Raw, "code is no text of at most"),
        (Lists, "hear answered a list, not a Heard"),
        (Joins, "answer lets a sentence become markup of its own"),
        (Joins, "The answer says that it is XML, and is none"),
        (Echoes, "The answer holds what was sent as markup, unescaped"),
        (Refuses, "The answer has the status 500"),
        (NeedsOne, "answer must have one for everything: ear failed"),
    ],
)
async def test_one_that_does_not_is_told_what_it_does(part: type[Ear], complaint: str) -> None:
    found = await receivers.complaints(plugin(part), {"key": KEY}, deliveries=[delivery()])
    assert any(complaint in one for one in found), found


async def test_a_channel_that_only_shows_a_secret_signs_no_body() -> None:
    assert await receivers.complaints(plugin(HeadersOnly), {"key": KEY}, deliveries=[delivery()], signed=False) == []


async def test_without_a_delivery_nothing_is_shown() -> None:
    assert await receivers.complaints(plugin(Ear), {"key": KEY}, deliveries=[]) == [
        "There is no delivery: show what the channel posts."
    ]


async def test_a_plugin_without_a_receiver_has_nothing_to_keep() -> None:
    assert await receivers.complaints(Plugin(name="quiet"), {}, deliveries=[]) == []


async def test_a_misfit_is_named_before_anything_is_tried() -> None:
    (complaint,) = await receivers.complaints(Plugin(name="ear", receivers=(object,)), {}, deliveries=[])
    assert "has no authenticate" in complaint
