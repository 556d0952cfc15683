"""When somebody is reminded of a follow-up, and how late it is: pure. A due day is a day; mornings are the reader's."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from bot.errors import BadInput
from bot.model.postmortem import Doing, FollowUp
from bot.rules import window

MORNING = time(9)  #: of the reader's own day
EVENING = time(18)  #: after it a reminder that comes late waits for the next morning
DAY = timedelta(days=1)
WEEK = timedelta(days=7)
FURTHEST = timedelta(days=730)  #: ahead; what is due later is nobody's plan


def day(typed: str, zone: str, now: datetime) -> datetime:
    """The day that is meant by 2026-12-01, or by 2w or 10d from today in `zone`: its midnight in UTC. BadInput."""
    today = now.astimezone(ZoneInfo(zone)).date()
    said = typed.strip()
    try:
        found = date.fromisoformat(said)
    except ValueError:
        found = _ahead(said, today)
    if found < today:
        raise BadInput(f"{found} is over.", "Choose a day that is still to come.")
    if found - today > FURTHEST:
        raise BadInput(f"{found} is too far away.", f"A follow-up is due within {FURTHEST.days} days.")
    return datetime(found.year, found.month, found.day, tzinfo=UTC)


def _ahead(said: str, today: date) -> date:
    try:
        return today + window.span(said)
    except (BadInput, OverflowError):
        raise BadInput(f"{said[:40]!r} is no day.", "Write it as 2026-12-01, or as 10d or 2w from today.") from None


def late(follow_up: FollowUp, now: datetime) -> int:
    """Whole days since the day it was due; 0 or less: it is not late. A day ends in UTC."""
    return (now.date() - follow_up.due_at.date()).days if follow_up.due_at else 0


def overdue(follow_up: FollowUp, now: datetime) -> bool:
    """Whether it is open and its day is over."""
    return follow_up.standing is Doing.OPEN and late(follow_up, now) > 0


def next_bell(follow_up: FollowUp, zone: str, every: timedelta, after: datetime) -> datetime:
    """The first morning after `after` on which somebody is to hear of it, in UTC."""
    return next(bell for bell in _bells(follow_up, zone, every) if bell > after)


def due(follow_up: FollowUp, zone: str, every: timedelta, now: datetime) -> bool:
    """Whether a morning has come on which somebody is to hear of it, and nobody has since."""
    last = max(filter(None, (follow_up.changed_at, follow_up.reminded_at)))
    return follow_up.standing is Doing.OPEN and next_bell(follow_up, zone, every, last) <= now


def neglected(follow_up: FollowUp, now: datetime) -> bool:
    """Whether it has been late for a week, so that the team's lead is to hear of it, who has not yet."""
    if follow_up.due_at is None or late(follow_up, now) < WEEK.days:
        return False
    told = follow_up.reminded_at
    return told is None or (told.date() - follow_up.due_at.date()).days < WEEK.days


def waking(now: datetime, zone: str) -> datetime:
    """The first moment from `now` on that is no night in `zone`, in UTC."""
    here = now.astimezone(ZoneInfo(zone))
    if MORNING <= here.time() < EVENING:
        return now
    return _morning(here.date() + (DAY if here.time() >= EVENING else timedelta(0)), zone)


def _bells(follow_up: FollowUp, zone: str, every: timedelta) -> Iterator[datetime]:
    """A day before, on the day, then `every` so often; where nobody owns it or no day is set, from the next day on."""
    step = max(WEEK, timedelta(days=every.days))
    if follow_up.due_at and follow_up.owner:
        first = follow_up.due_at.date()
        yield _morning(first - DAY, zone)
    else:
        first = follow_up.changed_at.date() + DAY
    for times in count():
        yield _morning(first + times * step, zone)


def _morning(day: date, zone: str) -> datetime:
    where = ZoneInfo(zone)
    return datetime.combine(day, MORNING, where).astimezone(UTC)
