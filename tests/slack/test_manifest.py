"""The app that the manifest makes: Slack takes it, and with nothing more everything the bot does in Slack works."""

import ast
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from ruamel.yaml import YAML
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import BadInput
from bot.sandbox.workspace import SCOPES as GRANTED
from bot.sandbox.workspace.methods import METHODS
from bot.slack import manifest
from tests.slack import room as rooms

ROOT = Path(__file__).resolve().parents[2]
URL = "https://tocsin.example.com"
BOTH = [manifest.manifest("socket"), manifest.manifest("http", URL)]
OPTIONAL = [name for name, scope in manifest.SCOPES.items() if not scope.required]


def read(text: str) -> Any:
    return YAML(typ="safe").load(text)


# --- what Slack takes ---


@pytest.mark.parametrize("made", BOTH, ids=["socket", "http"])
def test_every_text_is_as_short_as_slack_wants_it(made: dict[str, Any]) -> None:
    about, features = made["display_information"], made["features"]
    assert len(about["name"]) <= 35
    assert len(about["description"]) <= 140
    assert len(features["bot_user"]["display_name"]) <= 80
    for command in features["slash_commands"]:
        assert re.fullmatch(r"/[a-z]{1,31}", command["command"])
        assert len(command["description"]) <= 2000
        assert len(command["usage_hint"]) <= 1000
    assert 0 < len(features["shortcuts"]) <= 5
    for shortcut in features["shortcuts"]:
        assert len(shortcut["name"]) <= 24
        assert len(shortcut["description"]) <= 150
    for names in (made["settings"]["event_subscriptions"]["bot_events"], made["oauth_config"]["scopes"]["bot"]):
        assert len(names) == len(set(names)) <= 100


def test_what_is_offered_has_its_names() -> None:
    features = BOTH[0]["features"]
    offered = [one["command"] for one in features["slash_commands"]]
    assert offered[:4] + offered[-1:] == ["/incident", "/oncall", "/handover", "/postmortem", "/tocsin"]
    assert offered[4:-1] == [
        *("/page", "/rollback", "/promote", "/pause", "/resume", "/retrain", "/models", "/approvals", "/insights"),
    ]
    assert {(one["callback_id"], one["type"]) for one in features["shortcuts"]} == {
        ("declare", "global"),
        ("open_from", "message"),
        ("timeline_add", "message"),
    }
    assert features["app_home"] == {
        "home_tab_enabled": True,
        "messages_tab_enabled": True,
        "messages_tab_read_only_enabled": False,
    }


def test_by_http_every_address_is_the_bot_s_one() -> None:
    socket, http = BOTH
    assert "https://" not in manifest.yaml(socket)
    assert socket["settings"]["socket_mode_enabled"]
    assert not http["settings"]["socket_mode_enabled"]
    settings = http["settings"]
    places = [command["url"] for command in http["features"]["slash_commands"]]
    places += [settings["event_subscriptions"]["request_url"]]
    places += [settings["interactivity"][key] for key in ("request_url", "message_menu_options_url")]
    assert set(places) == {f"{URL}/slack/events"}
    assert len(places) == len(manifest.COMMANDS) + 3


@pytest.mark.parametrize("url", [f"{URL}/", f"{URL}/slack/events", f"{URL}/slack/events/"])
def test_an_address_may_be_written_in_either_length(url: str) -> None:
    assert manifest.manifest("http", url) == BOTH[1]


@pytest.mark.parametrize(
    "url",
    [None, "", "tocsin.example.com", "http://tocsin.example.com", "https://", "https://[", "https://a b",
     "https://x.example/?a=b", "https://x.example/#a", "https://me:secret@x.example", "https://x.example/\n- evil"],
)  # fmt: skip
def test_http_demands_an_https_address(url: str | None) -> None:
    with pytest.raises(BadInput, match="address"):
        manifest.manifest("http", url)


def test_socket_mode_takes_no_address() -> None:
    with pytest.raises(BadInput, match="needs no address"):
        manifest.manifest("socket", URL)


@pytest.mark.parametrize("name", OPTIONAL)
def test_with_a_scope_go_the_events_that_need_it(name: str) -> None:
    made = manifest.manifest("socket", drop=[name])
    assert name not in made["oauth_config"]["scopes"]["bot"]
    gone = set(manifest.EVENTS) - set(made["settings"]["event_subscriptions"]["bot_events"])
    assert gone == {event for event, scope in manifest.EVENTS.items() if scope == name}


@pytest.mark.parametrize("name", ["chat:write", "commands", "admin", ""])
def test_what_is_required_or_unknown_cannot_be_dropped(name: str) -> None:
    with pytest.raises(BadInput) as refused:
        manifest.manifest("socket", drop=[name])
    assert refused.value.do


def test_every_event_needs_a_scope_of_the_table() -> None:
    assert set(manifest.EVENTS.values()) - {""} <= set(manifest.SCOPES)


@pytest.mark.parametrize("made", BOTH, ids=["socket", "http"])
def test_its_yaml_and_its_link_say_the_same(made: dict[str, Any]) -> None:
    assert read(manifest.yaml(made)) == made
    link = urlsplit(manifest.link(made))
    query = parse_qs(link.query, strict_parsing=True)
    assert (link.scheme, link.hostname, query["new_app"]) == ("https", "api.slack.com", ["1"])
    assert read(query["manifest_yaml"][0]) == made
    assert len(manifest.link(made)) < 8_000


@pytest.mark.parametrize(
    "word", ["yes", "No", "null", "on", "1e3", "12:30", "a: b", "a #b", "#a", "-", "", "é", "a\nb"]
)
def test_a_word_that_yaml_reads_otherwise_is_quoted(word: str) -> None:
    assert read(manifest.yaml({"a": [word], "b": {"c": word}})) == {"a": [word], "b": {"c": word}}


# --- whether it is enough ---

#: What a method needs whose scope depends on the conversation, or that the workspace does not know.
BY_CONVERSATION = {
    "conversations.archive": {"channels:manage"},
    "conversations.create": {"channels:manage"},
    "conversations.history": {"channels:history", "groups:history", "im:history"},
    "conversations.info": {"channels:read"},
    "conversations.invite": {"channels:write.invites"},
    "conversations.kick": {"channels:manage"},
    "conversations.list": {"channels:read", "groups:read"},
    "conversations.members": {"channels:read"},
    "conversations.rename": {"channels:manage"},
    "conversations.replies": {"channels:history", "groups:history", "im:history"},
    "conversations.setPurpose": {"channels:manage"},
    "conversations.setTopic": {"channels:write.topic"},
    "conversations.unarchive": {"channels:manage"},
}
#: Methods that ask for no scope of the bot's token; the one of apps.connections.open is the app token's.
FREE = {"apps.connections.open", "apps.uninstall", "auth.revoke", "auth.test", "chat.getPermalink", "oauth.v2.access"}


def called() -> set[str]:
    """Every Web API method that the chat door spells out."""
    words = {
        node.value
        for file in (ROOT / "bot" / "slack").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(r"[a-z]+(\.\w+)+", node.value)
    }
    # Events have such names too; a method is what the SDK can call.
    return {word for word in words if hasattr(AsyncWebClient, word.replace(".", "_"))}


def test_each_method_we_call_has_its_scopes_in_the_table() -> None:
    methods = called()
    assert {"chat.postMessage", "conversations.open", "users.info"} <= methods
    for method in sorted(methods - FREE):
        known = METHODS.get(method)
        if method.startswith("views."):
            needed = set()
        elif known is not None and known.scope:
            needed = {known.scope}
        else:
            needed = BY_CONVERSATION[method]
        assert needed <= set(manifest.SCOPES), f"{method} needs {needed}"


@pytest.mark.parametrize("private", [False, True])
async def test_its_scopes_are_enough(room: rooms.Room, private: bool) -> None:
    room.ws.revoke(*set(GRANTED) - set(manifest.SCOPES))
    room.ws.channel("#ml-retail").private = private
    room.ws.fault("chat.postMessage", "500", times=2, after_effect=True)  # the card and the page are both in doubt
    await room.book(rooms.alert())
    await room.settle(10)
    await room.settle(10)
    (card,), (page,) = room.cards(), room.pages("ada")
    await room.ws.press(page, "Acknowledge", by="ada")
    await room.settle(10)
    (card,) = room.cards()
    assert "Held by" in card.shown
    await room.ws.command("/incident", "list", by="ada", channel="ml-oncall")
    await room.settle()
    assert "INC-1" in room.ws.ephemerals("ada")[-1].shown
    assert {call.error for call in room.ws.calls if call.error} <= {"500"}


async def test_it_walks_into_a_public_channel_by_itself(room: rooms.Room) -> None:
    room.ws.revoke(*set(GRANTED) - set(manifest.SCOPES))
    room.ws.channel("#ml-retail").inside.discard(room.ws.bot_user)
    await room.book(rooms.alert())
    await room.settle(10)
    (card,) = room.cards()
    assert "INC-1" in card.shown


# --- what people read of it ---


def test_the_page_has_every_scope_as_the_table_tells_it() -> None:
    page = (ROOT / "docs" / "slack.md").read_text("utf-8")
    for scope in manifest.SCOPES.values():
        name = f"`{scope.name}`" + (" (required)" if scope.required else "")
        assert f"| {name} | {scope.used} | {scope.lost} |" in page
