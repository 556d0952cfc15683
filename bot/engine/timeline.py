"""What happened to an incident, one thing after the other: a reading of the log, and of what was changed elsewhere."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from bot.engine import annotate, course, left_out
from bot.engine.desk import Desk
from bot.engine.timeline_words import Scene, sentence
from bot.model.change import Change, Lock
from bot.model.entry import Entry, Sealed
from bot.model.incident import Incident
from bot.model.timeline import Line
from bot.rules import written
from bot.store import Tx, change_events, changes, history, incidents, log, moved, pages

DECIDED: Final = frozenset(
    {f"change.{verb}" for verb in ("proposed", "agreed", "approved", "rejected", "withdrawn", "expired", "unknown")}
)
#: Of a retrain the incident has entries of its own: its run and its verdict.
CAME: Final = DECIDED | {"change.seen", "change.done", "change.failed"}
#: What a document tells of a change beside that: who was asked, what was refused, what was frozen first.
ALSO: Final = frozenset(
    {f"change.{verb}" for verb in ("asked", "unasked", "ask_failed", "refused", "glass_broken", "reviewed", "applying")}
    | {"change.repeated", "evidence.frozen"}
)
MOST = 5_000  #: entries of one incident that are looked through
LATE = timedelta(minutes=2)  #: what was written down longer after it happened is marked
BEFORE = timedelta(hours=24)  #: how long before it opened changes elsewhere count; as the card has it
AFTER = timedelta(hours=1)  #: the same after it was resolved
EVENTS, HELD, NAME, ID = 200, 2_000, 80, 12
AGAIN = "alerts.received"


def of(tx: Tx, incident: Incident, limit: int) -> tuple[Sealed, ...]:
    """The newest `limit` entries, oldest first; those of a change say by their subject which one."""
    found = log.of(tx.sql, incident.id, limit)
    for change in changes.of_incident(tx, incident.id):
        kinds = DECIDED if change.plan.lock is Lock.TRAINING else CAME
        found += log.of_kinds(tx.sql, change.id, kinds)
    found.sort(key=lambda one: (one.recorded_at, one.entry.chain, one.seq))
    return tuple(found[-limit:] if limit else ())


async def lines(desk: Desk, typed: str, *, every: bool = False) -> tuple[Line, ...]:
    """Everything that happened, in the order in which it did; `every`: with what was hidden from documents. NotFound.

    At the same instant, the order of recording decides.
    """
    return await desk.store.read(lambda tx: lines_in(tx, desk, incidents.find(tx, typed), every=every))


def lines_in(tx: Tx, desk: Desk, incident: Incident, *, every: bool = False) -> tuple[Line, ...]:
    """The same within a transaction that reads more."""
    acts = changes_of(tx, desk, incident)
    sheets = {page.id: page for page in pages.of(tx, incident.id)}
    named = {one.id: act(one) for one in acts}
    scene = Scene(incident.id, lambda by: who(tx, desk, by), sheets, named, incident.title)
    told = [_line(each, scene) for each in entries(tx, incident, acts)]
    told += [*_events(tx, incident), *_moves(tx, incident, {one.at for one in told if one.kind == "model.moved"})]
    gone = left_out.of(tx, incident)
    found = sorted(told, key=lambda one: (one.at, one.recorded_at, one.chain, one.seq or 0))
    marked = (replace(one, hidden=one.ref in gone) for one in found)
    return tuple(one for one in marked if every or not one.hidden)


def entries(tx: Tx, incident: Incident, acts: Iterable[Change]) -> list[Sealed]:
    """The entries of the incident and of the changes made for it, and the alerts that it held back; no repeats."""
    found = [one for one in annotate.timeline(log.of(tx.sql, incident.id, MOST)) if _told(one.entry)]
    for change in acts:
        kinds = (DECIDED if change.plan.lock is Lock.TRAINING else CAME) | ALSO
        found += log.of_kinds(tx.sql, change.id, kinds)
    return [*found, *held(tx, incident)]


def changes_of(tx: Tx, desk: Desk, incident: Incident) -> list[Change]:
    """The changes made for it, and those of its model while it was open that are for no incident; oldest first."""
    found = {one.id: one for one in changes.of_incident(tx, incident.id)}
    model = desk.settings.estate.find(incident.model)
    until = incident.resolved_at or tx.now
    for one in changes.of_model(tx, model.name) if model else ():
        if one.incident is None and incident.opened_at <= one.requested_at <= until:
            found.setdefault(one.id, one)
    return sorted(found.values(), key=lambda one: (one.requested_at, int(one.id.removeprefix("CHG-"))))


def act(change: Change) -> str:
    """What a change does: rollback of churn to 6."""
    plan = change.plan
    to = "" if plan.lock is Lock.TRAINING else f" to {course.split(plan.after)}"
    return f"{plan.lever.value} of {plan.model}{to}"


def who(tx: Tx, desk: Desk, by: str) -> str:
    """What people call whoever did it: ada, Tocsin, monitor prom, a Slack user nobody knows by their id."""
    kind, _, name = by.partition(":")
    if by in ("tocsin", "schedule", ""):
        return "Tocsin"
    if by == "seen":
        return "somebody elsewhere"
    if kind == "slack":
        return desk.person(tx, by) or f"a Slack user ({name.rpartition('/')[2]})"
    names = {"connection": f"monitor {name}", "agent": f"agent {name}", "runbook": f"runbook {name}"}
    return written.line(names.get(kind, name or kind), NAME)


def _told(entry: Entry) -> bool:
    """Whether a document tells of it: not of what only repeats, nor of what was hidden or shown."""
    if entry.kind in left_out.KINDS:
        return False
    return entry.kind != AGAIN or bool(entry.after.get("new") or entry.after.get("resolved"))


def held(tx: Tx, incident: Incident) -> list[Sealed]:
    """The alerts that were held back because of it: what else its trouble looks like."""
    until = incident.resolved_at or tx.now
    found = history.sealed(tx, {"alert.held"}, incident.opened_at, until, HELD)
    return [one for one in found if one.entry.after.get("incident") == incident.id]


def _line(sealed: Sealed, scene: Scene) -> Line:
    entry, at = sealed.entry, sealed.recorded_at
    what = sentence(entry, scene) if not sealed.erased else f"(erased; see entry {sealed.erased})"
    ref, late = f"{entry.chain}/{sealed.seq}", at - entry.at > LATE
    return Line(
        entry.at, at, scene.who(entry.actor), what, entry.kind, ref, entry.chain, sealed.seq, entry.subject, late
    )


def _events(tx: Tx, incident: Incident) -> Iterator[Line]:
    """Deploys and the like that other systems told of, from a day before it opened until it was over."""
    until = incident.resolved_at or tx.now
    seen = replace(incident, opened_at=until)  # the window ends where it was resolved
    for event in change_events.before(tx, seen, until - incident.opened_at + BEFORE, EVENTS):
        by = written.line(event.source, NAME) or f"monitor {event.connection}"
        what = f"changed elsewhere: {written.line(event.summary, 300)}"
        yield Line(
            event.at,
            event.at,
            by,
            what,
            "event",
            f"event:{event.connection}/{event.id[:ID]}",
            subject=event.model or "",
        )


def _moves(tx: Tx, incident: Incident, known: set[datetime]) -> Iterator[Line]:
    """What the ledger knows to have served in that time and no entry tells: moves of others, before it opened, too."""
    first, last = incident.opened_at - BEFORE, (incident.resolved_at or tx.now) + AFTER
    for one in moved.listing(tx, incident.model or ""):
        if one.change is None and first <= one.at <= last and one.at not in known and one.why != "the first look":
            by = "somebody elsewhere" if one.by == "seen" else one.by.partition(":")[2] or one.by
            what = f"{one.model}: {course.split(one.serving)} serves from now on; no change of Tocsin did that."
            yield Line(one.at, one.at, by, what, "moved", f"moved:{one.at.isoformat()}", subject=one.model)
