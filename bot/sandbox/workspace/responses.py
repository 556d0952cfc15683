"""The response_url: five answers within thirty minutes to one interaction."""

from dataclasses import replace

import orjson

from bot.sandbox.workspace import chat
from bot.sandbox.workspace.nouns import Json, Message
from bot.sandbox.workspace.permits import RESPONSE_LIFE, RESPONSE_USES, Denied, ResponseUrl
from bot.sandbox.workspace.state import State


def answer(state: State, key: str, body: bytes) -> tuple[int, str]:
    """Does what the app asks through a response_url; the status and the word Slack answers."""
    held = state.response_urls.get(key)
    if held is None or state.clock.now() - held.at > RESPONSE_LIFE:
        return 404, "expired_url"
    if held.uses >= RESPONSE_USES:
        return 404, "used_url"
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        return 400, "invalid_payload"
    if not isinstance(said, dict):
        return 400, "invalid_payload"
    try:
        _do(state, held, said)
    except Denied as refusal:
        return 400, refusal.code
    held.uses += 1
    return 200, "ok"


def _standing(state: State, held: ResponseUrl) -> Message | None:
    """The message the interaction came from, as it stands now."""
    first = held.original
    if first is None:
        return None
    shelf = state.whispers.get(first.ephemeral_to, {}) if first.ephemeral_to else state.messages[first.channel]
    return shelf.get(first.ts)


def _do(state: State, held: ResponseUrl, said: Json) -> None:
    original = _standing(state, held)
    if said.get("delete_original"):
        if original is not None:
            state.delete(original)
        return
    content = chat.body(state, said)
    if said.get("replace_original") and original is not None:
        held.responses.append(state.edit(original, **content))
        return
    thread = str(said["thread_ts"]) if said.get("thread_ts") else None
    message = replace(state.from_bot(held.channel, **content), thread_ts=thread)
    if said.get("response_type") == "in_channel":
        held.responses.append(state.post(message))
    else:
        held.responses.append(state.whisper(replace(message, ephemeral_to=held.user)))
