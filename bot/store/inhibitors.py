"""Which alerts hold others back, and under which key; they do so while they fire in an open incident."""

from collections.abc import Collection, Sequence

from sqlalchemy import bindparam, delete, or_, select, update

from bot.model.alert import Status
from bot.store import bulk
from bot.store.database import Tx
from bot.store.tables import AlertRow, IncidentRow, InhibitorRow, table

_TABLE, _ALERTS, _INCIDENTS = table(InhibitorRow), table(AlertRow), table(IncidentRow)
_COLUMNS = ("rule", "key", "problem", "incident_id")
_ANEW = "ON CONFLICT (rule, key, problem) DO UPDATE SET incident_id = excluded.incident_id"
_MANY = 500  # values in one IN

# The alert itself and its incident are asked, so that no row left behind can hold anything.
_STANDING = (
    select(_TABLE.c.rule, _TABLE.c.key, _TABLE.c.problem, _INCIDENTS.c.id)
    .join(_ALERTS, (_ALERTS.c.problem == _TABLE.c.problem) & _ALERTS.c.latest)
    .join(_INCIDENTS, (_INCIDENTS.c.id == _ALERTS.c.incident_id) & _INCIDENTS.c.open)
    .where(
        _TABLE.c.rule.in_(bindparam("rules", expanding=True)),
        _TABLE.c.key.in_(bindparam("keys", expanding=True)),
        _ALERTS.c.status == Status.FIRING.value,
    )
    .order_by(_INCIDENTS.c.number, _TABLE.c.problem)
)
_FORGET = delete(_TABLE).where(
    or_(
        _TABLE.c.problem.in_(bindparam("problems", expanding=True)),
        _TABLE.c.incident_id.in_(bindparam("incidents", expanding=True)),
    )
)

Row = tuple[str, str, str, str]  #: rule, key, problem, incident id


def add(tx: Tx, rows: Collection[Row]) -> None:
    """Put down that these problems hold others."""
    if rows:
        bulk.add(tx.sql, _TABLE, _COLUMNS, sorted(set(rows)), _ANEW)


def standing(tx: Tx, wanted: Collection[tuple[str, str]]) -> list[Row]:
    """Whatever holds others under one of these (rule, key) now; those of the oldest incident first."""
    rules = sorted({rule for rule, _ in wanted})
    keys = sorted({key for _, key in wanted})
    asked = set(wanted)
    rows: list[Row] = [
        (rule, key, problem, incident)
        for at in range(0, len(keys), _MANY)
        for rule, key, problem, incident in tx.sql.execute(_STANDING, {"rules": rules, "keys": keys[at : at + _MANY]})
    ]
    return [row for row in rows if row[:2] in asked]


def forget(tx: Tx, problems: Sequence[str], incidents: Sequence[str]) -> bool:
    """These problems fire no more, these incidents are closed: they hold nothing; whether any of them did."""
    found = False
    for at in range(0, max(len(problems), len(incidents)), _MANY):
        some = {"problems": problems[at : at + _MANY], "incidents": incidents[at : at + _MANY]}
        found = tx.sql.execute(_FORGET, some).rowcount > 0 or found
    return found


def move(tx: Tx, was: str, becomes: str) -> None:
    """What held others in incident `was` does so in incident `becomes`."""
    tx.sql.execute(update(_TABLE).where(_TABLE.c.incident_id == was).values(incident_id=becomes))
