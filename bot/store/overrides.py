"""Changes of a rota made by hand, as rows."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, text, update
from sqlmodel import col

from bot.errors import BadInput, NotFound
from bot.model.rota import Amendment, Override
from bot.store.database import Tx
from bot.store.tables import OverrideRow, table

_TABLE = table(OverrideRow)
_FIELDS = [f.name for f in fields(Override)]
_COUNTED = "INSERT INTO counters (name, value) VALUES ('overrides', {first}) ON CONFLICT (name) DO UPDATE SET value = "
#: The row of the counter, held until the transaction ends: whoever decides from what others changed goes one by one.
_LOCK = text(f"{_COUNTED.format(first=0)} counters.value")
_NUMBER = text(f"{_COUNTED.format(first=1)} counters.value + 1 RETURNING value")
_ACTIVE = (
    select(_TABLE)
    .where(_TABLE.c.start < bindparam("until"), _TABLE.c.end > bindparam("since"))
    .order_by(_TABLE.c.start, _TABLE.c.id)
)


def active(tx: Tx, start: datetime, end: datetime, rota: str | None = None) -> list[Override]:
    """Those that touch `[start, end)`, oldest first."""
    rows = tx.sql.execute(_ACTIVE, {"since": start, "until": end}).mappings()
    return [_override(row) for row in rows if rota is None or row["rota"] == rota]


def get(tx: Tx, override_id: str) -> Override:
    """The one with this id; NotFound otherwise."""
    row = tx.sql.execute(select(_TABLE).where(_TABLE.c.id == override_id)).mappings().first()
    if row is None:
        raise NotFound(f"There is no change by hand {override_id[:40]!r}.", "See `tocsin oncall show ROTA`.")
    return _override(row)


def lock(tx: Tx) -> None:
    """Keep everybody else who changes a rota by hand waiting until the transaction ends."""
    tx.sql.execute(_LOCK)


def next_id(tx: Tx) -> str:
    """The id of the next change by hand: OVR-1, OVR-2 and so on."""
    return f"OVR-{tx.sql.execute(_NUMBER).scalar_one()}"


def add(tx: Tx, override: Override) -> None:
    """Keep it; BadInput when its span is empty or turned round."""
    if override.end <= override.start:
        raise BadInput("An override must end after it starts.")
    values = {name: getattr(override, name) for name in _FIELDS}
    tx.sql.execute(insert(OverrideRow), [{**values, "kind": override.kind.value}])


def cut(tx: Tx, override_id: str, end: datetime) -> None:
    """Let it end at `end`, so that what it did until then stays what was; NotFound when there is none."""
    if tx.sql.execute(update(_TABLE).where(_TABLE.c.id == override_id).values(end=end)).rowcount != 1:
        raise NotFound(f"There is no override {override_id}.")


def remove(tx: Tx, override_id: str) -> None:
    """Take it back; NotFound when there is none."""
    if tx.sql.execute(delete(OverrideRow).where(col(OverrideRow.id) == override_id)).rowcount != 1:
        raise NotFound(f"There is no override {override_id}.")


def _override(row: Mapping[Any, Any]) -> Override:
    return Override(**{**{name: row[name] for name in _FIELDS}, "kind": Amendment(row["kind"])})
