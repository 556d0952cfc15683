"""CloudEvents in their three modes, and the handshake before them."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from bot.contract import Alert, Context, Delivery, Kind, NotAuthentic, Request, Status, Taken, TooLarge, Unreadable
from bot.errors import StoreDown
from bot.testing import conformance
from plugins import cloudevents

SAMPLES = Path(cloudevents.__file__).parent / "samples"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
EVENT = {"specversion": "1.0", "id": "1", "source": "/watch", "type": "ml.drift.detected", "subject": "churn"}


def source(**options: Any) -> cloudevents.CloudEvents:
    return cloudevents.CloudEvents(cloudevents.CloudEventsSettings.model_validate(options), Context("events"))


def deliver(body: object, headers: dict[str, str] | None = None, **options: Any) -> Delivery:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return source(**options).parse(Request(raw, NOW, headers or {}))


def read(more: dict[str, Any] | None = None, **options: Any) -> Alert:
    (alert,) = deliver({**EVENT, **(more or {})}, **options).alerts
    return alert


def handshake(origin: str | None = "events.example.com", name: str = "events") -> Request:
    headers = {} if origin is None else {"webhook-request-origin": origin}
    path = f"/cloudevents/{name}"
    return Request(b"", NOW, headers, method="OPTIONS", path=path, params={"connection": name})


async def test_it_keeps_the_contract() -> None:
    await conformance.conforms(cloudevents.plugin, SAMPLES)


def test_the_three_modes_say_the_same() -> None:
    data = {"title": "T", "n": 1}
    binary = {f"ce-{name}": value for name, value in EVENT.items()}
    (one,) = deliver({**EVENT, "data": data}, {"content-type": "application/cloudevents+json; charset=utf-8"}).alerts
    (two,) = deliver([{**EVENT, "data": data}], {"content-type": "application/cloudevents-batch+json"}).alerts
    (three,) = deliver(data, {**binary, "content-type": "application/json"}).alerts
    coded = base64.b64encode(json.dumps(data).encode()).decode()
    (four,) = deliver({**EVENT, "data_base64": coded}).alerts
    (five,) = deliver({**EVENT, "data": json.dumps(data)}).alerts
    assert one == two == three == four == five
    assert one.title == "T"


@pytest.mark.parametrize(
    ("media", "body"),
    [("text/plain", b"hello"), ("image/png", b"\x89PNG"), ("", b"hello"), ("application/json", b""), ("", b"")],
)
def test_data_that_is_no_json_is_no_data(media: str, body: bytes) -> None:
    headers = {f"ce-{name}": value for name, value in EVENT.items()} | ({"content-type": media} if media else {})
    (alert,) = deliver(body, headers).alerts
    assert alert.title == "ml.drift.detected on churn"


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ({"specversion": "2.0"}, "version 2.0"),
        ({"specversion": None}, "version None"),
        ({"id": ""}, "has no `id`"),
        ({"source": None, "type": 7}, "has no `source` and no `type`"),
        ({"data_base64": "!"}, "is no base64"),
        ({"data_base64": base64.b64encode(b"{").decode()}, "is no JSON"),
        ({"source": "x" * 5000}, "over 2000 characters"),
    ],
)
def test_an_event_that_is_none_is_named(more: dict[str, Any], complaint: str) -> None:
    with pytest.raises(Unreadable, match=complaint):
        deliver({**EVENT, **more})


def test_an_event_sent_twice_is_one_delivery_and_another_is_another() -> None:
    first, again = deliver(EVENT).id, deliver([EVENT]).id
    assert first == again
    assert first not in (deliver({**EVENT, "id": "2"}).id, deliver({**EVENT, "source": "/else"}).id)
    assert deliver([]).id is None


@pytest.mark.parametrize(
    ("type_", "status", "kind"),
    [
        ("com.example.model.drift.detected", Status.FIRING, Kind.DRIFT),
        ("com.example.model.drift.resolved", Status.RESOLVED, Kind.DRIFT),
        ("com.example.training.job.failed", Status.FIRING, Kind.FAILURE),
        ("com.example.training.job.succeeded", Status.RESOLVED, Kind.FAILURE),
        ("LatencyHigh", Status.FIRING, Kind.LATENCY),
    ],
)
def test_without_rules_the_type_says_what_it_is(type_: str, status: Status, kind: Kind) -> None:
    alert = read({"type": type_})
    assert (alert.status, alert.kind) == (status, kind)


def test_what_fires_and_what_resolves_are_one_problem() -> None:
    states = ("detected", "resolved", "updated")
    assert len({read({"type": f"ml.drift.{state}"}).problem for state in states}) == 1
    assert read({"subject": "price"}).problem != read().problem


def test_rules_are_asked_in_order_and_what_no_rule_names_is_left_out() -> None:
    types = {"ml.drift.*": {"kind": "data-quality", "status": "no_data"}, "ml.*": {"ignore": True}}
    alert = read(types=types)
    assert (alert.kind, alert.status) == (Kind.DATA_QUALITY, Status.NO_DATA)
    ignored = deliver({**EVENT, "type": "ml.cost"}, types=types)
    assert (ignored.alerts, ignored.skipped) == ((), ())
    (said,) = deliver({**EVENT, "type": "drift"}, types=types).skipped
    assert said == "Events of type drift are no alerts by `types`."


def test_a_subject_is_read_by_its_form() -> None:
    form = "models/{model}/{version}/features/{feature}"
    alert = read({"subject": "models/churn/7/features/a/b"}, subject=form)
    assert (alert.model, alert.version, alert.labels["feature"]) == ("churn", "7", "a/b")
    other = deliver({**EVENT, "subject": "jobs/7"}, subject=form)
    assert other.alerts[0].model is None
    assert "does not read as models/{model}" in other.skipped[0]
    assert read({"subject": "a/b c"}).model == "a/b c"


@pytest.mark.parametrize("form", ["{modell}", "{model}{version}", "{model}/{model}", "{}"])
def test_a_form_that_cannot_be_read_is_refused(form: str) -> None:
    with pytest.raises(ValidationError, match="subject"):
        source(subject=form)


def test_fields_go_before_what_the_event_says() -> None:
    fields = {
        "problem": "$.rule",
        "title": "$.what",
        "status": "$.state",
        "kind": "$.type",
        "model": "$$.subject",
        "started_at": "$.since",
        "measures": [{"each": "$.scores", "metric": "$.n", "value": "$.v"}],
    }
    data = {
        "rule": "r1",
        "what": "W",
        "state": "ok",
        "type": "cost",
        "since": 1795420800,
        "scores": [{"n": "a", "v": 1}],
    }
    alert = read({"data": data}, fields=fields)
    assert (alert.problem, alert.title, alert.status, alert.kind) == ("events:r1", "W", Status.RESOLVED, Kind.COST)
    assert (alert.model, alert.measures[0].value, alert.started_inferred) == ("churn", 1.0, False)


def test_the_handshake_lets_the_origin_that_is_wanted_go_on() -> None:
    wanted = source(origins=["events.example.com"], secret="k3y")
    assert wanted.mine(handshake())
    wanted.authenticate(handshake())
    assert wanted.parse(handshake()) == Delivery()
    answer = wanted.answer(handshake(), Taken())
    assert answer.status == 200
    assert answer.headers == {
        "Allow": "POST, OPTIONS",
        "WebHook-Allowed-Origin": "events.example.com",
        "WebHook-Allowed-Rate": "*",
    }


@pytest.mark.parametrize("origin", ["evil.example.com", "", "a b", "x\r\ny", "é"])
def test_no_other_origin_is_let_on(origin: str) -> None:
    wanted = source(origins=["events.example.com"])
    with pytest.raises(NotAuthentic) as caught:
        wanted.authenticate(handshake(origin))
    answer = wanted.answer(handshake(origin), caught.value)
    assert (answer.status, "WebHook-Allowed-Origin" in answer.headers) == (403, False)


def test_a_handshake_without_origin_asks_for_the_methods_alone() -> None:
    source().authenticate(handshake(None))
    assert source().answer(handshake(None), Taken()).headers == {"Allow": "POST, OPTIONS"}


def test_the_address_names_the_connection_and_the_header_proves_it() -> None:
    locked = source(secret="k3y")
    right = {"authorization": "Bearer k3y"}
    request = Request(b"{}", NOW, right, method="POST", params={"connection": "events"})
    assert locked.mine(request)
    assert not locked.mine(Request(b"{}", NOW, right, params={"connection": "others"}))
    assert not locked.mine(Request(b"{}", NOW, params={"connection": "events"}))
    assert source().mine(Request(b"{}", NOW, params={"connection": "events"}))
    assert not locked.mine(handshake(name="others"))


def test_a_sender_is_told_what_became_of_it_and_whether_to_send_it_again() -> None:
    request = Request(b"{}", NOW, params={"connection": "events"})
    said = source().answer(request, Taken(new=1, repeats=1, incidents=("INC-7",)))
    assert (said.status, orjson.loads(said.body)) == (202, {"accepted": 2, "incidents": ["INC-7"]})
    letter = source().answer(request, Taken(letter="dl-1", why="It makes no sense."))
    assert (letter.status, orjson.loads(letter.body)["dead_letter"]) == (202, "dl-1")
    assert source().answer(request, TooLarge("Over.")).status == 413
    assert source().answer(request, NotAuthentic("Wrong.")).headers == {"WWW-Authenticate": "Bearer"}
    away = source().answer(request, StoreDown("Away."))
    assert (away.status, away.headers) == (503, {"Retry-After": "5"})
