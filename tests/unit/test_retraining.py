"""Whether, on which data and at what price a model is retrained, in frozen time."""

from datetime import UTC, datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import Refused
from bot.model.retraining import Budget, Policy, Training
from bot.rules import retraining
from bot.rules.retraining import Case, Obstacle, Reason, Span, Window

NOW = datetime(2026, 11, 23, 3, 38, 20, tzinfo=UTC)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
POLICY = Policy(window=10 * DAY, label_delay=2 * DAY, cooldown=DAY, cost=40.0)
SINCE, UNTIL = NOW - 12 * DAY, NOW - 2 * DAY


def ended(ago: timedelta, cost: float | None = 10.0, *, done: bool = True, foreseen: float | None = None) -> Training:
    return Training("RUN-0", NOW - ago, done, cost, foreseen)


def between(start: float, end: float) -> Span:
    """A span in days since the data begins."""
    return SINCE + start * DAY, SINCE + end * DAY


# Which data.


def test_all_of_it_is_wanted_that_is_old_enough_to_be_labelled() -> None:
    assert retraining.window(POLICY, NOW, []) == Window(SINCE, UNTIL)
    assert retraining.reach(POLICY, NOW) == (SINCE, UNTIL)
    assert Window(SINCE, UNTIL).clean == 10 * DAY


def test_what_is_spoiled_is_left_out_in_order_and_in_one_piece() -> None:
    found = retraining.window(POLICY, NOW, [between(6, 7), between(2, 3), between(2.5, 4), between(4, 4.5)])
    assert found == Window(SINCE, UNTIL, (between(2, 4.5), between(6, 7)))
    assert found.clean == 6.5 * DAY


def test_a_fault_at_an_end_makes_it_shorter() -> None:
    found = retraining.window(POLICY, NOW, [between(-5, 1), between(9, 30)])
    assert found == Window(*between(1, 9))


def test_a_fault_outside_it_changes_nothing() -> None:
    assert retraining.window(POLICY, NOW, [between(-2, 0), between(10, 12), between(5, 5)]) == Window(SINCE, UNTIL)


def test_where_nothing_clean_is_left_it_says_so() -> None:
    with pytest.raises(Refused) as refused:
        retraining.window(POLICY, NOW, [between(0, 6), between(5, 10)])
    assert str(refused.value) == (
        "There is no clean data from 2026-11-11 03:38 UTC until 2026-11-21 03:38 UTC: all that time it was broken, "
        "late or missing. Widen `retrain.window`, or wait until enough has come in since."
    )
    assert not refused.value.retry


spans = st.lists(st.tuples(st.integers(-30, 300), st.integers(-30, 300)), max_size=8).map(
    lambda found: [(SINCE + start * HOUR, SINCE + end * HOUR) for start, end in found]
)


@given(spans)
def test_exactly_what_is_clean_is_learnt_from(spoiled: list[Span]) -> None:
    wanted = {
        at
        for at in (SINCE + hour * HOUR for hour in range(240))
        if not any(start <= at < end for start, end in spoiled)
    }
    try:
        found = retraining.window(POLICY, NOW, spoiled)
    except Refused:
        assert not wanted
        return
    used = {
        at
        for at in (SINCE + hour * HOUR for hour in range(-40, 320))
        if found.since <= at < found.until and not any(start <= at < end for start, end in found.excluded)
    }
    assert used == wanted
    assert found.clean == len(wanted) * HOUR
    edges = [found.since, *(edge for span in found.excluded for edge in span), found.until]
    assert edges == sorted(set(edges))  # in order, apart, and within


# Whether.


def case(*trainings: Training, policy: Policy | None = POLICY, by_itself: bool = False) -> Case:
    return Case("churn", policy, trainings, by_itself=by_itself)


def test_nothing_stands_in_the_way_of_the_first_one() -> None:
    assert retraining.may(case(), NOW) is None


def test_a_model_without_a_policy_is_not_retrained() -> None:
    assert retraining.may(case(Training("RUN-1"), policy=None), NOW) == Reason(
        Obstacle.NO_POLICY, "churn has no `retrain` in config/estate.yaml.", "Say there how it is retrained."
    )


def test_one_that_goes_on_is_waited_for() -> None:
    found = retraining.may(case(ended(HOUR), *(Training(f"RUN-{number}") for number in range(5))), NOW)
    assert found is not None
    assert found.obstacle is Obstacle.RUNNING
    assert found.what == "churn is being retrained already: RUN-0, RUN-1, RUN-2 and 2 more."


def test_after_a_run_it_rests_until_a_time_that_is_told() -> None:
    found = retraining.may(case(ended(5 * DAY), ended(HOUR)), NOW)
    assert found == Reason(
        Obstacle.COOLDOWN,
        "The last run of churn ended at 2026-11-23 02:38 UTC, and it rests for 1d after one.",
        "Try again at 2026-11-24 02:39 UTC.",  # not a second too early
        NOW + 23 * HOUR,
    )
    sharp = retraining.may(case(ended(HOUR + timedelta(seconds=20))), NOW)
    assert sharp is not None
    assert sharp.do == "Try again at 2026-11-24 02:38 UTC."
    assert retraining.may(case(ended(DAY - timedelta(seconds=1))), NOW) is not None
    assert retraining.may(case(ended(DAY)), NOW) is None


def test_what_broke_off_may_be_tried_again_by_people_alone() -> None:
    broken = ended(HOUR, done=False)
    assert retraining.may(case(broken), NOW) is None
    found = retraining.may(case(broken, by_itself=True), NOW)
    assert found is not None
    assert found.obstacle is Obstacle.COOLDOWN


def test_a_fault_that_became_known_after_the_proposal_stops_it() -> None:
    data = retraining.window(POLICY, NOW, [between(2, 3), between(9, 10)])
    known = Case("churn", POLICY, data=data, spoiled=[between(2, 3), between(2.2, 2.8), between(9, 12)])
    assert retraining.may(known, NOW) is None
    late = Case("churn", POLICY, data=data, spoiled=[between(2, 3), between(6, 7)])
    assert retraining.may(late, NOW) == Reason(
        Obstacle.SPOILED,
        "The data of churn was broken, late or missing from 2026-11-17 03:38 UTC until 2026-11-18 03:39 UTC, and this "
        "run would learn from it.",
        "Propose it again: that span is left out then.",
    )
    for grown in (between(2, 3.5), between(1.5, 3)):
        found = retraining.may(Case("churn", POLICY, data=data, spoiled=[grown]), NOW)
        assert found is not None
        assert found.obstacle is Obstacle.SPOILED


@given(spans, spans)
def test_a_window_that_was_just_made_is_never_spoiled_and_an_older_one_only_by_what_it_would_learn(
    before: list[Span], since: list[Span]
) -> None:
    try:
        data = retraining.window(POLICY, NOW, before)
    except Refused:
        return
    assert retraining.may(Case("churn", POLICY, data=data, spoiled=before), NOW) is None
    learnt = any(
        data.since <= at < data.until
        and not any(start <= at < end for start, end in data.excluded)
        and any(start <= at < end for start, end in since)
        for at in (SINCE + hour * HOUR for hour in range(240))
    )
    found = retraining.may(Case("churn", POLICY, data=data, spoiled=since), NOW)
    assert (found is not None) == learnt


# At what price.


def test_the_last_five_that_ran_through_tell_what_the_next_one_costs() -> None:
    runs = [ended(day * DAY, cost) for day, cost in enumerate([30.0, 10.0, 20.0, 50.0, 40.0, 1000.0, 1000.0], start=1)]
    assert retraining.expected(reversed(runs), POLICY) == 30.0
    assert retraining.expected(runs[:2], POLICY) == 20.0


@pytest.mark.parametrize(
    "told",
    [
        ended(HOUR, 3.0, done=False),
        ended(HOUR, None),
        ended(HOUR, float("nan")),
        ended(HOUR, float("inf")),
        ended(HOUR, -5.0),
        Training("RUN-1", None, False, 7.0),
    ],
)
def test_one_that_tells_nothing_of_a_whole_one_is_not_counted(told: Training) -> None:
    assert retraining.expected([told], POLICY) == 40.0
    assert retraining.expected([told], Policy()) is None
    assert retraining.expected([told, ended(DAY, 12.0)], POLICY) == 12.0


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=12))
def test_what_is_expected_lies_among_the_last_five(costs: list[float]) -> None:
    runs = [ended(number * HOUR, cost) for number, cost in enumerate(costs)]
    assert retraining.expected(runs, POLICY) == pytest.approx(median(costs[:5]), abs=1e-4)


def test_a_month_begins_at_midnight_where_the_entity_is() -> None:
    istanbul, samoa = ZoneInfo("Europe/Istanbul"), ZoneInfo("Pacific/Apia")
    assert retraining.month(NOW, istanbul) == datetime(2026, 10, 31, 21, tzinfo=UTC)
    late = datetime(2026, 11, 30, 22, tzinfo=UTC)  # December has begun there
    assert retraining.month(late, istanbul) == datetime(2026, 11, 30, 21, tzinfo=UTC)
    assert retraining.month(late, ZoneInfo("UTC")) == datetime(2026, 11, 1, tzinfo=UTC)
    assert retraining.month(late, samoa) == datetime(2026, 11, 30, 11, tzinfo=UTC)


def test_a_month_that_began_before_the_clocks_were_set_began_by_the_clock_of_then() -> None:
    found = retraining.month(datetime(2026, 11, 23, tzinfo=UTC), ZoneInfo("America/New_York"))
    assert found == datetime(2026, 11, 1, 4, tzinfo=UTC)  # 00:00 EDT; the clocks went back at 02:00
    again = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)  # in Havana midnight came twice, and this is after the second
    assert retraining.month(again, ZoneInfo("America/Havana")) == datetime(2026, 11, 1, 4, tzinfo=UTC)


def test_all_that_ended_this_month_is_spent_and_what_goes_on_is_held_back() -> None:
    since = NOW - 20 * DAY
    runs = [
        ended(20 * DAY, 1.0),
        ended(20 * DAY + MINUTE, 1000.0),  # the month before
        ended(DAY, 5.0, done=False, foreseen=40.0),  # it broke off, and is paid for
        ended(DAY, None, foreseen=40.0),
        ended(DAY, float("nan")),
        Training("RUN-1", None, cost=3.0, foreseen=40.0),
        Training("RUN-2", None, cost=60.0, foreseen=40.0),
        Training("RUN-3"),
    ]
    assert retraining.spent(runs, since) == 1 + 5 + 40 + 40 + 60
    assert retraining.left(Budget(500.0), 146.0) == 354.0
    assert retraining.left(Budget(100.0), 146.0) == -46.0


@pytest.mark.parametrize(
    ("cost", "rest", "beyond"),
    [
        (40.0, None, False),
        (None, None, False),
        (40.0, 40.0, False),
        (40.01, 40.0, True),
        (0.0, 0.0, False),
        (0.0, -1.0, True),
        (None, 1000.0, True),
        (float("nan"), 1000.0, True),
        (float("-inf"), 1000.0, True),
    ],
)
def test_what_is_not_known_to_fit_is_over_budget(cost: float | None, rest: float | None, beyond: bool) -> None:
    assert retraining.over(cost, rest) is beyond


@given(st.integers(0, 100_000), st.integers(0, 100_000))
def test_a_budget_can_be_used_up_to_the_last_cent(used: int, cost: int) -> None:
    rest = retraining.left(Budget((used + cost) / 100), used / 100)
    assert not retraining.over(cost / 100, rest)
    assert retraining.over((cost + 1) / 100, rest)


# Who.


@pytest.mark.parametrize(
    ("base", "over", "count"), [(0, False, 0), (0, True, 1), (1, True, 2), (2, False, 2), (2, True, 3)]
)
def test_beyond_the_budget_one_more_must_agree(base: int, over: bool, count: int) -> None:
    assert retraining.needs(base, over) == count
