"""Whom pages were sent to and when: one for each step that asked somebody, by however many ways."""

from datetime import datetime

from sqlalchemy import bindparam, func, select

from bot.store.database import Tx
from bot.store.tables import PageRow, table

_TABLE = table(PageRow)
_FIRST = func.min(_TABLE.c.sent_at, type_=_TABLE.c.sent_at.type)
_BETWEEN = (
    select(_TABLE.c.person, _FIRST)
    .where(_TABLE.c.sent_at >= bindparam("since"), _TABLE.c.sent_at < bindparam("until"))
    .group_by(_TABLE.c.person, _TABLE.c.incident, _TABLE.c.step, _TABLE.c.tier)
    .order_by(_FIRST, _TABLE.c.person)
)


def between(tx: Tx, start: datetime, end: datetime) -> list[tuple[str, datetime]]:
    """The person and the moment of each in `[start, end)`, in order; what was never sent woke nobody."""
    return [(person, at) for person, at in tx.sql.execute(_BETWEEN, {"since": start, "until": end})]
