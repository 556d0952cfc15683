"""Legal holds as rows: laid, lifted once, never deleted; at most one is in force for an incident."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from bot.errors import Conflict
from bot.model.freeze import LegalHold
from bot.store.database import Tx
from bot.store.tables import LegalHoldRow, table

_TABLE = table(LegalHoldRow)
_NAMES = tuple(column.name for column in _TABLE.columns if column.name != "id")
_IN_FORCE = select(*[_TABLE.c[name] for name in _NAMES]).where(_TABLE.c.lifted_at.is_(None)).order_by(_TABLE.c.id)
_ON = _IN_FORCE.where(_TABLE.c.incident == bindparam("its"))
_EVER = (
    select(*[_TABLE.c[name] for name in _NAMES])
    .where(_TABLE.c.incident == bindparam("its"))
    .order_by(_TABLE.c.id.desc())
    .limit(1)
)
_LIFT = (
    update(_TABLE)
    .where(_TABLE.c.incident == bindparam("its"), _TABLE.c.lifted_at.is_(None))
    .values(lifted_at=bindparam("ended", type_=_TABLE.c.at.type), lifted_by=bindparam("who"))
)


def lay(tx: Tx, hold: LegalHold) -> None:
    """Write a new one; Conflict where one is in force. Its caller has the incident locked."""
    if on(tx, hold.incident) is not None:
        raise Conflict(f"{hold.incident} is under legal hold already.", "Look again.")
    tx.sql.execute(insert(_TABLE), [{name: getattr(hold, name) for name in _NAMES}])


def on(tx: Tx, incident: str) -> LegalHold | None:
    """The one that is in force for this incident."""
    return _first(tx, _ON, incident)


def last(tx: Tx, incident: str) -> LegalHold | None:
    """The newest of this incident, lifted or not."""
    return _first(tx, _EVER, incident)


def in_force(tx: Tx) -> list[LegalHold]:
    """All that have not been lifted, oldest first."""
    return [LegalHold(**row) for row in tx.sql.execute(_IN_FORCE).mappings()]


def lift(tx: Tx, incident: str, at: datetime, by: str) -> None:
    """Say that it was lifted; Conflict when there is none in force."""
    if tx.sql.execute(_LIFT, {"its": incident, "ended": at, "who": by}).rowcount != 1:
        raise Conflict(f"{incident} is under no legal hold.", "Look again.")


def _first(tx: Tx, query: Any, incident: str) -> LegalHold | None:
    row = tx.sql.execute(query, {"its": incident}).mappings().first()
    return LegalHold(**row) if row else None
