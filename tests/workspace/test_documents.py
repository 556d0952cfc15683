"""Links in the head of a channel, files, canvases, pins, emoji, and the verdict on blocks."""

import json
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.workspace import Channel, Workspace, documents
from bot.sandbox.workspace.nouns import File
from tests.workspace.test_web_api import ROOM, error

LINK = {"channel_id": ROOM, "title": "Dashboard", "type": "link", "link": "https://grafana.example/d/1"}
TEXT = {"type": "markdown", "markdown": "# What happened"}


async def test_a_bookmark_is_added_listed_and_removed(ws: Workspace, slack: AsyncWebClient) -> None:
    made = (await slack.bookmarks_add(**LINK, emoji=":bar_chart:"))["bookmark"]
    assert [b["title"] for b in ws.bookmarks("ml-oncall")] == ["Dashboard"]
    assert [b["id"] for b in (await slack.bookmarks_list(channel_id=ROOM))["bookmarks"]] == [made["id"]]
    await slack.bookmarks_remove(bookmark_id=made["id"], channel_id=ROOM)
    gone = slack.bookmarks_remove(bookmark_id=made["id"], channel_id=ROOM)
    assert (await error(gone))["error"] == "not_found"
    assert ws.bookmarks("ml-oncall") == []


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"type": "note"}, "invalid_bookmark_type"),
        ({"link": "javascript:alert(1)"}, "invalid_link"),
        ({"title": ""}, "invalid_arguments"),
        ({"channel_id": "C0NONE"}, "channel_not_found"),
        ({"channel_id": "C01FAR"}, "not_in_channel"),
        ({"channel_id": "C01OLD"}, "is_archived"),
    ],
)
async def test_what_is_no_bookmark(wrong: dict[str, str], expected: str, ws: Workspace, slack: AsyncWebClient) -> None:
    ws.add_channel(Channel("far", bot_in=False))
    ws.add_channel(Channel("old", archived=True))
    assert (await error(slack.api_call("bookmarks.add", data=LINK | wrong)))["error"] == expected


async def test_bookmarks_come_to_an_end(ws: Workspace, slack: AsyncWebClient) -> None:
    ws.state.bookmarks[ROOM] = [{"id": f"Bk{n}"} for n in range(100)]
    assert (await error(slack.bookmarks_add(**LINK)))["error"] == "too_many_bookmarks"
    ws.revoke("bookmarks:write")
    assert (await error(slack.bookmarks_add(**LINK)))["needed"] == "bookmarks:write"


async def test_the_sdk_uploads_a_file_into_a_thread(ws: Workspace, slack: AsyncWebClient) -> None:
    top = (await slack.chat_postMessage(channel=ROOM, text="card"))["ts"]
    await slack.files_upload_v2(
        channel=ROOM, thread_ts=top, filename="psi.txt", content="tenure 0.31", title="PSI", initial_comment="evidence"
    )

    [file] = ws.files
    assert (file.name, file.title, file.content, file.channels) == ("psi.txt", "PSI", b"tenure 0.31", (ROOM,))
    shared = ws.messages(ROOM, thread=top)[-1]
    assert (shared.text, shared.subtype, shared.files[0]["title"]) == ("evidence", "file_share", "PSI")
    assert [call.method for call in ws.calls[1:]] == ["files.getUploadURLExternal", "files.completeUploadExternal"]


async def test_an_upload_keeps_its_order(ws: Workspace, slack: AsyncWebClient) -> None:
    asked = await slack.files_getUploadURLExternal(filename="a.png", length=3)

    async def sent(content: bytes) -> int:
        async with aiohttp.ClientSession() as session, session.post(asked["upload_url"], data=content) as answer:
            return answer.status

    async def complete(**where: str) -> Any:
        return await slack.files_completeUploadExternal(files=[{"id": asked["file_id"], "title": "A"}], **where)

    assert (await error(complete(channel_id=ROOM)))["error"] == "file_not_found"
    assert await sent(b"four") == 400
    assert await sent(b"abc") == 200
    assert await sent(b"abc") == 404
    ws.add_channel(Channel("far", bot_in=False))
    assert (await error(complete(channel_id="C01FAR")))["error"] == "not_in_channel"
    assert ws.files == []
    await complete(channel_id=ROOM)
    assert (await error(complete(channel_id=ROOM)))["error"] == "file_not_found"
    empty = slack.files_getUploadURLExternal(filename="a.png", length=0)
    assert (await error(empty))["error"] == "invalid_arguments"
    assert len(ws.messages(ROOM)) == 1


async def test_words_for_who_cannot_see_a_picture_have_a_limit(ws: Workspace, slack: AsyncWebClient) -> None:
    asked = await slack.files_getUploadURLExternal(filename="a.png", length=3, alt_txt="x" * 1_000)
    assert ws.state.files[asked["file_id"]].alt_text == "x" * 1_000
    long = slack.files_getUploadURLExternal(filename="a.png", length=3, alt_txt="x" * 1_001)
    assert (await error(long))["error"] == "alt_txt_too_large"


async def test_the_oldest_files_are_forgotten_before_the_workspace_grows_too_large(ws: Workspace) -> None:
    half = documents.KEPT // 2 + 1
    for number in range(3):
        name = f"F{number}"
        ws.state.files[name], ws.state.uploads[name] = File(name, "a.png", half), name
        assert documents.upload(ws.state, name, bytes(half))[0] == 200
        ws.state.files[name] = replace(ws.state.files[name], complete=True)
    assert [len(file.content or b"") for file in ws.files] == [0, 0, half]


# aiohttp warns of a body as large as a canvas may not be.
@pytest.mark.filterwarnings("ignore::ResourceWarning")
async def test_a_canvas_stands_alone_or_in_a_channel_once(ws: Workspace, slack: AsyncWebClient) -> None:
    await slack.canvases_create(title="Postmortem INC-1", document_content=TEXT)
    await slack.conversations_canvases_create(channel_id=ROOM, document_content=TEXT)
    assert [(c.title, c.channel) for c in ws.canvases] == [("Postmortem INC-1", ""), ("", ROOM)]
    again = slack.conversations_canvases_create(channel_id=ROOM, document_content=TEXT)
    assert (await error(again))["error"] == "channel_canvas_already_exists"
    html = slack.canvases_create(title="x", document_content={"type": "html", "markdown": "x"})
    assert (await error(html))["error"] == "invalid_arguments"
    huge = slack.canvases_create(title="x", document_content={"type": "markdown", "markdown": "x" * (2**20 + 1)})
    assert (await error(huge))["error"] == "canvas_creation_failed"
    ws.fault("canvases.create", "free_teams_cannot_create_non_tabbed_canvases")
    with pytest.raises(Exception, match="free_teams"):
        await slack.canvases_create(title="x", document_content=TEXT)


async def test_pins_and_emoji_are_taken_off_again(ws: Workspace, slack: AsyncWebClient) -> None:
    ts = (await slack.chat_postMessage(channel=ROOM, text="card"))["ts"]
    await slack.pins_add(channel=ROOM, timestamp=ts)
    await slack.reactions_add(channel=ROOM, timestamp=ts, name="eyes")
    assert [item["message"]["ts"] for item in (await slack.pins_list(channel=ROOM))["items"]] == [ts]
    assert [m.ts for m in ws.pins(ROOM)] == [ts]

    await slack.pins_remove(channel=ROOM, timestamp=ts)
    await slack.reactions_remove(channel=ROOM, timestamp=ts, name="eyes")

    [message] = ws.messages(ROOM)
    assert (message.pinned, message.reactions) == (False, {})
    assert (await error(slack.pins_remove(channel=ROOM, timestamp=ts)))["error"] == "no_pin"
    assert (await error(slack.reactions_remove(channel=ROOM, timestamp=ts, name="eyes")))["error"] == "no_reaction"


async def test_blocks_are_judged_without_being_sent(ws: Workspace, slack: AsyncWebClient) -> None:
    header = {"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}
    assert (await slack.blocks_validate(blocks=[{"type": "divider"}]))["ok"]
    refused = await error(slack.blocks_validate(blocks=[header]))
    assert refused["error"] == "invalid_blocks"
    assert refused["errors"] == [
        {"pointer": "/blocks/0/text/text", "code": "too_long", "message": "at most 150 characters"}
    ]
    message = await error(slack.blocks_validate(message={"text": "x", "blocks": [{"type": "banner"}]}))
    assert (message["error"], message["errors"][0]["code"]) == ("invalid_message", "unknown_type")  # type: ignore[index]
    view = await error(slack.blocks_validate(view={"type": "modal", "blocks": []}))
    assert (view["error"], view["errors"][0]["pointer"]) == ("invalid_view", "/title")  # type: ignore[index]
    both = slack.blocks_validate(blocks=[], view=json.dumps({"type": "home", "blocks": []}))
    assert (await error(both))["error"] == "invalid_arguments"
    assert ws.messages(ROOM) == []
