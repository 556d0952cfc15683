"""What Slack delivers, read into the few facts we use; Unreadable when a fact is missing."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.errors import Unreadable

Body = Mapping[str, Any]
LONGEST = 4_000  # characters of what somebody wrote that are read; Slack's own messages end there


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks something of the bot, from where, and how they can be answered; whatever they pressed or typed."""

    user: str
    team: str  #: the workspace the person belongs to
    at_home: str  #: the workspace the app was asked in; another than `team` for a stranger of a shared channel
    key: str  #: the same for every copy of the delivery
    via: str  #: button | command | form | shortcut | mention | message | reaction | home
    channel: str | None = None
    thread: str | None = None  #: the ts of the message whose thread it was asked in
    response_url: str | None = None
    trigger: str | None = None  #: opens one form, within three seconds
    ts: str | None = None  #: of the message it was said in


@dataclass(frozen=True, slots=True)
class Click:
    """Somebody pressed a button or chose something, on a message or in a view."""

    asked: Asked
    action: str
    value: str  #: of the button, or of what was chosen
    message_ts: str | None = None
    view: Body | None = None  #: the view it was pressed in, with the state of its fields
    message: Body | None = None  #: the message it was pressed on, as it stood before whoever pressed


@dataclass(frozen=True, slots=True)
class Typed:
    """Somebody typed a slash command."""

    asked: Asked
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Sent:
    """Somebody sent a form: its callback_id, what it carries, and what its fields hold."""

    asked: Asked
    form: str
    view: Body


@dataclass(frozen=True, slots=True)
class Picked:
    """Somebody used a shortcut; `message` is the one it was used on."""

    asked: Asked
    name: str
    message: Body | None = None


@dataclass(frozen=True, slots=True)
class Looking:
    """Somebody types into a select that asks us for its options."""

    asked: Asked
    action: str
    typed: str
    view: Body | None = None


@dataclass(frozen=True, slots=True)
class Happened:
    """An event of the workspace; `key` is the same for every redelivery."""

    kind: str
    key: str
    team: str
    event: Body


def click(body: Body) -> Click:
    """The press in a block_actions payload."""
    actions = body.get("actions")
    action = actions[0] if isinstance(actions, list) and actions else None
    if not isinstance(action, Mapping):
        raise Unreadable("A press came without its action.")
    name, at, user = _text(action, "action_id"), _text(action, "action_ts"), _user(body)
    view = body.get("view")
    via = "home" if isinstance(view, Mapping) and view.get("type") == "home" else "form" if view else "button"
    asked = _asked(body, f"press/{user}/{name}/{at}", via)
    container = _part(body, "container")
    ts = container.get("message_ts")
    return Click(
        asked,
        name,
        _chosen(action),
        ts if isinstance(ts, str) else None,
        view if isinstance(view, Mapping) else None,
        _part(body, "message") or None,
    )


def typed(body: Body) -> Typed:
    """The command in a slash command payload."""
    trigger, team = _text(body, "trigger_id"), _word(body, "team_id")
    asked = Asked(
        _text(body, "user_id"),
        team,
        team,
        f"command/{trigger}",
        "command",
        _word(body, "channel_id") or None,
        None,
        _url(body),
        trigger,
    )
    return Typed(asked, _text(body, "command"), _word(body, "text", LONGEST))


def sent(body: Body) -> Sent:
    """The form in a view_submission payload."""
    view = _part(body, "view")
    key = f"form/{_text(view, 'id')}/{_word(view, 'hash')}"
    return Sent(_asked(body, key, "form"), _word(view, "callback_id"), view)


def picked(body: Body) -> Picked:
    """The shortcut in a shortcut or message_action payload."""
    message = body.get("message")
    key = f"shortcut/{_user(body)}/{_text(body, 'action_ts')}"
    return Picked(_asked(body, key, "shortcut"), _text(body, "callback_id"), message if message else None)


def looking(body: Body) -> Looking:
    """What is typed in a block_suggestion payload."""
    view = body.get("view")
    typed_so_far = _word(body, "value", 200)
    return Looking(_asked(body, "", "form"), _text(body, "action_id"), typed_so_far, view if view else None)


def happened(body: Body) -> Happened:
    """The event in an event_callback payload."""
    event = _part(body, "event")
    return Happened(_text(event, "type"), f"event/{_text(body, 'event_id')}", _word(body, "team_id"), event)


def content(happened: Happened) -> str:
    """What an event says, as a key: Slack sometimes tells the same thing again under another event id."""
    said = happened.event
    item = _part(said, "item")
    where = _word(said, "channel", 40) or _word(item, "channel", 40)
    at = _word(said, "event_ts", 40) or _word(said, "ts", 40) or happened.key
    who = _word(said, "user", 40) or _word(_part(said, "user"), "id", 40)
    return f"content/{happened.team}/{where}/{at}/{happened.kind}/{who}"


def wrote(event: Happened) -> Asked:
    """Who wrote the message or put the emoji that an event tells of."""
    said = event.event
    channel = _word(said, "channel") or _word(_part(said, "item"), "channel")
    team = _word(said, "user_team") or _word(said, "team") or event.team
    via = {"app_mention": "mention", "message": "message"}.get(event.kind, "reaction")
    thread = _word(said, "thread_ts") or None
    ts = _word(said, "ts") or _word(_part(said, "item"), "ts")
    return Asked(_text(said, "user"), team, event.team, event.key, via, channel or None, thread, ts=ts or None)


def _asked(body: Body, key: str, via: str) -> Asked:
    user, home = _part(body, "user"), _word(_part(body, "team"), "id")
    container, message = _part(body, "container"), _part(body, "message")
    channel = _word(_part(body, "channel"), "id") or _word(container, "channel_id")
    thread = _word(message, "thread_ts") or _word(container, "thread_ts")
    return Asked(
        _text(user, "id"),
        _word(user, "team_id") or home,
        home or _word(user, "team_id"),
        key,
        via,
        channel or None,
        thread or None,
        _url(body),
        _word(body, "trigger_id") or None,
    )


def _user(body: Body) -> str:
    return _text(_part(body, "user"), "id")


def _chosen(action: Body) -> str:
    """A button's value, or what was chosen in a select, a menu or a set of boxes."""
    option = action.get("selected_option")
    if isinstance(option, Mapping):
        return _word(option, "value")
    for key in ("value", "selected_user", "selected_channel", "selected_conversation", "selected_date"):
        if isinstance(action.get(key), str):
            return _word(action, key)
    many = action.get("selected_options")
    return json.dumps([_word(one, "value") for one in many if isinstance(one, Mapping)]) if many else ""


def _part(body: Body, key: str) -> Body:
    value = body.get(key)
    return value if isinstance(value, Mapping) else {}


def _text(body: Body, key: str) -> str:
    value = body.get(key)
    if not isinstance(value, str) or not value:
        raise Unreadable(f"A payload came without {key}.")
    return value[:400]


def _word(body: Body, key: str, most: int = 2_000) -> str:
    value = body.get(key)
    return value[:most] if isinstance(value, str) else ""


def _url(body: Body) -> str | None:
    value = body.get("response_url")
    return value if isinstance(value, str) and value.startswith(("https://", "http://")) else None
