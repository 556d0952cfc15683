"""What Slack delivers, read into the few facts we use; Unreadable when a fact is missing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.errors import Unreadable

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Click:
    """Somebody pressed a button; `key` is the same for every copy of the delivery."""

    user: str
    action: str
    value: str
    key: str
    response_url: str | None


@dataclass(frozen=True, slots=True)
class Typed:
    """Somebody typed a slash command; `key` is the same for every copy of the delivery."""

    user: str
    name: str
    text: str
    key: str
    response_url: str | None


@dataclass(frozen=True, slots=True)
class Happened:
    """An event of the workspace; `key` is the same for every redelivery."""

    kind: str
    key: str


def click(body: Body) -> Click:
    """The press in a block_actions payload."""
    actions = body.get("actions")
    action = actions[0] if isinstance(actions, list) and actions else None
    user = body.get("user")
    if not isinstance(action, Mapping) or not isinstance(user, Mapping):
        raise Unreadable("A press came without its action or its user.")
    who, name, at = _text(user, "id"), _text(action, "action_id"), _text(action, "action_ts")
    value = action.get("value")
    return Click(who, name, value if isinstance(value, str) else "", f"press/{who}/{name}/{at}", _url(body))


def typed(body: Body) -> Typed:
    """The command in a slash command payload."""
    text, key = body.get("text"), _text(body, "trigger_id")
    words = text if isinstance(text, str) else ""
    return Typed(_text(body, "user_id"), _text(body, "command"), words, f"command/{key}", _url(body))


def happened(body: Body) -> Happened:
    """The event in an event_callback payload."""
    event = body.get("event")
    if not isinstance(event, Mapping):
        raise Unreadable("An event came without its event.")
    return Happened(_text(event, "type"), f"event/{_text(body, 'event_id')}")


def _text(body: Body, key: str) -> str:
    value = body.get(key)
    if not isinstance(value, str) or not value:
        raise Unreadable(f"A payload came without {key}.")
    return value[:400]


def _url(body: Body) -> str | None:
    value = body.get("response_url")
    return value if isinstance(value, str) and value.startswith(("https://", "http://")) else None
