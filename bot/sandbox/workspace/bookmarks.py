"""The bookmarks.* methods: links in the head of a channel."""

import re

from bot.sandbox.workspace.ask import Ask
from bot.sandbox.workspace.nouns import Channel, Json
from bot.sandbox.workspace.permits import Denied

MOST = 100


def _place(ask: Ask) -> Channel:
    channel = ask.channel("channel_id")
    if ask.state.bot_user not in channel.inside:
        raise Denied("not_in_channel")
    return channel


def add(ask: Ask) -> Json:
    """bookmarks.add: one more link."""
    channel, state = ask.member(_place(ask)), ask.state
    if ask.need("type") != "link":
        raise Denied("invalid_bookmark_type")
    title, link = ask.need("title"), ask.text("link")
    if not re.fullmatch(r"https?://\S+", link) or len(link) > 3000:
        raise Denied("invalid_link")
    held = state.bookmarks.setdefault(channel.id, [])
    if len(held) >= MOST:
        raise Denied("too_many_bookmarks")
    now = int(state.clock.now().timestamp())
    made: Json = {
        "id": state.fresh("Bk"),
        "channel_id": channel.id,
        "title": title,
        "link": link,
        "emoji": ask.text("emoji") or None,
        "type": "link",
        "date_created": now,
        "date_updated": 0,
        "rank": f"U{len(held)}",
        "last_updated_by_user_id": state.bot_user,
        "last_updated_by_team_id": state.team_id,
        "app_id": state.app_id,
    }
    held.append(made)
    state.note("channel")
    return {"bookmark": made}


def list_(ask: Ask) -> Json:
    """bookmarks.list: the links of a channel."""
    return {"bookmarks": list(ask.state.bookmarks.get(_place(ask).id, ()))}


def remove(ask: Ask) -> Json:
    """bookmarks.remove: takes a link away."""
    channel, wanted = _place(ask), ask.need("bookmark_id")
    held = ask.state.bookmarks.get(channel.id, [])
    found = next((one for one in held if one["id"] == wanted), None)
    if found is None:
        raise Denied("not_found")
    held.remove(found)
    ask.state.note("channel")
    return {}
