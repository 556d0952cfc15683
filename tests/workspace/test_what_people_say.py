"""Messages of people: written, changed, taken away, marked, and commands where Slack takes none."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.workspace import ALL_EVENTS, App, Person, Workspace
from bot.sandbox.workspace.permits import Denied
from bot.testing.clock import FakeClock
from tests.workspace.conftest import Heard, bolt, hearing, told
from tests.workspace.test_web_api import ROOM


@pytest.fixture
async def ws(clock: FakeClock) -> AsyncIterator[Workspace]:
    """A workspace that tells the bot of everything."""
    app = App(events=ALL_EVENTS)
    async with Workspace(clock=clock, people=["ada", "bo"], channels=["#ml-oncall"], app=app) as workspace:
        yield workspace


@pytest.fixture
async def heard(ws: Workspace) -> AsyncIterator[Heard]:
    """What a bot is told."""
    async with hearing(ws) as heard:
        yield heard


async def test_a_message_is_changed_and_taken_away_by_its_author(ws: Workspace, heard: Heard) -> None:
    first = await ws.say("ml-oncall", "rolled bak", by="ada")
    second = await ws.edit(first, "rolled back", by="ada")
    with pytest.raises(ValueError, match="did not write"):
        await ws.delete(second, by="bo")
    await ws.delete(second, by="ada")
    with pytest.raises(LookupError, match="does not stand"):
        await ws.edit(second, "again", by="ada")

    await ws.until(lambda: told(heard, "message_deleted"))
    [changed], [deleted] = told(heard, "message_changed"), told(heard, "message_deleted")
    assert (changed["message"]["text"], changed["previous_message"]["text"]) == ("rolled back", "rolled bak")
    assert changed["message"]["edited"]["user"] == "U01ADA"
    assert (changed["hidden"], changed["channel_type"], changed["channel"]) == (True, "channel", ROOM)
    assert changed["ts"] != changed["message"]["ts"] == first.ts
    assert (deleted["deleted_ts"], deleted["previous_message"]["text"]) == (first.ts, "rolled back")
    assert ws.messages(ROOM) == []


async def test_an_emoji_is_put_and_taken_off(ws: Workspace, heard: Heard) -> None:
    message = await ws.say("ml-oncall", "look", by="ada")
    await ws.react(message, ":pushpin:", by="bo")
    await ws.unreact(message, "pushpin", by="bo")
    with pytest.raises(Denied, match="no_reaction"):
        await ws.unreact(message, "pushpin", by="bo")
    await ws.until(lambda: told(heard, "reaction_removed"))
    [gone] = told(heard, "reaction_removed")
    assert (gone["user"], gone["reaction"], gone["item_user"]) == ("U01BO", "pushpin", "U01ADA")
    assert gone["item"] == {"type": "message", "channel": ROOM, "ts": message.ts}


async def test_a_mention_in_a_thread_says_which(ws: Workspace, slack: AsyncWebClient, heard: Heard) -> None:
    await slack.chat_postMessage(channel=ROOM, text="card")
    [card] = ws.messages(ROOM)
    said = await ws.say("ml-oncall", f"<@{ws.bot_user}> who is on call?", by="ada", thread=card)
    await ws.until(lambda: told(heard, "app_mention"))
    [mention] = told(heard, "app_mention")
    assert (mention["thread_ts"], mention["ts"], mention["channel"]) == (card.ts, said.ts, ROOM)
    parent = (await slack.conversations_history(channel=ROOM))["messages"][0]
    assert (parent["reply_count"], parent["latest_reply"], parent["thread_ts"]) == (1, said.ts, card.ts)


async def test_a_command_in_a_thread_never_reaches_the_bot(ws: Workspace, heard: Heard) -> None:
    message = await ws.say("ml-oncall", "card", by="bo")
    reply = await ws.command("/incident", "list", by="ada", channel="ml-oncall", thread=message)
    assert (reply.acked, reply.error) == (False, "not_supported_in_threads")
    assert [m.text for m in ws.ephemerals("ada")] == ["/incident is not supported in threads. Sorry!"]
    assert not [body for body in heard if "command" in body]
    await ws.command("/incident", "list", by="ada", channel="ml-oncall")
    assert "thread_ts" not in heard[-1]


async def test_a_pin_is_told(ws: Workspace, slack: AsyncWebClient, heard: Heard) -> None:
    ts = (await slack.chat_postMessage(channel=ROOM, text="card"))["ts"]
    await slack.pins_add(channel=ROOM, timestamp=ts)
    await slack.pins_remove(channel=ROOM, timestamp=ts)
    await ws.until(lambda: told(heard, "pin_removed"))
    [pinned], [off] = told(heard, "pin_added"), told(heard, "pin_removed")
    assert (pinned["channel_id"], pinned["item"]["message"]["ts"], pinned["pin_count"]) == (ROOM, ts, 1)
    assert off["has_pins"] is False


async def test_an_app_that_is_gone_is_asked_nothing(ws: Workspace, slack: AsyncWebClient, heard: Heard) -> None:
    await ws.uninstall()
    await ws.until(lambda: len(heard) == 2)
    assert {event["type"] for event in heard} == {"app_uninstalled", "tokens_revoked"}
    assert told(heard, "tokens_revoked")[0]["tokens"] == {"oauth": [], "bot": [ws.bot_user]}
    with pytest.raises(Exception, match="account_inactive"):
        await slack.auth_test()
    assert (await ws.command("/incident", by="ada")).error == "app_not_installed"
    await ws.say("ml-oncall", "silence", by="ada")
    assert len(heard) == 2


async def test_a_token_is_given_back(ws: Workspace, slack: AsyncWebClient, heard: Heard) -> None:
    assert (await slack.auth_revoke(test=True))["revoked"] is False
    await slack.auth_test()
    assert (await slack.auth_revoke())["revoked"] is True
    with pytest.raises(Exception, match="token_revoked"):
        await slack.auth_test()
    await ws.until(lambda: told(heard, "tokens_revoked"))


async def test_a_stranger_speaks_from_another_team_in_a_shared_channel(ws: Workspace) -> None:
    bodies: Heard = []

    def listen(app: AsyncApp) -> None:
        @app.event("message")
        async def said(body: dict[str, Any]) -> None:
            if "subtype" not in body["event"]:
                bodies.append(body)

    ws.add_person(Person("eve", is_stranger=True))
    async with bolt(ws, "socket", listen):
        await ws.say("ml-oncall", "among us", by="ada")
        await ws.until(lambda: bodies)
        await ws.join("ml-oncall", by="eve")
        await ws.say("ml-oncall", "hello", by="eve")
        await ws.until(lambda: len(bodies) == 2)
    assert [(b["event"]["team"], b["is_ext_shared_channel"]) for b in bodies] == [
        (ws.team_id, False),
        ("T01STRANGERS", True),
    ]
    assert [b["team_id"] for b in bodies] == [ws.team_id] * 2


@pytest.mark.parametrize(
    ("field", "told_of"),
    [
        ("is_restricted", {"is_restricted": True, "is_ultra_restricted": False}),
        ("is_ultra_restricted", {"is_restricted": True, "is_ultra_restricted": True}),
        ("deleted", {"deleted": True}),
    ],
)
async def test_guests_and_the_departed_still_reach_the_bot(
    field: str, told_of: dict[str, bool], ws: Workspace, slack: AsyncWebClient, heard: Heard
) -> None:
    go = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}
    await slack.chat_postMessage(channel=ROOM, text="x", blocks=[{"type": "actions", "elements": [go]}])
    ws.change_person("bo", **{field: True})
    assert (await ws.press(ws.messages(ROOM)[0], "Go", by="bo")).acked
    [press] = told(heard, "block_actions")
    user = (await slack.users_info(user=press["user"]["id"]))["user"]
    assert {key: user[key] for key in told_of} == told_of
