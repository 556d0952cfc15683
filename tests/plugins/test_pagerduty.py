"""PagerDuty's Events API v2: what an event becomes, and PagerDuty's own words where it is refused."""

import dataclasses
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from bot.contract import Act, BadInput, Context, Does, NotAuthentic, Request, Status, Taken, TooLarge, Unreadable
from bot.errors import StoreDown
from bot.testing import conformance, hostile
from plugins import pagerduty

SAMPLES = Path(pagerduty.__file__).parent / "samples"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
KEY = "0123456789abcdef0123456789abcdef"
PAYLOAD = {"summary": "Accuracy fell", "source": "gate", "severity": "error"}


def source(**options: Any) -> pagerduty.PagerDuty:
    settings = pagerduty.PagerDutySettings.model_validate({"routing_key": KEY, **options})
    return pagerduty.PagerDuty(settings, Context("pd"))


def sent(path: str = "/v2/enqueue", **body: Any) -> Request:
    event = {"routing_key": KEY, "event_action": "trigger", "payload": PAYLOAD, **body}
    kept = {name: value for name, value in event.items() if value is not None}
    return Request(orjson.dumps(kept), NOW, path=path)


def said(request: Request, outcome: Any) -> tuple[int, Any]:
    answer = source().answer(request, outcome)
    return answer.status, orjson.loads(answer.body)


def keyed(request: Request, secret: str) -> Request:
    """An event with the connection's own key for the suite's secret, with another for any other."""
    key = KEY if secret == hostile.SECRET else "f" * 32
    return dataclasses.replace(request, body=sent(routing_key=key).body)


async def test_it_keeps_the_contract() -> None:
    await conformance.conforms(pagerduty.plugin, SAMPLES, options={"routing_key": KEY}, prove_at=keyed)


def test_a_trigger_without_a_key_gets_one_that_the_answer_names() -> None:
    (alert,) = source().parse(sent()).alerts
    code, answer = said(sent(), Taken(new=1))
    assert (code, answer["status"], answer["message"]) == (202, "success", "Event processed")
    assert alert.problem == f"pd:{answer['dedup_key']}"


def test_what_is_too_long_is_cut_or_refused_as_pagerduty_does() -> None:
    long = {**PAYLOAD, "summary": "x" * 3000}
    (alert,) = source().parse(sent(payload=long)).alerts
    assert (len(alert.title), len(alert.summary)) == (300, 1024)
    assert source().parse(sent(dedup_key="k" * 255)).alerts
    refused = sent(dedup_key="k" * 256)
    with pytest.raises(Unreadable, match="Length of 'dedup_key'"):
        source().parse(refused)
    assert said(refused, Taken(letter="dl-1", why="..."))[0] == 400
    assert said(sent(), TooLarge("Too large."))[0] == 413


def test_an_acknowledgement_is_an_act_and_a_resolve_an_alert() -> None:
    request = sent(event_action="acknowledge", dedup_key="k", payload=None, client="console")
    assert source().parse(request).acts == (Act(Does.ACKNOWLEDGE, "pd:k", "console"),)
    (alert,) = source().parse(sent(event_action="resolve", dedup_key="k", payload=None)).alerts
    assert (alert.problem, alert.status) == ("pd:k", Status.RESOLVED)


INVALID = "invalid event", "Event object is invalid"


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({"routing_key": None}, ["'routing_key' cannot be blank"]),
        ({"routing_key": "short"}, ["Length of 'routing_key' is incorrect (should be 32 characters)"]),
        ({"routing_key": "é" * 32}, ["'routing_key' cannot contain non-alphanumeric characters."]),
        ({"routing_key": "f" * 32}, ["Invalid routing key"]),
        ({"event_action": None}, ["'event_action' is missing or blank"]),
        ({"event_action": "snooze"}, [
            "'event_action' is invalid (must be one of the following: 'trigger', 'acknowledge' or 'resolve')"
        ]),
        ({"event_action": "resolve"}, ["'dedup_key' is missing or blank"]),
        ({"dedup_key": {}}, ["'dedup_key' must be a string"]),
        ({"payload": None}, ["'payload' is missing or blank"]),
        ({"payload": {**PAYLOAD, "summary": " "}}, ["'payload.summary' is missing or blank"]),
        ({"payload": {**PAYLOAD, "severity": "bad"}}, [
            "'payload.severity' is invalid (must be one of the following: 'critical', 'warning', 'error' or 'info')"
        ]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_its_words(body: dict[str, Any], errors: list[str]) -> None:
    request = sent(**body)
    mine = source().mine(request)
    outcome = Taken(letter="dl-1", why="...") if mine else NotAuthentic("No.")
    assert mine == ("routing_key" not in body)
    status, message = INVALID
    assert said(request, outcome) == (400, {"status": status, "message": message, "errors": errors})


def test_what_is_no_json_and_what_is_no_event_are_unrecognized() -> None:
    shape = {"status": "Unrecognized object", "message": "Event object format is unrecognized"}
    broken = Request(b'{"routing_key": ', NOW, path="/v2/enqueue")
    assert not source().mine(broken)
    assert said(broken, NotAuthentic("No.")) == (400, {**shape, "errors": ["JSON parse error"]})
    assert said(Request(b"[]", NOW), NotAuthentic("No."))[1]["status"] == "Unrecognized object"


def test_what_can_be_tried_again_says_so_by_its_status() -> None:
    assert said(sent(), StoreDown("The database is away."))[0] == 503
    assert said(sent(), BadInput("The body is compressed."))[0] == 400


def test_a_change_is_told_and_never_an_alert() -> None:
    payload = {
        "summary": "deploy churn v7",
        "timestamp": "2026-11-23T01:50:00.000+0000",
        "source": "ci",
        "custom_details": {"model": "churn", "build": 81},
    }
    links = [{"href": "https://ci.example.com/81"}, {"href": "javascript:alert(1)"}]
    request = sent("/v2/change/enqueue", event_action=None, payload=payload, links=links)
    delivery = source().parse(request)
    (change,) = delivery.changes
    assert not delivery.alerts
    assert (change.summary, change.source, change.model) == ("deploy churn v7", "ci", "churn")
    assert (change.at, change.links) == (datetime(2026, 11, 23, 1, 50, tzinfo=UTC), ("https://ci.example.com/81",))
    assert change.details == {"model": "churn", "build": "81"}
    assert source().parse(request).changes == (change,)
    assert said(request, Taken()) == (202, {"status": "success", "message": "Change event processed"})


def test_without_a_time_the_same_change_later_is_another() -> None:
    payload = {"summary": "deployed", "source": "ci"}
    request = sent("/v2/change/enqueue", event_action=None, payload=payload)
    later = Request(request.body, NOW.replace(hour=13), path=request.path)
    (one,), (two,) = source().parse(request).changes, source().parse(later).changes
    assert one.id != two.id
    assert two.at == later.received_at


def test_its_timestamp_never_makes_two_problems_of_one() -> None:
    for stamp in ("2026-11-23T03:00:00Z", "2026-11-23T04:00:00Z"):
        (alert,) = source().parse(sent(dedup_key="k", payload={**PAYLOAD, "timestamp": stamp})).alerts
        assert (alert.started_at, alert.started_inferred) == (NOW, True)
        assert alert.evaluated_at == datetime.fromisoformat(stamp)


def test_the_key_is_formed_as_every_sender_wants_it_and_shows_nowhere() -> None:
    for wrong in ("short", "x" * 31 + "-", "é" * 32):
        with pytest.raises(ValidationError, match="32 letters and digits"):
            source(routing_key=wrong)
    assert KEY not in repr(source()._settings)
    (alert,) = source().parse(sent()).alerts
    assert KEY not in repr(alert)
