"""Windows, seats for several, layers that end, days off that are skipped, schedules for a span: who is on call then."""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.rota import Amendment, Every, Fixed, Layer, Override, Past, Rota, Temporary, Unit, Window
from bot.rules import rota
from tests.unit.drawn_rotas import MOMENTS, ZONES

MON, TUE, WEEKDAYS = frozenset({0}), frozenset({1}), frozenset(range(5))
DAILY, WEEKLY = Every(1, Unit.DAY), Every(1, Unit.WEEK)


def at(text: str, zone: str = "UTC") -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))


def window(days: frozenset[int], start: int, end: int, **more: object) -> Window:
    return Window(days, time(start), time(end % 24), **more)  # type: ignore[arg-type]


def always(person: str, *only: Window, name: str = "only", zone: str = "UTC") -> Rota:
    return Rota("first-line", zone, (Layer(name, datetime(2017, 7, 3), WEEKLY, (person,), only=only),))


def names(one: Rota, when: str, *overrides: Override, zone: str = "UTC") -> str:
    return "+".join(holder.person for holder in rota.on_call(one, at(when, zone), overrides))


def ladder(one: Rota, start: str, end: str, *overrides: Override, zone: str = "UTC") -> list[str]:
    found = rota.shifts(one, at(start, zone), at(end, zone), overrides)
    where = ZoneInfo(zone)
    return [
        f"{shift.start.astimezone(where):%m-%d %H:%M} {'+'.join(h.person for h in shift.holders) or '-'}"
        for shift in found
    ]


@pytest.mark.parametrize(
    ("days", "start", "end", "on", "off"),
    [
        (MON, 8, 20, ["07-24 08:00", "07-24 09:00"], ["07-24 20:00", "07-20 08:00", "07-25 08:00"]),
        (MON, 20, 8, ["07-24 20:00", "07-24 21:00", "07-25 07:00"], ["07-24 09:00", "07-25 08:00"]),
        (WEEKDAYS, 8, 8, ["07-24 08:00", "07-29 07:00"], ["07-24 07:00", "07-29 08:00"]),
        (
            WEEKDAYS, 20, 8,
            ["07-24 20:00", "07-28 20:00", "07-29 07:00"],
            ["07-23 20:00", "07-24 07:00", "07-29 20:00", "07-30 07:00"],
        ),
        (MON, 0, 24, ["07-24 00:00", "07-24 23:59"], ["07-25 00:00", "07-23 23:59"]),
    ],
)  # fmt: skip
def test_windows_of_weekdays(days: frozenset[int], start: int, end: int, on: list[str], off: list[str]) -> None:
    one = always("foobar", window(days, start, end))
    assert [names(one, f"2017-{when}") for when in on] == ["foobar"] * len(on)
    assert [names(one, f"2017-{when}") for when in off] == [""] * len(off)


def test_windows_that_touch_are_one_shift() -> None:
    one = always("foobar", window(MON | TUE, 8, 8))
    found = rota.shift(one, at("2017-07-25 20:00"))
    assert (found.start, found.end) == (at("2017-07-24 08:00"), at("2017-07-26 08:00"))
    (holder,) = found.holders
    assert "until Wed 26 Jul 2017 08:00 UTC" in holder.why


def test_the_next_window_is_found_from_within_the_gap() -> None:
    one = always("foobar", window(MON, 8, 20))
    gap = rota.shift(one, at("2017-07-24 20:00"))
    assert (gap.start, gap.end, gap.holders) == (at("2017-07-24 20:00"), at("2017-07-31 08:00"), ())
    assert rota.why(one, gap.start) == "Nobody is on call for first-line: layer only does not hold now."


@pytest.mark.parametrize(
    ("day", "start", "end", "begins", "ends"),
    [
        ("2018-11-04", time(1), time(3), "2018-11-04T01:00-05:00", "2018-11-04T03:00-06:00"),
        ("2018-11-04", time(0), time(1), "2018-11-04T00:00-05:00", "2018-11-04T01:00-06:00"),
        ("2018-03-11", time(2), time(5), "2018-03-11T03:00-05:00", "2018-03-11T05:00-05:00"),
        ("2018-03-11", time(2, 30), time(5), "2018-03-11T03:00-05:00", "2018-03-11T05:00-05:00"),
        ("2018-03-11", time(0), time(2, 30), "2018-03-11T00:00-06:00", "2018-03-11T03:00-05:00"),
    ],
)
def test_a_window_begins_at_the_first_and_ends_at_the_last_occurrence(
    day: str, start: time, end: time, begins: str, ends: str
) -> None:
    one = always("foobar", Window(frozenset({6}), start, end), zone="America/Chicago")
    found = rota.shift(one, at(begins))
    assert (found.start, found.end) == (at(begins), at(ends)), day
    assert found.holders


def test_a_window_of_which_every_hour_is_skipped_is_nobodys() -> None:
    one = always("foobar", Window(frozenset({6}), time(2), time(2, 30)), zone="America/Chicago")
    assert names(one, "2018-03-11T03:00-05:00") == ""
    assert names(one, "2018-03-18T02:10-05:00") == "foobar"


def test_office_hours_in_sydney_over_the_change() -> None:
    one = always("foobar", window(WEEKDAYS, 9, 17), zone="Australia/Sydney")
    assert names(one, "2021-10-31T22:00+00:00") == "foobar"
    assert names(one, "2021-10-31T21:00+00:00") == ""
    hours = ("08:59", "09:00", "16:59", "17:00")
    found = [names(one, f"2021-11-01 {hour}", zone="Australia/Sydney") for hour in hours]
    assert found == ["", "foobar", "foobar", ""]


def test_a_day_and_a_night_rota_hand_over_to_each_other() -> None:
    every = frozenset(range(7))
    day = Layer("day", datetime(2018, 9, 12, 8), DAILY, ("Craig", "Donna", "Aru"), only=(window(every, 8, 20),))
    night = Layer("night", datetime(2018, 9, 12, 20), DAILY, ("Caza", "Cook"), only=(window(every, 20, 8),))
    one = Rota("r", "America/Chicago", (day, night))
    assert ladder(one, "2018-09-12 08:00", "2018-09-14 20:00", zone="America/Chicago") == [
        "09-12 08:00 Craig", "09-12 20:00 Caza", "09-13 08:00 Donna", "09-13 20:00 Cook", "09-14 08:00 Aru",
    ]  # fmt: skip


def test_a_replacement_adds_nobody_while_the_replaced_is_off() -> None:
    zone = "America/Chicago"
    both = (
        Layer("all", datetime(2026, 1, 5), WEEKLY, ("u1",)),
        Layer("day", datetime(2026, 1, 5), WEEKLY, (("u1", "u2"),), only=(window(frozenset(range(7)), 9, 21),)),
    )
    one = Rota("r", zone, both)
    swap = Override("1", "r", Amendment.OVERRIDE, at("2026-02-02", zone), at("2026-02-06", zone), "u3", "u2")
    assert [names(one, f"2026-02-03 {hour}", swap, zone=zone) for hour in ("00:00", "09:00", "21:00")] == [
        "u1", "u1+u3", "u1",
    ]  # fmt: skip
    assert names(one, "2026-02-07 09:00", swap, zone=zone) == "u1+u2"


def test_two_in_one_seat_are_on_call_together_and_one_may_be_away() -> None:
    one = Rota("r", "UTC", (Layer("pairs", datetime(2026, 11, 2), DAILY, (("ada", "bo"), None, "cy")),))
    away = Override("1", "r", Amendment.ABSENCE, at("2026-11-02"), at("2026-11-03"), "ada")
    assert [names(one, f"2026-11-0{day}") for day in (2, 3, 4, 5)] == ["ada+bo", "", "cy", "ada+bo"]
    assert names(one, "2026-11-02", away) == "bo"


def test_a_rolling_turn_survives_the_weekend() -> None:
    layer = Layer(
        "office", datetime(2026, 11, 2, 9), DAILY, ("ada", "bo", "cy"), only=(window(WEEKDAYS, 9, 17),), rolling=True
    )
    one = Rota("r", "Europe/Istanbul", (layer,))
    days = [names(one, f"2026-11-{day:02} 10:00", zone="Europe/Istanbul") for day in (2, 3, 4, 5, 6, 7, 8, 9, 10)]
    assert days == ["ada", "bo", "cy", "ada", "bo", "", "", "cy", "ada"]
    assert names(one, "2026-10-30 10:00", zone="Europe/Istanbul") == "cy"  # backwards, too


def test_a_rolling_turn_of_three_days() -> None:
    layer = Layer(
        "office",
        datetime(2026, 11, 2, 9),
        Every(3, Unit.DAY),
        ("ada", "bo"),
        only=(window(WEEKDAYS, 9, 17),),
        rolling=True,
    )
    one = Rota("r", "UTC", (layer,))
    days = [names(one, f"2026-11-{day:02} 10:00") for day in (2, 3, 4, 5, 6, 9, 10, 11)]
    assert days == ["ada"] * 3 + ["bo"] * 3 + ["ada"] * 2


def test_a_layer_that_ends_makes_room_for_the_next_and_yesterday_stays() -> None:
    old = Layer("weekly", datetime(2026, 11, 2, 9), WEEKLY, ("ada", "bo"), until=datetime(2026, 11, 18, 9))
    new = Layer("new", datetime(2026, 11, 18, 9), WEEKLY, ("cy", "dee"), since=datetime(2026, 11, 18, 9))
    found = ladder(Rota("r", "UTC", (old, new)), "2026-11-02 09:00", "2026-12-01 09:00")
    assert found == ["11-02 09:00 ada", "11-09 09:00 bo", "11-16 09:00 ada", "11-18 09:00 cy", "11-25 09:00 dee"]


def test_what_a_rota_was_is_what_it_was() -> None:
    was = always("ada")
    now = Rota("first-line", "UTC", always("bo").layers, past=(Past(at("2026-11-10"), was),))
    assert ladder(now, "2026-11-08", "2026-11-12")[-2:] == ["11-09 00:00 ada", "11-10 00:00 bo"]
    assert rota.shift(now, at("2026-11-11")).start == at("2026-11-10")


def test_a_temporary_schedule_wipes_the_layers_and_leaves_its_gaps() -> None:
    base = always("foobar")
    temporary = Temporary(
        "move", at("2018-01-01 08:15"), at("2018-01-01 08:45"),
        (Fixed(at("2018-01-01 08:25"), at("2018-01-01 08:35"), "baz"),),
    )  # fmt: skip
    one = Rota("r", "UTC", base.layers, temporary=(temporary,))
    assert ladder(one, "2018-01-01 08:00", "2018-01-01 09:00") == [
        "01-01 08:00 foobar", "01-01 08:15 -", "01-01 08:25 baz", "01-01 08:35 -", "01-01 08:45 foobar",
    ]  # fmt: skip
    assert rota.why(one, at("2018-01-01 08:15")) == (
        "Nobody is on call for r: move, which takes the place of all layers, names nobody."
    )


def test_holidays_of_a_country() -> None:
    never = always("ada", window(WEEKDAYS, 9, 17, holidays=False, country="TR"))
    only = always("bo", window(frozenset(range(7)), 0, 24, holidays=True, country="TR"))
    assert names(never, "2026-10-29 10:00") == ""  # Republic Day
    assert names(never, "2026-10-30 10:00") == "ada"
    assert names(only, "2026-10-29 10:00") == "bo"
    found = rota.shift(only, at("2026-11-15"))
    assert (found.start, found.end, found.holders) == (at("2026-10-30"), at("2027-01-01"), ())


def test_layers_follow_the_sun() -> None:
    hours = window(frozenset(range(7)), 9, 17)
    zones = {"Asia/Tokyo": "kai", "Europe/London": "liz", "America/Los_Angeles": "mo"}
    layers = [
        Layer(zone, datetime(2026, 11, 2, 9), WEEKLY, (who,), timezone=zone, only=(hours,))
        for zone, who in zones.items()
    ]
    one = Rota("sun", "UTC", tuple(layers))
    assert [names(one, f"2026-11-03 {hour}") for hour in ("01:00", "08:30", "10:00", "18:00")] == [
        "kai",
        "",
        "liz",
        "mo",
    ]


WINDOWS = st.builds(
    Window,
    days=st.frozensets(st.integers(0, 6), min_size=1),
    start=st.times().map(lambda one: one.replace(second=0, microsecond=0)),
    end=st.times().map(lambda one: one.replace(second=0, microsecond=0)),
)
LAYER = st.builds(
    Layer,
    name=st.just("any"),
    start=st.datetimes(datetime(2005, 1, 1), datetime(2035, 1, 1)).map(
        lambda one: one.replace(second=0, microsecond=0)
    ),
    every=st.builds(Every, st.integers(1, 9), st.sampled_from((Unit.DAY, Unit.WEEK, Unit.HOUR))),
    members=st.lists(st.sampled_from(("ada", ("bo", "cy"), None, "dee")), min_size=1, max_size=4).map(tuple),
    only=st.lists(WINDOWS, max_size=3).map(tuple),
)


@given(
    layers=st.lists(LAYER, min_size=1, max_size=3),
    zone=st.sampled_from(ZONES),
    when=MOMENTS,
    step=st.integers(97, 2_000),
)
def test_what_is_rendered_is_what_is_answered(layers: list[Layer], zone: str, when: datetime, step: int) -> None:
    one = Rota("r", zone, tuple(layers))
    end = when + timedelta(days=9)
    found = rota.shifts(one, when, end)
    assert found[0].start == when
    assert found[-1].end == end
    for before, after in pairwise(found):
        assert before.end == after.start
        assert before.start < before.end
        assert before.holders != after.holders
    moment = when
    while moment < end:
        shown = next(shift for shift in found if shift.start <= moment < shift.end)
        assert shown.holders == rota.on_call(one, moment), moment
        moment += timedelta(minutes=step)
    inner = found[len(found) // 2]
    whole = rota.shift(one, inner.start)
    assert whole.start <= inner.start
    assert whole.end >= inner.end
    assert whole.holders == inner.holders


@pytest.mark.parametrize("until", [None, datetime(2031, 1, 1)])
def test_a_window_that_opens_in_vacant_hours_only_is_not_walked_for_millennia(until: datetime | None) -> None:
    # The turns of four hours come back every day, so the window falls on the vacant one for ever.
    layer = Layer(
        name="any",
        start=datetime(2026, 1, 1),
        every=Every(1, Unit.HOUR),
        members=("ada", None, "ada", None),
        only=(Window(frozenset(range(7)), time(1), time(2)),),
        until=until,
    )
    below = Layer("late", datetime(2026, 1, 1), Every(1, Unit.WEEK), ("bo",), since=datetime(2031, 1, 1))
    found = rota.shift(Rota("r", "UTC", (below, layer)), datetime(2026, 5, 1, tzinfo=UTC))
    assert found.holders == ()
    assert found.end == datetime(2031, 1, 1, tzinfo=UTC)
    assert found.start == rota.turns.FIRST


@given(zone=st.sampled_from(sorted(available_timezones())), years=st.integers(0, 14), every=st.sampled_from(Unit))
def test_around_the_clock_nobody_is_missing_in_any_zone(zone: str, years: int, every: Unit) -> None:
    layer = Layer("all", datetime(2020, 2, 29, 2, 30), Every(1, every), ("ada", "bo", "cy"))
    start = datetime(2020 + years, 1, 1, tzinfo=UTC)
    end = start + timedelta(days=366 if every is not Unit.HOUR else 20)
    found = rota.shifts(Rota("r", zone, (layer,)), start, end)
    assert all(shift.holders for shift in found)
    assert all(one.end == two.start for one, two in pairwise(found))
    assert all(shift.start < shift.end for shift in found)


def test_whoever_is_away_from_a_temporary_schedule_is_said_to_be() -> None:
    span = at("2018-01-01 08:15"), at("2018-01-01 08:45")
    one = Rota("r", "UTC", always("foobar").layers, temporary=(Temporary("move", *span, (Fixed(*span, "baz"),)),))
    away = Override("OVR-3", "r", Amendment.ABSENCE, *span, "baz")
    assert rota.why(one, span[0], [away]) == (
        "Nobody is on call for r: baz is away from move, which takes the place of all layers (absence OVR-3)."
    )
