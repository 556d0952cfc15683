"""Channels that are made, named, filled, emptied, closed and opened, and what the bot hears of it."""

from collections.abc import AsyncIterator

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.workspace import ALL_EVENTS, App, Channel, Limits, Person, Workspace
from bot.testing.clock import FakeClock
from tests.workspace.conftest import Heard, client_of, hearing, told
from tests.workspace.test_web_api import ROOM, error


@pytest.fixture
async def ws(clock: FakeClock) -> AsyncIterator[Workspace]:
    """A workspace that tells the bot of everything."""
    channels = [
        "#ml-oncall",
        Channel("general", general=True),
        Channel("secret", private=True),
        Channel("old", archived=True),
    ]
    people = ["ada", "bo", Person("gus", is_ultra_restricted=True), Person("eve", is_stranger=True)]
    app = App(events=ALL_EVENTS)
    async with Workspace(clock=clock, people=people, channels=channels, app=app) as workspace:
        yield workspace


@pytest.fixture
async def heard(ws: Workspace) -> AsyncIterator[Heard]:
    """What a bot is told."""
    async with hearing(ws) as heard:
        yield heard


async def test_a_channel_lives_from_its_making_to_its_end(ws: Workspace, slack: AsyncWebClient, heard: Heard) -> None:
    made = (await slack.conversations_create(name="inc-42"))["channel"]["id"]
    await slack.conversations_invite(channel=made, users="U01ADA,U01BO")
    await slack.conversations_setTopic(channel=made, topic="SEV2")
    purpose = await slack.conversations_setPurpose(channel=made, purpose="accuracy fell")
    renamed = await slack.conversations_rename(channel=made, name="inc-42-churn")
    await slack.conversations_kick(channel=made, user="U01BO")
    await slack.conversations_archive(channel=made)
    assert (await error(slack.conversations_archive(channel=made)))["error"] == "already_archived"
    await slack.conversations_unarchive(channel=made)
    assert (await error(slack.conversations_unarchive(channel=made)))["error"] == "not_archived"

    assert purpose["purpose"] == "accuracy fell"
    assert renamed["channel"]["name"] == "inc-42-churn"
    channel = ws.channel("inc-42-churn")
    assert (channel.purpose, channel.topic, channel.archived) == ("accuracy fell", "SEV2", False)
    assert channel.inside == {"U01ADA", ws.bot_user}
    kinds = ("member_joined_channel", "channel_rename", "member_left_channel", "channel_archive", "channel_unarchive")
    await ws.until(lambda: [len(told(heard, kind)) for kind in kinds] == [3, 1, 1, 2, 2])
    walks = [(event["user"], event.get("inviter")) for event in told(heard, "member_joined_channel")]
    assert walks == [(ws.bot_user, None), ("U01ADA", ws.bot_user), ("U01BO", ws.bot_user)]
    assert told(heard, "channel_rename")[0]["channel"]["name"] == "inc-42-churn"


async def test_slacks_own_lines_stand_in_the_history_alone(ws: Workspace, slack: AsyncWebClient, heard: Heard) -> None:
    made = (await slack.conversations_create(name="inc-1"))["channel"]["id"]
    await slack.conversations_setTopic(channel=made, topic="SEV1")
    await slack.conversations_setTopic(channel=made, topic="SEV1")
    await slack.chat_postMessage(channel=made, text="card")

    history = (await slack.conversations_history(channel=made))["messages"]
    assert [m.get("subtype") for m in history] == [None, "channel_topic", "channel_join"]
    assert [m.text for m in ws.messages(made)] == ["card"]
    await ws.until(lambda: told(heard, "channel_topic"))
    assert told(heard, "channel_topic")[0]["type"] == "message"


async def test_a_private_channel_speaks_of_groups(ws: Workspace, slack: AsyncWebClient, heard: Heard) -> None:
    secret = ws.channel("secret").id
    await slack.conversations_archive(channel=secret)
    await ws.unarchive("secret", by="ada")
    await ws.rename("secret", "hidden", by="ada")
    await ws.until(lambda: told(heard, "group_rename"))
    about = [event["type"] for event in heard if event["type"].startswith(("group_", "channel_"))]
    assert sorted(about) == ["group_archive", "group_rename", "group_unarchive"]
    lines = [m.get("subtype") for m in (await slack.conversations_history(channel=secret))["messages"]]
    assert lines == ["group_name", "group_unarchive", "group_archive"]


async def test_a_bot_outside_hears_nothing_from_inside(ws: Workspace, heard: Heard) -> None:
    await ws.leave("ml-oncall", by=ws.bot_user)
    message = await ws.say("ml-oncall", f"<@{ws.bot_user}> are you there?", by="ada")
    await ws.react(message, "eyes", by="bo")
    await ws.archive("ml-oncall", by="ada")
    await ws.until(lambda: told(heard, "channel_archive"))
    assert told(heard, "member_left_channel")[0]["user"] == ws.bot_user
    assert not [e for e in heard if e["type"] in ("app_mention", "reaction_added") or e.get("text") == message.text]


@pytest.mark.parametrize(
    ("method", "arguments", "expected"),
    [
        ("conversations.rename", {"channel": ROOM, "name": "General Chat"}, "invalid_name_specials"),
        ("conversations.rename", {"channel": ROOM, "name": "x" * 81}, "invalid_name_maxlength"),
        ("conversations.rename", {"channel": ROOM, "name": "old"}, "name_taken"),
        ("conversations.rename", {"channel": ROOM, "name": "fresh"}, "not_authorized"),
        ("conversations.rename", {"channel": "C01OLD", "name": "fresh"}, "is_archived"),
        ("conversations.setPurpose", {"channel": ROOM, "purpose": "x" * 251}, "too_long"),
        ("conversations.setTopic", {"channel": "C01OLD", "topic": "x"}, "is_archived"),
        ("conversations.kick", {"channel": ROOM, "user": "U0NOBODY"}, "user_not_found"),
        ("conversations.kick", {"channel": "C01GENERAL", "user": "U01ADA"}, "cant_kick_from_general"),
        ("conversations.kick", {"channel": ROOM, "user": "U0BTOCSIN"}, "cant_kick_self"),
        ("conversations.archive", {"channel": "C01GENERAL"}, "cant_archive_general"),
        ("conversations.archive", {"channel": "D01ADA"}, "method_not_supported_for_channel_type"),
        ("conversations.create", {"name": "old"}, "name_taken"),
        ("conversations.invite", {"channel": ROOM, "users": "U0BTOCSIN"}, "cant_invite_self"),
        ("conversations.invite", {"channel": "C01OLD", "users": "U01ADA"}, "is_archived"),
    ],
)
async def test_what_slack_refuses_to_do_to_a_channel(
    method: str, arguments: dict[str, str], expected: str, ws: Workspace, slack: AsyncWebClient
) -> None:
    ws.state.dm("U01ADA")
    assert (await error(slack.api_call(method, data=arguments)))["error"] == expected


async def test_guests_and_strangers_cannot_be_brought_everywhere(ws: Workspace, slack: AsyncWebClient) -> None:
    made = (await slack.conversations_create(name="inc-9"))["channel"]["id"]
    refused = await error(slack.conversations_invite(channel=made, users="U01ADA,U01GUS,U01EVE"))
    assert [(e["user"], e["error"]) for e in refused["errors"]] == [  # type: ignore[attr-defined]
        ("U01GUS", "ura_max_channels"),
        ("U01EVE", "user_team_not_in_channel"),
    ]
    assert ws.channel("inc-9").inside == {ws.bot_user}
    await slack.conversations_invite(channel=made, users="U01ADA,U01GUS", force=True)
    assert ws.channel("inc-9").inside == {"U01ADA", ws.bot_user}
    await slack.conversations_kick(channel=made, user="U01ADA")
    assert (await error(slack.conversations_kick(channel=made, user="U01ADA")))["error"] == "not_in_channel"


async def test_each_act_has_its_scope(ws: Workspace, slack: AsyncWebClient) -> None:
    ws.revoke("channels:manage", "channels:write.topic", "channels:write.invites", "groups:write")
    for method, needed, more in (
        ("rename", "channels:manage", {"name": "x"}),
        ("kick", "channels:manage", {"user": "U01ADA"}),
        ("unarchive", "channels:manage", {}),
        ("setPurpose", "channels:write.topic", {"purpose": "x"}),
        ("invite", "channels:write.invites", {"users": "U01ADA"}),
    ):
        refused = await error(slack.api_call(f"conversations.{method}", data={"channel": ROOM, **more}))
        assert (refused["error"], refused["needed"]) == ("missing_scope", needed)
    private = slack.conversations_archive(channel=ws.channel("secret").id)
    assert (await error(private))["needed"] == "groups:write"


async def test_making_channels_is_a_matter_of_twenty_a_minute(clock: FakeClock) -> None:
    async with Workspace(clock=clock, limits=Limits()) as ws, client_of(ws) as slack:
        for number in range(20):
            await slack.conversations_create(name=f"inc-{number}")
        assert (await error(slack.conversations_create(name="inc-20")))["error"] == "ratelimited"
        await clock.advance(3)
        await slack.conversations_create(name="inc-20")


async def test_an_event_needs_its_scope(ws: Workspace, heard: Heard) -> None:
    ws.revoke("channels:history")
    await ws.say("ml-oncall", "unheard", by="ada")
    await ws.say("secret", "heard", by="ada")
    await ws.until(lambda: told(heard, "message"))
    assert [event["text"] for event in told(heard, "message")] == ["heard"]
