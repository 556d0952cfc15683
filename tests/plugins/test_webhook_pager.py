"""Pages as signed JSON: what is posted, that it is signed as the standard says, and every way to be refused."""

import base64
import dataclasses
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from bot import registry
from bot.clock import SystemClock
from bot.contract import Call, Context, Health, NotDelivered
from bot.model.connection import Connection
from bot.testing import pagers
from bot.testing.far_end import WAIT, Arrived, Behaviour, FarEnd
from plugins import webhook
from plugins.webhook.pager import Hook, signed
from plugins.webhook.settings import WebhookSettings

KEY = base64.b64encode(b"k" * 24).decode()
SECRET = f"whsec_{KEY}"


@pytest.fixture
async def far() -> AsyncIterator[FarEnd]:
    async with FarEnd() as one:
        yield one


def options(url: str) -> Mapping[str, Any]:
    return {"page_url": f"{url}/pages", "page_secret": SECRET}


def hook(url: str) -> Hook:
    return Hook(WebhookSettings.model_validate(options(url)), Context("desk"))


def connected(name: str, given: Mapping[str, Any]) -> registry.Linked:
    found = registry.load_one(webhook.plugin)
    return registry.Registry(found, SystemClock()).connect([Connection(name, "webhook", given)]).parts[name]


async def refused(pager: Hook, page: Call | None = None) -> NotDelivered:
    with pytest.raises(NotDelivered) as caught:
        await pager.send(page or pagers.call())
    assert KEY not in str(caught.value)
    return caught.value


def verifies(request: Arrived) -> bool:
    """As the standard says, over the bytes that travelled."""
    content = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}.".encode() + request.body
    wanted = base64.b64encode(hmac.new(b"k" * 24, content, hashlib.sha256).digest()).decode()
    return request.headers["webhook-signature"] == f"v1,{wanted}"


async def test_it_keeps_the_contract() -> None:
    await pagers.conforms(webhook.plugin, options)


def test_the_published_example_of_the_standard_is_signed_alike() -> None:
    secret = SecretStr("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    headers = signed(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, b'{"test": 2432232314}')
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_a_page_says_what_a_receiver_needs(far: FarEnd) -> None:
    page = pagers.call()
    other = dataclasses.replace(page.view, incident=dataclasses.replace(page.view.incident, id="INC-8"))
    sent = await hook(far.url).send(dataclasses.replace(page, also=(other,)))
    assert sent.provider_id == "message-1"
    (request,) = far.arrived
    assert (request.method, request.path) == ("POST", "/pages")
    assert request.headers["webhook-timestamp"] == str(int(pagers.NOW.timestamp()))
    assert verifies(request)
    said = json.loads(request.body)
    assert (said["type"], said["key"], said["attempt"]) == ("page", page.key, 1)
    assert said["incident"]["headline"] == pagers.HEADLINE
    assert (said["incident"]["id"], said["incident"]["code"]) == ("INC-7", "7")
    assert (said["incident"]["phase"], said["incident"]["urgency"]) == ("triggered", "high")
    assert said["person"] == {"name": "ada", "timezone": "Europe/Istanbul", "language": None}
    assert said["page"]["why"] == "ada is on call for first-line."
    assert [one["id"] for one in said["also"]] == ["INC-8"]
    assert "+905550000001" not in request.body.decode()
    assert "ada@example.com" not in request.body.decode()


@pytest.mark.parametrize("words", [*pagers.HOSTILE, "ş \u2028 \N{PILE OF POO} \ud83d </script>", '"\\'])
async def test_what_is_signed_is_what_travels_whatever_the_words(far: FarEnd, words: str) -> None:
    page = pagers.call(headline=words)
    facts = {"title": words, "model": words, "environment": None, "entity": words}
    view = dataclasses.replace(page.view, incident=dataclasses.replace(page.view.incident, **facts))
    await hook(far.url).send(dataclasses.replace(page, view=view, page=dataclasses.replace(page.page, why=words)))
    (request,) = far.arrived
    assert verifies(request)
    said = json.loads(request.body)
    assert "\n" not in said["incident"]["title"]
    assert said["incident"]["environment"] is None


async def test_attempts_of_one_page_have_one_id_that_any_header_takes(far: FarEnd) -> None:
    pager = hook(far.url)
    for key, attempt in (("page/INC-7/1/çan.x/desk", 1), ("page/INC-7/1/çan.x/desk", 2), ("page/INC-7/2/ada/desk", 1)):
        await pager.send(pagers.call(key, attempt))
    first, again, other = (one.headers["webhook-id"] for one in far.arrived)
    assert first == again != other
    assert "." not in first
    assert all(verifies(one) for one in far.arrived)


@pytest.mark.parametrize("answer", [b"", b"OK", b"[]", b'{"id": null}', b'{"id": {}}'])
async def test_a_receiver_need_not_say_an_id(far: FarEnd, answer: bytes) -> None:
    far.says = lambda _: (202, answer)
    page = pagers.call()
    assert (await hook(far.url).send(page)).provider_id == page.key


@pytest.mark.parametrize(
    ("status", "retry"),
    [(301, False), (307, False), (400, False), (401, False), (410, False), (408, True), (502, True)],
)
async def test_statuses_are_told_apart_and_no_redirect_is_followed(far: FarEnd, status: int, retry: bool) -> None:
    far.says = lambda _: (status, b"")
    assert (await refused(hook(far.url))).retry is retry
    assert len(far.arrived) == 1


async def test_a_busy_receiver_is_asked_again_when_it_says(far: FarEnd) -> None:
    far.behaviour = Behaviour.BUSY
    error = await refused(hook(far.url))
    assert (error.retry, error.after) == (True, float(WAIT))


async def test_a_connection_for_alerts_alone_is_no_channel_and_has_nothing_to_say_of_pages() -> None:
    linked = connected("email", {})  # a name that must not hide the plain word
    assert linked.pagers == {}
    assert registry.offered({"email": linked}) == {}
    assert [row.scope for part in linked.parts for row in await part.check()] == ["secret"]
    error = await refused(Hook(WebhookSettings(), Context("jobs")))
    assert (error.retry, error.what) == (False, "The connection jobs takes alerts and pages nobody.")
    assert "`page_url`" in error.do


async def test_the_check_posts_nothing(far: FarEnd) -> None:
    (row,) = await hook(far.url).check()
    assert row.health is Health.UNKNOWN
    assert not far.arrived


def test_it_is_known_by_its_connections_name_alone() -> None:
    linked = connected("desk", options("https://desk.example.com"))
    assert registry.offered({"desk": linked}) == {"desk": ("desk", "")}
    assert isinstance(linked.pagers[""], Hook)
    assert linked.source is not None


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"page_url": "https://desk.example.com"}, "stand together"),
        ({"page_secret": SECRET}, "stand together"),
        ({"page_url": "https://ada:pw@desk.example.com", "page_secret": SECRET}, "without name or password"),
        ({"page_url": "https://desk.example.com", "page_secret": "a-plain-secret"}, "openssl rand"),
        ({"page_url": "https://desk.example.com", "page_secret": "whsec_c2hvcnQ="}, "openssl rand"),
    ],
)
def test_what_cannot_be_set_is_said(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words) as caught:
        WebhookSettings.model_validate(given)
    assert KEY not in str(caught.value)


def test_the_secret_shows_nowhere() -> None:
    own = WebhookSettings.model_validate(options("https://desk.example.com/T0/a-token"))
    assert KEY not in f"{own!r} {own}"
    assert "a-token" not in f"{own!r} {own}"
    assert webhook.plugin.secrets == ("secret", "page_secret")
