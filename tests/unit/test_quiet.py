"""Quiet hours: half open, in wall-clock time, in every zone and whatever its clocks do."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.noise import Noise, Quiet
from bot.rules import quiet
from tests.unit.drawn_rotas import ZONES

ISTANBUL, CHICAGO = "Europe/Istanbul", "America/Chicago"
NIGHTS = Quiet("nights", ("sev4", "sev5"), time(22), time(7))
WORKDAYS = Quiet("early", ("sev4",), time(6), time(9), frozenset(range(5)))


def local(zone: str, *parts: int, fold: int = 0) -> datetime:
    return datetime(*parts, tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)  # type: ignore[misc, arg-type]


def over(at: datetime, *rules: Quiet, severity: str = "sev4", zone: str = ISTANBUL) -> datetime | None:
    found = quiet.until(Noise(quiet=rules), severity, "retail", zone, at)
    return found[0] if found else None


@pytest.mark.parametrize(
    ("at", "end"),
    [
        ((2026, 11, 23, 21, 59), None),
        ((2026, 11, 23, 22, 0), (2026, 11, 24, 7, 0)),  # from the first instant on
        ((2026, 11, 24, 0, 0), (2026, 11, 24, 7, 0)),  # over midnight
        ((2026, 11, 24, 6, 59, 59), (2026, 11, 24, 7, 0)),
        ((2026, 11, 24, 7, 0), None),  # at the end no more
    ],
)
def test_hours_are_half_open_and_go_over_midnight(at: tuple[int, ...], end: tuple[int, ...] | None) -> None:
    assert over(local(ISTANBUL, *at), NIGHTS) == (local(ISTANBUL, *end) if end else None)


def test_only_what_is_meant_is_quiet() -> None:
    night = local(ISTANBUL, 2026, 11, 23, 23)
    assert over(night, NIGHTS, severity="sev3") is None
    elsewhere = Quiet("nights", ("sev4",), time(22), time(7), entity="lending")
    assert over(night, elsewhere) is None
    assert over(night, Quiet("nights", ("sev4",), time(22), time(7), entity="retail")) is not None
    shadow = Quiet("nights", ("sev4",), time(22), time(7), shadow=True)
    assert over(night, shadow) is None
    assert quiet.until(Noise(quiet=(shadow,)), "sev4", "retail", ISTANBUL, night, shadow=True) is not None


def test_days_are_those_on_which_the_hours_begin() -> None:
    friday = Quiet("weekend", ("sev4",), time(18), time(9), frozenset({4}))
    assert over(local(ISTANBUL, 2026, 11, 28, 8), friday) == local(ISTANBUL, 2026, 11, 28, 9)  # Saturday morning
    assert over(local(ISTANBUL, 2026, 11, 27, 8), friday) is None  # Friday morning belongs to Thursday's


def test_hours_that_touch_are_one() -> None:
    found = quiet.hours(Noise(quiet=(NIGHTS, WORKDAYS)), "sev4", "retail", ISTANBUL, local(ISTANBUL, 2026, 11, 24, 1))
    assert found is not None
    assert (found.start, found.end) == (local(ISTANBUL, 2026, 11, 23, 22), local(ISTANBUL, 2026, 11, 24, 9))
    assert found.rule is WORKDAYS
    always = (Quiet("am", ("sev4",), time(0), time(12)), Quiet("pm", ("sev4",), time(12), time(0)))
    now = local(ISTANBUL, 2026, 11, 24, 1)
    assert now < (over(now, *always) or now) < now + timedelta(days=30)  # looked at anew some day


def test_the_clocks_go_forth_and_back() -> None:
    small = Quiet("small hours", ("sev4",), time(1), time(2, 30))
    forth = local(CHICAGO, 2026, 3, 8, 1)  # 02:00 becomes 03:00: 02:30 is reached at once
    assert over(forth, small, zone=CHICAGO) == local(CHICAGO, 2026, 3, 8, 3) == forth + timedelta(hours=1)
    gone = Quiet("gone", ("sev4",), time(2), time(3))
    assert over(local(CHICAGO, 2026, 3, 8, 3), gone, zone=CHICAGO) is None
    back = local(CHICAGO, 2026, 11, 1, 0, 30)  # 02:00 becomes 01:00: the hour comes twice
    night = Quiet("night", ("sev4",), time(0), time(1, 30))
    assert over(back, night, zone=CHICAGO) == local(CHICAGO, 2026, 11, 1, 1, 30, fold=0)
    assert over(local(CHICAGO, 2026, 11, 1, 1, 10, fold=1), night, zone=CHICAGO) is None
    assert over(local(CHICAGO, 2026, 10, 31, 23), NIGHTS, zone=CHICAGO) == local(CHICAGO, 2026, 11, 1, 7)


TIMES = st.times().map(lambda t: t.replace(second=0, microsecond=0))
MOMENTS = st.datetimes(datetime(2010, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))


@given(MOMENTS, TIMES, TIMES, st.frozensets(st.integers(0, 6), min_size=1), st.sampled_from(ZONES))
def test_it_is_quiet_from_the_first_reading_of_the_start_to_the_first_of_the_end(
    at: datetime, start: time, end: time, days: frozenset[int], zone: str
) -> None:
    if start == end:
        return
    where = ZoneInfo(zone)
    found = over(at, Quiet("any", ("sev4",), start, end, days), zone=zone)

    def reached(wall: datetime) -> bool:
        """Whether the wall clock of the zone has ever read at least `wall` by now."""
        shown = at.astimezone(where).replace(tzinfo=None, fold=0)
        # Where clocks go back they did so within the last day, by less than that: the reading just before counts.
        return shown >= wall or any(
            (at - timedelta(minutes=m)).astimezone(where).replace(tzinfo=None, fold=0) >= wall for m in range(1, 181)
        )

    today = at.astimezone(where).date()
    spans = []
    for back in range(-1, 3):
        day = today - timedelta(days=back)
        wall = datetime.combine(day, start)
        spans.append((wall, datetime.combine(day if end > start else day + timedelta(days=1), end)))
    expected = any(wall.weekday() in days and reached(wall) and not reached(over_) for wall, over_ in spans)
    assert (found is not None) is expected
    if found is not None:
        assert found > at
        assert over(found, Quiet("any", ("sev4",), start, end, days), zone=zone) is None
