"""The Web API as the real slack_sdk client meets it."""

from collections.abc import Mapping
from datetime import timedelta

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.workspace import App, Channel, Limits, Person, Workspace
from bot.testing.clock import FakeClock
from tests.workspace.conftest import client_of

ROOM = "C01MLONCALL"
CARD = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "*SEV2* accuracy fell"}},
    {"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "Acknowledge"}}]},
]


async def error(call: object) -> Mapping[str, object]:
    """What Slack refused a call with."""
    with pytest.raises(SlackApiError) as caught:
        await call  # type: ignore[misc]
    answer: Mapping[str, object] = caught.value.response.data
    return answer


async def test_a_post_stands_in_the_channel_with_ids_for_its_blocks(ws: Workspace, slack: AsyncWebClient) -> None:
    said = await slack.chat_postMessage(channel=ROOM, text="SEV2", blocks=CARD, unfurl_links=False)

    [message] = ws.messages("#ml-oncall")
    assert (message.ts, message.text, message.user) == (said["ts"], "SEV2", ws.bot_user)
    assert message.shown == "*SEV2* accuracy fell\nAcknowledge"
    assert list(message.buttons) == ["Acknowledge"]
    assert message.buttons["Acknowledge"]["action_id"]
    assert said["message"]["blocks"][0]["block_id"]


async def test_time_stamps_are_unique_and_rise_while_the_clock_stands(ws: Workspace, slack: AsyncWebClient) -> None:
    stamps = [(await slack.chat_postMessage(channel=ROOM, text=str(n)))["ts"] for n in range(3)]

    assert stamps == ["1795405080.000000", "1795405080.000001", "1795405080.000002"]


async def test_an_edit_keeps_the_time_stamp_and_is_counted(ws: Workspace, slack: AsyncWebClient) -> None:
    ts = (await slack.chat_postMessage(channel=ROOM, text="open", blocks=CARD))["ts"]
    before = ws.messages(ROOM)[0]

    await slack.chat_update(channel=ROOM, ts=ts, text="closed", blocks=[])

    [after] = ws.messages(ROOM)
    assert (after.ts, after.text, after.blocks, after.edits) == (ts, "closed", [], 1)
    assert before.text == "open"
    assert [change.kind for change in ws.journal if change.message] == ["post", "edit"]


async def test_what_an_edit_does_not_name_stays(ws: Workspace, slack: AsyncWebClient) -> None:
    metadata = {"event_type": "ml_incident", "event_payload": {"id": "INC-1"}}
    ts = (await slack.chat_postMessage(channel=ROOM, text="open", blocks=CARD, metadata=metadata))["ts"]

    await slack.chat_update(channel=ROOM, ts=ts, text="still open")

    [message] = ws.messages(ROOM)
    assert message.blocks
    assert message.metadata == metadata


async def test_metadata_is_found_again_in_the_history_when_asked_for(ws: Workspace, slack: AsyncWebClient) -> None:
    for number in range(3):
        metadata = {"event_type": "ml_incident", "event_payload": {"id": f"INC-{number}"}}
        await slack.chat_postMessage(channel=ROOM, text="card", metadata=metadata)

    told = await slack.conversations_history(channel=ROOM, include_all_metadata=True, limit=2)
    plain = await slack.conversations_history(channel=ROOM)

    assert [m["metadata"]["event_payload"]["id"] for m in told["messages"]] == ["INC-2", "INC-1"]
    assert told["has_more"]
    rest = await slack.conversations_history(
        channel=ROOM, include_all_metadata=True, limit=2, cursor=told["response_metadata"]["next_cursor"]
    )
    assert [m["metadata"]["event_payload"]["id"] for m in rest["messages"]] == ["INC-0"]
    assert all("metadata" not in message for message in plain["messages"])


async def test_history_is_cut_by_oldest_and_latest(ws: Workspace, slack: AsyncWebClient, clock: FakeClock) -> None:
    stamps = []
    for _ in range(3):
        stamps.append((await slack.chat_postMessage(channel=ROOM, text="x"))["ts"])
        await clock.advance(60)

    async def seen(**span: object) -> list[str]:
        told = await slack.conversations_history(channel=ROOM, **span)  # type: ignore[arg-type]
        return [message["ts"] for message in told["messages"]]

    assert await seen(oldest=stamps[1]) == [stamps[2]]
    assert await seen(oldest=stamps[1], inclusive=True) == [stamps[2], stamps[1]]
    assert await seen(latest=stamps[1]) == [stamps[0]]


async def test_a_thread_is_apart_from_the_channel(ws: Workspace, slack: AsyncWebClient) -> None:
    top = (await slack.chat_postMessage(channel=ROOM, text="card"))["ts"]
    await slack.chat_postMessage(channel=ROOM, text="evidence", thread_ts=top)

    told = await slack.conversations_replies(channel=ROOM, ts=top)
    history = await slack.conversations_history(channel=ROOM)

    assert [m["text"] for m in told["messages"]] == ["card", "evidence"]
    assert [m["text"] for m in history["messages"]] == ["card"]
    assert [m.text for m in ws.messages(ROOM, thread=top)] == ["card", "evidence"]


async def test_a_dm_is_opened_and_written_to(ws: Workspace, slack: AsyncWebClient) -> None:
    channel = (await slack.conversations_open(users="U01ADA"))["channel"]["id"]
    await slack.chat_postMessage(channel=channel, text="page")
    await slack.chat_postMessage(channel="U01ADA", text="page again")

    assert [message.text for message in ws.dms("ada")] == ["page", "page again"]
    assert ws.dms("bo") == []


async def test_an_ephemeral_is_for_one_person_in_the_channel(ws: Workspace, slack: AsyncWebClient) -> None:
    await slack.chat_postEphemeral(channel=ROOM, user="U01ADA", text="only you")
    ws.add_person("cy")

    refused = await error(slack.chat_postEphemeral(channel=ROOM, user="U01CY", text="x"))

    assert [message.text for message in ws.ephemerals("ada")] == ["only you"]
    assert ws.messages(ROOM) == []
    assert refused["error"] == "user_not_in_channel"
    ts = ws.ephemerals("ada")[0].ts
    assert (await error(slack.chat_update(channel=ROOM, ts=ts, text="x")))["error"] == "message_not_found"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"channel": "C0NOWHERE", "text": "x"}, "channel_not_found"),
        ({"channel": "C01ELSEWHERE", "text": "x"}, "not_in_channel"),
        ({"channel": "G01HIDDEN", "text": "x"}, "channel_not_found"),
        ({"channel": "C01OLD", "text": "x"}, "is_archived"),
        ({"channel": "U01GONE", "text": "x"}, "channel_not_found"),
        ({"channel": ROOM, "text": "  "}, "no_text"),
        ({"channel": ROOM, "text": "x" * 40_001}, "msg_too_long"),
        ({"channel": ROOM, "text": "x", "thread_ts": "1.000001"}, "thread_not_found"),
        ({"channel": ROOM, "text": "x", "thread_ts": "soon"}, "invalid_thread_ts"),
        ({"channel": ROOM, "text": "x", "blocks": "{not json"}, "invalid_blocks_format"),
        ({"channel": ROOM, "text": "x", "blocks": [{"type": "header"}]}, "invalid_blocks"),
        ({"channel": ROOM, "text": "x", "metadata": {"event_type": ""}}, "invalid_metadata_format"),
        ({"channel": ROOM, "text": "x", "metadata": {"event_type": "a"}}, "invalid_metadata_schema"),
        (
            {"channel": ROOM, "text": "x", "metadata": {"event_type": "a", "event_payload": {"x": "y" * 9000}}},
            "metadata_too_large",
        ),
        ({"channel": ROOM, "text": "x", "username": "somebody else"}, "missing_scope"),
        ({"channel": ROOM, "markdown_text": "x", "text": "x"}, "markdown_text_conflict"),
        ({"text": "x", "channel": ""}, "invalid_arguments"),
    ],
)
async def test_what_slack_would_refuse_to_post(arguments: dict[str, object], expected: str, clock: FakeClock) -> None:
    channels = [
        "ml-oncall",
        Channel("elsewhere", bot_in=False),
        Channel("hidden", private=True, bot_in=False),
        Channel("old", archived=True),
    ]
    people = ["ada", Person("gone", deleted=True)]
    async with (
        Workspace(clock=clock, people=people, channels=channels, limits=Limits.off()) as ws,
        client_of(ws) as slack,
    ):
        refused = await error(slack.api_call("chat.postMessage", json=arguments))

        assert refused["error"] == expected
        assert [call.error for call in ws.calls] == [expected]
        assert all(not ws.messages(channel.id) for channel in ws.state.channels.values())


async def test_bad_blocks_are_named_one_by_one(ws: Workspace, slack: AsyncWebClient) -> None:
    refused = await error(slack.chat_postMessage(channel=ROOM, text="x", blocks=[{"type": "divider", "colour": "red"}]))

    assert refused["error"] == "invalid_blocks"
    assert refused["response_metadata"] == {"messages": ["[ERROR] unknown key [json-pointer:/blocks/0/colour]"]}


async def test_too_much_text_in_all_blocks_has_an_error_of_its_own(ws: Workspace, slack: AsyncWebClient) -> None:
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3000}}] * 5
    refused = await error(slack.chat_postMessage(channel=ROOM, text="x", blocks=blocks))
    assert refused["error"] == "msg_blocks_too_long"


async def test_only_own_messages_can_be_changed(ws: Workspace, slack: AsyncWebClient) -> None:
    theirs = await ws.say(ROOM, "hello", by="ada")

    update = slack.chat_update(channel=ROOM, ts=theirs.ts, text="x")
    assert (await error(update))["error"] == "cant_update_message"
    assert (await error(slack.chat_delete(channel=ROOM, ts=theirs.ts)))["error"] == "cant_delete_message"
    nowhere = slack.chat_update(channel=ROOM, ts="1.000000", text="x")
    assert (await error(nowhere))["error"] == "message_not_found"
    mine = (await slack.chat_postMessage(channel=ROOM, text="x"))["ts"]
    assert (await error(slack.chat_update(channel=ROOM, ts=mine, text="x" * 4001)))["error"] == "msg_too_long"
    await slack.chat_delete(channel=ROOM, ts=mine)
    assert [message.text for message in ws.messages(ROOM)] == ["hello"]


async def test_tokens_are_looked_at_before_anything_else(ws: Workspace) -> None:
    async def refusal(token: str, method: str = "auth.test") -> object:
        async with client_of(ws, token) as client:
            return (await error(client.api_call(method)))["error"]

    assert await refusal("xoxb-wrong") == "invalid_auth"
    assert await refusal(ws.app_token, "chat.postMessage") == "not_allowed_token_type"
    assert await refusal(ws.bot_token, "apps.connections.open") == "not_allowed_token_type"
    assert await refusal(ws.bot_token, "chat.summon") == "unknown_method"
    async with aiohttp.ClientSession() as session, session.post(f"{ws.url}auth.test") as answer:
        assert await answer.json() == {"ok": False, "error": "not_authed"}
    body = {"token": ws.bot_token}
    async with aiohttp.ClientSession() as session, session.post(f"{ws.url}auth.test", json=body) as answer:
        assert (await answer.json())["error"] == "not_authed"
    async with aiohttp.ClientSession() as session, session.post(f"{ws.url}auth.test", data=body) as answer:
        assert (await answer.json())["ok"]


async def test_auth_test_says_which_scopes_the_token_has(ws: Workspace, slack: AsyncWebClient) -> None:
    said = await slack.auth_test()

    assert (said["user_id"], said["bot_id"], said["team_id"]) == (ws.bot_user, ws.bot_id, ws.team_id)
    assert "chat:write" in said.headers["x-oauth-scopes"].split(",")


async def test_a_missing_scope_is_named(ws: Workspace, slack: AsyncWebClient) -> None:
    ws.revoke("chat:write", "channels:history")

    refused = await error(slack.chat_postMessage(channel=ROOM, text="x"))

    assert (refused["error"], refused["needed"]) == ("missing_scope", "chat:write")
    assert "chat:write" not in str(refused["provided"]).split(",")
    assert (await error(slack.conversations_history(channel=ROOM)))["needed"] == "channels:history"


async def test_a_channel_takes_a_burst_and_then_one_message_a_second(
    ws: Workspace, slack: AsyncWebClient, clock: FakeClock
) -> None:
    for _ in range(3):
        await slack.chat_postMessage(channel=ROOM, text="x")
    with pytest.raises(SlackApiError) as caught:
        await slack.chat_postMessage(channel=ROOM, text="x")

    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "1"
    await slack.chat_postMessage(channel="U01ADA", text="another channel is not concerned")
    await clock.advance(1)
    await slack.chat_postMessage(channel=ROOM, text="x")
    assert len(ws.messages(ROOM)) == 4


async def test_a_tier_is_so_many_calls_a_minute(ws: Workspace, slack: AsyncWebClient, clock: FakeClock) -> None:
    ts = (await slack.chat_postMessage(channel=ROOM, text="x"))["ts"]
    for number in range(50):
        await slack.chat_update(channel=ROOM, ts=ts, text=str(number))

    assert (await error(slack.chat_update(channel=ROOM, ts=ts, text="late")))["error"] == "ratelimited"
    await clock.advance(2)
    await slack.chat_update(channel=ROOM, ts=ts, text="welcome again")
    assert ws.messages(ROOM)[0].text == "welcome again"


async def test_faults_come_before_or_after_the_act(ws: Workspace, slack: AsyncWebClient) -> None:
    ws.fault("chat.postMessage", "ratelimited", retry_after=7)
    ws.fault("chat.postMessage", "internal_error")
    ws.fault("chat.postMessage", "500", after_effect=True)

    with pytest.raises(SlackApiError) as limited:
        await slack.chat_postMessage(channel=ROOM, text="one")
    assert limited.value.response.headers["Retry-After"] == "7"
    assert (await error(slack.chat_postMessage(channel=ROOM, text="two")))["error"] == "internal_error"
    assert ws.messages(ROOM) == []
    with pytest.raises(SlackApiError):
        await slack.chat_postMessage(channel=ROOM, text="three")
    assert [message.text for message in ws.messages(ROOM)] == ["three"]
    await slack.auth_test()


async def test_a_dropped_answer_leaves_the_post_in_doubt(ws: Workspace, slack: AsyncWebClient) -> None:
    ws.fault("chat.postMessage", "drop", after_effect=True)

    with pytest.raises(aiohttp.ClientError):
        await slack.chat_postMessage(channel=ROOM, text="sent?")

    assert [message.text for message in ws.messages(ROOM)] == ["sent?"]
    assert ws.calls[-1].error == "drop"


async def test_a_call_hangs_until_the_faults_are_cleared(ws: Workspace) -> None:
    ws.fault("auth.test", "hang")
    timeout = aiohttp.ClientTimeout(total=0.05)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        headers = {"Authorization": f"Bearer {ws.bot_token}"}
        with pytest.raises(TimeoutError):
            await session.post(f"{ws.url}auth.test", headers=headers)
        async with session.post(f"{ws.url}auth.test", headers=headers) as answer:
            assert (await answer.json())["ok"]


async def test_people_are_told_as_slack_tells_them(ws: Workspace, slack: AsyncWebClient, clock: FakeClock) -> None:
    ws.add_person(Person("guest", is_restricted=True, tz="Europe/Istanbul"))
    ws.add_person(Person("other", is_stranger=True))
    ws.change_person("bo", deleted=True)
    ws.change_person("ada", dnd_until=clock.now() + timedelta(hours=8))

    ada = (await slack.users_lookupByEmail(email="ADA@example.com"))["user"]
    guest = (await slack.users_info(user="U01GUEST"))["user"]
    other = (await slack.users_info(user="U01OTHER"))["user"]

    assert (ada["id"], ada["profile"]["email"]) == ("U01ADA", "ada@example.com")
    assert (guest["is_restricted"], guest["tz"]) == (True, "Europe/Istanbul")
    assert other["is_stranger"]
    assert other["team_id"] != ws.team_id
    assert "tz" not in (await slack.users_info(user="U01BO"))["user"]
    assert (await error(slack.users_lookupByEmail(email="bo@example.com")))["error"] == "users_not_found"
    assert (await error(slack.users_info(user="ada")))["error"] == "user_not_found"
    assert (await error(slack.conversations_open(users="U01BO")))["error"] == "user_disabled"
    assert (await slack.dnd_info(user="U01ADA"))["dnd_enabled"]
    assert not (await slack.dnd_info(user="U01GUEST"))["dnd_enabled"]
    listed = await slack.users_list(limit=2)
    assert len(listed["members"]) == 2
    assert listed["response_metadata"]["next_cursor"]


async def test_a_channel_is_made_filled_named_and_closed(ws: Workspace, slack: AsyncWebClient) -> None:
    made = (await slack.conversations_create(name="inc-42"))["channel"]["id"]
    await slack.conversations_invite(channel=made, users=["U01ADA", "U01BO"])
    await slack.conversations_setTopic(channel=made, topic="SEV2")
    names = [c["name"] for c in (await slack.conversations_list())["channels"]]

    assert names == ["ml-oncall", "inc-42"]
    assert sorted((await slack.conversations_members(channel=made))["members"]) == ["U01ADA", "U01BO", ws.bot_user]
    assert (await slack.conversations_info(channel=made))["channel"]["topic"]["value"] == "SEV2"
    again = slack.conversations_invite(channel=made, users="U01ADA")
    assert (await error(again))["error"] == "already_in_channel"
    assert (await error(slack.conversations_create(name="Inc 43")))["error"] == "invalid_name_specials"
    await slack.conversations_archive(channel=made)
    assert (await error(slack.chat_postMessage(channel=made, text="x")))["error"] == "is_archived"
    assert (await error(slack.conversations_create(name="inc-42")))["error"] == "name_taken"


async def test_a_bot_outside_joins_a_public_channel(clock: FakeClock) -> None:
    channels = [Channel("elsewhere", bot_in=False)]
    async with Workspace(clock=clock, channels=channels) as ws, client_of(ws) as slack:
        history = slack.conversations_history(channel="C01ELSEWHERE")
        assert (await error(history))["error"] == "not_in_channel"
        await slack.conversations_join(channel="C01ELSEWHERE")
        await slack.chat_postMessage(channel="#elsewhere", text="here now")
        assert ws.messages("elsewhere")[0].text == "here now"


async def test_pins_and_reactions_are_put_once(ws: Workspace, slack: AsyncWebClient) -> None:
    ts = (await slack.chat_postMessage(channel=ROOM, text="card"))["ts"]
    await slack.reactions_add(channel=ROOM, timestamp=ts, name="eyes")
    await slack.pins_add(channel=ROOM, timestamp=ts)

    [message] = ws.messages(ROOM)
    assert message.reactions == {"eyes": (ws.bot_user,)}
    assert message.pinned
    assert message.edits == 0
    again = slack.reactions_add(channel=ROOM, timestamp=ts, name="eyes")
    assert (await error(again))["error"] == "already_reacted"
    assert (await error(slack.pins_add(channel=ROOM, timestamp=ts)))["error"] == "already_pinned"


async def test_a_narrow_app_gets_only_what_its_manifest_says(clock: FakeClock) -> None:
    app = App(scopes=("commands",))
    async with Workspace(clock=clock, channels=["x"], app=app) as ws, client_of(ws) as slack:
        assert (await error(slack.users_list()))["needed"] == "users:read"


async def test_bodies_that_are_no_request_are_refused(ws: Workspace) -> None:
    async def said(**how: object) -> object:
        async with aiohttp.ClientSession() as session:
            headers = {"Authorization": f"Bearer {ws.bot_token}"} | how.pop("headers", {})  # type: ignore[operator]
            async with session.post(f"{ws.url}chat.postMessage", headers=headers, **how) as answer:  # type: ignore[arg-type]
                return (await answer.json())["error"]

    assert await said(data=b"{", headers={"Content-Type": "application/json"}) == "invalid_json"
    assert await said(data=b"[]", headers={"Content-Type": "application/json"}) == "json_not_object"
    assert await said(data=b"x", headers={"Content-Type": "image/png"}) == "invalid_post_type"
    assert await said(json={"channel": {}, "text": "x"}) == "invalid_arguments"
