"""MLflow's webhooks, what a connection may be told, and what its platform part says of a server that fails it."""

import dataclasses
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from bot.contract import Context, Health, Move, NotAuthentic, NotDelivered, Refused, Request, Unreadable
from bot.testing import conformance
from bot.testing.far_end import WAIT, Behaviour, FarEnd
from plugins import mlflow
from plugins.mlflow import signature

SAMPLES = Path(mlflow.__file__).parent / "samples"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
URL = "https://mlflow.example.com"
SECRET = "a-secret-of-the-tests"
REF = {"registered_model": "churn", "alias": "champion"}


def settings(**options: Any) -> mlflow.MlflowSettings:
    return mlflow.MlflowSettings.model_validate({"url": URL, **options})


def source(**options: Any) -> mlflow.Webhooks:
    return mlflow.Webhooks(settings(**options), Context("registry"))


def platform(url: str, **options: Any) -> mlflow.Mlflow:
    return mlflow.Mlflow(settings(**{"url": url, **options}), Context("registry"))


def sample(name: str) -> Request:
    return Request((SAMPLES / f"{name}.json").read_bytes(), NOW, headers={"x-mlflow-delivery-id": "d-1"})


def event(entity: str, action: str, **data: Any) -> Request:
    return Request(orjson.dumps({"entity": entity, "action": action, "timestamp": NOW, "data": data}), NOW)


def signed(request: Request, secret: str = SECRET, *, at: datetime | None = None, **changed: str) -> Request:
    """The request as MLflow signs it; headers may be changed afterwards."""
    stamp, delivery = str(int((at or request.received_at).timestamp())), "3f1c"
    headers = {
        "x-mlflow-delivery-id": delivery,
        "x-mlflow-timestamp": stamp,
        "x-mlflow-signature": signature.sign(secret, delivery, stamp, request.body),
        **{name.replace("_", "-"): value for name, value in changed.items()},
    }
    return dataclasses.replace(request, headers={**request.headers, **headers})


async def test_it_keeps_the_contract() -> None:
    await conformance.conforms(mlflow.plugin, SAMPLES, options={"url": URL}, prove=signed)


def test_the_signature_is_an_hmac_over_id_time_and_body() -> None:
    # printf a.b.c | openssl dgst -sha256 -hmac abc -binary | base64
    assert signature.sign("abc", "a", "b", b"c") == "v1,CAqrr2C8tGgDe9eQ69B4l+yBwhDGZfLkasnZKnhxfkQ="


@pytest.mark.parametrize(
    "spoilt",
    [
        {"x_mlflow_signature": ""},
        {"x_mlflow_signature": "v1,"},
        {"x_mlflow_signature": "v1,\xff"},
        {"x_mlflow_delivery_id": "another"},
        {"x_mlflow_delivery_id": ""},
        {"x_mlflow_timestamp": str(int(NOW.timestamp()) + 1)},
        {"x_mlflow_timestamp": "9" * 5000},
        {"x_mlflow_timestamp": ""},
    ],
)
def test_what_was_changed_on_its_way_is_not_let_in(spoilt: dict[str, str]) -> None:
    request = signed(sample("alias_created"))
    source(secret=SECRET).authenticate(request)
    with pytest.raises(NotAuthentic) as refusal:
        source(secret=SECRET).authenticate(dataclasses.replace(request, headers={**request.headers, **_dashed(spoilt)}))
    assert SECRET not in str(refusal.value)
    with pytest.raises(NotAuthentic):
        source(secret=SECRET).authenticate(dataclasses.replace(request, body=request.body + b" "))


def _dashed(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def test_a_delivery_that_was_recorded_is_not_played_again() -> None:
    old = signed(sample("alias_created"), at=NOW - timedelta(minutes=6))
    with pytest.raises(NotAuthentic, match="more than 300 s away"):
        source(secret=SECRET).authenticate(old)
    source(secret=SECRET, tolerance="10m").authenticate(old)
    with pytest.raises(NotAuthentic):
        source(secret=SECRET).authenticate(signed(sample("alias_created"), at=NOW + timedelta(minutes=6)))


def test_one_of_several_signatures_is_enough_while_a_secret_is_exchanged() -> None:
    request = signed(sample("alias_created"))
    both = f"v1,AAAA {request.headers['x-mlflow-signature']}"
    source(secret=SECRET).authenticate(signed(request, x_mlflow_signature=both))


@pytest.mark.parametrize(
    ("name", "ref", "version"),
    [
        ("alias_created", REF, "6"),
        ("alias_deleted", REF, None),
        ("prompt_alias", {"prompt": "greeting", "alias": "production"}, "2"),
    ],
)
def test_an_alias_that_was_moved_is_a_move(name: str, ref: dict[str, str], version: str | None) -> None:
    at = datetime(2026, 11, 23, 11, 59, 58, 120345, tzinfo=UTC)
    said = source().parse(sample(name))
    assert said.moves == (Move(ref, at, version),)
    assert (said.id, said.alerts, said.changes) == ("d-1", (), ())


def test_a_new_version_is_shown_as_a_change() -> None:
    (change,) = source().parse(sample("version_created")).changes
    assert (change.model, change.connection) == ("churn", "registry")
    assert change.summary == "churn has a new version 7. Trained on October"
    assert change.links == (f"{URL}/#/models/churn",)
    assert change.details["run_id"] == "04901f6f17854713a695b62497f9fb6f"
    (again,) = source().parse(sample("version_created")).changes
    assert again.id == change.id


@pytest.mark.parametrize(
    ("entity", "data", "summary"),
    [
        ("registered_model", {"name": "a b"}, "The model a b was registered."),
        ("prompt", {"name": "hi"}, "The prompt hi was registered."),
        ("prompt_version", {"name": "hi", "version": 2}, "The prompt hi has a new version 2."),
        ("registered_model", {"name": "x" * 900, "description": "{version} <!channel>"}, "The model xx"),
    ],
)
def test_what_is_new_is_shown(entity: str, data: dict[str, Any], summary: str) -> None:
    (change,) = source().parse(event(entity, "created", **data)).changes
    assert change.summary.startswith(summary)
    assert len(change.summary) <= 300


@pytest.mark.parametrize(
    "request_",
    [
        event("model_version_alias", "created", name="churn"),
        event("model_version_alias", "created", alias="champion"),
        event("model_version", "created", version="7"),
        event("budget_policy", "exceeded", current_spend=1),
    ],
)
def test_half_an_event_is_unreadable(request_: Request) -> None:
    with pytest.raises(Unreadable):
        source().parse(request_)


def test_a_budget_of_an_odd_window_counts_until_somebody_ends_it() -> None:
    for odd in ({}, {"duration_value": -1}, {"duration_unit": "AGES"}, {"duration_value": 1e300}):
        data = {"budget_policy_id": "b", "duration_unit": "DAYS", "window_start": 1795132800000, **odd}
        (alert,) = source().parse(event("budget_policy", "exceeded", **data)).alerts
        assert alert.until is None


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"url": "mlflow:5000"}, "Write it as in"),
        ({"url": "https://ada:pw@mlflow.example.com"}, "Write it as in"),
        ({"url": "https://mlflow.example.com?x=1"}, "Write it as in"),
        ({"username": "bot"}, "stand together"),
        ({"token": "t", "username": "bot", "password": "p"}, "not both"),
        ({"ca": "/no/such/file"}, "does not point to a file"),
        ({"tolerance": "soon"}, "tolerance"),
    ],
)
def test_options_that_cannot_be_meant_are_refused(options: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        settings(**options)


def test_no_secret_shows() -> None:
    whole = settings(token="a-token-of-the-tests", secret=SECRET)
    told = f"{whole!r} {whole} {mlflow.Mlflow(whole, Context('registry'))!r}"
    assert "a-token" not in told
    assert SECRET not in told
    theirs = {"train.job.token", "train.pipeline.token"}
    assert set(mlflow.plugin.secrets) == {"secret", "token", "password", *theirs}


@pytest.mark.parametrize(
    "ref",
    [
        {},
        {"registered_model": "churn"},
        {"alias": "champion"},
        {"registered_model": "churn", "alias": ""},
        {"registered_model": "churn", "prompt": "churn", "alias": "champion"},
        {"registered_model": "churn", "alias": "champion", "stage": "Production"},
    ],
)
async def test_a_reference_that_names_no_alias(ref: dict[str, str]) -> None:
    with pytest.raises(Refused, match="names no alias"):
        await platform("http://127.0.0.1:9").serving(ref)


@pytest.mark.parametrize(
    ("options", "header"),
    [
        ({"token": "a-token"}, "Bearer a-token"),
        ({"username": "bot", "password": "pä"}, "Basic Ym90OnDDpA=="),
        ({}, None),
    ],
)
async def test_it_proves_who_it_is(options: dict[str, str], header: str | None) -> None:
    async with FarEnd(answer=b"{}") as far:
        (row,) = await platform(far.url, **options).check()
        assert row.health is Health.OK
        assert far.arrived[0].headers.get("authorization") == header


@pytest.mark.parametrize(
    ("behaviour", "error", "retry"),
    [
        (Behaviour.BUSY, NotDelivered, True),
        (Behaviour.AWAY, NotDelivered, True),
        (Behaviour.BROKEN, NotDelivered, True),
        (Behaviour.SLAMS, NotDelivered, True),
        (Behaviour.HANGS, NotDelivered, True),
        (Behaviour.LIES, NotDelivered, False),
        (Behaviour.REFUSES, Refused, False),
        (Behaviour.MISSING, Refused, False),
    ],
)
async def test_a_server_that_fails(behaviour: Behaviour, error: type[Exception], retry: bool) -> None:
    async with FarEnd(behaviour=behaviour) as far:
        host = platform(far.url, timeout="1s")
        with pytest.raises(error) as said:
            await host.serving(REF)
        assert said.value.retry is retry  # type: ignore[attr-defined]
        if behaviour is Behaviour.BUSY:
            assert said.value.after == WAIT  # type: ignore[attr-defined]
        (row,) = await host.check()
        assert row.health in (Health.MISSING, Health.UNKNOWN)
        assert row.do


async def test_nobody_is_there() -> None:
    with pytest.raises(NotDelivered, match="cannot be reached") as said:
        await platform("http://127.0.0.1:9").serving(REF)
    assert said.value.retry
