"""The ledger of pages as rows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
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
    change_all(tx, [(page_id, state, stamps)])


def change_all(tx: Tx, changes: Sequence[tuple[str, PageState, Mapping[str, Any]]]) -> None:
    """The same for several, each its id, its state and its stamps, in one statement."""
    tx.sql.execute(
        _CHANGE,
        [
            {"its": its, "now_state": state.value, **{f"its_{name}": stamps.get(name) for name in _STAMPS}}
            for its, state, stamps in changes
        ],
    )


def get(tx: Tx, page_id: str) -> Page:
    """The page with this id; NotFound otherwise."""
    row = tx.sql.execute(_ONE, {"its": page_id}).mappings().first()
    if row is None:
        raise NotFound(f"There is no page {page_id}.")
    return read(row)


_THESE = select(_TABLE).where(_TABLE.c.id.in_(bindparam("those", expanding=True)))


def by_ids(tx: Tx, ids: Sequence[str]) -> dict[str, Page]:
    """The pages with these ids, by id; unknown ones are left out."""
    return {row["id"]: read(row) for row in tx.sql.execute(_THESE, {"those": ids}).mappings()}


def of(tx: Tx, incident_id: str, step: int | None = None) -> list[Page]:
    """The pages of an incident (of one step only, if given), in the order they were decided."""
    found = tx.sql.execute(
        _ALL if step is None else _STEP,
        {"its": incident_id, "number": step} if step is not None else {"its": incident_id},
    )
    return [read(row) for row in found.mappings()]


_OF_SEVERAL = (
    select(_TABLE)
    .where(_TABLE.c.incident.in_(bindparam("several", expanding=True)))
    .order_by(_TABLE.c.step, _TABLE.c.person)
)


def of_several(tx: Tx, incident_ids: Collection[str]) -> dict[str, list[Page]]:
    """The same for several incidents, by id."""
    found: dict[str, list[Page]] = {its: [] for its in incident_ids}
    for row in tx.sql.execute(_OF_SEVERAL, {"several": sorted(incident_ids)}).mappings():
        found[row["incident"]].append(read(row))
    return found


_HASTEN = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("its"))
    .values(due_at=bindparam("its_due", type_=_TABLE.c.due_at.type))
)


def hasten(tx: Tx, page_id: str, due: datetime) -> None:
    """Let a page's turn come at `due`; what was decided before stands in the log."""
    tx.sql.execute(_HASTEN, {"its": page_id, "its_due": due})


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


def read(row: Any) -> Page:
    """A row of the table, as a mapping, as a page."""
    return Page(**{**{name: row[name] for name in _FIELDS}, "state": PageState(row["state"])})
