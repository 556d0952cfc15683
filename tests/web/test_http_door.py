"""The HTTP door: every request gets an answer its sender can act on, whatever it holds, and never a 500."""

import asyncio
import gzip
import json
import re
from typing import Any

import aiohttp
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from bot.engine import replay
from bot.errors import NotFound
from bot.model.incident import Phase
from bot.store import letters
from bot.testing import hostile
from bot.testing.house import SECRET, House
from tests.story.place import Answer, Place, alertmanager, labelled, send

FINE = {"problem": "p", "title": "accuracy fell", "model": "churn"}
LIMIT = 1_048_576


async def figure(house: House, name: str, **labels: str) -> float:
    """A metric as Prometheus reads it; 0 when it has not counted yet."""
    text = (await send(house, "/metrics", method="GET")).body
    samples = [s for family in text_string_to_metric_families(text) for s in family.samples]
    return sum(s.value for s in samples if s.name == name and s.labels == labels)


def reasoned(answer: Answer, status: int) -> str:
    """The reason of a refusal, which must be there."""
    assert answer.status == status, answer
    assert set(answer.body) == {"error", "do", "retry"}
    assert answer.body["error"]
    return str(answer.body["error"])


async def test_a_delivery_is_answered_with_what_became_of_it(house: House) -> None:
    answer = await send(house, "/alerts/hook", FINE)
    assert (answer.status, answer.headers["Content-Type"]) == (202, "application/json")
    assert answer.body == {"accepted": 1, "new": 1, "repeats": 0, "resolved": 0, "dropped": 0, "incidents": ["INC-1"]}
    answer = await send(house, "/alerts/hook", [FINE, {**FINE, "problem": "q", "status": "resolved"}], method="PUT")
    assert (answer.body["accepted"], answer.body["repeats"], answer.body["dropped"]) == (2, 1, 1)
    assert await figure(house, "tocsin_alerts_total", connection="hook", outcome="new") >= 1


async def test_what_was_left_out_of_a_delivery_is_named(house: House) -> None:
    answer = await send(house, "/alerts/hook", [FINE, {"title": "nameless"}, {**FINE, "status": "odd"}])
    assert answer.body["accepted"] == 2
    assert any("identity" in sentence for sentence in answer.body["skipped"])
    assert any("odd" in sentence for sentence in answer.body["skipped"])


async def test_nobody_gets_in_without_the_secret(house: House) -> None:
    for headers in hostile.headers():
        if any(ord(sign) > 255 for value in headers.values() for sign in value):
            continue  # no HTTP client can send that
        answer = await send(house, "/alerts/hook", FINE, headers=headers)
        assert answer.status in (400, 401), headers  # 400: the server itself refuses so large a header
    assert await house.app.store.read(letters.count) == 0
    with pytest.raises(NotFound):
        await house.incident("INC-1")


async def test_a_missing_or_wrong_secret_is_told_and_counted(house: House) -> None:
    before = await figure(house, "tocsin_refused_total", connection="hook", why="secret")
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"X-Tocsin-Secret": "wrong"}):
        answer = await send(house, "/alerts/hook", FINE, headers=headers)
        assert SECRET not in reasoned(answer, 401)
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert (await send(house, f"/alerts/hook?secret={SECRET}", FINE, headers={})).status == 401
    assert await figure(house, "tocsin_refused_total", connection="hook", why="secret") == before + 4


async def test_without_the_secret_nobody_learns_whether_a_body_could_be_read(house: House) -> None:
    for body in (b"{", b"[]", b"\xff", FINE):
        assert (await send(house, "/alerts/hook", body, headers={})).status == 401


@pytest.mark.parametrize("headers", [{"X-Tocsin-Secret": SECRET}, {"Authorization": f"bearer {SECRET}"}])
async def test_the_secret_may_come_in_other_headers(house: House, headers: dict[str, str]) -> None:
    assert (await send(house, "/alerts/hook", FINE, headers=headers)).status == 202


async def test_an_unknown_connection_is_named(house: House) -> None:
    answer = await send(house, "/alerts/nowhere", FINE)
    assert "nowhere" in reasoned(answer, 404)
    assert "tocsin.yaml" in answer.body["do"]
    for odd in ("%00", "%2e%2e", "a" * 3000, "%F0%9F%94%A5", "<script>"):
        assert (await send(house, f"/alerts/{odd}", FINE)).status == 404


@pytest.mark.parametrize("path", ["/", "/alerts", "/alerts/hook/more", "/admin", "/slack/events", "/health", "/docs"])
async def test_what_is_not_there_is_a_404_with_a_reason(house: House, path: str) -> None:
    reasoned(await send(house, path, FINE), 404)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("GET", "/alerts/hook", {"POST", "PUT"}), ("DELETE", "/alerts/hook", {"POST", "PUT"}),
     ("POST", "/health/live", {"GET", "HEAD"}), ("PUT", "/metrics", {"GET", "HEAD"})],
)  # fmt: skip
async def test_another_method_is_refused_with_those_that_are_allowed(
    house: House, method: str, path: str, allowed: set[str]
) -> None:
    answer = await send(house, path, method=method)
    reasoned(answer, 405)
    assert set(re.split(", *", answer.headers["Allow"])) == allowed


MALFORMED = {
    "nothing": b"",
    "cut off": b'{"problem": "p"',
    "not a number": b'{"problem": "p", "value": NaN}',
    "infinity": b'{"problem": "p", "value": -Infinity}',
    "half a pair": b'{"problem": "\\ud800"}',
    "no UTF-8": b'{"problem": "\xff\xfe"}',
    "raw NUL": b'{"problem": "a\x00b"}',
    "deeper than anybody means": b'{"problem": "p", "labels": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "a form": b"problem=p",
    "XML": b"<problem>p</problem>",
    "two documents": b'{"problem": "p"}{"problem": "q"}',
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
async def test_what_is_no_json_is_refused_with_the_reason_and_counted(house: House, body: bytes) -> None:
    before = await figure(house, "tocsin_refused_total", connection="hook", why="malformed")
    assert "JSON" in reasoned(await send(house, "/alerts/hook", body), 400)
    assert await figure(house, "tocsin_refused_total", connection="hook", why="malformed") == before + 1
    assert await house.app.store.read(letters.count) == 0


async def test_a_compressed_body_is_refused_before_it_can_grow(house: House) -> None:
    bomb = gzip.compress(b'{"problem": "' + b"p" * 50_000_000 + b'"}')
    assert len(bomb) < LIMIT
    answer = await send(house, "/alerts/hook", bomb, headers={"X-Tocsin-Secret": SECRET, "Content-Encoding": "gzip"})
    assert "compressed" in reasoned(answer, 400)


async def test_what_json_allows_is_taken(house: House) -> None:
    doubled = b'{"problem": "first", "problem": "second", "model": "churn"}'
    nul = rb'{"problem": "a\u0000b", "title": "t\u0000", "model": "ch\u0000urn", "labels": {"\u0000": "\u0000"}}'
    big = b'{"problem": "n", "labels": {"n": ' + b"9" * 4000 + b'}, "measures": [{"metric": "m", "value": 1e400}]}'
    for body in (doubled, nul, b"\xef\xbb\xbf" + orjson.dumps(FINE)):
        assert (await send(house, "/alerts/hook", body)).body["new"] == 1
    assert (await send(house, "/alerts/hook", doubled)).body["repeats"] == 1
    assert (await send(house, "/alerts/hook", big)).status in (202, 400)


@pytest.mark.parametrize("chunked", [False, True], ids=["with its length", "in chunks"])
async def test_a_body_over_the_limit_is_refused_and_counted(house: House, chunked: bool) -> None:
    async def chunks() -> Any:
        for _ in range(LIMIT // 65_536 + 2):
            yield b" " * 65_536

    before = await figure(house, "tocsin_refused_total", connection="any", why="too-large")
    answer = await send(house, "/alerts/hook", chunks() if chunked else b" " * (LIMIT + 1))
    assert "1,048,576" in reasoned(answer, 413)
    assert await figure(house, "tocsin_refused_total", connection="any", why="too-large") == before + 1
    padded = orjson.dumps(FINE).ljust(LIMIT)
    assert (await send(house, "/alerts/hook", padded)).status == 202  # exactly at the limit


async def test_a_length_that_lies_does_no_harm(house: House, caplog: pytest.LogCaptureFixture) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", house.app.server.port)
    head = f"POST /alerts/hook HTTP/1.1\r\nHost: x\r\nX-Tocsin-Secret: {SECRET}\r\nContent-Length: 500\r\n\r\n"
    writer.write(head.encode() + b'{"problem": "cut"')
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert await reader.read() == b""
    for length in ("-1", "1e9", "99999999999999999999", "0x10"):
        reader, writer = await asyncio.open_connection("127.0.0.1", house.app.server.port)
        writer.write(head.replace("500", length).encode() + b"{}")
        status = (await reader.readline()).split()[1]
        assert status in (b"400", b"413")
        writer.close()
    assert (await send(house, "/alerts/hook", FINE)).status == 202
    with pytest.raises(NotFound):
        await house.incident("INC-2")
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_ten_thousand_alerts_in_one_delivery_are_one_incident(house: House) -> None:
    many = [{"problem": f"no. {number}", "kind": "drift", "model": "churn"} for number in range(10_000)]
    answer = await send(house, "/alerts/hook", many)
    assert (answer.status, answer.body["new"], answer.body["incidents"]) == (202, 10_000, ["INC-1"])
    ended = [{**one, "status": "ok"} for one in many]
    assert (await send(house, "/alerts/hook", ended)).body["resolved"] == 10_000
    assert (await house.incident("INC-1")).phase is Phase.RESOLVED


# --- dead letters ---


async def test_what_cannot_be_read_is_kept_told_and_replayed_once_it_can(any_place: Place) -> None:
    body = {"run": "nightly", "what": "accuracy fell", "about": "churn"}
    async with any_place.house() as house:
        answer = await send(house, "/alerts/hook?x=1", body)
        assert (answer.status, answer.body["accepted"]) == (202, 0)
        assert "identity" in answer.body["why"]
        letter = answer.body["dead_letter"]
        await house.settle()
        (told,) = house.told("#ml-oncall")
        assert letter in told
        await send(house, "/alerts/hook", {**body, "run": "other"})
        await house.settle()
        assert len(house.told("#ml-oncall")) == 1  # once an hour is enough
        kept = await house.app.store.read(lambda tx: letters.get(tx, letter))
        assert orjson.loads(kept.body) == body
        assert SECRET not in str(kept.headers)
        rows = (await send(house, "/health/ready", method="GET")).body
        assert rows["degraded"]
    mapping = 'fields: {problem: "$.run", title: "$.what", model: "$.about"},'
    any_place.change("config/tocsin.yaml", "plugin: webhook,", f"plugin: webhook, {mapping}")
    async with any_place.house() as house:
        receipt = await replay.letter(house.app.desk, house.app.doors, letter, "person:ada")
        assert (receipt.new, receipt.incidents) == (1, {"INC-1"})
        await house.settle()
        assert "accuracy fell" in (await house.card("INC-1")).shown
        assert len(house.paged()) == 1
        assert [one.id for one in await house.app.store.read(letters.waiting)] != [letter]
        again = await replay.letter(house.app.desk, house.app.doors, letter, "person:ada")
        assert (again.new, again.repeat) == (0, 1)
        assert (await house.story(letter)).count("letter.replayed") == 2


async def test_a_replayed_message_may_hold_what_a_database_cannot_keep(any_place: Place) -> None:
    async with any_place.house() as house:
        told = {"alerts": [{"status": "firing", "labels": {"alertname": "accuracy\0fell", "model": "churn"}}]}
        receipt = await replay.body(house.app.desk, house.app.doors, "prom", orjson.dumps(told))
        assert (receipt.new, receipt.incidents) == (1, {"INC-1"})


async def test_the_same_unreadable_message_twice_at_once_is_one_dead_letter(any_place: Place) -> None:
    any_place.change("config/tocsin.yaml", "mode: socket", "mode: off")
    async with any_place.house() as house:
        answers = await asyncio.gather(*(send(house, "/alerts/hook", {"title": "nameless"}) for _ in range(3)))
        answers.append(await send(house, "/alerts/hook", {"title": "nameless"}))
        assert {answer.status for answer in answers} == {202}
        assert len({answer.body["dead_letter"] for answer in answers}) == 1  # time stands still here
        assert await house.app.store.read(letters.count) == 1


# --- health and figures ---


async def test_a_bot_that_stands_is_live_and_ready(place: Place) -> None:
    async with place.house() as house:
        assert (await send(house, "/health/live", method="GET")).body == {"live": True}
        answer = await send(house, "/health/ready", method="GET")
        assert (answer.status, answer.body["ready"], answer.body["degraded"]) == (200, True, False)
        assert {row["part"] for row in answer.body["parts"]} >= {"database", "slack token", "slack sockets"}


async def test_a_bot_that_can_page_nobody_says_so(place: Place) -> None:
    place.change("config/tocsin.yaml", "mode: socket", "mode: off")
    async with place.house() as house:
        answer = await send(house, "/health/ready", method="GET")
        assert (answer.status, answer.body["degraded"]) == (200, True)  # alerts are still taken in
        (row,) = [row for row in answer.body["parts"] if row["part"] == "channels"]
        assert "Nobody can be paged" in row["do"]


async def test_without_its_database_the_bot_lives_but_is_not_ready(any_place: Place) -> None:
    async with any_place.house() as house:
        any_place.sql("ALTER TABLE letters RENAME TO letters_away")
        answer = await send(house, "/health/ready", method="GET")
        assert (answer.status, answer.body["ready"]) == (503, False)
        (row,) = [row for row in answer.body["parts"] if row["part"] == "database"]
        assert row["do"]
        assert (await send(house, "/health/live", method="GET")).status == 200
        any_place.sql("ALTER TABLE letters_away RENAME TO letters")
        assert (await send(house, "/health/ready", method="GET")).status == 200


async def test_without_slack_the_bot_is_ready_and_says_what_is_missing(place: Place) -> None:
    place.workspace.fault("auth.test", "invalid_auth", times=1000)
    async with place.house() as house:
        answer = await send(house, "/health/ready", method="GET")
        assert (answer.status, answer.body["ready"], answer.body["degraded"]) == (200, True, True)
        (row,) = [row for row in answer.body["parts"] if row["part"] == "slack token"]
        assert not row["ok"]
        assert "SLACK_BOT_TOKEN" in row["do"]
        assert (await send(house, "/alerts/hook", FINE)).status == 202


async def test_the_figures_an_operator_watches_are_there(house: House) -> None:
    await send(house, "/alerts/hook", FINE)
    answer = await send(house, "/metrics", method="GET")
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    families = {family.name for family in text_string_to_metric_families(answer.body)}
    wanted = "alerts refused pages jobs job_lateness_seconds oldest_due_job_seconds outbox_age_seconds loop_lag_seconds"
    wanted += " ack_latency_seconds plugin_calls plugin_seconds slack_calls reloads"
    assert families >= {f"tocsin_{name}" for name in wanted.split()}


# --- never a 500 ---


async def test_no_body_of_ours_ends_in_a_500(house: House) -> None:
    sample = orjson.dumps(alertmanager(labelled("age")))
    for connection in ("hook", "prom"):
        for body in (*hostile.BODIES, *list(hostile.spoilt(sample))[::7]):
            answer = await send(house, f"/alerts/{connection}", body)
            assert answer.status in (202, 400, 413), (body[:200], answer)
            if answer.status != 202:
                reasoned(answer, answer.status)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
NAMES = ("problem", "title", "status", "kind", "model", "version", "environment", "entity", "severity", "summary")
NATIVE = st.fixed_dictionaries(
    {"problem": st.text(min_size=1)},
    optional=dict.fromkeys((*NAMES[1:], "labels", "links", "measures", "started_at", "ended_at"), JSON),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=200) | JSON | st.lists(NATIVE, max_size=3), path=st.sampled_from(["hook", "prom"]))
async def test_nothing_that_can_be_sent_ends_in_a_500(house: House, body: Any, path: str) -> None:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    await house.clock.advance(0.001)
    answer = await send(house, f"/alerts/{path}", raw)
    assert answer.status in (202, 400), answer
    await house.settle()


async def test_a_browser_and_a_port_scanner_do_no_harm(house: House) -> None:
    for said in (b"\x16\x03\x01\x02\x00", b"GET / HTTP/9.9\r\n\r\n", b"\r\n\r\n", b"POST /alerts/hook\r\n\r\n"):
        _, writer = await asyncio.open_connection("127.0.0.1", house.app.server.port)
        writer.write(said)
        await writer.drain()
        writer.close()
    async with aiohttp.request("GET", f"{house.url}/health/live") as reply:
        assert reply.status == 200
