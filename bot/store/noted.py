"""In which incident's timeline a message of the chat stands, and who still wants it there."""

from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update
from sqlmodel import col

from bot.store.database import Tx
from bot.store.tables import NotedRow, table

_TABLE = table(NotedRow)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a message (CHANNEL/TS) stands, and the names of the people who want it there."""

    message: str
    incident: str
    wanted_by: tuple[str, ...]


def find(tx: Tx, message: str) -> Standing | None:
    """Where it stands, locked until the transaction ends; None when it stands nowhere."""
    row = tx.sql.execute(select(_TABLE).where(_TABLE.c.message == message).with_for_update()).mappings().first()
    return Standing(message, row["incident_id"], tuple(row["wanted_by"])) if row else None


def add(tx: Tx, standing: Standing) -> None:
    """It stands there from now on; it must stand nowhere yet."""
    values = {"message": standing.message, "incident_id": standing.incident, "wanted_by": list(standing.wanted_by)}
    tx.sql.execute(insert(NotedRow), [values])


def want(tx: Tx, message: str, wanted_by: tuple[str, ...]) -> None:
    """These people want it there now; when they are none it stands nowhere any more."""
    its = col(NotedRow.message) == message
    if wanted_by:
        tx.sql.execute(update(NotedRow).where(its).values(wanted_by=list(wanted_by)))
    else:
        tx.sql.execute(delete(NotedRow).where(its))
