"""When each turn of a layer begins, and when it holds: steps in wall-clock time, by arithmetic however far away.

Turn n begins at the first instant whose wall clock reads at least `start + n * every`: inside a skipped hour that is
the first instant after the gap, in a repeated hour its first occurrence. Turns that would begin at one instant
collapse, and the last of them holds. Before the start n is negative. A window begins at the first occurrence of its
clock time and ends at the last.
"""

from bisect import bisect_left, bisect_right
from calendar import monthrange
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from bot.model.rota import Layer, Unit, Window, seated
from bot.rules import clocks, holiday
from bot.rules.clocks import DAY, EARLIEST, FIRST, HOUR, LAST, LATEST, TICK, zone

__all__ = ["FIRST", "LAST", "TICK", "Spans", "Turns", "begins", "number", "of", "zone"]

_STEP = {Unit.HOUR: HOUR, Unit.DAY: DAY, Unit.WEEK: 7 * DAY}
_MONDAY = 3  #: 1970 began on a Thursday: a day's number and this, by seven, is its weekday
_FARTHEST = 400  #: days; no window is further from the next
_WEEK = 8  #: days; those without holidays come back within
_KNOWN = 32  #: days

Span = tuple[int, int]  #: half-open, in instants of `clocks`
Seated = tuple[tuple[str, ...], int]  #: by whom, and until when


class _Hours(NamedTuple):
    """A window, in microseconds since the midnight of the day it begins on."""

    days: frozenset[int]
    start: int
    end: int
    window: Window


class Turns:
    """One layer, ready to be asked; everything is an instant as `clocks` counts them."""

    def __init__(self, layer: Layer, zone_name: str) -> None:
        """`zone_name`: that of its rota, where the layer has none of its own."""
        self.layer, self.anybody = layer, bool(layer.persons)
        self.clock = clocks.of(layer.timezone or zone_name)
        self._start, self._count = clocks.wall(layer.start), layer.every.count
        self._step = 0 if layer.every.unit is Unit.MONTH else _STEP[layer.every.unit] * self._count
        self.since = self.clock.first(clocks.wall(layer.since)) if layer.since else EARLIEST
        self.until = self.clock.first(clocks.wall(layer.until)) if layer.until else LATEST
        self._hours = tuple(_hours(window) for window in layer.only)
        self._far = _FARTHEST if any(window.holidays is not None for window in layer.only) else _WEEK
        self._rolls = _Rolling(self._hours, self._start // DAY) if layer.rolling and self._hours else None
        self._last: tuple[int, Seated] = (LATEST, ((), EARLIEST))  # since when it is known, and what was answered
        self._days: dict[int, tuple[Span, ...]] = {}  # of some days, the windows that begin on them

    def number(self, at: int) -> int:
        """Which turn holds at an instant."""
        wall = self.clock.reached(at)
        if self._rolls:
            return self._rolls.number(wall) // self._count
        if self._step:
            return (wall - self._start) // self._step
        shown, start = clocks.shown(wall), self.layer.start
        turn = ((shown.year - start.year) * 12 + shown.month - start.month) // self._count
        return turn if _month(self.layer, turn) <= shown else turn - 1

    def begins(self, turn: int) -> int:
        """The instant at which a turn begins."""
        if self._rolls:
            return self.clock.first(self._rolls.begins(turn * self._count))
        if self._step:
            return self.clock.first(self._start + turn * self._step)
        return self.clock.first(clocks.wall(_month(self.layer, turn)))

    def seat(self, at: int) -> Seated | None:
        """Who sits in it at an instant, and until when; None while it does not hold."""
        since, known = self._last
        if since <= at < known[1]:
            return known
        if not self.since <= at < self.until or (self._hours and self._around(at) is None):
            return None
        turn, members = self.number(at), self.layer.members
        persons = seated(members[turn % len(members)])
        found = persons, self._until(at, self.begins(turn + 1)) if persons else at
        self._last = at, found
        return found

    def _until(self, at: int, most: int) -> int:
        """Until when it holds on, from an instant at which it does; `most` at the latest."""
        end, most = at, min(most, self.until)
        while self._hours and end < most:
            around = self._around(end)
            if around is None:
                return min(end, most)
            end = around[1]
        return most

    def cell(self, at: int) -> Span:
        """The span around an instant in which neither a turn nor a window begins or ends that anybody would notice."""
        # Before it holds and after it held turns pass unseen: to walk them one by one takes millennia of hours.
        if at < self.since:
            return EARLIEST, self.since
        if at >= self.until:
            return self.until, LATEST
        turn = self.number(at)
        start, end = max(self.begins(turn), self.since), min(self.begins(turn + 1), self.until)
        edges = []
        if self._hours:
            day = self.clock.shows(at) // DAY
            edges += self._before(at, day)
            edges += self._after(at, day)
        for edge in edges:
            if start < edge <= at:
                start = edge
            elif at < edge < end:
                end = edge
        return start, end

    def edges(self, start: int, end: int) -> Iterator[int]:
        """The instants in `(start, end)` at which a turn or a window begins or ends, in no order, some twice."""
        turn = self.number(start) + 1
        while (at := self.begins(turn)) < end:
            yield at
            turn += 1
        yield from (at for at in (self.since, self.until) if start < at < end)
        for day in range(self.clock.shows(start) // DAY - 2, self.clock.shows(end) // DAY + 2) if self._hours else ():
            yield from (at for span in self._spans(day) for at in span if start < at < end)

    def ends(self) -> tuple[int, ...]:
        """The instants at which it begins and ceases to be a layer."""
        return self.since, self.until

    def _around(self, at: int) -> Span | None:
        """The window that is open at an instant, of several the one that lasts longest."""
        day = self.clock.shows(at) // DAY
        found = [span for one in (day - 1, day) for span in self._spans(one) if span[0] <= at < span[1]]
        return max(found, key=lambda span: span[1], default=None)

    def _spans(self, day: int) -> tuple[Span, ...]:
        """The windows that begin on a day; those of the days asked about last are known."""
        found = self._days.get(day)
        if found is None:
            if len(self._days) >= _KNOWN:
                self._days = {}
            found = self._days[day] = tuple(self._opened(day))
        return found

    def _opened(self, day: int) -> Iterator[Span]:
        """The same, where their hours were not skipped as a whole."""
        weekday = (day + _MONDAY) % 7
        for hours in self._hours:
            if weekday in hours.days and _fits(hours.window, day):
                midnight = day * DAY
                begin, end = self.clock.first(midnight + hours.start), self.clock.last(midnight + hours.end)
                if begin < end:
                    yield begin, end

    def _before(self, at: int, day: int) -> list[int]:
        """The edges of windows up to an instant, those of the nearest day that has one."""
        for back in range(-1, self._far):
            if found := [edge for span in self._spans(day - back) for edge in span if edge <= at]:
                also = (edge for span in self._spans(day - back - 1) for edge in span if edge <= at)
                return [*found, *also]
        return []

    def _after(self, at: int, day: int) -> list[int]:
        """The same for those after it."""
        for ahead in range(-2, self._far):
            if found := [edge for span in self._spans(day + ahead) for edge in span if edge > at]:
                also = (edge for span in self._spans(day + ahead + 1) for edge in span if edge > at)
                return [*found, *also]
        return []


class Spans:
    """A layer of which a calendar says who holds it when; asked as `Turns` are."""

    def __init__(self, layer: Layer) -> None:
        """Events may overlap: then all of them hold."""
        self.layer, self.anybody = layer, bool(layer.persons)
        fixed = [(clocks.instant(one.start), clocks.instant(one.end), one.person) for one in layer.fixed]
        self._edges = sorted({edge for span in fixed for edge in span[:2]})
        #: by the place of the edge before: until when each goes, and who
        self._held: list[list[tuple[int, str]]] = [[] for _ in self._edges]
        for begin, end, person in fixed:
            for place in range(bisect_left(self._edges, begin), bisect_left(self._edges, end)):
                self._held[place].append((end, person))

    def seat(self, at: int) -> Seated | None:
        """Who sits in it at an instant, and until when one of them goes; None while nobody is named."""
        place = bisect_right(self._edges, at)
        found = self._held[place - 1] if place else ()
        if not found:
            return None
        return tuple(dict.fromkeys(person for _, person in found)), min(end for end, _ in found)

    def cell(self, at: int) -> Span:
        """The span around an instant in which no event begins or ends."""
        place = bisect_right(self._edges, at)
        start = self._edges[place - 1] if place else EARLIEST
        return start, self._edges[place] if place < len(self._edges) else LATEST

    def edges(self, start: int, end: int) -> Iterator[int]:
        """The instants in `(start, end)` at which an event begins or ends, in order."""
        yield from self._edges[bisect_right(self._edges, start) : bisect_left(self._edges, end)]

    def ends(self) -> tuple[int, ...]:
        """All instants at which an event begins or ends."""
        return tuple(self._edges)


class _Rolling:
    """Days with a window, numbered in order; the first on or after the layer's own first day is number nought."""

    def __init__(self, hours: tuple[_Hours, ...], first: int) -> None:
        self._starts = {day: min(one.start for one in hours if day in one.days) for one in hours for day in one.days}
        self._days = sorted(self._starts)
        self._before = [sum(other < day for other in self._days) for day in range(7)]
        self._first = self._counted(first)

    def _counted(self, day: int) -> int:
        """How many such days there were before a day."""
        weeks, weekday = divmod(day + _MONDAY, 7)
        return weeks * len(self._days) + self._before[weekday]

    def number(self, wall: int) -> int:
        """The last such day that had begun at a wall time."""
        day = wall // DAY
        start = self._starts.get((day + _MONDAY) % 7)
        begun = start is not None and wall >= day * DAY + start
        return self._counted(day) - self._first - (0 if begun else 1)

    def begins(self, number: int) -> int:
        """The wall time at which such a day begins."""
        weeks, place = divmod(number + self._first, len(self._days))
        weekday = self._days[place]
        return (weeks * 7 - _MONDAY + weekday) * DAY + self._starts[weekday]


def of(layer: Layer, zone_name: str) -> Turns | Spans:
    """The layer, ready to be asked."""
    return Spans(layer) if layer.calendar else Turns(layer, zone_name)


def number(layer: Layer, where: ZoneInfo, at: datetime) -> int:
    """Which turn of `layer` holds at `at`."""
    return _ready(layer, where.key).number(clocks.instant(at))


def begins(layer: Layer, where: ZoneInfo, turn: int) -> datetime:
    """The instant, in UTC, at which turn number `turn` of `layer` begins; kept between FIRST and LAST."""
    return clocks.moment(_ready(layer, where.key).begins(turn))


@cache
def _ready(layer: Layer, zone_name: str) -> Turns:
    return Turns(layer, zone_name)


def _month(layer: Layer, turn: int) -> datetime:
    """What the wall clock shall read when a turn of months begins, kept within the calendar."""
    start = layer.start
    # Counted from the start each time: the 31st comes back after a February.
    year, month = divmod(start.year * 12 + start.month - 1 + turn * layer.every.count, 12)
    if not FIRST.year <= year <= LAST.year:
        return (FIRST if turn < 0 else LAST).replace(tzinfo=None)
    first = start.replace(year=year, month=month + 1, day=1)
    return first.replace(day=min(start.day, monthrange(year, month + 1)[1]))


def _hours(window: Window) -> _Hours:
    start, end = (
        (one.hour * 3_600 + one.minute * 60 + one.second) * clocks.SECOND for one in (window.start, window.end)
    )
    return _Hours(window.days, start, end if end > start else end + DAY, window)


def _fits(window: Window, day: int) -> bool:
    """Whether the day is such a one as the window wants."""
    return window.holidays is None or holiday.on(window.country, day) is window.holidays
