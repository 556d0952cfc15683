"""Breaking the glass: where the runbook lets one, for a reason, and reviewed by another on the next working day."""

from datetime import UTC, datetime

import pytest

from bot.model.runbook import Action
from bot.model.verdict import Verdict
from bot.rules import glass

OPEN, SHUT = Action("rollback", break_glass=True), Action("rollback")


@pytest.mark.parametrize(
    ("action", "reason", "verdict"),
    [
        (OPEN, "nobody answers at 03:00", Verdict.GO),
        (OPEN, "ten chars!", Verdict.GO),
        (OPEN, "nine char", Verdict.NO_REASON),
        (OPEN, "", Verdict.NO_REASON),
        (OPEN, "   x      \n\t     ", Verdict.NO_REASON),
        (SHUT, "nobody answers at 03:00", Verdict.NO_GLASS),
        (None, "nobody answers at 03:00", Verdict.NO_GLASS),
        (None, "", Verdict.NO_GLASS),
    ],
)
def test_only_where_the_runbook_says_so_and_for_a_reason(action: Action | None, reason: str, verdict: Verdict) -> None:
    assert glass.may_break(action, reason) is verdict


@pytest.mark.parametrize(
    ("person", "reviewed", "verdict"),
    [
        (None, False, Verdict.STRANGER),
        ("ada", False, Verdict.OWN_REVIEW),
        ("ada", True, Verdict.OWN_REVIEW),
        ("dee", False, Verdict.LEADS_ONLY),
        ("cy", False, Verdict.GO),
        ("cy", True, Verdict.ALREADY),
    ],
)
def test_another_person_reviews_it(person: str | None, reviewed: bool, verdict: Verdict) -> None:
    assert glass.may_review(person, "ada", {"ada", "cy"}, reviewed=reviewed) is verdict


@pytest.mark.parametrize(
    ("zone", "broken", "due"),
    [
        ("UTC", "2026-11-23T03:38", "2026-11-24T09:00"),  # a Monday
        ("Europe/Istanbul", "2026-11-23T03:38", "2026-11-24T06:00"),
        ("Europe/Istanbul", "2026-11-23T22:00", "2026-11-25T06:00"),  # Tuesday there already
        ("UTC", "2026-11-27T12:00", "2026-11-30T09:00"),  # over the weekend
        ("UTC", "2026-11-28T12:00", "2026-11-30T09:00"),
        ("America/Chicago", "2026-10-30T12:00", "2026-11-02T15:00"),  # the clocks go back in between
    ],
)
def test_the_review_is_due_at_nine_of_the_next_working_day(zone: str, broken: str, due: str) -> None:
    at = datetime.fromisoformat(broken).replace(tzinfo=UTC)
    assert glass.review_due(at, zone) == datetime.fromisoformat(due).replace(tzinfo=UTC)
