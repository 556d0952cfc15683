"""Pages through PagerDuty: what an event says, what follows, and which webhooks are believed."""

import dataclasses
import hashlib
import hmac
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from bot.contract import (
    Alert,
    Call,
    Context,
    Health,
    Kind,
    Measure,
    NotAuthentic,
    NotDelivered,
    Request,
    Says,
    Status,
    Unreadable,
)
from bot.model.alert import KeptAlert
from bot.model.incident import Phase
from bot.model.page import PageState
from bot.testing import pagers, receivers
from bot.testing.far_end import Arrived, Behaviour, FarEnd
from plugins import pagerduty

KEY, OTHER = "0123456789abcdef0123456789abcdef", "f" * 32
SECRET = "a-secret-of-the-webhook"
TAKEN = b'{"status": "success", "message": "Event processed", "dedup_key": "as-sent"}'
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def settings(url: str = "http://127.0.0.1:9", **more: Any) -> pagerduty.PagerDutySettings:
    given = {"url": url, "page_key": KEY, "page_webhook_secret": SECRET, **more}
    return pagerduty.PagerDutySettings.model_validate(given)


def pager(url: str, **more: Any) -> pagerduty.PagerDutyPager:
    return pagerduty.PagerDutyPager(settings(url, **more), Context("pd", address="https://tocsin.example.com"))


def said(far: FarEnd) -> list[dict[str, Any]]:
    assert {(one.method, one.path) for one in far.arrived} <= {("POST", "/v2/enqueue")}
    return [orjson.loads(one.body) for one in far.arrived]


def standing(call: Call, phase: Phase, **sheet: Any) -> Call:
    """The page once sent, and its incident in this phase."""
    incident = dataclasses.replace(call.view.incident, phase=phase)
    page = dataclasses.replace(call.page, **{"provider_id": call.key, "sent_at": NOW, "state": PageState.SENT, **sheet})
    return dataclasses.replace(call, page=page, view=dataclasses.replace(call.view, incident=incident, pages=(page,)))


async def test_it_keeps_the_contract() -> None:
    await pagers.conforms(pagerduty.plugin, lambda url: {"url": url, "page_key": KEY}, answer=TAKEN)


async def test_a_page_is_an_event_with_the_facts() -> None:
    measure = Measure("psi", 0.31, 0.2, ">")
    alert = Alert("hook", "hook", "p", "t\x00\u202e", Status.FIRING, Kind.DRIFT, NOW, measures=(measure,),
                  links=("https://grafana.example.com/d/1", "javascript:alert(1)"))  # fmt: skip
    call = pagers.call(headline="x" * 3000)
    view = dataclasses.replace(call.view, alerts=(KeptAlert(alert, Status.FIRING, 0, NOW, NOW, None),))
    async with FarEnd(TAKEN) as far:
        sent = await pager(far.url).send(dataclasses.replace(call, view=view))
    (event,) = said(far)
    assert (sent.provider_id, sent.delivered) == ("page/INC-7/1/ada/prom", False)
    assert (event["routing_key"], event["event_action"], event["dedup_key"]) == (KEY, "trigger", sent.provider_id)
    assert (event["client"], event["client_url"]) == ("Tocsin", "https://tocsin.example.com")
    payload = event["payload"]
    assert payload["summary"].startswith("INC-7 xxx")
    assert len(payload["summary"]) == 1024
    named = ("source", "severity", "class", "component", "group")
    assert [payload[name] for name in named] == ["churn", "error", "drift", "churn", "retail"]
    assert payload["custom_details"]["paged"] == "ada (L1): ada is on call for first-line."
    assert payload["custom_details"]["measures"] == {"psi": 0.31}
    assert event["links"] == [{"href": "https://grafana.example.com/d/1", "text": "From the monitor"}]
    assert len(far.arrived[0].body) < 512_000


async def test_every_event_is_one_that_our_own_door_takes_as_pagerduty_does() -> None:
    """That door is held against PagerDuty's own client elsewhere."""
    call = pagers.call(headline="\ud800\x00")
    async with FarEnd(TAKEN) as far:
        await pager(far.url).send(call)
        await pager(far.url).follow(standing(call, Phase.ACKNOWLEDGED))
        await pager(far.url).follow(standing(call, Phase.RESOLVED))
    door = pagerduty.PagerDuty(settings(routing_key=KEY), Context("door"))
    requests = [Request(one.body, NOW, path=one.path) for one in far.arrived]
    assert all(door.mine(one) for one in requests)
    opened, held, ended = [door.parse(one) for one in requests]
    assert (opened.alerts[0].problem, opened.alerts[0].model) == ("door:page/INC-7/1/ada/prom", "churn")
    assert held.acts[0].problem == ended.alerts[0].problem == opened.alerts[0].problem


@pytest.mark.parametrize(("severity", "there"), [("sev1", "critical"), ("sev3", "warning"), ("sev5", "info")])
async def test_severities_are_pagerdutys(severity: str, there: str) -> None:
    call = pagers.call()
    incident = dataclasses.replace(call.view.incident, severity=severity)
    async with FarEnd(TAKEN) as far:
        await pager(far.url).send(dataclasses.replace(call, view=dataclasses.replace(call.view, incident=incident)))
    assert said(far)[0]["payload"]["severity"] == there


async def test_what_a_page_opened_follows_the_incident() -> None:
    call = pagers.call()
    async with FarEnd(TAKEN) as far:
        for phase in Phase:
            await pager(far.url).follow(standing(call, phase))
        await pager(far.url).follow(standing(call, Phase.RESOLVED, provider_id=None))
    assert [one["event_action"] for one in said(far)] == ["acknowledge", "acknowledge", "resolve", "resolve"]
    assert {one["dedup_key"] for one in said(far)} == {call.key}
    assert all("payload" not in one for one in said(far))


async def test_whoever_is_paged_anew_is_rung_anew_and_has_one_incident_open() -> None:
    first = standing(pagers.call(), Phase.TRIGGERED).page
    others = dataclasses.replace(first, id="INC-7/1/bo/prom", person="bo", provider_id="page/INC-7/1/bo/prom")
    call = pagers.call("page/INC-7/4/ada/prom")
    call = dataclasses.replace(call, view=dataclasses.replace(call.view, pages=(first, others, call.page)))
    async with FarEnd(TAKEN) as far:
        await pager(far.url).send(call)
    told = [(one["event_action"], one["dedup_key"]) for one in said(far)]
    assert told == [("trigger", "page/INC-7/4/ada/prom"), ("resolve", "page/INC-7/1/ada/prom")]


async def test_a_page_that_went_out_is_sent_although_the_one_before_it_cannot_be_ended() -> None:
    first = standing(pagers.call(), Phase.TRIGGERED).page
    call = pagers.call("page/INC-7/4/ada/prom")
    call = dataclasses.replace(call, view=dataclasses.replace(call.view, pages=(first, call.page)))

    def answer(arrived: Arrived) -> tuple[int, bytes]:
        return (202, TAKEN) if b'"trigger"' in arrived.body else (500, b"")

    async with FarEnd(says=answer) as far:
        assert (await pager(far.url).send(call)).provider_id == call.key


async def test_somebody_may_have_a_service_of_their_own() -> None:
    async with FarEnd(TAKEN) as far:
        await pager(far.url, page_keys={"ada": OTHER}).send(pagers.call())
        await pager(far.url, page_keys={"bo": OTHER}).send(pagers.call())
        with pytest.raises(NotDelivered, match="no key to page ada") as caught:
            await pager(far.url, page_key=None, page_keys={"bo": OTHER}).send(pagers.call())
    assert [one["routing_key"] for one in said(far)] == [OTHER, KEY]
    assert not caught.value.retry


async def test_a_refusal_says_what_pagerduty_says_and_is_not_repeated() -> None:
    body = {"status": "invalid event", "message": "Event object is invalid", "errors": ["Invalid routing key"]}
    async with FarEnd(says=lambda _: (400, orjson.dumps(body))) as far:
        with pytest.raises(NotDelivered, match="400: Invalid routing key") as caught:
            await pager(far.url).send(pagers.call())
    assert not caught.value.retry


async def test_following_is_tried_again_where_pagerduty_is_away() -> None:
    async with FarEnd(behaviour=Behaviour.SLAMS) as far:
        with pytest.raises(NotDelivered) as caught:
            await pager(far.url).follow(standing(pagers.call(), Phase.ACKNOWLEDGED))
    assert caught.value.retry


async def test_the_check_asks_for_what_is_missing() -> None:
    rows = await pager("http://127.0.0.1:9", page_webhook_secret=None).check()
    assert [(row.scope, row.health) for row in rows] == [
        ("page_key", Health.UNKNOWN),
        ("page_webhook_secret", Health.MISSING),
    ]
    assert not pagerduty.PagerDutyPager.wanted(settings(routing_key=KEY, page_key=None))
    assert pagerduty.PagerDutyPager.wanted(settings(page_key=None, page_keys={"ada": KEY}))
    only_out = pagerduty.PagerDuty(settings(), Context("pd"))
    assert await only_out.check() == []
    with pytest.raises(NotAuthentic):
        only_out.authenticate(Request(b'{"routing_key": ""}', NOW))


@pytest.mark.parametrize(
    "wrong", [{"page_key": None}, {"page_key": "short"}, {"page_keys": {"ada": "x"}}, {"url": "ftp://x"}, {"url": "x"}]
)
def test_settings_that_cannot_work_are_refused_and_keys_stay_secret(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        settings(**wrong)
    assert KEY not in repr(settings())


# --- what PagerDuty tells us ---


def hook(event: object, *secrets: str, agent: object = None, **about: Any) -> Request:
    """A webhook as PagerDuty sends it; of an incident that a page to Ada opened."""
    if isinstance(event, str):
        user = {"id": "PLH1HKV", "summary": "Ada", "type": "user_reference"}
        data = {"id": "PGR0VU2", "type": "incident", "number": 2, "incident_key": "page/INC-7/1/ada/pd", **about}
        told = {"id": "01BRB6ZP4M6T8ZG4X6BP63ZB9O", "event_type": event, "resource_type": "incident"}
        event = {
            "event": {**told, "occurred_at": NOW.isoformat(), "agent": agent or user, "client": None, "data": data}
        }
    body = orjson.dumps(event)
    keys = secrets or (SECRET,)
    signed = ",".join(f"v1={hmac.new(one.encode(), body, hashlib.sha256).hexdigest()}" for one in keys)
    return Request(body, NOW, {"x-pagerduty-signature": signed})


def receiver(**more: Any) -> pagerduty.PagerDutyReceiver:
    return pagerduty.PagerDutyReceiver(settings(**more), Context("pd"))


async def test_what_hears_it_keeps_the_contract() -> None:
    options = {"page_key": KEY, "page_webhook_secret": SECRET}
    await receivers.conforms(pagerduty.plugin, options, deliveries=[hook("incident.acknowledged")])


@pytest.mark.parametrize(
    ("event", "says"), [("incident.acknowledged", Says.ACKNOWLEDGE), ("incident.resolved", Says.RESOLVE)]
)
def test_what_a_person_does_there_is_heard(event: str, says: Says) -> None:
    request = hook(event)
    receiver().authenticate(request)
    (reply,) = receiver().hear(request).replies
    assert (reply.says, reply.page) == (says, "page/INC-7/1/ada/pd")
    assert reply.id == "01BRB6ZP4M6T8ZG4X6BP63ZB9O"
    answer = receiver().answer(request, ["INC-7 is yours."])
    assert (answer.status, orjson.loads(answer.body)) == (200, {"said": ["INC-7 is yours."]})


@pytest.mark.parametrize(
    "request_",
    [
        hook("incident.acknowledged", agent={"type": "inbound_integration_reference"}),  # our own event comes back
        hook("incident.resolved", agent={"type": "service_reference"}),  # it ended there by itself
        hook("incident.resolved", incident_key="another monitor's"),
        hook("incident.resolved", incident_key=None),
        hook("incident.escalated"),
        hook("incident.unacknowledged"),
        hook({"event": {"id": "1", "event_type": "pagey.ping", "agent": None, "data": {"message": "Hello"}}}),
        hook({"event": {"event_type": ["incident.resolved"], "agent": 7, "data": 7}}),
    ],
)
def test_what_is_no_answer_to_a_page_says_nothing(request_: Request) -> None:
    assert not receiver().hear(request_).replies


@pytest.mark.parametrize("body", [[], {}, {"event": 7}, {"messages": []}])
def test_what_is_no_webhook_of_version_3_is_unreadable(body: object) -> None:
    with pytest.raises(Unreadable):
        receiver().hear(hook(body))


def test_one_right_signature_of_several_is_enough_while_the_secret_is_changed() -> None:
    receiver().authenticate(hook("incident.acknowledged", "the-secret-before", SECRET))


@pytest.mark.parametrize("shown", ["", "v1=", "v1=é", "v0=" + "0" * 64, ",".join(["v1=0"] * 1000)])
def test_a_forged_webhook_is_refused(shown: str) -> None:
    right = hook("incident.acknowledged")
    with pytest.raises(NotAuthentic):
        receiver().authenticate(dataclasses.replace(right, headers={"x-pagerduty-signature": shown}))
    with pytest.raises(NotAuthentic):
        receiver().authenticate(dataclasses.replace(right, body=right.body + b" "))
    with pytest.raises(NotAuthentic):
        receiver(page_webhook_secret=None).authenticate(right)
    with pytest.raises(NotAuthentic):
        receiver(page_webhook_secret="").authenticate(hook("incident.acknowledged", ""))
