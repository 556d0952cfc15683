"""What was handled already, shared by all replicas: deliveries, chat events, signatures."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col

from bot.store.database import Tx
from bot.store.tables import SeenRow


def first(tx: Tx, key: str, until: datetime) -> bool:
    """True the first time `key` is shown, False after that, until `until` has passed."""
    insert = (sqlite if tx.dialect == "sqlite" else postgresql).insert(SeenRow).values(key=key, until=until)
    again = insert.on_conflict_do_update(
        index_elements=["key"], set_={"until": until}, where=col(SeenRow.until) <= tx.now
    )
    return tx.sql.execute(again).rowcount == 1


def prune(tx: Tx) -> int:
    """Forget what has run out; returns how many."""
    return tx.sql.execute(delete(SeenRow).where(col(SeenRow.until) <= tx.now)).rowcount
