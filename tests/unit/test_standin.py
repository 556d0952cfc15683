"""Changes of a rota by hand: who may, what stands in the way, the nearest thing, and whose shifts move."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.people import People, Person, Team
from bot.model.rota import Amendment, Every, Layer, Override, Rota, Unit
from bot.model.verdict import Verdict
from bot.rules import rota as rota_rule
from bot.rules import standin
from bot.rules.standin import Span

NOW = datetime(2026, 11, 23, 3, 38, tzinfo=UTC)
NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
#: From NINE on: ada, bo, gus, a day each.
ROTA = Rota(
    "first-line",
    "UTC",
    (Layer("daily", datetime(2026, 11, 2, 9), Every(1, Unit.DAY), ("ada", "bo", "gus")),),
    "churn-ml",
)
NAMES = ("ada", "bo", "cy", "dee", "eve", "gus")
PEOPLE = People(
    {name: Person(name) for name in NAMES}, {"churn-ml": Team("churn-ml", "retail", ("ada", "bo"), "cy")}, ("eve",)
)


def amend(kind: Amendment, start: datetime, end: datetime, person: str | None, replaces: str | None = None) -> Override:
    return Override("OVR-9", "first-line", kind, start, end, person, replaces)


def instead(days: float, person: str, replaces: str | None, *, length: float = 1) -> Override:
    start = NINE + days * DAY
    return amend(Amendment.OVERRIDE, start, start + length * DAY, person, replaces)


def against(asked: Override, *overrides: Override) -> list[tuple[str, str | None]]:
    found = standin.clashes(asked, ROTA, overrides, NAMES, NOW)
    return [(one.what, one.near.what if one.near else None) for one in found]


@pytest.mark.parametrize(
    ("person", "own", "verdict"),
    [
        (None, True, Verdict.STRANGER),
        ("dee", False, Verdict.NOT_YOUR_ROTA),
        ("dee", True, Verdict.GO),
        ("gus", False, Verdict.NOT_YOUR_ROTA),  # who takes turns, but is not of the team that owns it
        ("ada", False, Verdict.GO),
        ("cy", False, Verdict.GO),
        ("eve", False, Verdict.GO),
    ],
)
def test_who_may(person: str | None, own: bool, verdict: Verdict) -> None:
    assert standin.may_amend(person, ROTA, PEOPLE, own=own) is verdict


def test_a_rota_without_an_owner_is_its_members() -> None:
    alone = replace(ROTA, owner=None)
    assert [standin.keeps(name, alone, PEOPLE) for name in NAMES] == [True, True, False, False, True, True]
    assert standin.crew(alone, PEOPLE) == ("ada", "bo", "gus")
    assert standin.crew(ROTA, PEOPLE) == ("ada", "bo", "gus", "cy")


SPANS = [
    (NOW - timedelta(minutes=5), NOW + HOUR, None),
    (NOW - timedelta(minutes=5, microseconds=1), NOW + HOUR, "in_the_past"),
    (NOW - timedelta(minutes=2), NOW - timedelta(minutes=1), "in_the_past"),
    (NOW - timedelta(minutes=2), NOW, "in_the_past"),
    (NOW, NOW, "ends_first"),
    (NINE, NINE - HOUR, "ends_first"),
    (NINE, NINE + timedelta(days=90), None),
    (NINE, NINE + timedelta(days=90, microseconds=1), "too_long"),
    (NOW + timedelta(days=366), NOW + timedelta(days=367), None),
    (NOW + timedelta(days=367), NOW + timedelta(days=368), "too_far"),
]


@pytest.mark.parametrize(("start", "end", "what"), SPANS)
def test_a_span_is_neither_past_nor_empty_nor_endless(start: datetime, end: datetime, what: str | None) -> None:
    found = standin.span(start, end, NOW)
    assert (found.what if found else None) == what
    assert found is None or found.near is not None


@given(st.datetimes() | st.datetimes(timezones=st.just(timezone(timedelta(hours=-14)))))
def test_any_time_somebody_writes_is_a_moment_that_every_zone_can_show(at: datetime) -> None:
    moment = standin.aware(at, "America/Chicago")
    assert moment.utcoffset() == timedelta(0)
    assert moment.astimezone(timezone(timedelta(hours=14))).year in range(1970, 2201)


def test_a_time_without_a_zone_is_the_first_instant_that_shows_it_or_more() -> None:
    skipped, repeated = datetime(2026, 3, 8, 2, 30), datetime(2026, 11, 1, 1, 30)
    assert standin.aware(skipped, "America/Chicago") == datetime(2026, 3, 8, 8, 0, tzinfo=UTC)
    assert standin.aware(repeated, "America/Chicago") == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize("name", ["Europe", "", "/etc/passwd", "Mars/Olympus", "a\0b", "x" * 500])
def test_what_is_no_zone_is_said_to_be_none(name: str) -> None:
    found = standin.zone(name)
    assert found is not None
    assert found.near is not None
    assert standin.zone("Asia/Kathmandu") is None


def test_the_nearest_thing_that_could_be_done_is_named() -> None:
    assert against(instead(1, "cy", "bo")) == []
    assert against(instead(1, "cy", "ada")) == [("not_on_call", "near_shift")]
    assert against(instead(1, "cy", "dee")) == [("not_in_rota", "near_names")]
    assert against(instead(1, "cy", "b")) == [("unknown_person", "near_name")]
    assert against(instead(1, "bo", None)) == [("changes_nothing", "near_names")]
    assert against(instead(1, "bo", "bo")) == [("for_themselves", None)]


def test_who_was_added_by_hand_can_be_replaced_too() -> None:
    cover = amend(Amendment.COVER, NINE + DAY, NINE + 2 * DAY, "dee")
    assert against(instead(1, "cy", "dee"), cover) == []
    assert against(instead(3, "cy", "dee"), cover) == [("not_on_call", "near_names")]


def test_the_same_change_may_follow_another_but_not_overlap_it() -> None:
    first = instead(1, "cy", "bo", length=0.5)
    assert against(instead(1.5, "dee", "bo", length=0.5), first) == []
    assert against(instead(1.25, "dee", "bo", length=0.5), first) == [("overlaps", "near_after")]
    elsewhere = replace(first, rota="another")
    assert against(instead(1.25, "dee", "bo", length=0.5), elsewhere) == []


def test_who_is_away_stands_in_for_nobody() -> None:
    away = amend(Amendment.ABSENCE, NINE, NINE + 9 * DAY, "cy")
    assert against(instead(1, "cy", "bo"), away) == [("is_away", "near_after")]
    taken = standin.cannot_take("cy", ROTA, Span(NINE, NINE + DAY), [away])
    assert taken is not None
    assert taken.what == "is_away"


def test_a_gap_is_a_warning_only_where_there_was_none() -> None:
    absence = amend(Amendment.ABSENCE, NINE + 0.5 * DAY, NINE + 4 * DAY, "bo")
    (gap,) = standin.warnings(absence, ROTA, ())
    assert (gap.parts["start"], gap.parts["end"]) == (NINE + DAY, NINE + 2 * DAY)
    vacant = replace(ROTA, layers=(replace(ROTA.layers[0], members=(None, "bo")),))
    assert [one.what for one in standin.warnings(instead(1, "cy", "bo", length=2), vacant, ())] == []


def test_what_moves_is_the_difference_and_whole_shifts_are_named_too() -> None:
    one = instead(1.25, "ada", "bo", length=0.5)
    shifts = [rota_rule.shifts(ROTA, NINE, NINE + 3 * DAY, each) for each in ((), (one,))]
    ada, bo = standin.moved(*shifts)
    there = Span(one.start, one.end)
    assert (ada.person, ada.lost, ada.gained, ada.was, ada.now) == ("ada", (), (there,), (), (there,))
    whole = Span(NINE + DAY, NINE + 2 * DAY)
    assert (bo.lost, bo.gained, bo.was) == ((there,), (), (whole,))
    assert bo.now == (Span(whole.start, one.start), Span(one.end, whole.end))
    assert standin.moved(shifts[0], shifts[0]) == ()


drawn = st.lists(
    st.tuples(
        st.sampled_from(Amendment),
        st.integers(0, 16).map(lambda n: n / 4),
        st.integers(1, 12).map(lambda n: n / 4),
        st.sampled_from(NAMES),
        st.none() | st.sampled_from(NAMES),
    ),
    max_size=5,
)


def numbered(number: int, kind: Amendment, day: float, length: float, person: str, replaces: str | None) -> Override:
    start, named = NINE + day * DAY, replaces if kind is Amendment.OVERRIDE else None
    return Override(f"OVR-{number}", "first-line", kind, start, start + length * DAY, person, named)


amendments = drawn.map(lambda found: [numbered(number, *one) for number, one in enumerate(found)])


@given(amendments, amendments)
def test_whoever_is_on_call_after_and_not_before_gained_that_time_and_nobody_else_did(
    some: list[Override], others: list[Override]
) -> None:
    before, after = (rota_rule.shifts(ROTA, NINE, NINE + 8 * DAY, each) for each in (some, others))
    moved = {one.person: one for one in standin.moved(before, after)}
    for step in range(8 * 4):
        at = NINE + step * DAY / 4
        was, now = (names_at(at, each) for each in (some, others))
        for name in NAMES:
            one = moved.get(name)
            gained = any(span.start <= at < span.end for span in one.gained) if one else False
            lost = any(span.start <= at < span.end for span in one.lost) if one else False
            assert (gained, lost) == (name in now - was, name in was - now)


@given(amendments, st.sampled_from(NAMES), st.sampled_from(NAMES), st.integers(0, 12))
def test_an_override_that_is_taken_changes_nothing_while_whom_it_replaces_is_off(
    some: list[Override], person: str, replaces: str, quarter: int
) -> None:
    asked = replace(instead(quarter / 4, person, replaces), id="OVR-99")
    if standin.clashes(asked, ROTA, some, NAMES, NOW):
        return
    for step in range(4):
        at = asked.start + step * DAY / 4
        before, after = (names_at(at, each) for each in (some, [*some, asked]))
        if replaces not in standin.there(ROTA, at, at + DAY / 4, some):
            assert after == before


def names_at(at: datetime, overrides: list[Override]) -> set[str]:
    return {holder.person for holder in rota_rule.on_call(ROTA, at, overrides)}
