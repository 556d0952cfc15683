"""What buttons that decide about a change carry: opaque ids that count once; the plan they stand for stays here."""

import re
import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select, update

from bot.errors import Refused
from bot.model.change import Change
from bot.model.ticket import Ticket
from bot.store import bulk
from bot.store.database import Tx
from bot.store.tables import TicketRow, table

_TABLE = table(TicketRow)
_COLUMNS = tuple(column.name for column in _TABLE.columns)
_OURS = re.compile(r"[A-Za-z0-9_-]{1,100}")
_BY_ID = select(_TABLE).where(_TABLE.c.id == bindparam("its"))
_UNUSED = (
    select(_TABLE.c.id)
    .where(
        _TABLE.c.change == bindparam("its"),
        _TABLE.c.digest == bindparam("plan"),
        _TABLE.c.verb == bindparam("act"),
        _TABLE.c.until == bindparam("ends", type_=_TABLE.c.until.type),
        _TABLE.c.used_at.is_(None),
    )
    .order_by(_TABLE.c.id)
)
_USE = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("its"), _TABLE.c.used_at.is_(None))
    .values(used_at=bindparam("at", type_=_TABLE.c.until.type), used_by=bindparam("who"))
)


def issue(tx: Tx, change: Change, verb: str, until: datetime) -> str:
    """The id for a button; the same again while nobody has used it, so that an unchanged card stays as it is."""
    plan = change.plan.digest
    wanted = {"its": change.id, "plan": plan, "act": verb, "ends": until}
    if kept := tx.sql.execute(_UNUSED, wanted).scalar():
        return str(kept)
    tx.sql.execute(delete(_TABLE).where(_TABLE.c.until <= tx.now))
    id_ = secrets.token_urlsafe(24)
    bulk.add(tx.sql, _TABLE, _COLUMNS, [_row(Ticket(id_, change.id, plan, verb, until))])
    return id_


def find(tx: Tx, ticket_id: str) -> Ticket | None:
    """The ticket, used or not; None for one that was never issued, or ran out."""
    if not _OURS.fullmatch(ticket_id):  # what no database takes is none of ours either
        return None
    row = tx.sql.execute(_BY_ID, {"its": ticket_id}).mappings().first()
    return Ticket(**row) if row else None


def use(tx: Tx, ticket_id: str, by: str, at: datetime) -> Ticket:
    """The ticket, which is worth nothing from now on. Refused: unknown, used already, or run out."""
    ticket = find(tx, ticket_id)
    if ticket is None or ticket.until <= at:
        raise Refused("That button is worth nothing any more.", "Look at the card as it is now.")
    if tx.sql.execute(_USE, {"its": ticket.id, "at": at, "who": by}).rowcount != 1:
        raise Refused("That button has been used already.", "Look at the card as it is now.")
    return ticket


def _row(ticket: Ticket) -> tuple[Any, ...]:
    return tuple(getattr(ticket, name) for name in _COLUMNS)
