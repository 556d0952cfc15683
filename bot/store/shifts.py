"""What happened in a span of time, in few rows: for the report of a shift, and the figures of those before it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, or_, select

from bot.model.change import Step
from bot.model.runbook import Policy
from bot.model.watch import Watch
from bot.store import incidents, log
from bot.store.database import Tx
from bot.store.tables import ChangeRow, IncidentRow, PageRow, WatchRow, table

MOST = 20_000  #: incidents, and pages, of a span; the newest
_MANY = 500  # values in one IN
_INCIDENTS, _PAGES, _LOG = table(IncidentRow), table(PageRow), log.ENTRIES
_CHANGES, _WATCHES = table(ChangeRow), table(WatchRow)


@dataclass(frozen=True, slots=True)
class Brief:
    """An incident of a span, as short as a report needs it."""

    id: str
    key: str
    title: str
    severity: str
    entity: str
    model: str | None
    kind: str
    policy: Policy
    opened_at: datetime
    resolved_at: datetime | None
    resolution: str
    ended_by: str | None
    merged_into: str | None
    alerts: int
    runbook: str


@dataclass(frozen=True, slots=True)
class Paged:
    """One step that asked somebody, by however many ways: when the first of them went out."""

    incident: str
    person: str
    at: datetime
    step: int = 0
    rank: int = 0  #: 0 the first step of its incident, 1 a later one, 2 one of a later round


_NAMES = ("id", "key", "title", "severity", "entity", "model", "kind", "policy", "opened_at", "resolved_at")
_BRIEF = (*_NAMES, "resolution", "ended_by", "merged_into", "alerts_total", "runbook")
_POLICY = _BRIEF.index("policy")
_AT = _INCIDENTS.c.opened_at.type
_SEEN = (
    select(*(_INCIDENTS.c[name] for name in _BRIEF))
    .where(
        or_(
            (_INCIDENTS.c.opened_at >= bindparam("first", type_=_AT))
            & (_INCIDENTS.c.opened_at < bindparam("until", type_=_AT)),
            (_INCIDENTS.c.resolved_at >= bindparam("since", type_=_AT))
            & (_INCIDENTS.c.resolved_at < bindparam("until", type_=_AT)),
        )
    )
    .order_by(_INCIDENTS.c.number.desc())
    .limit(MOST)
)


def seen(tx: Tx, first: datetime, since: datetime, until: datetime) -> list[Brief]:
    """The incidents that opened in `[first, until)` or were resolved in `[since, until)`, newest first."""
    rows = tx.sql.execute(_SEEN, {"first": first, "since": since, "until": until})
    return [_brief(list(row)) for row in rows]


def _brief(values: list[Any]) -> Brief:
    values[_POLICY] = incidents.thaw(values[_POLICY])
    return Brief(*values)


_FIRST = func.min(_PAGES.c.sent_at, type_=_PAGES.c.sent_at.type)
_PAGED = (
    select(_PAGES.c.incident, _PAGES.c.person, _FIRST, _PAGES.c.step, func.max(_PAGES.c.rank))
    .where(_PAGES.c.sent_at >= bindparam("since"), _PAGES.c.sent_at < bindparam("until"))
    .group_by(_PAGES.c.incident, _PAGES.c.person, _PAGES.c.step, _PAGES.c.tier)
    .order_by(_FIRST.desc(), _PAGES.c.person)
    .limit(MOST)
)


def paged(tx: Tx, since: datetime, until: datetime) -> list[Paged]:
    """The pages that went out in `[since, until)`, newest first."""
    return [Paged(*row) for row in tx.sql.execute(_PAGED, {"since": since, "until": until})]


_SAID = (
    select(_LOG.c.subject, _LOG.c.kind, _LOG.c.at, _LOG.c.after)
    .where(
        _LOG.c.subject.in_(bindparam("those", expanding=True)),
        _LOG.c.kind.in_(bindparam("kinds", expanding=True)),
        _LOG.c.recorded_at >= bindparam("since", type_=_LOG.c.at.type),
    )
    .order_by(_LOG.c.recorded_at, _LOG.c.seq)
)


@dataclass(frozen=True, slots=True)
class Said:
    """An entry of the log: to what, which kind, when it happened, and what was so after it."""

    subject: str
    kind: str
    at: datetime
    after: Mapping[str, Any]


def said(tx: Tx, subjects: Collection[str], kinds: Collection[str], since: datetime) -> list[Said]:
    """The entries of these kinds about these subjects that were recorded since then, oldest first for each subject."""
    wanted = sorted(subjects)
    parts = (wanted[at : at + _MANY] for at in range(0, len(wanted), _MANY))
    asked = {"kinds": sorted(kinds), "since": since}
    return [Said(*row) for part in parts for row in tx.sql.execute(_SAID, {"those": part, **asked})]


_MENDED = select(_CHANGES.c.incident, _CHANGES.c.id).where(
    _CHANGES.c.incident.in_(bindparam("those", expanding=True)), _CHANGES.c.step == Step.DONE.value
)


def changed(tx: Tx, ids: Collection[str]) -> Mapping[str, str]:
    """For which of these incidents a change was made that is done: the newest of each."""
    wanted, found = sorted(ids), dict[str, str]()
    for at in range(0, len(wanted), _MANY):
        for incident, change in tx.sql.execute(_MENDED, {"those": wanted[at : at + _MANY]}):
            if incident not in found or _number(change) > _number(found[incident]):
                found[incident] = change
    return found


_FIELDS = ("id", "model", "entity", "version", "since", "until", "metric", "baseline", "allowed")
_GOING = select(*(_WATCHES.c[name] for name in _FIELDS)).where(_WATCHES.c.ended_at.is_(None)).order_by(_WATCHES.c.until)


def watched(tx: Tx) -> list[Watch]:
    """Every watch that goes on, the next to end first."""
    return [Watch(*row) for row in tx.sql.execute(_GOING)]


def _number(change: str) -> int:
    return int(change.removeprefix("CHG-"))
