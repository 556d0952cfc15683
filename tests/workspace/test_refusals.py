"""What the workspace shows, says of itself, and refuses beside posts."""

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.workspace import Workspace
from tests.workspace.test_web_api import ROOM, error


async def test_what_a_message_shows_is_every_visible_word(ws: Workspace, slack: AsyncWebClient) -> None:
    spans = [
        {"type": "text", "text": "paged "},
        {"type": "user", "user_id": "U01ADA"},
        {"type": "text", "text": " about "},
        {"type": "link", "url": "https://x.example"},
    ]
    confirm = {key: {"type": "plain_text", "text": "hidden"} for key in ("title", "text", "confirm", "deny")}
    go = {"type": "button", "text": {"type": "plain_text", "text": "Go"}, "confirm": confirm}
    rows = [[{"type": "raw_text", "text": "psi"}, {"type": "raw_number", "value": 0.31}]]
    blocks = [
        {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": spans}]},
        {"type": "image", "image_url": "https://x.example/a.png", "alt_text": "drift since Monday"},
        {"type": "actions", "elements": [go]},
        {"type": "table", "rows": rows},
    ]
    await slack.chat_postMessage(channel=ROOM, text="unseen", blocks=blocks)

    shown = ws.messages(ROOM)[0].shown
    assert shown.splitlines() == ["paged @U01ADA about https://x.example", "drift since Monday", "Go", "psi", "0.31"]


async def test_the_workspace_and_the_bot_introduce_themselves(ws: Workspace, slack: AsyncWebClient) -> None:
    ts = (await slack.chat_postMessage(channel=ROOM, text="x"))["ts"]

    assert (await slack.team_info())["team"]["id"] == ws.team_id
    assert (await slack.bots_info(bot=ws.bot_id))["bot"]["user_id"] == ws.bot_user
    assert (await error(slack.bots_info(bot="B0NONE")))["error"] == "bot_not_found"
    link = (await slack.chat_getPermalink(channel=ROOM, message_ts=ts))["permalink"]
    assert link == f"{ws.origin}/archives/{ROOM}/p{ts.replace('.', '')}"


@pytest.mark.parametrize(
    ("method", "arguments", "expected"),
    [
        ("conversations.open", {"users": ""}, "users_list_not_supplied"),
        ("conversations.open", {"users": "U0NOBODY"}, "user_not_found"),
        ("conversations.open", {"users": "U01ADA,U01BO"}, "missing_scope"),
        ("conversations.list", {"types": "secret_channel"}, "invalid_types"),
        ("conversations.list", {"limit": "0"}, "invalid_limit"),
        ("conversations.list", {"cursor": "%%%"}, "invalid_cursor"),
        ("conversations.history", {"channel": ROOM, "oldest": "yesterday"}, "invalid_ts_oldest"),
        ("conversations.replies", {"channel": ROOM, "ts": "1.000000"}, "thread_not_found"),
        ("conversations.create", {"name": ""}, "invalid_name_required"),
        ("conversations.create", {"name": "x" * 81}, "invalid_name_maxlength"),
        ("conversations.create", {"name": "--"}, "invalid_name_punctuation"),
        ("conversations.create", {"name": "ml-oncall"}, "name_taken"),
        ("conversations.invite", {"channel": ROOM, "users": ""}, "no_user"),
        ("conversations.invite", {"channel": ROOM, "users": "U0NOBODY"}, "user_not_found"),
        ("conversations.setTopic", {"channel": ROOM, "topic": "x" * 251}, "too_long"),
        ("reactions.add", {"channel": ROOM, "timestamp": "soon", "name": "eyes"}, "bad_timestamp"),
        ("reactions.add", {"channel": ROOM, "timestamp": "1.000000", "name": "eyes"}, "message_not_found"),
        ("chat.postEphemeral", {"channel": ROOM, "text": "x"}, "invalid_arguments"),
        ("views.publish", {"user_id": "U0NOBODY", "view": "{}"}, "user_not_found"),
        ("views.publish", {"user_id": "U01ADA", "view": "[]"}, "invalid_arguments"),
        ("views.open", {"view": '{"type": "modal"}'}, "invalid_arguments"),
    ],
)
async def test_what_other_methods_refuse(
    method: str, arguments: dict[str, str], expected: str, ws: Workspace, slack: AsyncWebClient
) -> None:
    assert (await error(slack.api_call(method, data=arguments)))["error"] == expected
