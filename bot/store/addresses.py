"""Addresses of people as rows: digests alone, one for each person and kind."""

from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select

from bot.model.address import Address, Standing
from bot.store.database import Tx
from bot.store.tables import AddressRow, table

Stamp = tuple[int, datetime | None]  #: how many there are, and when one changed last

_TABLE = table(AddressRow)
_FIELDS = tuple(f.name for f in fields(Address))
_ALL = select(*(_TABLE.c[name] for name in _FIELDS))
_ONE = _ALL.where(_TABLE.c.person == bindparam("its_person"), _TABLE.c.kind == bindparam("its_kind"))
_GONE = delete(_TABLE).where(_TABLE.c.person == bindparam("its_person"), _TABLE.c.kind == bindparam("its_kind"))
_DIGEST = _ALL.where(_TABLE.c.kind == bindparam("its_kind"), _TABLE.c.digest == bindparam("its_digest"))
_STAMP = select(func.count(), func.max(_TABLE.c.changed_at, type_=_TABLE.c.changed_at.type))
_CONFIRMED = select(_TABLE.c.person, _TABLE.c.kind, _TABLE.c.digest).where(
    _TABLE.c.standing == Standing.CONFIRMED.value
)


def get(tx: Tx, person: str, kind: str, *, lock: bool = False) -> Address | None:
    """What is known of this person's address of that kind; None before it was asked about."""
    wanted = _ONE.with_for_update() if lock else _ONE
    row = tx.sql.execute(wanted, {"its_person": person, "its_kind": kind}).mappings().first()
    return _address(row) if row else None


def put(tx: Tx, address: Address) -> None:
    """Keep it, in the place of what was known of this person's address of that kind."""
    tx.sql.execute(_GONE, {"its_person": address.person, "its_kind": address.kind})
    row = {name: getattr(address, name) for name in _FIELDS} | {"standing": address.standing.value}
    tx.sql.execute(insert(_TABLE), [row])


def of_digest(tx: Tx, kind: str, digest: str) -> list[Address]:
    """Everybody who has said that this address is theirs."""
    rows = tx.sql.execute(_DIGEST, {"its_kind": kind, "its_digest": digest}).mappings()
    return [_address(row) for row in rows]


def listing(tx: Tx) -> list[Address]:
    """Everything that is known, by person and kind."""
    return [_address(row) for row in tx.sql.execute(_ALL.order_by(_TABLE.c.person, _TABLE.c.kind)).mappings()]


def stamp(tx: Tx) -> Stamp:
    """What is another once any address has changed."""
    count, newest = tx.sql.execute(_STAMP).one()
    return int(count), newest


def confirmed(tx: Tx) -> frozenset[tuple[str, str, str]]:
    """(person, kind, digest of the address) of all that count."""
    return frozenset((person, kind, digest) for person, kind, digest in tx.sql.execute(_CONFIRMED))


def _address(row: Any) -> Address:
    return Address(**{**row, "standing": Standing(row["standing"])})
