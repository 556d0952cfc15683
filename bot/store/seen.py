"""What was handled already, shared by all replicas: deliveries, chat events, signatures."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col

from bot.store.database import Tx
from bot.store.tables import SeenRow, table


def _first(insert: Any) -> Any:
    gone_by = _SEEN.c.until <= bindparam("now", type_=_SEEN.c.until.type)
    again = insert.on_conflict_do_update(index_elements=["key"], set_={"until": insert.excluded.until}, where=gone_by)
    # RETURNING rather than a row count, which PostgreSQL's driver does not keep for an INSERT.
    return again.returning(_SEEN.c.key)


_SEEN = table(SeenRow)
_FIRST = {"sqlite": _first(sqlite.insert(_SEEN)), "postgresql": _first(postgresql.insert(_SEEN))}


def first(tx: Tx, key: str, until: datetime) -> bool:
    """True the first time `key` is shown, False after that, until `until` has passed."""
    return tx.sql.execute(_FIRST[tx.dialect], {"key": key, "until": until, "now": tx.now}).first() is not None


def known(tx: Tx, key: str) -> bool:
    """Whether `key` was shown before; it does not count as shown by this."""
    its = _SEEN.c.key == key
    return tx.sql.execute(select(_SEEN.c.key).where(its, _SEEN.c.until > tx.now)).first() is not None


def until(tx: Tx, key: str) -> datetime | None:
    """Until when `key` counts as shown; None when it does not."""
    its = _SEEN.c.key == key
    return tx.sql.execute(select(_SEEN.c.until).where(its, _SEEN.c.until > tx.now)).scalar()


def prune(tx: Tx) -> int:
    """Forget what has run out; returns how many."""
    return tx.sql.execute(delete(SeenRow).where(col(SeenRow.until) <= tx.now)).rowcount
