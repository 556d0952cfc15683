"""What old entries of the log say goes once policy allows; the chain holds, and nothing under investigation is touched.

`audit.keep` says how long, for entities with a model of high risk `audit.high_risk`; without either all is kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from bot import documents
from bot.engine import erase
from bot.engine.desk import Desk
from bot.model.job import Job, Lane, NewJob
from bot.store import Tx, clocks, jobs, legal_holds, letters, log, retaining

KIND = "retention"
AT = time(2)  #: of the day in UTC
HIGH = frozenset({"high", "critical"})  #: the criticality of a model that counts as one of high risk
COMMON = "tocsin"  #: the chain of what belongs to no entity


@dataclass(frozen=True, slots=True)
class Due:
    """What would go from one chain."""

    chain: str
    keep: timedelta
    high_risk: bool
    before: datetime  #: entries recorded before then
    until: int  #: the last of them
    entries: int  #: that say something still, and are about nothing that must be kept
    kept: frozenset[str]  #: subjects that stay: open, under legal hold, or with a report that is due


def recur(tx: Tx, desk: Desk, now: datetime) -> None:
    """Ask for tonight's, which any number of replicas do once; nothing where all is kept for ever."""
    own = desk.settings.audit
    if own.keep or own.high_risk:
        due = datetime.combine(now.date(), AT, now.tzinfo)
        jobs.put_once(tx, NewJob(f"{KIND}/{due.date()}", KIND, Lane.DIGEST, due))


def ring(tx: Tx, desk: Desk, job: Job) -> None:
    """Let go what is older than policy keeps; the whole night's work is one transaction, recorded in each chain."""
    for one in due(tx, desk, tx.now):
        why = f"Entries older than {documents.written(one.keep)} lose what they say, as `audit` of tocsin.yaml has it."
        erase.blank(tx, one.chain, one.until, by="tocsin", why=why, keep=one.kept)
    if span := desk.settings.audit.keep:
        letters.prune(tx, tx.now - _longest(desk, span))


def due(tx: Tx, desk: Desk, now: datetime) -> list[Due]:
    """What would go now, chain after chain; chains of which nothing would are left out."""
    return list(_due(tx, desk, now))


def kept_subjects(tx: Tx) -> frozenset[str]:
    """Every subject whose entries stay whatever their age: an open incident's, a held one's, one that owes a report."""
    held = {hold.incident for hold in legal_holds.in_force(tx)}
    owing = {clock.incident for clock in clocks.running(tx)}
    return retaining.together(tx, retaining.open_incidents(tx) | held | owing)


def policy(desk: Desk, chain: str) -> tuple[timedelta | None, bool]:
    """How long entries of a chain keep what they say (None: for ever), and whether it is one of high risk.

    A chain whose entity left the configuration may have been one of high risk, so it is kept as long as any.
    """
    own, estate = desk.settings.audit, desk.settings.estate
    if chain == COMMON:
        return own.keep, False
    if chain not in estate.entities:
        spans = [span for span in (own.keep, own.high_risk) if span]
        return (max(spans) if own.keep else None), True
    high = any(model.entity == chain and model.criticality in HIGH for model in estate.models.values())
    return (own.high_risk or own.keep) if high else own.keep, high


def _due(tx: Tx, desk: Desk, now: datetime) -> Iterator[Due]:
    kept: frozenset[str] | None = None
    for chain in log.chains(tx.sql):
        span, high = policy(desk, chain)
        last = retaining.until(tx, chain, now - span) if span else 0
        if span is None or not last:
            continue
        kept = kept_subjects(tx) if kept is None else kept
        if count := retaining.blankable(tx, chain, last, kept):
            yield Due(chain, span, high, now - span, last, count, kept)


def _longest(desk: Desk, span: timedelta) -> timedelta:
    """Of messages nobody could read it is not known whose they are."""
    return max(span, desk.settings.audit.high_risk or span)
