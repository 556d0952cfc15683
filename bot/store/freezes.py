"""Freezes that somebody declared: kept for ever, lifted but never deleted."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, text, update

from bot.errors import Conflict, NotFound
from bot.model.freeze import Freeze
from bot.store.database import Tx
from bot.store.tables import FreezeRow, table

_TABLE = table(FreezeRow)
_COLUMNS = tuple(column.name for column in _TABLE.columns)
_AT = bindparam("at", type_=_TABLE.c.ends_at.type)
_NUMBER = text(
    "INSERT INTO counters (name, value) VALUES ('freezes', 1) "
    "ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value"
)
_NOT_OVER = (
    select(_TABLE).where(_TABLE.c.ends_at > _AT, _TABLE.c.ended_at.is_(None)).order_by(_TABLE.c.starts_at, _TABLE.c.id)
)
_BY_ID = select(_TABLE).where(_TABLE.c.id == bindparam("its"))
_NEWEST = select(_TABLE).order_by(_TABLE.c.made_at.desc(), _TABLE.c.id.desc())
_LIFT = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("its"), _TABLE.c.ended_at.is_(None))
    .values(ended_at=_AT, ended_by=bindparam("who"))
)


def next_id(tx: Tx) -> str:
    """The id of the next freeze: FRZ-1, FRZ-2 and so on."""
    return f"FRZ-{tx.sql.execute(_NUMBER).scalar_one()}"


def add(tx: Tx, freeze: Freeze) -> None:
    """Write a new one; `made_at` must be said."""
    tx.sql.execute(insert(_TABLE), [{name: getattr(freeze, name) for name in _COLUMNS}])


def get(tx: Tx, freeze_id: str) -> Freeze:
    """The one with this id; NotFound otherwise."""
    row = tx.sql.execute(_BY_ID, {"its": freeze_id}).mappings().first()
    if row is None:
        raise NotFound(f"There is no freeze {freeze_id[:40]!r}.", "See `tocsin freeze list`.")
    return _freeze(row)


def standing(tx: Tx, at: datetime) -> list[Freeze]:
    """Those that are not over at `at`, planned ones included, in the order of their starts."""
    return [_freeze(row) for row in tx.sql.execute(_NOT_OVER, {"at": at}).mappings()]


def listing(tx: Tx, limit: int = 50) -> list[Freeze]:
    """The newest, over or not, newest first."""
    return [_freeze(row) for row in tx.sql.execute(_NEWEST.limit(limit)).mappings()]


def lift(tx: Tx, freeze_id: str, at: datetime, by: str) -> None:
    """Say that it was lifted before its time; Conflict when somebody did so already."""
    if tx.sql.execute(_LIFT, {"its": freeze_id, "at": at, "who": by}).rowcount != 1:
        raise Conflict(f"{freeze_id} was lifted already.", "Look again.")


def _freeze(row: Any) -> Freeze:
    return Freeze(**row)
