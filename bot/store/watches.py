"""Watches over promoted versions as rows, by the change that promoted them; none is ever deleted."""

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from sqlalchemy import bindparam, select, update

from bot.model.watch import Watch
from bot.store import bulk
from bot.store.database import Tx
from bot.store.tables import WatchRow, table

_TABLE = table(WatchRow)
_COLUMNS = tuple(column.name for column in _TABLE.columns)
_FIELDS = tuple(f.name for f in fields(Watch))
_MOVES = ("until", "finding", "why", "samples", "ended_at")  #: what is written again
_ALL = select(*(_TABLE.c[name] for name in _FIELDS))
_BY_ID = _ALL.where(_TABLE.c.id == bindparam("its"))
_NEWEST = _ALL.order_by(_TABLE.c.since.desc(), _TABLE.c.id.desc()).limit(bindparam("most"))
_GOING = _ALL.where(_TABLE.c.model == bindparam("its"), _TABLE.c.ended_at.is_(None)).order_by(_TABLE.c.since)
_SAVE = update(_TABLE).where(_TABLE.c.id == bindparam("its_id")).values({name: bindparam(name) for name in _MOVES})


def add(tx: Tx, watch: Watch) -> None:
    """Write a new one."""
    row = {name: getattr(watch, name) for name in _FIELDS} | {"baseline": [dict(one) for one in watch.baseline]}
    bulk.add(tx.sql, _TABLE, _COLUMNS, [tuple(row[name] for name in _COLUMNS)])


def save(tx: Tx, watch: Watch) -> None:
    """Write what became of it; whoever does holds its change (`changes.get(..., lock=True)`)."""
    tx.sql.execute(_SAVE, {**{name: getattr(watch, name) for name in _MOVES}, "its_id": watch.id})


def find(tx: Tx, change_id: str) -> Watch | None:
    """The watch over what this change brought into service; None when there is none."""
    found = tx.sql.execute(_BY_ID, {"its": change_id}).first()
    return _watch(found) if found else None


def going(tx: Tx, model: str) -> list[Watch]:
    """Those over this model that have not ended, oldest first."""
    return _watches(tx.sql.execute(_GOING, {"its": model}))


def listing(tx: Tx, *, model: str | None = None, limit: int = 50) -> list[Watch]:
    """The newest, newest first."""
    query = _NEWEST.where(_TABLE.c.model == model) if model else _NEWEST
    return _watches(tx.sql.execute(query, {"most": limit}))


def _watches(rows: Iterable[Any]) -> list[Watch]:
    return [_watch(row) for row in rows]


def _watch(row: Any) -> Watch:
    said = dict(zip(_FIELDS, row, strict=True))
    return Watch(**{**said, "baseline": tuple(said["baseline"])})
