"""Breaking the glass: whether one person may change production alone, and who looks at it afterwards."""

from collections.abc import Collection
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.model.runbook import Action
from bot.model.verdict import Verdict

SHORTEST = 10  #: characters of a reason
MORNING = time(9)  #: of the entity's own day, when the review is due
SATURDAY = 5


def may_break(action: Action | None, reason: str) -> Verdict:
    """Whether `action` of the runbook (None: it has none) may be done by one person alone, for `reason`."""
    if action is None or not action.break_glass:
        return Verdict.NO_GLASS
    return Verdict.GO if len(" ".join(reason.split())) >= SHORTEST else Verdict.NO_REASON


def may_review(person: str | None, requester: str, reviewers: Collection[str], *, reviewed: bool) -> Verdict:
    """Whether `person` (None: nobody we know) may note that they looked at a change `requester` made alone."""
    if person is None:
        return Verdict.STRANGER
    if person == requester:
        return Verdict.OWN_REVIEW
    if person not in reviewers:
        return Verdict.LEADS_ONLY
    return Verdict.ALREADY if reviewed else Verdict.GO


def review_due(at: datetime, zone: str) -> datetime:
    """09:00 of the first working day after the day of `at`, by the clocks of `zone`."""
    local = at.astimezone(ZoneInfo(zone))
    day = local.date() + timedelta(days=1)
    while day.weekday() >= SATURDAY:
        day += timedelta(days=1)
    return datetime.combine(day, MORNING, ZoneInfo(zone)).astimezone(at.tzinfo)
