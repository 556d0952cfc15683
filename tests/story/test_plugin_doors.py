"""Senders that speak Slack's or CloudEvents' form post over real HTTP; a plugin's pager wakes people."""

import dataclasses
import io
from typing import Any
from urllib.parse import urlencode

import aiohttp
import orjson
import pytest
from pydantic import SecretStr

from bot import registry
from bot.contract import Call, Check, ConnectionSettings, Context, NotDelivered, Plugin, Sent
from bot.engine.respond import Verb
from bot.errors import PluginFault
from bot.testing.house import SECRET
from tests.story.place import Place, send

CONNECTIONS = """\
  - {name: chat, plugin: slackhook, secret: "${PROM_SECRET}"}
  - {name: events, plugin: cloudevents, secret: "${PROM_SECRET}"}
  - {name: more-events, plugin: cloudevents, origins: [watch.example.com]}
  - {name: prom,"""
EVENT = {"specversion": "1.0", "id": "1", "source": "/watch", "type": "ml.drift.detected", "subject": "churn"}


@pytest.fixture
def doors(place: Place) -> Place:
    """The place, with connections for both."""
    place.change("config/tocsin.yaml", "  - {name: prom,", CONNECTIONS)
    return place


async def posted(url: str, body: bytes, **headers: str) -> tuple[int, str]:
    """What Slack's own client reads of the answer."""
    async with aiohttp.request("POST", url, data=io.BytesIO(body), headers=headers) as reply:
        return reply.status, await reply.text()


async def test_a_post_meant_for_slack_opens_an_incident_and_its_green_one_ends_it(doors: Place) -> None:
    async with doors.house() as house:
        url = f"{house.url}/services/T0/B0/{SECRET}"
        firing: dict[str, Any] = {"text": "[FIRING:1] PSI of tenure is 0.31\n*Model:* churn"}
        assert await posted(url, orjson.dumps(firing)) == (200, "ok")
        form = urlencode({"payload": orjson.dumps({**firing, "username": "cron"}).decode()}).encode()
        assert await posted(url, form) == (200, "ok")
        await house.settle()
        incident = await house.incident("INC-1")
        assert (incident.model, incident.alerts_total, incident.repeats) == ("churn", 1, 1)
        over = {"text": "[RESOLVED] PSI of tenure is 0.05\n*Model:* churn"}
        assert await posted(url, orjson.dumps(over)) == (200, "ok")
        await house.settle()
        assert (await house.incident("INC-1")).alerts_firing == 0


async def test_slacks_own_words_for_what_is_wrong(doors: Place) -> None:
    async with doors.house() as house:
        url = f"{house.url}/services/T0/B0/{SECRET}"
        assert await posted(f"{house.url}/services/T0/B0/guess", b'{"text": "x"}') == (403, "invalid_token")
        assert await posted(url, b"{") == (400, "invalid_payload")
        assert await posted(url, b"{}") == (400, "no_text")
        assert await posted(url, b" " * 1_048_577) == (413, "payload_too_large")


async def test_events_arrive_in_every_mode_and_a_second_copy_is_dropped(doors: Place) -> None:
    async with doors.house() as house:
        told = await send(house, "/cloudevents/events", EVENT)
        assert (told.status, told.body) == (202, {"accepted": 1, "incidents": ["INC-1"]})
        again = await send(house, "/cloudevents/events", [EVENT])
        assert (again.status, again.body["incidents"]) == (202, [])
        binary = {f"ce-{name}": value for name, value in {**EVENT, "id": "2"}.items()}
        headers = {**binary, "authorization": f"Bearer {SECRET}", "content-type": "application/json"}
        assert (await send(house, "/cloudevents/events", {"title": "T"}, headers=headers)).status == 202
        await house.settle()
        assert (await house.incident("INC-1")).repeats == 1
        assert (await send(house, "/cloudevents/events", EVENT, headers={})).status == 401
        assert (await send(house, "/cloudevents/nobody", EVENT)).status == 401
        letter = await send(house, "/cloudevents/events", {"specversion": "1.0"})
        assert (letter.status, letter.body["accepted"]) == (202, 0)


async def test_the_handshake_of_webhooks_is_answered_by_the_connection_it_names(doors: Place) -> None:
    async with doors.house() as house:
        origin = {"WebHook-Request-Origin": "watch.example.com"}
        given = await send(house, "/cloudevents/more-events", method="OPTIONS", headers=origin)
        assert (given.status, given.headers["WebHook-Allowed-Origin"]) == (200, "watch.example.com")
        other = {"WebHook-Request-Origin": "evil.example.com"}
        refused = await send(house, "/cloudevents/more-events", method="OPTIONS", headers=other)
        assert (refused.status, "WebHook-Allowed-Origin" in refused.headers) == (403, False)


# --- pagers ---


class HornSettings(ConnectionSettings):
    """Its token."""

    token: SecretStr


class Horn:
    """A channel that remembers what it was given, and may be out of order."""

    heard: list[tuple[str, str]] = []  # noqa: RUF012
    broken = False

    def __init__(self, settings: HornSettings, context: Context) -> None:
        self.settings = settings

    async def send(self, call: Call) -> Sent:
        """Remembers it."""
        if Horn.broken:
            raise NotDelivered("The horn is out of order.", "Mend it.")
        Horn.heard.append((call.person.name, call.view.headline))
        return Sent(f"horn-{len(Horn.heard)}", delivered=True)

    async def check(self) -> list[Check]:
        """Nothing."""
        return []


@pytest.fixture
def horn(place: Place) -> Place:
    """Ada is woken by the horn first, by Slack after two minutes."""
    Horn.heard, Horn.broken = [], False
    place.change(
        "config/tocsin.yaml", "  - {name: prom,", "  - {name: siren, plugin: horn, token: t}\n  - {name: prom,"
    )
    place.change("config/people.yaml", "{name: ada, slack: U01ADA}", "{name: ada, slack: U01ADA, "
                 "notify: {high: [siren, slack after 2m]}}")  # fmt: skip
    return place


def with_horn() -> registry.Found:
    """The installed plugins and the horn."""
    found = registry.discover(names={"webhook", "alertmanager"})
    plugin = Plugin("horn", settings=HornSettings, pagers=(Horn,))
    return dataclasses.replace(found, plugins={**found.plugins, "horn": plugin})


async def test_a_plugins_pager_wakes_whoever_asked_for_it(horn: Place) -> None:
    async with horn.house(plugins=with_horn()) as house:
        incident = await house.alert("accuracy fell")
        assert [person for person, _ in Horn.heard] == ["ada"]
        assert "accuracy fell" in Horn.heard[0][1]
        (page, later) = await house.ledger(incident.id)
        assert (page.channel, page.state, page.provider_id) == ("siren", "delivered", "horn-1")
        assert (later.channel, later.state) == ("slack", "decided")
        await house.answer(Verb.ACKNOWLEDGE, incident.id, by="ada")
        await house.pass_time(minutes=5)
        assert house.pages_to("ada") == []


async def test_a_pager_that_refuses_lets_the_next_way_go(horn: Place) -> None:
    Horn.broken = True
    async with horn.house(plugins=with_horn()) as house:
        incident = await house.alert("accuracy fell")
        await house.pass_time(minutes=3)
        assert next(page.state for page in await house.ledger(incident.id)) == "failed"
        assert len(house.pages_to("ada")) == 1


async def test_a_channel_whose_plugin_is_broken_is_passed_over_and_said(horn: Place) -> None:
    fault = PluginFault("Plugin horn (acme-horn 1.0) could not be imported: ImportError.", "Install it again.")
    found = registry.discover(names={"webhook", "alertmanager"})
    async with horn.house(plugins=dataclasses.replace(found, refused={"horn": fault})) as house:
        await house.alert("accuracy fell")
        await house.pass_time(minutes=3)
        assert [person for person, _ in house.paged()] == ["ada"]
        rows = {row["part"]: row for row in (await send(house, "/health/ready", method="GET")).body["parts"]}
        assert "acme-horn 1.0" in rows["connection siren"]["do"]
        assert rows["plugin horn"]["ok"] is False
