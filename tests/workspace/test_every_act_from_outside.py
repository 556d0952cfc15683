"""What another process can do, see and break over the control API: everything the workspace's own Python can."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.workspace import ALL_EVENTS, App, Workspace
from bot.sandbox.workspace.control import HEADER
from bot.sandbox.workspace.grid import Grid
from bot.sandbox.workspace.remote import HEADER as REMOTE_HEADER
from bot.sandbox.workspace.remote import Remote
from bot.testing.clock import FakeClock
from tests.workspace.conftest import bolt, hearing, told
from tests.workspace.test_fields import MODEL, OFFER, SEARCH, TEXT
from tests.workspace.test_forms_and_views import form
from tests.workspace.test_grid import address, houses
from tests.workspace.test_web_api import ROOM, error


@pytest.fixture
async def ws(clock: FakeClock) -> AsyncIterator[Workspace]:
    """A workspace that tells the bot of everything."""
    app = App(events=ALL_EVENTS)
    async with Workspace(clock=clock, people=["ada", "bo"], channels=["#ml-oncall"], app=app) as workspace:
        yield workspace


@pytest.fixture
async def remote(ws: Workspace) -> AsyncIterator[Remote]:
    """The workspace as another process has it."""
    async with Remote(ws.origin, ws.control_token) as remote:
        yield remote


def test_both_ends_name_the_header_alike() -> None:
    assert HEADER == REMOTE_HEADER


async def test_a_form_is_filled_searched_sent_and_closed(ws: Workspace, remote: Remote) -> None:
    sent: list[dict[str, Any]] = []

    def listen(app: AsyncApp) -> None:
        @app.shortcut("open")
        async def start(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
            await ack()
            view = form(MODEL, TEXT, SEARCH, notify_on_close=True)
            await client.views_open(trigger_id=body["trigger_id"], view=view)

        @app.action("model.said")
        async def pick(ack: AsyncAck) -> None:
            await ack()

        @app.options("incident.said")
        async def offer(ack: AsyncAck) -> None:
            await ack(options=[OFFER])

        @app.view("form")
        async def submitted(ack: AsyncAck, view: dict[str, Any]) -> None:
            sent.append(view["state"]["values"])
            await ack()

        @app.view_closed("form")
        async def closed(ack: AsyncAck) -> None:
            await ack()

    async with bolt(ws, "socket", listen):
        assert (await remote.shortcut("open", by="ada"))["acked"]
        await ws.until(lambda: ws.view("ada"))
        [reply] = await remote.fill("ada", {"text": "drift", "model": "PSI"})
        assert reply["acked"]
        assert await remote.suggest("ada", "incident.said", "churn") == [OFFER]
        [view] = await remote.views("ada")
        assert view["state"]["text"]["text.said"]["value"] == "drift"
        assert (await remote.submit("ada", {"incident": "INC-7 churn"}))["acked"]
        await remote.shortcut("open", by="ada")
        await ws.until(lambda: ws.view("ada"))
        gone = await remote.close("ada")
        assert gone is not None
        assert gone["acked"]
        with pytest.raises(LookupError, match="no modal open"):
            await remote.close("ada")
    assert sent[0]["incident"]["incident.said"]["selected_option"] == OFFER


async def test_people_talk_walk_and_change(ws: Workspace, remote: Remote) -> None:
    async with hearing(ws) as heard:
        said = await remote.say("ml-oncall", "rolled bak", by="ada")
        await remote.edit(ROOM, said["ts"], "rolled back", by="ada")
        await remote.react(ROOM, said["ts"], "eyes", by="bo")
        await remote.unreact(ROOM, said["ts"], "eyes", by="bo")
        with pytest.raises(LookupError, match="no_reaction"):
            await remote.unreact(ROOM, said["ts"], "eyes", by="bo")
        await remote.say("ml-oncall", f"<@{ws.bot_user}>", by="bo", thread=said["ts"])
        assert (await remote.command("/x", "", by="bo", thread=said["ts"]))["error"] == "not_supported_in_threads"
        await remote.delete(ROOM, said["ts"], by="ada")
        await remote.open_home("ada")
        await remote.walk("leave", "ml-oncall", by="bo")
        await remote.walk("rename", "ml-oncall", by="ada", name="ml-on-call")
        await remote.walk("archive", "ml-on-call", by="ada")
        with pytest.raises(LookupError, match="not 'burn'"):
            await remote.walk("burn", "ml-on-call", by="ada")
        await remote.change_person("bo", dnd_until="2026-11-23T09:00:00+00:00")
        await remote.change_person("ada", deleted=True)
        kinds = ("message_changed", "message_deleted", "reaction_removed", "app_mention", "app_home_opened")
        kinds += ("member_left_channel", "channel_rename", "channel_archive", "dnd_updated_user", "user_change")
        await ws.until(lambda: all(told(heard, kind) for kind in kinds))
    assert (await remote.state())["channels"][0]["name"] == "ml-on-call"


async def test_groups_files_and_links_are_seen(ws: Workspace, slack: AsyncWebClient, remote: Remote) -> None:
    group = await remote.add_group("oncall-ml", users=["ada"])
    await slack.usergroups_users_update(usergroup=group["id"], users="U01BO")
    await slack.bookmarks_add(channel_id=ROOM, title="Runbook", type="link", link="https://x.example")
    await slack.files_upload_v2(channel=ROOM, filename="psi.txt", content="0.31")
    assert [b["title"] for b in await remote.bookmarks("ml-oncall")] == ["Runbook"]
    assert [(f["name"], f["content"]) for f in await remote.files()] == [("psi.txt", "0.31")]
    assert (await remote.state())["groups"][0]["users"] == ["U01BO"]
    assert await remote.home("ada") is None


async def test_the_token_is_narrowed_ended_and_the_app_thrown_out(
    ws: Workspace, slack: AsyncWebClient, remote: Remote
) -> None:
    await remote.revoke("users:read")
    assert (await error(slack.users_list()))["error"] == "missing_scope"
    await remote.revoke()
    assert (await error(slack.auth_test()))["error"] == "token_revoked"
    await remote.uninstall()
    assert (await remote.state())["installed"] is False
    with pytest.raises(LookupError, match="invalid_client_id"):
        await remote.consent(by="ada", url=address())


async def test_consent_is_given_from_outside(clock: FakeClock) -> None:
    async with Grid(houses(clock), client_id="1.2", client_secret="hush") as grid:
        acme = grid.workspaces[1]
        async with Remote(grid.origin, acme.control_token) as remote:
            consent = await remote.consent(by="ada", url=address())
        assert grid.registry.codes[consent["code"]].user == acme.person("ada").id
        assert consent["redirect"].endswith("&state=s-1")


async def test_nothing_is_told_twice_over_two_sockets(ws: Workspace) -> None:
    async with hearing(ws) as first, hearing(ws) as second:
        await ws.until(lambda: ws.sockets == 2)
        for number in range(4):
            await ws.say("ml-oncall", str(number), by="ada")
        await ws.until(lambda: len(first) + len(second) == 4)
        both = [*first, *second]
    assert sorted(event["text"] for event in both) == ["0", "1", "2", "3"]
    assert len(first) == len(second) == 2
