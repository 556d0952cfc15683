"""Shifts laid out in rows of a week: where in its seven days each person's bar stands, and in which lane."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.errors import BadInput
from bot.model.rota import Shift

MOST = 12  #: weeks
LANES = 6  #: people shown at once; of more, the first
DAYS = 7
NIGHT = (time(7), time(22))  #: it ends and begins, by the wall clock

Way = tuple[str | None, str]  #: who, and by what
GAP: Way = (None, "gap")


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days of a zone from their first Monday on."""

    days: tuple[date, ...]
    edges: tuple[datetime, ...]  #: the eight midnights around them
    nights: tuple[tuple[float, float], ...]  #: spans of the row, in days

    def begins(self, at: datetime) -> float:
        """Where something that begins at `at` begins: 0 is the first midnight, 7 the last.

        A day is as wide as any other, however many hours it has.
        """
        return _place(self.edges, at, bisect_right(self.edges, at) - 1)

    def ends(self, at: datetime) -> float:
        """Where something that ends at `at` ends; a day without any hour lies behind it."""
        return _place(self.edges, at, bisect_left(self.edges, at) - 1)

    def hours(self, day: int) -> float:
        """How long a day is in real time."""
        return (self.edges[day + 1] - self.edges[day]) / timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Run:
    """One person on call for `[start, end)` by one source, or nobody; spans that touch are one."""

    person: str | None
    source: str  #: layer | temporary | override | cover | gap
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Bar:
    """A piece of a run in one row, in days from its left edge, in one of its lanes."""

    run: int  #: its number
    left: float
    right: float
    lane: int
    lanes: int


def weeks(start: datetime, count: int, zone: str) -> list[Week]:
    """So many weeks, the first the one with `start`; BadInput where nobody can draw them."""
    if not 1 <= count <= MOST:
        raise BadInput(f"A picture shows 1 to {MOST} weeks, not {count}.", f"Ask for {MOST} at most.")
    try:
        where = ZoneInfo(zone)
        today = start.astimezone(where).date()
        monday = today - timedelta(days=today.weekday())
        return [_week(monday + timedelta(days=DAYS * number), where) for number in range(count)]
    except OverflowError:
        raise BadInput("The calendar ends there.", "Ask for other weeks.") from None


def runs(shifts: Sequence[Shift], start: datetime, end: datetime) -> tuple[list[Run], list[tuple[Shift, list[int]]]]:
    """Who is on call in `[start, end)`, and which of those runs hold each shift, lane by lane."""
    found: list[Run] = []
    held: list[tuple[Shift, list[int]]] = []
    before: list[int] = []
    for shift in shifts:
        since, until = max(shift.start, start), min(shift.end, end)
        if since >= until:
            continue
        ways: list[Way] = [(one.person, one.source.partition(":")[0]) for one in shift.holders[:LANES]]
        lanes: list[int] = []
        for person, source in _kept(ways or [GAP], [(found[n].person, found[n].source) for n in before]):
            going = [n for n in before if (found[n].person, found[n].source, found[n].end) == (person, source, since)]
            if going:
                found[going[0]] = Run(person, source, found[going[0]].start, until)
            else:
                found.append(Run(person, source, since, until))
            lanes.append(going[0] if going else len(found) - 1)
        held.append((Shift(shift.rota, since, until, shift.holders), lanes))
        before = lanes
    return found, held


def bars(week: Week, held: Sequence[tuple[Shift, list[int]]]) -> list[Bar]:
    """The bars of a week's row, from left to right; neighbours of one run in one lane are one."""
    found: list[Bar] = []
    going: dict[tuple[int, int, int], int] = {}  #: where in `found` the bars of the shift before stand
    for shift, lanes in held:
        since, until = max(shift.start, week.edges[0]), min(shift.end, week.edges[-1])
        if since >= until:
            continue
        left, right, now = week.begins(since), week.ends(until), {}
        for lane, run in enumerate(lanes):
            key = (run, lane, len(lanes))
            if key in going:
                now[key] = going[key]
                found[now[key]] = Bar(run, found[now[key]].left, right, lane, len(lanes))
            else:
                now[key] = len(found)
                found.append(Bar(run, left, right, lane, len(lanes)))
        going = now
    return found


def _kept(ways: list[Way], before: list[Way]) -> list[Way]:
    """In an order in which who stays keeps their lane, where there are as many lanes as before."""
    if len(ways) != len(before):
        return ways
    new: Iterator[Way] = iter([way for way in ways if way not in before])
    return [way if way in ways else next(new) for way in before]


def _week(monday: date, where: ZoneInfo) -> Week:
    days = tuple(monday + timedelta(days=number) for number in range(DAYS))
    edges = tuple(_instant(monday + timedelta(days=number), time(), where) for number in range(DAYS + 1))
    week = Week(days, edges, ())
    nights = []
    for number, day in enumerate(days):
        morning, evening = (week.begins(_instant(day, hour, where)) for hour in NIGHT)
        if edges[number] < edges[number + 1]:
            nights += [(float(number), min(morning, number + 1)), (min(evening, number + 1), number + 1.0)]
    return Week(days, edges, tuple(nights))


def _instant(day: date, hour: time, where: ZoneInfo) -> datetime:
    """When the clocks show it: the first time, and where they skip it the moment they do."""
    return datetime.combine(day, hour, where).astimezone(UTC)


def _place(edges: Sequence[datetime], at: datetime, day: int) -> float:
    day = min(max(day, 0), DAYS - 1)
    length = edges[day + 1] - edges[day]
    return day + (min(max((at - edges[day]) / length, 0.0), 1.0) if length else 0.0)
