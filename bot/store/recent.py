"""Alerts of late, newest first: those that fire in open incidents, and all that began since an instant."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import bindparam, func, select

from bot.model.alert import Alert, Status
from bot.store import alerts
from bot.store.database import Tx
from bot.store.tables import AlertRow, table

_TABLE = table(AlertRow)
_MANY = 500  # values in one IN
_FIRING = (
    select(_TABLE)
    .where(_TABLE.c.incident_id.in_(bindparam("wanted", expanding=True)), _TABLE.c.status == Status.FIRING.value)
    .order_by(_TABLE.c.id.desc())
    .limit(bindparam("most"))
)
_SEEN = _TABLE.c.first_seen_at.type
_NEWEST = select(_TABLE).order_by(_TABLE.c.id.desc()).limit(bindparam("most"))


def firing(tx: Tx, incidents: Collection[str], most: int) -> list[tuple[str, Alert]]:
    """(incident id, alert) for what fires in these incidents, at most `most` alerts for every 500 of them."""
    wanted = sorted(incidents)
    return [
        (row["incident_id"], alerts.read(row))
        for at in range(0, len(wanted), _MANY)
        for row in tx.sql.execute(_FIRING, {"wanted": wanted[at : at + _MANY], "most": most}).mappings()
    ]


_COUNT = (
    select(func.count())
    .select_from(_TABLE)
    .where(_TABLE.c.incident_id == bindparam("its"), _TABLE.c.first_seen_at > bindparam("start", type_=_SEEN))
)


def count(tx: Tx, incident: str, after: datetime) -> int:
    """How many alerts of this incident were first seen after that instant."""
    return int(tx.sql.execute(_COUNT, {"its": incident, "start": after}).scalar_one())


def since(tx: Tx, at: datetime, most: int) -> tuple[list[Alert], bool]:
    """Those of the newest `most` episodes that were first seen at or after `at`, and whether there may be more."""
    rows = tx.sql.execute(_NEWEST, {"most": most}).mappings().all()
    found = [alerts.read(row) for row in rows if row["first_seen_at"] >= at]
    return found, len(found) == most
