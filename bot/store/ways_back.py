"""What the last look at each model's way back found: one row for each, written over at the next look."""

from datetime import datetime

from sqlalchemy import bindparam, delete, select

from bot.model.change import Lever, Step
from bot.model.served import WayBack
from bot.store import bulk
from bot.store.database import Tx
from bot.store.tables import ChangeRow, WayBackRow, table

_TABLE, _CHANGES = table(WayBackRow), table(ChangeRow)
_COLUMNS = ("model", "possible", "to", "why", "looked_at", "rehearsed_at")
_ALL = select(*(_TABLE.c[name] for name in _COLUMNS)).order_by(_TABLE.c.model)
_ITS = _TABLE.c.model == bindparam("its")
_ONE = _ALL.where(_ITS)
_ANEW = "ON CONFLICT (model) DO UPDATE SET " + ", ".join(f'"{name}" = excluded."{name}"' for name in _COLUMNS[1:])
_SEEN = (
    select(_CHANGES.c.plan, _CHANGES.c.changed_at)
    .where(_CHANGES.c.model == bindparam("its"), _CHANGES.c.step == Step.DONE.value)
    .order_by(_CHANGES.c.number.desc())
)


def of(tx: Tx, model: str, *, lock: bool = False) -> WayBack | None:
    """What was found of this model; None when nobody has looked yet. `lock` keeps other writers off it."""
    row = tx.sql.execute(_ONE.with_for_update() if lock else _ONE, {"its": model}).first()
    return WayBack(*row) if row else None


def every(tx: Tx) -> dict[str, WayBack]:
    """Everything that was found, by model."""
    return {row[0]: WayBack(*row) for row in tx.sql.execute(_ALL)}


def put(tx: Tx, found: WayBack) -> None:
    """Keep what was found in the place of what was known before."""
    bulk.add(tx.sql, _TABLE, _COLUMNS, [tuple(getattr(found, name) for name in _COLUMNS)], _ANEW)


def forget(tx: Tx, model: str) -> None:
    """It is not in the catalogue any more."""
    tx.sql.execute(delete(_TABLE).where(_ITS), {"its": model})


def rehearsed(tx: Tx, model: str) -> datetime | None:
    """When a rollback of this model was last seen to serve; None: never."""
    found = tx.sql.execute(_SEEN, {"its": model})
    return next((at for plan, at in found if plan["lever"] == Lever.ROLLBACK.value), None)
