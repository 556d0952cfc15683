"""Pages through Opsgenie: what an alert says, what follows, and which webhooks are believed."""

import dataclasses
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from bot.contract import Call, Context, Health, NotAuthentic, NotDelivered, Request, Says, Unreadable
from bot.model.incident import Phase
from bot.testing import pagers, receivers
from bot.testing.far_end import Arrived, FarEnd
from plugins import opsgenie

KEY = "eb243592-faa2-4ba2-a551-1afdf565c889"
SECRET = "a-secret-of-the-webhook"
TAKEN = b'{"result": "Request will be processed", "took": 0.302, "requestId": "43a29c5c-3dbf-4fa4-9c26-f4f71023e120"}'
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ALIAS = "page|INC-7|1|ada|prom"


def settings(url: str = "http://127.0.0.1:9", **more: Any) -> opsgenie.OpsgenieSettings:
    given = {"url": url, "page_key": KEY, "page_webhook_secret": SECRET, **more}
    return opsgenie.OpsgenieSettings.model_validate(given)


def pager(url: str, **more: Any) -> opsgenie.OpsgeniePager:
    return opsgenie.OpsgeniePager(settings(url, **more), Context("og"))


def standing(call: Call, phase: Phase, **sheet: Any) -> Call:
    """The page once sent, and its incident in this phase."""
    incident = dataclasses.replace(call.view.incident, phase=phase, holder="bo", resolution="ended")
    page = dataclasses.replace(call.page, **{"provider_id": ALIAS, "sent_at": NOW, **sheet})
    return dataclasses.replace(call, page=page, view=dataclasses.replace(call.view, incident=incident, pages=(page,)))


def body(arrived: Arrived) -> dict[str, Any]:
    assert arrived.headers["authorization"] == f"GenieKey {KEY}"
    said: dict[str, Any] = orjson.loads(arrived.body)
    return said


async def test_it_keeps_the_contract() -> None:
    await pagers.conforms(opsgenie.plugin, lambda url: {"url": url, "page_key": KEY}, answer=TAKEN)


async def test_a_page_is_an_alert_for_the_person_within_opsgenies_limits() -> None:
    async with FarEnd(TAKEN) as far:
        sent = await pager(far.url).send(pagers.call(headline="x" * 30_000))
    (arrived,) = far.arrived
    said = body(arrived)
    assert (arrived.method, arrived.path, sent.provider_id) == ("POST", "/v2/alerts", ALIAS)
    assert said["message"].startswith("INC-7 xxx")
    assert (len(said["message"]), len(said["description"])) == (130, 2000)
    assert (said["alias"], said["source"], said["user"], said["priority"]) == (ALIAS, "Tocsin", "Tocsin", "P2")
    assert said["responders"] == [{"type": "user", "username": "ada@example.com"}]
    assert said["details"]["model"] == "churn"
    assert sum(len(name) + len(words) for name, words in said["details"].items()) < 8000


async def test_every_request_is_one_that_our_own_door_takes_as_opsgenie_does() -> None:
    """That door is held against Opsgenie's own client elsewhere."""
    async with FarEnd(TAKEN) as far:
        await pager(far.url).send(pagers.call(headline="\ud800\x00"))
    door = opsgenie.Opsgenie(settings(secret=KEY), Context("door"))
    (arrived,) = far.arrived
    request = Request(arrived.body, NOW, arrived.headers, path=arrived.path)
    assert door.mine(request)
    assert door.parse(request).alerts[0].problem == f"door:{ALIAS}"


async def test_whom_opsgenie_reaches_is_the_persons_own_the_connections_or_the_person() -> None:
    team, night = {"type": "team", "name": "churn"}, {"type": "schedule", "name": "night"}
    nobody = dataclasses.replace(pagers.ADA, email=None)
    async with FarEnd(TAKEN) as far:
        await pager(far.url, responders=[team]).send(pagers.call())
        await pager(far.url, responders=[team], responders_of={"ada": [night]}).send(pagers.call())
        await pager(far.url, responders=[]).send(pagers.call(to=nobody))  # its integration's own team
        with pytest.raises(NotDelivered, match="ada has no e-mail address") as caught:
            await pager(far.url).send(pagers.call(to=nobody))
    assert not caught.value.retry
    assert [body(one).get("responders") for one in far.arrived] == [[team], [night], None]


async def test_what_a_page_opened_follows_the_incident() -> None:
    call = pagers.call()
    async with FarEnd(TAKEN) as far:
        for phase in Phase:
            await pager(far.url).follow(standing(call, phase))
    where = "/v2/alerts/page%7CINC-7%7C1%7Cada%7Cprom"
    wanted = [f"{where}/{action}?identifierType=alias" for action in ("acknowledge", "acknowledge", "close")]
    assert [one.path for one in far.arrived] == wanted
    assert [body(one)["note"] for one in far.arrived][1:] == ["INC-7 is held by bo.", "INC-7 is ended."]
    assert {body(one)["user"] for one in far.arrived} == {"Tocsin"}


async def test_whoever_is_paged_anew_is_rung_anew_and_has_one_alert_open() -> None:
    first = standing(pagers.call(), Phase.TRIGGERED).page
    call = pagers.call("page/INC-7/4/ada/prom")
    call = dataclasses.replace(call, view=dataclasses.replace(call.view, pages=(first, call.page)))
    async with FarEnd(TAKEN) as far:
        await pager(far.url).send(call)
    assert [one.path.rpartition("/")[2] for one in far.arrived] == ["alerts", "close?identifierType=alias"]
    assert "INC-7%7C1%7Cada" in far.arrived[1].path


async def test_a_refusal_says_what_opsgenie_says_and_is_not_repeated() -> None:
    answer = orjson.dumps({"message": "You can only make this request with an enabled integration", "took": 0.0})
    async with FarEnd(says=lambda _: (403, answer)) as far:
        with pytest.raises(NotDelivered, match="403: You can only make this request") as caught:
            await pager(far.url).send(pagers.call())
    assert not caught.value.retry


async def test_the_check_asks_for_what_is_missing() -> None:
    rows = await pager("http://127.0.0.1:9", page_webhook_secret=None).check()
    assert [row.health for row in rows] == [Health.UNKNOWN, Health.MISSING]
    assert not opsgenie.OpsgeniePager.wanted(settings(secret="x", page_key=None))
    only_out = opsgenie.Opsgenie(settings(), Context("og"))
    assert await only_out.check() == []
    with pytest.raises(NotAuthentic):
        only_out.authenticate(Request(b"{}", NOW))


@pytest.mark.parametrize(
    "wrong",
    [
        {"page_key": None},
        {"page_key": "a b"},
        {"page_key": "a\r\nX: y"},
        {"url": "api.opsgenie.com"},
        {"responders": [{"type": "user", "name": "Ada"}]},
        {"responders": [{"type": "everybody", "name": "x"}]},
        {"responders": [{"type": "team", "name": "x"}] * 51},
    ],
)
def test_settings_that_cannot_work_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        settings(**wrong)
    assert KEY not in repr(settings())


# --- what Opsgenie tells us ---


def hook(action: str, *, secret: str = SECRET, source: object = None, **about: Any) -> Request:
    """A webhook as Opsgenie sends it; of an alert that is a page to Ada."""
    alert = {"alertId": "052652ac-5d1c-464a-812a-7dd18bbfba8c", "alias": ALIAS, "username": "ada@example.com"}
    alert |= {"updatedAt": 1420452224764002246, "tinyId": "23", "message": "test alert", **about}
    told = {"action": action, "alert": alert, "source": source or {"name": "", "type": "web"}}
    told |= {"integrationId": "37c8f316-17c6-49d7-899b-9c7e540c048d", "integrationName": "Tocsin"}
    return Request(orjson.dumps(told), NOW, {"x-tocsin-secret": secret})


def receiver(**more: Any) -> opsgenie.OpsgenieReceiver:
    return opsgenie.OpsgenieReceiver(settings(**more), Context("og"))


async def test_what_hears_it_keeps_the_contract() -> None:
    options = {"page_key": KEY, "page_webhook_secret": SECRET}
    await receivers.conforms(opsgenie.plugin, options, deliveries=[hook("Close")], signed=False)


@pytest.mark.parametrize(("action", "says"), [("Acknowledge", Says.ACKNOWLEDGE), ("Close", Says.RESOLVE)])
def test_what_a_person_does_there_is_heard(action: str, says: Says) -> None:
    request = hook(action)
    receiver().authenticate(request)
    (reply,) = receiver().hear(request).replies
    assert (reply.says, reply.page) == (says, "page/INC-7/1/ada/prom")
    assert reply.id == receiver().hear(hook(action)).replies[0].id  # a second copy
    assert reply.id != receiver().hear(hook(action, updatedAt=1420452224764002247)).replies[0].id
    assert receiver().answer(request, []).status == 200


@pytest.mark.parametrize(
    "request_",
    [
        hook("Acknowledge", username="Tocsin"),  # our own request comes back
        hook("Close", source={"name": "Tocsin", "type": "web"}),
        hook("Close", source={"name": "a script", "type": "API"}),
        hook("Close", alias="another monitor's"),
        hook("Close", alias=None),
        hook("AddNote"),
        Request(b'{"action": ["Close"], "alert": 7, "source": 7}', NOW),
    ],
)
def test_what_is_no_answer_to_a_page_says_nothing(request_: Request) -> None:
    assert not receiver().hear(request_).replies


def test_what_is_no_object_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        receiver().hear(Request(b"[]", NOW))


def test_a_webhook_without_the_secret_is_refused() -> None:
    right = hook("Close")
    for headers in ({}, {"x-tocsin-secret": "another"}, {"x-tocsin-secret": ""}):
        with pytest.raises(NotAuthentic):
            receiver().authenticate(dataclasses.replace(right, headers=headers, query={"secret": SECRET}))
    with pytest.raises(NotAuthentic):
        receiver(page_webhook_secret=None).authenticate(right)
    with pytest.raises(NotAuthentic):
        receiver(page_webhook_secret="").authenticate(hook("Close", secret=""))
