"""What was measured in an incident over time, read from what is kept of its alerts and from the log."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import isfinite
from typing import Any

from bot.charts.metric import Line, Point
from bot.engine import measured, timeline
from bot.model.alert import KeptAlert, Kind, Measure
from bot.model.change import Change
from bot.model.incident import Incident
from bot.store import Tx, log
from bot.store import measured as entries

HEARD = 1_500  #: entries that are read, the newest
RECEIVED, JOINED = "alerts.received", "incident.joined"
LATE = timedelta(days=7)  #: a monitor that says it looked longer ago than this before it was heard is not believed


@dataclass(frozen=True, slots=True)
class Sample:
    """One value: when it was measured as far as its monitor says, else when it was heard."""

    at: datetime
    heard: datetime
    problem: str
    measure: Measure

    @property
    def name(self) -> str:
        """Of what it is: a feature, a segment, both, or nothing."""
        return named(self.measure)


def named(measure: Measure) -> str:
    """The feature and the segment of a measure: amount, tr, amount in tr; empty where it is of everything."""
    return " in ".join(part for part in (measure.feature, measure.segment) if part)


def of(tx: Tx, incident: Incident, kept: Sequence[KeptAlert], changes: Sequence[Change]) -> list[Sample]:
    """Every finite value that is known, in order of time, each once: also of what was merged into the incident."""
    merged = [str(one.entry.after.get("merged")) for one in log.of_kinds(tx.sql, incident.id, {JOINED})]
    found: dict[tuple[Any, ...], Sample] = {}
    for one in kept:
        for each in one.alert.measures:
            _keep(found, Sample(one.first_seen_at, one.first_seen_at, one.alert.problem, each))
    for sealed in entries.of(tx, {incident.id, *merged}, RECEIVED, HEARD):
        for sample in _told(sealed.entry.after.get("measured", ()), sealed.entry.at):
            _keep(found, sample)
    for change in changes:
        for sealed in log.of_kinds(tx.sql, change.id, {measured.HEARD}):
            for heard in map(measured.read, sealed.entry.after["samples"]):
                _keep(found, Sample(heard.at, heard.at, heard.problem, heard.measure))
    return sorted(found.values(), key=lambda one: one.at)


def held(tx: Tx, incident: Incident) -> list[Sample]:
    """What the drift was that a rule held back while the incident was open: it belongs to the same trouble."""
    drifted = [one.entry for one in timeline.held(tx, incident) if one.entry.after.get("kind") == Kind.DRIFT.value]
    return [one for entry in drifted for one in _told(entry.after.get("measured", ()), entry.at)]


def metric(samples: Sequence[Sample], wanted: str | None) -> str | None:
    """The metric to draw: what the incident was opened for where there is more than one value of it, else the fullest.

    None where nothing was measured.
    """
    counts: dict[str, int] = {}
    for one in samples:
        counts[one.measure.metric] = counts.get(one.measure.metric, 0) + 1
    if not counts:
        return None
    if wanted and counts.get(wanted, 0) > 1:
        return wanted
    return max(counts, key=lambda name: (counts[name], name == wanted))


def lines(samples: Sequence[Sample], name: str) -> tuple[Line, ...]:
    """The values of one metric, a line for each feature and segment: first what was beyond its limit and is longest."""
    by: dict[str, list[Sample]] = {}
    for one in samples:
        if one.measure.metric == name:
            by.setdefault(one.name, []).append(one)
    found = [_line(label, own) for label, own in by.items()]
    return tuple(sorted(found, key=lambda one: (not any(map(_wrong(one), one.points)), -len(one.points), one.name)))


def _wrong(line: Line) -> Any:
    return lambda point: line.wrong(point.value)


def _line(label: str, own: Sequence[Sample]) -> Line:
    limited = [one.measure for one in own if one.measure.threshold is not None and isfinite(one.measure.threshold)]
    last = limited[-1] if limited else None
    points = tuple(Point(one.at, one.measure.value) for one in own if one.measure.value is not None)
    return Line(label, points, last.threshold if last else None, below(last) if last else False)


def below(measure: Measure) -> bool:
    """Whether it is low values that are wrong."""
    return measure.op in ("<", "<=")


def _keep(found: dict[tuple[Any, ...], Sample], one: Sample) -> None:
    """Once each: the entry of the incident, which knows when the monitor looked, goes before that of a change."""
    own = one.measure
    if own.value is not None and isfinite(own.value):
        found.setdefault((one.problem, own.metric, own.feature, own.segment, own.value, one.heard), one)


def _told(said: Sequence[Mapping[str, Any]], heard: datetime) -> Iterator[Sample]:
    for one in said:
        at = datetime.fromisoformat(one["looked"]) if "looked" in one else heard
        at = at if heard - LATE <= at <= heard else heard
        yield Sample(at, heard, one["problem"], Measure(**one["measure"]))


def worst(samples: Sequence[Sample], name: str) -> list[Measure]:
    """Of each feature and segment what was worst of one metric, with the limit and the rows where either is known."""
    found: dict[str, Measure] = {}
    for one in samples:
        if one.measure.metric == name:
            found[one.name] = _worse(found.get(one.name), one.measure)
    return list(found.values())


def _worse(known: Measure | None, other: Measure) -> Measure:
    if known is None or known.value is None or other.value is None:
        return other
    worse = other.value < known.value if below(other) else other.value > known.value
    kept, gone = (other, known) if worse else (known, other)
    return replace(
        kept,
        threshold=kept.threshold if kept.threshold is not None else gone.threshold,
        sample_size=kept.sample_size if kept.sample_size is not None else gone.sample_size,
    )
