"""Silences and maintenance windows: kept for ever, ended but never deleted."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, text, update

from bot.errors import Conflict, NotFound
from bot.model.matcher import Matcher
from bot.model.silence import Silence
from bot.store import bulk
from bot.store.database import Tx
from bot.store.tables import SilenceRow, table

_TABLE = table(SilenceRow)
_COLUMNS = tuple(column.name for column in _TABLE.columns)
_NUMBER = text(
    "INSERT INTO counters (name, value) VALUES ('silences', 1) "
    "ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value"
)
_NOT_OVER = (
    select(_TABLE)
    .where(_TABLE.c.ends_at > bindparam("at", type_=_TABLE.c.ends_at.type), _TABLE.c.ended_at.is_(None))
    .order_by(_TABLE.c.starts_at, _TABLE.c.id)
)
_BY_ID = select(_TABLE).where(_TABLE.c.id == bindparam("its"))
_END = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("its"), _TABLE.c.ended_at.is_(None))
    .values(ended_at=bindparam("at", type_=_TABLE.c.ends_at.type), ended_by=bindparam("who"))
)


def next_id(tx: Tx) -> str:
    """The id of the next silence: SIL-1, SIL-2 and so on."""
    return f"SIL-{tx.sql.execute(_NUMBER).scalar_one()}"


def add(tx: Tx, silence: Silence) -> None:
    """Write a new one."""
    row = {name: getattr(silence, name) for name in _COLUMNS}
    row["matchers"] = [[m.field, m.op, m.value] for m in silence.matchers]
    bulk.add(tx.sql, _TABLE, _COLUMNS, [tuple(row[name] for name in _COLUMNS)])


def standing(tx: Tx, at: datetime) -> list[Silence]:
    """Those that are not over at `at`, planned ones included, in the order of their starts."""
    return [_silence(row) for row in tx.sql.execute(_NOT_OVER, {"at": at}).mappings()]


def get(tx: Tx, silence_id: str) -> Silence:
    """The one with this id; NotFound otherwise."""
    row = tx.sql.execute(_BY_ID, {"its": silence_id}).mappings().first()
    if row is None:
        raise NotFound(f"There is no silence {silence_id[:40]!r}.", "See `tocsin silence list` or /incident silences.")
    return _silence(row)


def listing(tx: Tx, *, limit: int = 50) -> list[Silence]:
    """The newest, over or not, newest first."""
    found = tx.sql.execute(select(_TABLE).order_by(_TABLE.c.made_at.desc(), _TABLE.c.id.desc()).limit(limit))
    return [_silence(row) for row in found.mappings()]


def end(tx: Tx, silence_id: str, at: datetime, by: str) -> None:
    """Say that it was ended before its time; Conflict when somebody did so already."""
    if tx.sql.execute(_END, {"its": silence_id, "at": at, "who": by}).rowcount != 1:
        raise Conflict(f"{silence_id} was ended already.", "Look again.")


def _silence(row: Any) -> Silence:
    matchers: Sequence[Sequence[str]] = row["matchers"]
    return Silence(**{**row, "matchers": tuple(Matcher(*one) for one in matchers)})
