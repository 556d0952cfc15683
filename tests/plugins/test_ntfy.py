"""Pages by ntfy: what is published, what a second attempt replaces, and every way to be refused."""

import dataclasses
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from bot import registry
from bot.contract import Call, Context, Health, NotDelivered, Note
from bot.testing import pagers
from bot.testing.far_end import WAIT, Behaviour, FarEnd
from plugins import ntfy
from plugins.ntfy.pager import Push
from plugins.ntfy.settings import NtfySettings

TOPIC = "tocsin-ada-k3v9w2x7"
TOKEN = "tk_secret_enough"
ADA = dataclasses.replace(pagers.ADA, push=TOPIC)


@pytest.fixture
async def far() -> AsyncIterator[FarEnd]:
    async with FarEnd() as one:
        yield one


def push(url: str, token: str | None = None) -> Push:
    return Push(NtfySettings.model_validate({"url": url, "token": token}), Context("phone"))


def call(key: str = "page/INC-7/1/ada/phone", attempt: int = 1, **options: Any) -> Call:
    return pagers.call(key, attempt, **{"to": ADA, **options})


def published(far: FarEnd, nth: int = -1) -> dict[str, Any]:
    said = json.loads(far.arrived[nth].body)
    assert isinstance(said, dict)
    return said


async def refused(pager: Push, page: Call | None = None) -> NotDelivered:
    with pytest.raises(NotDelivered) as caught:
        await pager.send(page or call())
    assert TOPIC not in f"{caught.value} {caught.value!r}"
    assert TOKEN not in f"{caught.value} {caught.value!r}"
    return caught.value


async def test_it_keeps_the_contract() -> None:
    await pagers.conforms(ntfy.plugin, lambda url: {"url": url, "token": TOKEN})


def test_it_fits_and_hides_its_token() -> None:
    registry.fits(ntfy.plugin)
    assert (Push.channel, Push.tells) == ("push", True)
    own = NtfySettings.model_validate({"token": TOKEN})
    assert own.url == "https://ntfy.sh"
    assert TOKEN not in f"{own!r} {own} {Push(own, Context('phone'))!r}"


async def test_a_page_is_published_to_the_topic_of_the_person(far: FarEnd) -> None:
    sent = await push(far.url, TOKEN).send(call())
    assert sent.provider_id == "message-1"
    (request,) = far.arrived
    assert (request.method, request.path) == ("POST", "/")
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    said = published(far)
    assert said["topic"] == TOPIC
    assert said["title"] == pagers.HEADLINE
    assert said["priority"] == 5
    assert said["tags"] == ["rotating_light", "sev2", "INC-7"]
    assert said["message"] == (
        "You are paged as L1: ada is on call for first-line.\n"
        "You have 10 min to answer: in Slack, or /incident ack INC-7"
    )
    assert "actions" not in said


async def test_what_is_left_of_their_time_is_told(far: FarEnd) -> None:
    page = call()
    await push(far.url).send(dataclasses.replace(page, at=pagers.NOW + timedelta(minutes=4)))
    assert "You have 6 min to answer" in published(far)["message"]
    await push(far.url).send(dataclasses.replace(page, at=pagers.NOW + timedelta(minutes=10)))
    assert published(far)["message"].endswith("\nTo answer: in Slack, or /incident ack INC-7")


async def test_what_is_not_urgent_rings_once(far: FarEnd) -> None:
    page = call()
    calm = dataclasses.replace(page.view.incident.policy, urgency="low")
    incident = dataclasses.replace(page.view.incident, policy=calm, severity="sev4")
    await push(far.url).send(dataclasses.replace(page, view=dataclasses.replace(page.view, incident=incident)))
    assert published(far)["priority"] == 3
    assert published(far)["tags"][0] == "bell"
    assert "authorization" not in far.arrived[0].headers


async def test_a_second_attempt_takes_the_place_of_the_first(far: FarEnd) -> None:
    pager = push(far.url)
    for page in (call(), call(attempt=2), call("page/INC-7/2/ada/phone")):
        await pager.send(page)
    first, again, other = (published(far, nth)["sequence_id"] for nth in range(3))
    assert first == again != other
    assert far.arrived[0].headers["x-sequence-id"] == first
    assert len(first) <= 64


async def test_it_speaks_turkish_and_lists_what_else_it_is_about(far: FarEnd) -> None:
    page = call(to=dataclasses.replace(ADA, language="tr"))
    other = dataclasses.replace(
        page.view, headline="SEV3 late", incident=dataclasses.replace(page.view.incident, id="INC-8")
    )
    await push(far.url).send(dataclasses.replace(page, also=(other,) * 12))
    said = published(far)["message"]
    assert "L1 olarak çağrıldınız" in said
    assert "Ayrıca: INC-8 SEV3 late" in said
    assert said.endswith("… +2")


async def test_a_test_page_asks_for_nothing(far: FarEnd) -> None:
    page = call()
    incident = dataclasses.replace(page.view.incident, id="INC-0")
    sheet = dataclasses.replace(page.page, why="You asked for a test.")
    await push(far.url).send(
        dataclasses.replace(page, page=sheet, view=dataclasses.replace(page.view, incident=incident))
    )
    assert published(far)["message"] == "You asked for a test.\nThis is a test; it is enough that it has arrived."


async def test_words_are_carried_too(far: FarEnd) -> None:
    await push(far.url).tell(Note("verify/ada/1", ADA, "Your code is 481516.", pagers.NOW))
    said = published(far)
    assert (said["topic"], said["message"], said["priority"]) == (TOPIC, "Your code is 481516.", 3)


@pytest.mark.parametrize("words", [*pagers.HOSTILE, '"' * 20_000, "\\" * 20_000, "ş" * 20_000])
async def test_no_words_of_an_alert_break_it_or_grow_it(far: FarEnd, words: str) -> None:
    page = call(headline=words)
    views = tuple(dataclasses.replace(page.view, headline=words) for _ in range(30))
    why = dataclasses.replace(page.page, why=words)
    await push(far.url).send(dataclasses.replace(page, page=why, also=views))
    said = published(far)
    assert len(said["title"].encode()) <= 200
    assert len(said["message"].encode()) <= 2_000
    assert len(far.arrived[0].body) < 8_192  # the server reads no more than that of one request
    assert "x-injected" not in far.arrived[0].headers
    assert said["topic"] == TOPIC


@pytest.mark.parametrize("topic", [None, "", "a b", "a/b", "ş", "x" * 65, "a\r\nb"])
async def test_what_is_no_topic_is_not_tried_and_not_shown(far: FarEnd, topic: str | None) -> None:
    error = await refused(push(far.url), call(to=dataclasses.replace(ADA, push=topic)))
    assert not error.retry
    assert not far.arrived
    assert not topic or topic not in str(error)


@pytest.mark.parametrize(
    ("how", "retry", "after"),
    [
        (Behaviour.BUSY, True, float(WAIT)),
        (Behaviour.REFUSES, False, None),
        (Behaviour.MISSING, False, None),
        (Behaviour.BROKEN, True, None),
        (Behaviour.AWAY, True, None),
        (Behaviour.SLAMS, True, None),
        (Behaviour.LIES, False, None),
    ],
)
async def test_each_way_to_say_no_is_told_apart(far: FarEnd, how: Behaviour, retry: bool, after: float | None) -> None:
    far.behaviour = how
    error = await refused(push(far.url, TOKEN))
    assert (error.retry, error.after) == (retry, after)


@pytest.mark.parametrize(("status", "retry"), [(401, False), (413, False), (429, True), (507, False), (301, False)])
async def test_other_statuses(far: FarEnd, status: int, retry: bool) -> None:
    far.says = lambda _: (status, b'{"code": 1, "error": "no"}')
    assert (await refused(push(far.url, TOKEN))).retry is retry


async def test_an_answer_without_an_id_is_no_delivery(far: FarEnd) -> None:
    far.answer = b'{"event": "message"}'
    assert "none of ntfy's" in (await refused(push(far.url))).what


async def test_where_nobody_listens_it_may_go_later() -> None:
    assert (await refused(push("http://127.0.0.1:9"))).retry


async def test_the_check_publishes_nothing(far: FarEnd) -> None:
    far.says = lambda r: (200, b'{"healthy": true}' if r.path == "/v1/health" else b'{"username": "tocsin"}')
    rows = await push(far.url, TOKEN).check()
    assert [(row.scope, row.health) for row in rows] == [("server", Health.OK), ("token", Health.OK)]
    assert [(one.method, one.path) for one in far.arrived] == [("GET", "/v1/health"), ("GET", "/v1/account")]
    far.says = lambda r: (200, b'{"healthy": true}') if r.path == "/v1/health" else (401, b"{}")
    assert [row.health for row in await push(far.url, TOKEN).check()] == [Health.OK, Health.MISSING]
    far.says = lambda _: (200, b'{"healthy": false}')
    assert [row.health for row in await push(far.url).check()] == [Health.MISSING]
    far.says, far.behaviour = None, Behaviour.AWAY
    assert [row.health for row in await push(far.url).check()] == [Health.UNKNOWN]


@pytest.mark.parametrize("url", ["ntfy.sh", "https://ada:pw@ntfy.example.com", "https://ntfy.sh/?x=1", "file:///etc"])
def test_what_is_no_server_is_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="Write it as in"):
        NtfySettings.model_validate({"url": url})
