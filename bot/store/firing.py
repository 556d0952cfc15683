"""Every alert that fires, in an incident or held back: what the outside may see of it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from bot.model.alert import Alert, Status
from bot.model.held import Cause, Hold
from bot.store import alerts
from bot.store.database import Tx
from bot.store.tables import AlertRow, HeldRow, LapseRow, table

MOST = 10_000  # of each kind; the newest

_ALERTS, _HELD, _LAPSES = table(AlertRow), table(HeldRow), table(LapseRow)
_IN_INCIDENTS = (
    select(_ALERTS, _LAPSES.c.until)
    .outerjoin(_LAPSES, _LAPSES.c.problem == _ALERTS.c.problem)
    .where(_ALERTS.c.latest, _ALERTS.c.status == Status.FIRING.value)
    .order_by(_ALERTS.c.id.desc())
    .limit(MOST)
)
_BACK = (
    select(_HELD, _LAPSES.c.until.label("lapses"))
    .outerjoin(_LAPSES, _LAPSES.c.problem == _HELD.c.problem)
    .order_by(_HELD.c.first_seen_at.desc())
    .limit(MOST)
)


@dataclass(frozen=True, slots=True)
class Firing:
    """An alert that fires: the incident it is part of, or what holds it back."""

    alert: Alert
    last_seen_at: datetime
    until: datetime | None  #: when it is over unless it is sent again
    incident: str | None = None
    hold: Hold | None = None


def every(tx: Tx) -> list[Firing]:
    """At most MOST of those in incidents and MOST of those that are held back, newest first."""
    found = [
        Firing(alerts.read(row), row["last_seen_at"], row["until"], incident=row["incident_id"])
        for row in tx.sql.execute(_IN_INCIDENTS).mappings()
    ]
    for row in tx.sql.execute(_BACK).mappings():
        alert = alerts.read({**row, "status": Status.FIRING.value, "ended_at": None})
        hold = Hold(Cause(row["cause"]), row["by"], row["why"], row["until"], row["incident"])
        found.append(Firing(alert, row["last_seen_at"], row["lapses"], hold=hold))
    return found
