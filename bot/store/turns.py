"""How many turns were taken by those who are paged one after the other, counted by what they stand behind."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.store.database import Tx
from bot.store.tables import CounterRow, table

_TABLE = table(CounterRow)
_TAKEN = select(_TABLE.c.name, _TABLE.c.value).where(_TABLE.c.name.in_(bindparam("names", expanding=True)))


def _more(insert: Any) -> Any:
    ask = insert.values(name=bindparam("its_name", type_=_TABLE.c.name.type), value=1)
    return ask.on_conflict_do_update(index_elements=["name"], set_={"value": _TABLE.c.value + 1})


_TAKE = {"sqlite": _more(sqlite.insert(_TABLE)), "postgresql": _more(postgresql.insert(_TABLE))}


def taken(tx: Tx, names: Collection[str]) -> dict[str, int]:
    """How many turns were taken under each of these names; those of which none was are left out."""
    return {name: int(value) for name, value in tx.sql.execute(_TAKEN, {"names": sorted(names)})} if names else {}


def take(tx: Tx, names: Collection[str]) -> None:
    """One more turn under each of these names, as often as it is named."""
    for name in sorted(names):
        tx.sql.execute(_TAKE[tx.dialect], {"its_name": name})
