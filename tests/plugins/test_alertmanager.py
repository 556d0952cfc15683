"""The Alertmanager source: real captures read as they should, and what other senders of the family do."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.contract import Alert, Context, Delivery, Health, Kind, NotAuthentic, Request, Status, Unreadable
from bot.testing import conformance
from plugins import alertmanager
from plugins.alertmanager import expression, fingerprint

SAMPLES = Path(alertmanager.__file__).parent / "samples"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LABELS = {"alertname": "FeatureDriftPSIHigh", "model": "churn"}


def source(connection: str = "prom", **options: Any) -> alertmanager.Alertmanager:
    return alertmanager.Alertmanager(alertmanager.AlertmanagerSettings(**options), Context(connection))


def request(body: object, **headers: str) -> Request:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Request(body=raw, received_at=NOW, headers={k.replace("_", "-"): v for k, v in headers.items()})


def read(*alerts: dict[str, Any], **body: Any) -> Delivery:
    return source().parse(request({"version": "4", "status": "firing", "alerts": list(alerts), **body}))


def one(**alert: Any) -> Alert:
    (read_alert,) = read({"labels": LABELS, **alert}).alerts
    return read_alert


async def test_it_keeps_the_contract() -> None:
    await conformance.conforms(alertmanager.plugin, SAMPLES)


def test_a_repeat_is_the_same_problem_and_episode_and_a_refire_a_new_episode() -> None:
    first = source().parse(request((SAMPLES / "drift_repeated.json").read_bytes())).alerts[1]
    later = source().parse(request((SAMPLES / "refire_with_stale_resolved.json").read_bytes())).alerts[1]
    assert first.problem == later.problem
    assert first.episode != later.episode


def test_status_is_of_each_alert_and_never_of_the_message() -> None:
    alerts = read(
        {"labels": {"alertname": "a"}, "status": "resolved", "endsAt": "2026-11-23T11:00:00Z"},
        {"labels": {"alertname": "b"}, "status": "firing"},
        status="firing",
    ).alerts
    assert [alert.status for alert in alerts] == [Status.RESOLVED, Status.FIRING]


@pytest.mark.parametrize(
    ("alert", "status"),
    [
        ({"endsAt": "2026-11-23T11:59:00Z"}, Status.RESOLVED),
        ({"endsAt": "2026-11-23T12:01:00Z"}, Status.FIRING),
        ({"endsAt": "0001-01-01T00:00:00Z"}, Status.FIRING),
        ({"status": "no_data"}, Status.NO_DATA),
        ({"status": "something new"}, Status.FIRING),
        ({"status": 7}, Status.FIRING),
    ],
)
def test_a_status_left_out_or_unknown_never_hides_a_fire(alert: dict[str, Any], status: Status) -> None:
    assert one(**alert).status is status


def test_a_firing_alert_has_no_end_whatever_the_sender_writes() -> None:
    assert one(status="firing", endsAt="2026-11-23T12:05:00Z").ended_at is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2019-12-13T08:57:35.095800493Z", datetime(2019, 12, 13, 8, 57, 35, 95800, tzinfo=UTC)),
        ("2019-12-13T08:57:35.0958004+03:00", datetime(2019, 12, 13, 5, 57, 35, 95800, tzinfo=UTC)),
        ("2019-12-13T08:57:35+0000", datetime(2019, 12, 13, 8, 57, 35, tzinfo=UTC)),
        ("2019-12-13T08:57:35", datetime(2019, 12, 13, 8, 57, 35, tzinfo=UTC)),
    ],
)
def test_times_of_every_spelling_are_utc(text: str, expected: datetime) -> None:
    alert = one(startsAt=text)
    assert (alert.started_at, alert.started_inferred) == (expected, False)
    assert alert.started_at.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "text", [None, "", "0001-01-01T00:00:00Z", "yesterday", -5, True, [], "9999-12-31T23:59:59-10:00"]
)
def test_without_a_usable_start_the_receipt_stands_in_and_is_marked(text: object) -> None:
    alert = one(startsAt=text)
    assert (alert.started_at, alert.started_inferred) == (NOW, True)


def test_the_fingerprint_of_prometheus_is_computed_where_it_is_missing() -> None:
    for path in SAMPLES.glob("*ed.json"):
        for alert in json.loads(path.read_bytes())["alerts"]:
            assert fingerprint.of(alert["labels"]) == alert["fingerprint"], path.name


@pytest.mark.parametrize("missing", [{}, {"fingerprint": None}, {"fingerprint": ""}, {"fingerprint": 12}])
def test_labels_in_any_order_give_one_identity_that_is_never_empty(missing: dict[str, Any]) -> None:
    turned = dict(reversed(LABELS.items()))
    alerts = read({"labels": LABELS, **missing}, {"labels": turned, **missing}).alerts
    assert {alert.problem for alert in alerts} == {f"prom:{fingerprint.of(LABELS)}"}


def test_what_has_no_identity_is_left_out_and_said() -> None:
    delivery = read({"labels": {}}, "nonsense", {"labels": LABELS})  # type: ignore[arg-type]
    assert [alert.title for alert in delivery.alerts] == ["FeatureDriftPSIHigh"]
    assert len(delivery.skipped) == 2


def test_a_delivery_of_nothing_but_nameless_alerts_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="None of the 1 alerts"):
        read({"labels": {}})


def test_an_empty_group_is_no_error() -> None:
    assert read().alerts == ()


@pytest.mark.parametrize("body", [b"{}", b"null", b'{"version":"4","text":"x"}', b'{"alerts":{}}', b"not json"])
def test_a_custom_payload_is_refused_with_a_way_out(body: bytes) -> None:
    with pytest.raises(Unreadable) as caught:
        source().parse(request(body))
    assert caught.value.do


def test_alerts_cut_off_by_the_sender_are_said() -> None:
    assert "cut off 12 alerts" in read({"labels": LABELS}, truncatedAlerts=12).skipped[0]


@pytest.mark.parametrize("label", alertmanager.AlertmanagerSettings().model_labels)
def test_the_model_has_many_names(label: str) -> None:
    assert one(labels={"alertname": "x", label: "churn"}).model == "churn"


def test_the_connection_fills_what_an_alert_leaves_out_and_never_overrides_it() -> None:
    reader = source(model="fallback", environment="staging", entity="retail")
    body = {"alerts": [{"labels": {"alertname": "a"}}, {"labels": {"alertname": "a", **LABELS, "env": "prod"}}]}
    bare, full = reader.parse(request(body)).alerts
    assert (bare.model, bare.environment, bare.entity) == ("fallback", "staging", "retail")
    assert (full.model, full.environment) == ("churn", "prod")


def test_operators_choose_their_own_labels() -> None:
    body = {"alerts": [{"labels": {"alertname": "a", "ml_asset": "churn", "model": "ignored"}}]}
    (alert,) = source(model_labels=["ml_asset"]).parse(request(body)).alerts
    assert alert.model == "churn"


@pytest.mark.parametrize(
    ("labels", "kind"),
    [
        ({"kind": "data_quality", "alertname": "Drift"}, Kind.DATA_QUALITY),
        ({"kind": "other", "alertname": "AccuracyLow"}, Kind.PERFORMANCE),
        ({"category": "Safety"}, Kind.SAFETY),
        ({"alertname": "FeatureDriftPSIHigh"}, Kind.DRIFT),
        ({"alertname": "PSIHigh"}, Kind.DRIFT),
        ({"alertname": "HighP99"}, Kind.LATENCY),
        ({"alertname": "ModelErrorRate5xx"}, Kind.FAILURE),
        ({"alertname": "model_down"}, Kind.FAILURE),
        ({"alertname": "AUCDropped"}, Kind.PERFORMANCE),
        ({"alertname": "SchemaChanged"}, Kind.DATA_QUALITY),
        ({"alertname": "FeatureViewStale"}, Kind.FRESHNESS),
        ({"alertname": "TokenUsageHigh"}, Kind.COST),
        ({"alertname": "PromptInjectionSuspected"}, Kind.SAFETY),
        ({"alertname": "TasksFlagged"}, Kind.FAILURE),
    ],
)
def test_the_kind_is_named_or_guessed_from_whole_words(labels: dict[str, str], kind: Kind) -> None:
    assert one(labels={"alertname": "x", **labels}).kind is kind


def test_the_metric_tells_the_kind_where_the_name_does_not() -> None:
    alert = one(labels={"alertname": "Rule17"}, generatorURL="http://p/graph?g0.expr=model_accuracy+%3C+0.9")
    assert (alert.kind, alert.measures[0].op) == (Kind.PERFORMANCE, "<")


@pytest.mark.parametrize(
    ("expr", "metric", "op", "threshold"),
    [
        ("m > 0.5", "m", ">", 0.5),
        ('m{a="}{>1"} > bool 0.5', "m", ">", 0.5),
        ("0.5 < m", "m", ">", 0.5),
        ("(avg_over_time(acc[1h]) <= 8e-1)", "acc", "<=", 0.8),
        ("histogram_quantile(0.99, sum by (le, model) (rate(x_bucket[5m]))) > 0.5", "x_bucket", ">", 0.5),
        ("psi > 0.2 and on(model) count > 100", "psi", ">", 0.2),
        ("m offset 5m >= -3", "m", ">=", -3.0),
        ("a / b > 0.01", None, ">", 0.01),
        ("a > 1 or b > 2", None, None, None),
        ("m > n", None, None, None),
        ("absent(up)", None, None, None),
        ("", None, None, None),
        ("(" * 500, None, None, None),
    ],
)
def test_a_rule_is_read_as_far_as_it_is_plain(
    expr: str, metric: str | None, op: str | None, threshold: float | None
) -> None:
    rule = expression.read(expr)
    assert (rule.metric, rule.op, rule.threshold) == (metric, op, threshold)


@pytest.mark.parametrize(
    "url", ["http://[", "g0.expr=", "http://x/?g0.expr=%ff%fe", "http://x/?" + "&" * 80 + "g0.expr=m"]
)
def test_an_odd_generator_url_gives_no_rule(url: str) -> None:
    assert one(generatorURL=url).measures == ()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.27", 0.27),
        ("27%", 0.27),
        ("840ms", 0.84),
        ("1,200", 1200.0),
        ("1.5k", 1500.0),
        ("4 requests", 4.0),
        (0.3, 0.3),
        ("5m", None),
        ("NaN", None),
        ("+Inf", None),
        ("1e999", None),
        ("0.27 of 1", None),
        (True, None),
        ({}, None),
    ],
)
def test_values_are_numbers_or_nothing(text: object, value: float | None) -> None:
    alert = one(annotations={"value": text}, generatorURL="http://p/graph?g0.expr=psi+%3E+0.2")
    assert alert.measures[0].value == value


def test_only_plain_web_links_are_kept() -> None:
    notes = {"runbook_url": "javascript:alert(1)", "dashboard": "https://a@b.example/", "link": "https://ok.example/x"}
    assert one(generatorURL="ftp://x", annotations=notes).links == ("https://ok.example/x",)


def test_long_and_many_are_cut_and_said() -> None:
    labels = {"alertname": "a" * 400, **{f"k{n}": "v" * 2000 for n in range(150)}}
    delivery = read({"labels": labels, "annotations": {"summary": "s" * 9000}})
    (alert,) = delivery.alerts
    assert (len(alert.title), len(alert.summary), len(alert.labels)) == (300, 2000, 100)
    assert max(map(len, alert.labels.values())) == 1024
    assert "51 labels were left out" in delivery.skipped[0]


def test_a_nul_from_the_sender_never_reaches_the_database() -> None:
    alert = one(labels={"alertname": "a\x00b"})
    assert alert.title == "a\ufffdb"


async def test_the_check_tells_an_open_door() -> None:
    (row,) = await source().check()
    assert (row.scope, row.health) == ("secret", Health.MISSING)
    assert row.do
    (row,) = await source(secret="s3cret").check()
    assert row.health is Health.OK


def test_without_a_secret_anybody_may_post() -> None:
    source().authenticate(request({}))


@pytest.mark.parametrize("header", ["Bearer s3cret", "bearer s3cret", "Basic dXNlcjpzM2NyZXQ=", "Basic OnMzY3JldA=="])
def test_the_secret_is_taken_as_bearer_or_password(header: str) -> None:
    source(secret="s3cret").authenticate(request({}, authorization=header))


def test_the_secret_is_taken_in_its_own_header() -> None:
    source(secret="s3cret").authenticate(request({}, x_tocsin_secret="s3cret"))


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer S3cret", "Basic czNjcmV0", "Basic ~", "Bearer ключ", "s3cret"]
)
def test_anything_else_is_refused_and_says_how(header: str) -> None:
    with pytest.raises(NotAuthentic) as caught:
        source(secret="s3cret").authenticate(request({}, authorization=header))
    assert "s3cret" not in str(caught.value)
    assert caught.value.do


def test_a_secret_in_the_url_is_refused() -> None:
    asked = Request(body=b"{}", received_at=NOW, query={"secret": "s3cret"})
    with pytest.raises(NotAuthentic):
        source(secret="s3cret").authenticate(asked)


def _foreign() -> list[Path]:
    folder = Path(os.environ.get("TOCSIN_SAMPLES", "/nonexistent")) / "alertmanager"
    return sorted(path for path in folder.glob("*.json") if not path.name.endswith(".expect.json"))


@pytest.mark.skipif(not _foreign(), reason="TOCSIN_SAMPLES names no folder with more samples")
def test_samples_kept_elsewhere_read_as_expected() -> None:
    for path in _foreign():
        expected = json.loads(path.with_suffix(".expect.json").read_text())["alerts"]
        for want, got in zip(expected, source().parse(request(path.read_bytes())).alerts, strict=True):
            assert (got.title, got.status, got.severity) == (want["title"], want["status"], want["severity_raw"])
            assert (got.model, got.version, got.environment) == (
                want["resource"],
                want["version"],
                want["environment"],
            )
            assert got.started_at == datetime.fromisoformat(want["started_at"])
            assert list(got.links) == want["links"]
            keys = ("name", "value", "threshold", "op", "feature")
            assert [(m.metric, m.value, m.threshold, m.op, m.feature) for m in got.measures] == [
                tuple(m[key] for key in keys) for m in want["metrics"]
            ]
