"""The chat.* methods, and what may be posted."""

from collections.abc import Mapping
from dataclasses import replace

import orjson

from bot.sandbox.workspace.ask import Ask
from bot.sandbox.workspace.nouns import Channel, Json, Message
from bot.sandbox.workspace.permits import Denied
from bot.sandbox.workspace.state import State
from bot.slack import validate

LONGEST, LONGEST_EDIT = 40_000, 4_000
METADATA_BYTES = 8_000


def body(state: State, content: Mapping[str, object], *, longest: int = LONGEST) -> Json:
    """The text, blocks and attachments of a message, when Slack would take them; Denied otherwise."""
    blocks, attachments = content.get("blocks"), content.get("attachments")
    if not isinstance(blocks, list | None) or not isinstance(attachments, list | None):
        raise Denied("invalid_blocks_format" if not isinstance(blocks, list | None) else "invalid_attachments")
    text = str(content.get("text") or "")
    if not (text.strip() or blocks or attachments):
        raise Denied("no_text")
    if len(text) > longest:
        raise Denied("msg_too_long")
    faults = validate.validate({"blocks": blocks or [], "attachments": attachments or []}, "message")
    if faults:
        told = [f"[ERROR] {fault.rule} [json-pointer:{fault.pointer}]" for fault in faults]
        code = "msg_blocks_too_long" if validate.too_much_text(faults) and len(faults) == 1 else "invalid_blocks"
        raise Denied(code, errors=told, response_metadata={"messages": told})
    return {"text": text, "blocks": blocks or [], "attachments": attachments or []}


def _content(ask: Ask, longest: int = LONGEST) -> Json:
    if ask.args.get("markdown_text"):
        if ask.args.get("text") or ask.args.get("blocks"):
            raise Denied("markdown_text_conflict")
        said = {"text": ask.text("markdown_text")}
        return body(ask.state, said, longest=12_000)
    return body(
        ask.state,
        {
            "text": ask.text("text"),
            "blocks": ask.json("blocks", "invalid_blocks_format"),
            "attachments": ask.json("attachments", "invalid_attachments"),
        },
        longest=longest,
    )


def _metadata(ask: Ask) -> Json | None:
    given = ask.json("metadata", "invalid_metadata_format")
    if given is None:
        return None
    if not isinstance(given, dict) or not (isinstance(given.get("event_type"), str) and given["event_type"]):
        raise Denied("invalid_metadata_format")
    if not isinstance(given.get("event_payload"), dict) or set(given) - {"event_type", "event_payload", "entities"}:
        raise Denied("invalid_metadata_schema")
    if len(orjson.dumps(given)) > METADATA_BYTES:
        raise Denied("metadata_too_large")
    return given


def place(ask: Ask) -> Channel:
    """Where a post goes: a conversation, or a person's direct messages."""
    wanted, state = ask.need("channel"), ask.state
    if wanted in state.people:
        person = state.people[wanted]
        if person.deleted or person.is_bot:
            raise Denied("channel_not_found")
        return state.dm(wanted)
    channel = ask.channel(by_name=True)
    if channel.archived:
        raise Denied("is_archived")
    if channel.im_with:
        if state.people[channel.im_with].deleted:
            raise Denied("channel_not_found")
    elif state.bot_user not in channel.inside and "chat:write.public" not in ask.token.scopes:
        raise Denied("not_in_channel")
    return channel


def thread(ask: Ask, channel: Channel) -> str | None:
    """The first message of the thread a post goes to, None when it goes to none."""
    if not ask.args.get("thread_ts"):
        return None
    parent = ask.state.messages[channel.id].get(ask.ts("thread_ts", "invalid_thread_ts"))
    if parent is None:
        raise Denied("thread_not_found")
    return parent.thread_ts or parent.ts


def _named(ask: Ask) -> str | None:
    if any(ask.args.get(name) for name in ("username", "icon_url", "icon_emoji")):
        ask.scope("chat:write.customize")
    return ask.text("username") or None


def post_message(ask: Ask) -> Json:
    """chat.postMessage: a new message, seen by everybody in the conversation."""
    channel, content, metadata = place(ask), _content(ask), _metadata(ask)
    message = ask.state.from_bot(channel.id, **content)
    message = replace(message, metadata=metadata, thread_ts=thread(ask, channel), username=_named(ask))
    ask.state.post(message)
    return {"channel": channel.id, "ts": message.ts, "message": message.to_api()}


def post_ephemeral(ask: Ask) -> Json:
    """chat.postEphemeral: a message only one person in the channel sees, gone when they look away."""
    channel, content = place(ask), _content(ask)
    user = ask.need("user")
    if user not in channel.inside:
        raise Denied("user_not_in_channel")
    message = ask.state.from_bot(channel.id, **content)
    message = replace(message, ephemeral_to=user, thread_ts=thread(ask, channel))
    return {"message_ts": ask.state.whisper(message).ts}


def _own(ask: Ask, refusal: str) -> Message:
    message = ask.message(ask.channel(), ask.ts("ts", "message_not_found"))
    if message.user != ask.state.bot_user:
        raise Denied(refusal)
    return message


def update(ask: Ask) -> Json:
    """chat.update: another content in an own message; what is not given stays, and an empty list takes blocks away."""
    message = _own(ask, "cant_update_message")
    if ask.state.channels[message.channel].archived:
        raise Denied("is_inactive")
    blocks = ask.json("blocks", "invalid_blocks_format")
    attachments = ask.json("attachments", "invalid_attachments")
    if all(ask.args.get(name) is None for name in ("text", "blocks", "attachments", "metadata")):
        raise Denied("no_text")
    content = body(
        ask.state,
        {
            "text": message.text if ask.args.get("text") is None else ask.text("text"),
            "blocks": message.blocks if blocks is None else blocks,
            "attachments": message.attachments if attachments is None else attachments,
        },
        longest=LONGEST_EDIT if ask.args.get("text") is not None else LONGEST,
    )
    if ask.args.get("metadata") in ({}, "{}"):
        content["metadata"] = None
    elif (metadata := _metadata(ask)) is not None:
        content["metadata"] = metadata
    changed = ask.state.edit(message, **content)
    return {"channel": changed.channel, "ts": changed.ts, "text": changed.text, "message": changed.to_api()}


def delete(ask: Ask) -> Json:
    """chat.delete: takes an own message away."""
    message = _own(ask, "cant_delete_message")
    ask.state.delete(message)
    return {"channel": message.channel, "ts": message.ts}


def get_permalink(ask: Ask) -> Json:
    """chat.getPermalink: the web address of a message."""
    channel = ask.channel()
    message = ask.message(channel, ask.ts("message_ts", "message_not_found"))
    link = f"{ask.state.origin}/archives/{channel.id}/p{message.ts.replace('.', '')}"
    return {"channel": channel.id, "permalink": link}
