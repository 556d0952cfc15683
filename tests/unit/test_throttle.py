"""When one more message may go to one destination."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.model.people import Person
from bot.model.rota import Window
from bot.rules import resting, throttle
from bot.rules.throttle import Gone

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def marched(kind: str, count: int, *, first: bool = False, gone: tuple[Gone, ...] = ()) -> list[float]:
    """When each of so many messages goes that all are due at noon: seconds after it."""
    sent, now, found = list(gone), NOON, []
    for _ in range(count):
        now = throttle.free(kind, sent, now, first=first)
        sent.append(Gone(now, first))
        found.append((now - NOON).total_seconds())
    return found


PACES = {
    "sms": [0, 60, 120, 180, 240, 900, 960, 1020, 3600],  # five in a quarter of an hour; three of eleven are kept
    "call": [0, 60, 120, 900, 960, 3600],
    "email": [0, 0, 0, 60, 120, 180],
    "push": [0, 0, 0, 0, 0, 10, 20],
    "slack": [*[0] * 10, 6, 12],
    "pager-of-somebody": [0] * 20,
}


@pytest.mark.parametrize("kind", PACES)
def test_so_many_go_at_once_and_the_rest_by_and_by(kind: str) -> None:
    assert marched(kind, len(PACES[kind])) == PACES[kind]


@pytest.mark.parametrize(("kind", "hard"), [("sms", 11), ("call", 7)])
def test_what_is_new_takes_what_repeats_leave_in_the_hour_and_no_more(kind: str, hard: int) -> None:
    repeats = tuple(Gone(NOON - timedelta(seconds=5 * n)) for n in range(hard - 2))
    assert throttle.free(kind, repeats, NOON) > NOON
    assert marched(kind, 3, first=True, gone=repeats)[:2] == [0, 60]
    assert marched(kind, 3, first=True, gone=repeats)[2] > 3000


def test_first_messages_hold_each_other_back() -> None:
    assert throttle.free("sms", [Gone(NOON, first=True)], NOON, first=True) == NOON + timedelta(minutes=1)
    assert throttle.free("sms", [Gone(NOON)], NOON, first=True) == NOON


def test_a_bucket_fills_again_while_nothing_goes() -> None:
    gone = [Gone(NOON)] * 3
    assert throttle.free("email", gone, NOON) == NOON + timedelta(minutes=1)
    assert throttle.free("email", gone, NOON + timedelta(minutes=3)) == NOON + timedelta(minutes=3)
    later = [*gone, *[Gone(NOON + timedelta(minutes=3))] * 3]
    assert throttle.free("email", later, NOON + timedelta(minutes=3)) == NOON + timedelta(minutes=4)


NIGHT = Window(frozenset(range(7)), datetime(2026, 1, 1, 22).time(), datetime(2026, 1, 1, 7).time())
WEEKEND = Window(frozenset({5, 6}), datetime(2026, 1, 1, 0).time(), datetime(2026, 1, 1, 0).time())
QUIET = {
    "by day": ((NIGHT,), "2026-11-23T12:00", None),
    "at night, in their own zone": ((NIGHT,), "2026-11-23T19:30", "2026-11-24T04:00"),
    "at the end of it": ((NIGHT,), "2026-11-24T04:00", None),
    "hours that touch are one": ((NIGHT, WEEKEND), "2026-11-28T10:00", "2026-11-30T04:00"),
    "none": ((), "2026-11-23T22:00", None),
}


@pytest.mark.parametrize("case", QUIET)
def test_until_when_somebody_rests(case: str) -> None:
    windows, at, wanted = QUIET[case]
    found = resting.until(Person("ada", timezone="Europe/Istanbul", quiet=windows), datetime.fromisoformat(f"{at}Z"))
    assert found == (datetime.fromisoformat(f"{wanted}Z") if wanted else None)


def test_whoever_always_rests_is_looked_at_anew_after_days() -> None:
    always = Window(frozenset(range(7)), datetime(2026, 1, 1).time(), datetime(2026, 1, 1).time())
    found = resting.until(Person("ada", quiet=(always,)), NOON)
    assert found is not None
    assert timedelta(days=1) < found - NOON < timedelta(days=15)
