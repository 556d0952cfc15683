"""What a person sees when the bot is slow, gone, wrong or asked twice; and the response_url's own limits."""

import asyncio
import hashlib
import hmac
import json
from typing import Any
from urllib.parse import parse_qs

import aiohttp
import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from bot.sandbox.workspace import Workspace
from bot.sandbox.workspace.wire import Receive, Scope, Send, Wire
from bot.testing.clock import FakeClock
from tests.workspace.conftest import bolt

ROOM = "C01MLONCALL"


async def raw_socket(ws: Workspace, session: aiohttp.ClientSession) -> aiohttp.ClientWebSocketResponse:
    """A web socket of the app, with its hello read."""
    headers = {"Authorization": f"Bearer {ws.app_token}"}
    async with session.post(f"{ws.url}apps.connections.open", headers=headers) as answer:
        url = (await answer.json())["url"]
    socket = await session.ws_connect(url, autoping=False)
    hello = await socket.receive_json()
    assert hello["type"] == "hello"
    assert hello["num_connections"] == ws.sockets
    return socket


async def until_asleep(clock: FakeClock) -> None:
    """Returns once somebody waits for the clock."""
    while not clock.sleeping:
        await asyncio.sleep(0)


async def test_without_a_bot_a_command_fails_and_its_author_is_told(ws: Workspace) -> None:
    reply = await ws.command("/incident", by="ada")

    assert (reply.acked, reply.error) == (False, "dispatch_failed")
    assert [m.text for m in ws.ephemerals("ada")] == ["/incident failed with the error “dispatch_failed”"]
    assert [(failure.kind, failure.reason) for failure in ws.failures] == [("slash_commands", "dispatch_failed")]


async def test_three_seconds_of_the_clock_without_an_ack_is_a_failure(ws: Workspace, clock: FakeClock) -> None:
    async with aiohttp.ClientSession() as session:
        socket = await raw_socket(ws, session)
        typed = asyncio.ensure_future(ws.command("/incident", by="ada"))
        envelope = await socket.receive_json()
        await until_asleep(clock)
        await clock.advance(2.9)
        assert not typed.done()
        await clock.advance(0.1)
        reply = await typed

    assert envelope["accepts_response_payload"]
    assert (reply.acked, reply.error) == (False, "operation_timeout")


async def test_each_envelope_goes_to_one_socket_in_turn(ws: Workspace) -> None:
    async with aiohttp.ClientSession() as session:
        sockets = [await raw_socket(ws, session) for _ in range(2)]
        got: list[int] = []

        async def serve(number: int) -> None:
            while True:
                envelope = await sockets[number].receive_json()
                got.append(number)
                await sockets[number].send_json({"envelope_id": envelope["envelope_id"]})

        serving = [asyncio.ensure_future(serve(number)) for number in range(2)]
        for _ in range(4):
            assert (await ws.command("/incident", by="ada")).acked
        for task in serving:
            task.cancel()

    assert sorted(got) == [0, 0, 1, 1]


async def test_a_ticket_opens_one_socket(ws: Workspace) -> None:
    headers = {"Authorization": f"Bearer {ws.app_token}"}
    async with aiohttp.ClientSession() as session:
        async with session.post(f"{ws.url}apps.connections.open", headers=headers) as answer:
            url = (await answer.json())["url"]
        async with session.ws_connect(url):
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await session.ws_connect(url)


async def test_events_alone_are_delivered_again_and_say_so(ws: Workspace, clock: FakeClock) -> None:
    async with aiohttp.ClientSession() as session:
        socket = await raw_socket(ws, session)
        sending = asyncio.ensure_future(ws.event({"type": "app_mention", "user": "U01ADA"}))
        envelopes = [await socket.receive_json()]
        await until_asleep(clock)
        await clock.advance(3)
        assert not await sending
        envelopes.append(await socket.receive_json())  # at once
        await clock.advance(3)
        await clock.advance(60)
        envelopes.append(await socket.receive_json())  # after a minute
        await socket.send_json({"envelope_id": envelopes[-1]["envelope_id"]})
        await ws.until(lambda: not clock.sleeping, within=2)

    assert [envelope["retry_attempt"] for envelope in envelopes] == [0, 1, 2]
    assert envelopes[1]["retry_reason"] == "timeout"
    assert len({envelope["payload"]["event_id"] for envelope in envelopes}) == 1
    assert len(ws.failures) == 2


async def test_a_dropped_socket_fails_what_it_owed_and_the_bot_comes_back(ws: Workspace) -> None:
    started, go = asyncio.Event(), asyncio.Event()

    def listen(app: AsyncApp) -> None:
        @app.command("/incident")
        async def incident(ack: AsyncAck) -> None:
            started.set()
            await go.wait()
            await ack()

    async with bolt(ws, "socket", listen, ping=0.1):
        typed = asyncio.ensure_future(ws.command("/incident", by="ada"))
        await started.wait()
        await ws.drop_sockets()
        assert (await typed).error == "dispatch_failed"
        go.set()
        await ws.until(lambda: ws.sockets)
        assert (await ws.command("/incident", by="ada")).acked


async def test_a_refresh_brings_the_bot_back_on_another_socket(ws: Workspace) -> None:
    def listen(app: AsyncApp) -> None:
        @app.command("/incident")
        async def incident(ack: AsyncAck) -> None:
            await ack("here")

    async with bolt(ws, "socket", listen, ping=0.1):

        def opened() -> int:
            return sum(call.method == "apps.connections.open" for call in ws.calls)

        await ws.refresh_sockets()
        await ws.until(lambda: opened() == 2 and ws.sockets == 1)
        assert (await ws.command("/incident", by="ada")).text == "here"


async def test_a_black_hole_keeps_the_socket_and_swallows_everything(ws: Workspace, clock: FakeClock) -> None:
    async with aiohttp.ClientSession() as session:
        socket = await raw_socket(ws, session)
        await socket.ping(b"1")
        assert (await socket.receive()).type is aiohttp.WSMsgType.PONG
        ws.blackhole()
        await socket.ping(b"2")
        typed = asyncio.ensure_future(ws.command("/incident", by="ada"))
        await until_asleep(clock)
        await clock.advance(3)
        assert (await typed).error == "operation_timeout"
        assert ws.sockets == 1
        with pytest.raises(TimeoutError):
            await socket.receive(timeout=0.05)
        ws.blackhole(False)
        assert (await socket.receive()).data == b"2"


class Ear:
    """A request URL that keeps what it hears and answers what it is told to."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], str]] = []
        self.answers: list[Response] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One delivery."""
        request = Request(scope, receive)
        self.heard.append((dict(request.headers), (await request.body()).decode()))
        answer = self.answers.pop(0) if self.answers else Response()
        await answer(scope, receive, send)


@pytest.fixture
async def ear(ws: Workspace) -> Any:
    """The workspace delivers to it by signed HTTP."""
    listening = Ear()
    wire = Wire(listening)
    ws.request_url = f"http://127.0.0.1:{await wire.start(0)}/slack/events"
    yield listening
    await wire.stop()


async def test_http_deliveries_are_signed(ws: Workspace, ear: Ear, clock: FakeClock) -> None:
    assert (await ws.command("/incident", "list & more", by="ada")).acked

    [(headers, body)] = ear.heard
    at = headers["x-slack-request-timestamp"]
    wanted = hmac.new(ws.signing_secret.encode(), f"v0:{at}:{body}".encode(), hashlib.sha256).hexdigest()
    assert headers["x-slack-signature"] == f"v0={wanted}"
    assert int(at) == int(clock.now().timestamp())
    assert parse_qs(body)["text"] == ["list & more"]


async def test_http_events_are_repeated_with_slacks_headers_until_the_bot_says_stop(
    ws: Workspace, ear: Ear, clock: FakeClock
) -> None:
    ear.answers = [Response(status_code=500), Response(status_code=503), Response(status_code=500)]
    ear.answers[-1].headers["X-Slack-No-Retry"] = "1"

    assert not await ws.event({"type": "app_mention"})
    await ws.until(lambda: len(ear.heard) == 2)
    await ws.until(lambda: len(ws.failures) == 2)
    await until_asleep(clock)
    await clock.advance(60)
    await ws.until(lambda: len(ws.failures) == 3)
    await clock.advance(600)

    told = [(h.get("x-slack-retry-num"), h.get("x-slack-retry-reason")) for h, _ in ear.heard]
    assert told == [(None, None), ("1", "http_error"), ("2", "http_error")]
    assert len({json.loads(body)["event_id"] for _, body in ear.heard}) == 1


async def test_a_press_is_never_repeated(ws: Workspace, ear: Ear, slack: AsyncWebClient, clock: FakeClock) -> None:
    ear.answers = [Response(status_code=500)]
    block = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Ack"}}
    await slack.chat_postMessage(channel=ROOM, text="x", blocks=[{"type": "actions", "elements": [block]}])

    reply = await ws.press(ws.messages(ROOM)[0], "Ack", by="ada")
    await clock.advance(600)

    assert (reply.acked, reply.error) == (False, "http_error")
    assert len(ear.heard) == 1


async def test_the_request_url_is_proved_by_a_challenge(ws: Workspace, ear: Ear) -> None:
    assert not await ws.verify_url()


async def test_an_answer_nobody_can_use_is_no_ack(ws: Workspace, ear: Ear) -> None:
    ear.answers = [
        Response("{", media_type="application/json"),
        Response(json.dumps({"blocks": [{"type": "banner"}]}), media_type="application/json"),
        PlainTextResponse("plain words"),
    ]
    assert (await ws.command("/incident", by="ada")).error == "invalid_response"
    assert (await ws.command("/incident", by="ada")).error == "invalid_blocks"
    assert (await ws.command("/incident", by="ada")).text == "plain words"
    assert [failure.reason for failure in ws.failures] == ["invalid_response", "invalid_blocks"]


async def test_an_ack_may_speak_to_the_whole_channel(ws: Workspace, ear: Ear) -> None:
    said = {"response_type": "in_channel", "text": "ada is on call"}
    ear.answers = [Response(json.dumps(said), media_type="application/json")]

    await ws.command("/oncall", by="bo", channel="#ml-oncall")

    assert [message.text for message in ws.messages(ROOM)] == ["ada is on call"]
    assert ws.ephemerals("bo") == []


async def _post(url: str, **body: object) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.post(url, json=body) as answer:
        return answer.status, await answer.text()


async def test_a_response_url_is_good_five_times(ws: Workspace, ear: Ear) -> None:
    reply = await ws.command("/incident", by="ada", channel="#ml-oncall")
    url = parse_qs(ear.heard[0][1])["response_url"][0]

    assert await _post(url) == (400, "no_text")
    assert await _post(url, text="x", blocks=[{"type": "banner"}]) == (400, "invalid_blocks")
    answers = [await _post(url, text=str(n), response_type="in_channel" if n == 0 else "ephemeral") for n in range(6)]

    assert answers == [(200, "ok")] * 5 + [(404, "used_url")]
    assert [m.text for m in ws.messages(ROOM)] == ["0"]
    assert [m.text for m in ws.ephemerals("ada")] == ["1", "2", "3", "4"]
    assert len(reply.responses) == 5


async def test_a_response_url_dies_after_half_an_hour(ws: Workspace, ear: Ear, clock: FakeClock) -> None:
    await ws.command("/incident", by="ada")
    url = parse_qs(ear.heard[0][1])["response_url"][0]
    await clock.advance(1800)
    assert (await _post(url, text="in time"))[0] == 200
    await clock.advance(1)
    assert await _post(url, text="late") == (404, "expired_url")
    assert await _post(url.rpartition("/")[0] + "/made-up", text="x") == (404, "expired_url")


async def test_a_response_url_replaces_or_deletes_what_was_pressed(
    ws: Workspace, ear: Ear, slack: AsyncWebClient
) -> None:
    block = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Ack"}}
    await slack.chat_postEphemeral(
        channel=ROOM, user="U01ADA", text="x", blocks=[{"type": "actions", "elements": [block]}]
    )
    await ws.press(ws.ephemerals("ada")[0], "Ack", by="ada")
    payload = json.loads(parse_qs(ear.heard[0][1])["payload"][0])

    assert "message" not in payload
    assert payload["container"]["is_ephemeral"]
    await _post(payload["response_url"], text="done", replace_original=True)
    assert [m.text for m in ws.ephemerals("ada")] == ["done"]
    await _post(payload["response_url"], delete_original=True)
    assert ws.ephemerals("ada") == []
