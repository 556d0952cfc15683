"""Whether a promoted version does well: what its metric and its incidents say while it is watched, beside before."""

import math
import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.model.alert import Kind
from bot.model.incident import FALSE_ALARM, MERGED, Incident
from bot.model.trial import METRICS
from bot.rules.recovery import ENOUGH, LISTED, Sample

SPREAD = 8  #: samples from before, the worst of which is the end of what was usual
#: What a version can do wrong; drift, freshness and the quality of data are no doing of it.
BLAMED = frozenset({Kind.PERFORMANCE, Kind.FAILURE, Kind.LATENCY, Kind.COST, Kind.SAFETY})
_UP = {">": 1, ">=": 1, "<": -1, "<=": -1}  #: of a limit: 1 where more is worse


class Finding(StrEnum):
    """What the watch says of the version."""

    WRONG = "wrong"  #: a rollback is proposed
    WELL = "well"  #: the version is the last known good
    INCONCLUSIVE = "inconclusive"  #: neither can be said


@dataclass(frozen=True, slots=True)
class Baseline:
    """What the version is held against, frozen when it was first seen to serve."""

    version: str  #: the one that is watched
    metric: str | None  #: None: none is monitored, so incidents alone tell
    samples: tuple[Sample, ...] = ()  #: of what served before
    allowed: float | None = None  #: how much worse than the median of before; None: no worse than the worst of before


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard of the model; whatever is not of the span that is watched is left out."""

    samples: Sequence[Sample] = ()
    incidents: Sequence[Incident] = ()


@dataclass(frozen=True, slots=True)
class Watched:
    """What can be said, None while the watch goes on; why; and how many samples it rests on."""

    finding: Finding | None
    why: str
    samples: int = 0


def judge(baseline: Baseline, heard: Heard, now: datetime, since: datetime, until: datetime) -> Watched:
    """What is known at `now` of a version that is watched in [since, until).

    Wrong, at any moment: an open incident that the version can have caused, or a series whose last ENOUGH samples are
    over their limit (further than before, where it was) or all worse than before. Well, at the end: every series was
    heard to the end, is within its limit and on the whole no worse than before, and no such incident was.
    """
    lines = _lines(baseline, heard.samples, since, until)
    count = sum(len(line.after) for line in lines)
    opened = [
        one
        for one in heard.incidents
        if since <= one.opened_at < until and one.model_version in (None, baseline.version)
    ]
    blamed = caused(baseline.version, opened)
    if going := [one for one in blamed if one.open and not one.waits]:
        return Watched(Finding.WRONG, f"Since {baseline.version} serves, {_named(going)}.", count)
    if worse := [why for line in lines if (why := line.wrong)]:
        said = f"{baseline.metric} is worse since {baseline.version} serves: {_some(worse)}."
        return Watched(Finding.WRONG, said, count)
    aside = [one for one in opened if one.kind not in BLAMED and one.open]
    also = f" Of its data, {_named(aside)}." if aside else ""
    if now < until:
        told = f"{count} samples of {baseline.metric}" if baseline.metric else "incidents alone"
        return Watched(None, f"Nothing went wrong so far, by {told}; watched until {_clock(until)}.{also}", count)
    if doubt := next(_doubts(baseline, lines, blamed, since + (until - since) / 2), ""):
        return Watched(Finding.INCONCLUSIVE, doubt + also, count)
    said = _some(line.held for line in lines if line.judged)
    return Watched(
        Finding.WELL, f"{baseline.version} held until {_clock(until)}: {baseline.metric} {said}.{also}", count
    )


def caused(version: str, opened: Iterable[Incident]) -> list[Incident]:
    """Those of these incidents that the version can have caused, over or not."""
    fit = (one for one in opened if one.kind in BLAMED and one.model_version in (None, version))
    return [one for one in fit if one.resolution not in (FALSE_ALARM, MERGED)]


@dataclass(frozen=True, slots=True)
class _Line:
    """One series of the metric, by rising time: before the version served, and while it is watched."""

    before: tuple[Sample, ...]
    after: tuple[Sample, ...]
    allowed: float | None

    @property
    def way(self) -> int:
        """1 where more is worse, -1 where less is, 0 where nobody says."""
        own = (self.after or self.before)[-1].measure
        return _UP.get(own.op or "") or -METRICS.get(own.metric, 0)

    @property
    def bound(self) -> float | None:
        """The worst value that is as good as before; None where too little is known of before."""
        was = [value * self.way for value in _values(self.before)]
        if self.way and self.allowed is not None and len(was) >= ENOUGH:
            return (statistics.median(was) + self.allowed) * self.way
        return max(was) * self.way if self.way and self.allowed is None and len(was) >= SPREAD else None

    @property
    def judged(self) -> bool:
        """Whether its samples can be called good or bad at all."""
        return self.bound is not None or any(one.breaches is not None for one in self.after or self.before)

    @property
    def late(self) -> tuple[Sample, ...]:
        """The last ENOUGH, or none."""
        return self.after[-ENOUGH:] if len(self.after) >= ENOUGH else ()

    @property
    def of(self) -> str:
        """What it is of, as its monitor calls it."""
        problem, *parts = (self.after or self.before)[-1].series
        return " ".join(part for part in parts if part) or problem

    def beyond(self, value: float) -> bool:
        """Whether `value` is worse than it was before."""
        return self.bound is not None and value * self.way > self.bound * self.way

    @property
    def over(self) -> bool:
        """Whether its last samples are over their limit, each further than the newest of before where that was too."""
        was = self.before[-1] if self.before else None
        if not self.late or not all(one.breaches for one in self.late):
            return False
        if was is None or not was.breaches:
            return True
        same = [one.beyond for one in self.late if one.measure.op == was.measure.op and one.beyond is not None]
        return was.beyond is not None and len(same) == ENOUGH and min(same) > was.beyond

    @property
    def wrong(self) -> str:
        """What is wrong with it; nothing where that cannot be said."""
        if self.over:
            own = self.late[-1].measure
            limit = f" (limit {own.op} {own.threshold:g})" if own.op and own.threshold is not None else ""
            return f"{self._told} are over the limit{limit}"
        if self.late and all(map(self.beyond, _values(self.late))):
            return f"{self._told}, and {self._usual}"
        return ""

    @property
    def held(self) -> str:
        """How it stood."""
        was = f", {statistics.median(_values(self.before)):g} before" if self.before else ""
        return f"at {statistics.median(_values(self.after)):g} (median of {len(self.after)}{was}) for {self.of}"

    @property
    def _told(self) -> str:
        first, last = self.late[0].at, self.late[-1].at
        return f"{', '.join(f'{one:g}' for one in _values(self.late))} for {self.of}, {_clock(first)} to {_clock(last)}"

    @property
    def _usual(self) -> str:
        count = f"in {len(self.before)} samples from before"
        if self.allowed is None:
            return f"never {'above' if self.way > 0 else 'below'} {self.bound:g} {count}"
        return f"{statistics.median(_values(self.before)):g} was the median {count}, {self.allowed:g} worse allowed"


def _lines(baseline: Baseline, heard: Iterable[Sample], since: datetime, until: datetime) -> list[_Line]:
    before = _by_series(baseline.metric, (one for one in baseline.samples if one.at < since))
    after = _by_series(baseline.metric, (one for one in heard if since <= one.at < until))
    keys = sorted({*before, *after})
    return [_Line(before.get(key, ()), after.get(key, ()), baseline.allowed) for key in keys]


def _by_series(metric: str | None, given: Iterable[Sample]) -> dict[tuple[str, str, str], tuple[Sample, ...]]:
    """Those of `metric` that have a value; what a sender made infinite or no number says nothing."""
    found: dict[tuple[str, str, str], list[Sample]] = {}
    for one in sorted(given, key=lambda one: one.at):
        if one.measure.metric == metric and one.measure.value is not None and math.isfinite(one.measure.value):
            found.setdefault(one.series, []).append(one)
    return {key: tuple(own) for key, own in found.items()}


def _doubts(baseline: Baseline, lines: list[_Line], caused: list[Incident], half: datetime) -> Iterator[str]:
    """Why it cannot be called good at the end, though nothing is wrong; nothing had to be heard before `half`."""
    if seen := [one for one in caused if one.open or not one.waits]:
        yield f"It cannot be called good: while it was watched, {_named(seen)}."
    if baseline.metric is None:
        yield "No metric of it is watched, and that no incident opened says too little."
    if not any(line.after for line in lines):
        yield f"No sample of {baseline.metric} was heard since it serves."
    judged = [line for line in lines if line.judged]
    if not judged:
        yield f"{baseline.metric} has no limit, and too little is known from before to compare it with."
    for line in [line for line in judged if line.before] or judged:
        if not line.late:
            yield f"{len(line.after)} samples of {baseline.metric} for {line.of} were heard; {ENOUGH} are needed."
        elif line.late[-1].at < half:
            yield f"{baseline.metric} for {line.of} was last heard at {_clock(line.late[-1].at)}, far from the end."
    for line in judged:
        if any(one.breaches for one in line.after[-ENOUGH:]):
            yield f"{baseline.metric} is not within its limit for good: {line.held}."
        if line.after and line.beyond(statistics.median(_values(line.after))):
            yield f"{baseline.metric} is worse than before more often than not: {line.held}."


def _values(given: Sequence[Sample]) -> list[float]:
    return [one.measure.value for one in given if one.measure.value is not None]


def _named(given: Sequence[Incident]) -> str:
    said = [f"{one.id} ({one.severity}, {one.kind}) opened at {_clock(one.opened_at)}" for one in given]
    return _some(said)


def _some(given: Iterable[str]) -> str:
    said = list(given)
    more = f" and {len(said) - LISTED} more" if len(said) > LISTED else ""
    return "; ".join(said[:LISTED]) + more


def _clock(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
