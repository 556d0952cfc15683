"""What could serve: the folders below `versions`, with what their `version.json` says of them."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.contract import Refused, Unreadable, Version, reading
from plugins.local import disk, features

FOLDER, FILE = "versions", "version.json"
METRICS = 50  #: of one version that are told of


def listed(folder: Path, limit: int) -> list[Version]:
    """The versions of a model, the newest first, at most `limit`; one that cannot be used says why."""
    above = disk.inside(folder, FOLDER)
    found = [one(folder, name) for name in disk.folders(above)] if above else []
    oldest = datetime.min.replace(tzinfo=UTC)
    return sorted(found, key=lambda each: each.created_at or oldest, reverse=True)[: max(0, limit)]


def one(folder: Path, name: str) -> Version:
    """One version; without a `version.json` it was made when its folder was last changed."""
    try:
        above = disk.inside(folder, FOLDER)
        there = disk.inside(above, name) if above else None
        if there is None:
            return Version(name, usable=False, why_not="Its folder is gone.")
        made = reading.instant(there.stat().st_mtime)
        body = disk.read(there / FILE)
        said = reading.loads(body) if body is not None else {}
    except (Refused, Unreadable) as error:
        return Version(name, usable=False, why_not=error.what)
    except OSError:
        return Version(name, usable=False, why_not="Its folder is gone.")
    if not isinstance(said, dict):
        return Version(name, made, usable=False, why_not=f"Its {FILE} is no object.")
    return replace(_said(said), id=name, created_at=reading.instant(said.get("created_at")) or made)


def _said(said: dict[str, Any]) -> Version:
    by, note = (reading.text(said.get(key), reading.TITLE) or "" for key in ("by", "note"))
    given = said.get("metrics")
    read = {name: reading.number(value) for name, value in given.items()} if isinstance(given, dict) else {}
    metrics = {reading.clean(name)[: reading.NAME]: value for name, value in read.items() if value is not None}
    few = dict(list(metrics.items())[:METRICS])
    inputs = features.typed(said.get("inputs")) or {}
    return Version("", by=reading.clean(by), note=reading.clean(note), metrics=few, inputs=inputs)
