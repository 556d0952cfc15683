"""What entries of the log say, said anew or no more; each time an entry of the same chain records exactly what."""

import secrets
from collections.abc import Callable, Collection, Mapping
from typing import Any

from sqlalchemy import Integer, bindparam, func, select, update

from bot.model import verifying
from bot.model.entry import Entry
from bot.model.verifying import Line
from bot.store import log, stamping
from bot.store.database import Tx
from bot.store.tables import LogRow, SaidRow, table

_LOG, _SAID = table(LogRow), table(SaidRow)
_TEXTS = tuple(verifying.BLANK)

_SAY = (
    update(_SAID)
    .where(_SAID.c.chain == bindparam("its"), _SAID.c.seq == bindparam("place"))
    .values(salt=bindparam("fresh"), erased=bindparam("mark"), **{name: bindparam(f"new_{name}") for name in _TEXTS})
)

Record = Callable[[Mapping[int, str]], Entry]


def reword(tx: Tx, chain: str, now: Mapping[int, tuple[Line, Mapping[str, Any]]], record: Record) -> int:
    """Have entries of `chain` say something else, each by its number: as it is, and what it is to say; where that is.

    `record` makes the entry that tells of it from the digest of each as it stands then. It is sealed at once, so that
    those it names can point to it.
    """
    seq = log.lock(tx.sql, chain) + 1
    mark, digests, rows = f"{chain}/{seq}", {}, []
    for place, (line, said) in now.items():
        salt = secrets.token_hex(16)
        digests[place] = verifying.standing(
            (*line[: len(verifying.PLACE)], salt, *(said[name] for name in _TEXTS), mark)
        )
        told = {f"new_{name}": said[name] for name in _TEXTS}
        rows.append({"its": chain, "place": place, "fresh": salt, "mark": mark, **told})
    tx.sql.execute(_SAY, rows)
    return _recorded(tx, record(digests))


def blank(tx: Tx, chain: str, until: int, keep: Collection[str], record: Callable[[int, int], Entry]) -> int | None:
    """Have the entries of `chain` up to `until` say nothing, but those about `keep`; where that is recorded.

    `record` makes the entry that tells of it from how many there are, and how many of these are of form 1. None where
    nothing was left to be emptied. What records an erasure goes on saying so.
    """
    seq = log.lock(tx.sql, chain) + 1
    told = _LOG.c.kind.not_in(sorted(verifying.RECORDS))
    those = (
        _SAID.c.chain == chain,
        _SAID.c.seq <= until,
        _SAID.c.subject.not_in(sorted(keep)),
        (_SAID.c.salt != "") | (_SAID.c.erased == ""),
        _SAID.c.seq.in_(select(_LOG.c.seq).where(_LOG.c.chain == chain, _LOG.c.seq <= until, told)),
    )
    of_first_form = func.coalesce(func.sum((_LOG.c.form == 1).cast(Integer)), 0)
    joined = (_LOG.c.chain == _SAID.c.chain) & (_LOG.c.seq == _SAID.c.seq)
    count, first = tx.sql.execute(
        select(func.count(), of_first_form).join_from(_SAID, _LOG, joined).where(*those)
    ).one()
    if not count:
        return None
    tx.sql.execute(update(_SAID).where(*those).values(**verifying.BLANK, salt="", erased=f"{chain}/{seq}"))
    return _recorded(tx, record(int(count), int(first)))


def _recorded(tx: Tx, entry: Entry) -> int:
    contexts = stamping.contexts([entry], tx.known, tx.stamp)
    return log.append(tx.sql, [entry], tx.now, contexts)[entry.chain]
