"""Whether a chain of the log is as it was written: one walk for the database and for an export, without either.

A line is a tuple of `FIELDS`: moments as `seal.moment` has them; `before`, `after` and `context` as JSON values, or as
`orjson.Fragment` of their canonical text; what an entry says is None in all of `SAYS` where it was taken away.
Among lines a pair as `GAP` says stands for entries that are withheld: the walk goes on after it, and vouches for none.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from bot.model import seal
from bot.model.entry import Sealed

PLACE = ("chain", "seq", "at", "recorded_at", "kind", "previous", "hash", "form", "commitment")
SAYS = ("salt", "actor", "subject", "why", "before", "after", "context", "erased")
FIELDS = PLACE + SAYS  #: what a line has, in this order
ERASED, BLANKED = "log.erased", "log.blanked"  #: entries that say that others were erased
RECORDS = frozenset({ERASED, BLANKED})
GAP = ("seq", "hash")  #: the last entry of some that are withheld, among lines; whoever withholds proves them otherwise
Line = tuple[Any, ...]

_CHANGED = "its content was changed after it was written"
_TAKEN = "what it says was taken away, and no erasure was recorded"


@dataclass(frozen=True, slots=True)
class Broken:
    """The first entry of a chain that is not as it was written, and how that shows."""

    chain: str
    seq: int
    what: str


@dataclass(frozen=True, slots=True)
class Erasure:
    """Entries of one chain whose words were erased, as the entry at `seq` records it."""

    chain: str
    seq: int
    kind: str  #: log.erased: a person became an alias | log.blanked: nothing is said any more
    by: str
    at: str
    why: str
    entries: int  #: how many of the entries that were read it accounts for
    place_only: int  #: of these, of form 1, whose seal held what was erased: only their place is vouched for


@dataclass(frozen=True, slots=True)
class Walked:
    """What a walk over one chain found."""

    count: int
    broken: Broken | None
    erasures: tuple[Erasure, ...] = ()
    last: tuple[int, str] = (0, seal.GENESIS)  #: seq and hash of the last entry that follows from the ones before


def line(sealed: Sealed) -> Line:
    """The line of an entry that was read already."""
    entry = sealed.entry
    moments = (seal.moment(entry.at), seal.moment(sealed.recorded_at))
    place = (entry.chain, sealed.seq, *moments, entry.kind, sealed.previous, sealed.hash, sealed.form)
    said = seal.says(entry)
    return (*place, sealed.commitment, sealed.salt, *said.values(), sealed.erased)


def walk(
    chain: str,
    rows: Iterable[Line],
    head: tuple[int, str] | None = None,
    start: tuple[int, str] = (0, seal.GENESIS),
    records: Iterable[Line] = (),
) -> Walked:
    """Judge the lines of `chain` in their order, from the entry after `start` to the head, where that is known.

    Entries that were erased since are accepted where an entry of the chain records exactly that; `records` are such
    entries from beyond the lines, e.g. of an export that ends before.
    """
    found = _Walk(chain, *start)
    fault = found.through(rows)
    if fault is None and head is not None and head != (found.seq, found.previous):
        fault = _ended(chain, found.seq, head[0])
    for row in records:
        found.note(row)
    unresolved, erasures = found.settled()
    if unresolved and (fault is None or unresolved.seq <= fault.seq):
        fault = unresolved
    return Walked(found.count, fault, erasures, (found.seq, found.previous))


def _ended(chain: str, last: int, head: int) -> Broken:
    """Where a chain and its head part."""
    if last == head:
        return Broken(chain, last, "its hash is not what the head of the chain says")
    if last > head:
        return Broken(chain, head + 1, f"the head of the chain says that it ends at {head}")
    return Broken(chain, last + 1, f"it is missing: the chain ends at {last}, its head says {head}")


@dataclass(slots=True)
class _Record:
    """An entry that records erasures, and what it came to account for."""

    row: Line
    sound: bool  #: it says what it said when it was written
    digest: str
    now: Mapping[int, str]  #: by entry, the digest of what it says now
    until: int  #: everything up to there may be blank
    most_place_only: int
    entries: int = 0
    place_only: int = 0

    def told(self) -> Erasure:
        """For whoever reads what verification found."""
        chain, seq, at, _, kind, *_ = self.row
        actor, why = self.row[FIELDS.index("actor")], self.row[FIELDS.index("why")]
        return Erasure(chain, seq, kind, actor, at, why, self.entries, self.place_only)


@dataclass(slots=True)
class _Erased:
    """An entry, or for blank ones a run of them, that says something else than it did."""

    first: int
    last: int
    mark: str
    digest: str  #: of one entry in its place, as it stands now; empty for a run of blank ones
    place_only: int
    what: str


@dataclass(slots=True)
class _Walk:
    chain: str
    seq: int
    previous: str
    count: int = 0
    erased: list[_Erased] = field(default_factory=list)
    records: dict[int, _Record] = field(default_factory=dict)

    def through(self, rows: Iterable[Line]) -> Broken | None:
        """Up to the first that does not follow; those after it are only asked what they record of erasures."""
        rows = iter(rows)
        for row in rows:
            if len(row) == len(GAP):
                self.seq, self.previous = row
                continue
            self.count += 1
            try:
                fault = self._step(row)
            except (ValueError, TypeError, KeyError):  # orjson's own errors are among them
                fault = "it cannot be read, so it was changed after it was written"
            if fault:
                for later in rows:
                    self.note(later)
                return Broken(self.chain, self.seq + 1, fault)
        return None

    def _step(self, row: Line) -> str:
        """Why it cannot be the next; empty where it is. Written for speed: this is done a million times."""
        chain, seq, at, recorded_at, kind, previous, hashed, form, commitment, salt, *_, erased = row
        if seq != self.seq + 1:
            return f"entry {self.seq + 1} is missing; {seq} follows {self.seq}"
        if chain != self.chain:
            return f"it is of another chain, {chain}"
        if previous != self.previous:
            return "it does not follow from the entry before it"
        if form == 2:
            body = _dumps(
                {
                    "at": at,
                    "chain": chain,
                    "commitment": commitment,
                    "kind": kind,
                    "recorded_at": recorded_at,
                    "seq": seq,
                }
            )
            if _sha256(previous.encode() + body).hexdigest() != hashed:
                return _CHANGED
            if salt is None or _sha256(salt.encode() + _said(row)).hexdigest() != commitment:
                self._other(row)
            elif erased:
                return "it says that it was erased, and it was not"
        elif form != 1:
            return f"it was sealed by form {form}, which nobody knows"
        elif commitment or seal.first(previous, _told(row)) != hashed:
            self._other(row)
        elif salt or erased or _dumps(row[_CONTEXT]) != b"{}":
            return _CHANGED
        if kind in RECORDS:
            self.note(row)
        self.seq, self.previous = seq, hashed
        return ""

    def _other(self, row: Line) -> None:
        """It says something else than what it was sealed with: right where an erasure was recorded, and only there."""
        seq, form, mark = row[1], row[_FORM], row[_ERASED]
        place_only = int(form == 1)
        if row[_SALT] is None:
            self.erased.append(_Erased(seq, seq, "", "", 0, _TAKEN))
        elif not mark or (form == 1 and row[_COMMITMENT]):
            self.erased.append(_Erased(seq, seq, "", "", 0, _CHANGED))
        elif _said(row) == _NOTHING and not row[_SALT]:
            last = self.erased[-1] if self.erased else None
            if last and not last.digest and (last.last, last.mark) == (seq - 1, mark):
                last.last, last.place_only = seq, last.place_only + place_only
            else:
                self.erased.append(_Erased(seq, seq, mark, "", place_only, _CHANGED))
        else:
            self.erased.append(_Erased(seq, seq, mark, standing(row), place_only, _CHANGED))

    def note(self, row: Line) -> None:
        """Keep what an entry records of erasures; what cannot be read records none."""
        try:
            if row[_KIND] not in RECORDS or row[0] != self.chain:
                return
            after = value(row[_AFTER])
            now = {int(seq): str(digest) for seq, digest in after.get("entries", {}).items()}
            until = min(int(after.get("until", 0)), row[1] - 1) if row[_KIND] == BLANKED else 0
            sound = row[_FORM] == 2 and _sha256(row[_SALT].encode() + _said(row)).hexdigest() == row[_COMMITMENT]
            self.records[row[1]] = _Record(row, sound, standing(row), now, until, int(after.get("place_only", 0)))
        except (ValueError, TypeError, KeyError, AttributeError, IndexError):
            return

    def settled(self) -> tuple[Broken | None, tuple[Erasure, ...]]:
        """The first entry whose change nobody recorded, and what was recorded; the latest record of an entry counts."""
        held: dict[int, tuple[str, int]] = {}  # by entry: what it must say now, and who says so
        until: dict[int, int] = {}
        for seq, record in sorted(self.records.items(), reverse=True):
            if record.sound or held.get(seq, ("",))[0] == record.digest:
                until[seq] = record.until
                for each, digest in record.now.items():
                    held.setdefault(each, (digest, seq))
        first: Broken | None = None
        for one in self.erased:
            by = self._vouches(one, held, until)
            if by is not None:
                by.entries += one.last - one.first + 1
                by.place_only += one.place_only
            if first is None and (by is None or by.place_only > by.most_place_only):
                first = Broken(self.chain, self._beyond(one, until), one.what)
        told = (record for _, record in sorted(self.records.items()) if record.entries)
        return first, tuple(record.told() for record in told)

    def _beyond(self, one: _Erased, until: Mapping[int, int]) -> int:
        """The first of a run that nobody vouches for."""
        place = one.mark.rpartition("/")[2]
        vouched = until.get(int(place), 0) if place.isdecimal() and not one.digest else 0
        return vouched + 1 if one.first <= vouched < one.last else one.first

    def _vouches(self, one: _Erased, held: Mapping[int, tuple[str, int]], until: Mapping[int, int]) -> _Record | None:
        chain, _, place = one.mark.rpartition("/")
        if chain != self.chain or not place.isdecimal():
            return None
        seq = int(place)
        if one.digest:
            return self.records[seq] if held.get(one.first) == (one.digest, seq) else None
        return self.records[seq] if until.get(seq, 0) >= one.last else None


def value(given: Any) -> Any:
    """What stands in a line as a JSON value, which may be there as text only."""
    return orjson.loads(_dumps(given)) if isinstance(given, orjson.Fragment) else given


def standing(row: Line) -> str:
    """What an erasure records of an entry: the hash of form 2 of its place and of what it says from then on."""
    now = _sha256(row[_SALT].encode() + _said(row)).hexdigest()
    return seal.place(row[5], row[0], row[1], row[2], row[3], row[4], now)


_sha256 = hashlib.sha256
_dumps = orjson.dumps
_SORTED = orjson.OPT_SORT_KEYS
_KIND, _FORM, _COMMITMENT, _SALT = (FIELDS.index(name) for name in ("kind", "form", "commitment", "salt"))
_AFTER, _CONTEXT, _ERASED = FIELDS.index("after"), FIELDS.index("context"), FIELDS.index("erased")


def _said(row: Line) -> bytes:
    """Canonical JSON of what it says; its keys are in their order already, those within are put in theirs."""
    actor, subject, why, before, after, context = row[10:16]
    said = {"actor": actor, "after": after, "before": before, "context": context, "subject": subject, "why": why}
    return _dumps(said, option=_SORTED)


_WHOLE = (*PLACE[:5], *SAYS[1:6])


def _told(row: Line) -> dict[str, Any]:
    return dict(zip(_WHOLE, (*row[:5], *row[10:15]), strict=True))


BLANK: Mapping[str, Any] = {"actor": "", "subject": "", "why": "", "before": {}, "after": {}, "context": {}}
_NOTHING = _dumps(dict(BLANK), option=_SORTED)  #: what is said where everything was emptied
