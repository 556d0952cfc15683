"""A change that nobody agreed to in time, or that was not begun in time, is over; its requester is told."""

from bot import words
from bot.engine import ask, course, escalate
from bot.engine.desk import Desk
from bot.model.change import Change, Step
from bot.model.job import Job, Lane, NewJob
from bot.store import Tx, changes, jobs

KIND = "expire"
WAITING = (Step.PROPOSED, Step.APPROVED)


def put(tx: Tx, change: Change) -> None:
    """Set the alarm for its end."""
    jobs.put(tx, NewJob(f"{KIND}/{change.id}", KIND, Lane.STATE, change.expires_at, {"change": change.id}))


def ring(tx: Tx, desk: Desk, job: Job) -> None:
    """End a change that still waits when its alarm rings; how far it has come is read then."""
    before = changes.get(tx, str(job.payload["change"]), lock=True)
    if before.step not in WAITING:
        return
    if before.expires_at > tx.now:
        put(tx, before)
        return
    why = "It was not applied in time." if before.step is Step.APPROVED else "Nobody agreed in time."
    course.end(tx, before, Step.EXPIRED, why)
    _tell(tx, desk, before)


def _tell(tx: Tx, desk: Desk, change: Change) -> None:
    person = ask.requester(change)
    w = ask.spoken(desk, person)
    template = w.asking.unapplied if change.step is Step.APPROVED else w.asking.expired
    text = words.fill(template, **ask.facts(change, w))
    known = person in desk.settings.people.persons  # automation is nobody
    to = f"person:{person}" if known else ask.channel(desk, change)
    escalate.owe(tx, f"{change.id}/expired", to, text, tx.now)
    jobs.put(tx, escalate.homes(tx.now))
