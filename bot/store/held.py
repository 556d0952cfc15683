"""Alerts that are held back, one row for each problem."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, delete, exists, func, select, update

from bot.errors import Conflict
from bot.model.alert import Status
from bot.model.held import Cause, Held, Hold
from bot.store import alerts, bulk
from bot.store.database import Tx
from bot.store.tables import HeldRow, table

_TABLE = table(HeldRow)
_COLUMNS = tuple(column.name for column in _TABLE.columns)
_MANY = 500  # values in one IN
_NAMED = 200  # rows that are looked through for the names of what is held behind an incident

_BY_PROBLEM = (
    select(_TABLE)
    .where(_TABLE.c.problem.in_(bindparam("wanted", expanding=True)))
    .order_by(_TABLE.c.problem)
    .with_for_update()
)
_CHUNK = (
    select(_TABLE)
    .where(_TABLE.c.problem > bindparam("after"))
    .order_by(_TABLE.c.problem)
    .limit(bindparam("most"))
    .with_for_update()
)
_ANY = select(exists().select_from(_TABLE))
_CHANGE = (
    update(_TABLE)
    .where(_TABLE.c.problem == bindparam("its"))
    .values({name: bindparam(name) for name in _COLUMNS if name != "problem"})
)
_GO = delete(_TABLE).where(_TABLE.c.problem.in_(bindparam("gone", expanding=True)))


@dataclass(frozen=True, slots=True)
class Behind:
    """What an open incident holds back: how many alerts, and the names they are about, in the order of the alphabet."""

    alerts: int
    about: tuple[str, ...] = ()


def locked(tx: Tx, problems: Collection[str]) -> dict[str, Held]:
    """What is held of these problems, by problem; nobody else can let them go until the transaction ends."""
    wanted = sorted(problems)
    return {
        row["problem"]: _held(row)
        for at in range(0, len(wanted), _MANY)
        for row in tx.sql.execute(_BY_PROBLEM, {"wanted": wanted[at : at + _MANY]}).mappings()
    }


def chunk(tx: Tx, after: str, limit: int) -> list[Held]:
    """The next `limit` in the order of their problems, locked; begin with `after` empty."""
    return [_held(row) for row in tx.sql.execute(_CHUNK, {"after": after, "most": limit}).mappings()]


def any_(tx: Tx) -> bool:
    """Whether anything is held at all."""
    return bool(tx.sql.execute(_ANY).scalar_one())


def add(tx: Tx, new: Sequence[Held]) -> None:
    """Write new ones; another replica that holds one of their problems already makes the whole work run again."""
    if new:
        bulk.add(tx.sql, _TABLE, _COLUMNS, [tuple(_row(one)[name] for name in _COLUMNS) for one in new])


def change(tx: Tx, changed: Sequence[Held]) -> None:
    """Write anew what is known of them; Conflict when one of them is held no more."""
    if changed:
        rows = [_row(one) for one in changed]
        for row in rows:
            row["its"] = row.pop("problem")
        if tx.sql.execute(_CHANGE, rows).rowcount != len(rows):
            raise _gone()


def let_go(tx: Tx, problems: Collection[str]) -> None:
    """They are held no more; Conflict when that is so of one of them already."""
    wanted = sorted(problems)
    for at in range(0, len(wanted), _MANY):
        some = wanted[at : at + _MANY]
        if tx.sql.execute(_GO, {"gone": some}).rowcount != len(some):
            raise _gone()


def move(tx: Tx, was: str, becomes: str) -> None:
    """What incident `was` holds is held by incident `becomes`."""
    tx.sql.execute(update(_TABLE).where(_TABLE.c.incident == was).values(incident=becomes))


def listing(tx: Tx, *, limit: int = 100) -> list[Held]:
    """What is held, the longest first."""
    query = select(_TABLE).order_by(_TABLE.c.first_seen_at, _TABLE.c.problem).limit(limit)
    return [_held(row) for row in tx.sql.execute(query).mappings()]


def of(tx: Tx, problem: str) -> Held | None:
    """What is held of one problem."""
    row = tx.sql.execute(select(_TABLE).where(_TABLE.c.problem == problem)).mappings().first()
    return _held(row) if row else None


def count(tx: Tx) -> dict[Cause, int]:
    """How many are held, by cause."""
    found = tx.sql.execute(select(_TABLE.c.cause, func.count()).group_by(_TABLE.c.cause))
    return {Cause(cause): number for cause, number in found}


def held_by(tx: Tx, by: str, *, limit: int = 100) -> list[Held]:
    """What one silence, rule or runbook holds, the longest first."""
    query = select(_TABLE).where(_TABLE.c.by == by).order_by(_TABLE.c.first_seen_at, _TABLE.c.problem).limit(limit)
    return [_held(row) for row in tx.sql.execute(query).mappings()]


def about(tx: Tx, incident_id: str) -> Behind:
    """What this incident holds back; the names are those of the first two hundred alerts."""
    its = _TABLE.c.incident == incident_id
    number = int(tx.sql.execute(select(func.count()).select_from(_TABLE).where(its)).scalar_one())
    if not number:
        return Behind(0)
    query = select(_TABLE.c.body).where(its).order_by(_TABLE.c.problem).limit(_NAMED)
    names = {said.get("model") or said.get("title", "") for said in tx.sql.execute(query).scalars()}
    return Behind(number, tuple(sorted(filter(None, names))))


_HOLDING = select(_TABLE.c.incident).where(_TABLE.c.incident.in_(bindparam("its", expanding=True))).distinct()


def holding(tx: Tx, incident_ids: Collection[str]) -> set[str]:
    """Those of these incidents that hold anything back."""
    return set(tx.sql.execute(_HOLDING, {"its": sorted(incident_ids)}).scalars())


def _gone() -> Conflict:
    return Conflict("A held alert was let go by somebody else meanwhile.", "Look again, then try again.")


def _row(one: Held) -> dict[str, Any]:
    alert, hold = one.alert, one.hold
    return {
        "problem": alert.problem,
        "started_at": alert.started_at,
        "body": alerts.body(alert),
        "cause": hold.cause.value,
        "by": hold.by,
        "why": hold.why,
        "until": hold.until,
        "incident": hold.incident,
        "repeats": one.repeats,
        "first_seen_at": one.first_seen_at,
        "last_seen_at": one.last_seen_at,
        "evaluated_at": alert.evaluated_at,
    }


def _held(row: Any) -> Held:
    alert = alerts.read({**row, "status": Status.FIRING, "ended_at": None})
    hold = Hold(Cause(row["cause"]), row["by"], row["why"], row["until"], row["incident"])
    return Held(alert, hold, row["repeats"], row["first_seen_at"], row["last_seen_at"])
