"""Which clocks a regime starts, which warning is due, what is left, and which clock is meant."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import BadInput, BadMove
from bot.model.serious import REGIMES, Clock, Duty, Regime, Standing, move
from bot.rules import serious

AWARE = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def clock(within: timedelta = 4 * HOUR, step: str = "report", regime: str = "own") -> Clock:
    """One that runs."""
    one = Regime(regime, "Own", (Duty(step, "Tell them", within, "Rule 1"),))
    return serious.clocks(one, "INC-1", AWARE, "person:cy", "harm")[0]


def test_the_laws_that_come_with_it_have_the_times_of_their_articles() -> None:
    spans = {(one.name, each.step): each.within for one in REGIMES for each in one.duties}
    assert spans == {
        ("eu-ai-act", "report"): 15 * DAY,
        ("eu-ai-act-death", "report"): 10 * DAY,
        ("eu-ai-act-widespread", "report"): 2 * DAY,
        ("dora", "initial"): 4 * HOUR,
        ("dora", "aware"): DAY,
        ("dora", "intermediate"): 3 * DAY,
        ("nis2", "warning"): DAY,
        ("nis2", "notification"): 3 * DAY,
    }


@pytest.mark.parametrize(
    ("hours", "name", "ring"),
    [
        (0, None, None),
        (1.99, None, None),
        (2, "half", serious.HOLDER),
        (2.5, "half", serious.HOLDER),
        (3, "three-quarters", serious.LEAD),
        (4, "due", serious.WARDENS),
        (4.99, "due", serious.WARDENS),
        (5, "overdue-1", serious.WARDENS),
        (100.5, "overdue-96", serious.WARDENS),
    ],
)
def test_the_latest_warning_that_has_come_is_due(hours: float, name: str | None, ring: int | None) -> None:
    found = serious.warned(clock(), AWARE + hours * HOUR)
    assert (found and found.name, found and found.ring) == (name, ring)


def test_a_warning_is_given_once_and_those_that_come_ever_again_are_not_all_kept() -> None:
    one, now = clock(), AWARE + 6 * HOUR
    told = replace(one, told=serious.told(one, ["overdue-2", serious.MISSED], now))
    assert serious.warned(told, now) is None
    assert not serious.missed(told, now)
    later = serious.told(told, ["overdue-3"], now + HOUR)
    assert set(later) == {"missed", "overdue-3"}


def test_what_is_settled_warns_no_more() -> None:
    met = move(clock(), Standing.MET, AWARE + HOUR, "person:cy", "ref")
    assert serious.warned(met, AWARE + 9 * HOUR) is None
    assert serious.following(met, AWARE) is None
    assert not serious.missed(met, AWARE + 9 * HOUR)
    with pytest.raises(BadMove):
        move(met, Standing.RUNNING, AWARE, "person:cy")


def test_the_next_warning_is_always_ahead() -> None:
    one, now, seen = clock(), AWARE, []
    for _ in range(6):
        found = serious.following(one, now)
        assert found is not None
        assert found.at > now
        now = found.at
        seen.append(found.name)
    assert seen == ["half", "three-quarters", "due", "overdue-1", "overdue-2", "overdue-3"]


@pytest.mark.parametrize(
    ("within", "every"), [(4 * HOUR, HOUR), (DAY, 4 * HOUR), (2 * DAY, 8 * HOUR), (15 * DAY, DAY), (HOUR / 60, HOUR)]
)
def test_how_often_it_is_told_of_once_it_is_overdue(within: timedelta, every: timedelta) -> None:
    assert serious.again(clock(within)) == every


@pytest.mark.parametrize(
    ("gone", "left"),
    [
        (timedelta(0), (15, 0, False)),
        (timedelta(seconds=1), (14, 23, False)),
        (15 * DAY - HOUR, (0, 1, False)),
        (15 * DAY, (0, 0, False)),
        (15 * DAY + timedelta(seconds=1), (0, 0, True)),
        (16 * DAY + 2 * HOUR, (1, 2, True)),
    ],
)
def test_whole_days_and_hours_are_left(gone: timedelta, left: tuple[int, int, bool]) -> None:
    assert serious.left(clock(15 * DAY), AWARE + gone) == left


def test_what_is_left_says_something_else_exactly_when_it_is_to_be_drawn_anew() -> None:
    one, now = clock(4 * HOUR), AWARE
    for _ in range(12):
        at = serious.turns(one, now)
        assert at > now
        before, just = serious.left(one, max(now, at - timedelta(seconds=1))), serious.left(one, at)
        assert before != just, at
        now = at


def test_which_clock_is_meant() -> None:
    found = [clock(step="a", regime="one"), clock(step="b", regime="one"), clock(step="a", regime="two")]
    assert serious.meant(found, "two", (Standing.RUNNING,)) is found[2]
    assert serious.meant(found, "ONE/A", (Standing.RUNNING,)) is found[0]
    assert serious.meant(found, " b ", (Standing.RUNNING,)) is found[1]
    with pytest.raises(BadInput, match="several clocks") as wrong:
        serious.meant(found, "a", (Standing.RUNNING,))
    assert "one/a, two/a" in wrong.value.do
    with pytest.raises(BadInput, match="names none"):
        serious.meant(found, "c", (Standing.RUNNING,))
    met = [move(found[0], Standing.MET, AWARE, "x"), found[1]]
    assert serious.meant(met, "", (Standing.RUNNING,)) is found[1]


def test_a_bare_time_of_day_is_the_last_that_has_come() -> None:
    now = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
    assert serious.moment("23:30", "UTC", now) == datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
    assert serious.moment("00:30", "UTC", now) == datetime(2026, 12, 1, 0, 30, tzinfo=UTC)
    assert serious.moment("2026-12-02 00:30", "UTC", now) > now  # a date is taken at its word


def test_a_time_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(BadInput, match="beyond the calendar"):
        serious.clocks(REGIMES[0], "INC-1", datetime.max.replace(tzinfo=UTC), "person:cy", "x")


def test_a_duty_the_configuration_lost_is_named_bare() -> None:
    assert serious.duty((), clock()).title == "own: report"
    assert serious.duty(REGIMES, clock(regime="eu-ai-act")).source == "AI Act, Art. 73"
