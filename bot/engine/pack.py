"""The evidence pack of an incident: one zip with everything that is known of it, and a cover that says what is not.

The log's part proves itself (`log.zip`, an export); the other files are readings of it and of the tables beside it.
"""

import asyncio
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson

from bot import telemetry
from bot.engine import export, pack_cover, pack_read
from bot.engine.desk import Desk
from bot.engine.pack_read import Found
from bot.errors import BadInput
from bot.model.change import Change
from bot.model.entry import Entry
from bot.rules import bundled
from bot.store.alerts import body

AROUND = timedelta(days=1)  #: how long before it opened the log is looked through for what belongs to it
LOG, COVER = bundled.LOG, "summary.html"
_STAMP = (1980, 1, 1, 0, 0, 0)  #: of the files within, so that equal packs have equal bytes
_OPTIONS = orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS


@dataclass(frozen=True, slots=True)
class Packed:
    """What was written, and what it does not know."""

    path: Path
    incident: str
    files: tuple[str, ...]
    unknown: tuple[str, ...]
    entries: int  #: of the log
    digest: str  #: of the part that proves itself, SHA-256 in hexadecimal


async def write(desk: Desk, typed: str, out: Path) -> Packed:
    """Write the pack of the incident somebody means to `out`. NotFound; BadInput where it cannot be written."""
    found = await desk.store.read(lambda tx: pack_read.read(tx, desk, typed))
    since = min(one.opened_at for one in (found.incident, *found.parts)) - AROUND
    inner, part = out.with_name(f"{out.name}.log"), out.with_name(f"{out.name}.part")
    entity, until = found.incident.entity, desk.clock.now() + AROUND
    try:
        bundle = await export.bundle(desk, entity, since, until, found.subjects, out=inner)
        packed = await asyncio.to_thread(_write, found, bundle, inner, part)
        part.replace(out)
    except OSError as error:
        raise BadInput(f"{out} cannot be written: {error.strerror}.", "Choose another place.") from None
    finally:
        for scrap in (inner, part):
            scrap.unlink(missing_ok=True)
    return packed


def _write(found: Found, bundle: export.Bundle, inner: Path, part: Path) -> Packed:
    parts = _parts(found) | _read_again(inner)
    erased = sum(bool(orjson.loads(line).get("erased")) for line in parts["timeline.jsonl"].splitlines() if line)
    unknown = pack_cover.unknown(found, bundle, erased)
    names = tuple(sorted((*parts, LOG, COVER)))
    parts[COVER] = pack_cover.page(found, bundle, unknown, names).encode()
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name in names:
            zipped.writestr(_named(name), inner.read_bytes() if name == LOG else parts[name])
    whole = part.with_name(part.name.removesuffix(".part"))
    return Packed(whole, found.incident.id, names, unknown, bundle.entries, bundle.digest)


def _read_again(inner: Path) -> dict[str, bytes]:
    """The timeline as it stands in the part that proves itself, where people find it at once."""
    with zipfile.ZipFile(inner) as zipped:
        return {"timeline.jsonl": zipped.read(bundled.ENTRIES), "timeline.html": zipped.read(bundled.SUMMARY)}


def _parts(found: Found) -> dict[str, bytes]:
    """The readings of the tables, by the names of their files; what looks like a secret is not in them."""
    incident = found.incident
    parts = {
        "incident.json": _json({"incident": incident, "merged": found.parts}),
        "alerts.json": _json([_alert(one) for one in found.alerts]),
        "pages.json": _json(found.pages),
        "changes.json": _json([_change(one, found.course[one.id]) for one in found.changes]),
        "evidence.json": _json(found.frozen),
        "oncall.json": _json(found.on_call),
        "clocks.json": _json([{"clock": clock, "duty": duty} for clock, duty in found.clocks]),
    }
    if found.runbook is not None:
        book = found.runbook
        stale = "" if found.as_in_force else f" In force was revision {incident.runbook_revision}; this is another."
        head = f"<!-- Revision {book.revision} of {book.name}.{stale} -->\n\n# {book.title}\n\n"
        parts["runbook.md"] = _text(f"{head}{book.body}")
    if found.postmortem is not None:
        parts["postmortem.md"] = _text(found.postmortem.text)
    if found.follow_ups:
        parts["follow-ups.json"] = _json(found.follow_ups)
    return parts


def _alert(kept: Any) -> dict[str, Any]:
    own = {name: getattr(kept, name) for name in ("status", "first_seen_at", "last_seen_at", "ended_at", "repeats")}
    return {**body(kept.alert), "problem": kept.alert.problem, "started_at": kept.alert.started_at, **own}


def _change(change: Change, course: tuple[Entry, ...]) -> dict[str, Any]:
    return {"change": change, "digest": change.plan.digest, "course": course}


def _json(value: Any) -> bytes:
    plain = orjson.loads(orjson.dumps(value, default=_plain, option=orjson.OPT_NON_STR_KEYS))
    return orjson.dumps(_clean(plain), option=_OPTIONS) + b"\n"


def _plain(value: Any) -> Any:
    if isinstance(value, set | frozenset):
        return sorted(value, key=str)
    if isinstance(value, Mapping):
        return dict(value)
    return value.total_seconds() if isinstance(value, timedelta) else str(value)


def _clean(value: Any, key: str = "") -> Any:
    """The same without what looks like a secret, however deep it lies."""
    if isinstance(value, dict):
        return {name: _clean(each, name) for name, each in value.items()}
    if isinstance(value, list):
        return [_clean(each) for each in value]
    told = telemetry.redacted({key: value})
    return told[key] if isinstance(told, dict) else None


def _text(text: str) -> bytes:
    return str(telemetry.redacted(text)).encode("utf-8", "replace")


def _named(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _STAMP)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    return info
