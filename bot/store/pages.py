"""The ledger of pages as rows."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import select, update
from sqlmodel import col

from bot.errors import NotFound
from bot.model.page import Page, PageState
from bot.store import bulk
from bot.store.database import Tx
from bot.store.tables import PageRow, table

_TABLE = table(PageRow)
_COLUMNS = tuple(column.name for column in _TABLE.columns)
_FIELDS = [f.name for f in fields(Page)]


def add(tx: Tx, pages: Sequence[Page]) -> None:
    """Write pages that were just decided."""
    bulk.add(tx.sql, _TABLE, _COLUMNS, [tuple(getattr(page, name) for name in _COLUMNS) for page in pages])


def change(tx: Tx, page_id: str, state: PageState, **stamps: Any) -> None:
    """Move one page to `state` and set its stamps (claimed_at, sent_at, provider_id, failure ...)."""
    tx.sql.execute(update(PageRow).where(col(PageRow.id) == page_id).values(state=state.value, **stamps))


def get(tx: Tx, page_id: str) -> Page:
    """The page with this id; NotFound otherwise."""
    row = tx.sql.execute(select(_TABLE).where(_TABLE.c.id == page_id)).mappings().first()
    if row is None:
        raise NotFound(f"There is no page {page_id}.")
    return _page(row)


def of(tx: Tx, incident_id: str, step: int | None = None) -> list[Page]:
    """The pages of an incident (of one step only, if given), in the order they were decided."""
    query = select(_TABLE).where(_TABLE.c.incident == incident_id)
    if step is not None:
        query = query.where(_TABLE.c.step == step)
    return [_page(row) for row in tx.sql.execute(query.order_by(_TABLE.c.step, _TABLE.c.person)).mappings()]


def _page(row: Any) -> Page:
    return Page(**{**{name: row[name] for name in _FIELDS}, "state": PageState(row["state"])})
