"""Wishes for cover as rows; none is ever deleted."""

from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Text, bindparam, cast, select, text, update

from bot.errors import Conflict, NotFound
from bot.model.cover import Request, Standing
from bot.store import bulk
from bot.store.database import Tx
from bot.store.tables import CoverRow, table

_TABLE = table(CoverRow)
_COLUMNS = tuple(column.name for column in _TABLE.columns)
_FIELDS = tuple(f.name for f in fields(Request))
_MOVES = ("standing", "changed_at", "version", "offered", "taken_by", "overrides")  #: what is written again
_NUMBER = text(
    "INSERT INTO counters (name, value) VALUES ('covers', 1) "
    "ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value"
)
_ALL = select(*(_TABLE.c[name] for name in _FIELDS))
_BY_ID = _ALL.where(_TABLE.c.id == bindparam("its"))
_OPEN = _ALL.where(_TABLE.c.standing == Standing.OPEN.value).order_by(_TABLE.c.start)
_NEWEST = _ALL.order_by(_TABLE.c.number.desc()).limit(bindparam("most"))
_MADE = _ALL.where(cast(_TABLE.c.overrides, Text).contains(bindparam("quoted"), autoescape=False))
_SAVE = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("its_id"), _TABLE.c.version == bindparam("its_version"))
    .values({name: bindparam(name) for name in _MOVES})
)


def next_id(tx: Tx) -> str:
    """The id of the next wish: CVR-1, CVR-2 and so on."""
    return f"CVR-{tx.sql.execute(_NUMBER).scalar_one()}"


def add(tx: Tx, request: Request) -> None:
    """Write a new one."""
    row = _row(request) | {"number": int(request.id.removeprefix("CVR-"))}
    bulk.add(tx.sql, _TABLE, _COLUMNS, [tuple(row[name] for name in _COLUMNS)])


def save(tx: Tx, before: Request, after: Request) -> None:
    """Write what came of it. Conflict when somebody else did since it was read: the first to accept has it."""
    row = _row(after)
    values = {name: row[name] for name in _MOVES} | {"its_id": before.id, "its_version": before.version}
    if tx.sql.execute(_SAVE, values).rowcount != 1:
        raise Conflict(f"{before.id} was changed by somebody else meanwhile.", "Look again, then try again.")


def get(tx: Tx, request_id: str, *, lock: bool = False) -> Request:
    """The wish with this id; NotFound otherwise. `lock` keeps other writers off it until the transaction ends."""
    found = tx.sql.execute(_BY_ID.with_for_update() if lock else _BY_ID, {"its": request_id}).first()
    if found is None:
        raise NotFound(f"There is no wish for cover {request_id[:40]!r}.", "See `tocsin oncall covers`.")
    return _request(found)


def find(tx: Tx, typed: str, *, lock: bool = False) -> Request:
    """The wish somebody means by CVR-7, cvr-7 or 7; NotFound otherwise."""
    number = typed.strip().upper().removeprefix("CVR-")
    if not number.isascii() or not number.isdigit() or len(number) > 15:
        raise NotFound(f"{typed[:40]!r} is no wish for cover.", "Write CVR-7 or 7.")
    return get(tx, f"CVR-{int(number)}", lock=lock)


def standing(tx: Tx) -> list[Request]:
    """Those that nobody has taken yet, in the order of their starts."""
    return _requests(tx.sql.execute(_OPEN))


def listing(tx: Tx, limit: int = 50) -> list[Request]:
    """The newest, newest first."""
    return _requests(tx.sql.execute(_NEWEST, {"most": limit}))


def made(tx: Tx, override_id: str) -> Request | None:
    """The wish that a change by hand came of; None where nobody asked for it."""
    found = _requests(tx.sql.execute(_MADE, {"quoted": f'"{override_id}"'}))
    return next((each for each in found if override_id in each.overrides), None)


def _row(request: Request) -> dict[str, Any]:
    row = {name: getattr(request, name) for name in _FIELDS} | {"standing": request.standing.value}
    span = [one.isoformat() for one in request.in_return] if request.in_return else None
    return row | {"offered": list(request.offered), "overrides": list(request.overrides), "in_return": span}


def _requests(rows: Iterable[Any]) -> list[Request]:
    return [_request(row) for row in rows]


def _request(row: Any) -> Request:
    said = dict(zip(_FIELDS, row, strict=True))
    said |= {name: tuple(said[name]) for name in ("offered", "overrides")}
    if span := said["in_return"]:
        start, end = map(datetime.fromisoformat, span)
        said["in_return"] = (start, end)
    return Request(**{**said, "standing": Standing(said["standing"])})
