"""Who is on call: layers, vacant seats, changes by hand, and the roster that shows who is paged."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model.rota import Amendment, Every, Layer, Override, Rota, Unit
from bot.rules import rota
from tests.unit.drawn_rotas import LAYERS, MOMENTS, ZONES

MONDAY = datetime(2026, 11, 2, 9, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def daily(*members: str | None, name: str = "weekly") -> Layer:
    return Layer(name, datetime(2026, 11, 2, 9), Every(1, Unit.DAY), members)


def first_line(*layers: Layer) -> Rota:
    return Rota("first-line", "UTC", layers)


def amend(kind: Amendment, start: datetime, end: datetime, person: str | None, **more: str) -> Override:
    return Override(more.pop("id", "1"), more.pop("rota", "first-line"), kind, start, end, person, **more)


def instead(start: datetime, end: datetime, person: str, replaces: str | None = None, id: str = "1") -> Override:
    return Override(id, "first-line", Amendment.OVERRIDE, start, end, person, replaces)


def names(one: Rota, at: datetime, *overrides: Override) -> tuple[str, ...]:
    return tuple(holder.person for holder in rota.on_call(one, at, overrides))


def ladder(one: Rota, start: datetime, end: datetime, *overrides: Override) -> list[tuple[float, str]]:
    """The shifts as (hours since `start`, names)."""
    found = rota.shifts(one, start, end, overrides)
    assert found[0].start == start
    assert found[-1].end == end
    return [((s.start - start) / HOUR, "+".join(h.person for h in s.holders)) for s in found]


def test_members_take_turns_and_hand_over_on_the_instant() -> None:
    one = first_line(daily("ada", "bo", "cy"))
    assert [names(one, MONDAY + n * DAY) for n in (-1, 0, 1, 2, 3)] == [("cy",), ("ada",), ("bo",), ("cy",), ("ada",)]
    assert names(one, MONDAY + DAY - timedelta(microseconds=1)) == ("ada",)


def test_a_vacant_seat_keeps_everybody_elses_days() -> None:
    one = first_line(daily("ada", None, "cy"))
    assert ladder(one, MONDAY, MONDAY + 4 * DAY) == [(0, "ada"), (24, ""), (48, "cy"), (72, "ada")]


def test_a_higher_layer_wins_and_its_vacant_seat_falls_to_the_layer_below() -> None:
    one = first_line(daily("ada"), daily("dee", None, "eli", name="nights"))
    assert [names(one, MONDAY + n * DAY) for n in range(3)] == [("dee",), ("ada",), ("eli",)]
    (holder,) = rota.on_call(one, MONDAY + DAY)
    assert holder.source == "layer:weekly"
    assert holder.why == (
        "It is ada's turn in layer weekly of first-line until Wed 4 Nov 2026 09:00 UTC; "
        "the seat in layer nights is vacant."
    )


@pytest.mark.parametrize(
    ("layers", "reason"),
    [
        ((), "Nobody is on call for first-line: it has no members."),
        ((daily(),), "Nobody is on call for first-line: it has no members."),
        ((daily(None),), "Nobody is on call for first-line: the seat in layer weekly is vacant."),
        (
            (daily("ada"), daily(None, name="nights")),
            "Nobody is on call for first-line: the seat in layer nights is vacant; "
            "ada is away from layer weekly (absence 1).",
        ),
    ],
)
def test_nobody_is_a_reason_and_not_an_error(layers: tuple[Layer, ...], reason: str) -> None:
    away = amend(Amendment.ABSENCE, MONDAY - DAY, MONDAY + DAY, "ada")
    assert rota.on_call(first_line(*layers), MONDAY, [away]) == ()
    assert rota.why(first_line(*layers), MONDAY, [away]) == reason


def test_a_rota_nobody_ever_holds_is_one_endless_gap() -> None:
    found = rota.shift(first_line(daily(None, None)), MONDAY)
    assert found.holders == ()
    assert found.end - found.start > 9000 * 365 * DAY


# Changes by hand


def test_an_override_holds_for_its_half_open_span_alone() -> None:
    one = first_line(daily("foobar"))
    half = instead(MONDAY + HOUR / 2, MONDAY + 3 * HOUR / 4, "binbaz", "foobar")
    expected = [(0, "foobar"), (0.5, "binbaz"), (0.75, "foobar")]
    assert ladder(one, MONDAY, MONDAY + HOUR, half) == expected
    assert ladder(one, MONDAY, MONDAY + HOUR, replace(half, replaces=None)) == expected


@pytest.mark.parametrize(
    ("begin", "finish", "expected"),
    [
        (1, 23, [(0, "u"), (1, "v"), (23, "u")]),
        (0, 23, [(0, "v"), (23, "u")]),
        (1, 24, [(0, "u"), (1, "v")]),
        (-1, 25, [(0, "v")]),
    ],
)
@pytest.mark.parametrize("replaces", [None, "u"])
def test_an_override_cuts_the_turn_it_falls_into(
    begin: int, finish: int, expected: list[tuple[float, str]], replaces: str | None
) -> None:
    one = first_line(daily("u"))
    over = instead(MONDAY + begin * HOUR, MONDAY + finish * HOUR, "v", replaces)
    assert ladder(one, MONDAY, MONDAY + DAY, over) == expected


@pytest.mark.parametrize("replaces", [None, "u"])
def test_an_override_over_several_turns_is_one_shift(replaces: str | None) -> None:
    one = first_line(daily("u"))
    over = instead(MONDAY + HOUR, MONDAY + 4 * DAY - HOUR, "v", replaces)
    found = rota.shift(one, MONDAY + 2 * DAY, [over])
    assert (found.start, found.end) == (over.start, over.end)
    assert [s.end for s in rota.shifts(one, MONDAY, MONDAY + 4 * DAY, [over])] == [
        over.start, over.end, MONDAY + 4 * DAY,
    ]  # fmt: skip


def test_an_override_of_somebody_who_is_off_adds_nobody() -> None:
    one = first_line(daily("ada", "bo"))
    over = instead(MONDAY, MONDAY + 2 * DAY, "cy", "bo")
    assert ladder(one, MONDAY, MONDAY + 3 * DAY, over) == [(0, "ada"), (24, "cy"), (48, "ada")]


def test_covers_add_and_are_on_call_together() -> None:
    one = first_line(daily("foobar"))
    covers = [
        amend(Amendment.COVER, MONDAY, MONDAY + HOUR / 4, "binbaz", id="1"),
        amend(Amendment.COVER, MONDAY + HOUR / 2, MONDAY + 3 * HOUR / 4, "binbaz", id="2"),
        amend(Amendment.COVER, MONDAY + HOUR / 2, MONDAY + 3 * HOUR / 4, "foobar", id="3"),
    ]
    expected = [(0, "foobar+binbaz"), (0.25, "foobar"), (0.5, "foobar+binbaz"), (0.75, "foobar")]
    assert ladder(one, MONDAY, MONDAY + HOUR, *covers) == expected


def test_an_absence_leaves_a_gap_or_the_layer_below() -> None:
    away = amend(Amendment.ABSENCE, MONDAY + HOUR, MONDAY + 2 * HOUR, "ada")
    alone, backed = first_line(daily("ada")), first_line(daily("bo"), daily("ada", name="first"))
    assert ladder(alone, MONDAY, MONDAY + 3 * HOUR, away) == [(0, "ada"), (1, ""), (2, "ada")]
    assert ladder(backed, MONDAY, MONDAY + 3 * HOUR, away) == [(0, "ada"), (1, "bo"), (2, "ada")]


def test_the_three_together() -> None:
    hour = (MONDAY, MONDAY + HOUR)
    amendments = [
        amend(Amendment.COVER, *hour, "baz", id="1"),
        amend(Amendment.COVER, *hour, "bin", id="2"),
        amend(Amendment.COVER, *hour, "foo", id="3"),
        amend(Amendment.ABSENCE, *hour, "baz", id="4"),
        instead(*hour, "bar", "rab", id="5"),
    ]
    assert set(names(first_line(daily("rab")), MONDAY, *amendments)) == {"bar", "bin", "foo"}


def test_two_who_swap_hold_each_others_turns() -> None:
    span = (MONDAY, MONDAY + 2 * DAY)
    swap = [instead(*span, "bo", "ada", id="1"), instead(*span, "ada", "bo", id="2")]
    assert ladder(first_line(daily("ada", "bo")), *span, *swap) == [(0, "bo"), (24, "ada")]


def test_a_stand_in_may_be_stood_in_for() -> None:
    chain = [instead(MONDAY, MONDAY + DAY, "bo", "ada", id="1"), instead(MONDAY, MONDAY + HOUR, "cy", "bo", id="2")]
    assert ladder(first_line(daily("ada")), MONDAY, MONDAY + DAY, *chain) == [(0, "cy"), (1, "bo")]
    (holder,) = rota.on_call(first_line(daily("ada")), MONDAY, chain)
    assert holder.source == "override:2"


def test_a_stand_in_who_is_away_leaves_it_to_the_layer_below() -> None:
    backed = first_line(daily("dee"), daily("ada", name="first"))
    away = amend(Amendment.ABSENCE, MONDAY, MONDAY + DAY, "bo", id="9")
    assert names(backed, MONDAY, away, instead(MONDAY, MONDAY + DAY, "bo", "ada")) == ("dee",)
    assert names(backed, MONDAY, away, instead(MONDAY, MONDAY + DAY, "bo")) == ("ada",)


def test_of_two_for_everybody_the_one_begun_last_wins_in_any_order() -> None:
    early, late = instead(MONDAY - DAY, MONDAY + DAY, "bo"), instead(MONDAY, MONDAY + DAY, "cy", id="2")
    one = first_line(daily("ada"))
    assert names(one, MONDAY, early, late) == names(one, MONDAY, late, early) == ("cy",)


def test_another_rotas_override_changes_nothing() -> None:
    over = replace(instead(MONDAY, MONDAY + DAY, "bo"), rota="second-line")
    assert ladder(first_line(daily("ada")), MONDAY, MONDAY + DAY, over) == [(0, "ada")]


def test_an_override_says_who_made_it_why_and_until_when() -> None:
    over = replace(instead(MONDAY, MONDAY + HOUR, "bo", "ada", id="12"), by="person:cy", why="dentist")
    assert rota.why(replace(first_line(daily("ada")), timezone="Europe/Istanbul"), MONDAY, [over]) == (
        "bo stands in for ada on first-line until Mon 2 Nov 2026 13:00 Europe/Istanbul "
        "(override 12 by person:cy: dentist)."
    )


# What the roster shows is who gets paged


PEOPLE = st.sampled_from(("ada", "bo", "cy", "dee"))
SEATS = st.lists(st.none() | PEOPLE, min_size=1, max_size=5).map(tuple)
ROTAS = st.builds(
    Rota,
    name=st.just("first-line"),
    timezone=st.sampled_from(ZONES),
    layers=st.lists(st.builds(lambda one, seats: replace(one, members=seats), LAYERS, SEATS), max_size=3).map(tuple),
)


@st.composite
def moments_and_overrides(draw: st.DrawFn) -> tuple[datetime, list[Override]]:
    at = draw(MOMENTS)
    near = st.integers(-72, 72).map(lambda n: at + n * HOUR / 2)
    spans = st.tuples(near, near).filter(lambda span: span[0] < span[1])
    made = st.builds(
        lambda span, kind, person, replaces, id: Override(
            str(id), "first-line", kind, *span, person, replaces if kind is Amendment.OVERRIDE else None
        ),
        spans, st.sampled_from(Amendment), PEOPLE, st.none() | PEOPLE, st.integers(1, 99),
    )  # fmt: skip
    return at, draw(st.lists(made, max_size=4, unique_by=lambda o: o.id))


@given(ROTAS, moments_and_overrides())
@settings(max_examples=200, deadline=None)
def test_the_roster_shows_who_is_paged(one: Rota, drawn: tuple[datetime, list[Override]]) -> None:
    at, overrides = drawn
    start, end = at - 2 * DAY, at + 2 * DAY
    found = rota.shifts(one, start, end, overrides)
    assert [found[0].start, *(s.end for s in found)] == [*(s.start for s in found), end], "a gap or an overlap"
    assert all(s.start < s.end for s in found)
    for n in range(-96, 96):
        moment = at + n * HOUR / 2
        (shown,) = [s for s in found if s.start <= moment < s.end]
        assert shown.holders == rota.on_call(one, moment, overrides)
    around = rota.shift(one, at, overrides)
    (shown,) = [s for s in found if s.start <= at < s.end]
    assert (max(around.start, start), min(around.end, end), around.holders) == (shown.start, shown.end, shown.holders)


@given(LAYERS, st.sampled_from(ZONES), MOMENTS)
@settings(max_examples=200, deadline=None)
def test_a_rotation_without_vacancies_has_no_gap_in_any_zone(one: Layer, zone: str, at: datetime) -> None:
    found = rota.shifts(Rota("first-line", zone, (one,)), at, at + 20 * DAY)
    assert all(len(s.holders) == 1 for s in found)
    handoffs = rota.handoffs(one, zone, at + timedelta(microseconds=1), at + 20 * DAY)
    assert [s.start for s in found[1:]] == handoffs
