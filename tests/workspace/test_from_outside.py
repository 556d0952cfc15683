"""The workspace as another process has it: started as a program, led over its control API."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import aiohttp
import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.workspace import Workspace
from bot.sandbox.workspace.remote import Remote
from bot.sandbox.workspace.workspace import seeded
from tests.workspace.conftest import bolt

ROOT = Path(__file__).parents[2]
BLOCKS = [
    {
        "type": "actions",
        "elements": [{"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Acknowledge"}}],
    }
]


async def test_nobody_controls_it_without_the_token(ws: Workspace) -> None:
    async with aiohttp.ClientSession() as session:
        for headers in ({}, {"X-Control-Token": "guess"}, {"X-Control-Token": ws.bot_token}):
            async with session.get(f"{ws.origin}/control/state", headers=headers) as answer:
                assert answer.status == 401


async def test_a_stranger_to_the_process_sees_presses_and_breaks(ws: Workspace, slack: AsyncWebClient) -> None:
    def listen(app: AsyncApp) -> None:
        @app.action("go")
        async def press(ack: AsyncAck, body: dict[str, object], client: AsyncWebClient) -> None:
            await ack()
            ts = ws.messages("ml-oncall")[0].ts
            await client.chat_update(channel="C01MLONCALL", ts=ts, text="acknowledged", blocks=[])

        @app.command("/incident")
        async def incident(ack: AsyncAck) -> None:
            await ack("none open")

    async with bolt(ws, "socket", listen), Remote(ws.origin, ws.control_token) as remote:
        start, _ = await remote.changes()
        waiting = asyncio.ensure_future(remote.changes(after=start, wait=10))
        await slack.chat_postMessage(channel="C01MLONCALL", text="open", blocks=BLOCKS)
        counter, [change] = await waiting
        card = change["message"]
        assert (change["kind"], card["text"], card["buttons"]) == ("post", "open", ["Acknowledge"])

        assert (await remote.press(card["channel"], card["ts"], "Acknowledge", by="ada"))["acked"]
        _, [edit] = await remote.changes(after=counter, wait=10)
        assert (edit["kind"], edit["message"]["edits"]) == ("edit", 1)
        assert [m["text"] for m in await remote.messages("ml-oncall")] == ["acknowledged"]
        assert (await remote.command("/incident", "list", by="ada"))["text"] == "none open"
        assert [m["text"] for m in await remote.ephemerals("ada")] == ["none open"]

        await remote.add_person("cy", tz="Europe/Istanbul")
        await remote.add_channel("quiet", members=["cy"])
        await remote.fault("chat.postMessage", "ratelimited", times=1)
        with pytest.raises(SlackApiError):
            await slack.chat_postMessage(channel="C01QUIET", text="x")
        await slack.chat_postMessage(channel="U01CY", text="page")
        assert [m["text"] for m in await remote.dms("cy")] == ["page"]
        assert (await remote.calls())[-1]["method"] == "chat.postMessage"
        assert await remote.sockets("duplicate") == 1
        assert await remote.failures() == []
        assert {p["name"] for p in (await remote.state())["people"]} == {"ada", "bo", "cy", "tocsin"}
        counter, _ = await remote.changes(after=counter)
        assert await remote.changes(after=counter, wait=0.01) == (counter, [])

        with pytest.raises(LookupError, match="There is no channel 'nowhere'"):
            await remote.messages("nowhere")
        with pytest.raises(LookupError, match="There are:"):
            await remote.ask("explode")
        with pytest.raises(LookupError, match="no such message"):
            await remote.press("ml-oncall", "1.000000", "x", by="ada")


async def test_as_a_program_it_says_where_it_is_and_stops_when_told(tmp_path: Path) -> None:
    seed = tmp_path / "seed.json"
    seed.write_text(json.dumps({"people": [{"name": "ada", "tz": "Europe/Istanbul"}], "channels": ["#alerts"]}))
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.sandbox.workspace", "--no-limits", "--state", str(seed)),
        cwd=ROOT,
        env=os.environ | {"SLACK_BOT_TOKEN": "xoxb-given"},
        stdout=asyncio.subprocess.PIPE,
    )
    assert program.stdout is not None
    told = json.loads(await program.stdout.readline())
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient("xoxb-given", base_url=told["url"], session=session)
        for number in range(20):
            await client.chat_postMessage(channel="#alerts", text=str(number))
    async with Remote(told["origin"], told["control_token"]) as remote:
        assert len(await remote.messages("alerts")) == 20
    program.send_signal(signal.SIGTERM)
    assert await program.wait() == 0
    assert told["bot_token"] == "xoxb-given"
    # The pipe's transport closes with the process; a read to the end lets it.
    assert await program.stdout.read() == b""


def test_a_seed_names_people_and_channels() -> None:
    people, channels = seeded({"people": ["ada", {"name": "bo", "deleted": True}], "channels": [{"name": "x"}]})
    assert [(p.name, p.deleted) for p in people] == [("ada", False), ("bo", True)]
    assert [c.name for c in channels] == ["x"]


async def test_no_secret_shows_in_a_repr(ws: Workspace) -> None:
    shown = repr(ws.state.keys)
    assert all(secret not in shown for secret in (ws.bot_token, ws.signing_secret, ws.control_token))
