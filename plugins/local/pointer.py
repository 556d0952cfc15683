"""What serves: the file `serving.json` of a model's folder, read, and swapped under a lock when it is as expected."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from bot.contract import Lever, NotFound, Plan, Refused, Serving, Stale, Unreadable, reading
from plugins.local import disk, history, shares, versions

FILE = "serving.json"
_HIGHEST = 2**53


def read(folder: Path) -> Serving:
    """What serves; nothing at all when there is no file. Refused, with what to write, when it makes no sense."""
    said = _document(folder)
    paused, seq = said.get("paused", False), said.get("seq", 0)
    if not isinstance(paused, bool) or isinstance(seq, bool) or not isinstance(seq, int) or not 0 <= seq < _HIGHEST:
        raise Refused(f"`paused` or `seq` in {FILE} of {folder.name} makes no sense.", shares.FORM)
    try:
        split = shares.read(said.get("split"))
    except Refused as error:
        raise Refused(f"{FILE} of {folder.name} makes no sense: {error.what}", shares.FORM) from None
    return Serving(split, paused, {"split": split, "paused": paused}, str(seq))


def _document(folder: Path) -> dict[str, Any]:
    body = disk.read(folder / FILE)
    try:
        said: object = reading.loads(body if body is not None else b'{"split": {}}')
    except Unreadable as error:
        raise Refused(f"{FILE} of {folder.name} cannot be read: {error.what}", shares.FORM) from None
    if not isinstance(said, dict):
        raise Refused(f"{FILE} of {folder.name} is no object.", shares.FORM)
    return said


def swap(folder: Path, plan: Plan, token: str, at: datetime) -> str | None:
    """What was done, in words; None when somebody else holds the lock. Stale when something else serves by now.

    The history has its line before the pointer is swapped, so that no switch is without one; a line whose swap never
    came is told by its number (`history.read`).
    """
    with disk.locked(folder) as mine:
        if mine is None:
            return None
        now = read(folder)
        if now.same(plan.after):
            return "It serves that already."
        if not now.same(plan.before) or now.guard != plan.before.guard:
            raise Stale(f"{folder.name} does not serve any more what it did.", "Look at it again, then propose anew.")
        wanted = shares.read(plan.after.split)
        for version in wanted if plan.lever is not Lever.PAUSE else ():
            there(folder, version)
        seq = int(now.guard or 0) + 1
        moved = {"split": wanted, "paused": plan.after.paused, "seq": seq}
        disk.append(folder / history.FILE, history.line(moved, at, token, plan.lever))
        disk.replace(folder / FILE, _spelled({**_document(folder), **moved}))
        return f"{FILE} was swapped, number {seq}."


def there(folder: Path, version: str) -> Path:
    """The folder of a version; NotFound when it is gone, Refused when it leads elsewhere."""
    above = disk.inside(folder, versions.FOLDER)
    found = disk.inside(above, disk.named(version)) if above else None
    if found is None:
        raise NotFound(f"{folder.name} has no version {version}.", "Choose one that is there.")
    return found


def _spelled(document: Mapping[str, Any]) -> bytes:
    """The document for people to read, what else they wrote there kept; Refused when it could not be read again."""
    try:
        body = orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    except TypeError:  # nested deeper than may be written
        raise Refused(f"{FILE} holds what cannot be written again.", shares.FORM) from None
    if len(body) > disk.LARGEST:
        raise Refused("What should serve takes more room than a pointer may.", "Make it smaller.")
    return body
