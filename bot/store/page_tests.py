"""The last test of each way to reach each person, as rows."""

from dataclasses import fields
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select, update

from bot.model.paged import Test
from bot.store.database import Tx
from bot.store.tables import PageTestRow, table

_TABLE = table(PageTestRow)
_FIELDS = tuple(f.name for f in fields(Test))
_ALL = select(*(_TABLE.c[name] for name in _FIELDS)).order_by(_TABLE.c.person, _TABLE.c.channel)
_OF = _ALL.where(_TABLE.c.person == bindparam("its_person"))
_GONE = delete(_TABLE).where(_TABLE.c.person == bindparam("its_person"), _TABLE.c.channel == bindparam("its_channel"))
_ANSWERED = (
    update(_TABLE)
    .where(_TABLE.c.person == bindparam("its_person"), _TABLE.c.answered_at.is_(None))
    .values(answered_at=bindparam("now", type_=_TABLE.c.answered_at.type))
)
_BY_CHANNEL = _ANSWERED.where(_TABLE.c.channel == bindparam("its_channel"))


def put(tx: Tx, test: Test) -> None:
    """Keep it, in the place of the one before by that way."""
    tx.sql.execute(_GONE, {"its_person": test.person, "its_channel": test.channel})
    tx.sql.execute(insert(_TABLE), [{name: getattr(test, name) for name in _FIELDS}])


def answered(tx: Tx, person: str, at: datetime, channel: str | None = None) -> int:
    """The person has answered the last test (by one way only, if given); how many waited for that."""
    statement = _ANSWERED if channel is None else _BY_CHANNEL
    given = {"its_person": person, "now": at, **({"its_channel": channel} if channel is not None else {})}
    return int(tx.sql.execute(statement, given).rowcount)


def of(tx: Tx, person: str) -> list[Test]:
    """The last test of each of their ways."""
    return [Test(**row) for row in tx.sql.execute(_OF, {"its_person": person}).mappings()]


def listing(tx: Tx) -> list[Test]:
    """The last tests of everybody, by person."""
    return [Test(**row) for row in tx.sql.execute(_ALL).mappings()]
