"""An incident of which nothing fires any more: it ends, or stays open until that has lasted as its runbook asks."""

from datetime import datetime

from bot import documents
from bot.engine import deed, escalate, notes, postmortem_wanted, release, waiting
from bot.engine.desk import Desk
from bot.model.entry import Entry
from bot.model.incident import ENDED, Incident, Phase, close, turn
from bot.model.job import Job, Lane, NewJob
from bot.store import Tx, incidents, jobs


def settle(desk: Desk, incident: Incident, now: datetime) -> Incident:
    """The incident after its last alert resolved: ended, or calm since now."""
    return turn(incident, now, calm_since=now) if waiting.calm(desk, incident) else close(incident, ENDED, now)


def stir(incident: Incident, now: datetime) -> Incident:
    """A calm incident that fires again; the time it was calm does not count towards its next step."""
    since, due = incident.calm_since, incident.next_step_at
    if since and due and not incident.waits:
        due += now - since
    return turn(incident, now, calm_since=None, next_step_at=due)


def put_down(tx: Tx, desk: Desk, before: Incident | None, after: Incident, now: datetime) -> None:
    """Note that an incident calmed down or fires again, and ask for what follows; `before` None: it opened just now."""
    if not after.open:
        if before is None or before.open:
            _shadow(tx, desk, after, now)
            postmortem_wanted.ask(tx, desk, after)
        return
    if after.calm_since == (before.calm_since if before else None):
        return
    if after.calm_since:
        until = after.calm_since + waiting.calm(desk, after)
        why = f"Nothing fires any more; it ends if that lasts until {until:%Y-%m-%d %H:%M} UTC."
        tx.note(
            Entry(after.entity, "incident.calmed", now, "tocsin", after.id, why, after={"until": until.isoformat()})
        )
        jobs.put(tx, _end(after, until))
        return
    tx.note(Entry(after.entity, "incident.stirred", now, "tocsin", after.id, "It fires again."))
    due = after.next_step_at
    if after.phase is Phase.TRIGGERED and due and not after.storm:
        # An earlier timer may still be due: it must not ring before its time.
        jobs.put(tx, waiting.timer(after, max(due, now), not_before=due.isoformat()))


def ring(tx: Tx, desk: Desk, job: Job) -> None:
    """End the incident if it was calm for long enough; whether it still is, is read now."""
    before = incidents.get(tx, str(job.payload["incident"]), lock=True)
    if not before.open or before.calm_since is None:
        return
    until = before.calm_since + waiting.calm(desk, before)
    if until > tx.now:
        jobs.put(tx, _end(before, until))
        return
    after = close(before, ENDED, tx.now)
    tx.note(notes.ended(before, after, tx.now))
    incidents.save(tx, [(before, after)])
    deed.close_pages(tx, after)
    release.closed(tx, after)
    postmortem_wanted.ask(tx, desk, after)
    escalate.redraw(tx, after, tx.now)


def _shadow(tx: Tx, desk: Desk, incident: Incident, now: datetime) -> None:
    book = desk.runbooks.get(incident.runbook)
    if book and book.calm.shadow and book.calm.after and incident.resolution == ENDED:
        why = f"It would have stayed open until nothing had fired for {documents.written(book.calm.after)}."
        waiting.shadowed(tx, incident, incident.runbook, "calm", why, now)


def _end(incident: Incident, due: datetime) -> NewJob:
    return NewJob(f"calm/{incident.id}", "calm", Lane.STATE, due, {"incident": incident.id})
