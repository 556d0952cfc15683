"""Until when firing alerts count whose monitor sends them again and again as long as they fire."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BindParameter, bindparam, delete, select, update

from bot.model.alert import Alert, Status
from bot.store import alerts, bulk
from bot.store.database import Tx
from bot.store.tables import AlertRow, HeldRow, LapseRow, table

_LAPSES, _ALERTS, _HELD = table(LapseRow), table(AlertRow), table(HeldRow)
_COLUMNS = ("problem", "connection", "until", "told_at")
_NEWEST = (
    "ON CONFLICT (problem) DO UPDATE SET "
    "connection = excluded.connection, until = excluded.until, told_at = excluded.told_at"
)
_INSTANT = _LAPSES.c.until.type
_DUE = (
    select(*(_LAPSES.c[name] for name in _COLUMNS))
    .where(_LAPSES.c.until <= bindparam("at", type_=_INSTANT))
    .order_by(_LAPSES.c.until, _LAPSES.c.problem)
    .limit(bindparam("most"))
)
_WANTED: BindParameter[str] = bindparam("wanted", expanding=True)
_FIRING = select(_ALERTS).where(
    _ALERTS.c.problem.in_(_WANTED), _ALERTS.c.latest, _ALERTS.c.status == Status.FIRING.value
)
_HELD_BACK = select(_HELD).where(_HELD.c.problem.in_(_WANTED))
_SAME = (_LAPSES.c.problem == bindparam("its")) & (_LAPSES.c.until == bindparam("was"))
_FORGET = delete(_LAPSES).where(_SAME)
_PUT_OFF = update(_LAPSES).where(_SAME).values(until=bindparam("later"))


@dataclass(frozen=True, slots=True)
class Lapse:
    """A problem that was to be told of again by `until`."""

    problem: str
    connection: str
    until: datetime
    alert: Alert | None  #: None: it fires no more, or was told of since in another way


def watch(tx: Tx, told: Iterable[tuple[str, Alert]], now: datetime) -> None:
    """Keep until when these alerts count, each with its connection; the newest word of a problem wins."""
    rows = {
        alert.problem: (alert.problem, connection, alert.until, now)
        for connection, alert in told
        if alert.until is not None and alert.status is Status.FIRING
    }
    if rows:
        bulk.add(tx.sql, _LAPSES, _COLUMNS, [rows[problem] for problem in sorted(rows)], _NEWEST)


def due(tx: Tx, at: datetime, most: int) -> list[Lapse]:
    """The first `most` that ran out by `at`."""
    found = tx.sql.execute(_DUE, {"at": at, "most": most}).all()
    firing = _firing(tx, [row.problem for row in found]) if found else {}
    lapses = []
    for row in found:
        alert, heard_at = firing.get(row.problem, (None, row.told_at))
        lapses.append(Lapse(row.problem, row.connection, row.until, alert if heard_at <= row.told_at else None))
    return lapses


def _firing(tx: Tx, problems: Sequence[str]) -> dict[str, tuple[Alert | None, datetime]]:
    """Those that fire, in an incident or held back, each with when it was heard last."""
    wanted = {"wanted": list(problems)}
    found: dict[str, tuple[Alert | None, datetime]] = {}
    for row in tx.sql.execute(_FIRING, wanted).mappings():
        found[row["problem"]] = (alerts.read(row), row["last_seen_at"])
    for row in tx.sql.execute(_HELD_BACK, wanted).mappings():
        alert = alerts.read({**row, "status": Status.FIRING.value, "ended_at": None})
        found[row["problem"]] = (alert, row["last_seen_at"])
    return found


def forget(tx: Tx, lapses: Collection[Lapse]) -> bool:
    """Take these out; False when one of them was told of again meanwhile."""
    gone = [tx.sql.execute(_FORGET, {"its": one.problem, "was": one.until}).rowcount for one in lapses]
    return all(count == 1 for count in gone)


def put_off(tx: Tx, lapses: Collection[Lapse], until: datetime) -> bool:
    """Look at these again at `until`; False when one of them was told of again meanwhile."""
    moved = [
        tx.sql.execute(_PUT_OFF, {"its": one.problem, "was": one.until, "later": until}).rowcount for one in lapses
    ]
    return all(count == 1 for count in moved)


def any_due(tx: Tx, at: datetime) -> bool:
    """Whether something ran out by `at`."""
    return tx.sql.execute(_DUE, {"at": at, "most": 1}).first() is not None
