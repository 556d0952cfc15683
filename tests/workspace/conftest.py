"""A workspace, a client of slack_sdk, and small real bolt apps over both transports."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.sandbox.workspace import Workspace
from bot.sandbox.workspace.wire import Wire
from bot.testing.clock import FakeClock

Heard = list[dict[str, Any]]
START = datetime(2026, 11, 23, 3, 38, tzinfo=UTC)


@pytest.fixture
def clock() -> FakeClock:
    """A clock that stands at a night in November until it is moved."""
    return FakeClock(START)


@pytest.fixture
async def ws(clock: FakeClock) -> AsyncIterator[Workspace]:
    """A workspace with ada and bo, everybody in #ml-oncall."""
    async with Workspace(clock=clock, people=["ada", "bo"], channels=["#ml-oncall"]) as workspace:
        yield workspace


@asynccontextmanager
async def client_of(ws: Workspace, token: str | None = None) -> AsyncIterator[AsyncWebClient]:
    """The real Web API client, on one session, that repeats nothing of its own accord."""
    async with aiohttp.ClientSession() as session:
        yield AsyncWebClient(token or ws.bot_token, base_url=ws.url, session=session, retry_handlers=[])


@pytest.fixture
async def slack(ws: Workspace) -> AsyncIterator[AsyncWebClient]:
    """The bot's client."""
    async with client_of(ws) as client:
        yield client


@asynccontextmanager
async def bolt(
    ws: Workspace, transport: str, listen: Callable[[AsyncApp], None], *, deaf: bool = True, ping: float = 5.0
) -> AsyncIterator[AsyncApp]:
    """A real bolt app connected to the workspace over "socket" or "http", with the listeners `listen` gives it.

    Bolt is `deaf` to the events its own bot causes, unless told otherwise. It pings every `ping` seconds, and takes a
    socket that does not answer for half as long to be lost: short only where a test is about a lost one.
    """
    async with client_of(ws) as client:

        async def authorize() -> AuthorizeResult:
            return AuthorizeResult(
                enterprise_id=None,
                team_id=ws.team_id,
                bot_token=ws.bot_token,
                bot_user_id=ws.bot_user,
                bot_id=ws.bot_id,
            )

        app = AsyncApp(
            client=client,
            signing_secret=ws.signing_secret,
            authorize=authorize,
            process_before_response=True,
            ignoring_self_events_enabled=deaf,
        )
        listen(app)
        if transport == "socket":
            # A connection lost without a goodbye is noticed at the next ping only.
            handler = AsyncSocketModeHandler(app, ws.app_token, web_client=client, ping_interval=ping)
            try:
                await handler.connect_async()
                await ws.until(lambda: ws.sockets)
                yield app
            finally:
                await handler.close_async()
            return
        door = AsyncSlackRequestHandler(app)

        async def events(request: Request) -> Response:
            return await door.handle(request)

        wire = Wire(Starlette(routes=[Route("/slack/events", events, methods=["POST"])]))
        ws.request_url = f"http://127.0.0.1:{await wire.start(0)}/slack/events"
        try:
            yield app
        finally:
            await wire.stop()


@asynccontextmanager
async def hearing(ws: Workspace) -> AsyncIterator[Heard]:
    """A real bolt app that acknowledges everything and keeps what it was told: an event alone, an interaction whole."""
    heard: Heard = []

    def listen(app: AsyncApp) -> None:
        async def hear(ack: AsyncAck, body: dict[str, Any]) -> None:
            heard.append(body.get("event") or body)
            await ack()

        anything = re.compile(".*")
        for kind in (app.event, app.action, app.view, app.shortcut, app.command, app.view_closed):
            kind(anything)(hear)

    async with bolt(ws, "socket", listen, deaf=False):
        yield heard


def told(heard: Heard, kind: str) -> Heard:
    """The events of a type, those of messages by their subtype too."""
    return [event for event in heard if kind in (event.get("type"), event.get("subtype"))]
