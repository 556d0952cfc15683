"""What is put on messages: reactions and pins."""

import re

from bot.sandbox.workspace.ask import Ask
from bot.sandbox.workspace.nouns import Channel, Json, Message
from bot.sandbox.workspace.permits import Denied
from bot.sandbox.workspace.state import State

MOST_PINS = 100


def _marked(ask: Ask) -> tuple[Message, str]:
    channel = ask.channel()
    if channel.archived:
        raise Denied("is_archived")
    message = ask.message(channel, ask.ts("timestamp"))
    name = ask.need("name").strip(":")
    if not re.fullmatch(r"[a-z0-9_+'-]+(::skin-tone-[2-6])?", name):
        raise Denied("invalid_name")
    return message, name


def add_reaction(ask: Ask) -> Json:
    """reactions.add: an emoji under a message."""
    react(ask.state, *_marked(ask), ask.state.bot_user)
    return {}


def remove_reaction(ask: Ask) -> Json:
    """reactions.remove: takes the bot's own emoji away."""
    unreact(ask.state, *_marked(ask), ask.state.bot_user)
    return {}


def react(state: State, message: Message, name: str, user: str) -> Message:
    """Puts a person's emoji under a message; Denied when it is there already."""
    there = message.reactions.get(name, ())
    if user in there:
        raise Denied("already_reacted")
    changed = state.edit(message, "reaction", reactions={**message.reactions, name: (*there, user)})
    _tell_reaction(state, message, name, user, "reaction_added")
    return changed


def unreact(state: State, message: Message, name: str, user: str) -> Message:
    """Takes a person's emoji away; Denied when it is not there."""
    there = message.reactions.get(name, ())
    if user not in there:
        raise Denied("no_reaction")
    left = {**message.reactions, name: tuple(one for one in there if one != user)}
    changed = state.edit(message, "reaction", reactions={emoji: users for emoji, users in left.items() if users})
    _tell_reaction(state, message, name, user, "reaction_removed")
    return changed


def _tell_reaction(state: State, message: Message, name: str, user: str, event: str) -> None:
    item = {"type": "message", "channel": message.channel, "ts": message.ts}
    told = {"type": event, "user": user, "reaction": name, "item_user": message.user, "item": item}
    state.tell(message.channel, event, told)


def _pinnable(ask: Ask) -> tuple[Channel, Message]:
    channel = ask.channel()
    if ask.state.bot_user not in channel.inside:
        raise Denied("not_in_channel")
    return channel, ask.message(channel, ask.ts("timestamp"))


def pins(state: State, channel: Channel) -> list[Message]:
    """What is pinned in a channel, oldest message first."""
    return [message for message in state.messages[channel.id].values() if message.pinned]


def add_pin(ask: Ask) -> Json:
    """pins.add: a message on the channel's board."""
    channel, message = _pinnable(ask)
    if message.pinned:
        raise Denied("already_pinned")
    if len(pins(ask.state, channel)) >= MOST_PINS:
        raise Denied("too_many_pins")
    _pin(ask.state, channel, message, on=True)
    return {}


def remove_pin(ask: Ask) -> Json:
    """pins.remove: takes a message off the channel's board."""
    channel, message = _pinnable(ask)
    if not message.pinned:
        raise Denied("no_pin")
    _pin(ask.state, channel, message, on=False)
    return {}


def _pin(state: State, channel: Channel, message: Message, *, on: bool) -> None:
    changed = state.edit(message, "pin", pinned=on)
    item = {"type": "message", "channel": channel.id, "message": changed.to_api(metadata=False)}
    event = "pin_added" if on else "pin_removed"
    told = {"type": event, "user": state.bot_user, "channel_id": channel.id, "item": item, "item_user": message.user}
    pinned = pins(state, channel)
    state.tell(channel.id, event, told | ({"pin_count": len(pinned)} if on else {"has_pins": bool(pinned)}))


def list_pins(ask: Ask) -> Json:
    """pins.list: what is pinned in a channel."""
    channel = ask.channel()
    if ask.state.bot_user not in channel.inside:
        raise Denied("not_in_channel")
    shown = [
        {"type": "message", "channel": channel.id, "message": m.to_api(metadata=False), "created_by": m.user}
        for m in pins(ask.state, channel)
    ]
    return {"items": shown}
