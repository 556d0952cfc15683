"""What samples and alerts say after a change: recovered, worse, or nothing yet; and on what that rests."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.alert import Alert, KeptAlert, Kind, Measure, Status
from bot.rules import recovery
from bot.rules.recovery import Recovery, Sample

AT = datetime(2026, 11, 24, 2, 14, tzinfo=UTC)


def heard(*values: float, op: str = "<", limit: float = 0.8, feature: str = "", first: int = 0) -> list[Sample]:
    """Samples a minute apart."""
    return [
        Sample(AT + timedelta(minutes=first + n), "hook:auc", Measure("auc", value, limit, op, feature=feature or None))
        for n, value in enumerate(values)
    ]


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ([0.6], [], None),
        ([0.6], [0.9, 0.9], None),  # two are not enough
        ([0.6], [0.9, 0.9, 0.9], Recovery.RECOVERED),
        ([0.6], [0.5, 0.9, 0.85, 0.81], Recovery.RECOVERED),  # the last three
        ([0.6], [0.9, 0.9, 0.7], None),
        ([0.6], [0.5, 0.5], None),
        ([0.6], [0.5, 0.4, 0.59], Recovery.WORSE),
        ([0.6], [0.5, 0.4, 0.6], None),  # as bad as before is not worse
        ([0.9], [0.85, 0.84, 0.83], Recovery.RECOVERED),  # nearer to its limit, yet within it
        ([], [0.5, 0.4, 0.3], None),  # nothing to compare with
        ([], [0.9, 0.9, 0.9], Recovery.RECOVERED),
    ],
)
def test_a_falling_metric(before: Sequence[float], after: Sequence[float], found: Recovery | None) -> None:
    assert recovery.judge("auc", heard(*before), heard(*after, first=10)).recovery is found
    # Its mirror: a rising metric is judged the same.
    up = [heard(*(-value for value in values), op=">", limit=-0.8) for values in (before, after)]
    assert recovery.judge("auc", *up).recovery is found


def test_it_says_how_many_and_which() -> None:
    good = recovery.judge("auc", heard(0.6), heard(0.7, 0.9, 0.85, 0.81, first=10))
    assert (good.samples, good.why) == (
        4,
        "auc is within its limit again: 0.9, 0.85, 0.81 (limit < 0.8) for hook:auc, 02:25:00 UTC to 02:27:00 UTC.",
    )
    few = recovery.judge("auc", heard(0.6), heard(0.9, first=10))
    assert few.why == "1 samples of auc were heard since it serves; 3 of one series are needed."
    assert recovery.judge("auc", heard(0.6), []).why == "No sample of auc was heard since it serves."


def test_one_series_alone_is_no_recovery_of_the_other() -> None:
    before = [*heard(0.6, feature="age"), *heard(0.6, feature="city")]
    good = heard(0.9, 0.9, 0.9, feature="age", first=10)
    assert recovery.judge("auc", before, good).recovery is None
    both = [*good, *heard(0.9, 0.9, 0.9, feature="city", first=10)]
    assert recovery.judge("auc", before, both).recovery is Recovery.RECOVERED
    worse = [*good, *heard(0.5, 0.5, 0.5, feature="city", first=10)]
    assert recovery.judge("auc", before, worse).recovery is Recovery.WORSE
    new = [*both, *heard(0.5, feature="income", first=20)]
    assert recovery.judge("auc", before, new).recovery is None


def test_what_cannot_be_compared_is_left_out() -> None:
    nothing = [Sample(AT, "hook:auc", Measure("auc", 0.4)) for _ in range(5)]
    assert recovery.judge("auc", heard(0.6), nothing).recovery is None
    said = [Sample(AT, "hook:auc", Measure("auc", 0.9, breached=False)) for _ in range(3)]
    assert recovery.judge("auc", heard(0.6), said).recovery is Recovery.RECOVERED


@given(st.lists(st.floats(0, 1), max_size=8), st.lists(st.floats(0, 1), max_size=8))
def test_it_never_claims_on_too_few(before: list[float], after: list[float]) -> None:
    found = recovery.judge("auc", heard(*before), heard(*after, first=20))
    assert found.recovery is None or len(after) >= recovery.ENOUGH
    if found.recovery is Recovery.RECOVERED:
        assert all(value >= 0.8 for value in after[-recovery.ENOUGH :])
    if found.recovery is Recovery.WORSE:
        assert all(value < min(before[-1], 0.8) for value in after[-recovery.ENOUGH :])


def kept(status: Status, ended: datetime | None) -> KeptAlert:
    """One of an incident's alerts."""
    alert = Alert("webhook", "hook", "hook:auc", "auc fell", status, Kind.PERFORMANCE, AT)
    return KeptAlert(alert, status, 0, AT, AT, ended)


def test_alerts_that_resolve_after_it_served_are_recovery() -> None:
    over, early = AT + timedelta(minutes=9), AT - timedelta(minutes=1)
    firing, resolved = kept(Status.FIRING, None), kept(Status.RESOLVED, over)
    assert recovery.ended([resolved, kept(Status.RESOLVED, early)], AT).recovery is Recovery.RECOVERED
    assert recovery.ended([resolved, firing], AT).recovery is None
    assert recovery.ended([], AT).recovery is None
    before = recovery.ended([kept(Status.RESOLVED, early)], AT)
    assert before.recovery is Recovery.INCONCLUSIVE
    assert "before the change served" in before.why
