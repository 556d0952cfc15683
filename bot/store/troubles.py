"""When a model was in trouble: the spans in which an incident about it was open."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import or_, select

from bot.model.incident import FALSE_ALARM
from bot.store.database import Tx
from bot.store.tables import IncidentRow, table

_TABLE = table(IncidentRow)


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

    In order, and none touches another. False alarms do not count.
    """
    query = (
        select(_TABLE.c.opened_at, _TABLE.c.resolved_at)
        .where(
            _TABLE.c.model.in_(sorted(models)),
            _TABLE.c.kind.in_(sorted(kinds)),
            _TABLE.c.resolution != FALSE_ALARM,
            _TABLE.c.opened_at < until,
            or_(_TABLE.c.resolved_at.is_(None), _TABLE.c.resolved_at > since),
        )
        .order_by(_TABLE.c.opened_at)
    )
    found: list[tuple[datetime, datetime]] = []
    for opened, resolved in tx.sql.execute(query):
        start, end = max(opened, since), min(resolved or until, until)
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found
