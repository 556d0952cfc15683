"""When an incident's step may not fire yet: it gathers alerts first, or the hours are quiet for its severity."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot import documents
from bot.engine.desk import Desk
from bot.model.entry import Entry
from bot.model.incident import Incident, turn
from bot.model.job import Lane, NewJob
from bot.rules import quiet, stages, turns
from bot.store import Tx, jobs

BY_HAND = "hand/"  #: how the keys of incidents begin that a person declared: those never wait
GRACE = timedelta(minutes=1)  # a digest lists what waited and has it paged; late or broken, it keeps nobody longer


@dataclass(frozen=True, slots=True)
class Wait:
    """Until when, and why in one sentence; `hours` where it is for quiet."""

    until: datetime
    why: str
    hours: quiet.Hours | None = None


def asked(desk: Desk, incident: Incident, now: datetime) -> Wait | None:
    """What the next step of `incident` has to wait for; None: it may fire."""
    if incident.key.startswith(BY_HAND):
        return None
    book = desk.runbooks.get(incident.runbook)
    gathering = book.group.wait if book and incident.step == 0 else timedelta(0)
    ready = max(now, incident.opened_at + gathering)
    if hours := _quiet(desk, incident, ready):
        return Wait(hours.end, _said(desk, incident, hours), hours)
    if ready > now:
        return Wait(ready, f"It gathers alerts for {documents.written(gathering)} first.")
    return None


def first(tx: Tx, desk: Desk, incident: Incident, now: datetime) -> Incident:
    """An incident that opens: waiting, with its timer put down, or as it is, so that its first step fires at once."""
    if shadow := would(desk, incident, now):
        rule, why = shadow
        incident = shadowed(tx, incident, rule, "quiet", why, now)
    wait = asked(desk, incident, now)
    if wait is None:
        return incident
    waiting = replace(incident, waits=wait.why, next_step_at=wait.until)
    _put_down(tx, waiting, wait, now)
    return waiting


def would(desk: Desk, incident: Incident, now: datetime) -> tuple[str, str] | None:
    """The rule in shadow that would have it wait, by its name, and what that would do in one sentence."""
    hours = _quiet(desk, incident, now, shadow=True)
    return (hours.rule.name, f"It would have waited: {_said(desk, incident, hours)}") if hours else None


def put_off(tx: Tx, before: Incident, wait: Wait) -> Incident:
    """The incident, to be saved, whose due step waits."""
    after = turn(before, tx.now, waits=wait.why, next_step_at=wait.until)
    _put_down(tx, after, wait, tx.now)
    return after


def over(desk: Desk, incident: Incident, now: datetime) -> bool:
    """Whether an incident that waits need not any more, since it has become graver."""
    if not incident.waits or not incident.open or incident.next_step_at is None:
        return False
    wait = asked(desk, incident, now)
    if wait is None and incident.step and stages.staged(incident.policy):
        return False  # its policy says to wait, however grave it is
    return wait is None or wait.until < incident.next_step_at


def calm(desk: Desk, incident: Incident) -> timedelta:
    """How long nothing may fire before an incident ends by itself."""
    book = desk.runbooks.get(incident.runbook)
    return book.calm.after if book and not book.calm.shadow else timedelta(0)


def shadowed(tx: Tx, incident: Incident, rule: str, cause: str, why: str, now: datetime) -> Incident:
    """Put down what a rule in shadow would have done; the incident says so, too."""
    after = {"rule": rule, "cause": cause}
    tx.note(Entry(incident.entity, "noise.shadowed", now, "tocsin", incident.id, why, after=after))
    return replace(incident, why=f"{incident.why} In shadow: {why}".strip())


def timer(incident: Incident, due: datetime, **more: str) -> NewJob:
    """The timer of the step after the one that was fired last."""
    payload = {"incident": incident.id, "step": incident.step, **more}
    return NewJob(f"step/{incident.id}/{incident.step}", "step", Lane.STATE, due, payload)


def _put_down(tx: Tx, incident: Incident, wait: Wait, now: datetime) -> None:
    after = {"until": wait.until.isoformat(), "step": incident.step}
    tx.note(Entry(incident.entity, "incident.waits", now, "tocsin", incident.id, wait.why, after=after))
    if wait.hours is None:
        jobs.put(tx, timer(incident, wait.until))
        return
    said = {"entity": incident.entity, "since": wait.hours.start.isoformat(), "until": wait.until.isoformat()}
    key = f"digest/{incident.entity}/{wait.until.isoformat()}"
    jobs.put(tx, timer(incident, wait.until + GRACE), NewJob(key, "digest", Lane.STATE, wait.until, said))


def _quiet(desk: Desk, incident: Incident, at: datetime, *, shadow: bool = False) -> quiet.Hours | None:
    own = desk.settings
    if not own.noise.quiet:
        return None
    return quiet.hours(own.noise, incident.severity, incident.entity, zone(desk, incident.entity), at, shadow=shadow)


def _said(desk: Desk, incident: Incident, hours: quiet.Hours) -> str:
    until = hours.end.astimezone(turns.zone(zone(desk, incident.entity)))
    return f"Quiet hours ({hours.rule.name}) for {incident.severity} until {until:%Y-%m-%d %H:%M %Z}."


def zone(desk: Desk, entity: str) -> str:
    """The name of the zone in which an entity's hours are meant."""
    known = desk.settings.estate.entities.get(entity)
    return known.timezone if known else "UTC"
