"""What the pictures of an incident show, read at one moment: nothing but what the log and the stores keep."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import isfinite

from bot import words
from bot.charts.drift import Drift, Feature
from bot.charts.marks import Mark
from bot.charts.metric import Metric
from bot.charts.timeline import Bar, Paged, Timeline
from bot.drift import population
from bot.engine import course, headline, incident_series
from bot.engine.desk import Desk
from bot.engine.incident_series import Sample
from bot.model.alert import KeptAlert, Kind, Measure, Status
from bot.model.change import Change
from bot.model.entry import Entry
from bot.model.incident import Incident
from bot.model.page import Page, PageState
from bot.rules import reach, written
from bot.store import Tx, alerts, change_events, changes, incidents, log, moved, pages
from bot.words import Words

ALERTS, EVENTS = 200, 50  #: that are looked at
BEFORE = timedelta(hours=2)  #: what was changed elsewhere so shortly before the incident is marked
PSI = frozenset({"psi", "population_stability_index", "population stability index"})
VAST = 10**12  #: rows of a reference whose size nobody says: the noise is at least so much
OF_INCIDENT = {  #: kinds of entries that are marked, and as what
    "incident.opened": "opened",
    "incident.worsened": "worsened",
    "incident.acknowledged": "acknowledged",
    "incident.escalated": "escalated",
    "incident.regraded": "regraded",
    "incident.handed_over": "handed_over",
    "incident.snoozed": "snoozed",
    "incident.given_back": "given_back",
    "incident.mitigated": "mitigated",
    "incident.resolved": "resolved",
}
OF_CHANGE = {
    f"change.{kind}": kind
    for kind in ("proposed", "approved", "rejected", "applying", "seen", "done", "failed", "unknown")
}
ENDS = frozenset({"done", "failed", "unknown"})
#: What of a change is marked beside a metric: the rest was said, and moved nothing.
MOVES = frozenset({"opened", "acknowledged", "mitigated", "resolved", "applying", "seen", "failed", "deploy", "served"})


@dataclass(frozen=True, slots=True)
class Sheets:
    """What there is to draw of an incident; a picture that would show nothing is None."""

    incident: str
    drift: Drift | None
    metric: Metric | None
    timeline: Timeline
    measured: tuple[Metric, ...]  #: every metric, the one that is drawn first


@dataclass(frozen=True)
class _Facts:
    """Everything that was read."""

    incident: Incident
    subject: str
    zone: str
    kept: Sequence[KeptAlert]
    samples: Sequence[Sample]
    held: Sequence[Sample]  #: drift that a rule held back because of it
    pages: Sequence[Page]
    marks: Sequence[Mark]
    bars: Sequence[Bar]  #: changes, from when they were begun until they ended
    until: datetime
    taken: tuple[datetime, str] | None
    wanted: str | None  #: the metric that the incident was opened for


def read(tx: Tx, desk: Desk, incident_id: str, language: str | None = None) -> Sheets:
    """The sheets of an incident by its id or number. NotFound."""
    facts = _facts(tx, desk, incidents.find(tx, incident_id), words.of(language))
    incident, chosen = facts.incident, incident_series.metric(facts.samples, facts.wanted)
    names = [] if chosen is None else [chosen, *sorted({one.measure.metric for one in facts.samples} - {chosen})]
    told = tuple(_metric(facts, name) for name in names)
    drawn = told[0] if told and any(len(line.points) > 1 for line in told[0].lines) else None
    return Sheets(incident.id, _drift(facts), drawn, _timeline(facts), told)


def _facts(tx: Tx, desk: Desk, incident: Incident, w: Words) -> _Facts:
    kept = alerts.of(tx, incident.id, ALERTS)
    own = changes.of_incident(tx, incident.id)
    samples = incident_series.of(tx, incident, kept, own)
    noted = [sealed.entry for sealed in log.of_kinds(tx.sql, incident.id, OF_INCIDENT)]
    steps = {one.id: [sealed.entry for sealed in log.of_kinds(tx.sql, one.id, OF_CHANGE)] for one in own}
    told = [*noted, *(entry for each in steps.values() for entry in each)]
    until = incident.resolved_at or max(
        incident.opened_at,
        *(entry.at for entry in told),
        *(one.at for one in samples),
        *(one.last_seen_at for one in kept),
    )
    marks = [*_marks(noted, w), *(mark for one in own for mark in _changed(one, steps[one.id], w))]
    marks += _elsewhere(tx, incident, until, {one.id for one in own}, w)
    taken = next(((e.at, _who(e)) for e in noted if e.kind == "incident.acknowledged"), None)
    opened_by = alerts.first(tx, incident)
    entity = desk.settings.estate.entities.get(incident.entity)
    subject = " ".join(part for part in (incident.model or incident.entity, headline.version(incident)) if part)
    return _Facts(
        incident=incident,
        subject=written.line(subject, 80),
        zone=entity.timezone if entity else "UTC",
        kept=kept,
        samples=samples,
        held=incident_series.held(tx, incident),
        pages=pages.of(tx, incident.id),
        marks=sorted(marks, key=lambda one: one.at),
        bars=[bar for one in own for bar in _bar(one, steps[one.id])],
        until=until,
        taken=taken,
        wanted=opened_by.measures[0].metric if opened_by and opened_by.measures else None,
    )


# --- what happened ---


def _marks(entries: Iterable[Entry], w: Words) -> Iterator[Mark]:
    for entry in entries:
        what = OF_INCIDENT[entry.kind]
        parts = {"severity": str(entry.after.get("severity", "")), "who": _who(entry), "what": ""}
        yield Mark(entry.at, what, words.fill(w.drawn.happened[what], **parts))


def _changed(change: Change, entries: Iterable[Entry], w: Words) -> Iterator[Mark]:
    for entry in entries:
        what = OF_CHANGE[entry.kind]
        who = change.requested_by if what == "proposed" else _who(entry)
        parts = {"what": _called(change), "who": who.partition(":")[2] or who, "severity": ""}
        yield Mark(entry.at, what, words.fill(w.drawn.happened[what], **parts))


def _elsewhere(tx: Tx, incident: Incident, until: datetime, own: set[str], w: Words) -> Iterator[Mark]:
    """Deploys and the like that others told of, and what served next without a change of this incident."""
    since = incident.opened_at - BEFORE
    for event in change_events.before(tx, replace(incident, opened_at=until), until - since, EVENTS):
        told = words.fill(w.drawn.happened["deploy"], what=written.line(event.summary, 120), who="", severity="")
        yield Mark(event.at, "deploy", told)
    for entry in moved.listing(tx, incident.model, EVENTS) if incident.model else ():
        if since <= entry.at <= until and entry.change not in own:
            by = f" ({entry.change})" if entry.change else ""
            told = words.fill(w.drawn.happened["served"], what=course.split(entry.serving), who="", severity="")
            yield Mark(entry.at, "served", f"{told}{by}")


def _called(change: Change) -> str:
    goal = f" {change.plan.after.version}" if change.plan.after.version else ""
    return f"{change.id} {change.plan.lever.value}{goal}"


def _bar(change: Change, entries: Sequence[Entry]) -> Iterator[Bar]:
    begun = next((entry.at for entry in entries if entry.kind == "change.applying"), None)
    if begun is not None:
        ended = next((entry.at for entry in entries if OF_CHANGE[entry.kind] in ENDS), None)
        yield Bar(f"{change.id} {change.plan.lever.value}", begun, ended)


def _who(entry: Entry) -> str:
    return entry.actor.partition(":")[2] or entry.actor


# --- sheets ---


def _drift(facts: _Facts) -> Drift | None:
    """Its features by the metric that most of them have; only where it is drift."""
    drifted = {one.alert.problem for one in facts.kept if one.alert.kind is Kind.DRIFT}
    samples = [*(one for one in facts.samples if one.problem in drifted), *facts.held]
    names: dict[str, set[str]] = {}
    for one in samples:
        names.setdefault(one.measure.metric, set()).add(one.name)
    if not names:
        return None
    chosen = max(names, key=lambda name: (len(names[name]), name == facts.wanted))
    features = tuple(_feature(one) for one in incident_series.worst(samples, chosen))
    return Drift(facts.incident.id, facts.subject, chosen, features)


def _feature(measure: Measure) -> Feature:
    limit = measure.threshold if measure.threshold is not None and isfinite(measure.threshold) else None
    rows = measure.sample_size if measure.sample_size and measure.sample_size > 0 else None
    noise = population.noise(VAST, rows) if rows and measure.metric.casefold() in PSI else None
    return Feature(
        name=incident_series.named(measure),
        value=float(measure.value or 0.0),
        limit=limit,
        below=incident_series.below(measure),
        breached=measure.breached,
        rows=rows,
        noise=noise,
    )


def _metric(facts: _Facts, name: str) -> Metric:
    lines = incident_series.lines(facts.samples, name)
    marks = tuple(one for one in facts.marks if one.what in MOVES)
    return Metric(facts.incident.id, facts.subject, name, facts.zone, lines, marks)


def _timeline(facts: _Facts) -> Timeline:
    incident = facts.incident
    return Timeline(
        incident=incident.id,
        subject=facts.subject,
        zone=facts.zone,
        since=incident.opened_at,
        until=facts.until,
        open=incident.open,
        alerts=tuple(_fired(one) for one in facts.kept),
        pages=tuple(_paged(one) for one in facts.pages if one.sent_at or one.state is PageState.FAILED),
        changes=tuple(facts.bars),
        marks=tuple(facts.marks),
        taken=facts.taken,
        mitigated=next((one.at for one in facts.marks if one.what == "mitigated"), None),
    )


def _fired(kept: KeptAlert) -> Bar:
    first = kept.alert.measures[0] if kept.alert.measures else None
    name = (
        " ".join(part for part in (first.metric, incident_series.named(first)) if part) if first else kept.alert.title
    )
    end = kept.ended_at if kept.status is not Status.FIRING else None
    return Bar(written.line(name, 120), kept.first_seen_at, max(end, kept.first_seen_at) if end else None)


def _paged(page: Page) -> Paged:
    failed = page.state is PageState.FAILED
    return Paged(reach.shown(page.person), page.sent_at or page.decided_at, page.answered_at, failed)
