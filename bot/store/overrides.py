"""Changes of a rota made by hand, as rows."""

from dataclasses import fields
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select
from sqlmodel import col

from bot.errors import BadInput, NotFound
from bot.model.rota import Amendment, Override
from bot.store.database import Tx
from bot.store.tables import OverrideRow, table

_TABLE = table(OverrideRow)
_FIELDS = [f.name for f in fields(Override)]


_ACTIVE = (
    select(_TABLE)
    .where(_TABLE.c.start < bindparam("until"), _TABLE.c.end > bindparam("since"))
    .order_by(_TABLE.c.start, _TABLE.c.id)
)


def active(tx: Tx, start: datetime, end: datetime, rota: str | None = None) -> list[Override]:
    """Those that touch `[start, end)`, oldest first."""
    return [
        Override(**{**{name: row[name] for name in _FIELDS}, "kind": Amendment(row["kind"])})
        for row in tx.sql.execute(_ACTIVE, {"since": start, "until": end}).mappings()
        if rota is None or row["rota"] == rota
    ]


def add(tx: Tx, override: Override) -> None:
    """Keep it; BadInput when its span is empty or turned round."""
    if override.end <= override.start:
        raise BadInput("An override must end after it starts.")
    values = {name: getattr(override, name) for name in _FIELDS}
    tx.sql.execute(insert(OverrideRow), [{**values, "kind": override.kind.value}])


def remove(tx: Tx, override_id: str) -> None:
    """Take it back; NotFound when there is none."""
    if tx.sql.execute(delete(OverrideRow).where(col(OverrideRow.id) == override_id)).rowcount != 1:
        raise NotFound(f"There is no override {override_id}.")
