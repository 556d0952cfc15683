"""Where documents stand outside, as rows: one for each document and connection."""

from dataclasses import fields
from typing import Any

from sqlalchemy import bindparam, delete, insert, select

from bot.model.postmortem import Export, Sent
from bot.store.database import Tx
from bot.store.tables import ExportRow, table

_TABLE = table(ExportRow)
_FIELDS = tuple(field.name for field in fields(Export))
_ALL = select(*(_TABLE.c[name] for name in _FIELDS))
_ONE = _ALL.where(_TABLE.c.document == bindparam("its"), _TABLE.c.connection == bindparam("at"))
_OF = _ALL.where(_TABLE.c.document == bindparam("its")).order_by(_TABLE.c.connection)
_NEWEST = _ALL.order_by(_TABLE.c.changed_at.desc(), _TABLE.c.document, _TABLE.c.connection)
_GONE = delete(_TABLE).where(_TABLE.c.document == bindparam("its"), _TABLE.c.connection == bindparam("at"))


def find(tx: Tx, document: str, connection: str, *, lock: bool = False) -> Export | None:
    """The document at that connection; None when it was never asked for. `lock` keeps other writers off it."""
    query = _ONE.with_for_update() if lock else _ONE
    row = tx.sql.execute(query, {"its": document, "at": connection}).first()
    return _export(row) if row else None


def of(tx: Tx, document: str) -> list[Export]:
    """All of a document, by the names of the connections."""
    return [_export(row) for row in tx.sql.execute(_OF, {"its": document})]


def listing(tx: Tx, limit: int = 50) -> list[Export]:
    """The newest, newest first."""
    return [_export(row) for row in tx.sql.execute(_NEWEST.limit(limit))]


def save(tx: Tx, export: Export) -> None:
    """Write how it stands, over what was known of it."""
    tx.sql.execute(_GONE, {"its": export.document, "at": export.connection})
    row = {name: getattr(export, name) for name in _FIELDS} | {"standing": export.standing.value}
    tx.sql.execute(insert(_TABLE), [row])


def _export(row: Any) -> Export:
    said = dict(zip(_FIELDS, row, strict=True))
    return Export(**{**said, "standing": Sent(said["standing"])})
