"""Which pages wait for one destination, what went there lately, and which go as one message."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, literal_column, null, or_, select, text, union_all, update

from bot.model.incident import Phase
from bot.model.page import ASKED, Page, PageState
from bot.store import pages
from bot.store.database import Tx
from bot.store.tables import IncidentRow, PageRow, table

_TABLE, _INCIDENTS = table(PageRow), table(IncidentRow)
# Written out, not bound: only so an engine sees that the index of those that wait will do.
_DECIDED = _TABLE.c.state == literal_column(f"'{PageState.DECIDED.value}'")
_THERE = _TABLE.c.person.in_(bindparam("whom", expanding=True)) & _TABLE.c.channel.in_(bindparam("by", expanding=True))
_MANY = 500  # values in one IN


@dataclass(frozen=True, slots=True)
class Gone:
    """One message that went, or was tried: to whom, by what, when, and the rank it had."""

    person: str
    channel: str
    at: datetime
    rank: int


_LOCK = text(
    "SELECT named FROM unnest(CAST(:named AS text[])) AS named WHERE pg_try_advisory_xact_lock(hashtext(named))"
)


def reserve(tx: Tx, destinations: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those (person, kind) for which nobody else decides at this moment what goes; ours until the transaction ends.

    It never waits: replicas that wait for each other's destinations would do so in a ring.
    """
    if tx.dialect != "postgresql" or not destinations:
        return set(destinations)  # one writer decides after the other
    names = {f"page/{kind}/{person}": (person, kind) for person, kind in destinations}
    return {names[named] for named in tx.sql.execute(_LOCK, {"named": sorted(names)}).scalars()}


_HERE = (_TABLE.c.person, _TABLE.c.channel)
_SENT = select(*_HERE, _TABLE.c.sent_at.label("at"), _TABLE.c.rank).where(
    _THERE, _TABLE.c.sent_at >= bindparam("since"), _TABLE.c.bundled.is_(None)
)
# What a call was made for and nobody knows the end of counts, too: it may have rung.
_TRIED = select(*_HERE, _TABLE.c.claimed_at.label("at"), _TABLE.c.rank).where(
    _THERE,
    _TABLE.c.sent_at.is_(None),
    _TABLE.c.claimed_at >= bindparam("since"),
    _TABLE.c.bundled.is_(None),
    _TABLE.c.state.in_([PageState.DECIDED.value, PageState.FAILED.value]),
)
_GONE = union_all(_SENT, _TRIED)


def gone(tx: Tx, persons: Collection[str], channels: Collection[str], since: datetime) -> list[Gone]:
    """What went, or was tried, to these persons by these channels since then."""
    values = {"whom": sorted(persons), "by": sorted(channels), "since": since}
    return [Gone(*row) for row in tx.sql.execute(_GONE, values)]


_WAITING = (
    select(_TABLE, _INCIDENTS.c.severity)
    .join(_INCIDENTS, _INCIDENTS.c.id == _TABLE.c.incident)
    .where(
        _THERE,
        _TABLE.c.sent_at.is_(None),
        _DECIDED,
        _TABLE.c.claimed_at.is_(None),
        _TABLE.c.bundled.is_(None),
        _TABLE.c.due_at <= bindparam("now"),
        or_(
            (_TABLE.c.tier == ASKED) & _INCIDENTS.c.open,
            (_TABLE.c.tier != ASKED) & (_INCIDENTS.c.phase == Phase.TRIGGERED.value),
        ),
    )
    .order_by(_TABLE.c.rank, _INCIDENTS.c.severity, _TABLE.c.decided_at, _INCIDENTS.c.number, _TABLE.c.id)
)


def waiting(tx: Tx, persons: Collection[str], channels: Collection[str], now: datetime) -> list[Page]:
    """The pages that are due, needed and in nobody's hand: what tells most first, then the gravest, the oldest."""
    values = {"whom": sorted(persons), "by": sorted(channels), "now": now}
    return [pages.read(row) for row in tx.sql.execute(_WAITING, values).mappings()]


_TOLD = (
    select(_TABLE.c.incident, _TABLE.c.person)
    .where(
        _TABLE.c.incident.in_(bindparam("its", expanding=True)),
        _TABLE.c.person.in_(bindparam("whom", expanding=True)),
        _TABLE.c.sent_at.is_not(None),
    )
    .distinct()
)


def told(tx: Tx, incidents: Collection[str], persons: Collection[str]) -> set[tuple[str, str]]:
    """The (incident, person) of those who were sent any page of these incidents."""
    rows = tx.sql.execute(_TOLD, {"its": sorted(incidents), "whom": sorted(persons)})
    return {(incident, person) for incident, person in rows}


_AMONG = _TABLE.c.id.in_(bindparam("ids", expanding=True)) & _DECIDED
_CLAIM = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("its"), _DECIDED)
    .values(
        claimed_at=bindparam("now", type_=_TABLE.c.claimed_at.type),
        bundled=bindparam("lead"),
        rank=func.coalesce(bindparam("its_rank", type_=_TABLE.c.rank.type), _TABLE.c.rank),
    )
)


def claim(tx: Tx, messages: Iterable[tuple[Page, Sequence[Page]]], now: datetime) -> None:
    """Take them in hand as messages, each a page that leads, with the rank it then has, and those that go along."""
    rows: list[dict[str, Any]] = []
    for lead, others in messages:
        rows.append({"its": lead.id, "lead": None, "its_rank": lead.rank, "now": now})
        rows += [{"its": each.id, "lead": lead.id, "its_rank": None, "now": now} for each in others]
    if rows:
        tx.sql.execute(_CLAIM, rows)


_CARRIED = select(_TABLE).where(_TABLE.c.bundled.in_(bindparam("leads", expanding=True)), _THERE)


def carried(tx: Tx, *leads: Page) -> list[Page]:
    """The pages that go, or went, along with `leads`."""
    people, ways = sorted({lead.person for lead in leads}), sorted({lead.channel for lead in leads})
    values = {"leads": [lead.id for lead in leads], "whom": people, "by": ways}
    return [pages.read(row) for row in tx.sql.execute(_CARRIED, values).mappings()]


_UNCLAIM = update(_TABLE).where(_DECIDED, _TABLE.c.id == bindparam("lead")).values(claimed_at=null())


def give_back(tx: Tx, lead: str) -> None:
    """Nothing was attempted: the next attempt is the first, and still one message."""
    tx.sql.execute(_UNCLAIM, {"lead": lead})


_APART = update(_TABLE).where(_DECIDED, _AMONG).values(claimed_at=null(), bundled=null())


def part(tx: Tx, ids: Sequence[str]) -> None:
    """Let pages that were to go along go by themselves again."""
    for at in range(0, len(ids), _MANY):
        tx.sql.execute(_APART, {"ids": ids[at : at + _MANY]})
