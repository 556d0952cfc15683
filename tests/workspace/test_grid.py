"""Several workspaces behind one address: who is asked, who answers, and how an app comes in and goes."""

from collections.abc import AsyncIterator, Awaitable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import aiohttp
import pytest
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.errors import SlackApiError
from slack_sdk.oauth.installation_store import FileInstallationStore
from slack_sdk.oauth.state_store import FileOAuthStateStore
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.clock import SystemClock
from bot.sandbox.workspace import ALL_EVENTS, App, Secrets, Workspace
from bot.sandbox.workspace.grid import Grid
from bot.sandbox.workspace.permits import Denied
from bot.sandbox.workspace.remote import Remote
from bot.sandbox.workspace.wire import Wire
from bot.testing.clock import FakeClock

# slack_sdk says who the app is by a class of aiohttp's that is on its way out.
pytestmark = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")
BACK = "https://bot.example/slack/oauth_redirect"
ASKED = {"client_id": "1.2", "scope": "chat:write,commands", "state": "s-1", "redirect_uri": BACK}
CLIENT = {"client_id": "1.2", "client_secret": "hush"}
MANIFEST = App(events=ALL_EVENTS)


def address(**other: str) -> str:
    """An authorize address."""
    return f"https://slack.example/oauth/v2/authorize?{urlencode(ASKED | other)}"


def houses(clock: FakeClock | SystemClock) -> tuple[Workspace, Workspace]:
    """Two workspaces with a channel each."""
    home = Workspace(clock=clock, people=["ada"], channels=["alerts"], app=MANIFEST)
    keys = Secrets(team_id="T02ACME")
    return home, Workspace(clock=clock, people=["ada"], channels=["alerts"], app=(MANIFEST, keys))


@pytest.fixture
async def grid(clock: FakeClock) -> AsyncIterator[Grid]:
    """Two workspaces in which nobody has installed the app."""
    async with Grid(houses(clock), client_id="1.2", client_secret="hush") as grid:
        yield grid


async def refused(call: Awaitable[Any]) -> str:
    """The error a call is refused with."""
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


@pytest.fixture
async def slack(grid: Grid) -> AsyncIterator[AsyncWebClient]:
    """A client without a token."""
    async with aiohttp.ClientSession() as session:
        yield AsyncWebClient(base_url=grid.url, session=session, retry_handlers=[])


async def test_a_code_becomes_a_token_of_its_workspace(grid: Grid, slack: AsyncWebClient) -> None:
    _, acme = grid.workspaces
    assert await refused(slack.auth_test(token=acme.bot_token)) == "invalid_auth"
    consent = grid.consent(acme, by="ada", url=address())
    assert parse_qs(urlsplit(consent.redirect).query) == {"code": [consent.code], "state": ["s-1"]}

    said = await slack.oauth_v2_access(**CLIENT, code=consent.code, redirect_uri=BACK)

    assert (said["access_token"], said["token_type"], said["scope"]) == (acme.bot_token, "bot", "chat:write,commands")
    assert (said["team"]["id"], said["bot_user_id"], said["app_id"]) == ("T02ACME", acme.bot_user, acme.app_id)
    assert (said["authed_user"], said["enterprise"], said["is_enterprise_install"]) == ({"id": "U01ADA"}, None, False)
    who = await slack.auth_test(token=acme.bot_token)
    assert (who["team_id"], who["user_id"]) == ("T02ACME", acme.bot_user)
    assert await refused(slack.users_list(token=acme.bot_token)) == "missing_scope"
    assert "hush" not in repr([call for workspace in grid.workspaces for call in workspace.calls])


async def test_a_code_is_good_once_and_for_ten_minutes(grid: Grid, slack: AsyncWebClient, clock: FakeClock) -> None:
    home, _ = grid.workspaces
    code = grid.consent(home, by="ada", url=address()).code
    late = grid.consent(home, by="ada", url=address()).code
    await slack.oauth_v2_access(**CLIENT, code=code)
    assert await refused(slack.oauth_v2_access(**CLIENT, code=code)) == "invalid_code"
    assert await refused(slack.oauth_v2_access(**CLIENT, code="made-up")) == "invalid_code"
    await clock.advance(601)
    assert await refused(slack.oauth_v2_access(**CLIENT, code=late)) == "invalid_code"


async def test_who_is_not_the_app_gets_nothing(grid: Grid, slack: AsyncWebClient) -> None:
    home, _ = grid.workspaces
    code = grid.consent(home, by="ada", url=address()).code
    wrong = slack.oauth_v2_access(client_id="1.2", client_secret="guess", code=code)
    assert await refused(wrong) == "bad_client_secret"
    assert await refused(slack.oauth_v2_access(client_id="3", client_secret="hush", code=code)) == "invalid_client_id"
    elsewhere = slack.oauth_v2_access(**CLIENT, code=code, redirect_uri="https://evil.example")
    assert await refused(elsewhere) == "bad_redirect_uri"
    assert not home.state.installed


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ({"client_id": "9"}, "invalid_client_id"),
        ({"scope": ""}, "invalid_scope"),
        ({"redirect_uri": "https://x.example"}, "bad_redirect_uri"),
    ],
)
async def test_slack_asks_only_what_makes_sense(other: dict[str, str], expected: str, clock: FakeClock) -> None:
    grid = Grid(houses(clock), client_id="1.2", client_secret="hush", redirect_uris=["https://bot.example/"])
    with pytest.raises(Denied, match=expected):
        grid.consent(grid.workspaces[0], by="ada", url=address(**other))
    assert grid.deny(address()) == f"{BACK}?error=access_denied&state=s-1"


async def test_workspaces_do_not_mix(clock: FakeClock) -> None:
    home, acme = houses(clock)
    async with (
        Grid([home, acme], client_id="1.2", client_secret="hush", installed=True) as grid,
        aiohttp.ClientSession() as session,
    ):
        for number, workspace in enumerate(grid.workspaces):
            client = AsyncWebClient(workspace.bot_token, base_url=grid.url, session=session)
            await client.chat_postMessage(channel="#alerts", text=f"house {number}")
            await client.files_upload_v2(channel="C01ALERTS", filename="a.txt", content=f"{number}")
        assert [[m.text for m in w.messages("alerts")] for w in (home, acme)] == [["house 0", ""], ["house 1", ""]]
        assert [w.files[0].content for w in (home, acme)] == [b"0", b"1"]
        assert home.bot_user != acme.bot_user
        async with Remote(grid.origin, acme.control_token) as remote:
            assert [m["text"] for m in await remote.messages("alerts")] == ["house 1", ""]
    with pytest.raises(ValueError, match="team_id of its own"):
        Grid([Workspace(), Workspace()], client_id="1", client_secret="2")


async def test_an_uninstalled_app_gets_another_token_when_it_comes_back(grid: Grid, slack: AsyncWebClient) -> None:
    home, _ = grid.workspaces
    await slack.oauth_v2_access(**CLIENT, code=grid.consent(home, by="ada", url=address()).code)
    first = home.bot_token
    assert await refused(slack.apps_uninstall(client_id="1.2", client_secret="x", token=first)) == "bad_client_secret"
    await slack.apps_uninstall(**CLIENT, token=first)
    assert await refused(slack.auth_test(token=first)) == "account_inactive"
    said = await slack.oauth_v2_access(**CLIENT, code=grid.consent(home, by="ada", url=address()).code)
    assert said["access_token"] == home.bot_token != first
    await slack.auth_test(token=home.bot_token)


async def test_bolt_is_installed_twice_and_serves_both(tmp_path: Path) -> None:
    heard: list[tuple[str, str]] = []
    doors: list[AsyncSlackRequestHandler] = []
    home, acme = houses(SystemClock())

    async def serve(request: Request) -> Response:
        return await doors[0].handle(request)

    paths = ("/slack/events", "/slack/install", "/slack/oauth_redirect")
    wire = Wire(Starlette(routes=[Route(path, serve, methods=["GET", "POST"]) for path in paths]))
    origin = f"http://127.0.0.1:{await wire.start(0)}"
    async with Grid((home, acme), client_id="1.2", client_secret="hush") as grid, aiohttp.ClientSession() as session:
        client = AsyncWebClient(base_url=grid.url, session=session)
        settings = AsyncOAuthSettings(
            client_id="1.2",
            client_secret="hush",
            scopes=["chat:write", "commands", "app_mentions:read"],
            redirect_uri=f"{origin}/slack/oauth_redirect",
            authorization_url=f"{grid.origin}/oauth/v2/authorize",
            installation_store=FileInstallationStore(base_dir=str(tmp_path / "installations")),
            state_store=FileOAuthStateStore(expiration_seconds=600, base_dir=str(tmp_path / "states")),
            install_page_rendering_enabled=False,
        )
        flow = AsyncOAuthFlow(client=client, settings=settings)
        app = AsyncApp(client=client, signing_secret=grid.signing_secret, oauth_flow=flow, process_before_response=True)

        @app.event("app_mention")
        async def mentioned(body: dict[str, Any], context: Any) -> None:
            heard.append((body["team_id"], context.bot_token))

        @app.command("/oncall")
        async def oncall(ack: AsyncAck, client: AsyncWebClient, body: dict[str, Any]) -> None:
            await ack()
            await client.chat_postMessage(channel="#alerts", text=f"ada of {body['team_id']}")

        doors.append(AsyncSlackRequestHandler(app))
        grid.request_url = f"{origin}/slack/events"
        try:
            for workspace in (home, acme):
                landing = await grid.install(workspace, by="ada", start=f"{origin}/slack/install")
                assert (landing.status, workspace.state.installed) == (200, True), landing
                assert (await workspace.command("/oncall", by="ada")).acked
                await workspace.say("alerts", f"<@{workspace.bot_user}> hello", by="ada")
            await home.until(lambda: len(heard) == 2)
        finally:
            await wire.stop()
    assert heard == [("T01WORKSPACE", home.bot_token), ("T02ACME", acme.bot_token)]
    assert [w.messages("alerts")[0].text for w in (home, acme)] == ["ada of T01WORKSPACE", "ada of T02ACME"]
    assert home.failures == acme.failures == []
