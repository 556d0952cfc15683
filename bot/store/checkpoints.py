"""Checkpoints of the log, and what they are made from: how long each chain is, and the hashes of its entries."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select, update

from bot.model.checkpoint import Checkpoint
from bot.store import bulk
from bot.store.database import Tx
from bot.store.tables import CheckpointRow, HeadRow, LogRow, table

_TABLE, _HEADS, _LOG = table(CheckpointRow), table(HeadRow), table(LogRow)
_COLUMNS = ("chain", "size", "at", "root", "head", "peaks", "note", "posted")
#: The same text is longer with a signature below it; nobody has been given the signed one yet.
_ANEW = """
ON CONFLICT (chain, size) DO UPDATE SET at = excluded.at, note = excluded.note, posted = excluded.posted
WHERE length(checkpoints.note) < length(excluded.note)
"""
_EVERY = select(*(_TABLE.c[name] for name in _COLUMNS))
_ORDER = (_TABLE.c.chain, _TABLE.c.size)


def heads(tx: Tx) -> dict[str, tuple[int, str]]:
    """How many entries each chain has, and the hash of the last."""
    return {chain: (seq, sealed) for chain, seq, sealed in tx.sql.execute(select(_HEADS)) if seq}


_HASHES = (
    select(_LOG.c.seq, _LOG.c.hash)
    .where(_LOG.c.chain == bindparam("its"), _LOG.c.seq > bindparam("after"), _LOG.c.seq <= bindparam("upto"))
    .order_by(_LOG.c.seq)
    .limit(bindparam("most"))
)


def hashes(tx: Tx, chain: str, after: int, upto: int, most: int) -> list[tuple[int, str]]:
    """The next entries' numbers and hashes, `most` at most."""
    values = {"its": chain, "after": after, "upto": upto, "most": most}
    return [(seq, sealed) for seq, sealed in tx.sql.execute(_HASHES, values)]


def span(tx: Tx, chain: str, since: datetime, until: datetime) -> tuple[int, int] | None:
    """The numbers of the first and the last entry recorded from `since` on and before `until`; None for none."""
    found = select(func.min(_LOG.c.seq), func.max(_LOG.c.seq)).where(
        _LOG.c.chain == chain, _LOG.c.recorded_at >= since, _LOG.c.recorded_at < until
    )
    first, last = tx.sql.execute(found).one()
    return None if first is None else (first, last)


def of_kinds(tx: Tx, chain: str, kinds: Collection[str], after: int, upto: int) -> list[int]:
    """The numbers of the entries of these kinds past `after` and up to `upto`."""
    its = (_LOG.c.chain == chain, _LOG.c.kind.in_(sorted(kinds)), _LOG.c.seq > after, _LOG.c.seq <= upto)
    return list(tx.sql.execute(select(_LOG.c.seq).where(*its).order_by(_LOG.c.seq)).scalars())


def sealed(tx: Tx, chain: str, seq: int) -> tuple[str, datetime] | None:
    """The hash of one entry, and when it was recorded."""
    row = tx.sql.execute(
        select(_LOG.c.hash, _LOG.c.recorded_at).where(_LOG.c.chain == chain, _LOG.c.seq == seq)
    ).first()
    return (row.hash, row.recorded_at) if row else None


def add(tx: Tx, *made: Checkpoint) -> None:
    """Keep them; what another replica made of the same stays, but for one that was not signed."""
    rows: list[tuple[Any, ...]] = [
        (one.chain, one.size, one.at, one.root, one.head, list(one.peaks), one.note, {}) for one in made
    ]
    bulk.add(tx.sql, _TABLE, _COLUMNS, rows, _ANEW)


_LAST = select(_TABLE.c.chain, func.max(_TABLE.c.size).label("size")).group_by(_TABLE.c.chain).subquery()
_NEWEST = _EVERY.join(_LAST, (_TABLE.c.chain == _LAST.c.chain) & (_TABLE.c.size == _LAST.c.size)).order_by(*_ORDER)


def newest(tx: Tx) -> dict[str, Checkpoint]:
    """The last one of each chain."""
    return {row.chain: _read(row) for row in tx.sql.execute(_NEWEST)}


def listing(tx: Tx, chains: Collection[str] = (), limit: int = 100) -> list[Checkpoint]:
    """The newest `limit`, of these chains only where some are named; the oldest of them first."""
    wanted = _EVERY.where(_TABLE.c.chain.in_(sorted(chains))) if chains else _EVERY
    rows = tx.sql.execute(wanted.order_by(_TABLE.c.at.desc(), _TABLE.c.chain, _TABLE.c.size.desc()).limit(limit))
    return [_read(row) for row in rows][::-1]


def every(tx: Tx, chain: str) -> list[Checkpoint]:
    """All of one chain, the smallest first."""
    return [_read(row) for row in tx.sql.execute(_EVERY.where(_TABLE.c.chain == chain).order_by(*_ORDER))]


def up_to(tx: Tx, chain: str, size: int) -> Checkpoint | None:
    """The largest of a chain that has no more than `size` entries."""
    found = _EVERY.where(_TABLE.c.chain == chain, _TABLE.c.size <= size).order_by(_TABLE.c.size.desc()).limit(1)
    row = tx.sql.execute(found).first()
    return _read(row) if row else None


def within(tx: Tx, chain: str, first: int, last: int) -> list[Checkpoint]:
    """Those whose last entry is among these, and the first one that covers them all; the smallest first."""
    its = _EVERY.where(_TABLE.c.chain == chain, _TABLE.c.size >= first).order_by(_TABLE.c.size)
    among = tx.sql.execute(its.where(_TABLE.c.size < last))
    after = tx.sql.execute(its.where(_TABLE.c.size >= last).limit(1))
    return [_read(row) for row in (*among, *after)]


def posted(tx: Tx, which: Sequence[tuple[str, int]], to: str, where: str) -> None:
    """Keep where those of (chain, size) stand at `to`."""
    for chain, size in sorted(which):
        mine = (_TABLE.c.chain == chain) & (_TABLE.c.size == size)
        stands = tx.sql.execute(select(_TABLE.c.posted).where(mine).with_for_update()).scalar()
        if stands is not None:
            tx.sql.execute(update(_TABLE).where(mine).values(posted={**stands, to: where}))


def _read(row: Any) -> Checkpoint:
    return Checkpoint(row.chain, row.size, row.at, row.root, row.head, tuple(row.peaks), row.note, dict(row.posted))
