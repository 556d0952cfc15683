"""When each heartbeat was heard last."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select, update

from bot.store import bulk
from bot.store.database import Tx
from bot.store.tables import HeartbeatRow, table

_TABLE = table(HeartbeatRow)
_COLUMNS = ("name", "since", "beat_at", "silent")
_ALL = select(*(_TABLE.c[name] for name in _COLUMNS)).order_by(_TABLE.c.name)
_ONE = _ALL.where(_TABLE.c.name == bindparam("its")).with_for_update()
_ITS = _TABLE.c.name == bindparam("its")


@dataclass(frozen=True, slots=True)
class Pulse:
    """What is known of a heartbeat."""

    name: str
    since: datetime  #: when it was first waited for
    beat_at: datetime | None  #: when it was heard last; None: never
    silent: bool  #: its silence is an alert that stands

    @property
    def heard_at(self) -> datetime:
        """From when its silence counts."""
        return self.beat_at or self.since


def every(tx: Tx) -> list[Pulse]:
    """All that are known, by name."""
    return [Pulse(*row) for row in tx.sql.execute(_ALL)]


def locked(tx: Tx, name: str) -> Pulse | None:
    """This one, kept from other writers until the transaction ends; None when it was never waited for."""
    row = tx.sql.execute(_ONE, {"its": name}).first()
    return Pulse(*row) if row else None


def add(tx: Tx, name: str, since: datetime) -> Pulse:
    """Wait for it from now on."""
    bulk.add(tx.sql, _TABLE, _COLUMNS, [(name, since, None, False)])
    return Pulse(name, since, None, False)


def heard(tx: Tx, name: str, at: datetime) -> None:
    """It beat at `at`."""
    _change(tx, name, beat_at=at)


def say(tx: Tx, name: str, silent: bool) -> None:
    """Whether its silence is an alert that stands."""
    _change(tx, name, silent=silent)


def forget(tx: Tx, name: str) -> None:
    """Wait for it no more."""
    tx.sql.execute(delete(_TABLE).where(_ITS), {"its": name})


def _change(tx: Tx, name: str, **values: Any) -> None:
    tx.sql.execute(update(_TABLE).where(_ITS).values(**values), {"its": name})
