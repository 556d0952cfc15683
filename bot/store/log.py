"""The append-only log: each entry is chained to the one before it by SHA-256, one chain for each entity.

The hash of an entry is `SHA-256(previous hash || canonical JSON of the entry with its place)`, in hexadecimal.
"""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col

from bot.model.entry import Entry, Sealed
from bot.store import bulk
from bot.store.columns import canonical
from bot.store.tables import HeadRow, LogRow, table

_LOG = table(LogRow)
_HEADS = table(HeadRow)
_COLUMNS = tuple(column.name for column in _LOG.columns)
GENESIS = "0" * 64
_BEGIN = {
    "sqlite": sqlite.insert(_HEADS).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(_HEADS).on_conflict_do_nothing(),
}
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
    return (at if at.tzinfo is UTC else at.astimezone(UTC)).isoformat(timespec="microseconds")


def append(sql: Connection, entries: Sequence[Entry], now: datetime) -> None:
    """Seal `entries` onto their chains; the chains' heads stay locked until the transaction ends."""
    if not entries:
        return
    entries = [_clean(entry) for entry in entries]
    chains = sorted({entry.chain for entry in entries})
    heads = _lock(sql, chains)
    rows = []
    for entry in entries:
        seq, previous = heads[entry.chain]
        seq += 1
        sealed = digest(previous, seq, now, entry)
        heads[entry.chain] = (seq, sealed)
        text = (entry.actor, entry.kind, entry.subject, entry.why)
        rows.append((entry.chain, seq, entry.at, now, *text, entry.before, entry.after, previous, sealed))
    bulk.add(sql, _LOG, _COLUMNS, rows)
    sql.execute(_MOVE, [{"its": chain, "to": heads[chain][0], "sealed": heads[chain][1]} for chain in chains])


def _clean(entry: Entry) -> Entry:
    """NUL cannot be kept by PostgreSQL, and a hash must not depend on the engine."""
    if "\0" in f"{entry.chain}{entry.kind}{entry.actor}{entry.subject}{entry.why}":
        said = {name: getattr(entry, name) for name in ("chain", "kind", "actor", "subject", "why")}
        return replace(entry, **{name: value.replace("\0", "\ufffd") for name, value in said.items()})
    return entry


_LOCK = (
    select(_HEADS)
    .where(_HEADS.c.chain.in_(bindparam("chains", expanding=True)))
    .order_by(_HEADS.c.chain)
    .with_for_update()
)
_MOVE = update(_HEADS).where(_HEADS.c.chain == bindparam("its")).values(seq=bindparam("to"), hash=bindparam("sealed"))


def _lock(sql: Connection, chains: Sequence[str]) -> dict[str, tuple[int, str]]:
    """The heads of `chains`, locked in one order everywhere so that writers cannot block each other in a ring."""
    heads = _heads(sql, chains)
    if missing := [chain for chain in chains if chain not in heads]:
        # Another replica may be at the same chain's first entry: whoever comes second waits here, then reads on.
        sql.execute(_BEGIN[sql.dialect.name], [{"chain": chain, "seq": 0, "hash": GENESIS} for chain in missing])
        heads |= _heads(sql, missing)
    return heads


def _heads(sql: Connection, chains: Sequence[str]) -> dict[str, tuple[int, str]]:
    return {chain: (seq, sealed) for chain, seq, sealed in sql.execute(_LOCK, {"chains": chains})}


_OF = (
    select(_LOG)
    .where(_LOG.c.subject == bindparam("its"))
    .order_by(_LOG.c.recorded_at.desc(), _LOG.c.seq.desc())
    .limit(bindparam("most"))
)


def of(sql: Connection, subject: str, limit: int = 200) -> list[Sealed]:
    """The newest `limit` entries about `subject`, oldest first."""
    return [_sealed(row) for row in sql.execute(_OF, {"its": subject, "most": limit}).mappings()][::-1]


_OF_KINDS = (
    select(_LOG)
    .where(_LOG.c.subject == bindparam("its"), _LOG.c.kind.in_(bindparam("kinds", expanding=True)))
    .order_by(_LOG.c.recorded_at, _LOG.c.seq)
)


def of_kinds(sql: Connection, subject: str, kinds: Collection[str]) -> list[Sealed]:
    """Every entry of these kinds about `subject`, oldest first."""
    return [_sealed(row) for row in sql.execute(_OF_KINDS, {"its": subject, "kinds": sorted(kinds)}).mappings()]


_LATEST = (
    select(_LOG.c.at)
    .where(_LOG.c.subject.in_(bindparam("its", expanding=True)), _LOG.c.actor == bindparam("who"))
    .order_by(_LOG.c.at.desc())
    .limit(1)
)


def latest(sql: Connection, subjects: Collection[str], actor: str) -> datetime | None:
    """When `actor` last did something about any of `subjects`; None where they never did."""
    return sql.execute(_LATEST, {"its": sorted(subjects), "who": actor}).scalar()


def newest(sql: Connection) -> datetime | None:
    """When the last entry of any chain was recorded; None where nothing was."""
    return sql.execute(select(_LOG.c.recorded_at).order_by(_LOG.c.recorded_at.desc()).limit(1)).scalar()


def verify(sql: Connection) -> tuple[int, list[Broken]]:
    """How many entries were read, and for each chain that is not whole its first bad entry.

    Finds entries that were edited, deleted, inserted or reordered, and a cut tail (by the kept head). A rewrite of
    the whole chain with its head needs a checkpoint outside the database to be seen.
    """
    heads = {chain: (seq, sealed) for chain, seq, sealed in sql.execute(select(_HEADS))}
    logged = set(sql.execute(select(_LOG.c.chain).distinct()).scalars())
    count, broken = 0, []
    for chain in sorted(logged | set(heads)):
        try:
            read, fault = _walk(sql, chain, heads.get(chain), CHUNK)
        except (ValueError, TypeError):  # not even its types are right: find it one by one
            read, fault = _walk(sql, chain, heads.get(chain), 1)
        count += read
        if fault:
            broken.append(fault)
    return count, broken


def _walk(sql: Connection, chain: str, head: tuple[int, str] | None, chunk: int) -> tuple[int, Broken | None]:
    """How many entries of `chain` were read, and its first bad entry."""
    count, seq, previous = 0, 0, GENESIS
    try:
        for row in _rows(sql, chain, chunk):
            count += 1
            if fault := _fault(row, seq, previous):
                return count, fault
            seq, previous = row["seq"], row["hash"]
    except (ValueError, TypeError):
        if chunk > 1:
            raise
        return count, Broken(chain, seq + 1, "it cannot be read, so it was changed after it was written")
    if head is None:
        return count, Broken(chain, seq, "the head of this chain is missing")
    if head != (seq, previous):
        return count, Broken(chain, seq, f"the chain ends here, its head says {head[0]}")
    return count, None


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


def _rows(sql: Connection, chain: str, chunk: int) -> Iterator[RowMapping]:
    after = -(2**62)
    while True:
        wanted = (
            select(_LOG)
            .where(col(LogRow.chain) == chain, col(LogRow.seq) > after)
            .order_by(col(LogRow.seq))
            .limit(chunk)
        )
        rows = sql.execute(wanted).mappings().all()
        yield from rows
        if len(rows) < chunk:
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
