"""Who bore how much of a rota: hours, nights, weekends, public holidays and pages, and how even that is.

Nights, days and holidays are those of the rota's own wall clock. Hours are real ones, so a night in which the clocks go
back is an hour longer; a night, a day of a weekend or a holiday counts by the part of it that somebody had. Whoever is
on call together with somebody else bears it whole.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, time

from bot.model.rota import Rota, Shift
from bot.rules import clocks, holiday
from bot.rules.clocks import DAY, HOUR, SECOND

UNEVEN = 0.05  #: above an even share by more than this, somebody is spoken of
_MONDAY = 3  #: 1970 began on a Thursday: a day's number and this, by seven, is its weekday
Span = tuple[int, int]  #: half-open, in instants of `clocks`


@dataclass(frozen=True, slots=True)
class Terms:
    """What counts as a night, a weekend and a holiday."""

    night: time = time(22)
    morning: time = time(7)  #: at or before `night`: of the day after
    weekend: frozenset[int] = field(default=frozenset({5, 6}))  #: 0 is Monday
    country: str = ""  #: whose public holidays: TR, or US-CA for a part of it; empty: none are counted


@dataclass(frozen=True, slots=True)
class Burden:
    """What one person bore; `share` is theirs of all hours, `beyond` what that is above (or below) an even one."""

    person: str
    hours: float
    nights: float
    weekends: float
    holidays: float
    pages: int
    night_pages: int
    share: float
    beyond: float


@dataclass(slots=True)
class _Sum:
    """What is counted of one person so far."""

    hours: float = 0.0
    nights: float = 0.0
    weekends: float = 0.0
    holidays: float = 0.0
    pages: int = 0
    night_pages: int = 0


MEASURES = tuple(one.name for one in fields(_Sum))


def of(rota: Rota, shifts: Sequence[Shift], paged: Iterable[tuple[str, datetime]], terms: Terms) -> list[Burden]:
    """One for everybody who was on call, or had a place in the rota in that time; whoever bore most comes first.

    `shifts` are all of a span, in order; `paged` who was paged when, of which only those on call are counted.
    """
    sums = {person: _Sum() for person in _had_a_place(rota, shifts)}
    if shifts:
        start, end = clocks.instant(shifts[0].start), clocks.instant(shifts[-1].end)
        days = _Days(rota.timezone, start, end)
        dark = days.nights(terms)
        _served(sums, shifts, days, dark, terms)
        _woken(sums, shifts, paged, dark)
    every, even = sum(one.hours for one in sums.values()), 1 / len(sums) if sums else 0.0
    found = []
    for person, one in sums.items():
        share = one.hours / every if every else 0.0
        beyond = share - even if every else 0.0
        hours, nights, weekends, holidays = (
            round(figure, 2) for figure in (one.hours, one.nights, one.weekends, one.holidays)
        )
        pages, by_night = one.pages, one.night_pages
        found.append(
            Burden(person, hours, nights, weekends, holidays, pages, by_night, round(share, 4), round(beyond, 4))
        )
    return sorted(found, key=lambda one: (-one.hours, one.person))


def covered(shifts: Iterable[Shift]) -> float:
    """The share of the time in which anybody was on call, 0 to 1."""
    every = list(shifts)
    whole = sum(one.length.total_seconds() for one in every)
    return sum(one.length.total_seconds() for one in every if one.holders) / whole if whole else 0.0


def unfair(burdens: Sequence[Burden]) -> list[str]:
    """A sentence for each thing of which somebody has clearly more than an even share: `ada has 41% of the nights`.

    Empty where it is even, and where there are not two people.
    """
    found: list[str] = []
    for name in MEASURES if len(burdens) > 1 else ():
        whole = sum(getattr(one, name) for one in burdens)
        most = max(burdens, key=lambda one: (getattr(one, name), one.person))
        share, even = (getattr(most, name) / whole if whole else 0.0), 1 / len(burdens)
        if share > even + UNEVEN:
            what = name.replace("_", " ")
            found.append(f"{most.person} has {share:.0%} of the {what} of {len(burdens)} people; even were {even:.0%}.")
    return found


def country(rota: Rota) -> str:
    """Whose holidays its windows mean; empty where none asks for any."""
    return next((window.country for layer in rota.layers for window in layer.only if window.country), "")


class _Days:
    """The days of a span by the clocks of a zone."""

    def __init__(self, zone: str, start: int, end: int) -> None:
        self._clock = clocks.of(zone)
        self._numbers = range(self._clock.shows(start) // DAY - 1, self._clock.shows(end) // DAY + 2)

    def nights(self, terms: Terms) -> list[Span]:
        """From the first time the clocks show its beginning until the last time they show its end."""
        begin, end = _since_midnight(terms.night), _since_midnight(terms.morning)
        end += DAY if end <= begin else 0
        spans = ((self._clock.first(day * DAY + begin), self._clock.last(day * DAY + end)) for day in self._numbers)
        return [(start, until) for start, until in spans if start < until]

    def those(self, wanted: Callable[[int], bool]) -> list[Span]:
        """The days whose number is wanted, from midnight to midnight; one that was skipped is none."""
        spans = (
            (self._clock.first(day * DAY), self._clock.first((day + 1) * DAY)) for day in filter(wanted, self._numbers)
        )
        return [(start, until) for start, until in spans if start < until]


def _had_a_place(rota: Rota, shifts: Sequence[Shift]) -> list[str]:
    """Everybody who was on call, and everybody named by a form the rota had in that time."""
    held = [holder.person for shift in shifts for holder in shift.holders]
    if not shifts:
        return []
    start, end, since = shifts[0].start, shifts[-1].end, None
    for past in rota.past:
        if past.until > start and (since is None or since < end):
            held += past.rota.persons
        since = past.until
    if since is None or since < end:
        held += rota.persons
    return list(dict.fromkeys(held))


def _served(sums: dict[str, _Sum], shifts: Iterable[Shift], days: _Days, nights: list[Span], terms: Terms) -> None:
    weekend = days.those(lambda day: (day + _MONDAY) % 7 in terms.weekend)
    holidays = days.those(lambda day: holiday.on(terms.country, day)) if terms.country else []
    for shift in shifts:
        span = clocks.instant(shift.start), clocks.instant(shift.end)
        for person in dict.fromkeys(holder.person for holder in shift.holders):
            one = sums[person]
            one.hours += (span[1] - span[0]) / HOUR
            one.nights += _parts(nights, span)
            one.weekends += _parts(weekend, span) / max(1, len(terms.weekend))
            one.holidays += _parts(holidays, span)


def _woken(
    sums: dict[str, _Sum], shifts: Sequence[Shift], paged: Iterable[tuple[str, datetime]], nights: list[Span]
) -> None:
    starts = [shift.start for shift in shifts]
    for person, at in paged:
        place = bisect_right(starts, at) - 1
        if place < 0 or at >= shifts[place].end or all(one.person != person for one in shifts[place].holders):
            continue
        sums[person].pages += 1
        sums[person].night_pages += _within(nights, clocks.instant(at))


def _parts(spans: Sequence[Span], of: Span) -> float:
    """How many of the spans, which are in order, lie in one; a part of one counts as that part."""
    found, place = 0.0, bisect_right(spans, of[0], key=lambda span: span[1])
    while place < len(spans) and spans[place][0] < of[1]:
        start, end = spans[place]
        found += (min(end, of[1]) - max(start, of[0])) / (end - start)
        place += 1
    return found


def _within(spans: Sequence[Span], at: int) -> bool:
    place = bisect_right(spans, at, key=lambda span: span[0]) - 1
    return place >= 0 and at < spans[place][1]


def _since_midnight(at: time) -> int:
    return (at.hour * 3_600 + at.minute * 60 + at.second) * SECOND
