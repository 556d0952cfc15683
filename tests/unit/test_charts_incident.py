"""The pictures of an incident, read back: what is said and drawn, at most so much, whatever stands in it."""

import io
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from math import inf, nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("matplotlib")

from PIL import Image

from bot.charts import axis, drift, marks, metric, timeline
from bot.charts.drift import Drift, Feature
from bot.charts.marks import Mark
from bot.charts.metric import Line, Metric, Point
from bot.charts.timeline import Bar, Paged, Timeline
from bot.errors import BadInput
from bot.words import ENGLISH

T = datetime(2026, 11, 23, 3, 38, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOSTILE = (
    "x" * 50_000,
    "\U0001f600 rocket \U0001f680",
    "السعر الإجمالي",
    "$\\frac{1}{0}$",
    "two\nlines\r\tand\0more",
    "\u202etxt.exe",
    "\ud800",
    "",
    "<b>&amp;</b>",
)


class Seen:
    """What an SVG shows, by the names of its groups."""

    def __init__(self, drawn: bytes) -> None:
        groups = ElementTree.fromstring(drawn).iter("{http://www.w3.org/2000/svg}g")
        self.groups = {str(group.get("id")): group for group in groups}

    def told(self, begins: str) -> list[str]:
        return ["".join(one.itertext()).strip() for name, one in self.groups.items() if name.startswith(begins)]

    def count(self, begins: str) -> int:
        return sum(name.startswith(begins) for name in self.groups)


def width(drawn: bytes) -> tuple[int, int]:
    return Image.open(io.BytesIO(drawn)).size


def features(*values: float, limit: float | None = 0.2, **more: object) -> Drift:
    found = tuple(Feature(f"f{n}", value, limit, **more) for n, value in enumerate(values))  # type: ignore[arg-type]
    return Drift("INC-7", "churn v7", "psi", found)


def over_time(*values: float, limit: float | None = 0.2, moments: Sequence[Mark] = (), **more: object) -> Metric:
    points = tuple(Point(T + n * MINUTE, value) for n, value in enumerate(values))
    line = Line("amount", points, limit, **more)  # type: ignore[arg-type]
    return Metric("INC-7", "churn v7", "psi", "Europe/Istanbul", (line,), tuple(moments))


# --- what drifted ---


def test_what_drifted_most_stands_first_with_its_rows_and_the_noise() -> None:
    found = (
        Feature("age", 0.25, 0.2, rows=900, noise=0.02),
        Feature("country", 0.05, 0.2),
        Feature("amount", 0.31, 0.2, rows=12_400, noise=0.001),
    )
    shown = Drift("INC-7", "churn v7", "psi", found)
    seen = Seen(drift.picture(shown, form="svg"))
    assert seen.told("title") == ["INC-7 churn v7: drift by psi"]
    assert seen.told("feature") == ["amount", "age", "country"]
    assert seen.told("value") == ["0.31", "0.25", "0.05"]
    assert (seen.count("limit"), seen.count("noise"), seen.count("dot")) == (3, 2, 3)
    assert drift.aloud(shown) == (
        "amount drifted most: psi 0.31 over a limit of 0.2, on 12,400 rows. Beyond their limit: 2 of 3 features."
    )


def test_of_a_p_value_the_lowest_is_the_worst() -> None:
    shown = features(0.04, 0.5, 0.0001, limit=0.05, below=True)
    assert Seen(drift.picture(shown, form="svg")).told("feature") == ["f2", "f0", "f1"]
    assert drift.aloud(shown).startswith("f2 drifted most: psi 0.0001 under a limit of 0.05.")


def test_where_nothing_is_beyond_its_limit_that_is_said() -> None:
    assert drift.aloud(features(0.1)) == "psi (f0) is 0.1 within a limit of 0.2."
    assert drift.aloud(features(0.1, limit=None)) == "psi (f0) is 0.1."
    assert drift.aloud(features(0.3, limit=None, breached=True)) == "f0 drifted most: psi 0.3."


def test_no_more_than_fit_are_drawn_and_the_rest_is_counted() -> None:
    shown = features(*(n / 100 for n in range(300)))
    seen = Seen(drift.picture(shown, form="svg"))
    assert seen.count("feature") == drift.MOST
    assert seen.told("more") == [f"and {300 - drift.MOST} more"]


def test_where_the_shapes_are_known_both_are_drawn() -> None:
    shaped = Feature("amount", 0.31, 0.2, cells=("low", "high"), reference=(900, 100), current=(50.0, 50.0))
    torn = Feature("age", 0.3, 0.2, reference=(1.0, 2.0), current=(1.0,))
    odd = Feature("x", 0.3, 0.2, reference=(nan, 2.0), current=(1.0, 2.0))
    seen = Seen(drift.picture(Drift("INC-7", "churn", "psi", (shaped, torn, odd)), form="svg"))
    assert (seen.count("reference:"), seen.count("current:")) == (1, 1)


def test_without_a_value_there_is_no_picture() -> None:
    assert drift.aloud(features(nan, inf)) == ""
    with pytest.raises(BadInput, match="has no drift to draw"):
        drift.picture(features(nan))


# --- a metric over time ---


def test_the_values_the_limit_and_what_was_done_are_drawn() -> None:
    done = (Mark(T + MINUTE, "acknowledged", "taken by ada"), Mark(T, "opened", "opened as sev2"))
    seen = Seen(metric.picture(over_time(0.3, 0.4, 0.1, moments=done), form="svg"))
    assert seen.told("title") == ["INC-7 churn v7: psi amount"]
    assert seen.told("under") == ["limit 0.2 · times of Europe/Istanbul"]
    assert (seen.count("line:"), seen.count("point"), seen.count("limit"), seen.count("mark")) == (1, 3, 1, 2)
    assert seen.told("told") == ["opened as sev2", "taken by ada"]
    assert seen.told("at:") == ["A", "B"]


@pytest.mark.parametrize(
    ("values", "below", "told"),
    [
        ((0.3, 0.4), False, "0.4 at its highest, 0.4 at 06:39, beyond the limit of 0.2."),
        ((0.3, 0.1), False, "0.3 at its highest, 0.1 at 06:39, within the limit of 0.2 again."),
        ((0.1, 0.1), False, "0.1 at its highest, 0.1 at 06:39, never beyond the limit of 0.2."),
        ((0.3, 0.1), True, "0.1 at its lowest, 0.1 at 06:39, beyond the limit of 0.2."),
    ],
)
def test_the_finding_says_how_far_it_went_and_where_it_is(values: tuple[float, ...], below: bool, told: str) -> None:
    assert metric.aloud(over_time(*values, below=below)).endswith(told)


def test_the_finding_says_what_was_marked() -> None:
    done = [Mark(T + n * MINUTE, "deploy", f"deploy {n}") for n in range(20)]
    said = metric.aloud(over_time(0.3, 0.4, moments=[*done, Mark(T, "opened", "opened as sev2")]))
    assert "Marked: 06:38 opened as sev2; 06:38 deploy 0; " in said
    assert said.endswith("and 13 more.")


def test_a_long_series_keeps_its_peak_and_few_points() -> None:
    values = [0.1] * 20_000
    values[777] = 5.0
    shown = over_time(*values)
    thinned = metric._thinned(shown.lines[0].known)
    assert len(thinned) <= metric.POINTS
    assert max(one.value for one in thinned) == 5.0
    assert len(metric.picture(shown)) < 100_000


def test_no_more_lines_than_can_be_told_apart() -> None:
    lines = tuple(Line(f"f{n}", (Point(T, 0.1 * n), Point(T + MINUTE, 0.2))) for n in range(9))
    seen = Seen(metric.picture(Metric("INC-7", "churn", "psi", "UTC", lines), form="svg"))
    assert seen.told("name") == ["f0", "f1", "f2", "f3"]
    assert seen.told("more-lines") == ["and 5 more"]


# --- what happened ---


def story(**more: object) -> Timeline:
    given = {
        "since": T,
        "until": T + 67 * MINUTE,
        "open": False,
        "alerts": (Bar("psi amount", T, T + 50 * MINUTE),),
        "pages": (Paged("ada", T, T + 4 * MINUTE), Paged("bo", T + 10 * MINUTE, None, True)),
        "changes": (Bar("CHG-1 rollback", T + 20 * MINUTE, T + 52 * MINUTE),),
        "marks": (Mark(T, "opened", "opened as sev2"), Mark(T + 4 * MINUTE, "acknowledged", "taken by ada")),
        "taken": (T + 4 * MINUTE, "ada"),
        "mitigated": T + 52 * MINUTE,
    }
    return Timeline("INC-7", "churn v7", "Europe/Istanbul", **{**given, **more})  # type: ignore[arg-type]


def test_each_has_a_lane() -> None:
    seen = Seen(timeline.picture(story(), form="svg"))
    assert seen.told("lane") == ["psi amount", "ada", "bo", "CHG-1 rollback", "decisions"]
    assert (seen.count("bars"), seen.count("page"), seen.count("answer")) == (2, 2, 1)
    assert timeline.aloud(story()) == (
        "INC-7 opened at 23 Nov 06:38 (Europe/Istanbul), taken after 4m by ada, mitigated after 52m, resolved after "
        "1h7m. Pages: 2 (people: 2). Changes: 1."
    )
    assert "still open after under a minute" in timeline.aloud(story(open=True, until=T))


def test_a_crowd_shares_its_last_lane() -> None:
    many = tuple(Bar(f"alert {n}", T + n * MINUTE) for n in range(400))
    seen = Seen(timeline.picture(story(alerts=many, pages=(), changes=(), marks=()), form="svg"))
    assert seen.told("lane") == ["alert 0", "alert 1", "alert 2", "alert 3", "and 396 more"]


# --- all of them ---


def hostile(text: str) -> list[tuple[bytes, str]]:
    moments = (Mark(T, "opened", text), Mark(T + MINUTE, "no such thing", text))
    drifted = Drift(text, text, text, (Feature(text, 0.3, 0.2, rows=10**15, noise=inf), Feature(text, nan)))
    points = (Point(T, 1e308), Point(T, nan), Point(T + MINUTE, -1e308), Point(T + MINUTE, inf))
    lines = (Line(text, points, 0.0), Line(text, (Point(T, 5e-324),)))
    measured = Metric(text, text, text, "UTC", lines, moments)
    told = story(alerts=(Bar(text, T),), pages=(Paged(text, T),), marks=moments, taken=(T, text))
    return [
        (drift.picture(drifted), drift.aloud(drifted)),
        (metric.picture(measured), metric.aloud(measured)),
        (timeline.picture(told), timeline.aloud(told)),
    ]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_names_are_drawn_small_and_read_aloud_in_one_line(text: str) -> None:
    for drawn, aloud in hostile(text):
        assert width(drawn)[0] == 1055
        assert len(drawn) < 100_000
        assert aloud.isprintable()
        assert len(aloud) <= 1000


def test_the_same_is_drawn_alike_and_in_both_languages() -> None:
    for module, shown in ((drift, features(0.3)), (metric, over_time(0.3, 0.1)), (timeline, story())):
        assert module.picture(shown) == module.picture(shown)  # type: ignore[attr-defined]
        assert module.aloud(shown, "tr") != module.aloud(shown)  # type: ignore[attr-defined]


def test_a_phone_shows_it_whole() -> None:
    drawn = [
        drift.picture(features(*(n / 100 for n in range(99)))),
        metric.picture(over_time(0.3, 0.1, moments=[Mark(T, "deploy", "d")] * 99)),
        timeline.picture(story(marks=tuple(Mark(T, "deploy", "d") for _ in range(99)))),
    ]
    for one in drawn:
        wide, tall = width(one)
        assert tall < 2 * wide


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=1, max_size=6))
def test_any_numbers_have_a_scale_with_ticks(values: list[float]) -> None:
    known = [one for one in values if one - one == 0]
    if known:
        scale = axis.around(known)
        assert scale.low < scale.high
        assert all(0 <= scale.share(one) <= 1 for one in known)
        assert 0 < len(axis.numbers(scale)) <= 20
        assert all(axis.written(one) for one in axis.numbers(scale))


@pytest.mark.parametrize("length", [timedelta(minutes=1), timedelta(hours=5), timedelta(days=3), timedelta(days=4000)])
@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu", "America/Chicago"])
def test_times_are_round_by_the_clocks_of_the_zone(length: timedelta, zone: str) -> None:
    found = axis.times(T, T + length, zone, ENGLISH.picture)
    assert 0 < len(found) <= 8
    assert [at for at, _ in found] == sorted({at for at, _ in found})
    assert all(T <= at <= T + length for at, _ in found)


def test_letters_stand_apart_and_within() -> None:
    places = marks.spread([10, 11, 12, 95, 99], 10, 0, 100)
    assert places == [10, 20, 30, 90, 100]
