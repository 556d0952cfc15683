"""Whoever is paged through PagerDuty acknowledges there or here: it counts on both sides, once."""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import orjson
import pytest

from bot.engine.respond import Press, Verb, take
from bot.model.incident import Phase
from bot.model.verdict import Verdict
from bot.sandbox.workspace import Workspace
from bot.testing.clock import FakeClock
from bot.testing.far_end import Arrived, Behaviour, FarEnd
from bot.testing.house import House
from tests.story.place import Place

KEY, SECRET = "0123456789abcdef0123456789abcdef", "a-secret-of-the-webhook"
TRIGGERED, ACKNOWLEDGED, RESOLVED = "triggered", "acknowledged", "resolved"


@dataclass
class Gated(FarEnd):
    """A far end that answers only once its `gate` is open, where it has one."""

    gate: asyncio.Event | None = None
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    async def _answer(self, writer: asyncio.StreamWriter, arrived: Arrived) -> None:
        self.asked.set()
        if self.gate is not None:
            await self.gate.wait()
        await super()._answer(writer, arrived)


@dataclass
class PagerDuty:
    """A service there, as strict as the real one: its incidents by key, what it was told, and how it tells us."""

    far: Gated = field(default_factory=Gated)
    incidents: dict[str, str] = field(default_factory=dict)
    told: list[tuple[str, str]] = field(default_factory=list)
    wrong: list[Any] = field(default_factory=list)
    rung: list[str] = field(default_factory=list)  #: whom it woke
    webhooks: list[dict[str, Any]] = field(default_factory=list)

    def take(self, arrived: Arrived) -> tuple[int, bytes]:
        """One event."""
        said = orjson.loads(arrived.body)
        action, key = said.get("event_action"), said.get("dedup_key")
        payload = said.get("payload", {})
        well = (arrived.method, arrived.path, said.get("routing_key")) == ("POST", "/v2/enqueue", KEY)
        well = well and isinstance(key, str) and 0 < len(key) <= 255
        if action == "trigger":
            well = well and payload["severity"] in ("critical", "error", "warning", "info") and payload["source"]
            well = well and 0 < len(payload["summary"]) <= 1024
        if not well:
            self.wrong.append(said)
            errors = {"status": "invalid event", "message": "Event object is invalid", "errors": ["It is wrong."]}
            return 400, orjson.dumps(errors)
        self.told.append((action, key))
        self.happens(action, key, {"type": "inbound_integration_reference", "id": "PINT"})
        return 202, orjson.dumps({"status": "success", "message": "Event processed", "dedup_key": key})

    def happens(self, action: str, key: str, agent: dict[str, str]) -> None:
        """An incident there changes, and whoever subscribed shall hear of it."""
        now = self.incidents.get(key)
        then = {"trigger": TRIGGERED, "acknowledge": ACKNOWLEDGED, "resolve": RESOLVED}[action]
        if action == "trigger" and now in (None, RESOLVED):
            self.rung.append(key.split("/")[3])
        elif action == "trigger" or now in (None, RESOLVED, then):
            return  # an open incident stays as it is, one that is over stays over
        self.incidents[key] = then
        data = {"id": "PGR0VU2", "type": "incident", "incident_key": key, "status": then}
        id_ = f"event-{len(self.webhooks)}"
        self.webhooks.append({"id": id_, "event_type": f"incident.{then}", "agent": agent, "data": data})

    def press(self, action: str, key: str) -> None:
        """Somebody presses it in PagerDuty's app."""
        self.happens(action, key, {"type": "user_reference", "id": "PLH1HKV"})

    async def deliver(self, house: House, *, copies: int = 1, keep: bool = False) -> list[int]:
        """Every webhook that it still owes us, and `keep` still does."""
        owed, self.webhooks = self.webhooks, self.webhooks if keep else []
        status = []
        for event in [one for one in owed for _ in range(copies)]:
            body = orjson.dumps({"event": event})
            signed = f"v1={hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()}"
            call = aiohttp.request(
                "POST", f"{house.url}/pages/pd", data=body, headers={"X-PagerDuty-Signature": signed}
            )
            async with call as reply:
                status.append(reply.status)
        return status


@asynccontextmanager
async def service(place: Place) -> AsyncIterator[PagerDuty]:
    """One that Ada and Bo are paged by, two minutes after Slack."""
    one = PagerDuty()
    one.far.says = one.take
    async with one.far:
        own = f'url: "{one.far.url}", page_key: "{KEY}", page_webhook_secret: "{SECRET}"'
        connect(place, f"{{name: pd, plugin: pagerduty, {own}}}")
        yield one
    assert one.wrong == []


def connect(place: Place, connection: str) -> None:
    """One more connection, by which Ada and Bo are paged."""
    place.change("config/tocsin.yaml", "connections:\n", f"connections:\n  - {connection}\n")
    name = connection.split()[1].rstrip(",")
    for person in ("ada", "bo"):
        who = f"{{name: {person}, slack: U01{person.upper()}"
        more = f"email: {person}@example.com, notify: {{high: [slack, {name} after 2m]}}"
        place.change("config/people.yaml", f"{who}}}", f"{who}, {more}}}")


@pytest.fixture
async def there(place: Place) -> AsyncIterator[PagerDuty]:
    """The same, of the story's place."""
    async with service(place) as one:
        yield one


@asynccontextmanager
async def paged(place: Place) -> AsyncIterator[tuple[House, str]]:
    """The bot, and an incident for which Ada was paged by Slack and then through PagerDuty."""
    async with place.house() as house:
        incident = await house.alert("accuracy fell")
        await house.pass_time(minutes=2)
        yield house, incident.id


def page(incident: str, person: str = "ada", step: int = 1) -> str:
    """The key under which PagerDuty knows it."""
    return f"page/{incident}/{step}/{person}/pd+120s"


async def test_what_is_acknowledged_in_slack_is_acknowledged_there_once(place: Place, there: PagerDuty) -> None:
    async with paged(place) as (house, incident):
        key = page(incident)
        assert there.incidents == {key: TRIGGERED}
        await house.press(house.pages_to("ada")[0], "Acknowledge", by="ada")
        await house.pass_time(minutes=1)
        assert there.told == [("trigger", key), ("acknowledge", key)]
        assert there.incidents == {key: ACKNOWLEDGED}
        # What that changed there comes back as webhooks, which change nothing here.
        before = await house.story(incident)
        assert await there.deliver(house, copies=2) == [200] * 4
        await house.pass_time(minutes=1)
        assert await house.story(incident) == before
        assert "page.followed" in before
        await house.answer(Verb.RESOLVE, incident, by="ada")
        await house.pass_time(minutes=1)
        assert there.told[2:] == [("resolve", key)]


async def test_what_is_acknowledged_there_is_held_here_and_not_told_back(place: Place, there: PagerDuty) -> None:
    async with paged(place) as (house, incident):
        there.press("acknowledge", page(incident))
        assert set(await there.deliver(house, copies=3)) == {200}
        await house.pass_time(minutes=30)
        held = await house.incident(incident)
        assert (held.phase, held.holder) == (Phase.ACKNOWLEDGED, "ada")
        assert "Held by @U01ADA" in (await house.card(incident)).shown
        assert [action for action, _ in there.told] == ["trigger"]
        assert (await house.story(incident)).count("incident.acknowledged") == 1
        there.press("resolve", page(incident))
        await there.deliver(house)
        await house.pass_time(minutes=1)
        assert (await house.incident(incident)).phase is Phase.RESOLVED
        assert [action for action, _ in there.told] == ["trigger"]


async def test_what_ends_by_itself_is_resolved_there(place: Place, there: PagerDuty) -> None:
    async with paged(place) as (house, incident):
        await house.resolve("accuracy fell")
        await house.pass_time(hours=1)
        assert (await house.incident(incident)).phase is Phase.RESOLVED
        assert there.incidents == {page(incident): RESOLVED}
        assert there.told.count(("resolve", page(incident))) == 1


async def test_everybody_who_was_paged_there_is_told_who_holds_it(place: Place, there: PagerDuty) -> None:
    async with paged(place) as (house, incident):
        await house.pass_time(minutes=10)  # Bo's turn
        assert there.rung == ["ada", "bo"]
        there.press("acknowledge", page(incident, "bo", 2))
        await there.deliver(house)
        await house.pass_time(minutes=1)
        assert (await house.incident(incident)).holder == "bo"
        assert there.told[2:] == [("acknowledge", page(incident))]  # Ada's, for Bo's is known there
        assert set(there.incidents.values()) == {ACKNOWLEDGED}


async def test_what_was_answered_while_pagerduty_was_away_is_caught_up_with(place: Place, there: PagerDuty) -> None:
    async with paged(place) as (house, incident):
        there.far.behaviour = Behaviour.BROKEN
        await house.answer(Verb.ACKNOWLEDGE, incident, by="ada")
        await house.pass_time(minutes=20)
        assert there.incidents == {page(incident): TRIGGERED}
        there.far.behaviour = Behaviour.WORKS
        await house.pass_time(minutes=2)
        assert there.told[1:] == [("acknowledge", page(incident))]


async def test_what_ended_while_pagerduty_was_away_is_only_resolved_there(place: Place, there: PagerDuty) -> None:
    async with paged(place) as (house, incident):
        there.far.behaviour = Behaviour.SLAMS
        await house.answer(Verb.ACKNOWLEDGE, incident, by="ada")
        await house.pass_time(minutes=5)
        await house.answer(Verb.RESOLVE, incident, by="ada")
        there.far.behaviour = Behaviour.WORKS
        await house.pass_time(minutes=5)
        assert there.told[1:] == [("resolve", page(incident))]


async def test_what_pagerduty_refuses_is_given_up_and_written(place: Place, there: PagerDuty) -> None:
    async with paged(place) as (house, incident):
        there.far.behaviour = Behaviour.REFUSES
        await house.answer(Verb.ACKNOWLEDGE, incident, by="ada")
        await house.pass_time(minutes=5)
        there.far.behaviour = Behaviour.WORKS
        await house.pass_time(hours=1)
        assert (await house.story(incident)).count("page.unfollowed") == 1
        assert [action for action, _ in there.told] == ["trigger"]
        assert house.told("ada") == house.told("flo") == []


async def test_an_hour_without_pagerduty_is_given_up_in_the_end(place: Place, there: PagerDuty) -> None:
    async with paged(place) as (house, incident):
        there.far.behaviour = Behaviour.AWAY
        await house.answer(Verb.ACKNOWLEDGE, incident, by="ada")
        await house.pass_time(hours=4)
        assert (await house.story(incident)).count("page.unfollowed") == 1


async def test_both_sides_at_once_make_one_holder_and_no_end_of_echoes(place: Place, there: PagerDuty) -> None:
    async with paged(place) as (house, incident):
        there.press("acknowledge", page(incident))
        await asyncio.gather(house.answer(Verb.ACKNOWLEDGE, incident, by="bo"), there.deliver(house))
        for _ in range(3):
            await house.pass_time(minutes=1)
            await there.deliver(house)
        assert (await house.incident(incident)).holder in ("ada", "bo")
        assert (await house.story(incident)).count("incident.acknowledged") == 1
        assert len(there.told) <= 2
        assert there.incidents == {page(incident): ACKNOWLEDGED}


async def test_whoever_is_paged_again_is_rung_again(place: Place, there: PagerDuty) -> None:
    async with paged(place) as (house, incident):
        await house.answer(Verb.ACKNOWLEDGE, incident, by="bo")
        await house.pass_time(minutes=1)
        assert there.incidents == {page(incident): ACKNOWLEDGED}
        handed = await house.command("incident", f"handover {incident} person:ada", by="bo")
        assert handed is not None
        await house.pass_time(minutes=2)
        ledger = [one.id for one in await house.ledger(incident) if one.channel == "pd" and one.sent_at]
        assert len(ledger) == 2, ledger
        assert there.rung == ["ada", "ada"]
        assert there.incidents == {f"page/{ledger[0]}": RESOLVED, f"page/{ledger[1]}": TRIGGERED}
        # The end of the first one was ours, not Ada's: the incident goes on.
        await there.deliver(house)
        assert (await house.incident(incident)).phase is Phase.TRIGGERED
        there.press("acknowledge", f"page/{ledger[1]}")
        await there.deliver(house)
        assert (await house.incident(incident)).holder == "ada"


async def test_whoever_is_asked_to_join_is_not_taken_for_there_because_somebody_holds_it(
    place: Place, there: PagerDuty
) -> None:
    async with paged(place) as (house, incident):
        await house.answer(Verb.ACKNOWLEDGE, incident, by="ada")
        await house.command("incident", f"page {incident} person:bo", by="ada")
        await house.pass_time(minutes=5)
        (asked,) = [one.id for one in await house.ledger(incident) if one.channel == "pd" and one.person == "bo"]
        assert there.incidents == {page(incident): ACKNOWLEDGED, f"page/{asked}": TRIGGERED}
        await house.answer(Verb.ACKNOWLEDGE, incident, by="bo")
        await house.pass_time(minutes=1)
        assert set(there.incidents.values()) == {ACKNOWLEDGED}
        assert (await house.incident(incident)).holder == "ada"
        await house.answer(Verb.RESOLVE, incident, by="ada")
        await house.pass_time(minutes=1)
        assert set(there.incidents.values()) == {RESOLVED}


async def test_an_answer_that_meets_the_page_on_its_way_is_told_there(place: Place, there: PagerDuty) -> None:
    async with place.house() as house:
        incident = (await house.alert("accuracy fell")).id
        there.far.gate = asyncio.Event()
        trying = asyncio.ensure_future(house.pass_time(minutes=2))
        await there.far.asked.wait()
        press = Press(Verb.ACKNOWLEDGE, incident, "person:bo", house.clock.now(), "cli")
        assert (await take(house.app.desk, press)).verdict is Verdict.GO
        there.far.gate.set()
        await trying
        await house.pass_time(minutes=1)
        story = await house.story(incident)
        assert story.index("incident.acknowledged") < len(story) - story[::-1].index("page.sent") - 1
        assert there.incidents == {page(incident): ACKNOWLEDGED}


async def test_a_page_that_a_crash_left_in_doubt_does_not_ring_on_there(place: Place, there: PagerDuty) -> None:
    async with paged(place) as (house, incident):
        key = page(incident)
        # As a kill between the send and the note of it leaves it: claimed, and nobody knows what came of it.
        lost = "UPDATE pages SET state = 'decided', sent_at = NULL, provider_id = NULL, due_at = '2100-01-01' "
        await house.app.store.write(lambda tx: tx.sql.exec_driver_sql(f"{lost} WHERE channel = 'pd'"))
        await house.press(house.pages_to("ada")[0], "Acknowledge", by="ada")
        await house.pass_time(minutes=1)
        assert there.incidents == {key: ACKNOWLEDGED}
        await house.answer(Verb.RESOLVE, incident, by="ada")
        await house.pass_time(minutes=1)
        assert there.told == [("trigger", key), ("acknowledge", key), ("resolve", key)]


async def test_two_replicas_tell_it_once(
    workspace: Workspace, clock: FakeClock, tmp_path_factory: pytest.TempPathFactory, postgres_url: str
) -> None:
    shared = Place(tmp_path_factory.mktemp("shared"), workspace, clock, postgres_url)
    async with service(shared) as there, shared.house() as one, shared.house() as other:
        incident = (await one.alert("accuracy fell")).id
        await one.pass_time(minutes=2)
        there.press("acknowledge", page(incident))
        await asyncio.gather(there.deliver(one, keep=True), there.deliver(other))
        await one.answer(Verb.RESOLVE, incident, by="ada")
        await asyncio.gather(one.settle(), other.settle())
        await asyncio.gather(one.pass_time(minutes=1), other.settle())
        assert there.told == [("trigger", page(incident)), ("resolve", page(incident))]
        story = await other.story(incident)
        assert (story.count("incident.acknowledged"), story.count("page.followed")) == (1, 1)


async def test_opsgenie_is_acknowledged_and_closed_and_its_answers_are_heard(place: Place) -> None:
    told = (
        b'{"result": "Request will be processed", "took": 0.302, "requestId": "43a29c5c-3dbf-4fa4-9c26-f4f71023e120"}'
    )
    async with FarEnd(told) as far:
        own = f'url: "{far.url}", page_key: "{KEY}", page_webhook_secret: "{SECRET}"'
        connect(place, f"{{name: og, plugin: opsgenie, {own}}}")
        async with paged(place) as (house, incident):
            alert = {"alias": orjson.loads(far.arrived[0].body)["alias"], "username": "ada@example.com"}
            event = {"action": "Acknowledge", "source": {"name": "", "type": "web"}, "alert": alert}
            headers = {"X-Tocsin-Secret": SECRET}
            async with aiohttp.request("POST", f"{house.url}/pages/og", json=event, headers=headers) as reply:
                assert reply.status == 200
            await house.pass_time(minutes=1)
            assert (await house.incident(incident)).holder == "ada"
            assert len(far.arrived) == 1
            await house.answer(Verb.RESOLVE, incident, by="ada")
            await house.pass_time(minutes=1)
            (closed,) = far.arrived[1:]
            assert closed.path.endswith("%7Cada%7Cog%2B120s/close?identifierType=alias")


async def test_a_forged_webhook_holds_nothing(place: Place, there: PagerDuty) -> None:
    async with paged(place) as (house, incident):
        event = {"event_type": "incident.acknowledged", "agent": {"type": "user_reference"}}
        body = orjson.dumps({"event": {**event, "data": {"incident_key": page(incident)}}})
        call = aiohttp.request("POST", f"{house.url}/pages/pd", data=body, headers={"X-PagerDuty-Signature": "v1=00"})
        async with call as reply:
            assert reply.status == 401
        assert (await house.incident(incident)).holder is None
