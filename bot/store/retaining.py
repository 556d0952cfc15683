"""Up to where a chain of the log is older than somebody wants to keep, what of it may go, and what hangs together."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import bindparam, func, select

from bot.model import verifying
from bot.model.incident import Phase
from bot.store.database import Tx
from bot.store.tables import ChangeRow, FollowUpRow, IncidentRow, LogRow, PostmortemRow, SaidRow, TrialRow, table

_LOG, _SAID, _INCIDENTS = table(LogRow), table(SaidRow), table(IncidentRow)
_MANY = 500  # values in one IN
_LAST = select(func.max(_LOG.c.seq)).where(
    _LOG.c.chain == bindparam("its"), _LOG.c.recorded_at < bindparam("moment", type_=_LOG.c.recorded_at.type)
)
_OPEN = select(_INCIDENTS.c.id).where(_INCIDENTS.c.phase != Phase.RESOLVED.value)
_INTO = select(_INCIDENTS.c.id).where(_INCIDENTS.c.merged_into.in_(bindparam("those", expanding=True)))
_OF = [
    select(each.c.id).where(each.c.incident.in_(bindparam("those", expanding=True)))
    for each in (table(ChangeRow), table(TrialRow), table(PostmortemRow), table(FollowUpRow))
]


def until(tx: Tx, chain: str, before: datetime) -> int:
    """The number of the last entry of `chain` that was recorded before that moment; 0 where none was."""
    return int(tx.sql.execute(_LAST, {"its": chain, "moment": before}).scalar() or 0)


def open_incidents(tx: Tx) -> frozenset[str]:
    """Every incident that is not resolved."""
    return frozenset(tx.sql.execute(_OPEN).scalars())


def together(tx: Tx, incidents: Collection[str]) -> frozenset[str]:
    """These, what became part of them, and the changes, trials and documents of all: every subject of their entries."""
    known, fresh = set(incidents), set(incidents)
    while fresh:
        fresh = _asked(tx, _INTO, fresh) - known
        known |= fresh
    return frozenset(known.union(*(_asked(tx, query, known) for query in _OF)))


def blankable(tx: Tx, chain: str, last: int, keep: Collection[str]) -> int:
    """How many entries of `chain` up to `last` say something that may go: those about `keep` stay."""
    query = (
        select(func.count())
        .select_from(_SAID)
        .join(_LOG, (_LOG.c.chain == _SAID.c.chain) & (_LOG.c.seq == _SAID.c.seq))
        .where(
            _SAID.c.chain == chain,
            _SAID.c.seq <= last,
            _SAID.c.subject.not_in(sorted(keep)),
            (_SAID.c.salt != "") | (_SAID.c.erased == ""),
            _LOG.c.kind.not_in(sorted(verifying.RECORDS)),
        )
    )
    return int(tx.sql.execute(query).scalar_one())


def _asked(tx: Tx, query: object, those: Collection[str]) -> set[str]:
    wanted = sorted(those)
    found: set[str] = set()
    for at in range(0, len(wanted), _MANY):
        found |= set(tx.sql.execute(query, {"those": wanted[at : at + _MANY]}).scalars())  # type: ignore[call-overload]
    return found
