"""Dead letters: what authenticated but could not be read, kept whole so that it can be replayed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col

from bot.errors import NotFound
from bot.store.database import Tx
from bot.store.tables import LetterRow, table

_TABLE = table(LetterRow)


@dataclass(frozen=True, slots=True)
class Letter:
    """One message nobody could read, and why."""

    id: str
    connection: str
    received_at: datetime
    why: str
    headers: Mapping[str, str]
    body: bytes
    replayed_at: datetime | None = None


def add(tx: Tx, letter: Letter) -> None:
    """Keep it; the very same letter again changes nothing."""
    values = {name: getattr(letter, name) for name in Letter.__slots__}
    values |= {"headers": dict(letter.headers), "why": letter.why.replace("\0", "\ufffd")}
    insert = sqlite.insert(_TABLE) if tx.dialect == "sqlite" else postgresql.insert(_TABLE)
    tx.sql.execute(insert.on_conflict_do_nothing(index_elements=["id"]), [values])


def get(tx: Tx, letter_id: str) -> Letter:
    """The letter with this id; NotFound otherwise."""
    row = tx.sql.execute(select(_TABLE).where(_TABLE.c.id == letter_id)).mappings().first()
    if row is None:
        raise NotFound(f"There is no dead letter {letter_id}.", "See `tocsin replay --list`.")
    return Letter(**row)


def waiting(tx: Tx, limit: int = 50) -> list[Letter]:
    """Those not replayed yet, oldest first."""
    query = select(_TABLE).where(_TABLE.c.replayed_at.is_(None)).order_by(_TABLE.c.received_at).limit(limit)
    return [Letter(**row) for row in tx.sql.execute(query).mappings()]


def count(tx: Tx) -> int:
    """How many wait."""
    return int(
        tx.sql.execute(select(func.count()).select_from(_TABLE).where(_TABLE.c.replayed_at.is_(None))).scalar_one()
    )


def replayed(tx: Tx, letter_id: str) -> None:
    """Mark it as read at last."""
    tx.sql.execute(update(LetterRow).where(col(LetterRow.id) == letter_id).values(replayed_at=tx.now))


def prune(tx: Tx, before: datetime) -> int:
    """Forget those that were read at last before that moment, and how many they were; what nobody read stays."""
    return int(tx.sql.execute(delete(LetterRow).where(col(LetterRow.replayed_at) < before)).rowcount)
