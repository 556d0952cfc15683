"""The figures of a span, and of the one before it: read from incidents, pages, changes, handovers and the log."""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import documents, telemetry
from bot.engine import declare, handover_noise
from bot.engine import handover_scope as scopes
from bot.engine.desk import Desk
from bot.engine.handover_scope import Scope
from bot.errors import NotFound
from bot.model.alert import Alert
from bot.model.figures import Case, Facts, Figures, Made, Passed, Ring, Spread
from bot.model.handover import Handover
from bot.model.incident import MERGED, Incident
from bot.rules import figures
from bot.settings.tocsin import OURS
from bot.store import Tx, handovers, incidents, past, shifts
from bot.store.past import Closed
from bot.store.shifts import Brief, Paged

MONTH = timedelta(days=30)  #: what the metrics tell of
TAKEN, MITIGATED = "incident.acknowledged", "incident.mitigated"
APPLIED, SERVES = "change.applying", "change.done"


@dataclass(frozen=True, slots=True)
class About:
    """What is counted; what is empty narrows nothing."""

    entity: str = ""
    team: str = ""
    model: str = ""
    monitor: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of `[start, end)` beside those of as long a span before it."""

    about: About
    start: datetime
    end: datetime
    now: Figures
    before: Figures
    cut: bool = False  #: there was more than is counted, so it tells of the newest alone


async def report(desk: Desk, about: About, start: datetime, end: datetime) -> Report:
    """Both spans, counted off the loop. NotFound, with the nearest name, where something is called by no name."""
    known = checked(desk, about)
    first = start - (end - start)
    both = [await desk.store.read(lambda tx, span=span: _read(tx, *span)) for span in ((start, end), (first, start))]  # type: ignore[misc]
    if about.monitor:
        _heard(desk, about.monitor, both)
    now, before = await asyncio.to_thread(lambda: [_counted(desk, one, known) for one in both])
    cut = any(len(found) >= shifts.MOST for one in both for found in (one.briefs, one.paged))
    return Report(known, start, end, now, before, cut)


def _heard(desk: Desk, monitor: str, both: Iterable["_Span"]) -> None:
    """NotFound where no connection is called so, and none was that told of anything in that time."""
    known = {*OURS, *(one.name for one in desk.settings.connections)}
    known |= {_monitor(said) for span in both for said in span.said.values()} - {""}
    if monitor not in known:
        cure = documents.closest(monitor[:80], known) or "Name a connection of config/tocsin.yaml."
        raise NotFound(f"There is no monitor {monitor[:60]!r}.", cure)


def _counted(desk: Desk, span: "_Span", about: About) -> Figures:
    return figures.count(facts(desk, span, about), desk.settings.handover.remind)


def checked(desk: Desk, about: About) -> About:
    """The same by the catalogue's own names. NotFound."""
    own = desk.settings
    model = own.estate.find(about.model) if about.model else None
    for what, name, known in (
        ("entity", about.entity, own.estate.entities),
        ("team", about.team, own.people.teams),
        ("model", "" if model else about.model, own.estate.names),
    ):
        if name and name not in known:
            cure = documents.closest(name[:80], known) or f"Name {what} as the configuration does."
            raise NotFound(f"There is no {what} {name[:60]!r}.", cure)
    return About(about.entity, about.team, model.name if model else "", about.monitor)


@dataclass(frozen=True)
class _Span:
    """All that was read of one span, whatever is asked for."""

    briefs: list[Brief]
    older: Mapping[str, Incident]  # that opened before it, and paged somebody in it
    paged: list[Paged]
    said: Mapping[str, list[Alert]]
    first: Mapping[tuple[str, str], datetime]  # when an entry of a kind was first written about a subject
    changed: Collection[str]
    closed: list[Closed]
    times: Mapping[tuple[str, str], datetime]
    handovers: list[Handover]


def _read(tx: Tx, start: datetime, end: datetime) -> _Span:
    """What happened in `[start, end)`: incidents that opened, pages that went out, changes and shifts that ended."""
    briefs = [one for one in shifts.seen(tx, start, end, end) if one.resolution != MERGED]
    paged, ids = shifts.paged(tx, start, end), {one.id for one in briefs}
    older = incidents.by_ids(tx, {one.incident for one in paged} - ids)
    first: dict[tuple[str, str], datetime] = {}
    for entry in shifts.said(tx, ids, {TAKEN, MITIGATED}, start):
        first.setdefault((entry.subject, entry.kind), entry.at)
    closed = past.closed(tx, start, end)
    moments = shifts.said(tx, {one.id for one in closed}, {APPLIED, SERVES}, start - MONTH)
    return _Span(
        briefs,
        older,
        paged,
        past.said(tx, {*ids, *older}),
        first,
        shifts.changed(tx, ids).keys(),
        closed,
        {(entry.subject, entry.kind): entry.at for entry in moments},
        handovers.between(tx, start, end),
    )


def facts(desk: Desk, span: _Span, about: About) -> Facts:
    """What of it is asked for."""
    found: list[Brief | Incident] = [*span.briefs, *span.older.values()]
    those = {one.id for one in _within(desk, about, found, span.said)}
    closed = [one for one in span.closed if _of(desk, about, one, those)]
    return Facts(
        cases=tuple(_case(span, one) for one in span.briefs if one.id in those),
        rings=tuple(_ring(desk, one) for one in span.paged if one.incident in those),
        changes=tuple(_made(span, one) for one in closed),
        handovers=tuple(_passed(desk, about, span.handovers)),
    )


def _scope(desk: Desk, about: About) -> Scope | None:
    if about.team:
        return scopes.of_team(desk, about.team)
    return scopes.of_entity(desk, about.entity) if about.entity else None


def _within(
    desk: Desk, about: About, found: Iterable[Brief | Incident], said: Mapping[str, list[Alert]]
) -> Iterable[Brief | Incident]:
    """Those that are asked for."""
    scope = _scope(desk, about)
    for one in found:
        if about.entity and one.entity != about.entity:
            continue
        if scope is not None and not scope.answers(one.model, one.entity, one.policy):
            continue
        if about.model and one.model != about.model:
            continue
        if about.monitor and _monitor(said.get(one.id)) != about.monitor:
            continue
        yield one


def _of(desk: Desk, about: About, one: Closed, those: Collection[str]) -> bool:
    if about.monitor or one.incident in those:
        return one.incident in those
    if about.model or about.team:
        scope = _scope(desk, about)
        return about.model in ("", one.model) and (scope is None or scope.holds(one.model))
    return about.entity in ("", one.entity)


def _case(span: _Span, one: Brief) -> Case:
    by_hand, said = one.ended_by is not None, span.said.get(one.id)
    taken = [at for at in (span.first.get((one.id, TAKEN)), one.resolved_at if by_hand else None) if at]
    return Case(
        id=one.id,
        model=one.model,
        monitor=_monitor(said),
        opened_at=one.opened_at,
        started_at=_started(said),
        acknowledged_at=min(taken, default=None),
        mitigated_at=span.first.get((one.id, MITIGATED)),
        resolved_at=one.resolved_at,
        resolution=one.resolution,
        by_hand=by_hand,
        acted=one.id in span.changed,
    )


def _monitor(said: list[Alert] | None) -> str:
    """The connection whose alert opened it; empty where a person did."""
    return said[0].connection if said and said[0].source != declare.SOURCE else ""


def _started(said: list[Alert] | None) -> datetime | None:
    """When its trouble began, where the monitor says so rather than we."""
    if not said or said[0].started_inferred or said[0].source == declare.SOURCE:
        return None
    return said[0].started_at


def _ring(desk: Desk, one: Paged) -> Ring:
    zone = handover_noise.zone(one.person, desk.settings.people)
    return Ring(one.incident, one.person, one.at, zone, one.step, one.rank)


def _made(span: _Span, one: Closed) -> Made:
    applied, verified = span.times.get((one.id, APPLIED)), span.times.get((one.id, SERVES))
    return Made(one.id, one.lever, one.done, one.taken_back, applied, verified)


def _passed(desk: Desk, about: About, found: Iterable[Handover]) -> Iterable[Passed]:
    """The changes of shift, but for those that went back to who had it; of a model or a monitor there are none."""
    if about.model or about.monitor:
        return
    scope = _scope(desk, about)
    for one in found:
        if one.posted_at and not one.went_back and (scope is None or one.rota in scope.rotas):
            yield Passed(one.waited)


async def measure(desk: Desk, now: datetime) -> None:
    """Set the metrics: of the last 30 days, of everything (`entity` empty) and of each entity."""
    span = await desk.store.read(lambda tx: _read(tx, now - MONTH, now))
    entities = ("", *desk.settings.estate.entities)
    told = await asyncio.to_thread(lambda: [_counted(desk, span, About(entity=one)) for one in entities])
    for gauge in (telemetry.INCIDENT_SECONDS, telemetry.ALERT_PRECISION, telemetry.NIGHT_PAGES):
        gauge.clear()
    for entity, one in zip(entities, told, strict=True):
        _set(entity, one)


def _set(entity: str, told: Figures) -> None:
    lengths: dict[str, Spread] = {
        "detect": told.detect,
        "acknowledge": told.acknowledge,
        "mitigate": told.mitigate,
        "verify": told.verify,
        "resolve": told.resolve,
    }
    for to, one in lengths.items():
        for name, value in (("median", one.median), ("mean", one.mean), ("p90", one.p90)):
            if value is not None:
                telemetry.INCIDENT_SECONDS.labels(entity, to, name).set(value)
    if told.precision is not None:
        telemetry.ALERT_PRECISION.labels(entity).set(told.precision)
    telemetry.NIGHT_PAGES.labels(entity).set(told.night_pages)
