"""How regulatory clocks are told: what each is for, how long is left, and how it ended; flags for legal, no advice."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from bot import words
from bot.engine import forbidden, windows
from bot.engine.desk import Desk
from bot.model.incident import Incident
from bot.model.serious import Clock, Duty, Standing
from bot.rules import serious, written
from bot.store import Tx, clocks
from bot.words import Words

WHY, TITLE = 300, 200  # characters of a reason, and of what a duty or a law is called
Owed = tuple[Clock, Duty]  #: a clock and what it is for


def owed(desk: Desk, found: Iterable[Clock]) -> tuple[Owed, ...]:
    """Those that run, the first to fall due first, each with what it is for."""
    return tuple((clock, duty(desk, clock)) for clock in serious.nearest(found))


def running(tx: Tx, desk: Desk) -> tuple[Owed, ...]:
    """The same, of every incident."""
    return owed(desk, clocks.running(tx))


def duty(desk: Desk, clock: Clock) -> Duty:
    """What a clock is for."""
    return serious.duty(desk.settings.audit.regimes, clock)


def named(of: Duty, w: Words) -> str:
    """`Report to the market surveillance authority (AI Act, Art. 73)`."""
    title = written.line(of.title, TITLE)
    return words.fill(w.serious.duty, title=title, source=written.line(of.source, TITLE)) if of.source else title


def left(clock: Clock, now: datetime, w: Words) -> str:
    """`14 d 23 h`: until it is due, or since."""
    days, hours, _ = serious.left(clock, now)
    if days:
        return words.fill(w.serious.days, days=days, hours=hours)
    return words.fill(w.serious.hours, hours=hours) if hours else w.serious.soon


def due(one: Owed, now: datetime, zone: str, w: Words) -> str:
    """How it stands with a clock that runs, in one sentence."""
    clock, of = one
    template = w.serious.over if serious.left(clock, now)[2] else w.serious.due
    return words.fill(template, duty=named(of, w), left=left(clock, now, w), when=windows.clock(clock.due_at, zone))


def stands(one: Owed, now: datetime, zone: str, w: Words) -> str:
    """How it stands with any clock, in one sentence."""
    clock, of = one
    if clock.standing is Standing.RUNNING:
        return due(one, now, zone, w)
    template = {Standing.MET: w.serious.met, Standing.LATE: w.serious.late}.get(clock.standing, w.serious.dropped)
    parts = {"duty": named(of, w), "who": who(clock), "due": windows.clock(clock.due_at, zone)}
    at = windows.clock(clock.settled_at or clock.since, zone)
    why = written.line(clock.why, WHY)
    return words.fill(template, **parts, when=at, reference=written.line(clock.reference, WHY), why=why)


def who(clock: Clock) -> str:
    """Who settled it, or marked it, by name."""
    by = clock.settled_by or clock.by
    return by.partition(":")[2] or by


def offer(tx: Tx, desk: Desk, incident: Incident, regimes: Sequence[str], w: Words) -> str:
    """What legal is to look at where nothing forbids changes yet; empty where a legal hold is in force."""
    if forbidden.holding(tx, desk, incident.id, incident.model):
        return ""
    known = [regime for regime in desk.settings.audit.regimes if regime.name in regimes]
    act = any(each.source.startswith("AI Act") for regime in known for each in regime.duties)
    return words.fill(w.serious.offer if act else w.serious.offer_any, incident=incident.id)
