"""The manifest that the README tells people to paste: with nothing more, everything the bot does in Slack works."""

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from bot.sandbox.workspace import SCOPES
from bot.slack import lists
from bot.slack.pager import SCOPES as NEEDED
from tests.slack import room as rooms

README = Path(__file__).resolve().parents[2] / "README.md"


def manifests() -> list[dict[str, Any]]:
    """Every manifest in the README, the one for Socket Mode first."""
    blocks = [part.split("```")[0] for part in README.read_text("utf-8").split("```yaml\n")[1:]]
    return [YAML(typ="safe").load(block) for block in blocks if "slash_commands" in block]


def test_there_is_one_for_each_transport() -> None:
    socket, http = manifests()
    assert socket["settings"]["socket_mode_enabled"] is True
    assert http["settings"]["socket_mode_enabled"] is False
    for manifest in (socket, http):
        assert [command["command"] for command in manifest["features"]["slash_commands"]] == list(lists.HELP)
        assert manifest["settings"]["interactivity"]["is_enabled"] is True
        assert set(manifest["settings"]["event_subscriptions"]["bot_events"]) == {"app_uninstalled", "tokens_revoked"}
    places = [command["url"] for command in http["features"]["slash_commands"]]
    places += [http["settings"][part]["request_url"] for part in ("interactivity", "event_subscriptions")]
    assert len(set(places)) == 1
    assert places[0].endswith("/slack/events")


@pytest.mark.parametrize("private", [False, True])
async def test_its_scopes_are_enough(room: rooms.Room, private: bool) -> None:
    granted = set(manifests()[0]["oauth_config"]["scopes"]["bot"])
    assert granted >= set(NEEDED)
    room.ws.revoke(*set(SCOPES) - granted)
    room.ws.channel("#ml-retail").private = private
    room.ws.fault("chat.postMessage", "500", times=2, after_effect=True)  # the card and the page are both in doubt
    await room.book(rooms.alert())
    await room.settle(10)
    await room.settle(10)
    (card,), (page,) = room.ws.messages("#ml-retail"), room.ws.dms("ada")
    await room.ws.press(page, "Acknowledge", by="ada")
    await room.settle(10)
    (card,) = room.ws.messages("#ml-retail")
    assert "Held by" in card.shown
    await room.ws.command("/incident", "list", by="ada", channel="ml-oncall")
    await room.settle()
    assert "INC-1" in room.ws.ephemerals("ada")[-1].shown
    assert {call.error for call in room.ws.calls if call.error} <= {"500"}


async def test_it_walks_into_a_public_channel_by_itself(room: rooms.Room) -> None:
    granted = set(manifests()[0]["oauth_config"]["scopes"]["bot"])
    room.ws.revoke(*set(SCOPES) - granted)
    room.ws.channel("#ml-retail").inside.discard(room.ws.bot_user)
    await room.book(rooms.alert())
    await room.settle(10)
    assert len(room.ws.messages("#ml-retail")) == 1
