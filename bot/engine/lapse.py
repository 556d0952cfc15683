"""What its monitor would have sent again if it still fired, and did not, is over.

Prometheus sends every firing alert again and again, each time with the moment until which it counts. Nothing but a
sweep of each minute looks at those moments, so that a repeat costs one row and no timer.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.contract.source import Delivery
from bot.engine import intake, work
from bot.engine.desk import Desk
from bot.errors import Conflict
from bot.model.alert import Alert, Status
from bot.model.job import Job, Lane, NewJob
from bot.store import Tx, jobs, lapses

KIND = "lapse"
REST = timedelta(minutes=5)  # after a start: senders could not reach us, and Prometheus' slowest rules take this long
AGAIN = timedelta(minutes=1)  # until the next clean evaluation, where the runbook wants more than one
MANY = 200  # in one transaction


def recur(tx: Tx, now: datetime) -> None:
    """Ask for a sweep where something ran out."""
    if lapses.any_due(tx, now):
        jobs.put(tx, NewJob(KIND, KIND, Lane.STATE, now))


class Lapses:
    """The handler of the sweep."""

    def __init__(self, desk: Desk) -> None:
        """Its start is the bot's own: before that nobody could be heard."""
        self._desk = desk
        self._since = desk.clock.now()

    async def sweep(self, job: Job) -> work.Outcome:
        """Resolve what ran out; but not right after a start, when its sender had no chance to be heard."""
        now = self._desk.clock.now()
        if now < self._since + REST:
            return work.Later(self._since + REST, "senders could not reach us before we started", tried=False)
        while await self._desk.store.write(lambda tx: resolve(tx, self._desk, now)) == MANY:
            pass
        return work.Done()


def resolve(tx: Tx, desk: Desk, now: datetime) -> int:
    """Book what ran out by `now` as resolved, at most MANY; returns how many were looked at.

    Conflict when one of them was told of again meanwhile.
    """
    found = lapses.due(tx, now, MANY)
    ended = [(one, _over(one.alert, one.until)) for one in found if one.alert is not None]
    arrived = [intake.Arrived(one.connection, Delivery(alerts=(alert,))) for one, alert in ended]
    receipts = intake.book(tx, desk, arrived, now) if arrived else []
    # A runbook may want several clean evaluations in a row: then the first of them is only counted.
    counted = {one.problem for (one, _), receipt in zip(ended, receipts, strict=True) if receipt.repeat}
    rest = [one for one in found if one.problem in counted]
    same = lapses.forget(tx, [one for one in found if one.problem not in counted])
    if not (lapses.put_off(tx, rest, now + AGAIN) and same):
        raise Conflict("An alert was sent again just now.", "Look again.")
    return len(found)


def _over(alert: Alert, at: datetime) -> Alert:
    """As its monitor would have resolved it."""
    return replace(alert, status=Status.RESOLVED, ended_at=at, evaluated_at=None)
