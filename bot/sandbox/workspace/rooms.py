"""The conversations.* methods that change a channel: its name, its topic, who is in it, whether it is open."""

import re

from bot.sandbox.workspace.ask import Ask
from bot.sandbox.workspace.conversations import told
from bot.sandbox.workspace.nouns import Channel, Json
from bot.sandbox.workspace.permits import Denied
from bot.sandbox.workspace.state import State

LONGEST_NAME, LONGEST_LINE, MOST_USERS = 80, 250, 100
PUBLIC_SCOPES = {"manage": "channels:manage", "topic": "channels:write.topic", "invites": "channels:write.invites"}

# --- what happens, whoever does it ---


def enter(state: State, channel: Channel, user: str, inviter: str = "") -> None:
    """Somebody comes into a channel; nothing happens when they are there."""
    if user in channel.inside:
        return
    channel.inside.add(user)
    state.line(channel, "channel_join", f"<@{user}> has joined the channel", user)
    told_by = {"inviter": inviter} if inviter else {}
    state.tell(channel.id, "member_joined_channel", _walk(state, channel, user, "member_joined_channel") | told_by)


def leave(state: State, channel: Channel, user: str) -> None:
    """Somebody is in a channel no more; nothing happens when they were not."""
    if user not in channel.inside:
        return
    state.line(channel, "channel_leave", f"<@{user}> has left the channel", user)
    state.tell(channel.id, "member_left_channel", _walk(state, channel, user, "member_left_channel"))
    channel.inside.discard(user)


def _walk(state: State, channel: Channel, user: str, event: str) -> Json:
    kind = "G" if channel.private else "C"
    return {"type": event, "user": user, "channel": channel.id, "channel_type": kind, "team": state.team_id}


def shut(state: State, channel: Channel, user: str, *, archived: bool = True) -> None:
    """A channel is archived, or opened again."""
    word = "archive" if archived else "unarchive"
    channel.archived = archived
    state.line(channel, f"channel_{word}", f"<@{user}> {word}d the channel", user)
    _tell(state, channel, word, {"channel": channel.id, "user": user, "is_moved": 0})


def call(state: State, channel: Channel, name: str, user: str) -> None:
    """A channel gets another name."""
    before, channel.name = channel.name, name
    state.line(channel, "channel_name", f'has renamed the channel from "{before}" to "{name}"', user)
    facts = {"id": channel.id, "name": name, "name_normalized": name, "created": channel.created}
    _tell(state, channel, "rename", {"channel": facts})


def _tell(state: State, channel: Channel, word: str, facts: Json) -> None:
    """Public channels are everybody's business, private ones only of those inside."""
    event = f"{'group' if channel.private else 'channel'}_{word}"
    if not channel.private or state.bot_user in channel.inside:
        state.emit(event, {"type": event} | facts | {"event_ts": state.ts()})


# --- the methods ---


def _scoped(ask: Ask, act: str, channel: Channel | None = None, *, private: bool = False) -> None:
    if channel is not None and channel.im_with:
        raise Denied("method_not_supported_for_channel_type")
    ask.scope("groups:write" if private or (channel and channel.private) else PUBLIC_SCOPES[act])


def _name(ask: Ask) -> str:
    """A name a channel may have and none has, archived ones included."""
    name = ask.text("name")
    if not name:
        raise Denied("invalid_name_required")
    if len(name) > LONGEST_NAME:
        raise Denied("invalid_name_maxlength")
    if not re.search(r"[a-z0-9]", name):
        raise Denied("invalid_name_punctuation")
    if not re.fullmatch(r"[a-z0-9_-]+", name):
        raise Denied("invalid_name_specials")
    if ask.state.named(name):
        raise Denied("name_taken")
    return name


def create(ask: Ask) -> Json:
    """conversations.create: a new channel with the bot in it."""
    private = ask.flag("is_private")
    _scoped(ask, "manage", private=private)
    me = ask.state.bot_user
    made = ask.state.add_channel(Channel(_name(ask), private=private, members=set(), bot_in=False, creator=me))
    enter(ask.state, made, me)
    return {"channel": told(ask.state, made)}


def rename(ask: Ask) -> Json:
    """conversations.rename: another name for a channel; only whoever made it may."""
    channel = ask.channel()
    _scoped(ask, "manage", channel)
    ask.member(channel)
    name = _name(ask)
    if channel.creator != ask.state.bot_user:
        raise Denied("not_authorized")
    call(ask.state, channel, name, ask.state.bot_user)
    return {"channel": told(ask.state, channel)}


def join(ask: Ask) -> Json:
    """conversations.join: the bot walks into a public channel."""
    channel = ask.channel()
    if channel.im_with or channel.private:
        raise Denied("method_not_supported_for_channel_type")
    if channel.archived:
        raise Denied("is_archived")
    already = ask.state.bot_user in channel.inside
    enter(ask.state, channel, ask.state.bot_user)
    return {"channel": told(ask.state, channel)} | ({"warning": "already_in_channel"} if already else {})


def invite(ask: Ask) -> Json:
    """conversations.invite: up to 100 people into a channel; with `force` the good ids enter and the bad are named."""
    channel, state = ask.channel(), ask.state
    _scoped(ask, "invites", channel)
    ask.member(channel)
    users = ask.ids("users")
    if not users:
        raise Denied("no_user")
    if len(users) > MOST_USERS:
        raise Denied("too_many_users")
    bad = {user: error for user in users if (error := _uninvitable(state, channel, user))}
    if bad and not (ask.flag("force") and len(bad) < len(users)):
        told_of = [{"user": user, "ok": False, "error": error} for user, error in bad.items()]
        raise Denied(next(iter(bad.values())), errors=told_of)
    for user in users:
        if user not in bad:
            enter(state, channel, user, inviter=state.bot_user)
    return {"channel": told(state, channel)}


def _uninvitable(state: State, channel: Channel, user: str) -> str | None:
    person = state.people.get(user)
    if person is None or person.deleted:
        return "user_not_found"
    if user == state.bot_user:
        return "cant_invite_self"
    if user in channel.inside:
        return "already_in_channel"
    if person.is_stranger:
        return "user_team_not_in_channel"
    if person.is_ultra_restricted and any(user in c.inside for c in state.channels.values() if not c.im_with):
        return "ura_max_channels"
    return None


def kick(ask: Ask) -> Json:
    """conversations.kick: takes a person out of a channel."""
    channel, state = ask.channel(), ask.state
    _scoped(ask, "manage", channel)
    person = ask.person()
    if person.id == state.bot_user:
        raise Denied("cant_kick_self")
    ask.member(channel)
    if channel.general:
        raise Denied("cant_kick_from_general")
    if person.id not in channel.inside:
        raise Denied("not_in_channel")
    leave(state, channel, person.id)
    return {"errors": {}}


def set_topic(ask: Ask) -> Json:
    """conversations.setTopic: the line on top of a channel, up to 250 characters."""
    return _set_line(ask, "topic")


def set_purpose(ask: Ask) -> Json:
    """conversations.setPurpose: what a channel is for, up to 250 characters."""
    return _set_line(ask, "purpose") | {"purpose": ask.text("purpose")}


def _set_line(ask: Ask, which: str) -> Json:
    channel = ask.channel()
    _scoped(ask, "topic", channel)
    ask.member(channel)
    if len(said := ask.text(which)) > LONGEST_LINE:
        raise Denied("too_long")
    if said != getattr(channel, which):
        setattr(channel, which, said)
        noun = {"topic": "topic", "purpose": "description"}[which]
        ask.state.line(channel, f"channel_{which}", f"set the channel {noun}: {said}", ask.state.bot_user)
    return {"channel": told(ask.state, channel)}


def archive(ask: Ask) -> Json:
    """conversations.archive: closes a channel; its name stays taken."""
    channel = ask.channel()
    _scoped(ask, "manage", channel)
    if channel.archived:
        raise Denied("already_archived")
    if channel.general:
        raise Denied("cant_archive_general")
    ask.member(channel)
    shut(ask.state, channel, ask.state.bot_user)
    return {}


def unarchive(ask: Ask) -> Json:
    """conversations.unarchive: opens an archived channel again."""
    channel = ask.channel()
    _scoped(ask, "manage", channel)
    if not channel.archived:
        raise Denied("not_archived")
    if ask.state.bot_user not in channel.inside:
        raise Denied("not_in_channel")
    shut(ask.state, channel, ask.state.bot_user, archived=False)
    return {}
