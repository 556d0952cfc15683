"""Writes a part of the log as a bundle that proves itself: a zip that needs neither the bot nor its database.

The bundle is written as it is read, so its size is not held in memory; what does not belong to it is there only as
the roots of the subtrees that tile it, as `bot.rules.bundled` has it.
"""

import asyncio
import hashlib
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import orjson

import bot
from bot.engine import checkpoint, export_summary
from bot.engine.desk import Desk
from bot.errors import BadInput, NotFound
from bot.model import seal, verifying
from bot.model.checkpoint import Checkpoint
from bot.model.entry import Entry
from bot.rules import bundled, merkle, signing
from bot.store import Tx, checkpoints, log

CHAIN, EXPORTED = "tocsin", "audit.exported"
CHUNK = 2_000  #: entries that are in memory at once
_SUBJECT, _KIND = verifying.FIELDS.index("subject"), verifying.FIELDS.index("kind")
_STAMP = (1980, 1, 1, 0, 0, 0)  #: of the files within, so that equal bundles have equal bytes
_HOW = (
    "Verify it with nothing but the public key, which you have not from here: "
    "tocsin audit verify THIS.zip --key key.pub [--checkpoints FILE]",
    "entries.jsonl: each line is one entry; its commitment is SHA-256(salt || canonical JSON of actor, after, before, "
    "context, subject, why), its hash SHA-256(previous || canonical JSON of at, chain, commitment, kind, recorded_at, "
    "seq); entries of form 1 are hashed whole. Canonical JSON has its keys sorted and no blanks.",
    "A line `withheld` stands for the entries begin+1 to end: the roots of the subtrees that tile them (RFC 6962).",
    "All lines together are every leaf of the tree whose root the checkpoints sign (C2SP tlog-checkpoint, Ed25519).",
    "An entry with `erased` says what was left of it; the entry named there, of kind log.erased, records that.",
    "summary.html is a reading for people; only the other files prove anything.",
)


@dataclass(frozen=True, slots=True)
class Bundle:
    """What was written, and where."""

    path: Path
    chain: str
    first: int
    last: int
    entries: int  #: that are shown
    size: int  #: entries of the checkpoint that covers them; 0 where none does
    digest: str  #: SHA-256 of the file, in hexadecimal


@dataclass(frozen=True, slots=True)
class _Plan:
    """What goes into it."""

    chain: str
    since: datetime
    until: datetime
    subjects: frozenset[str] | None
    first: int
    last: int
    notes: tuple[Checkpoint, ...]
    peaks: Checkpoint | None  #: the tree before the first entry is grown on from here

    @property
    def end(self) -> int:
        """Up to which entry the lines reach."""
        return max([self.last, *(one.size for one in self.notes)])


async def bundle(
    desk: Desk, entity: str, since: datetime, until: datetime, subjects: Collection[str] | None = None, *, out: Path
) -> Bundle:
    """Write what was recorded of `entity` from `since` on and before `until` to `out`; of `subjects` alone, if given.

    A checkpoint is made first where there is no newer one. NotFound where nothing was recorded then, BadInput where
    `out` cannot be written.
    """
    await checkpoint.make(desk, [entity])
    plan = await desk.store.read(lambda tx: _plan(tx, entity, since, until, subjects))
    if plan is None:
        raise NotFound(f"Nothing of {entity} was recorded then.", "See `tocsin audit checkpoints` for what there is.")
    part = out.with_name(f"{out.name}.part")  # what is there under its name is whole
    try:
        with part.open("wb") as raw, zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as zipped:
            entries = await _filled(desk, plan, zipped)
        if not entries:
            raise NotFound(f"Nothing of {entity} was recorded then about {', '.join(sorted(subjects or ()))}.")
        part.replace(out)
        digest = await asyncio.to_thread(_digest, out)
    except OSError as error:
        raise BadInput(f"{out} cannot be written: {error.strerror}.", "Choose another place.") from None
    finally:
        part.unlink(missing_ok=True)
    covers = min((one.size for one in plan.notes if one.size >= plan.last), default=0)
    return Bundle(out, entity, plan.first, plan.last, entries, covers, digest)


async def record(desk: Desk, by: str, subject: str, after: Mapping[str, Any]) -> None:
    """Put down who took what out of the log, with the digest of the file; in the bot's own chain, not in that one."""
    entry = Entry(CHAIN, EXPORTED, desk.clock.now(), by, subject, after=after)
    await desk.store.write(lambda tx: tx.note(entry))


def _plan(tx: Tx, chain: str, since: datetime, until: datetime, subjects: Collection[str] | None) -> _Plan | None:
    found = checkpoints.span(tx, chain, since, until)
    if found is None:
        return None
    notes = [*checkpoints.within(tx, chain, *found), *_beyond_the_end(tx, chain)]
    notes = sorted({one.size: one for one in notes}.values(), key=lambda one: one.size)
    peaks = checkpoints.up_to(tx, chain, found[0] - 1)
    return _Plan(
        chain, since, until, frozenset(subjects) if subjects is not None else None, *found, tuple(notes), peaks
    )


def _beyond_the_end(tx: Tx, chain: str) -> list[Checkpoint]:
    """The newest checkpoint where the log does not reach it any more: whoever verifies the bundle shall know."""
    newest = checkpoints.newest(tx).get(chain)
    return [newest] if newest and checkpoints.sealed(tx, chain, newest.size) is None else []


async def _filled(desk: Desk, plan: _Plan, zipped: zipfile.ZipFile) -> int:
    """Write every file into it; how many entries are shown."""
    files: dict[str, dict[str, object]] = {}
    story = export_summary.Story()
    with zipped.open(_named(bundled.ENTRIES), "w", force_zip64=True) as raw:
        lines = _Lines(raw, plan, story)
        if plan.peaks:
            lines.pending = merkle.Span.of(0, plan.peaks.size, plan.peaks.peaks)
        await checkpoint.extend(desk, plan.chain, lines.pending, plan.first - 1)
        await _shown(desk, plan, lines)
        await _beyond(desk, plan, lines)
        files[bundled.ENTRIES] = lines.written.told()
    own, now = desk.settings.audit, desk.clock.now()
    key = await asyncio.to_thread(signing.read_private, own.key) if own.key else None
    notes = "\n".join(one.note for one in plan.notes)
    parts = {bundled.CHECKPOINTS: notes.encode()}
    if key:
        parts[bundled.KEY] = signing.public_pem(key.public_key())
    told = export_summary.Told(
        own.name, plan.chain, plan.since, plan.until, plan.first, plan.last, lines.count, plan.notes, now
    )
    parts[bundled.SUMMARY] = export_summary.page(told, story).encode()
    for name, data in parts.items():
        zipped.writestr(_named(name), data)
        files[name] = {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    manifest = _manifest(plan, own.name, lines, files, now)
    zipped.writestr(_named(bundled.MANIFEST), orjson.dumps(manifest, option=orjson.OPT_INDENT_2) + b"\n")
    return lines.count


async def _shown(desk: Desk, plan: _Plan, lines: "_Lines") -> None:
    """The entries of the span, chunk after chunk."""
    for begin in range(plan.first - 1, plan.last, CHUNK):
        rows = await _rows(desk, plan.chain, begin, min(begin + CHUNK, plan.last))
        await asyncio.to_thread(lines.take, rows)


async def _beyond(desk: Desk, plan: _Plan, lines: "_Lines") -> None:
    """What follows up to the checkpoint: what erased something of the span is shown, nothing else is."""
    numbers = await desk.store.read(
        lambda tx: checkpoints.of_kinds(tx, plan.chain, verifying.RECORDS, plan.last, plan.end)
    )
    for seq in numbers:
        await checkpoint.extend(desk, plan.chain, lines.pending, seq - 1)
        lines.take(await _rows(desk, plan.chain, seq - 1, seq))
    await checkpoint.extend(desk, plan.chain, lines.pending, plan.end)
    lines.flush()


async def _rows(desk: Desk, chain: str, after: int, until: int) -> list[verifying.Line]:
    return await desk.store.read(lambda tx: list(log.lines(tx.sql, chain, after, until)))


class _Written:
    """A file within, with its digest and length as they grow."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw, self._sum, self._bytes = raw, hashlib.sha256(), 0

    def write(self, data: bytes) -> None:
        self._raw.write(data)
        self._sum.update(data)
        self._bytes += len(data)

    def told(self) -> dict[str, object]:
        return {"sha256": self._sum.hexdigest(), "bytes": self._bytes}


class _Lines:
    """Writes entries.jsonl: what is shown at once, what is withheld once it is known how far it goes."""

    def __init__(self, raw: IO[bytes], plan: _Plan, story: export_summary.Story) -> None:
        self.written, self.count = _Written(raw), 0
        self.pending = merkle.Span()
        self._plan, self._story = plan, story

    def take(self, rows: Sequence[verifying.Line]) -> None:
        """Some entries in their order."""
        self.written.write(b"".join(self._each(rows)))

    def flush(self) -> None:
        """Write what is withheld so far."""
        self.written.write(b"".join(self._gap(self.pending.end)))

    def _each(self, rows: Sequence[verifying.Line]) -> Iterator[bytes]:
        for row in rows:
            if not self._wanted(row):
                self.pending.add(bytes.fromhex(row[6]))
                continue
            yield from self._gap(row[1])
            entry: dict[str, Any] = orjson.loads(orjson.dumps(dict(zip(verifying.FIELDS, row, strict=True))))
            self.count += 1
            self._story.add(entry)
            yield bundled.shown(entry)

    def _wanted(self, row: verifying.Line) -> bool:
        only = self._plan.subjects
        return only is None or row[_SUBJECT] in only or row[_KIND] in verifying.RECORDS

    def _gap(self, next_: int) -> Iterator[bytes]:
        if self.pending.end > self.pending.begin:
            yield bundled.withheld(self.pending)
        self.pending = merkle.Span(next_)


def _manifest(
    plan: _Plan, name: str, lines: _Lines, files: dict[str, dict[str, object]], now: datetime
) -> dict[str, object]:
    return {
        "format": bundled.FORMAT,
        "log": signing.origin(name, plan.chain),
        "chain": plan.chain,
        "asked": {
            "from": seal.moment(plan.since),
            "to": seal.moment(plan.until),
            "subjects": sorted(plan.subjects) if plan.subjects is not None else None,
        },
        "span": {"first": plan.first, "last": plan.last, "shown": lines.count},
        "checkpoints": [{"size": one.size, "root": one.root, "at": seal.moment(one.at)} for one in plan.notes],
        "files": files,
        "made_at": seal.moment(now),
        "made_by": f"tocsin {bot.__version__}",
        "how": list(_HOW),
    }


def _named(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _STAMP)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    return info


def _digest(file: Path) -> str:
    with file.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()
