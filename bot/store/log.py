"""The append-only log: each entry is chained to the one before it, one chain for each entity, as `model.seal` says.

What an entry says stands in a table of its own (`log_said`), so that it can be erased; `ENTRIES` reads both as one.
An entry whose words were taken away is still an entry: it reads as blank, and `verify` names it.
"""

import secrets
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from orjson import Fragment
from sqlalchemy import Connection, Text, and_, bindparam, func, select, type_coerce, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.model import seal, verifying
from bot.model.entry import Context, Entry, Sealed, Step
from bot.model.seal import GENESIS, canonical
from bot.model.verifying import PLACE, SAYS, Broken, Line, Walked
from bot.store import bulk
from bot.store.tables import HeadRow, LogRow, SaidRow, table

__all__ = [
    "ENTRIES",
    "GENESIS",
    "Broken",
    "Walked",
    "append",
    "chains",
    "latest",
    "lines",
    "lock",
    "newest",
    "of",
    "of_kinds",
]
__all__ += ["read", "verify", "walks"]

_LOG, _SAID = table(LogRow), table(SaidRow)
_HEADS = table(HeadRow)
_SAYS = ("chain", "seq", *SAYS)
_SAME = and_(_LOG.c.chain == _SAID.c.chain, _LOG.c.seq == _SAID.c.seq)
#: Entries as they are read: their place in the chain and what they say, which is null where it was taken away.
ENTRIES = (
    select(*(_LOG.c[name] for name in PLACE), *(_SAID.c[name] for name in SAYS))
    .join_from(_LOG, _SAID, _SAME, isouter=True)
    .subquery("entries")
)
_BEGIN = {
    "sqlite": sqlite.insert(_HEADS).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(_HEADS).on_conflict_do_nothing(),
}
CHUNK = 5_000  # rows in memory at once while verifying
_EMPTY = Fragment(b"{}")


def append(sql: Connection, entries: Sequence[Entry], now: datetime, contexts: Sequence[bytes] = ()) -> dict[str, int]:
    """Seal `entries` onto their chains, which stay locked until the transaction ends; the last number of each.

    `contexts` has the canonical JSON of each one's context where that is not in the entry alone.
    """
    if not entries:
        return {}
    entries = [_clean(entry) for entry in entries]
    touched = sorted({entry.chain for entry in entries})
    heads = _lock(sql, touched)
    rows, said = [], []
    for place, entry in enumerate(entries):
        seq, previous = heads[entry.chain]
        seq, salt = seq + 1, secrets.token_hex(16)
        says = {
            "actor": entry.actor,
            "subject": entry.subject,
            "why": entry.why,
            "before": Fragment(canonical(entry.before)) if entry.before else _EMPTY,
            "after": Fragment(canonical(entry.after)) if entry.after else _EMPTY,
            "context": Fragment(contexts[place] if contexts else canonical(seal.context(entry.context))),
        }
        commitment = seal.commit(salt, says)
        sealed = seal.seal(previous, seq, now, entry, commitment)
        heads[entry.chain] = (seq, sealed)
        rows.append((entry.chain, seq, entry.at, now, entry.kind, previous, sealed, seal.FORM, commitment))
        said.append((entry.chain, seq, salt, *says.values(), ""))
    bulk.add(sql, _LOG, PLACE, rows)
    bulk.add(sql, _SAID, _SAYS, said)
    sql.execute(_MOVE, [{"its": chain, "to": heads[chain][0], "sealed": heads[chain][1]} for chain in touched])
    return {chain: heads[chain][0] for chain in touched}


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


def lock(sql: Connection, chain: str) -> int:
    """The number of the last entry of `chain`; nobody else appends to it until the transaction ends."""
    return _lock(sql, [chain])[chain][0]


def _heads(sql: Connection, chains: Sequence[str]) -> dict[str, tuple[int, str]]:
    return {chain: (seq, sealed) for chain, seq, sealed in sql.execute(_LOCK, {"chains": chains})}


_OF = (
    select(ENTRIES)
    .where(ENTRIES.c.subject == bindparam("its"))
    .order_by(ENTRIES.c.recorded_at.desc(), ENTRIES.c.seq.desc())
    .limit(bindparam("most"))
)


def of(sql: Connection, subject: str, limit: int = 200) -> list[Sealed]:
    """The newest `limit` entries about `subject`, oldest first."""
    return [read(row) for row in sql.execute(_OF, {"its": subject, "most": limit}).mappings()][::-1]


_OF_KINDS = (
    select(ENTRIES)
    .where(ENTRIES.c.subject == bindparam("its"), ENTRIES.c.kind.in_(bindparam("kinds", expanding=True)))
    .order_by(ENTRIES.c.recorded_at, ENTRIES.c.seq)
)


def of_kinds(sql: Connection, subject: str, kinds: Collection[str]) -> list[Sealed]:
    """Every entry of these kinds about `subject`, oldest first."""
    return [read(row) for row in sql.execute(_OF_KINDS, {"its": subject, "kinds": sorted(kinds)}).mappings()]


_LATEST = (
    select(ENTRIES.c.at)
    .where(ENTRIES.c.subject.in_(bindparam("its", expanding=True)), ENTRIES.c.actor == bindparam("who"))
    .order_by(ENTRIES.c.at.desc())
    .limit(1)
)


def latest(sql: Connection, subjects: Collection[str], actor: str) -> datetime | None:
    """When `actor` last did something about any of `subjects`; None where they never did."""
    return sql.execute(_LATEST, {"its": sorted(subjects), "who": actor}).scalar()


def newest(sql: Connection) -> datetime | None:
    """When the last entry of any chain was recorded; None where nothing was."""
    return sql.execute(select(_LOG.c.recorded_at).order_by(_LOG.c.recorded_at.desc()).limit(1)).scalar()


def chains(sql: Connection) -> list[str]:
    """Every chain that has a head, or an entry without one."""
    return sorted({*_ends(sql), *sql.execute(select(_LOG.c.chain).distinct()).scalars()})


def verify(sql: Connection) -> tuple[int, list[Broken]]:
    """How many entries were read, and for each chain that is not whole its first bad entry.

    Finds entries that were edited, deleted, inserted or reordered, and a cut tail (by the kept head). A rewrite of
    the whole chain with its head needs a checkpoint outside the database to be seen.
    """
    found = walks(sql)
    return sum(one.count for one in found.values()), [one.broken for one in found.values() if one.broken]


def walks(sql: Connection) -> dict[str, Walked]:
    """What a walk over each chain found, with the erasures that were recorded."""
    heads, strays = _ends(sql), _strays(sql)
    found = {}
    for chain in sorted({*chains(sql), *strays}):
        walked = verifying.walk(chain, lines(sql, chain), heads.get(chain))
        fault = walked.broken
        if fault is None and chain not in heads:
            fault = Broken(chain, walked.last[0], "the head of this chain is missing")
        if chain in strays and (fault is None or strays[chain] < fault.seq):
            fault = Broken(chain, strays[chain], "something is said beside the log that is no entry of it")
        found[chain] = replace(walked, broken=fault)
    return found


def _ends(sql: Connection) -> dict[str, tuple[int, str]]:
    return {chain: (seq, sealed) for chain, seq, sealed in sql.execute(select(_HEADS))}


_STRAYS = (
    select(_SAID.c.chain, func.min(_SAID.c.seq))
    .join_from(_SAID, _LOG, _SAME, isouter=True)
    .where(_LOG.c.chain.is_(None))
    .group_by(_SAID.c.chain)
)


def _strays(sql: Connection) -> dict[str, int]:
    """By chain, the first number under which something is said that no entry has."""
    return {str(chain): int(seq) for chain, seq in sql.execute(_STRAYS)}


def lines(sql: Connection, chain: str, after: int = -(2**62), until: int = 2**62) -> Iterator[Line]:
    """The entries of `chain` past `after` and up to `until` in their order, as `verifying.walk` reads them."""
    query = _LINES[sql.dialect.name]
    while True:
        rows = sql.execute(query, {"its": chain, "after": after, "until": until, "most": CHUNK}).all()
        for row in rows:
            *place, before, told, context, erased = row
            if erased is None:
                yield (*place, before, told, context, erased)
            else:
                yield (*place, Fragment(before), Fragment(told), Fragment(context), erased)
        if len(rows) < CHUNK:
            return
        after = rows[-1][1]


def _lines(moment: Any) -> Any:
    """As texts, so that nothing has to be made of what stands there before it is judged."""
    texts = {
        name: type_coerce(_SAID.c[name], Text).label(f"{name}_text") for name in ("before", "after", "context")
    } | {name: moment(_LOG.c[name]).label(f"{name}_text") for name in ("at", "recorded_at")}
    columns = [texts.get(name, _LOG.c[name]) for name in PLACE] + [texts.get(name, _SAID.c[name]) for name in SAYS]
    return (
        select(*columns)
        .join_from(_LOG, _SAID, _SAME, isouter=True)
        .where(_LOG.c.chain == bindparam("its"), _LOG.c.seq > bindparam("after"), _LOG.c.seq <= bindparam("until"))
        .order_by(_LOG.c.seq)
        .limit(bindparam("most"))
    )


_LINES = {
    "sqlite": _lines(lambda column: func.replace(type_coerce(column, Text), " ", "T", type_=Text)),
    "postgresql": _lines(
        lambda column: func.to_char(func.timezone("UTC", column), 'YYYY-MM-DD"T"HH24:MI:SS.US', type_=Text) + "+00:00"
    ),
}


def read(row: Any) -> Sealed:
    """The entry behind a row of `ENTRIES`; blank where what it said was taken away."""
    context = dict(row["context"] or {})
    entry = Entry(
        chain=row["chain"],
        kind=row["kind"],
        at=row["at"],
        actor=row["actor"] or "",
        subject=row["subject"] or "",
        why=row["why"] or "",
        before=row["before"] or {},
        after=row["after"] or {},
        context=Context(**context | {"step": Step(context.get("step", Step.FACT))}) if context else Context(),
    )
    place = (row["seq"], row["recorded_at"], row["previous"], row["hash"])
    return Sealed(entry, *place, row["form"], row["commitment"], row["salt"] or "", row["erased"] or "")
