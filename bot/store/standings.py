"""How it stands with single problems: their newest episode and its incident, or what holds them back."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import bindparam, select

from bot.model.alert import Status
from bot.model.standing import Standing
from bot.store.database import Tx
from bot.store.tables import AlertRow, HeldRow, IncidentRow, table

_ALERT, _INCIDENT, _HELD = table(AlertRow), table(IncidentRow), table(HeldRow)
_WANTED: Any = bindparam("wanted", expanding=True)
_NEWEST = (
    select(_ALERT, _INCIDENT.c.phase, _INCIDENT.c.holder, _INCIDENT.c.severity)
    .join(_INCIDENT, _INCIDENT.c.id == _ALERT.c.incident_id)
    .where(_ALERT.c.problem.in_(_WANTED), _ALERT.c.latest)
)
_HELD_BACK = select(_HELD).where(_HELD.c.problem.in_(_WANTED))


def of(tx: Tx, problems: Collection[str]) -> dict[str, Standing]:
    """By problem; of what nobody ever heard of, nothing."""
    wanted = {"wanted": list(problems)}
    found = {
        row["problem"]: Standing(
            problem=row["problem"],
            title=row["body"].get("title", ""),
            firing=row["status"] == Status.FIRING.value,
            started_at=row["started_at"],
            last_seen_at=row["last_seen_at"],
            repeats=row["repeats"],
            incident=row["incident_id"],
            phase=row["phase"],
            holder=row["holder"],
            priority=row["severity"],
        )
        for row in tx.sql.execute(_NEWEST, wanted).mappings()
    }
    for row in tx.sql.execute(_HELD_BACK, wanted).mappings():
        found[row["problem"]] = Standing(
            problem=row["problem"],
            title=row["body"].get("title", ""),
            firing=True,
            started_at=row["started_at"],
            last_seen_at=row["last_seen_at"],
            repeats=row["repeats"],
            held=row["why"],
        )
    return found
