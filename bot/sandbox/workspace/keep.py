"""A workspace in a file: everything people see in it, its tokens and its counters, to JSON and back."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

import orjson
from pydantic import ConfigDict, TypeAdapter, ValidationError

from bot.clock import Clock
from bot.errors import BadInput
from bot.sandbox.workspace.desk import Desk
from bot.sandbox.workspace.limits import Limits
from bot.sandbox.workspace.nouns import App, Canvas, Change, Channel, File, Json, Message, Person, UserGroup, View
from bot.sandbox.workspace.permits import RESPONSE_LIFE, ResponseUrl, Secrets, Token
from bot.sandbox.workspace.state import State, Values
from bot.sandbox.workspace.workspace import Workspace

TAIL = 200  # the last changes of the journal: what a page that was away asks for
FORMAT: Final = "tocsin workspace 1"


class Unkept(BadInput):
    """A file that cannot be read as a workspace; what it is, and the cure."""


@dataclass(frozen=True, repr=False)
class Kept:
    """What is kept; calls, failures, faults, and what lives for seconds (triggers, tickets, uploads) are not."""

    # Bytes travel as base64: those of a picture are no text.
    __pydantic_config__ = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64", extra="forbid")

    format: Literal["tocsin workspace 1"]
    at: datetime
    app: str
    keys: Secrets
    token: bool  # whether the bot token is alive
    revoked: tuple[str, ...]  # scopes the app asks for and does not have
    granted: tuple[str, ...]  # scopes it has beyond those
    ended: dict[str, str]
    installed: bool
    numbers: int
    last_ts: int
    counter: int
    people: tuple[Person, ...]
    channels: tuple[Channel, ...]
    groups: tuple[UserGroup, ...]
    messages: dict[str, tuple[Message, ...]]
    whispers: dict[str, tuple[Message, ...]]
    stacks: dict[str, list[View]]
    homes: dict[str, View]
    picked: tuple[tuple[str, str, str, Values], ...]
    response_urls: dict[str, ResponseUrl]
    bookmarks: dict[str, list[Json]]
    files: tuple[File, ...]
    canvases: tuple[Canvas, ...]
    journal: tuple[Change, ...]


_FORM = TypeAdapter[Kept](Kept)


def saved(state: State) -> Json:
    """The workspace as JSON, secrets among it; shares nothing with what goes on living."""
    now, asked, held = state.clock.now(), set(state.app.scopes), state.bot_scopes()
    numbers, last_ts = state.counters
    kept = Kept(
        format=FORMAT,
        at=now,
        app=state.app.name,
        keys=state.keys,
        token=state.keys.bot_token in state.tokens,
        revoked=tuple(sorted(asked - held)),
        granted=tuple(sorted(held - asked)),
        ended=state.ended,
        installed=state.installed,
        numbers=numbers,
        last_ts=last_ts,
        counter=state.forgotten + len(state.journal),
        people=tuple(state.people.values()),
        channels=tuple(state.channels.values()),
        groups=tuple(state.groups.values()),
        messages={channel: tuple(shelf.values()) for channel, shelf in state.messages.items()},
        whispers={user: tuple(shelf.values()) for user, shelf in state.whispers.items()},
        stacks=state.stacks,
        homes=state.homes,
        picked=tuple((*where, values) for where, values in state.picked.items()),
        response_urls={k: url for k, url in state.response_urls.items() if now - url.at <= RESPONSE_LIFE},
        bookmarks=state.bookmarks,
        files=tuple(file for file in state.files.values() if file.complete),
        canvases=tuple(state.canvases.values()),
        journal=tuple(state.journal[-TAIL:]),
    )
    said: Json = _FORM.dump_python(kept, mode="json")
    for channel in said["channels"]:
        channel["members"] = sorted(channel["members"] or ())  # a set has no order of its own
    return said


def restored(
    kept: object, clock: Clock, app: App | None = None, *, limits: Limits | None = None, request_url: str | None = None
) -> Workspace:
    """The workspace that was saved, ready to start; Unkept for what is none, or is another app's.

    `app` is the one of today: what it newly asks for it has, and what was taken from it stays taken.
    """
    app = app or App()
    told = _read(kept)
    if told.app != app.name:
        raise Unkept(f"This workspace belongs to the app {told.app!r}, not to {app.name!r}.", "Start a new one.")
    workspace = Workspace(clock=clock, limits=limits, request_url=request_url, app=(app, told.keys))
    _fill(workspace.state, told)
    return workspace


def _fill(state: State, told: Kept) -> None:
    state.counters = told.numbers, told.last_ts
    state.forgotten = told.counter - len(told.journal)
    state.installed, state.ended = told.installed, told.ended
    if told.token:
        scopes = (set(state.app.scopes) - set(told.revoked)) | set(told.granted)
        state.tokens[state.keys.bot_token] = Token("bot", scopes)
    else:
        del state.tokens[state.keys.bot_token]
    state.people = {person.id: person for person in told.people}
    state.channels = {channel.id: channel for channel in told.channels}
    state.groups = {group.id: group for group in told.groups}
    state.messages = {channel: {one.ts: one for one in shelf} for channel, shelf in told.messages.items()}
    state.whispers = {user: {one.ts: one for one in shelf} for user, shelf in told.whispers.items()}
    state.stacks, state.homes = told.stacks, told.homes
    state.picked = {(user, channel, ts): values for user, channel, ts, values in told.picked}
    state.response_urls, state.bookmarks = told.response_urls, told.bookmarks
    state.files = {file.id: file for file in told.files}
    state.canvases = {canvas.id: canvas for canvas in told.canvases}
    state.journal = list(told.journal)


def _read(kept: object) -> Kept:
    """ValidationError never leaves here: it would show the values, and tokens are among them."""
    if not isinstance(kept, Mapping) or not str(kept.get("format", "")).startswith("tocsin workspace"):
        raise Unkept("This is not a workspace that was kept.", "Give its file another place, or start a new one.")
    if kept["format"] != FORMAT:
        raise Unkept("Another version of Tocsin kept this workspace.", "Start a new one, or go back to that version.")
    try:
        told = _FORM.validate_json(orjson.dumps(kept))
    except ValidationError as wrong:
        where = ".".join(str(part) for part in wrong.errors(include_input=False, include_url=False)[0]["loc"])
        raise Unkept(f"This workspace is broken at {where}.", "Start a new one.") from None
    if set(told.messages) != {channel.id for channel in told.channels} or told.counter < len(told.journal):
        raise Unkept("This workspace is broken: its messages are not those of its channels.", "Start a new one.")
    return told


def write(path: Path, workspace: Desk) -> None:
    """Keeps a workspace in a file only its owner may read, whole or not at all; OSError as the disk says it."""
    body = orjson.dumps(saved(workspace.state))
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)  # of somebody who was killed here
    try:
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, path)
    except OSError:
        new.unlink(missing_ok=True)
        raise


def read(
    path: Path, clock: Clock, app: App | None = None, *, limits: Limits | None = None, request_url: str | None = None
) -> Workspace:
    """The workspace a file keeps, ready to start; Unkept for a broken or foreign one, OSError where none can be had."""
    with _named(path):
        return restored(_json(path), clock, app, limits=limits, request_url=request_url)


def kept_at(path: Path) -> datetime | None:
    """The workspace's own time when it was kept, None where there is no file; Unkept for a broken or foreign one."""
    if not path.exists():
        return None
    with _named(path):
        return _read(_json(path)).at


@contextmanager
def _named(path: Path) -> Iterator[None]:
    try:
        yield
    except Unkept as wrong:
        raise Unkept(f"{path}: {wrong.what}", wrong.do) from None


def _json(path: Path) -> Any:
    try:
        return orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError:
        raise Unkept("This is no JSON, so not a workspace that was kept.", "Start a new one.") from None
