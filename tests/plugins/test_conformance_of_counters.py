"""The part of the suite for sources with places: it passes one that keeps the contract and names what another does."""

import dataclasses
import itertools
import json
from pathlib import Path
from typing import Any, ClassVar

import pytest

from bot.contract import (
    Alert,
    Answer,
    BadInput,
    Check,
    ConnectionSettings,
    Context,
    Delivery,
    Kind,
    NotAuthentic,
    Place,
    Plugin,
    Request,
    Status,
    Taken,
    TocsinError,
    Unreadable,
    proof,
    reading,
)
from bot.testing import conformance


class Desk:
    """As small as a counter can be that keeps the contract."""

    places: ClassVar[tuple[Place, ...]] = (Place("POST", "/v1/{key}/things", limit=1024), Place("GET", "/v1/{key}"))

    def __init__(self, settings: ConnectionSettings, context: Context) -> None:
        self.secret = settings.secret
        self.name = context.connection

    def authenticate(self, request: Request) -> None:
        if "key" not in request.params:
            proof.secret(request, self.secret)
        elif not self.mine(request):
            raise NotAuthentic("The key is wrong.", "Compare it.")

    def mine(self, request: Request) -> bool:
        return proof.knows(request.params.get("key"), self.secret)

    def parse(self, request: Request) -> Delivery:
        body = reading.loads(request.body)
        if not isinstance(body, dict) or type(body.get("id")) is not int:
            raise Unreadable("There is no id.")
        problem = reading.identity(self.name, str(body["id"]))
        return Delivery((Alert("desk", self.name, problem, "T", Status.FIRING, Kind.DRIFT, request.received_at),))

    def answer(self, request: Request, outcome: Taken | TocsinError) -> Answer:
        if isinstance(outcome, Taken):
            return Answer(400 if outcome.letter else 200, b'{"ok": true}')
        return Answer(403 if isinstance(outcome, NotAuthentic) else 400 if isinstance(outcome, BadInput) else 503)

    async def check(self) -> list[Check]:
        return [proof.check(self.secret)]


class TakesEverything(Desk):
    def mine(self, request: Request) -> bool:
        return True

    def authenticate(self, request: Request) -> None:
        if "key" not in request.params:
            proof.secret(request, self.secret)


class TakesNothing(Desk):
    def mine(self, request: Request) -> bool:
        return False


class NeedsTheKey(Desk):
    def mine(self, request: Request) -> bool:
        return proof.knows(request.headers["x-key"], self.secret)


class Shrugs(Desk):
    def mine(self, request: Request) -> bool:
        return super().mine(request) or None  # type: ignore[return-value]


class Flickers(Desk):
    turns = itertools.cycle((True, False))

    def mine(self, request: Request) -> bool:
        return next(self.turns)


class NoAnswer(Desk):
    def answer(self, request: Request, outcome: Taken | TocsinError) -> Answer:
        return Answer(200) if isinstance(outcome, Taken) else None  # type: ignore[return-value]


class ForgetsErrors(Desk):
    def answer(self, request: Request, outcome: Taken | TocsinError) -> Answer:
        return Answer(200, str(outcome.new).encode())  # type: ignore[union-attr]


class AllIsWell(Desk):
    def answer(self, request: Request, outcome: Taken | TocsinError) -> Answer:
        return Answer(200)


class NeverAgain(Desk):
    def answer(self, request: Request, outcome: Taken | TocsinError) -> Answer:
        return Answer(200 if isinstance(outcome, Taken) else 400)


class ReadsTheBody(Desk):
    def answer(self, request: Request, outcome: Taken | TocsinError) -> Answer:
        json.loads(request.body)
        return super().answer(request, outcome)


class Counts(Desk):
    seen = 0

    def answer(self, request: Request, outcome: Taken | TocsinError) -> Answer:
        Counts.seen += 1
        return dataclasses.replace(super().answer(request, outcome), body=b"%d" % Counts.seen)


class Echoes(Desk):
    def answer(self, request: Request, outcome: Taken | TocsinError) -> Answer:
        said = super().answer(request, outcome)
        return dataclasses.replace(said, body=json.dumps(request.params, ensure_ascii=False).encode())


class Splits(Desk):
    def answer(self, request: Request, outcome: Taken | TocsinError) -> Answer:
        return dataclasses.replace(super().answer(request, outcome), headers={"X-A": "1\r\nX-B: 2"})


class NoJson(Desk):
    def answer(self, request: Request, outcome: Taken | TocsinError) -> Answer:
        return dataclasses.replace(super().answer(request, outcome), body=b"ok")


class Words(Desk):
    def answer(self, request: Request, outcome: Taken | TocsinError) -> Answer:
        return Answer(super().answer(request, outcome).status, "ok")  # type: ignore[arg-type]


def in_the_path(request: Request, key: str) -> Request:
    return dataclasses.replace(request, params={**request.params, "key": key})


async def complaints(part: type[Desk], samples: Path) -> list[str]:
    plugin = Plugin(name="desk", sources=(part,))
    return await conformance.complaints(plugin, samples, prove_at=in_the_path)


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    (tmp_path / "one.json").write_text('{"id": 7}')
    (tmp_path / "one.expect.json").write_text('{"alerts": [{"title": "T", "kind": "drift"}]}')
    return tmp_path


async def test_a_counter_that_keeps_the_contract_passes(samples: Path) -> None:
    assert await complaints(Desk, samples) == []


@pytest.mark.parametrize(
    ("part", "complaint"),
    [
        (TakesEverything, "mine takes a request at POST /v1/key-1/things that carries no key"),
        (TakesEverything, "authenticate at POST /v1/key-1/things lets in what is not its own"),
        (TakesNothing, "mine does not know the right key"),
        (NeedsTheKey, "mine must answer True or False: desk failed in mine: KeyError"),
        (Shrugs, "mine answered a NoneType"),
        (Flickers, "mine answers otherwise the second time"),
        (NoAnswer, "answer gave a NoneType for NotAuthentic"),
        (ForgetsErrors, "answer must have one for NotAuthentic: desk failed in answer: AttributeError"),
        (AllIsWell, "the answer to NotAuthentic has the status 200; it must lie within 400 and 499"),
        (NeverAgain, "the answer to StoreDown has the status 400; it must lie within 429 and 599"),
        (ReadsTheBody, "answer must have one for Unreadable: desk failed in answer: JSONDecodeError"),
        (Counts, "answer says otherwise the second time"),
        (Echoes, "shows the secret"),
        (Splits, "has a header or media type that is no line of ASCII"),
        (NoJson, "says that it is JSON, and is none"),
        (Words, "has a body that is no bytes"),
    ],
)
async def test_one_that_does_not_is_told_what_it_does(part: type[Desk], complaint: str, samples: Path) -> None:
    found = await complaints(part, samples)
    assert any(complaint in one for one in found), found


async def test_a_sample_may_say_what_came_with_its_body(samples: Path) -> None:
    class Heads(Desk):
        places: ClassVar[Any] = (Place("POST", "/v1/{key}"),)

        def parse(self, request: Request) -> Delivery:
            return super().parse(dataclasses.replace(request, body=request.headers.get("x-body", "").encode()))

    (samples / "one.expect.json").write_text(
        '{"request": {"headers": {"x-body": "{\\"id\\": 9}"}}, "alerts": [{"problem": "prom:9"}]}'
    )
    assert await complaints(Heads, samples) == []
