"""Turns of a layer against tables of awkward days and against a clock that is read minute by minute."""

from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model.rota import Every, Layer, Rota, Unit
from bot.rules import rota, turns
from tests.unit.drawn_rotas import LAYERS, MOMENTS, ZONES


def layer(start: str, count: int, unit: Unit, members: tuple[str | None, ...] = ("ada", "bo", "cy")) -> Layer:
    return Layer("weekly", datetime.fromisoformat(start), Every(count, unit), members)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("zone", "start", "count", "unit", "handoffs"),
    [
        pytest.param(
            "America/Chicago", "2026-03-07 02:30", 1, Unit.DAY,
            ["2026-03-07T02:30-06:00", "2026-03-08T03:00-05:00", "2026-03-09T02:30-05:00"],
            id="a skipped half past two is the first instant after the gap",
        ),
        pytest.param(
            "America/Chicago", "2026-03-08 02:30", 1, Unit.DAY,
            ["2026-03-08T03:00-05:00", "2026-03-09T02:30-05:00"],
            id="a start that never was",
        ),
        pytest.param(
            "US/Central", "2017-03-12 02:30", 1, Unit.DAY,
            ["2017-03-12T08:00+00:00", "2017-03-13T07:30+00:00"],
            id="as GoAlert has it: 08:00Z, neither 07:30Z nor 08:30Z",
        ),
        pytest.param(
            "America/Chicago", "2026-10-31 01:30", 1, Unit.DAY,
            ["2026-10-31T01:30-05:00", "2026-11-01T01:30-05:00", "2026-11-02T01:30-06:00"],
            id="a repeated half past one is its first occurrence",
        ),
        pytest.param(
            "America/Chicago", "2026-03-08 00:00", 1, Unit.HOUR,
            ["2026-03-08T00:00-06:00", "2026-03-08T01:00-06:00", "2026-03-08T03:00-05:00", "2026-03-08T04:00-05:00"],
            id="hourly, two o'clock and three o'clock are one instant",
        ),
        pytest.param(
            "America/Chicago", "2026-11-01 00:00", 1, Unit.HOUR,
            ["2026-11-01T00:00-05:00", "2026-11-01T01:00-05:00", "2026-11-01T02:00-06:00", "2026-11-01T03:00-06:00"],
            id="hourly, the turn of the repeated hour lasts two hours",
        ),
        pytest.param(
            "America/Chicago", "2026-03-07 21:30", 5, Unit.HOUR,
            ["2026-03-07T21:30-06:00", "2026-03-08T03:00-05:00", "2026-03-08T07:30-05:00", "2026-03-08T12:30-05:00"],
            id="five hours over the gap",
        ),
        pytest.param(
            "America/Chicago", "2026-10-31 18:30", 7, Unit.HOUR,
            ["2026-10-31T18:30-05:00", "2026-11-01T01:30-05:00", "2026-11-01T08:30-06:00", "2026-11-01T15:30-06:00"],
            id="seven hours over the repeated hour",
        ),
        pytest.param(
            "Australia/Lord_Howe", "2026-10-03 02:15", 1, Unit.DAY,
            ["2026-10-03T02:15+10:30", "2026-10-04T02:30+11:00", "2026-10-05T02:15+11:00"],
            id="a gap of half an hour",
        ),
        pytest.param(
            "Australia/Lord_Howe", "2026-04-04 01:45", 1, Unit.DAY,
            ["2026-04-04T01:45+11:00", "2026-04-05T01:45+11:00", "2026-04-06T01:45+10:30"],
            id="a repeated half hour",
        ),
        pytest.param(
            "Pacific/Apia", "2011-12-29 09:00", 1, Unit.DAY,
            ["2011-12-29T09:00-10:00", "2011-12-31T00:00+14:00", "2011-12-31T09:00+14:00", "2012-01-01T09:00+14:00"],
            id="the day that never was is as long as its night",
        ),
        pytest.param(
            "Pacific/Apia", "2011-12-29 12:00", 12, Unit.HOUR,
            ["2011-12-29T12:00-10:00", "2011-12-31T00:00+14:00", "2011-12-31T12:00+14:00"],
            id="three turns of the skipped day collapse into one instant",
        ),
        pytest.param(
            "Europe/Istanbul", "2026-01-31 09:00", 1, Unit.MONTH,
            ["2026-01-31T09:00+03:00", "2026-02-28T09:00+03:00", "2026-03-31T09:00+03:00", "2026-04-30T09:00+03:00"],
            id="the 31st, counted from the start, comes back after February",
        ),
        pytest.param(
            "America/Chicago", "2026-03-02 09:00", 1, Unit.WEEK,
            ["2026-03-02T09:00-06:00", "2026-03-09T09:00-05:00"],
            id="nine o'clock stays nine o'clock",
        ),
    ],
)  # fmt: skip
def test_the_known_awkward_days(zone: str, start: str, count: int, unit: Unit, handoffs: list[str]) -> None:
    expected = [utc(text) for text in handoffs]
    found = rota.handoffs(layer(start, count, unit), zone, expected[0], expected[-1] + timedelta(seconds=1))
    assert found == expected


@pytest.mark.parametrize(
    ("at", "turn"),
    [("2026-03-08T01:59:59-06:00", 1), ("2026-03-08T03:00-05:00", 3), ("2026-03-08T04:00-05:00", 4)],
)
def test_of_turns_that_begin_together_the_last_one_holds(at: str, turn: int) -> None:
    hourly = layer("2026-03-08 00:00", 1, Unit.HOUR)
    assert turns.number(hourly, ZoneInfo("America/Chicago"), utc(at)) == turn


@pytest.mark.parametrize(
    ("at", "turn"),
    [("2026-11-02T08:59:59.999999+00:00", -1), ("2026-11-02T09:00+00:00", 0), ("2026-10-26T09:00+00:00", -1),
     ("2026-10-26T08:59+00:00", -2), ("2026-11-09T09:00+00:00", 1)],
)  # fmt: skip
def test_turns_step_backwards_before_the_start(at: str, turn: int) -> None:
    assert turns.number(layer("2026-11-02 09:00", 1, Unit.WEEK), ZoneInfo("UTC"), utc(at)) == turn


@pytest.mark.parametrize("unit", list(Unit))
@pytest.mark.parametrize("count", [1, 10**6, 10**9, 10**15])
def test_a_step_longer_than_the_calendar_is_one_turn_and_no_error(unit: Unit, count: int) -> None:
    endless, where = layer("2026-11-02 09:00", count, unit), ZoneInfo("Pacific/Kiritimati")
    at = utc("2500-01-01T00:00+00:00")
    turn = turns.number(endless, where, at)
    assert turns.begins(endless, where, turn) <= at < turns.begins(endless, where, turn + 1) <= turns.LAST
    assert turns.number(endless, where, utc("0500-01-01T00:00+00:00")) <= -1


@cache
def transitions(zone: str, year: int) -> list[datetime]:
    """Every instant of `year` at which the clocks of `zone` are set, found by looking at each quarter of an hour."""
    where, found = ZoneInfo(zone), []
    at = datetime(year, 1, 1, tzinfo=UTC)
    while at.year == year:
        after = at + timedelta(minutes=15)
        if at.astimezone(where).utcoffset() != after.astimezone(where).utcoffset():
            found.append(after)
        at = after
    return found


@cache
def walls(zone: str, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """Each minute of `[start, end)` with the latest time the wall clock has shown by then."""
    where, latest, found = ZoneInfo(zone), datetime(1, 1, 1), []
    at = start
    while at < end:
        latest = max(latest, at.astimezone(where).replace(tzinfo=None))
        found.append((at, latest))
        at += timedelta(minutes=1)
    return found


def slow_number(one: Layer, wall: datetime) -> int:
    """The last turn whose nominal time is not after `wall`, by walking there."""
    step = {Unit.HOUR: timedelta(hours=1), Unit.DAY: timedelta(days=1), Unit.WEEK: timedelta(weeks=1)}[one.every.unit]
    nominal, turn = one.start, 0
    while nominal > wall:
        nominal, turn = nominal - one.every.count * step, turn - 1
    while nominal + one.every.count * step <= wall:
        nominal, turn = nominal + one.every.count * step, turn + 1
    return turn


@pytest.mark.parametrize(
    ("zone", "year"),
    [("America/Chicago", 2026), ("Australia/Lord_Howe", 2026), ("Pacific/Apia", 2011), ("Europe/Istanbul", 2016),
     ("Africa/Casablanca", 2026), ("Antarctica/Troll", 2026), ("America/Havana", 2026)],
)  # fmt: skip
@pytest.mark.parametrize(("count", "unit"), [(1, Unit.HOUR), (5, Unit.HOUR), (7, Unit.HOUR), (1, Unit.DAY)])
def test_every_half_hour_around_a_transition_as_a_watched_clock_tells_it(
    zone: str, year: int, count: int, unit: Unit
) -> None:
    where, found = ZoneInfo(zone), transitions(zone, year)
    assert found, "the table names a year in which nothing happens"
    for instant in found:
        start = instant.astimezone(where).replace(tzinfo=None, hour=2, minute=15) - timedelta(days=3)
        one = Layer("brute", start, Every(count, unit), ("ada", "bo"))
        # Watched from a day before, so that a repeated hour at the edge has been seen once.
        seen = walls(zone, instant - timedelta(days=3), instant + timedelta(days=2))
        slow = [(at, slow_number(one, wall)) for at, wall in seen]
        for at, turn in slow[24 * 60 :: 30]:
            assert turns.number(one, where, at) == turn, at
        begun = rota.handoffs(one, zone, instant - timedelta(days=2), instant + timedelta(days=2))
        changes = [after for (_, before), (after, turn) in pairwise(slow) if before != turn]
        assert begun == [at for at in changes if abs(at - instant) < timedelta(days=2)]


@given(LAYERS, st.sampled_from(ZONES), MOMENTS)
@settings(max_examples=400, deadline=None)
def test_every_moment_has_exactly_one_turn(one: Layer, zone: str, at: datetime) -> None:
    where = ZoneInfo(zone)
    turn = turns.number(one, where, at)
    assert turns.begins(one, where, turn) <= at < turns.begins(one, where, turn + 1)


@given(LAYERS, st.sampled_from(ZONES), st.integers(-5000, 5000))
@settings(max_examples=400, deadline=None)
def test_turns_begin_in_order_and_a_turn_holds_from_the_instant_it_begins(one: Layer, zone: str, turn: int) -> None:
    where = ZoneInfo(zone)
    instant = turns.begins(one, where, turn)
    assert instant <= turns.begins(one, where, turn + 1)
    if 2 < instant.year < 9998:  # the rest is kept within the calendar
        held = turns.number(one, where, instant)
        assert held >= turn
        assert turns.begins(one, where, held) == instant
        assert turns.number(one, where, instant - turns.TICK) < turn


@given(LAYERS, st.sampled_from(ZONES), MOMENTS, st.timedeltas(timedelta(0), timedelta(days=60)))
@settings(max_examples=150, deadline=None)
def test_handoffs_strictly_increase_and_stay_in_the_span(
    one: Layer, zone: str, start: datetime, length: timedelta
) -> None:
    found = rota.handoffs(one, zone, start, start + length)
    assert all(before < after for before, after in pairwise(found))
    assert all(start <= instant < start + length for instant in found)


def test_before_it_holds_and_after_it_held_a_layer_has_no_edges() -> None:
    """Else whoever looks for the end of a gap walks through every hour there will ever be."""
    since, until = datetime(2026, 11, 2, 9, 20), datetime(2026, 12, 7, 9, 40)
    ended = Layer("hourly", since, Every(1, Unit.HOUR), ("ada", "bo"), since=since, until=until)
    one = Rota("first-line", "UTC", (ended,))
    first, last = since.replace(tzinfo=UTC), until.replace(tzinfo=UTC)
    before, after = (rota.shift(one, at, ()) for at in (first - timedelta(days=30), last + timedelta(days=30)))
    assert (before.start, before.end, before.holders) == (turns.FIRST, first, ())
    assert (after.start, after.end, after.holders) == (last, turns.LAST, ())
    assert rota.shift(one, last - turns.TICK, ()).end == last
