"""Alertmanager's API by its own shapes: what fires and why some of it is held, silences, authority, and refusals."""

import base64
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from bot.store import log
from bot.testing import hostile
from bot.testing.house import House
from tests.story.place import START, Answer, Place, alertmanager, labelled, send

TOKEN = "a token of sixteen characters and more"
API = "/api/v2"


@pytest.fixture
async def api(place: Place) -> AsyncIterator[House]:
    """The bot with a token for amtool; two features of churn drift."""
    place.change("config/tocsin.yaml", "mode: socket", "mode: off")
    place.change("config/tocsin.yaml", "web: {port: 0}", f'web: {{port: 0, tokens: {{amtool: "{TOKEN}"}}}}')
    async with place.house() as one:
        body = alertmanager(labelled("tenure", severity="Critical"), labelled("age"))
        assert (await send(one, "/alerts/prom", body)).status == 202
        await one.settle()
        yield one


async def ask(house: House, path: str, body: object = None, *, method: str = "GET", **options: Any) -> Answer:
    """One request with the token."""
    given = {"headers": {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}, **options}
    return await send(house, f"{API}{path}", body, method=method, **given)


def wish(house: House, *matchers: dict[str, Any], start: float = 0, end: float = 3600, **more: Any) -> dict[str, Any]:
    """A silence as amtool asks for it."""
    now = house.clock.now()
    plain = {"isRegex": False, "isEqual": True}
    return {
        "matchers": [{**plain, **one} for one in matchers or ({"name": "feature", "value": "tenure"},)],
        "startsAt": (now + timedelta(seconds=start)).isoformat(),
        "endsAt": (now + timedelta(seconds=end)).isoformat(),
        "createdBy": "grace",
        "comment": "backfill",
        **more,
    }


async def silence(house: House, *matchers: dict[str, Any], **more: Any) -> str:
    """Its id."""
    answer = await ask(house, "/silences", wish(house, *matchers, **more), method="POST")
    assert answer.status == 200, answer
    await house.settle()
    return str(answer.body["silenceID"])


async def test_what_fires_is_shown_in_alertmanagers_shape(api: House) -> None:
    answer = await ask(api, "/alerts")
    assert (answer.status, len(answer.body)) == (200, 2)
    one = next(alert for alert in answer.body if alert["labels"]["feature"] == "tenure")
    times = {"startsAt", "endsAt", "updatedAt"}
    assert set(one) == times | {"annotations", "fingerprint", "generatorURL", "labels", "receivers", "status"}
    assert one["status"] == {"inhibitedBy": [], "mutedBy": [], "silencedBy": [], "state": "active"}
    assert one["annotations"] == {"summary": "tenure drifted", "incident": "INC-1"}
    assert one["startsAt"] == "2026-11-23T03:38:00.000Z"
    assert len(one["fingerprint"]) == 16
    assert one["labels"] == {
        "alertname": "FeatureDrift",
        "connection": "prom",
        "criticality": "medium",
        "entity": "retail",
        "environment": "production",
        "feature": "tenure",
        "kind": "drift",
        "model": "churn",
        "severity": "critical",
    }


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (['feature="tenure"'], {"tenure"}),
        (["feature=tenure"], {"tenure"}),
        (['feature!="tenure"'], {"age"}),
        (['feature=~"ten.*|x"'], {"tenure"}),
        (['feature!~"ten.*"'], {"age"}),
        (['feature=~"ten"'], set()),
        (['alertname="FeatureDrift"', 'feature="age"'], {"age"}),
        (['model="churn"'], {"tenure", "age"}),
        (['missing=""'], {"tenure", "age"}),
        (['missing!=""'], set()),
    ],
)
async def test_filters_choose_by_what_is_shown(api: House, filters: list[str], found: set[str]) -> None:
    answer = await ask(api, "/alerts", params=[("filter", one) for one in filters])
    assert {alert["labels"]["feature"] for alert in answer.body} == found


async def test_what_is_held_back_is_suppressed_and_says_by_what(api: House) -> None:
    id_ = await silence(api, {"name": "feature", "value": "income"})
    await send(api, "/alerts/prom", alertmanager(labelled("income")))
    one = next(alert for alert in (await ask(api, "/alerts")).body if alert["labels"]["feature"] == "income")
    assert (one["status"]["state"], one["status"]["silencedBy"]) == ("suppressed", [id_])
    assert one["annotations"]["held"]
    shown = (await ask(api, "/alerts", params={"silenced": "false"})).body
    assert {alert["labels"]["feature"] for alert in shown} == {"tenure", "age"}
    hidden = (await ask(api, "/alerts", params={"active": "false"})).body
    assert {alert["labels"]["feature"] for alert in hidden} == {"income"}
    groups = (await ask(api, "/alerts/groups")).body
    assert [(group["labels"], len(group["alerts"])) for group in groups] == [
        ({"held_by": id_}, 1),
        ({"incident": "INC-1"}, 2),
    ]
    assert groups[0]["receiver"] == {"name": "tocsin"}


@pytest.mark.parametrize(("pattern", "number"), [("tocsin", 2), ("toc.*", 2), ("other", 0)])
async def test_the_one_receiver_can_be_asked_for(api: House, pattern: str, number: int) -> None:
    assert len((await ask(api, "/alerts", params={"receiver": pattern})).body) == number


async def test_a_silence_lives_and_ends(api: House) -> None:
    id_ = await silence(
        api, {"name": "alertname", "value": "Feature.*", "isRegex": True}, {"name": "team", "value": "x"}
    )
    one = (await ask(api, f"/silence/{id_}")).body
    assert one["status"] == {"state": "active"}
    assert (one["createdBy"], one["comment"], one["id"]) == ("grace", "backfill", id_)
    assert (one["startsAt"], one["endsAt"]) == ("2026-11-23T03:38:00.000Z", "2026-11-23T04:38:00.000Z")
    assert {(m["name"], m["value"], m["isEqual"], m["isRegex"]) for m in one["matchers"]} == {
        ("alertname", "Feature.*", True, True),
        ("team", "x", True, False),
    }
    assert (await ask(api, f"/silence/{id_}", method="DELETE")).status == 200
    await api.settle()
    assert (await ask(api, f"/silence/{id_}")).body["status"] == {"state": "expired"}
    assert (await ask(api, f"/silence/{id_}", method="DELETE")).status == 200  # as in Alertmanager
    kinds = [(each.entry.kind, each.entry.actor) for each in await api.app.store.read(lambda tx: log.of(tx.sql, id_))]
    assert kinds
    assert all(actor.startswith("api:amtool") for _, actor in kinds)


async def test_silences_are_listed_in_alertmanagers_order(api: House) -> None:
    over = await silence(api, {"name": "team", "value": "a"})
    await ask(api, f"/silence/{over}", method="DELETE")
    later = await silence(api, {"name": "team", "value": "b"}, start=600)
    long = await silence(api, {"name": "team", "value": "c"}, end=7200)
    short = await silence(api, {"name": "team", "value": "d"}, end=60)
    rows = (await ask(api, "/silences")).body
    assert [(row["id"], row["status"]["state"]) for row in rows] == [
        (short, "active"),
        (long, "active"),
        (later, "pending"),
        (over, "expired"),
    ]
    rows = (await ask(api, "/silences", params={"filter": 'team=~"b|c"'})).body
    assert {row["id"] for row in rows} == {later, long}


async def test_one_takes_the_place_of_another(api: House) -> None:
    first = await silence(api)
    answer = await ask(api, "/silences", wish(api, end=7200, id=first), method="POST")
    assert answer.status == 200
    second = answer.body["silenceID"]
    assert second != first
    assert (await ask(api, f"/silence/{first}")).body["status"]["state"] == "expired"
    assert (await ask(api, f"/silence/{second}")).body["status"]["state"] == "active"
    answer = await ask(api, "/silences", wish(api, id="SIL-99"), method="POST")
    assert (answer.status, answer.body) == (404, "silence not found")


async def test_what_is_silenced_as_it_is_shown_is_held(api: House) -> None:
    """Every label that an alert shows, put into a silence, fits that alert."""
    for label, value in (await ask(api, "/alerts")).body[0]["labels"].items():
        id_ = await silence(api, {"name": label, "value": value})
        fresh = labelled("tenure" if label == "feature" else "fresh", severity="Critical", extra=label)
        if label == "feature":
            fresh["labels"]["feature"] = value
        await send(api, "/alerts/prom", alertmanager(fresh))
        held = [a for a in (await ask(api, "/alerts")).body if a["labels"].get("extra") == label]
        assert [a["status"]["silencedBy"] for a in held] == [[id_]], label
        await ask(api, f"/silence/{id_}", method="DELETE")


async def refused(house: House, status: int, **change: Any) -> Any:
    """What a POST of a silence with these changes is told."""
    body = {key: value for key, value in {**wish(house), **change}.items() if value is not ...}
    answer = await ask(house, "/silences", body, method="POST")
    assert answer.status == status, answer
    return answer.body


async def test_a_wrong_silence_is_refused_in_alertmanagers_words(api: House) -> None:
    for name in ("comment", "createdBy", "endsAt", "matchers", "startsAt"):
        assert await refused(api, 422, **{name: ...}) == {"code": 602, "message": f"{name} in body is required"}
    assert (await refused(api, 422, matchers=[]))["code"] == 612
    half = [{"name": "a", "value": "x"}]
    assert (await refused(api, 422, matchers=half))["message"] == "matchers.0.isRegex in body is required"
    past = START - timedelta(hours=1)
    assert await refused(api, 400, endsAt=past.isoformat()) == "Failed to create silence: end time can't be in the past"
    late = (START + timedelta(days=1)).isoformat()
    assert await refused(api, 400, startsAt=late) == "Failed to create silence: start time must be before end time"
    empty = [{"name": "a", "value": ".*", "isRegex": True}, {"name": "b", "value": "", "isRegex": False}]
    said = await refused(api, 400, matchers=empty)
    assert said == "silence invalid: at least one matcher must not match the empty string"
    assert (await ask(api, "/silences")).body == []


@pytest.mark.parametrize(
    "matcher",
    [
        {"name": "a", "value": "(", "isRegex": True},
        {"name": "a", "value": "(a+)+(b*)*", "isRegex": True},
        {"name": "a", "value": "x" * 5000, "isRegex": False},
        {"name": "", "value": "x", "isRegex": False},
        {"name": "kind", "value": "no such kind", "isRegex": False},
        {"name": "a b", "value": "x", "isRegex": False},
        {"name": "a = b\nlabel.c", "value": "x", "isRegex": False},
        {"name": "alertname", "value": ".+", "isRegex": True},  # everything: only people may, and they are asked twice
    ],
)
async def test_a_matcher_that_is_no_good_is_refused(api: House, matcher: dict[str, Any]) -> None:
    said = await refused(api, 400, matchers=[matcher])
    assert said.startswith("silence invalid: "), said


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"5", b'{"matchers": 5}', b'{"matchers": [5]}'])
async def test_what_is_no_silence_is_refused(api: House, body: bytes) -> None:
    assert (await ask(api, "/silences", body, method="POST")).status in (400, 422)


async def test_a_quote_in_a_value_stays_a_value(api: House) -> None:
    id_ = await silence(api, {"name": "team", "value": 'a" or "b \\'})
    assert (await ask(api, f"/silence/{id_}")).body["matchers"][0]["value"] == 'a" or "b \\'


@pytest.mark.parametrize("given", ["bad", 'a=~"("', 'a=~"(a+)+(b*)*"'])
async def test_a_wrong_filter_is_refused(api: House, given: str) -> None:
    for path in ("/alerts", "/silences", "/alerts/groups"):
        answer = await ask(api, path, params={"filter": given})
        assert answer.status == 400
        assert isinstance(answer.body, str)


async def test_what_is_not_there_is_said_as_alertmanager_does(api: House) -> None:
    answer = await ask(api, "/silence/SIL-99")
    assert (answer.status, answer.body) == (404, "")
    assert (await ask(api, "/silence/SIL-99", method="DELETE")).status == 404


async def test_its_tools_learn_what_they_talk_to(api: House) -> None:
    said = (await ask(api, "/status")).body
    assert (said["cluster"]["status"], said["versionInfo"]["branch"]) == ("disabled", "tocsin")
    assert (await ask(api, "/receivers")).body == [{"name": "tocsin"}]


@pytest.mark.parametrize("path", ["/alerts", "/alerts/groups", "/silences", "/silence/SIL-1", "/status", "/receivers"])
async def test_nobody_reads_without_a_token(api: House, path: str) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Bearer {TOKEN}x"}):
        answer = await ask(api, path, headers=headers)
        assert answer.status == 401
        assert isinstance(answer.body, str)
        assert TOKEN not in answer.body
    basic = base64.b64encode(f"amtool:{TOKEN}".encode()).decode()
    assert (await ask(api, path, headers={"Authorization": f"Basic {basic}"})).status in (200, 404)


async def test_nobody_silences_without_a_token(api: House) -> None:
    for headers in hostile.headers():
        if any(ord(sign) > 255 for value in headers.values() for sign in value):
            continue  # no HTTP client can send that
        answer = await ask(api, "/silences", wish(api), method="POST", headers=headers)
        assert answer.status in (400, 401), headers
    assert (await ask(api, "/silences")).body == []


async def test_without_tokens_nobody_may_and_is_told_what_to_set(house: House) -> None:
    for method, path in (("GET", "/alerts"), ("POST", "/silences"), ("DELETE", "/silence/SIL-1")):
        answer = await ask(house, path, b"{}" if method == "POST" else None, method=method)
        assert answer.status == 403
        assert "web.tokens" in answer.body


async def test_a_token_that_is_taken_away_opens_nothing_any_more(api: House, place: Place) -> None:
    place.change("config/tocsin.yaml", TOKEN, "another token of sixteen characters")
    await api.reload()
    assert (await ask(api, "/alerts")).status == 401
