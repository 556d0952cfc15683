"""The webhook source: any JSON by a mapping, and Tocsin's own form without one."""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from bot import documents
from bot.contract import Alert, Context, Delivery, Kind, NotAuthentic, Request, Status, Unreadable, path
from bot.contract.pick import Pick
from bot.testing import conformance
from plugins import webhook

SAMPLES = Path(webhook.__file__).parent / "samples"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def source(**options: Any) -> webhook.Webhook:
    return webhook.Webhook(webhook.WebhookSettings.model_validate(options), Context("hook"))


def deliver(body: object, **options: Any) -> Delivery:
    return source(**options).parse(Request(body=json.dumps(body).encode(), received_at=NOW))


def mapped(body: object, **fields: Any) -> Alert:
    (alert,) = deliver(body, fields={"problem": "$.id", **fields}).alerts
    return alert


def signed(body: bytes, key: str, prefix: str = "") -> str:
    return prefix + hmac.new(key.encode(), body, hashlib.sha256).hexdigest()


async def test_it_keeps_the_contract() -> None:
    await conformance.conforms(webhook.plugin, SAMPLES)


async def test_it_keeps_the_contract_when_bodies_are_signed() -> None:
    def sign(request: Request, secret: str) -> Request:
        return Request(
            body=request.body, received_at=NOW, headers={"x-signature": signed(request.body, secret, "sha256=")}
        )

    options = {"signature": {"header": "X-Signature", "prefix": "sha256="}, "secret": "k3y"}
    await conformance.conforms(webhook.plugin, SAMPLES, options=options, prove=sign)


@pytest.mark.parametrize("shape", [lambda alert: alert, lambda alert: [alert], lambda alert: {"alerts": [alert]}])
def test_the_native_form_is_one_alert_a_list_or_a_list_called_alerts(shape: Any) -> None:
    (alert,) = deliver(shape({"problem": "p", "title": "t"})).alerts
    assert (alert.problem, alert.title, alert.status, alert.started_at) == ("hook:p", "t", Status.FIRING, NOW)


def test_several_paths_are_tried_in_order_and_empty_ones_passed_over() -> None:
    body = {"id": 1, "a": "", "b": None, "c": "churn"}
    assert mapped(body, model=["$.a", "$.b", "$.c"]).model == "churn"


def test_joined_identities_never_merge_by_accident() -> None:
    fields = {"problem": {"join": ["$.a", "$.b"]}}
    one, two = deliver([{"a": "x,y", "b": "z"}, {"a": "x", "b": "y,z"}], fields=fields).alerts
    assert one.problem != two.problem


def test_a_joined_identity_with_a_part_missing_is_none() -> None:
    with pytest.raises(Unreadable, match=r"nothing at \$\.a and \$\.b"):
        deliver({"a": "x"}, fields={"problem": {"join": ["$.a", "$.b"]}})


@pytest.mark.parametrize("identity", [None, "", "  ", {}, [], {"value": "x"}])
def test_an_identity_is_never_empty(identity: object) -> None:
    with pytest.raises(Unreadable, match=r"nothing at \$\.id") as caught:
        mapped({"id": identity})
    assert "Map `problem`" in caught.value.do


def test_long_identities_that_differ_at_the_end_stay_apart() -> None:
    one, two = deliver([{"problem": "x" * 50_000 + "a"}, {"problem": "x" * 50_000 + "b"}]).alerts
    assert one.problem != two.problem
    assert len(one.problem) < 512


def test_one_alert_without_identity_does_not_cost_the_others() -> None:
    delivery = deliver([{"problem": "a"}, {"title": "nameless"}])
    assert [alert.problem for alert in delivery.alerts] == ["hook:a"]
    assert delivery.skipped == ("Alert 2 has no identity: nothing at $.problem.",)


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("ALARM", Status.FIRING),
        ("ok", Status.RESOLVED),
        ("Insufficient_Data", Status.NO_DATA),
        (True, Status.FIRING),
        (False, Status.RESOLVED),
        (None, Status.FIRING),
    ],
)
def test_common_words_for_a_status_need_no_map(said: object, status: Status) -> None:
    assert mapped({"id": 1, "state": said}, status="$.state").status is status


def test_the_status_map_wins_and_is_blind_to_case() -> None:
    options = {"fields": {"problem": "$.id", "status": "$.s"}, "status_map": {"OK": "firing", True: "resolved"}}
    one, two = deliver([{"id": 1, "s": "ok"}, {"id": 2, "s": True}], **options).alerts
    assert (one.status, two.status) == (Status.FIRING, Status.RESOLVED)


def test_an_unknown_status_fires_and_says_so() -> None:
    delivery = deliver({"problem": "p", "status": "wobbly"})
    assert delivery.alerts[0].status is Status.FIRING
    assert delivery.skipped == ("The status 'wobbly' is not in status_map, so it was taken as firing.",)


def test_the_kind_comes_from_the_map_the_word_the_title_or_the_metric() -> None:
    options = {"kind_map": {"gate": "performance"}}
    kinds = [
        deliver({"problem": "p", **alert}, **options).alerts[0].kind
        for alert in (
            {"kind": "Gate"},
            {"kind": "data quality"},
            {"title": "Latency is high"},
            {"measures": [{"metric": "psi"}]},
            {"title": "?"},
        )
    ]
    assert kinds == [Kind.PERFORMANCE, Kind.DATA_QUALITY, Kind.LATENCY, Kind.DRIFT, Kind.FAILURE]


@pytest.mark.parametrize("epoch", [1795420800, 1795420800.0, 1795420800_000, 1795420800_000_000, "1795420800000000000"])
def test_epochs_of_every_unit_are_understood(epoch: object) -> None:
    assert mapped({"id": 1, "at": epoch}, started_at="$.at").started_at == datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def test_a_delivery_bears_the_senders_id() -> None:
    assert deliver({"run": "r-1", "problem": "p"}, delivery="$.run").id == "r-1"


def test_the_list_of_alerts_must_be_there() -> None:
    with pytest.raises(Unreadable, match=r"At \$\.events"):
        deliver({"event": []}, alerts="$.events")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("$", {"a": {"b c": [1, [2]]}, "d": None}),
        ("$.a['b c'][0]", 1),
        ('$.a["b c"][-1][0]', 2),
        ("$.a['b c'][9]", None),
        ("$.a[0]", None),
        ("$.d.e", None),
        ("$.x", None),
        ("$$", "whole"),
    ],
)
def test_a_path_finds_or_finds_nothing(text: str, found: object) -> None:
    assert path.parse(text).find({"a": {"b c": [1, [2]]}, "d": None}, "whole") == found


@pytest.mark.parametrize("text", ["a.b", "", "$a", "$.", "$..a", "$.a[", "$.a[x]", "$.a[*]", "$.a b", "$.a['b]", "$$$"])
def test_a_wrong_path_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(ValueError, match="path"):
        path.parse(text)


@pytest.mark.parametrize(
    "given", [[], {}, {"value": None}, {"join": []}, {"join": [1]}, [1], 7, {"value": 1, "join": 2}]
)
def test_a_wrong_pick_is_refused_with_the_forms_there_are(given: object) -> None:
    with pytest.raises(ValueError, match="write a path"):
        Pick.of(given)


@pytest.mark.parametrize(
    "options",
    [
        {"fields": {}},
        {"fields": {"problem": "$.id", "tittle": "$.t"}},
        {"fields": {"problem": "id"}},
        {"status_map": {"x": "burning"}},
        {"signature": {"header": "X-Signature"}},
        {"signature": {"header": "X Signature"}, "secret": "k"},
        {"alerts": 7},
        {"unknown": 1},
    ],
)
def test_a_wrong_mapping_is_refused_when_it_is_loaded(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        source(**options)


def test_a_signature_is_of_the_raw_body() -> None:
    reader = source(secret="k3y", signature={"header": "X-Signature", "prefix": "sha256="})
    body = b'{"a": 1}'

    def check(given: bytes, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        reader.authenticate(Request(body=given, received_at=NOW, headers=named))

    check(body, x_signature=signed(body, "k3y", "sha256="))
    check(body, x_signature=signed(body, "k3y", "sha256=").upper().replace("SHA", "sha"))
    for given, headers in (
        (b'{"a":1}', {"x_signature": signed(body, "k3y", "sha256=")}),
        (body, {"x_signature": signed(body, "other", "sha256=")}),
        (body, {"x_signature": signed(body, "k3y")}),
        (body, {"x_signature": "sha256="}),
        (body, {"x_signature": "ключ"}),
        (body, {"authorization": "Bearer k3y"}),
        (body, {}),
    ):
        with pytest.raises(NotAuthentic) as caught:
            check(given, **headers)
        assert "k3y" not in str(caught.value)


def test_the_mapping_of_the_readme_reads_the_sample() -> None:
    text = (Path(webhook.__file__).parent / "README.md").read_text()
    section = text.split("## A mapping")[1].split("```yaml")[1].split("```")[0]
    (connection,) = documents.parse(section, "README.md").data["connections"]
    options = {key: value for key, value in connection.items() if key not in ("name", "plugin")}
    body = (SAMPLES / "mapped.json").read_bytes()
    delivery = source(**options).parse(Request(body=body, received_at=NOW))
    assert [alert.problem for alert in delivery.alerts] == ['hook:["fraud","acc-floor"]', 'hook:["fraud","lag"]']


def test_the_curl_line_of_the_readme_is_the_native_form() -> None:
    text = (Path(webhook.__file__).parent / "README.md").read_text()
    body = text.split("-d '")[1].split("'")[0]
    (alert,) = deliver(json.loads(body)).alerts
    assert (alert.problem, alert.measures[0].feature) == ("hook:churn/psi/tenure", "tenure")
