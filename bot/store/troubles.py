"""When a model was in trouble: the spans in which an incident about it was open."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, or_, select

from bot.model.incident import FALSE_ALARM
from bot.store.database import Tx
from bot.store.tables import AlertRow, IncidentRow, table

_TABLE, _ALERTS = table(IncidentRow), table(AlertRow)


def of(tx: Tx, model: str, since: datetime) -> list[tuple[datetime, datetime | None]]:
    """From when until when (None: still) each incident of `model` was open that was so after `since`, in order.

    False alarms do not count.
    """
    query = (
        select(_TABLE.c.opened_at, _TABLE.c.resolved_at)
        .where(
            _TABLE.c.model == model,
            _TABLE.c.resolution != FALSE_ALARM,
            or_(_TABLE.c.resolved_at.is_(None), _TABLE.c.resolved_at > since),
        )
        .order_by(_TABLE.c.opened_at)
    )
    return [(row[0], row[1]) for row in tx.sql.execute(query)]


def spans(
    tx: Tx, models: Collection[str], kinds: Collection[str], since: datetime, until: datetime
) -> list[tuple[datetime, datetime]]:
    """Within `[since, until)`, when an incident of one of these kinds about one of `models` was open.

    Each from when its monitors say that it began, which may be long before they told. In order, and none touches
    another. False alarms do not count.
    """
    told = select(func.min(_ALERTS.c.started_at)).where(_ALERTS.c.incident_id == _TABLE.c.id).scalar_subquery()
    query = select(_TABLE.c.opened_at, _TABLE.c.resolved_at, told).where(
        _TABLE.c.model.in_(sorted(models)),
        _TABLE.c.kind.in_(sorted(kinds)),
        _TABLE.c.resolution != FALSE_ALARM,
        _TABLE.c.opened_at <= until,
        or_(_TABLE.c.resolved_at.is_(None), _TABLE.c.resolved_at > since),
    )
    found: list[tuple[datetime, datetime]] = []
    known = [(min(opened, began or opened), ended or until) for opened, ended, began in tx.sql.execute(query)]
    for first, last in sorted(known):
        start, end = max(first, since), min(last, until)
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        elif start < end:
            found.append((start, end))
    return found
