"""Whoever holds PagerDuty's or Opsgenie's own client library needs only another URL."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, TypeVar

import pagerduty
import pytest

from bot.engine import report
from bot.model.incident import Incident, Phase
from bot.store import letters
from bot.testing.house import House
from tests.parts import Missing, opsgenie, tls
from tests.story.place import Place

T = TypeVar("T")
ROUTING_KEY, OTHER = "0123456789abcdef0123456789abcdef", "f" * 32
API_KEY = "70413a06-38d6-4c85-92b8-5ebc900d42e2"
CONNECTIONS = f"""\
connections:
  - {{name: pd, plugin: pagerduty, routing_key: {ROUTING_KEY}, environment: production}}
  - {{name: og, plugin: opsgenie, secret: {API_KEY}, environment: production}}
"""


@pytest.fixture
async def house(place: Place) -> AsyncIterator[House]:
    """The bot with both doors, without a chat."""
    place.change("config/tocsin.yaml", "mode: socket", "mode: off")
    place.change("config/tocsin.yaml", "connections:\n", CONNECTIONS)
    async with place.house() as one:
        yield one


@pytest.fixture
async def front(house: House, tmp_path: Path) -> AsyncIterator[tls.Front]:
    """The bot behind https: PagerDuty's client takes no other URL."""
    async with tls.front(house.app.server.port, tmp_path) as one:
        yield one


async def pd(front: tls.Front, act: Callable[[pagerduty.EventsApiV2Client], T], key: str = ROUTING_KEY) -> T:
    """What PagerDuty's client makes of `act`."""

    def run() -> T:
        with pagerduty.EventsApiV2Client(key, base_url=front.url, verify=front.trust) as client:
            return act(client)

    return await asyncio.to_thread(run)


async def incident(house: House, id_: str = "INC-1") -> Incident:
    await house.settle()
    return await house.incident(id_)


async def test_pagerdutys_client_triggers_acknowledges_and_resolves(house: House, front: tls.Front) -> None:
    details = {"model": "churn", "metric": "psi", "value": 0.31, "threshold": 0.2}

    def trigger(client: pagerduty.EventsApiV2Client) -> str:
        return client.trigger("PSI of age is 0.31", "drift-job", severity="error", custom_details=details)

    key = await pd(front, trigger)
    opened = await incident(house)
    assert (opened.phase, opened.model, opened.title) == (Phase.TRIGGERED, "churn", "PSI of age is 0.31")
    assert await pd(front, lambda client: client.trigger("again", "drift-job", dedup_key=key)) == key
    assert (await incident(house)).repeats == 1

    assert await pd(front, lambda client: client.acknowledge(key)) == key
    assert (await incident(house)).holder == "connection:pd"
    assert await pd(front, lambda client: client.resolve(key)) == key
    assert (await incident(house)).phase is Phase.RESOLVED

    assert await pd(front, lambda client: client.trigger("anew", "drift-job", dedup_key=key)) == key
    assert (await incident(house, "INC-2")).phase is Phase.TRIGGERED


async def test_what_meets_no_open_alert_is_accepted_and_dropped(house: House, front: tls.Front) -> None:
    assert await pd(front, lambda client: client.acknowledge("nothing")) == "nothing"
    assert await pd(front, lambda client: client.resolve("nothing")) == "nothing"
    assert await house.story("pd:nothing") == ["act.missed"]


async def test_pagerdutys_client_tells_of_a_change(house: House, front: tls.Front) -> None:
    stamp = "2026-11-23T01:50:00.000+00:00"
    details = {"model": "churn"}
    link = [{"href": "https://ci.example.com/81", "text": "The build"}]
    await pd(front, lambda c: c.submit("deploy churn v7", "ci", custom_details=details, links=link, timestamp=stamp))
    await pd(front, lambda c: c.trigger("Accuracy fell", "gate", custom_details=details))
    (change,) = (await report.view(house.app.desk, "INC-1")).changes
    assert (change.summary, change.source, change.links) == ("deploy churn v7", "ci", ("https://ci.example.com/81",))


async def refusal(front: tls.Front, act: Callable[[pagerduty.EventsApiV2Client], Any], key: str = ROUTING_KEY) -> Any:
    with pytest.raises(pagerduty.HttpError) as refused:
        await pd(front, act, key)
    response = refused.value.response
    return response.status_code, response.json()


async def test_pagerdutys_client_is_refused_in_its_own_words(house: House, front: tls.Front) -> None:
    shape = {"status": "invalid event", "message": "Event object is invalid"}

    def trigger(client: pagerduty.EventsApiV2Client) -> str:
        return client.trigger("x", "y")

    assert await refusal(front, trigger, OTHER) == (400, {**shape, "errors": ["Invalid routing key"]})
    code, said = await refusal(front, trigger, "short")
    assert (code, said["errors"]) == (400, ["Length of 'routing_key' is incorrect (should be 32 characters)"])
    code, said = await refusal(front, lambda client: client.trigger("x", "y", severity="bad"))
    assert (code, said["status"]) == (400, "invalid event")
    code, said = await refusal(front, lambda client: client.trigger("x" * 600_000, "y"))
    assert (code, said["message"]) == (413, "Event object is invalid")
    assert await house.app.store.read(letters.count) == 1  # what it could not send right is not lost


def call(method: str, body: tuple[str, dict[str, Any], str] | None = None, **given: Any) -> opsgenie.Call:
    return method, given, body


def create(**fields: Any) -> opsgenie.Call:
    return call("create_alert", ("CreateAlertPayload", fields, "create_alert_payload"))


def about(method: str, kind: str, alias: str, **fields: Any) -> opsgenie.Call:
    names = {"AddNoteToAlertPayload": "add_note_to_alert_payload", "SnoozeAlertPayload": "snooze_alert_payload"}
    names |= {"CloseAlertPayload": "close_alert_payload", "AcknowledgeAlertPayload": "acknowledge_alert_payload"}
    return call(method, (kind, fields, names[kind]), identifier=alias, identifier_type="alias")


async def og(house: House, *calls: opsgenie.Call, key: str = API_KEY) -> list[dict[str, Any]]:
    """What Opsgenie's client says to each call."""
    try:
        return await opsgenie.drive(house.url, key, *calls)
    except Missing as missing:
        pytest.skip(str(missing))


@pytest.mark.opsgenie
async def test_opsgenies_client_creates_acknowledges_notes_and_closes(house: House) -> None:
    alias = "churn/psi/age"
    created, read = await og(
        house,
        create(message="PSI of age is 0.31", alias=alias, priority="P2", details={"model": "churn"}, tags=["drift"]),
        call("get_alert", identifier=alias, identifier_type="alias"),
    )
    opened = await incident(house)
    assert (opened.phase, opened.model, opened.title) == (Phase.TRIGGERED, "churn", "PSI of age is 0.31")
    assert created["body"]["result"] == "Request will be processed"
    assert (read["body"]["data"]["status"], read["body"]["data"]["alias"]) == ("open", alias)

    acked, noted, status, read = await og(
        house,
        about("acknowledge_alert", "AcknowledgeAlertPayload", alias, user="ada@example.com", note="On it."),
        about("add_note", "AddNoteToAlertPayload", alias, note="A table changed."),
        call("get_request_status", request_id=created["body"]["requestId"]),
        call("get_alert", identifier=read["body"]["data"]["id"]),
    )
    assert (await incident(house)).holder == "connection:og"
    assert acked["ok"]
    assert noted["ok"]
    assert [remark.text for remark in (await report.view(house.app.desk, "INC-1", whole=True)).notes] == [
        "A table changed."
    ]
    done = status["body"]["data"]
    assert (done["action"], done["isSuccess"], done["alertId"]) == ("Create", True, alias)
    assert (read["body"]["data"]["acknowledged"], read["body"]["data"]["count"]) == (True, 1)

    await og(house, about("close_alert", "CloseAlertPayload", alias, user="ada@example.com"))
    assert (await incident(house)).phase is Phase.RESOLVED
    read, gone = await og(
        house,
        call("get_alert", identifier=alias, identifier_type="alias"),
        call("delete_alert", identifier=alias, identifier_type="alias"),
    )
    assert read["body"]["data"]["status"] == "closed"
    (status,) = await og(house, call("get_request_status", request_id=gone["body"]["requestId"]))
    assert (status["body"]["data"]["isSuccess"], status["body"]["data"]["status"]) == (False, "Alert does not exist")


@pytest.mark.opsgenie
async def test_opsgenies_client_is_refused_in_its_own_form(house: House) -> None:
    unknown, snoozed, empty = await og(
        house,
        call("get_alert", identifier="nobody"),
        about("snooze_alert", "SnoozeAlertPayload", "a", end_time="2026-11-24T00:00:00Z"),
        create(message=" "),
    )
    assert (unknown["ok"], unknown["status"]) == (False, 404)
    assert (snoozed["ok"], snoozed["status"]) == (False, 422)
    assert (empty["ok"], empty["status"]) == (False, 422)
    (stranger,) = await og(house, create(message="m"), key="00000000-38d6-4c85-92b8-5ebc900d42e2")
    assert (stranger["kind"], stranger["status"]) == ("AuthenticationException", 401)
    (odd,) = await og(house, create(message="m"), key="short")
    assert (odd["ok"], odd["status"]) == (False, 422)
