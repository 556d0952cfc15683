"""The append-only log: each entry is chained to the one before it by SHA-256, one chain for each entity.

The hash of an entry is `SHA-256(previous hash || canonical JSON of the entry with its place)`, in hexadecimal.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, update
from sqlmodel import col

from bot.model.entry import Entry, Sealed
from bot.store import bulk
from bot.store.columns import canonical
from bot.store.tables import HeadRow, LogRow, table

_LOG = table(LogRow)
_HEADS = table(HeadRow)
_COLUMNS = tuple(column.name for column in _LOG.columns)
GENESIS = "0" * 64
CHUNK = 5_000  # rows in memory at once while verifying


@dataclass(frozen=True, slots=True)
class Broken:
    """The first entry of a chain that is not as it was written, and how that shows."""

    chain: str
    seq: int
    what: str


def digest(previous: str, seq: int, recorded_at: datetime, entry: Entry) -> str:
    """The hash that seals `entry` in its place."""
    body = canonical(
        {
            "chain": entry.chain,
            "seq": seq,
            "at": _moment(entry.at),
            "recorded_at": _moment(recorded_at),
            "actor": entry.actor,
            "kind": entry.kind,
            "subject": entry.subject,
            "why": entry.why,
            "before": entry.before,
            "after": entry.after,
        }
    )
    return hashlib.sha256(previous.encode() + body).hexdigest()


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def append(sql: Connection, entries: Sequence[Entry], now: datetime) -> None:
    """Seal `entries` onto their chains; the chains' heads stay locked until the transaction ends."""
    if not entries:
        return
    chains = sorted({entry.chain for entry in entries})
    heads = _lock(sql, chains)
    rows = []
    for entry in entries:
        entry = _clean(entry)
        seq, previous = heads[entry.chain]
        seq += 1
        sealed = digest(previous, seq, now, entry)
        heads[entry.chain] = (seq, sealed)
        text = (entry.actor, entry.kind, entry.subject, entry.why)
        rows.append((entry.chain, seq, entry.at, now, *text, entry.before, entry.after, previous, sealed))
    bulk.add(sql, _LOG, _COLUMNS, rows)
    for chain in chains:
        seq, sealed = heads[chain]
        sql.execute(update(HeadRow).where(col(HeadRow.chain) == chain).values(seq=seq, hash=sealed))


def _clean(entry: Entry) -> Entry:
    """NUL cannot be kept by PostgreSQL, and a hash must not depend on the engine."""
    if "\0" in entry.why or "\0" in entry.subject or "\0" in entry.actor:
        swap = {name: getattr(entry, name).replace("\0", "\ufffd") for name in ("why", "subject", "actor")}
        return Entry(entry.chain, entry.kind, entry.at, before=entry.before, after=entry.after, **swap)
    return entry


def _lock(sql: Connection, chains: Sequence[str]) -> dict[str, tuple[int, str]]:
    """The heads of `chains`, locked in one order everywhere so that writers cannot block each other in a ring."""
    wanted = select(_HEADS).where(col(HeadRow.chain).in_(chains))
    wanted = wanted.order_by(col(HeadRow.chain)).with_for_update()
    heads = {chain: (seq, sealed) for chain, seq, sealed in sql.execute(wanted)}
    for chain in chains:
        if chain not in heads:
            sql.execute(insert(HeadRow).values(chain=chain, seq=0, hash=GENESIS))
            heads[chain] = (0, GENESIS)
    return heads


def of(sql: Connection, subject: str, limit: int = 200) -> list[Sealed]:
    """The newest `limit` entries about `subject`, oldest first."""
    rows = sql.execute(
        select(_LOG)
        .where(col(LogRow.subject) == subject)
        .order_by(col(LogRow.recorded_at).desc(), col(LogRow.seq).desc())
        .limit(limit)
    )
    return [_sealed(row) for row in rows.mappings()][::-1]


def verify(sql: Connection) -> tuple[int, list[Broken]]:
    """How many entries were read, and for each chain that is not whole its first bad entry.

    Finds entries that were edited, deleted, inserted or reordered, and a cut tail (by the kept head). A rewrite of
    the whole chain with its head needs a checkpoint outside the database to be seen.
    """
    heads = {chain: (seq, sealed) for chain, seq, sealed in sql.execute(select(_HEADS))}
    logged = set(sql.execute(select(_LOG.c.chain).distinct()).scalars())
    count, broken = 0, []
    for chain in sorted(logged | set(heads)):
        seq, previous, fault = 0, GENESIS, None
        for row in _rows(sql, chain):
            count += 1
            if fault := _fault(row, seq, previous):
                break
            seq, previous = row["seq"], row["hash"]
        head = heads.get(chain)
        if fault is None and head != (seq, previous):
            what = (
                "the head of this chain is missing" if head is None else f"the chain ends here, its head says {head[0]}"
            )
            fault = Broken(chain, seq, what)
        if fault:
            broken.append(fault)
    return count, broken


def _fault(row: RowMapping, seq: int, previous: str) -> Broken | None:
    """Why `row` cannot follow entry `seq`, whose hash is `previous`."""
    chain, found = row["chain"], row["seq"]
    if found != seq + 1:
        return Broken(chain, seq + 1, f"entry {seq + 1} is missing; {found} follows {seq}")
    if row["previous"] != previous:
        return Broken(chain, found, "it does not follow from the entry before it")
    if digest(previous, found, row["recorded_at"], _sealed(row).entry) != row["hash"]:
        return Broken(chain, found, "its content was changed after it was written")
    return None


def _rows(sql: Connection, chain: str) -> Iterator[RowMapping]:
    after = -(2**62)
    while True:
        wanted = (
            select(_LOG)
            .where(col(LogRow.chain) == chain, col(LogRow.seq) > after)
            .order_by(col(LogRow.seq))
            .limit(CHUNK)
        )
        rows = sql.execute(wanted).mappings().all()
        yield from rows
        if len(rows) < CHUNK:
            return
        after = rows[-1]["seq"]


def _sealed(row: Any) -> Sealed:
    entry = Entry(
        chain=row["chain"],
        kind=row["kind"],
        at=row["at"],
        actor=row["actor"],
        subject=row["subject"],
        why=row["why"],
        before=row["before"],
        after=row["after"],
    )
    return Sealed(entry, row["seq"], row["recorded_at"], row["previous"], row["hash"])
