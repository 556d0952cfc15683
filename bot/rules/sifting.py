"""Which rows a comparison may use, the same for both versions, and what is wrong with the data they come from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from bot.errors import BadInput
from bot.model.trial import Check, Terms
from bot.rules.metrics import BINARY, METRICS

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

# What is looked at, as a Check calls it.
ROWS, TRUTH, LABELS, SCALE = "enough rows", "truth varies", "labels", "scores from 0 to 1"
VARIED, COPIES, COLUMNS = "predictions vary", "no copies", "columns"
LABELLED = 0.8  # share of the rows old enough to have a label that must have one
NUMBERS = ", ".join(name for name, metric in METRICS.items() if metric.task != BINARY)
COPIED = 0.1  # share of the rows that may be copies of another
BATCH = 10  # rows a moment, on average, that are no longer served one by one
VALUES = 20  # of a column that are told apart
OTHER = "other"  # the rest
SHOWN = 100  # characters of a value

OUTSIDE = "outside the window"
EXCLUDED = "in a span that is left out"
YOUNG = "too young to have a label"
UNKNOWN = "without a label"
UNSAID = "without a prediction of each version"


@dataclass(frozen=True, slots=True)
class Rows:
    """What an evaluator gave, in columns of one length: sequences or numpy arrays."""

    at: Sequence[float]  #: seconds since 1970, of the prediction
    truth: Sequence[float]  #: NaN where nobody knows yet
    said: Mapping[str, Sequence[float]]  #: by version; NaN where it said nothing
    columns: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who is compared with whom, on which span of time, with which randomness."""

    champion: str
    since: datetime
    until: datetime  #: not itself included
    challenger: str | None = None  #: None: the champion alone
    excluded: tuple[tuple[datetime, datetime], ...] = ()
    seed: int = 0
    draws: int = 200

    @property
    def versions(self) -> tuple[str, ...]:
        """The champion, then the challenger where there is one."""
        return (self.champion,) if self.challenger is None else (self.champion, self.challenger)


@dataclass(frozen=True, slots=True)
class Kept:
    """The rows that are left, by rising truth and then by what was said, so that no answer hangs on their order."""

    truth: Array
    said: tuple[Array, ...]  #: of the champion, then of the challenger where there is one
    codes: Mapping[str, NDArray[np.intp]]  #: for each column the place of each row's value in `values`
    values: Mapping[str, tuple[str, ...]]  #: the commonest first
    left_out: Mapping[str, int]  #: why -> how many
    checks: tuple[Check, ...]

    def part(self, column: str, value: str) -> "Kept":
        """The rows with that value of the column, in the same order; it has no columns of its own."""
        mask = self.codes[column] == self.values[column].index(value)
        return Kept(self.truth[mask], tuple(one[mask] for one in self.said), {}, {}, {}, ())


def sift(rows: Rows, wanted: Wanted, terms: Terms) -> Kept:
    """What may be compared, and how the data looks; BadInput where the rows are not what an evaluator promises."""
    for name in (terms.metric, *terms.also):
        if name not in METRICS:
            raise BadInput(f"'{name}' is no metric.", f"Known: {', '.join(METRICS)}.")
    at, truth, said = _read(rows, wanted)
    spans = _spans(at, truth, said, wanted, terms)
    open_ = np.ones(len(at), bool)
    left_out = {}
    for why, mask in spans.items():
        left_out[why] = int((open_ & mask).sum())
        open_ &= ~mask
    kept = np.flatnonzero(open_)
    order = kept[np.lexsort((*(one[kept] for one in reversed(said)), truth[kept]))]
    wished = dict.fromkeys((*terms.slices, *terms.fairness))
    sorted_ = {name: _sorted(rows.columns[name], order) for name in wished if name in rows.columns}
    codes = {name: found[0] for name, found in sorted_.items()}
    labelled = len(kept) + left_out[UNSAID]
    checks = (
        _enough(len(kept), terms.least, left_out),
        *_told(truth[order], tuple(one[order] for one in said), wanted, METRICS[terms.metric].task == BINARY),
        _labelled(labelled, labelled + left_out[UNKNOWN]),
        _copied(at[order], truth[order], [*(one[order] for one in said), *codes.values()]),
        _there([name for name in wished if name not in rows.columns]),
    )
    return Kept(
        truth=truth[order],
        said=tuple(one[order] for one in said),
        codes=codes,
        values={name: found[1] for name, found in sorted_.items()},
        left_out={why: count for why, count in left_out.items() if count},
        checks=checks,
    )


def _read(rows: Rows, wanted: Wanted) -> tuple[Array, Array, list[Array]]:
    if wanted.champion == wanted.challenger:
        raise BadInput(f"Version {wanted.champion} cannot be compared with itself.")
    missing = [version for version in wanted.versions if version not in rows.said]
    if missing:
        raise BadInput(f"Nothing was given of what version {' and '.join(missing)} said.")
    columns = {"at": rows.at, "truth": rows.truth, **{f"said of {v}": rows.said[v] for v in wanted.versions}}
    read = {name: _numbers(name, column) for name, column in columns.items()}
    lengths = {name: len(column) for name, column in (read | dict(rows.columns)).items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise BadInput(f"The columns differ in length: {told}.", "An evaluator gives one value a row in each.")
    at, truth, *said = read.values()
    return at, truth, said


def _numbers(name: str, column: Sequence[float]) -> Array:
    """As floats, what is infinite as NaN."""
    try:
        given = np.asarray(column)
        read = given.astype(np.float64) if given.dtype.kind in "biufO" else None  # text that reads as a number is text
    except (TypeError, ValueError, OverflowError):
        read = None
    if read is None or read.ndim != 1:
        raise BadInput(f"The column '{name}' is not one number a row.", "NaN stands for what is not known.")
    return np.where(np.isfinite(read), read, np.nan)


def _spans(at: Array, truth: Array, said: list[Array], wanted: Wanted, terms: Terms) -> dict[str, Mask]:
    """Why a row is left out; the first that holds counts. A row without a moment is outside every window."""
    since, until = wanted.since.timestamp(), wanted.until.timestamp()
    spoiled = np.zeros(len(at), bool)
    for start, end in wanted.excluded:
        spoiled |= (at >= start.timestamp()) & (at < end.timestamp())
    silent = np.zeros(len(at), bool)
    for one in said:
        silent |= np.isnan(one)
    return {
        OUTSIDE: ~((at >= since) & (at < until)),
        EXCLUDED: spoiled,
        YOUNG: at >= until - terms.label_delay.total_seconds(),
        UNKNOWN: np.isnan(truth),
        UNSAID: silent,
    }


def _sorted(column: Sequence[str], order: NDArray[np.intp]) -> tuple[NDArray[np.intp], tuple[str, ...]]:
    """A code for each row that is kept, and the values the codes stand for: the commonest, then all others."""
    told = list(map(str, np.asarray(column, dtype=object).tolist()))  # numpy's own strings are slow to hash
    shown = {value: _shown(value) for value in set(told)}
    places = {name: place for place, name in enumerate(sorted(set(shown.values())))}
    codes = {value: places[name] for value, name in shown.items()}
    first = np.fromiter((codes[value] for value in told), np.intp, len(told))[order]
    counts = np.bincount(first, minlength=len(places))
    names = sorted((name for name in places if counts[places[name]]), key=lambda name: (-counts[places[name]], name))
    apart = names if len(names) <= VALUES else [name for name in names if name != OTHER][:VALUES]
    final = np.full(len(places), len(apart), np.intp)
    for place, name in enumerate(apart):
        final[places[name]] = place
    return final[first], tuple(apart) if len(names) == len(apart) else (*apart, OTHER)


def _shown(value: str) -> str:
    """A value of the data as people may see it: one line, not long, never empty."""
    return " ".join("".join(c if c.isprintable() else " " for c in value[:SHOWN]).split()) or "(empty)"


def _enough(left: int, least: int, left_out: Mapping[str, int]) -> Check:
    """Whether there are enough rows, and if not, where most of the others went."""
    why = f"{left} rows are left, {least} are needed"
    most = max(left_out, key=lambda reason: left_out[reason])
    if left < least and left_out[most]:
        why += f"; {left_out[most]} more are {most}"
    return Check(ROWS, left >= least, f"{why}.")


def _told(truth: Array, said: tuple[Array, ...], wanted: Wanted, binary: bool) -> list[Check]:
    """Whether truth and predictions say anything, where there are any."""
    if not len(truth):
        return []
    checks = [_binary(truth) if binary else _varied(truth)]
    if binary:
        beyond = [v for v, one in zip(wanted.versions, said, strict=True) if one.min() < 0 or one.max() > 1]
        why = (
            f"Version {' and '.join(beyond)} said less than 0 or more than 1, which is no probability."
            if beyond
            else "All are."
        )
        checks.append(Check(SCALE, not beyond, why))
    stuck = [v for v, one in zip(wanted.versions, said, strict=True) if np.ptp(one) == 0]
    why = f"Version {' and '.join(stuck)} said the same of every row." if stuck else "They do."
    return [*checks, Check(VARIED, not stuck, why)]


def _binary(truth: Array) -> Check:
    strange = int((~np.isin(truth, (0.0, 1.0))).sum())
    if strange:
        return Check(TRUTH, False, f"{strange} labels are neither 0 nor 1: of numbers, {NUMBERS} can be told.")
    yes = int(truth.sum())
    why = f"{yes} of {len(truth)} labels are 1." if 0 < yes < len(truth) else f"Every label is {truth[0]:g}."
    return Check(TRUTH, 0 < yes < len(truth), why)


def _varied(truth: Array) -> Check:
    low, high = truth.min(), truth.max()
    return Check(TRUTH, bool(low < high), f"From {low:g} to {high:g}." if low < high else f"Every label is {low:g}.")


def _labelled(known: int, due: int) -> Check:
    """Where many labels are missing, those that are there may be of another kind: the quick ones, the bad ones."""
    share = known / due if due else 0.0
    return Check(LABELS, share >= LABELLED, f"{share:.0%} of the rows that should have one have a label.")


def _copied(at: Array, truth: Array, columns: Sequence[NDArray[np.generic]]) -> Check:
    """Whether rows came twice; where many share a moment, as in a batch, equal rows are no sign of that."""
    marks = np.zeros(len(at), np.uint64)
    for column in (at, truth, *columns):
        # a hash of the row: multiplicative, column by column; sorting the rows themselves takes ten times as long
        marks = (marks ^ (marks >> np.uint64(29))) * np.uint64(0x9E3779B97F4A7C15) + column.view(np.uint64)
    different, moments = len(np.unique(marks)), len(np.unique(at))
    if moments < len(at) / BATCH:
        return Check(COPIES, True, "Many rows share a moment, so copies cannot be told.")
    share = 1 - different / len(at) if len(at) else 0.0
    return Check(COPIES, share <= COPIED, f"{share:.0%} of the rows are copies of another.")


def _there(missing: Sequence[str]) -> Check:
    why = f"The rows have no column {' and '.join(missing)}." if missing else "All are given."
    return Check(COLUMNS, not missing, why)
