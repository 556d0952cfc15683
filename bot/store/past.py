"""What is over, as short as comparing needs it: which incidents, what their alerts first said, what moved."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select

from bot.model.alert import Alert
from bot.model.change import Lock, Step
from bot.model.incident import MERGED
from bot.store import alerts
from bot.store.database import Tx
from bot.store.tables import AlertRow, ChangeEventRow, ChangeRow, IncidentRow, PostmortemRow, table

_INCIDENTS, _ALERTS, _CHANGES = table(IncidentRow), table(AlertRow), table(ChangeRow)
_EVENTS, _POSTMORTEMS = table(ChangeEventRow), table(PostmortemRow)
_MANY = 500  # values in one IN
MOVES = 20_000  #: changes of production that are looked at, the newest


@dataclass(frozen=True, slots=True)
class Past:
    """An incident, without what only its own drawing needs."""

    id: str
    title: str
    model: str | None
    kind: str
    entity: str
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class Move:
    """Something that was changed in production: of a model, or of an entity as a whole."""

    model: str | None
    entity: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Closed:
    """A change of what serves that came to its end, of which incident, and whether another one undid it."""

    id: str
    lever: str
    model: str
    entity: str
    incident: str | None
    done: bool
    taken_back: bool


_ENDED = (
    select(_INCIDENTS.c.id)
    .where(
        ~_INCIDENTS.c.open,
        _INCIDENTS.c.resolution != MERGED,
        _INCIDENTS.c.entity.in_(bindparam("those", expanding=True)),
    )
    .order_by(_INCIDENTS.c.number.desc())
    .limit(bindparam("most"))
)
_THESE: Any = bindparam("those", expanding=True)
_PAST = select(*(_INCIDENTS.c[name] for name in Past.__slots__)).where(_INCIDENTS.c.id.in_(_THESE))
_ENDS = (
    select(_ALERTS.c.incident_id, func.min(_ALERTS.c.id), func.max(_ALERTS.c.id))
    .where(_ALERTS.c.incident_id.in_(_THESE))
    .group_by(_ALERTS.c.incident_id)
)
_ROWS = select(_ALERTS).where(_ALERTS.c.id.in_(_THESE)).order_by(_ALERTS.c.id)


def ended(tx: Tx, entities: Collection[str], most: int) -> list[str]:
    """The ids of the newest resolved incidents of these entities, newest first; merged ones went on elsewhere."""
    return list(tx.sql.execute(_ENDED, {"those": sorted(entities), "most": most}).scalars())


def these(tx: Tx, ids: Collection[str]) -> list[Past]:
    """Those with these ids, in any order."""
    return [Past(*row) for part in _parts(ids) for row in tx.sql.execute(_PAST, {"those": part})]


def said(tx: Tx, ids: Collection[str]) -> Mapping[str, list[Alert]]:
    """The first and the last alert of each of these incidents, the first first; those without one are left out."""
    found: dict[str, list[Alert]] = {}
    for part in _parts(ids):
        wanted = {id_ for _, *both in tx.sql.execute(_ENDS, {"those": part}) for id_ in both}
        for some in _parts(wanted):
            for row in tx.sql.execute(_ROWS, {"those": some}).mappings():
                found.setdefault(row["incident_id"], []).append(alerts.read(row))
    return found


def moves(tx: Tx, since: datetime) -> list[Move]:
    """What was changed since then: what others told of, and the changes of ours that are done; newest first."""
    told = select(_EVENTS.c.model, _EVENTS.c.entity, _EVENTS.c.at).where(_EVENTS.c.at > since)
    own = select(_CHANGES.c.model, _CHANGES.c.entity, _CHANGES.c.changed_at).where(
        _CHANGES.c.changed_at > since, _CHANGES.c.step == Step.DONE.value
    )
    both = [
        *tx.sql.execute(told.order_by(_EVENTS.c.at.desc()).limit(MOVES)),
        *tx.sql.execute(own.order_by(_CHANGES.c.changed_at.desc()).limit(MOVES)),
    ]
    return sorted((Move(*row) for row in both), key=lambda one: one.at, reverse=True)


_ENDS_OF_CHANGES = (Step.DONE.value, Step.FAILED.value)
_UNDONE = select(_CHANGES.c.undoes).where(_CHANGES.c.undoes.is_not(None), _CHANGES.c.step == Step.DONE.value)


def closed(tx: Tx, since: datetime, until: datetime) -> list[Closed]:
    """The changes of what serves that were done, or failed, in `[since, until)`; the newest MOVES, newest first."""
    names = ("id", "plan", "model", "entity", "incident", "step")
    query = (
        select(*(_CHANGES.c[name] for name in names))
        .where(
            _CHANGES.c.changed_at >= since,
            _CHANGES.c.changed_at < until,
            _CHANGES.c.step.in_(_ENDS_OF_CHANGES),
            _CHANGES.c.lock == Lock.SERVING.value,
        )
        .order_by(_CHANGES.c.number.desc())
        .limit(MOVES)
    )
    undone = set(tx.sql.execute(_UNDONE).scalars())
    return [
        Closed(id_, plan["lever"], model, entity, incident, step == Step.DONE.value, id_ in undone)
        for id_, plan, model, entity, incident, step in tx.sql.execute(query)
    ]


def postmortems(tx: Tx, ids: Collection[str]) -> Mapping[str, str]:
    """The postmortem of each of these incidents that has one, by the incident's id."""
    query = select(_POSTMORTEMS.c.incident, _POSTMORTEMS.c.id).where(_POSTMORTEMS.c.incident.in_(_THESE))
    return {incident: its for part in _parts(ids) for incident, its in tx.sql.execute(query, {"those": part})}


def _parts(wanted: Iterable[Any]) -> list[list[Any]]:
    every = sorted(wanted)
    return [every[at : at + _MANY] for at in range(0, len(every), _MANY)]
