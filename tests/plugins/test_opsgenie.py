"""Opsgenie's Alert API v2: what a request becomes, and Opsgenie's own answers."""

import dataclasses
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from bot.contract import (
    Act,
    Context,
    Does,
    NotAuthentic,
    NotFound,
    Request,
    Standing,
    Status,
    Taken,
    TooLarge,
    Unreadable,
)
from bot.errors import StoreDown
from bot.testing import conformance
from plugins import opsgenie

SAMPLES = Path(opsgenie.__file__).parent / "samples"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
KEY = "70413a06-38d6-4c85-92b8-5ebc900d42e2"


def source(**options: Any) -> opsgenie.Opsgenie:
    return opsgenie.Opsgenie(opsgenie.OpsgenieSettings.model_validate({"secret": KEY, **options}), Context("og"))


def sent(method: str, path: str = "", body: Any = None, key: str = f"GenieKey {KEY}", **params: str) -> Request:
    raw = b"" if body is None else orjson.dumps(body)
    whole = f"/v2/alerts{path}"
    return Request(raw, NOW, {"authorization": key}, method=method, path=whole, params=params)


def act(name: str, alias: str = "a", **body: Any) -> Request:
    return sent("POST", f"/{alias}/{name}", body or None, identifier=alias, action=name)


def said(request: Request, outcome: Any) -> tuple[int, Any]:
    answer = source().answer(request, outcome)
    body = orjson.loads(answer.body)
    assert answer.headers["X-Request-ID"] == body.pop("requestId")
    assert body.pop("took") >= 0
    return answer.status, body


def genie(request: Request, secret: str) -> Request:
    header = f"GenieKey {secret}".encode().decode("latin-1")
    return dataclasses.replace(request, headers={**request.headers, "authorization": header})


async def test_it_keeps_the_contract() -> None:
    await conformance.conforms(opsgenie.plugin, SAMPLES, options={"secret": KEY}, prove_at=genie)


def test_what_is_too_long_is_cut() -> None:
    body = {"message": "m" * 200, "alias": "a" * 600, "tags": ["t" * 60] * 30, "description": "d" * 20_000}
    (alert,) = source().parse(sent("POST", body=body)).alerts
    assert (len(alert.title), len(alert.summary)) == (130, 2000)
    assert alert.labels["tags"].split(", ")[:19] == [f"{'t' * 49}…"] * 19
    again = source().parse(act("close", "a" * 700)).alerts[0]
    assert (again.problem, again.status) == (alert.problem, Status.RESOLVED)


def test_without_an_alias_it_gets_one_by_which_its_request_tells() -> None:
    request = sent("POST", body={"message": "m"})
    delivery = source().parse(request)
    assert delivery.alerts[0].problem == f"og:{delivery.keep_as}"
    answer = source().answer(request, Taken(new=1))
    assert answer.status == 202
    assert orjson.loads(answer.body) == {
        "result": "Request will be processed",
        "took": 0.0,
        "requestId": delivery.keep_as,
    }
    assert {"X-RateLimit-State", "X-RateLimit-Reason", "X-RateLimit-Period-In-Sec", "X-Response-Time"} <= {
        *answer.headers
    }


def test_acts_carry_who_and_why() -> None:
    request = act("acknowledge", user="ada@example.com", note="On it.")
    assert source().parse(request).acts == (Act(Does.ACKNOWLEDGE, "og:a", "ada@example.com", "On it."),)
    noted = Act(Does.NOTE, "og:a", "", "It was the table.")
    assert source().parse(act("notes", note="It was the table.")).acts == (noted,)
    closed = source().parse(act("close", note="It was the table."))
    assert (closed.alerts[0].status, closed.acts) == (Status.RESOLVED, (noted,))
    assert source().parse(sent("DELETE", "/a", identifier="a")).alerts[0].status is Status.RESOLVED
    assert source().parse(sent("POST", body={"message": "m", "alias": "a", "note": "It was the table."})).acts == (
        noted,
    )


@pytest.mark.parametrize("priority", ["P1", "P2", "P3", "P4", "P5"])
def test_a_priority_becomes_the_senders_severity(priority: str) -> None:
    body = {"message": "m", "priority": priority}
    (alert,) = source().parse(sent("POST", body=body)).alerts
    assert alert.severity == opsgenie.settings.SEVERITIES[priority]
    (alert,) = source(severities={priority: "Odd"}).parse(sent("POST", body=body)).alerts
    assert (alert.severity, alert.labels["priority"]) == ("odd", priority)


def test_an_alert_is_read_as_it_stands() -> None:
    request = sent("GET", "/a", identifier="a")
    assert source().parse(request).asks == ("og:a",)
    standing = Standing("og:a", "T", True, NOW, NOW, 2, "INC-7", "acknowledged", "ada", priority="sev2")
    code, body = said(request, Taken(standings={"og:a": standing}))
    shown = {"id": "a", "alias": "a", "status": "open", "acknowledged": True, "count": 3, "owner": "ada"}
    assert code == 200
    assert shown.items() <= body["data"].items()
    assert (body["data"]["priority"], body["data"]["createdAt"]) == ("P2", "2026-11-23T12:00:00.000Z")
    held = Standing("og:a", "T", True, NOW, NOW, 0, held="SIL-1 holds it.")
    data = said(request, Taken(standings={"og:a": held}))[1]["data"]
    assert (data["status"], data["acknowledged"], data["description"]) == ("open", False, "SIL-1 holds it.")
    assert said(request, Taken())[0] == 404


def kept(did: str, **counts: int) -> dict[str, Any]:
    return {"at": NOW.isoformat(), "did": [did], "problems": ["og:a"], "resolved": 0, "acted": 0, **counts}


@pytest.mark.parametrize(
    ("earlier", "success", "action", "status"),
    [
        (kept("firing"), True, "Create", "Created alert"),
        (kept("resolved", resolved=1), True, "Close", "Closed alert"),
        (kept("resolved"), False, "Close", "Alert does not exist"),
        (kept("acknowledge", acted=1), True, "Acknowledge", "Acknowledged alert"),
        (kept("acknowledge"), False, "Acknowledge", "Alert does not exist"),
    ],
)
def test_what_became_of_a_request(earlier: dict[str, Any], success: bool, action: str, status: str) -> None:
    request = sent("GET", "/requests/r-1", request="r-1")
    assert source().parse(request).look_up == "r-1"
    code, body = said(request, Taken(earlier=earlier))
    data = body["data"]
    assert (code, data["isSuccess"], data["action"], data["status"]) == (200, success, action, status)
    assert (data["alertId"], data["alias"]) == ("a" if success else "", "a")


@pytest.mark.parametrize(("name", "status"), [("snooze", 422), ("unacknowledge", 422), ("dance", 404)])
def test_an_action_that_is_not_done_here_is_refused_in_its_form(name: str, status: int) -> None:
    request = act(name)
    with pytest.raises(NotFound, match="is not taken here") as refusal:
        source().parse(request)
    code, body = said(request, refusal.value)
    assert (code, list(body)) == (status, ["message"])


def test_what_cannot_be_processed_is_named_by_field() -> None:
    request = sent("POST", body={"priority": "P9"})
    with pytest.raises(Unreadable):
        source().parse(request)
    code, body = said(request, Taken(letter="dl-1", why="..."))
    assert code == 422
    assert body["errors"] == {
        "message": "Message can not be empty.",
        "priority": "Priority must be one of [P1, P2, P3, P4, P5].",
    }
    assert said(act("notes"), Taken(letter="dl-1"))[1]["errors"] == {"note": "Note can not be empty."}
    assert said(sent("POST", body=[]), Taken(letter="dl-1"))[0] == 400


@pytest.mark.parametrize(
    ("key", "status", "message"),
    [
        ("", 401, "Could not authenticate"),
        ("Bearer x", 401, "Could not authenticate"),
        ("GenieKey 00000000-38d6-4c85-92b8-5ebc900d42e2", 401, "Could not authenticate"),
        ("GenieKey short", 422, "Key format is not valid!"),
    ],
)
def test_a_key_that_is_nobodys(key: str, status: int, message: str) -> None:
    request = sent("POST", body={"message": "m"}, key=key)
    assert not source().mine(request)
    assert said(request, NotAuthentic("No.")) == (status, {"message": message})


def test_other_refusals_have_its_form() -> None:
    request = sent("POST", body={"message": "m"})
    assert said(request, StoreDown("Away."))[0] == 503
    assert said(request, TooLarge("Too large."))[0] == 413
    assert said(request, Unreadable("No JSON."))[0] == 400
