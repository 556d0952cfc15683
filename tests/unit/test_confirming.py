"""K of the last N evaluations, clean ones in a row, and what counts as an evaluation."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.model.alert import Alert, Kind, Status
from bot.model.evaluation import Evaluation, History
from bot.model.held import Cause
from bot.model.noise import Confirm
from bot.rules import confirming

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
TWO_OF_THREE = Confirm(2, 3)


def at(minute: int) -> datetime:
    return NOON + timedelta(minutes=minute)


def said(breaches: bool, minute: int | None = None, *, status: Status | None = None) -> Alert:
    status = status or (Status.FIRING if breaches else Status.RESOLVED)
    looked = None if minute is None else at(minute)
    return Alert("t", "prom", "p", "t", status, Kind.DRIFT, NOON, evaluated_at=looked)


def history(*breached: bool) -> History:
    return tuple(Evaluation(at(minute), one) for minute, one in enumerate(breached))


def test_enough_of_the_last_must_breach() -> None:
    waits = [history(True), history(True, False, False, True), history(False), history()]
    for each in waits:
        hold = confirming.hold(TWO_OF_THREE, "drift", each, at(9))
        assert hold
        assert hold.cause is Cause.UNCONFIRMED
    for each in [history(True, True), history(True, False, True), history(False, True, True, False)]:
        assert confirming.hold(TWO_OF_THREE, "drift", each, at(9)) is None


def test_the_reason_counts() -> None:
    hold = confirming.hold(TWO_OF_THREE, "drift", history(True), at(9))
    assert hold
    assert hold.why == "Held by drift: 1 of its last 3 evaluations breached, and 2 must."


def test_where_nothing_more_is_heard_the_breach_counts_at_last() -> None:
    late = at(0) + confirming.UNHEARD
    assert confirming.hold(TWO_OF_THREE, "drift", history(True), late - timedelta(microseconds=1))
    assert confirming.hold(TWO_OF_THREE, "drift", history(True), late) is None


def test_one_look_counts_once_however_often_it_is_told() -> None:
    once = confirming.noted((), said(True, 3), at(9))
    assert once == (Evaluation(at(3), True),)
    assert confirming.noted(once, said(True, 3), at(10)) is once
    assert confirming.noted(once, said(False, 3), at(10)) is once


def test_where_the_monitor_does_not_say_each_delivery_is_one() -> None:
    one = confirming.noted((), said(True), at(9))
    assert confirming.noted(one, said(True), at(9)) == (Evaluation(at(9), True),) * 2


def test_a_late_one_takes_its_place_and_no_data_is_none() -> None:
    known = history(True, True, True)
    assert confirming.noted(known, said(False, 30, status=Status.NO_DATA), at(9)) is known
    late = confirming.noted((Evaluation(at(1), True), Evaluation(at(5), True)), said(False, 3), at(9))
    assert [one.breached for one in late] == [True, False, True]
    assert confirming.clean(late) == 0


@given(st.lists(st.tuples(st.booleans(), st.none() | st.integers(0, 40)), max_size=60))
def test_a_history_is_in_order_and_bounded(told: list[tuple[bool, int | None]]) -> None:
    known: History = ()
    for number, (breaches, minute) in enumerate(told):
        known = confirming.noted(known, said(breaches, minute), at(number))
    assert [one.at for one in known] == sorted(one.at for one in known)
    assert len(known) <= confirming.KEPT


@given(st.lists(st.booleans(), max_size=20))
def test_clean_ones_are_counted_from_the_last_back(breached: list[bool]) -> None:
    count = confirming.clean(history(*breached))
    assert not any(breached[len(breached) - count :])
    assert count == len(breached) or breached[len(breached) - count - 1]
