"""The suite itself: it passes what keeps the contract and names what does not."""

import threading
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from bot.contract import (
    Alert,
    Check,
    ConnectionSettings,
    Context,
    Delivery,
    Kind,
    Plugin,
    Request,
    Status,
    Unreadable,
    proof,
)
from bot.testing import conformance


def an_alert(problem: str, at: datetime) -> Alert:
    return Alert("stranger", "c", problem, "T", Status.FIRING, Kind.DRIFT, at)


class Good:
    """As small as a source can be."""

    def __init__(self, settings: ConnectionSettings, context: Context) -> None:
        self.secret = settings.secret
        self.name = context.connection

    def authenticate(self, request: Request) -> None:
        proof.secret(request, self.secret)

    def parse(self, request: Request) -> Delivery:
        try:
            body = orjson.loads(request.body)
        except orjson.JSONDecodeError as error:
            raise Unreadable("No JSON.") from error
        if not isinstance(body, dict) or type(body.get("id")) is not int:
            raise Unreadable("There is no id.")
        return Delivery(alerts=(self.alert(body, request),))

    def alert(self, body: dict[str, Any], request: Request) -> Alert:
        return Alert(
            "good", self.name, f"{self.name}:{body['id']}", "T", Status.FIRING, Kind.DRIFT, request.received_at
        )

    async def check(self) -> list[Check]:
        return [proof.check(self.secret)]


class RaisesKeyError(Good):
    def parse(self, request: Request) -> Delivery:
        return Delivery(alerts=(self.alert(orjson.loads(request.body), request),))


class Leaves(Good):
    def parse(self, request: Request) -> Delivery:
        raise SystemExit


class Empty(Good):
    def alert(self, body: dict[str, Any], request: Request) -> Alert:
        return an_alert(f"{self.name}:", request.received_at)


class SharedIdentity(Good):
    def alert(self, body: dict[str, Any], request: Request) -> Alert:
        return an_alert(str(body["id"]), request.received_at)


class Naive(Good):
    def alert(self, body: dict[str, Any], request: Request) -> Alert:
        at = request.received_at.replace(tzinfo=None)
        return an_alert(f"{self.name}:{body['id']}", at)


class Counts(Good):
    seen = 0

    def alert(self, body: dict[str, Any], request: Request) -> Alert:
        Counts.seen += 1
        return an_alert(f"{self.name}:{Counts.seen}", request.received_at)


class OpenDoor(Good):
    def authenticate(self, request: Request) -> None:
        return None


class SecretInUrl(Good):
    def authenticate(self, request: Request) -> None:
        if self.secret is not None and request.query.get("secret") != self.secret.get_secret_value():
            proof.secret(request, self.secret)


class BreaksOnOddHeaders(Good):
    def authenticate(self, request: Request) -> None:
        request.headers.get("authorization", "").encode("ascii")
        proof.secret(request, self.secret)


class Tells(Good):
    def __repr__(self) -> str:
        return f"Tells({self.secret.get_secret_value() if self.secret else None})"


class ChecksNothing(Good):
    async def check(self) -> list[Check]:
        return {}  # type: ignore[return-value]


class WrongShape(Good):
    def parse(self, request: Request, extra: int) -> Delivery:  # type: ignore[override]
        return Delivery()


def plugin(part: type[Good]) -> Plugin:
    return Plugin(name="stranger", sources=(part,))


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    (tmp_path / "one.json").write_text('{"id": 7}')
    (tmp_path / "one.expect.json").write_text('{"alerts": [{"title": "T", "kind": "drift"}]}')
    return tmp_path


async def test_a_source_that_keeps_the_contract_passes(samples: Path) -> None:
    await conformance.conforms(plugin(Good), samples)


@pytest.mark.parametrize(
    ("part", "complaint"),
    [
        (RaisesKeyError, "parse must answer or raise Unreadable: stranger failed in parse: JSONDecodeError"),
        (Leaves, "parse must answer or raise Unreadable: stranger failed in parse: SystemExit"),
        (Empty, "has no problem identity"),
        (SharedIdentity, "two connections share the problem '7'"),
        (Naive, "started_at is no aware time in UTC"),
        (Counts, "is read otherwise the second time"),
        (OpenDoor, "which proves nothing"),
        (SecretInUrl, "lets in {} ['secret']"),
        (BreaksOnOddHeaders, "authenticate must return or raise NotAuthentic: stranger failed"),
        (Tells, "The secret shows in a repr"),
        (ChecksNothing, "check must answer a list of Check"),
        (WrongShape, "the contract says parse(self, request: bot.contract.source.Request)"),
    ],
)
async def test_a_source_that_does_not_is_told_what_it_does(part: type[Good], complaint: str, samples: Path) -> None:
    found = await conformance.complaints(plugin(part), samples)
    assert any(complaint in one for one in found), found


async def test_a_source_that_hangs_is_named_and_the_suite_ends(samples: Path) -> None:
    release = threading.Event()

    class Hangs(Good):
        def parse(self, request: Request) -> Delivery:
            release.wait()
            return Delivery()

    try:
        found = await conformance.complaints(plugin(Hangs), samples, deadline=0.02)
    finally:
        release.set()
    assert any("did not answer parse" in one for one in found), found


async def test_samples_that_read_otherwise_are_shown(samples: Path) -> None:
    (samples / "one.expect.json").write_text('{"alerts": [{"title": "Another"}]}')
    found = await conformance.complaints(plugin(Good), samples)
    assert found == ["one: alerts[0].title should be 'Another', not 'T'."]


async def test_a_plugin_without_samples_does_not_pass(tmp_path: Path) -> None:
    assert await conformance.complaints(plugin(Good), tmp_path) == ["There is no sample: show what the sender sends."]


async def test_a_sample_needs_its_expectation(samples: Path) -> None:
    (samples / "one.expect.json").unlink()
    (complaint,) = await conformance.complaints(plugin(Good), samples)
    assert "has no one.expect.json" in complaint


async def test_all_complaints_stand_in_one_failure(samples: Path) -> None:
    with pytest.raises(AssertionError, match="stranger does not keep the contract"):
        await conformance.conforms(plugin(OpenDoor), samples)
