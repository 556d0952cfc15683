"""What Prometheus posts straight to us: read as Alertmanager reads it, and answered as Alertmanager answers."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from bot.contract import Context, NotAuthentic, NotFound, Request, Status, Taken, TocsinError, TooLarge, Unreadable
from bot.errors import StoreDown
from plugins.alertmanager.settings import AlertmanagerSettings
from plugins.alertmanager.source import Alertmanager

NOW = datetime(2026, 11, 23, 3, 38, tzinfo=UTC)
LABELS = {"alertname": "FeatureDrift", "model": "churn", "environment": "production", "severity": "Warning"}
SECRET = "the secret of this connection"


def part(**settings: Any) -> Alertmanager:
    """A connection called prom."""
    return Alertmanager(AlertmanagerSettings.model_validate(settings), Context("prom"))


def posted(*alerts: Any, **headers: str) -> Request:
    """A request as Prometheus sends it."""
    body = json.dumps(alerts).encode()
    return Request(body, NOW, headers, path="/api/v2/alerts")


def alert(**more: Any) -> dict[str, Any]:
    """One of its alerts."""
    return {"labels": LABELS, "annotations": {"summary": "PSI is 0.31"}, "startsAt": _at(-60), **more}


def _at(seconds: float) -> str:
    return (NOW + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


def test_an_alert_that_ends_later_fires_until_then() -> None:
    found = part().parse(posted(alert(endsAt=_at(240), generatorURL="http://p/graph?g0.expr=psi+%3E+0.2"))).alerts[0]
    assert (found.status, found.until, found.ended_at) == (Status.FIRING, NOW + timedelta(minutes=4), None)
    assert (found.title, found.model, found.severity) == ("FeatureDrift", "churn", "warning")
    assert (found.measures[0].metric, found.measures[0].threshold) == ("psi", 0.2)
    assert found.started_at == NOW - timedelta(seconds=60)


@pytest.mark.parametrize("end", [None, "0001-01-01T00:00:00Z", ""])
def test_one_without_an_end_counts_for_the_resolve_timeout(end: str | None) -> None:
    assert part().parse(posted(alert(endsAt=end))).alerts[0].until == NOW + timedelta(minutes=5)
    own = part(resolve_timeout="1h30m").parse(posted(alert(endsAt=end))).alerts[0]
    assert own.until == NOW + timedelta(minutes=90)


@pytest.mark.parametrize("seconds", [0, -1, -3600])
def test_one_that_ended_is_resolved(seconds: int) -> None:
    found = part().parse(posted(alert(startsAt=_at(-7200), endsAt=_at(seconds)))).alerts[0]
    assert (found.status, found.ended_at) == (Status.RESOLVED, NOW + timedelta(seconds=seconds))
    assert found.until is None


def test_one_without_a_start_begins_now() -> None:
    found = part().parse(posted({"labels": LABELS, "startsAt": "0001-01-01T00:00:00.000Z"})).alerts[0]
    assert (found.started_at, found.started_inferred) == (NOW, True)


def test_the_same_alert_by_the_webhook_is_the_same_problem() -> None:
    webhook = {"version": "4", "status": "firing", "alerts": [{"labels": LABELS, "status": "firing"}]}
    notified = part().parse(Request(json.dumps(webhook).encode(), NOW)).alerts[0]
    direct = part().parse(posted({"labels": {**LABELS, "empty": ""}, "fingerprint": "made up"})).alerts[0]
    assert notified.problem == direct.problem
    assert notified.until is None  # Alertmanager says itself when it is over


def test_what_is_wrong_is_refused_and_the_rest_is_taken() -> None:
    backwards = alert(startsAt=_at(0), endsAt=_at(-5))
    source = part()
    said = source.parse(posted({"labels": {}}, alert(), backwards, 5, {"labels": {"a": ""}}, {"labels": "x"}))
    assert len(said.alerts) == 1
    assert said.skipped == ("at least one label pair required", "start time must be before end time")
    answer = source.answer(posted(), Taken(new=1, skipped=said.skipped))
    assert answer.status == 400
    assert json.loads(answer.body) == "at least one label pair required; start time must be before end time"


def test_a_post_of_nothing_but_wrong_alerts_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="at least one label pair required"):
        part().parse(posted({"labels": {}}))


def test_nothing_posted_is_no_error() -> None:
    assert part().parse(posted()).alerts == ()


def test_success_is_answered_with_nothing() -> None:
    answer = part().answer(posted(), Taken(new=3))
    assert (answer.status, answer.body, answer.media_type) == (200, b"", "")


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotAuthentic("no"), 401),
        (TooLarge("over"), 413),
        (NotFound("gone"), 404),
        (StoreDown("down"), 503),
        (TocsinError("odd"), 503),
    ],
)
def test_errors_are_json_strings(error: TocsinError, status: int) -> None:
    answer = part().answer(posted(), error)
    assert (answer.status, json.loads(answer.body)) == (status, error.what)


def test_a_body_that_is_no_json_is_refused_with_a_number() -> None:
    with pytest.raises(Unreadable) as caught:
        part().parse(Request(b"{bad", NOW))
    answer = part().answer(posted(), caught.value)
    assert answer.status == 400
    said = json.loads(answer.body)
    assert said["code"] == 400
    assert said["message"].startswith('parsing alerts body from "" failed, because ')


def test_what_was_kept_as_a_dead_letter_is_refused() -> None:
    answer = part().answer(posted(), Taken(letter="dl-1", why="It makes no sense."))
    assert (answer.status, json.loads(answer.body)) == (400, "It makes no sense.")


def test_each_connection_is_known_by_its_own_secret() -> None:
    one, open_to_all = part(secret=SecretStr(SECRET)), part()
    basic = "Basic " + base64.b64encode(f"anybody:{SECRET}".encode()).decode()
    for headers in ({"authorization": f"Bearer {SECRET}"}, {"authorization": basic}, {"x-tocsin-secret": SECRET}):
        assert one.mine(posted(**headers))
        assert not open_to_all.mine(posted(**headers))  # it is for another, or wrong
    for headers in ({}, {"authorization": "Bearer another"}, {"authorization": f"Bearer {SECRET}x"}):
        assert not one.mine(posted(**headers))
    assert open_to_all.mine(posted())
