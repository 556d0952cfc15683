"""What was changed elsewhere, as rows: shown beside incidents, never a cause of one."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, delete, or_, select
from sqlmodel import col

from bot.model.change_event import ChangeEvent
from bot.model.incident import Incident
from bot.store import bulk
from bot.store.database import Tx
from bot.store.tables import ChangeEventRow, table

KEPT = timedelta(days=90)  # what PagerDuty keeps them for

_TABLE = table(ChangeEventRow)
_COLUMNS = tuple(column.name for column in _TABLE.columns)
_AGAIN = "ON CONFLICT (connection, id) DO NOTHING"
_AT = _TABLE.c.at.type
_BEFORE = (
    select(_TABLE)
    .where(
        _TABLE.c.at > bindparam("since", type_=_AT),
        _TABLE.c.at <= bindparam("until", type_=_AT),
        or_(
            _TABLE.c.model == bindparam("its_model"),
            and_(_TABLE.c.entity == bindparam("its_entity"), _TABLE.c.model.is_(None)),
        ),
    )
    .order_by(_TABLE.c.at.desc(), _TABLE.c.received_at.desc(), _TABLE.c.id)
    .limit(bindparam("most"))
)


def add(tx: Tx, events: Sequence[ChangeEvent]) -> None:
    """Write what is not known yet, in one statement."""
    rows = [_row(event, tx.now) for event in events]
    if rows:
        bulk.add(tx.sql, _TABLE, _COLUMNS, rows, _AGAIN)


def before(tx: Tx, incident: Incident, within: timedelta, most: int) -> list[ChangeEvent]:
    """What was changed about the incident's model, or its entity as a whole, before it opened; newest first."""
    given = {
        "its_model": incident.model or "",  # an event's model is never empty
        "its_entity": incident.entity,
        "since": incident.opened_at - within,
        "until": incident.opened_at,
        "most": most,
    }
    return [_event(row) for row in tx.sql.execute(_BEFORE, given).mappings()]


def prune(tx: Tx) -> int:
    """Forget those that were received long ago; returns how many."""
    old = col(ChangeEventRow.received_at) <= tx.now - KEPT
    return tx.sql.execute(delete(ChangeEventRow).where(old)).rowcount


def _row(event: ChangeEvent, received: datetime) -> tuple[Any, ...]:
    said = {name: getattr(event, name) for name in _COLUMNS if name != "received_at"}
    said |= {"received_at": received, "links": list(event.links), "details": dict(event.details)}
    return tuple(said[name] for name in _COLUMNS)


def _event(row: Any) -> ChangeEvent:
    said = {name: row[name] for name in _COLUMNS if name != "received_at"}
    return ChangeEvent(**{**said, "links": tuple(row["links"])})
