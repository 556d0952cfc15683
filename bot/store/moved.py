"""The ledger of what served when: an entry for each move, ours or a foreign one; the next one closes it."""

from typing import Any

from sqlalchemy import bindparam, insert, select, update

from bot.model.change import Serving
from bot.model.served import Moved
from bot.store.database import Tx
from bot.store.tables import MovedRow, table

_TABLE = table(MovedRow)
_OF = (
    select(_TABLE)
    .where(_TABLE.c.model == bindparam("its"))
    .order_by(_TABLE.c.at.desc(), _TABLE.c.id.desc())
    .limit(bindparam("most"))
)
_CLOSE = (
    update(_TABLE)
    .where(_TABLE.c.model == bindparam("its"), _TABLE.c.until.is_(None))
    .values(until=bindparam("next", type_=_TABLE.c.until.type))
)


def add(tx: Tx, entry: Moved) -> None:
    """Put it down; the entry of the same model that stood open ends when this one begins."""
    tx.sql.execute(_CLOSE, {"its": entry.model, "next": entry.at})
    tx.sql.execute(insert(MovedRow), [_row(entry)])


def latest(tx: Tx, model: str) -> Moved | None:
    """What served last as far as the ledger knows; None when nobody has looked yet."""
    return next(iter(listing(tx, model, 1)), None)


def listing(tx: Tx, model: str, limit: int = 50) -> list[Moved]:
    """The newest `limit` entries of a model, the newest first."""
    return [_moved(row) for row in tx.sql.execute(_OF, {"its": model, "most": limit}).mappings()]


def _row(entry: Moved) -> dict[str, Any]:
    plain = {name: getattr(entry, name) for name in ("model", "at", "by", "change", "why", "until")}
    return {**plain, "serving": entry.serving.spelled()}


def _moved(row: Any) -> Moved:
    plain = {name: row[name] for name in ("model", "at", "by", "change", "why", "until")}
    return Moved(**plain, serving=Serving.read(row["serving"]))
