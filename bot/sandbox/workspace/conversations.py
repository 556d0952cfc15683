"""The conversations.* methods that look: which there are, who is in them, what was said."""

import base64
import binascii
import re
from collections.abc import Sequence
from typing import TypeVar

from bot.sandbox.workspace.ask import Ask
from bot.sandbox.workspace.nouns import Channel, Json, Message
from bot.sandbox.workspace.permits import Denied
from bot.sandbox.workspace.state import State

T = TypeVar("T")
TYPES = {"public_channel": "channels:read", "private_channel": "groups:read", "im": "im:read", "mpim": "mpim:read"}


def told(state: State, channel: Channel) -> Json:
    """A conversation as Slack writes it."""
    facts: Json = {
        "id": channel.id,
        "created": channel.created,
        "is_archived": channel.archived,
        "is_im": bool(channel.im_with),
        "is_channel": not channel.im_with and not channel.private,
        "is_group": channel.private,
        "is_private": channel.private or bool(channel.im_with),
    }
    if channel.im_with:
        return facts | {"user": channel.im_with, "is_open": True}
    topic = {"value": channel.topic, "creator": channel.creator, "last_set": 0}
    return facts | {
        "name": channel.name,
        "name_normalized": channel.name,
        "creator": channel.creator,
        "is_member": state.bot_user in channel.inside,
        "topic": topic,
        "purpose": {"value": channel.purpose, "creator": channel.creator, "last_set": 0},
        "is_general": channel.general,
        "is_ext_shared": state.shared(channel.id),
        "num_members": len(channel.inside),
    }


def _scope(ask: Ask, channel: Channel, act: str) -> None:
    ask.scope({"im": "im", "group": "groups", "channel": "channels"}[ask.state.kind(channel.id)] + f":{act}")


def page(ask: Ask, things: Sequence[T], default: int = 100) -> tuple[list[T], str]:
    """One page of a list and the cursor of the next, empty on the last."""
    limit, start = ask.number("limit", default, 1000), 0
    if ask.args.get("cursor"):
        try:
            start = int(base64.b64decode(ask.text("cursor"), validate=True).decode())
        except (binascii.Error, ValueError) as problem:
            raise Denied("invalid_cursor") from problem
    more = start + limit < len(things)
    return list(things[start : start + limit]), base64.b64encode(str(start + limit).encode()).decode() if more else ""


def turned(cursor: str) -> Json:
    """The part of an answer that carries the cursor."""
    return {"response_metadata": {"next_cursor": cursor}}


def open_(ask: Ask) -> Json:
    """conversations.open: the direct messages with a person."""
    state = ask.state
    if ask.args.get("channel"):
        return {"channel": {"id": ask.channel().id}}
    users = ask.ids("users")
    if not users:
        raise Denied("users_list_not_supplied")
    if len(users) > 1:
        ask.scope("mpim:write")
        raise Denied("too_many_users")
    person = state.people.get(users[0])
    if person is None:
        raise Denied("user_not_found")
    if person.deleted:
        raise Denied("user_disabled")
    if person.is_bot:
        raise Denied("cannot_dm_bot")
    before = any(channel.im_with == person.id for channel in state.channels.values())
    channel = state.dm(person.id)
    full = told(state, channel) if ask.flag("return_im") else {"id": channel.id}
    return {"channel": full} | ({"no_op": True, "already_open": True} if before else {})


def info(ask: Ask) -> Json:
    """conversations.info: one conversation."""
    channel = ask.channel()
    _scope(ask, channel, "read")
    return {"channel": told(ask.state, channel)}


def list_(ask: Ask) -> Json:
    """conversations.list: the conversations the bot may see, page by page."""
    types = ask.text("types", "public_channel").split(",")
    for kind in types:
        if kind not in TYPES:
            raise Denied("invalid_types")
        ask.scope(TYPES[kind])
    seen = []
    for channel in ask.state.channels.values():
        kind = "im" if channel.im_with else "private_channel" if channel.private else "public_channel"
        hidden = channel.private and ask.state.bot_user not in channel.inside
        if kind in types and not hidden and not (channel.archived and ask.flag("exclude_archived")):
            seen.append(channel)
    shown, cursor = page(ask, seen)
    return {"channels": [told(ask.state, channel) for channel in shown]} | turned(cursor)


def members(ask: Ask) -> Json:
    """conversations.members: the ids of those in a conversation."""
    channel = ask.channel()
    _scope(ask, channel, "read")
    shown, cursor = page(ask, sorted(channel.inside))
    return {"members": shown} | turned(cursor)


def _span(ask: Ask, messages: list[Message]) -> list[Message]:
    oldest = _moment(ask.text("oldest", "0"), "invalid_ts_oldest")
    latest = _moment(ask.text("latest") or "99999999999", "invalid_ts_latest")
    edge = ask.flag("inclusive")
    return [m for m in messages if oldest < (ts := _moment(m.ts, "")) < latest or (edge and ts in (oldest, latest))]


def _moment(ts: str, error: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d{1,12})(?:\.(\d{1,6}))?", ts)
    if not found:
        raise Denied(error)
    return int(found[1]), int((found[2] or "").ljust(6, "0"))


def _told_page(ask: Ask, messages: list[Message]) -> Json:
    shown, cursor = page(ask, messages)
    metadata = ask.flag("include_all_metadata")
    wanted: dict[str, list[Message]] = {message.ts: [] for message in shown}
    for message in ask.state.messages[shown[0].channel].values() if shown else ():
        if message.thread_ts in wanted and message.thread_ts != message.ts:
            wanted[message.thread_ts].append(message)
    said = [m.to_api(metadata=metadata) | _thread(m, wanted[m.ts]) for m in shown]
    return {"messages": said, "has_more": bool(cursor)} | turned(cursor)


def _thread(message: Message, held: list[Message]) -> Json:
    """What Slack says beside a message that was replied to."""
    if not held:
        return {}
    users = list(dict.fromkeys(reply.user for reply in held))
    return {
        "thread_ts": message.ts,
        "reply_count": len(held),
        "reply_users": users,
        "reply_users_count": len(users),
        "latest_reply": held[-1].ts,
    }


def history(ask: Ask) -> Json:
    """conversations.history: the top-level messages, newest first."""
    channel = ask.channel()
    _scope(ask, channel, "history")
    if ask.state.bot_user not in channel.inside:
        raise Denied("not_in_channel")
    top = [m for m in ask.state.messages[channel.id].values() if m.thread_ts in (None, m.ts)]
    return _told_page(ask, _span(ask, top)[::-1])


def replies(ask: Ask) -> Json:
    """conversations.replies: a thread, its first message first."""
    channel = ask.channel()
    _scope(ask, channel, "history")
    if ask.state.bot_user not in channel.inside:
        raise Denied("not_in_channel")
    ts = ask.ts("ts", "thread_not_found")
    parent = ask.state.messages[channel.id].get(ts)
    if parent is None:
        raise Denied("thread_not_found")
    root = parent.thread_ts or ts
    thread = [m for m in ask.state.messages[channel.id].values() if root in (m.ts, m.thread_ts)]
    return _told_page(ask, [thread[0], *_span(ask, thread[1:])])
