"""Postmortems as rows, one for each incident; none is ever deleted, and every text they had stands in the log."""

from collections.abc import Collection
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, text, update

from bot.errors import Conflict, NotFound
from bot.model.postmortem import Postmortem, Standing
from bot.store import bulk
from bot.store.database import Tx
from bot.store.tables import PostmortemRow, table

_TABLE = table(PostmortemRow)
_COLUMNS = tuple(column.name for column in _TABLE.columns)
_FIELDS = tuple(f.name for f in fields(Postmortem))
_FIXED = ("id", "incident", "entity", "created_at")
_NUMBER = text(
    "INSERT INTO counters (name, value) VALUES ('postmortems', 1) "
    "ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value"
)
_ALL = select(*(_TABLE.c[name] for name in _FIELDS))
_BY_ID = _ALL.where(_TABLE.c.id == bindparam("its"))
_OF = _ALL.where(_TABLE.c.incident == bindparam("its"))
_SOME = _ALL.where(_TABLE.c.incident.in_(bindparam("those", expanding=True)))
_NEWEST = _ALL.order_by(_TABLE.c.number.desc()).limit(bindparam("most"))
_OWED = _ALL.where(_TABLE.c.standing != Standing.PUBLISHED.value).order_by(_TABLE.c.due_at, _TABLE.c.number)
_SAVE = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("its_id"), _TABLE.c.version == bindparam("its_version"))
    .values({name: bindparam(name) for name in _FIELDS if name not in _FIXED})
)
_REMINDED = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("its_id"))
    .values(reminded_at=bindparam("at", type_=_TABLE.c.reminded_at.type))
)


def next_id(tx: Tx) -> str:
    """The id of the next one: PM-1, PM-2 and so on."""
    return f"PM-{tx.sql.execute(_NUMBER).scalar_one()}"


def add(tx: Tx, postmortem: Postmortem) -> None:
    """Write a new one; where its incident has one already the whole work is tried again, and sees that one."""
    row = _row(postmortem) | {"number": int(postmortem.id.removeprefix("PM-"))}
    bulk.add(tx.sql, _TABLE, _COLUMNS, [tuple(row[name] for name in _COLUMNS)])


def save(tx: Tx, before: Postmortem, after: Postmortem) -> None:
    """Write what became of it. Conflict when somebody else did since it was read."""
    row = {name: value for name, value in _row(after).items() if name not in _FIXED}
    if tx.sql.execute(_SAVE, row | {"its_id": before.id, "its_version": before.version}).rowcount != 1:
        raise Conflict(f"{before.id} was changed by somebody else meanwhile.", "Look again, then try again.")


def reminded(tx: Tx, postmortem: str, at: datetime) -> None:
    """Keep when whoever owes it was last told; that is no change of it."""
    tx.sql.execute(_REMINDED, {"its_id": postmortem, "at": at})


def get(tx: Tx, postmortem: str, *, lock: bool = False) -> Postmortem:
    """The one with this id; NotFound otherwise. `lock` keeps other writers off it until the transaction ends."""
    found = tx.sql.execute(_BY_ID.with_for_update() if lock else _BY_ID, {"its": postmortem}).mappings().first()
    if found is None:
        raise NotFound(f"There is no postmortem {postmortem[:40]!r}.", "See `tocsin postmortem list`.")
    return _postmortem(found)


def find(tx: Tx, typed: str, *, lock: bool = False) -> Postmortem:
    """The one somebody means by PM-7, pm-7 or 7; NotFound otherwise."""
    number = typed.strip().upper().removeprefix("PM-")
    if not number.isascii() or not number.isdigit() or len(number) > 15:
        raise NotFound(f"{typed[:40]!r} is no postmortem.", "Write PM-7 or 7.")
    return get(tx, f"PM-{int(number)}", lock=lock)


def of_incident(tx: Tx, incident: str) -> Postmortem | None:
    """The one of an incident; None while there is none."""
    found = tx.sql.execute(_OF, {"its": incident}).mappings().first()
    return _postmortem(found) if found else None


def of_incidents(tx: Tx, those: Collection[str]) -> dict[str, Postmortem]:
    """Those of several incidents, by incident."""
    rows = tx.sql.execute(_SOME, {"those": sorted(those)}).mappings()
    return {row["incident"]: _postmortem(row) for row in rows}


def listing(tx: Tx, limit: int = 50) -> list[Postmortem]:
    """The newest, newest first."""
    return [_postmortem(row) for row in tx.sql.execute(_NEWEST, {"most": limit}).mappings()]


def owed(tx: Tx) -> list[Postmortem]:
    """Those that are not published, what is due first first; what has no due date comes at an end of the list."""
    return [_postmortem(row) for row in tx.sql.execute(_OWED).mappings()]


def _row(postmortem: Postmortem) -> dict[str, Any]:
    return {name: getattr(postmortem, name) for name in _FIELDS} | {"standing": postmortem.standing.value}


def _postmortem(row: Any) -> Postmortem:
    return Postmortem(**{**row, "standing": Standing(row["standing"])})
