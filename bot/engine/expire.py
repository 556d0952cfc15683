"""A change that nobody agreed to in time, or that was not begun in time, is over; its requester is told."""

from bot import words
from bot.engine import ask, course, escalate, work
from bot.engine.desk import Desk
from bot.model.change import Change, Step
from bot.model.job import Job, Lane, NewJob
from bot.store import Tx, changes, jobs

KIND = "expire"
WAITING = (Step.PROPOSED, Step.APPROVED)


def put(tx: Tx, change: Change) -> None:
    """Set the alarm for its end."""
    jobs.put(tx, NewJob(f"{KIND}/{change.id}", KIND, Lane.STATE, change.expires_at, {"change": change.id}))


class Expiries:
    """The handler of the jobs `expire`."""

    def __init__(self, desk: Desk) -> None:
        """How far the change has come is read when the alarm rings."""
        self._desk = desk

    async def ring(self, job: Job) -> work.Outcome:
        """End it in the transaction that settles the alarm, so that it ends exactly once."""
        change = str(job.payload["change"])
        return work.Done(lambda tx: self._ring(tx, change))

    def _ring(self, tx: Tx, change_id: str) -> None:
        before = changes.get(tx, change_id, lock=True)
        if before.step not in WAITING:
            return
        if before.expires_at > tx.now:
            put(tx, before)
            return
        why = "It was not applied in time." if before.step is Step.APPROVED else "Nobody agreed in time."
        course.end(tx, before, Step.EXPIRED, why)
        self._tell(tx, before)

    def _tell(self, tx: Tx, change: Change) -> None:
        person = ask.requester(change)
        w = ask.spoken(self._desk, person)
        template = w.asking.unapplied if change.step is Step.APPROVED else w.asking.expired
        text = words.fill(template, **ask.facts(change, w))
        known = person in self._desk.settings.people.persons  # automation is nobody
        to = f"person:{person}" if known else ask.channel(self._desk, change)
        escalate.owe(tx, f"{change.id}/expired", to, text, tx.now)
        jobs.put(tx, escalate.homes(tx.now))
