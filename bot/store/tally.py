"""Incidents counted by what they are about and by the runbook that took them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select

from bot.store.database import Tx
from bot.store.tables import IncidentRow, table

_TABLE = table(IncidentRow)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many incidents of one entity, model, kind and runbook opened, their alerts, and the newest of them."""

    entity: str
    model: str | None
    kind: str
    runbook: str
    incidents: int
    alerts: int
    newest: str


_ABOUT = (_TABLE.c.entity, _TABLE.c.model, _TABLE.c.kind, _TABLE.c.runbook)
_TALLIES = (
    select(*_ABOUT, func.count(), func.sum(_TABLE.c.alerts_total), func.max(_TABLE.c.number))
    .where(
        _TABLE.c.opened_at >= bindparam("start", type_=_TABLE.c.opened_at.type),
        _TABLE.c.opened_at < bindparam("until", type_=_TABLE.c.opened_at.type),
    )
    .group_by(*_ABOUT)
)


def opened(tx: Tx, start: datetime, end: datetime) -> list[Tally]:
    """Those of all incidents that opened in `[start, end)`, the most frequent first."""
    rows = tx.sql.execute(_TALLIES, {"start": start, "until": end})
    found = [
        Tally(entity, model, kind, runbook, int(incidents), int(alerts or 0), f"INC-{newest}")
        for entity, model, kind, runbook, incidents, alerts, newest in rows
    ]
    return sorted(found, key=lambda one: (-one.incidents, one.entity, one.model or "", one.kind, one.runbook))
