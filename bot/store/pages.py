"""The ledger of pages as rows."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import bindparam, func, or_, select, update

from bot.errors import NotFound
from bot.model.incident import Phase
from bot.model.page import ASKED, Page, PageState
from bot.store import bulk
from bot.store.database import Tx
from bot.store.tables import IncidentRow, PageRow, table

_TABLE = table(PageRow)
_COLUMNS = tuple(column.name for column in _TABLE.columns)
_FIELDS = [f.name for f in fields(Page)]


def add(tx: Tx, pages: Sequence[Page]) -> None:
    """Write pages that were just decided."""
    bulk.add(tx.sql, _TABLE, _COLUMNS, [tuple(getattr(page, name) for name in _COLUMNS) for page in pages])


_ONE = select(_TABLE).where(_TABLE.c.id == bindparam("its"))
_ALL = select(_TABLE).where(_TABLE.c.incident == bindparam("its")).order_by(_TABLE.c.step, _TABLE.c.person)
_STEP = _ALL.where(_TABLE.c.step == bindparam("number"))
_STAMPS = ("claimed_at", "sent_at", "provider_id", "delivered_at", "answered_at", "failure")
_CHANGE = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("its"))
    .values(
        state=bindparam("now_state"),
        # A stamp is set once: what is not given stays as it is.
        **{
            name: func.coalesce(bindparam(f"its_{name}", type_=_TABLE.c[name].type), _TABLE.c[name]) for name in _STAMPS
        },
    )
)


def change(tx: Tx, page_id: str, state: PageState, **stamps: Any) -> None:
    """Move one page to `state` and set its stamps (claimed_at, sent_at, provider_id, failure ...)."""
    given = {f"its_{name}": stamps.get(name) for name in _STAMPS}
    tx.sql.execute(_CHANGE, {"its": page_id, "now_state": state.value, **given})


def get(tx: Tx, page_id: str) -> Page:
    """The page with this id; NotFound otherwise."""
    row = tx.sql.execute(_ONE, {"its": page_id}).mappings().first()
    if row is None:
        raise NotFound(f"There is no page {page_id}.")
    return _page(row)


def of(tx: Tx, incident_id: str, step: int | None = None) -> list[Page]:
    """The pages of an incident (of one step only, if given), in the order they were decided."""
    found = tx.sql.execute(
        _ALL if step is None else _STEP,
        {"its": incident_id, "number": step} if step is not None else {"its": incident_id},
    )
    return [_page(row) for row in found.mappings()]


_OPEN = table(IncidentRow)
_WAITING = (
    select(_TABLE.c.incident)
    .join(_OPEN, (_OPEN.c.id == _TABLE.c.incident) & _OPEN.c.open)
    .where(
        _TABLE.c.person == bindparam("its"),
        _TABLE.c.state.in_([PageState.DECIDED.value, PageState.SENT.value, PageState.DELIVERED.value]),
        or_(
            _TABLE.c.tier == ASKED,
            (_TABLE.c.step == _OPEN.c.step) & (_OPEN.c.phase == Phase.TRIGGERED.value),
        ),
    )
    .distinct()
)


def waiting_for(tx: Tx, person: str) -> set[str]:
    """The open incidents whose step in force paged this person, or that they were asked to join, unanswered yet."""
    return set(tx.sql.execute(_WAITING, {"its": person}).scalars())


def _page(row: Any) -> Page:
    return Page(**{**{name: row[name] for name in _FIELDS}, "state": PageState(row["state"])})
