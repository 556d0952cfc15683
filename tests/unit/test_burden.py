"""Who bore how much: hours, nights, weekends and holidays by the rota's own clock, pages, and how even that is."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model.rota import Amendment, Every, Holder, Layer, Override, Past, Rota, Shift, Unit, Window
from bot.rules import burden
from bot.rules import rota as rota_rule
from bot.rules.burden import Burden, Terms
from tests.unit.drawn_rotas import LAYERS, ZONES

DAY = timedelta(days=1)
ISTANBUL = "Europe/Istanbul"
MONDAY = datetime(2026, 11, 1, 21, tzinfo=UTC)  # Monday 2 November, midnight in Istanbul


def weekly(*members: str | tuple[str, ...] | None, zone: str = ISTANBUL) -> Rota:
    """Weeks that begin on Monday at midnight."""
    return Rota("main", zone, (Layer("weekly", datetime(2026, 11, 2), Every(1, Unit.WEEK), members),))


def bore(rota: Rota, start: datetime, end: datetime, *overrides: Override, **more: object) -> dict[str, Burden]:
    """By person."""
    paged = more.pop("paged", ())
    shifts = rota_rule.shifts(rota, start, end, overrides)
    return {one.person: one for one in burden.of(rota, shifts, paged, Terms(**more))}  # type: ignore[arg-type]


def test_two_who_take_weeks_in_turn_bear_the_same() -> None:
    found = bore(weekly("ada", "bo"), MONDAY, MONDAY + 14 * DAY)
    # The night that has begun on Sunday is half of one week's and half of the other's: two of nine hours, and seven.
    assert found["bo"] == Burden("bo", 168.0, 7.0, 1.0, 0.0, 0, 0, 0.5, 0.0)
    assert found["ada"] == replace(found["bo"], person="ada")
    assert burden.unfair(list(found.values())) == []


def test_a_night_that_is_handed_over_in_counts_for_both_by_their_part() -> None:
    layer = Layer("daily", datetime(2026, 11, 2, 1), Every(1, Unit.DAY), ("ada", "bo"))
    found = bore(
        Rota("main", "UTC", (layer,)), datetime(2026, 11, 2, 12, tzinfo=UTC), datetime(2026, 11, 3, 12, tzinfo=UTC)
    )
    assert (found["ada"].nights, found["bo"].nights) == (round(3 / 9, 2), round(6 / 9, 2))


def test_hours_are_real_ones_when_the_clocks_go_back() -> None:
    midnight = datetime(2026, 10, 24, 22, tzinfo=UTC)  # Sunday 25 October in Berlin
    (found,) = bore(weekly("ada", zone="Europe/Berlin"), midnight, midnight + timedelta(hours=25)).values()
    assert found.hours == 25
    assert found.weekends == 0.5
    assert found.nights == round(8 / 10 + 2 / 9, 2)  # the seven hours and one of that night, two of the next


def test_holidays_are_those_of_a_country_and_none_where_nobody_says_whose() -> None:
    start = datetime(2026, 10, 28, 21, tzinfo=UTC)  # 29 October, Republic Day
    found = bore(weekly("ada"), start, start + DAY / 2, country="TR")
    assert found["ada"].holidays == 0.5
    assert bore(weekly("ada"), start, start + DAY)["ada"].holidays == 0
    window = Window(frozenset(range(7)), time(9), time(17), False, "TR")
    layers = (replace(weekly("ada").layers[0], only=(window,)),)
    assert burden.country(replace(weekly("ada"), layers=layers)) == "TR"
    assert burden.country(weekly("ada")) == ""


def test_a_weekend_and_a_night_may_be_set_otherwise() -> None:
    found = bore(weekly("ada"), MONDAY, MONDAY + 7 * DAY, weekend=frozenset({4, 5}), night=time(0), morning=time(6))
    assert (found["ada"].weekends, found["ada"].nights) == (1.0, 7.0)


def test_pages_count_while_on_call_and_by_night_apart() -> None:
    two, noon = MONDAY + timedelta(hours=2), MONDAY + timedelta(hours=12)
    paged = [("ada", two), ("ada", noon), ("bo", noon), ("ada", MONDAY + 8 * DAY), ("zoe", noon), ("ada", MONDAY - DAY)]
    found = bore(weekly("ada", "bo"), MONDAY, MONDAY + 14 * DAY, paged=paged)
    assert [(one.person, one.pages, one.night_pages) for one in found.values()] == [("ada", 2, 1), ("bo", 0, 0)]


def test_whoever_has_a_place_and_bore_nothing_is_there_with_nothing() -> None:
    found = bore(weekly("ada", "bo", "cy"), MONDAY, MONDAY + 14 * DAY)
    assert found["cy"] == Burden("cy", 0.0, 0.0, 0.0, 0.0, 0, 0, 0.0, -0.3333)
    assert burden.unfair(list(found.values()))[0] == "bo has 50% of the hours of 3 people; even were 33%."


def test_what_the_rota_was_counts_and_not_what_it_is() -> None:
    edited = replace(weekly("zoe"), past=(Past(MONDAY + 7 * DAY, weekly("ada")),))
    assert {name: one.hours for name, one in bore(edited, MONDAY, MONDAY + 7 * DAY).items()} == {"ada": 168.0}
    both = bore(edited, MONDAY, MONDAY + 14 * DAY)
    assert {name: one.share for name, one in both.items()} == {"ada": 0.5, "zoe": 0.5}
    assert set(bore(edited, MONDAY + 8 * DAY, MONDAY + 14 * DAY)) == {"zoe"}


def test_what_was_changed_by_hand_counts_for_whoever_stood_in() -> None:
    one = Override("o-1", "main", Amendment.OVERRIDE, MONDAY, MONDAY + DAY, "dee", "ada")
    found = bore(weekly("ada"), MONDAY, MONDAY + 7 * DAY, one)
    assert {name: one.hours for name, one in found.items()} == {"ada": 144.0, "dee": 24.0}
    away = Override("o-2", "main", Amendment.ABSENCE, MONDAY, MONDAY + DAY, "ada")
    shifts = rota_rule.shifts(weekly("ada"), MONDAY, MONDAY + 4 * DAY, [away])
    assert burden.covered(shifts) == 0.75


def test_nothing_is_borne_in_no_time() -> None:
    assert burden.of(weekly("ada"), [], [], Terms()) == []
    assert burden.covered([]) == 0
    assert burden.unfair([]) == []
    nobody = Shift("main", MONDAY, MONDAY + DAY)
    assert [(one.hours, one.beyond) for one in burden.of(weekly("ada"), [nobody], [], Terms())] == [(0.0, 0.0)]


@settings(max_examples=80, deadline=None)
@given(LAYERS, st.sampled_from(ZONES), st.integers(0, 15 * 365), st.integers(1, 90))
def test_of_one_seat_all_is_borne_once(layer: Layer, zone: str, first: int, days: int) -> None:
    rota = Rota("main", zone, (layer,))
    start = datetime(2011, 12, 1, 7, 30, tzinfo=UTC) + first * DAY
    end = start + days * DAY
    shifts = rota_rule.shifts(rota, start, end)
    found = burden.of(rota, shifts, [], Terms())
    alone = [Shift("main", start, end, (Holder("all", "", ""),))]
    (whole,) = (one for one in burden.of(weekly(zone=zone), alone, [], Terms()) if one.person == "all")
    assert sum(one.hours for one in found) == pytest.approx(days * 24, abs=0.05)
    assert sum(one.nights for one in found) == pytest.approx(whole.nights, abs=0.05)
    assert sum(one.weekends for one in found) == pytest.approx(whole.weekends, abs=0.05)
    assert sum(one.share for one in found) == pytest.approx(1, abs=0.001)
    assert sum(one.beyond for one in found) == pytest.approx(0, abs=0.001)
    assert whole.nights == pytest.approx(days, abs=1.01)
