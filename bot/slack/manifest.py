"""The Slack app as its manifest describes it: scopes, commands, shortcuts and events, each with its reason."""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote, urlsplit

from bot.errors import BadInput

Json = dict[str, Any]
Mode = Literal["socket", "http"]
NEW_APP = "https://api.slack.com/apps?new_app=1&manifest_yaml="
EVENTS_PATH = "/slack/events"


@dataclass(frozen=True, slots=True)
class Scope:
    """One permission of the bot's token: what it is `used` for, and what is `lost` without it."""

    name: str
    used: str
    lost: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command; its `hint` is shown while somebody types."""

    name: str
    description: str
    hint: str


@dataclass(frozen=True, slots=True)
class Shortcut:
    """An entry of the composer's menu (`global`) or of a message's (`message`)."""

    callback_id: str
    kind: Literal["global", "message"]
    name: str
    description: str


_SCOPES = (
    Scope("chat:write", "Cards, pages and answers are posted with it.", "Nothing: the bot cannot speak.", True),
    Scope(
        "commands",
        "/incident, /rollback and the other commands, and the shortcuts.",
        "Nobody can type to the bot.",
        True,
    ),
    Scope(
        "im:write", "Pages reach people by direct message.", "Nobody is paged in Slack, for a page is a direct message."
    ),
    Scope(
        "im:history",
        "Reads what people write to the bot directly, and looks up a page in doubt.",
        "Direct messages to the bot stay unanswered; a page in doubt is sent twice.",
    ),
    Scope(
        "channels:read",
        "Finds channels by name, and hears that one was archived.",
        "Channels must be given by their id; an archived channel is noticed at the next post.",
    ),
    Scope(
        "channels:join",
        "Walks into a public channel it was not invited to.",
        "Somebody must type /invite in every channel.",
    ),
    Scope(
        "channels:history",
        "Looks up a card in doubt, and reads a message that is pinned to the timeline.",
        "After a failure of Slack a card may stand twice; the emoji keeps nothing.",
    ),
    Scope("groups:read", "The same as channels:read for private channels.", "Private channels must be given by id."),
    Scope(
        "groups:history",
        "The same as channels:history in private channels.",
        "There, a card may stand twice and the emoji keeps nothing.",
    ),
    Scope(
        "channels:manage",
        "Opens a channel for a severe incident, and archives it afterwards.",
        "Every incident lives in the thread of its card.",
    ),
    Scope(
        "channels:write.invites",
        "Invites those who answer into the channel of an incident.",
        "They must join it by themselves.",
    ),
    Scope(
        "channels:write.topic",
        "Says in the topic of that channel what it is about, and who is on call.",
        "Topics stay as they are.",
    ),
    Scope("bookmarks:write", "Bookmarks the incident's card in that channel.", "Only the pin leads to a card."),
    Scope("pins:write", "Pins the card in the channel of its incident.", "The card scrolls away there."),
    Scope(
        "reactions:read",
        "An emoji under a message puts it into the timeline.",
        "Only the shortcut and /incident note do.",
    ),
    Scope("app_mentions:read", "Answers to @tocsin in a channel.", "Mentions stay unanswered; commands work."),
    Scope(
        "users:read",
        "Tells members from guests and from those who have left; reads time zones and languages.",
        "A closed account is noticed only when a page fails.",
    ),
    Scope(
        "users:read.email",
        "Finds the person behind a Slack account by e-mail.",
        "Everybody needs `slack` in config/people.yaml.",
    ),
    Scope(
        "dnd:read",
        "Sees that somebody is not to be disturbed, so that their phone is tried at once.",
        "Their other ways wait as long as they say, though Slack makes no sound.",
    ),
    Scope(
        "files:write",
        "Sends the pictures of incidents, of a rota's coming weeks and of a shift's load.",
        "They are said in words.",
    ),
    Scope(
        "files:read",
        "Takes a postmortem back that somebody edited as a file.",
        "It is edited in its form, or by tocsin postmortem edit.",
    ),
    Scope("usergroups:read", "Reads user groups such as @ml-oncall.", "User groups are not kept up to date."),
    Scope(
        "usergroups:write",
        "Keeps user groups equal to who is on call.",
        "User groups are not kept up to date.",
    ),
)
#: Every scope by name, the required ones first.
SCOPES: Mapping[str, Scope] = {scope.name: scope for scope in _SCOPES}

COMMANDS = (
    Command("/incident", "Incidents: declare, look at, answer", "declare | list | show INC-7 | ack INC-7"),
    Command("/oncall", "Who is on call now and next, your shifts, covers", "[ROTA] | mine | covers | ask | swap"),
    Command("/handover", "What the handover of a shift says", "[ROTA]"),
    Command("/postmortem", "Drafts the postmortem of an incident, or shows it", "[INC-7]"),
    Command("/page", "Page somebody now", "PERSON|TEAM [why]"),
    Command("/rollback", "Roll a model or agent back, after a look at it", "MODEL [VERSION] [because WHY]"),
    Command("/promote", "Let another version of a model or agent serve", "MODEL VERSION [because WHY]"),
    Command("/pause", "Pause a model or agent", "MODEL [because WHY]"),
    Command("/resume", "Let a paused model or agent serve again", "MODEL [because WHY]"),
    Command("/retrain", "Train a model anew, after a look at it", "MODEL [30d] [because WHY] | status [MODEL]"),
    Command("/models", "What serves, since when, and the way back", "[MODEL]"),
    Command("/approvals", "The changes that wait for somebody", "[CHG-3]"),
    Command("/insights", "How soon incidents were answered, the pages, the noise", "[7d] [ENTITY|TEAM|MODEL]"),
    Command("/tocsin", "What you can do here", "[help]"),
)
# Slack allows a shortcut's name 24 characters.
SHORTCUTS = (
    Shortcut("declare", "global", "Declare an incident", "Opens the form that declares an incident"),
    Shortcut("open_from", "message", "Open incident from this", "Declares an incident that quotes this message"),
    Shortcut("timeline_add", "message", "Add to timeline", "Keeps this message in the timeline of an incident"),
)
#: What Slack tells us of, with the scope each needs ("" for none).
EVENTS: Mapping[str, str] = {
    "app_home_opened": "",
    "app_mention": "app_mentions:read",
    "message.im": "im:history",
    "reaction_added": "reactions:read",
    "reaction_removed": "reactions:read",
    "channel_archive": "channels:read",
    "user_change": "users:read",
    "app_uninstalled": "",
    "tokens_revoked": "",
}


def manifest(mode: Mode, url: str | None = None, drop: Collection[str] = ()) -> Json:
    """The manifest as Slack reads it, without the scopes in `drop` and the events that need them.

    BadInput for mode `http` without the https `url` of the bot, and for a scope that is unknown or required.
    """
    _droppable(drop)
    address = _address(mode, url)
    settings: Json = {
        "event_subscriptions": {
            **({"request_url": address} if address else {}),
            "bot_events": [event for event, scope in EVENTS.items() if scope not in drop],
        },
        "interactivity": {
            "is_enabled": True,
            **({"request_url": address, "message_menu_options_url": address} if address else {}),
        },
        "org_deploy_enabled": False,
        "socket_mode_enabled": mode == "socket",
        "token_rotation_enabled": False,
    }
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": "Tocsin",
            "description": "On call for models and AI agents",
            "background_color": "#7a1f1f",
        },
        "features": _features(address),
        "oauth_config": {"scopes": {"bot": [name for name in SCOPES if name not in drop]}},
        "settings": settings,
    }


def yaml(document: Json, *, notes: bool = True) -> str:
    """A manifest as YAML; `notes` says beside each scope what it is for."""
    said = {scope.name: scope.used for scope in _SCOPES} if notes else {}
    return "\n".join(_lines(document, said)) + "\n"


def link(document: Json) -> str:
    """The address that opens Slack's form for a new app with this manifest in it."""
    return NEW_APP + quote(yaml(document, notes=False), safe="")


def _features(address: str | None) -> Json:
    where = {"url": address} if address else {}
    return {
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True, "messages_tab_read_only_enabled": False},
        "bot_user": {"display_name": "tocsin", "always_online": True},
        "slash_commands": [
            {
                "command": one.name,
                **where,
                "description": one.description,
                "usage_hint": one.hint,
                "should_escape": True,  # people and channels come by id, as they do in a mention
            }
            for one in COMMANDS
        ],
        "shortcuts": [
            {"name": one.name, "type": one.kind, "callback_id": one.callback_id, "description": one.description}
            for one in SHORTCUTS
        ],
    }


def _droppable(drop: Collection[str]) -> None:
    for name in drop:
        if name not in SCOPES:
            raise BadInput(f"The manifest has no scope {name!r}.", f"Choose from {', '.join(SCOPES)}.")
        if SCOPES[name].required:
            raise BadInput(f"The bot cannot do without {name}.", SCOPES[name].used)


def _address(mode: Mode, url: str | None) -> str | None:
    """Where Slack sends its requests; None in Socket Mode, which needs no address."""
    if mode == "socket":
        if url is not None:
            raise BadInput("Socket Mode needs no address.", "Leave --url out, or choose --mode http.")
        return None
    do = "Give the bot's own, as in --url https://tocsin.example.com."
    if url is None:
        raise BadInput("Mode http needs the address at which Slack reaches the bot.", do)
    try:
        parts = urlsplit(url)
        good = parts.scheme == "https" and parts.hostname and not (parts.query or parts.fragment or parts.username)
    except ValueError:
        good = False
    if not good or not url.isprintable() or " " in url:
        raise BadInput(f"{url[:80]!r} is no https address.", do)
    return url.rstrip("/").removesuffix(EVENTS_PATH) + EVENTS_PATH


# A word that YAML reads as the string it is; everything else goes in JSON's quotes, which are YAML's too.
_WORD = re.compile(r"(?!(?:true|false|yes|no|on|off|null|y|n)$)[A-Za-z/][\w/.:-]*\w", re.ASCII | re.IGNORECASE)


def _scalar(value: object) -> str:
    return value if isinstance(value, str) and _WORD.fullmatch(value) else json.dumps(value)


def _lines(value: object, notes: Mapping[str, str]) -> Iterator[str]:
    """A mapping or a list of our own, one entry a line; ours are never empty."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            if isinstance(item, Mapping | list):
                yield f"{key}:"
                yield from (f"  {line}" for line in _lines(item, notes))
            else:
                yield f"{key}: {_scalar(item)}"
    elif isinstance(value, list):
        for item in value:
            if isinstance(item, Mapping):
                first, *rest = _lines(item, notes)
                yield f"- {first}"
                yield from (f"  {line}" for line in rest)
            else:
                yield f"- {_scalar(item)}" + (f"  # {notes[item]}" if item in notes else "")
