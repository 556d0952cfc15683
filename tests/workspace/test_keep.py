"""A workspace that is put into a file and taken out again is the same to everybody: people, bot, and pages."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.workspace import App, Channel, Limits, Person, Secrets, UserGroup, Workspace, keep
from bot.sandbox.workspace.nouns import SCOPES, Json
from bot.testing.clock import FakeClock
from tests.workspace.conftest import START, Heard, bolt, client_of
from tests.workspace.test_web_api import ROOM, error

PICTURE = b"\x89PNG\r\n\x1a\n\x00\xff\xfe"
FIELD = {"type": "plain_text_input", "action_id": "why"}
MODAL = {
    "type": "modal",
    "callback_id": "form",
    "private_metadata": "INC-1",
    "title": {"type": "plain_text", "text": "Why?"},
    "submit": {"type": "plain_text", "text": "Send"},
    "blocks": [
        {"type": "input", "block_id": "b", "label": {"type": "plain_text", "text": "Words"}, "element": FIELD},
    ],
}
HOME = {"type": "home", "blocks": [{"type": "divider"}]}
MENU = {
    "type": "actions",
    "block_id": "menu",
    "elements": [
        {
            "type": "static_select",
            "action_id": "pick",
            "placeholder": {"type": "plain_text", "text": "Which"},
            "options": [{"text": {"type": "plain_text", "text": "Six"}, "value": "6"}],
        }
    ],
}


def listen(heard: Heard) -> Callable[[AsyncApp], None]:
    """A bot that opens a modal for a command, and hears what is sent in it."""

    def put(app: AsyncApp) -> None:
        @app.command("/why")
        async def why(ack: Any, body: Any, client: Any) -> None:
            await ack()
            heard.append(body)
            await client.views_open(trigger_id=body["trigger_id"], view=MODAL)

        @app.action("pick")
        async def pick(ack: Any, body: Any) -> None:
            await ack()
            heard.append(body)

        @app.view("form")
        async def form(ack: Any, view: Any) -> None:
            await ack()
            heard.append(view)

    return put


async def fill(ws: Workspace) -> None:
    """Ada writes into the modal the bot opens for her, and does not send it."""
    await ws.until(lambda: ws.views("ada"))
    await ws.fill(ws.views("ada")[-1], {"why": "it fell"}, by="ada")


async def lived_in(ws: Workspace, slack: AsyncWebClient) -> str:
    """Puts something of everything into a workspace; the time-stamp of its card."""
    ws.add_person(Person("guy", is_stranger=True, dnd_until=START + timedelta(hours=1)))
    ws.add_person(Person("gone", deleted=True))
    ws.add_channel(Channel("war-room", private=True, members={"ada", "guy"}))
    ws.add_channel(Channel("old", archived=True, topic="once"))
    ws.add_group(UserGroup("oncall-ml", users=("ada", "bo")))
    card = (await slack.chat_postMessage(channel=ROOM, text="Drift", blocks=[MENU], metadata=META))["ts"]
    await slack.chat_update(channel=ROOM, ts=card, text="Drift, twice ✓", blocks=[MENU])
    said = await ws.say(ROOM, "looking", by="ada", thread=card)
    await ws.react(said, "eyes", by="bo")
    await slack.pins_add(channel=ROOM, timestamp=card)
    await slack.chat_postEphemeral(channel=ROOM, user="U01BO", text="only you")
    await slack.chat_postMessage(channel="U01ADA", text="a page")
    await slack.bookmarks_add(channel_id=ROOM, title="Board", type="link", link="https://grafana.example/d/1")
    await slack.files_upload_v2(channel=ROOM, filename="psi.png", content=PICTURE, title="PSI")
    text = {"type": "markdown", "markdown": "# What happened"}
    await slack.api_call("canvases.create", json={"title": "Postmortem", "document_content": text})
    await slack.views_publish(user_id="U01ADA", view=HOME)
    return str(card)


META = {"event_type": "tocsin", "event_payload": {"key": "card/INC-1"}}


async def test_what_is_kept_is_kept_whole_and_kept_again_it_is_the_same(
    ws: Workspace, slack: AsyncWebClient, clock: FakeClock
) -> None:
    card = await lived_in(ws, slack)
    heard: Heard = []
    async with bolt(ws, "socket", listen(heard)):
        await ws.press(ws.messages(ROOM)[0], "pick", by="bo", value="Six")
        await ws.command("/why", by="ada", channel=ROOM)
        await fill(ws)
        first = keep.saved(ws.state)
        again = keep.restored(json.loads(json.dumps(first)), clock)
        assert keep.saved(again.state) == first
        assert (again.messages(ROOM), again.view("ada")) == (ws.messages(ROOM), ws.view("ada"))
        assert (again.pins(ROOM), again.bookmarks(ROOM)) == (ws.pins(ROOM), ws.bookmarks(ROOM))
        assert (again.home("ada"), again.dms("ada"), again.groups) == (ws.home("ada"), ws.dms("ada"), ws.groups)
        assert (again.ephemerals("bo"), again.state.people) == (ws.ephemerals("bo"), ws.state.people)
        assert (again.state.channels, again.canvases) == (ws.state.channels, ws.canvases)
        assert [file.content for file in again.files] == [PICTURE]
        assert again.state.picked == ws.state.picked != {}
        assert (again.counter, again.since(again.counter - 2)) == (ws.counter, ws.since(ws.counter - 2))

        await slack.chat_update(channel=ROOM, ts=card, text="nobody who was kept sees this")
        assert keep.saved(again.state) == first


async def test_a_form_that_was_open_is_sent_to_the_bot_of_the_next_day(
    ws: Workspace, clock: FakeClock, tmp_path: Path
) -> None:
    heard: Heard = []
    async with bolt(ws, "socket", listen(heard)):
        await ws.command("/why", by="ada", channel=ROOM)
        await fill(ws)
    keep.write(tmp_path / "workspace.json", ws)
    await clock.advance(timedelta(minutes=20))
    async with keep.read(tmp_path / "workspace.json", clock) as later, bolt(later, "socket", listen(heard)):
        view = later.view("ada")
        assert view is not None
        assert (await later.submit(view, {}, by="ada")).acked
        assert heard[-1]["state"]["values"]["b"]["why"]["value"] == "it fell"
        assert heard[-1]["private_metadata"] == "INC-1"
        key = heard[0]["response_url"].rpartition("/")[2]
        assert key in later.state.response_urls
        await clock.advance(timedelta(minutes=11))
        assert keep.saved(later.state)["response_urls"] == {}


async def test_the_bot_goes_on_with_its_token_and_edits_what_it_wrote(
    ws: Workspace, slack: AsyncWebClient, clock: FakeClock, tmp_path: Path
) -> None:
    card = await lived_in(ws, slack)
    file = tmp_path / "workspace.json"
    keep.write(file, ws)
    async with keep.read(file, clock, limits=Limits.off()) as later, client_of(later, ws.bot_token) as bot:
        assert (later.control_token, later.signing_secret) == (ws.control_token, ws.signing_secret)
        assert (later.app_token, later.team_id, later.bot_user) == (ws.app_token, ws.team_id, ws.bot_user)
        await bot.chat_update(channel=ROOM, ts=card, text="Resolved")
        assert next(m for m in later.messages(ROOM) if m.ts == card).text == "Resolved"
        assert later.counter == ws.counter + 1
        assert [change.kind for change in later.since(ws.counter)] == ["edit"]
        newest = max(m.ts for m in ws.messages(ROOM))
        assert (await bot.chat_postMessage(channel=ROOM, text="more"))["ts"] > newest
        names = {later.state.fresh("b") for _ in range(3)}
        assert not names & {block["block_id"] for m in ws.messages(ROOM) for block in m.surfaces()}


async def test_time_stamps_go_on_where_the_clock_went_back(ws: Workspace, slack: AsyncWebClient) -> None:
    await slack.chat_postMessage(channel=ROOM, text="today")
    early = keep.restored(keep.saved(ws.state), FakeClock(START - timedelta(hours=5)))
    assert (await early.say(ROOM, "yesterday", by="ada")).ts > ws.messages(ROOM)[-1].ts


async def test_of_a_long_journal_the_end_is_kept_and_its_count_goes_on(ws: Workspace, clock: FakeClock) -> None:
    for number in range(keep.TAIL + 20):
        await ws.say(ROOM, f"line {number}", by="ada")
    later = keep.restored(keep.saved(ws.state), clock)
    assert (later.counter, len(later.journal)) == (ws.counter, keep.TAIL)
    assert later.since(ws.counter - 5) == ws.since(ws.counter - 5)
    assert len(later.since(0)) == keep.TAIL
    assert keep.saved(later.state) == keep.saved(ws.state)


async def test_what_was_taken_from_the_app_stays_taken_and_what_it_newly_asks_for_it_has(
    ws: Workspace, clock: FakeClock
) -> None:
    ws.revoke("files:write", "pins:write")
    kept = keep.saved(ws.state)
    newer = App(scopes=(*SCOPES, "reminders:write"), commands=("/oncall",))
    later = keep.restored(kept, clock, newer)
    assert later.state.bot_scopes() == {*SCOPES, "reminders:write"} - {"files:write", "pins:write"}
    assert later.state.app.commands == ("/oncall",)

    ws.revoke_token()
    async with keep.restored(keep.saved(ws.state), clock) as ended, client_of(ended) as bot:
        assert (await error(bot.auth_test()))["error"] == "token_revoked"
    await ws.uninstall()
    gone = keep.restored(keep.saved(ws.state), clock)
    assert (gone.state.installed, keep.saved(gone.state)) == (False, keep.saved(ws.state))


async def test_another_workspace_keeps_its_team(clock: FakeClock) -> None:
    far = Workspace(clock=clock, people=["ada"], channels=["#x"], app=(App(), Secrets(team_id="T02FAR")))
    later = keep.restored(keep.saved(far.state), clock)
    assert (later.team_id, later.bot_user) == ("T02FAR", far.bot_user)


async def test_the_file_is_its_owners_alone_and_replaced_whole(ws: Workspace, clock: FakeClock, tmp_path: Path) -> None:
    file, wreck = tmp_path / "workspace.json", tmp_path / "workspace.json.new"
    wreck.write_text("half a work")
    wreck.chmod(0o644)
    assert keep.kept_at(file) is None
    for said in ("one", "two"):
        await ws.say(ROOM, said, by="ada")
        await clock.advance(1)
        keep.write(file, ws)
        assert (file.stat().st_mode & 0o777, os.listdir(tmp_path)) == (0o600, ["workspace.json"])
        assert keep.read(file, clock).messages(ROOM) == ws.messages(ROOM)
        assert keep.kept_at(file) == clock.now()
    (tmp_path / "full").mkdir()
    with pytest.raises(IsADirectoryError):
        keep.write(tmp_path / "full", ws)
    assert sorted(os.listdir(tmp_path)) == ["full", "workspace.json"]


def without(name: str) -> Callable[[Json], object]:
    """A kept workspace that lacks something."""
    return lambda kept: kept.pop(name)


@pytest.mark.parametrize(
    ("break_", "said"),
    [
        (without("format"), "This is not a workspace that was kept."),
        (lambda kept: kept.update(format="tocsin workspace 2"), "Another version of Tocsin kept this workspace."),
        (lambda kept: kept.update(format=None), "This is not a workspace that was kept."),
        (lambda kept: kept.update(app="siren"), "This workspace belongs to the app 'siren', not to 'tocsin'."),
        (without("keys"), "This workspace is broken at keys."),
        (lambda kept: kept["keys"].update(bot_token=["xoxb-very-secret"]), "broken at keys.bot_token."),
        (lambda kept: kept["people"][1].update(dnd_until="soon"), "broken at people.1.dnd_until."),
        (lambda kept: kept.update(more=1), "broken at more."),
        (lambda kept: kept["messages"].update(C0NONE=[]), "its messages are not those of its channels."),
        (lambda kept: kept.update(counter=0), "its messages are not those of its channels."),
    ],
)
def test_a_broken_or_foreign_workspace_is_refused_in_one_breath(
    break_: Callable[[Json], object], said: str, clock: FakeClock, tmp_path: Path
) -> None:
    ws = Workspace(clock=clock, people=["ada"], channels=["#ml-oncall"])
    ws.state.whisper(replace(ws.state.from_bot(ROOM, "x"), ephemeral_to="U01ADA"))
    kept = keep.saved(ws.state)
    break_(kept)
    file = tmp_path / "workspace.json"
    file.write_bytes(orjson.dumps(kept))
    with pytest.raises(keep.Unkept) as refused:
        keep.read(file, clock)
    words = str(refused.value)
    assert said in words
    assert words.startswith(f"{file}: ")
    assert "xoxb" not in words
    assert "\n" not in words


@pytest.mark.parametrize("content", [b"", b"\x00\xff", b"{", b"[]", b"null", b'"tocsin workspace 1"', b'{"a": 1}'])
def test_what_is_no_workspace_at_all(content: bytes, clock: FakeClock, tmp_path: Path) -> None:
    file = tmp_path / "workspace.json"
    file.write_bytes(content)
    for look in (lambda: keep.read(file, clock), lambda: keep.kept_at(file)):
        with pytest.raises(keep.Unkept, match="workspace that was kept"):
            look()
    with pytest.raises(FileNotFoundError):
        keep.read(tmp_path / "none", clock)
