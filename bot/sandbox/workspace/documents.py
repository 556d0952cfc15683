"""Files in three steps (an address, the bytes, the sharing) and canvases."""

import mimetypes
import secrets
from dataclasses import replace

from bot.sandbox.workspace import chat
from bot.sandbox.workspace.ask import Ask
from bot.sandbox.workspace.nouns import Canvas, File, Json
from bot.sandbox.workspace.permits import Denied
from bot.sandbox.workspace.state import State

LARGEST, LARGEST_CANVAS = 1 << 30, 1 << 20
LONGEST_ALT = 1_000  # characters
KEPT = 64 << 20  # bytes of all files; of the oldest beyond them only the names are kept


def told(state: State, file: File) -> Json:
    """A file as Slack writes it."""
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return {
        "id": file.id,
        "name": file.name,
        "title": file.title or file.name,
        "mimetype": kind,
        "filetype": file.name.rpartition(".")[2],
        "size": file.length,
        "alt_txt": file.alt_text,
        "user": state.bot_user,
        "channels": list(file.channels),
        "url_private": f"{state.origin}/files/{file.id}/{file.name}",
        "permalink": f"{state.origin}/files/{file.id}",
    }


def upload_url(ask: Ask) -> Json:
    """files.getUploadURLExternal: where to send so many bytes, once."""
    name, length = ask.need("filename"), ask.number("length", 0, LARGEST, "invalid_arguments")
    alt = ask.text("alt_txt")
    if len(alt) > LONGEST_ALT:
        raise Denied("alt_txt_too_large")
    made = File(ask.state.fresh("F"), name, length, alt_text=alt)
    key = secrets.token_urlsafe(18)
    ask.state.files[made.id], ask.state.uploads[key] = made, made.id
    return {"upload_url": f"{ask.state.origin}/upload/{key}", "file_id": made.id}


def upload(state: State, key: str, content: bytes) -> tuple[int, str]:
    """Takes the bytes of a file; the status and the words Slack answers."""
    held = state.uploads.get(key)
    if held is None:
        return 404, "not found"
    file = state.files[held]
    if len(content) != file.length:
        return 400, f"expected {file.length} bytes"
    del state.uploads[key]
    state.files[held] = replace(file, content=content)
    _forget(state, held)
    return 200, f"OK - {len(content)}"


def share(state: State, name: str, content: bytes, channel: str) -> Json:
    """A file that a person puts into a conversation, as the message has it that brings it."""
    made = File(state.fresh("F"), name, len(content), content=content, title=name, complete=True, channels=(channel,))
    state.files[made.id] = made
    _forget(state, made.id)
    return told(state, made)


def serve(state: State, path: str, bearer: str) -> tuple[int, bytes]:
    """The bytes of a file for whoever has a token that may read files; Slack sends all others to sign in."""
    file = state.files.get(path.partition("/")[0])
    if bearer != state.keys.bot_token or "files:read" not in state.bot_scopes():
        return 302, b""
    return (200, file.content or b"") if file and file.complete else (404, b"")


def _forget(state: State, newest: str) -> None:
    """A workspace that is left running does not grow with what is shown in it."""
    over = sum(len(file.content or b"") for file in state.files.values()) - KEPT
    for file in list(state.files.values()):
        if over > 0 and file.complete and file.content and file.id != newest:
            over -= len(file.content)
            state.files[file.id] = replace(file, content=b"")


def complete(ask: Ask) -> Json:
    """files.completeUploadExternal: titles for files that were sent, and where they are shown, if anywhere."""
    state, given = ask.state, ask.json("files", "invalid_arguments")
    if not isinstance(given, list) or not given or not all(isinstance(one, dict) for one in given):
        raise Denied("invalid_arguments", response_metadata={"messages": ["[ERROR] must be a list: files"]})
    files = [(state.files.get(str(one.get("id"))), str(one.get("title") or "")) for one in given]
    if any(file is None or file.content is None or file.complete for file, _ in files):
        raise Denied("file_not_found")
    places = ask.ids("channels") or ask.ids("channel_id")
    channels = [chat.place(replace(ask, args={"channel": place})) for place in places]
    done = [
        replace(file, title=title, complete=True, channels=tuple(channel.id for channel in channels))
        for file, title in files
        if file is not None
    ]
    shared = tuple(told(state, file) for file in done)
    threads = [chat.thread(ask, channel) for channel in channels]
    state.files.update({file.id: file for file in done})
    for channel, thread in zip(channels, threads, strict=True):
        message = state.from_bot(channel.id, ask.text("initial_comment"))
        state.post(replace(message, files=shared, subtype="file_share", thread_ts=thread))
    return {"files": list(shared)}


def _markdown(ask: Ask, *, needed: bool) -> str:
    given = ask.json("document_content", "invalid_arguments")
    if given is None and not needed:
        return ""
    if not isinstance(given, dict) or given.get("type") != "markdown" or not isinstance(given.get("markdown"), str):
        raise Denied("invalid_arguments", response_metadata={"messages": ["[ERROR] bad value: document_content"]})
    if len(given["markdown"].encode()) > LARGEST_CANVAS:
        raise Denied("canvas_creation_failed", detail=f"at most {LARGEST_CANVAS} bytes of markdown")
    return str(given["markdown"])


def create_canvas(ask: Ask) -> Json:
    """canvases.create: a document of its own, or a channel's tab when a channel is named."""
    if ask.args.get("channel_id"):
        return create_channel_canvas(ask)
    made = Canvas(ask.state.fresh("F"), ask.text("title"), _markdown(ask, needed=False))
    ask.state.canvases[made.id] = made
    return {"canvas_id": made.id}


def create_channel_canvas(ask: Ask) -> Json:
    """conversations.canvases.create: the one canvas of a channel."""
    channel = ask.member(ask.channel("channel_id"))
    if any(canvas.channel == channel.id for canvas in ask.state.canvases.values()):
        raise Denied("channel_canvas_already_exists")
    made = Canvas(ask.state.fresh("F"), ask.text("title"), _markdown(ask, needed=False), channel.id)
    ask.state.canvases[made.id] = made
    ask.state.note("channel")
    return {"canvas_id": made.id}
