"""The picture of a rota's weeks, read back from its SVG: who stands where, gaps, nights, and where now is."""

import io
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

pytest.importorskip("matplotlib")

from PIL import Image

from bot.charts import calendar, colours, rows, sheet, weeks
from bot.charts.sheet import Sheet
from bot.errors import BadInput
from bot.model.rota import Amendment, Every, Holder, Layer, Override, Rota, Seat, Shift, Unit, Window
from bot.rules import rota as rule

MONDAY = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)
Box = tuple[float, float, float, float]  # left and right in days, top and bottom in points


def layer(members: Sequence[Seat], count: int, unit: Unit, **more: object) -> Layer:
    return Layer("l", datetime(2026, 10, 5, 9), Every(count, unit), tuple(members), **more)  # type: ignore[arg-type]


def drawn(rota: Rota, start: datetime = MONDAY, count: int = 1, byhand: Sequence[Override] = (), **more: str) -> Sheet:
    begin, end = sheet.span(start, count, rota.timezone)
    shifts = rule.shifts(rota, begin, end, byhand)
    return Sheet(rota.name, rota.timezone, shifts, rota.persons, start, count, start, **more)


class Seen:
    """What an SVG shows, by the names of its groups."""

    def __init__(self, shown: Sheet) -> None:
        self.groups: dict[str, ElementTree.Element] = {}
        for group in ElementTree.fromstring(weeks.weeks(shown, "svg")).iter("{http://www.w3.org/2000/svg}g"):
            assert group.get("id") not in self.groups, "an id stands twice"
            self.groups[str(group.get("id"))] = group

    def boxes(self, begins: str) -> list[Box]:
        """The rectangles of the groups whose names begin so, from left to right."""
        found = []
        for name, group in self.groups.items():
            if name.startswith(begins):
                path = str(group[0].get("d"))
                for part in path.split("M")[1:]:
                    x, y = zip(*re.findall(r"([\d.]+) ([\d.]+)", part), strict=True)
                    xs, ys = sorted(map(float, x)), sorted(map(float, y))
                    found.append((self.day(xs[0]), self.day(xs[-1]), ys[0], ys[-1]))
        return sorted(found)

    @staticmethod
    def day(x: float) -> float:
        return round((x - calendar.LEFT) / calendar.DAY, 2)

    def told(self, begins: str) -> list[str]:
        """The words of the groups whose names begin so."""
        return ["".join(g.itertext()).strip() for name, g in self.groups.items() if name.startswith(begins)]

    def style(self, name: str) -> str:
        return str(self.groups[name][0].get("style"))

    def fill(self, name: str) -> str:
        return str(re.findall(r"fill: ([^;]+)", self.style(name))[0])


WEEKLY = Rota("first-line", "UTC", (layer(("ada", None, "bo"), 1, Unit.WEEK),))


def test_every_shift_stands_in_its_week_with_its_person() -> None:
    rota = Rota("r", "UTC", (layer(("ada", "bo", "cy"), 3, Unit.DAY),))
    shown = drawn(rota, count=3)
    seen = Seen(shown)
    names = dict(enumerate(one.holders[0].person for one in shown.shifts))
    for number, week in enumerate(rows.weeks(MONDAY, 3, "UTC")):
        wanted = []
        for run, shift in enumerate(shown.shifts):
            begin, end = max(shift.start, week.edges[0]), min(shift.end, week.edges[-1])
            if begin < end:
                hours = timedelta(hours=24)
                left, right = (begin - week.edges[0]) / hours, (end - week.edges[0]) / hours
                [(got_left, got_right, _, _)] = seen.boxes(f"bar-{number}-{run}-")
                assert (got_left, got_right) == (round(left, 2), round(right, 2))
                [who] = seen.told(f"who-{number}-{run}")[:1]
                assert who == names[run]
                wanted.append((round(left, 2), round(right, 2)))
        assert [box[:2] for box in seen.boxes(f"bar-{number}-")] == wanted
    assert seen.told("title") == ["On call for r"]
    assert seen.told("span") == ["23 Nov – 13 Dec 2026  ·  times of UTC"]


def test_somebody_keeps_their_colour_and_no_two_share_one() -> None:
    shown = drawn(Rota("r", "UTC", (layer(("ada", "bo"), 1, Unit.DAY),)))
    seen = Seen(shown)
    fills = {name: seen.fill(name) for name in seen.groups if name.startswith("bar-")}
    assert len(set(fills.values())) == 2
    people = [f"person-{number}" for number in range(30)]
    assert len(set(colours.of(people).values())) == 30
    assert colours.of(people) == colours.of(reversed(people))
    assert colours.of([*people[:3], "zoe"])[people[0]] == colours.of(people[:3])[people[0]]


def test_a_gap_is_hatched_in_red_named_and_counted() -> None:
    seen = Seen(drawn(WEEKLY, count=2))
    assert [box[:2] for box in seen.boxes("gap-0-")] == [(0.38, 7)]
    assert [box[:2] for box in seen.boxes("gap-1-")] == [(0, 0.38)]
    gaps = [name for name in seen.groups if name.startswith("gap-")]
    assert all(seen.fill(name).startswith("url(#") and "#c1121f" in seen.style(name) for name in gaps)
    assert "nobody" in seen.told("who-0-")
    assert seen.told("told") == ["1 × nobody, 168 h in all"]
    assert Seen(drawn(WEEKLY, datetime(2026, 12, 8, tzinfo=UTC))).boxes("gap") == []


def test_a_gap_of_a_minute_is_seen() -> None:
    start, end = sheet.span(MONDAY, 1, "UTC")
    begun, over = start + timedelta(days=2), start + timedelta(days=2, minutes=1)
    ada = (Holder("ada", "layer:l", "It is ada's turn."),)
    shifts = (Shift("r", start, begun, ada), Shift("r", begun, over), Shift("r", over, end, ada))
    seen = Seen(Sheet("r", "UTC", shifts, ("ada",), start, 1))
    # It is too narrow for its name, and drawn wider than it is.
    [(left, right, _, _)] = seen.boxes("gaps-0-")
    assert left == 2
    assert right - left == pytest.approx(calendar.THIN / calendar.DAY, abs=0.01)
    assert seen.told("told") == ["1 × nobody, 0.1 h in all"]


@pytest.mark.parametrize(("day", "hours", "after"), [("2026-10-26", "25 h", 16 / 25), ("2026-03-02", "23 h", 14 / 23)])
def test_a_week_in_which_the_clocks_are_set_has_seven_columns(day: str, hours: str, after: float) -> None:
    rota = Rota("r", "America/Chicago", (Layer("l", datetime(2026, 1, 1, 15), Every(1, Unit.DAY), ("ada", "bo")),))
    seen = Seen(drawn(rota, datetime.fromisoformat(f"{day}T12:00Z")))
    assert len(seen.told("day-")) == 7
    assert seen.told("hours-") == [hours]
    edges = sorted({edge for box in seen.boxes("bar-") for edge in box[:2]})
    ordinary = [round(number + 15 / 24, 2) for number in range(6)]
    # On Sunday 15:00 by the clocks is 16 or 14 real hours after midnight.
    assert edges == [0, *ordinary, round(6 + after, 2), 7]


def test_a_day_that_never_was_has_a_column_without_anybody() -> None:
    rota = Rota("r", "Pacific/Apia", (Layer("l", datetime(2011, 12, 1, 9), Every(1, Unit.DAY), ("ada", "bo")),))
    seen = Seen(drawn(rota, datetime(2011, 12, 28, tzinfo=UTC)))
    assert len(seen.told("day-")) == 7
    assert seen.told("hours-") == ["0 h"]
    assert 0 <= min(box[0] for box in seen.boxes("bar")) <= max(box[1] for box in seen.boxes("bar")) == 7


def test_two_at_once_are_both_seen_one_above_the_other() -> None:
    seen = Seen(
        drawn(Rota("r", "UTC", (layer((("ada", "bo"), "cy"), 2, Unit.WEEK),)), datetime(2026, 11, 2, tzinfo=UTC))
    )
    ada, bo = sorted(seen.boxes("bar-0-"), key=lambda box: box[2])[-2:]
    assert ada[:2] == bo[:2]
    assert ada[3] == pytest.approx(bo[2], abs=0.05)
    assert {"ada", "bo"} <= set(seen.told("who-0-"))


def byhand(kind: Amendment, day: int, person: str, replaces: str | None = None) -> Override:
    start = datetime(2026, 11, day, 9, tzinfo=UTC)
    return Override(f"{kind}-{day}", "r", kind, start, start + timedelta(days=1), person, replaces)


def test_what_was_changed_by_hand_is_outlined() -> None:
    rota = Rota("r", "UTC", (layer(("ada",), 1, Unit.WEEK),))
    changes = [byhand(Amendment.OVERRIDE, 25, "bo", "ada"), byhand(Amendment.COVER, 27, "cy")]
    seen = Seen(drawn(rota, byhand=changes))
    [stands_in], [covers] = ([n for n in seen.groups if n.startswith(kind)] for kind in ("override-", "cover-"))
    assert [box[0] for box in seen.boxes("override-")] == [pytest.approx(2.38, abs=0.02)]
    assert "stroke-dasharray" in seen.style(covers)
    assert "stroke-dasharray" not in seen.style(stands_in)
    whole = "".join(seen.told("figure_1"))
    assert "stands in (override)" in whole
    assert "covers as well" in whole


def test_nights_are_dark_and_now_is_marked() -> None:
    seen = Seen(drawn(WEEKLY, MONDAY))
    nights = seen.boxes("nights-0")
    assert len(nights) == 14
    assert nights[0][:2] == (0, round(7 / 24, 2))
    assert nights[1][:2] == (round(22 / 24, 2), 1)
    [(x, right, _, _)] = seen.boxes("now")[:1]
    assert x == right == round((14 + 5 / 60) / 24, 2)
    assert seen.told("now-at") == ["now 14:05"]
    # By the clocks of Istanbul, three hours on.
    assert Seen(drawn(replace(WEEKLY, timezone="Europe/Istanbul"))).told("now-at") == ["now 17:05"]
    assert Seen(replace(drawn(WEEKLY), now=MONDAY + timedelta(days=30))).told("now-at") == []


def test_it_speaks_turkish() -> None:
    seen = Seen(drawn(WEEKLY, datetime(2026, 11, 30, tzinfo=UTC), language="tr"))
    assert seen.told("title") == ["Nöbet: first-line"]
    assert seen.told("day-2026-12-01") == ["Sal 1 Ara"]


@pytest.mark.parametrize("form", ["png", "svg"])
def test_equal_sheets_give_equal_bytes(form: str) -> None:
    once, again = (weeks.weeks(drawn(WEEKLY, count=2), form) for _ in range(2))  # type: ignore[arg-type]
    assert once == again
    assert weeks.weeks(drawn(WEEKLY, count=3), form) != once  # type: ignore[arg-type]


HOSTILE = (
    '</text><script>alert("x")</script>',
    "$\\frac{1}{0}$",
    "a\u202eb\x00\n\x1b[31m",
    "王伟 🔥",
    "x" * 5_000,
    "&amp;'",
)


def test_hostile_names_are_only_words() -> None:
    rota = Rota(HOSTILE[0], "UTC", (layer(HOSTILE, 1, Unit.DAY),))
    content = weeks.weeks(drawn(rota, count=2), "svg")
    tree = ElementTree.fromstring(content)
    assert {element.tag.rpartition("}")[2] for element in tree.iter()}.isdisjoint(
        {"script", "a", "image", "foreignObject"}
    )
    assert "\u202e" not in content.decode()
    assert len(content) <= weeks.LARGEST
    assert weeks.weeks(drawn(rota, count=2)).startswith(b"\x89PNG")
    assert sheet.aloud(drawn(rota, count=2)).isprintable()


@pytest.mark.parametrize("members", [("ada",), tuple(f"person-{n}" for n in range(11))])
@pytest.mark.parametrize(("count", "unit"), [(1, Unit.HOUR), (6, Unit.HOUR), (1, Unit.WEEK)])
def test_no_picture_is_larger_than_a_chat_likes(members: tuple[str, ...], count: int, unit: Unit) -> None:
    shown = drawn(Rota("r", "UTC", (layer(members, count, unit),)), count=12)
    png = weeks.weeks(shown)
    assert len(png) <= weeks.LARGEST
    with Image.open(io.BytesIO(png)) as image:
        assert image.width < 2_000
        assert image.height < 2_000
    assert len(sheet.aloud(shown)) <= sheet.ALOUD


def test_what_no_picture_holds_is_refused() -> None:
    start, _ = sheet.span(MONDAY, 12, "UTC")
    held = rule.on_call(Rota("r", "UTC", (layer(("ada",), 1, Unit.WEEK),)), MONDAY)
    ten = timedelta(minutes=10)
    cells = [Shift("r", start + n * ten, start + (n + 1) * ten, held if n % 2 else ()) for n in range(12_000)]
    with pytest.raises(BadInput, match="fewer weeks"):
        weeks.weeks(Sheet("r", "UTC", cells, ("ada",), MONDAY, 12), "svg")


@pytest.mark.parametrize("count", [0, -1, 13])
def test_weeks_that_nobody_draws_are_refused(count: int) -> None:
    with pytest.raises(BadInput, match="1 to 12 weeks"):
        sheet.span(MONDAY, count, "UTC")


@pytest.mark.parametrize(
    ("at", "zone"),
    [("9999-12-31T23:59Z", "Pacific/Auckland"), ("9999-12-20T00:00Z", "UTC"), ("0001-01-01T00:00Z", "America/Chicago")],
)
def test_the_calendars_own_ends_are_refused(at: str, zone: str) -> None:
    with pytest.raises(BadInput, match="calendar ends"):
        sheet.span(datetime.fromisoformat(at), 4, zone)


def test_who_cannot_see_it_hears_who_is_on_call_and_where_nobody_is() -> None:
    told = sheet.aloud(drawn(WEEKLY, count=2))
    assert told == (
        "On call for first-line, 23 Nov – 6 Dec 2026  ·  times of UTC. 1 × nobody, 168 h in all. "
        "nobody: Mon 23 09:00 – Mon 30 09:00. bo: from Mon 30 09:00."
    )
    windows = (Window(frozenset(range(5)), time(20), time(8)),)
    nightly = Rota("r", "UTC", (layer(("ada", "bo"), 1, Unit.DAY, only=windows),))
    assert "And " in sheet.aloud(drawn(nightly, count=12))
