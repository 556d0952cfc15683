"""An export of the log: how its lines are written, and whether one is what its checkpoints say; no database needed.

`entries.jsonl` has a line for each entry that is shown, and one for each run of entries that are not: the roots of the
perfect subtrees that tile them. Together they are every leaf of one Merkle tree, from the first on, so its root can be
held against a signed checkpoint without anything being said of what lies outside.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

import orjson

from bot.model import seal, verifying
from bot.model.checkpoint import Checkpoint
from bot.model.verifying import Broken, Erasure
from bot.rules import merkle
from bot.rules.witnessed import Differs, Witness

FORMAT = 1
ENTRIES, CHECKPOINTS, KEY = "entries.jsonl", "checkpoints.txt", "key.pub"
MANIFEST, SUMMARY = "manifest.json", "summary.html"
LOG = "log.zip"  #: as which a bundle stands in an evidence pack
WITHHELD = "withheld"
_LINE = orjson.OPT_APPEND_NEWLINE  #: unsorted: what was read stands in the order of the line
Tell = Callable[[Mapping[str, Any]], None]
_FIELDS: Callable[[Any], verifying.Line] = itemgetter(*verifying.FIELDS)


@dataclass(frozen=True, slots=True)
class Judged:
    """What is so with the lines of a bundle."""

    chain: str
    shown: int  #: entries
    first: int  #: of those that are shown
    last: int
    since: str  #: when the first was recorded
    until: str  #: when the last was
    withheld: tuple[tuple[int, int], ...]  #: runs that are not shown though they lie between; first and last of each
    outside: tuple[tuple[int, int], ...]  #: those before the first and behind the last that is shown
    broken: Broken | Differs | None
    erasures: tuple[Erasure, ...]
    fits: tuple[Checkpoint, ...]  #: what it was held against and agrees with
    covered: int  #: the last entry that one of these vouches for


@dataclass
class _Seen:
    """What passed by while the lines were walked."""

    witness: Witness
    tell: Tell
    shown: int = 0
    first: int = 0
    last: int = 0
    since: str = ""
    until: str = ""
    gaps: list[tuple[int, int]] = field(default_factory=list)
    differs: Differs | None = None


class _Unreadable(Exception):
    """A line that is none of ours."""

    def __init__(self, seq: int, what: str) -> None:
        super().__init__(what)
        self.seq, self.what = seq, what


def shown(entry: Mapping[str, Any]) -> bytes:
    """The line of an entry, by `verifying.FIELDS`: all it takes to compute its hash and its commitment again."""
    return seal.canonical(dict(entry)) + b"\n"


def withheld(span: merkle.Span) -> bytes:
    """The line of a run of entries of which nothing is shown."""
    return seal.canonical({WITHHELD: {"begin": span.begin, "end": span.end, "roots": span.written()}}) + b"\n"


def untold(entry: Mapping[str, Any]) -> None:
    """Tell nobody of it."""


def judge(chain: str, lines: Iterable[bytes], checkpoints: Iterable[Checkpoint], tell: Tell | None = None) -> Judged:
    """Walk the lines, and hold the tree they make against `checkpoints` that are trusted already.

    Each entry that is shown is given to `tell`, judged or not.
    """
    seen = _Seen(Witness(chain, checkpoints), tell or untold)
    broken: Broken | Differs | None
    erasures: tuple[Erasure, ...] = ()
    try:
        walked = verifying.walk(chain, _rows(lines, seen))
        broken, erasures = walked.broken, walked.erasures
    except _Unreadable as bad:
        broken = Broken(chain, bad.seq, bad.what)
    if seen.differs and (broken is None or seen.differs.upto < broken.seq):  # the walk is more exact
        broken = seen.differs
    inside = tuple((begin, end) for begin, end in seen.gaps if begin > seen.first and end < seen.last)
    outside = tuple(run for run in seen.gaps if run not in inside)
    held = tuple(seen.witness.held)
    told = (seen.shown, seen.first, seen.last, seen.since, seen.until)
    return Judged(chain, *told, inside, outside, broken, erasures, held, seen.witness.agreed)


def _rows(lines: Iterable[bytes], seen: _Seen) -> Iterator[verifying.Line]:
    """The lines as a walk takes them; behind a gap it goes on from what the next entry says was before it."""
    tree, see, after_gap = seen.witness.tree, seen.witness.see, False
    for raw in lines:
        try:
            read = orjson.loads(raw)
            if WITHHELD in read:
                _pass(read[WITHHELD], seen)
                after_gap = True
                continue
            row = _FIELDS(read)
            # What is said twice, or beside the fields, is sealed by nothing.
            if len(read) != len(verifying.FIELDS) or orjson.dumps(read, option=_LINE) != raw:
                raise ValueError
            differs = see(row[6])
        except (ValueError, TypeError, KeyError):
            raise _Unreadable(tree.end + 1, "this line cannot be read, so it was changed") from None
        if differs is not None:
            seen.differs = seen.differs or differs
        if not seen.first:
            seen.first, seen.since = row[1], row[3]
        seen.shown, seen.last, seen.until = seen.shown + 1, row[1], row[3]
        seen.tell(read)
        if after_gap:
            after_gap = False
            yield (tree.end - 1, row[5])
        yield row


def _pass(gap: Any, seen: _Seen) -> None:
    """Over a run of entries that are not shown."""
    span = merkle.Span.of(gap["begin"], gap["end"], gap["roots"])
    if differs := seen.witness.follow(span):
        seen.differs = seen.differs or differs
    seen.gaps.append((span.begin + 1, span.end))
