"""What became of requests whose senders may ask for that later: kept for as long as each of them may."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlmodel import col

from bot.store import bulk
from bot.store.database import Tx
from bot.store.tables import ReceiptRow, table

_TABLE = table(ReceiptRow)
_COLUMNS = ("connection", "id", "said", "until")
_AGAIN = "ON CONFLICT (connection, id) DO UPDATE SET said = excluded.said, until = excluded.until"
_BY_ID = select(_TABLE.c.said).where(
    _TABLE.c.connection == bindparam("its_connection"), _TABLE.c.id == bindparam("its_id")
)


def keep(tx: Tx, connection: str, id_: str, said: Mapping[str, Any], until: datetime) -> None:
    """Keep `said` under `id_`; the newest counts."""
    bulk.add(tx.sql, _TABLE, _COLUMNS, [(connection, id_, dict(said), until)], _AGAIN)


def find(tx: Tx, connection: str, id_: str) -> Mapping[str, Any] | None:
    """What was kept, or None when nobody knows that id or its time is over."""
    query = _BY_ID.where(_TABLE.c.until > bindparam("now", type_=_TABLE.c.until.type))
    row = tx.sql.execute(query, {"its_connection": connection, "its_id": id_, "now": tx.now}).first()
    return row[0] if row else None


def prune(tx: Tx) -> int:
    """Forget what has run out; returns how many."""
    return tx.sql.execute(delete(ReceiptRow).where(col(ReceiptRow.until) <= tx.now)).rowcount
