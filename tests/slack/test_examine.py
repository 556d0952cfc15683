"""What the doctor and the home tab say of a workspace: each thing that lacks, once, with what to press."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.contract.plugin import Health
from bot.model.estate import Entity, Estate
from bot.model.people import People
from bot.sandbox.workspace import SCOPES, Channel, Person, Workspace
from bot.settings import Settings, Slack
from bot.slack import examine, manifest
from bot.slack.client import Client
from bot.slack.examine import Row
from bot.testing.clock import FakeClock
from tests.slack import room as rooms

OK, MISSING, UNKNOWN = Health.OK, Health.MISSING, Health.UNKNOWN


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(rooms.START)


@pytest.fixture
async def ws(clock: FakeClock) -> AsyncIterator[Workspace]:
    """A workspace with all that the configuration of `settings` names, and exactly the scopes of the manifest."""
    async with Workspace(clock=clock, people=rooms.PEOPLE, channels=["#ml-oncall", "#ml-retail"]) as one:
        one.revoke(*set(SCOPES) - set(manifest.SCOPES))
        yield one


def settings(ws: Workspace, **slack: Any) -> Settings:
    """Ada, Bo and Cy, the index channel and that of retail."""
    tokens = (SecretStr(ws.bot_token), SecretStr(ws.app_token), None)
    own = replace(Slack("socket", "#ml-oncall", 2, *tokens, ws.url), **slack)
    return Settings(Path("config"), "", own, people=rooms.people(), estate=rooms.estate())


async def looked(ws: Workspace, clock: FakeClock, found: Settings) -> dict[str, Row]:
    """The rows by what they are about."""
    token = found.slack.bot_token
    assert token
    async with Client(token, url=found.slack.api_url) as client:
        rows = await examine.workspace(client, clock, found)
    assert len({row.what for row in rows}) == len(rows)
    assert all(row.found for row in rows)
    assert all(row.do for row in rows if row.health is not OK)
    return {row.what: row for row in rows}


async def test_where_everything_is_there_every_row_is_green(ws: Workspace, clock: FakeClock) -> None:
    rows = await looked(ws, clock, settings(ws))
    assert {row.health for row in rows.values()} == {OK}
    assert rows["bot token"].found == "@tocsin in workspace (T01WORKSPACE)"
    assert rows["scopes"].found == f"{len(manifest.SCOPES)} of {len(manifest.SCOPES)} are there."
    assert set(rows) == {
        "bot token", "app token", "scopes", "channel #ml-oncall (slack.channel)", "channel #ml-retail (entity retail)",
        "people",
    }  # fmt: skip


async def test_a_scope_that_lacks_says_what_is_lost_and_what_to_press(ws: Workspace, clock: FakeClock) -> None:
    ws.revoke("reactions:read", "chat:write")
    rows = await looked(ws, clock, settings(ws))
    emoji, writing = rows["scope reactions:read"], rows["scope chat:write"]
    assert (emoji.health, emoji.required) == (MISSING, False)
    assert emoji.found == manifest.SCOPES["reactions:read"].lost
    assert emoji.do == "OAuth & Permissions, Bot Token Scopes: add reactions:read; then Reinstall to Workspace."
    assert (writing.health, writing.required) == (MISSING, True)


async def test_scopes_nobody_needs_are_named(clock: FakeClock) -> None:
    async with Workspace(clock=clock, people=rooms.PEOPLE, channels=["#ml-oncall", "#ml-retail"]) as ws:
        rows = await looked(ws, clock, settings(ws))
    assert rows["more scopes"].health is OK
    assert "team:read" in rows["more scopes"].found


@pytest.mark.parametrize("code", ["invalid_auth", "token_revoked", "account_inactive"])
async def test_a_token_slack_does_not_know_is_one_row(ws: Workspace, clock: FakeClock, code: str) -> None:
    ws.fault("auth.test", code)
    rows = await looked(ws, clock, settings(ws))
    (row,) = rows.values()
    assert (row.what, row.health, row.required) == ("bot token", MISSING, True)
    assert code in row.found
    assert "SLACK_BOT_TOKEN" in row.do


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/api/", None])
async def test_a_dead_slack_is_one_row(ws: Workspace, clock: FakeClock, url: str | None) -> None:
    if url is None:
        ws.fault("auth.test", "503")
    rows = await looked(ws, clock, settings(ws, **({"api_url": url} if url else {})))
    (row,) = rows.values()
    assert (row.what, row.health) == ("Slack", MISSING)


async def test_a_wrong_app_token_says_where_it_comes_from(ws: Workspace, clock: FakeClock) -> None:
    rows = await looked(ws, clock, settings(ws, app_token=SecretStr("xapp-1-wrong")))
    assert rows["app token"].health is MISSING
    assert "App-Level Tokens" in rows["app token"].do
    assert "xapp-1-wrong" not in str(rows)


async def test_by_http_the_signing_secret_stands_in_its_place(ws: Workspace, clock: FakeClock) -> None:
    rows = await looked(ws, clock, settings(ws, mode="http", signing_secret=SecretStr("s")))
    assert rows["signing secret"].health is OK
    assert "app token" not in rows
    rows = await looked(ws, clock, settings(ws, mode="http", signing_secret=SecretStr("")))
    assert rows["signing secret"].health is MISSING


async def test_channels_are_there_open_and_within_reach(ws: Workspace, clock: FakeClock) -> None:
    channels = {"gone": None, "old": "#old", "far": "#far", "near": "#ml-retail", "byid": ws.channel("#ml-retail").id}
    ws.state.add_channel(Channel("old", archived=True))
    ws.state.add_channel(Channel("far", bot_in=False))
    entities = {name: Entity(name, channel or "#gone") for name, channel in channels.items()}
    found = replace(settings(ws), estate=Estate(entities))
    rows = await looked(ws, clock, found)
    assert "archived" in rows["channel #old (entity old)"].found
    assert "/invite" in rows["channel #gone (entity gone)"].do
    assert rows["channel #far (entity far)"].found == "The bot is not in it, and walks in by itself."
    assert rows[f"channel {channels['byid']} (entity byid)"].health is OK
    ws.revoke("channels:join")
    rows = await looked(ws, clock, found)
    assert (rows["channel #far (entity far)"].health, rows["channel #far (entity far)"].do) == (
        MISSING,
        "Write /invite @tocsin there.",
    )


async def test_what_it_may_not_ask_is_unknown(ws: Workspace, clock: FakeClock) -> None:
    ws.revoke("channels:read", "groups:read", "users:read")
    rows = await looked(ws, clock, settings(ws))
    assert rows["channel #ml-oncall (slack.channel)"].health is UNKNOWN
    assert (rows["people"].health, "users:read" in rows["people"].do) == (UNKNOWN, True)


async def test_accounts_that_cannot_be_paged_are_named(clock: FakeClock) -> None:
    people = [
        "ada",
        Person("bo", deleted=True),
        Person("guest", is_restricted=True),
        Person("robot", is_bot=True),
        Person("visitor", is_stranger=True),
    ]
    async with Workspace(clock=clock, people=people, channels=["#ml-oncall", "#ml-retail"]) as ws:
        persons = dict(rooms.people().persons)
        for name in ("guest", "robot", "visitor"):
            persons[name] = replace(persons["ada"], name=name, slack=f"U01{name.upper()}")
        persons["mailed"] = replace(persons["ada"], name="mailed", slack=None)
        rows = await looked(ws, clock, replace(settings(ws), people=People(persons)))
    found = {what: row.found for what, row in rows.items() if row.health is MISSING}
    assert found == {
        "bo (U01BO)": "The account is closed.",
        "cy (U01CY)": "This workspace has no such account.",
        "guest (U01GUEST)": "It is a guest's account, and a guest's presses are refused.",
        "robot (U01ROBOT)": "It is a bot's account.",
        "visitor (U01VISITOR)": "It belongs to another company.",
    }
    assert rows["people"].found == "1 of 6 have an account that can be paged."


async def test_it_waits_as_slack_asks_and_goes_on(ws: Workspace, clock: FakeClock) -> None:
    ws.fault("users.info", "ratelimited", times=2, retry_after=30)
    asking = asyncio.create_task(looked(ws, clock, settings(ws)))
    for _ in range(2):
        await ws.until(lambda: clock.sleeping > 0)
        await clock.advance(30)
    rows = await asking
    assert rows["people"].found == "3 of 3 have an account that can be paged."


async def test_a_slack_that_dies_in_the_middle_leaves_what_was_seen(ws: Workspace, clock: FakeClock) -> None:
    ws.fault("users.info", "500")
    ws.fault("conversations.list", "502")
    ws.fault("apps.connections.open", "503")
    rows = await looked(ws, clock, settings(ws))
    assert rows["bot token"].health is OK
    assert {rows[what].health for what in ("app token", "channels", "people")} == {UNKNOWN}
    assert rows["people"].found.startswith("After 0 of 3: ")


def test_a_token_that_keeps_its_scopes_to_itself_is_unknown() -> None:
    assert examine.scopes_of({"headers": {}}) is None
    (row,) = examine.scopes(None)
    assert row.health is UNKNOWN


def test_a_person_s_token_is_no_bot_s() -> None:
    row = examine.identity({"user": "ada", "team": "Acme", "team_id": "T1"})
    assert (row.health, "xoxb-" in row.do) == (MISSING, True)
