"""The same schedules three ways: Tocsin's, python-dateutil's rules, and a calendar for recurring-ical-events."""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from bot.model.rota import Amendment, Every, Layer, Override, Rota, Unit, Window
from bot.rules import rota as rule

YEAR = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
ZONES = ("America/Chicago", "Europe/Istanbul", "Europe/Berlin", "Asia/Tokyo", "Australia/Sydney", "America/Sao_Paulo")
OVERRIDES = 20
NIGHTS = frozenset(range(5))
Laid = tuple[datetime, datetime, int, str | None]  # from, until, rank, who


@dataclass(frozen=True)
class Turns:
    """What one member has: from a wall-clock start, every so many days, for so long, on some weekdays."""

    person: str
    start: datetime
    every: int
    length: timedelta
    days: frozenset[int]
    rank: int  #: of its layer; the higher wins


@dataclass(frozen=True)
class Schedule:
    """A rota and twenty overrides of it."""

    rota: Rota
    overrides: tuple[Override, ...]
    turns: tuple[Turns, ...]

    @cached_property
    def zone(self) -> ZoneInfo:
        """Whose wall clock counts."""
        return ZoneInfo(self.rota.timezone)


def made(number: int, layered: bool) -> Schedule:
    """A weekly rota of six; `layered`: and one for the nights of weekdays with a vacant seat above it."""
    chance = random.Random(number)
    people = [f"p{number}-{place}" for place in range(6)]
    monday = datetime(2020, 1, 6, 9)  # rotas live for years, and rules are stepped through from their start
    layers = [Layer("weekly", monday, Every(1, Unit.WEEK), tuple(people))]
    week = timedelta(days=7)
    turns = [Turns(one, monday - 6 * week + n * week, 42, week, frozenset(range(7)), 0) for n, one in enumerate(people)]
    if layered:
        night, seats = monday.replace(hour=20), ("dee", None, "eli")
        window = Window(NIGHTS, time(20), time(8))
        layers.append(Layer("nights", night, Every(1, Unit.DAY), seats, only=(window,)))
        first = night - timedelta(days=6)
        turns += [
            Turns(seat, first + timedelta(days=n), 3, timedelta(hours=12), NIGHTS, 1)
            for n, seat in enumerate(seats)
            if seat
        ]
    name = f"rota-{number}"
    rota = Rota(name, ZONES[number % len(ZONES)], tuple(layers))
    return Schedule(rota, tuple(_overrides(name, chance)), tuple(turns))


def moments(number: int, count: int) -> list[datetime]:
    """Random instants of the year, to the second."""
    chance = random.Random(-number - 1)
    whole = int((YEAR[1] - YEAR[0]).total_seconds())
    return [YEAR[0] + timedelta(seconds=chance.randrange(whole)) for _ in range(count)]


def _overrides(name: str, chance: random.Random) -> Iterator[Override]:
    for number in range(OVERRIDES):
        start = YEAR[0] + timedelta(minutes=chance.randrange(364 * 1440))
        end = start + timedelta(hours=chance.randrange(2, 48))
        yield Override(f"{number:02}", name, Amendment.OVERRIDE, start, end, f"sub{number % 4}")


class Ours:
    """The resolver that pages."""

    name = "Tocsin"

    def __init__(self, schedule: Schedule) -> None:
        """Nothing is made ready beforehand."""
        self._rota, self._overrides = schedule.rota, schedule.overrides

    def at(self, at: datetime) -> str | None:
        """Who is on call."""
        holders = rule.on_call(self._rota, at, self._overrides)
        return holders[0].person if holders else None

    def year(self) -> int:
        """How many shifts the year has."""
        return len(rule.shifts(self._rota, *YEAR, self._overrides))


class Dateutil:
    """A recurrence rule for each member, as one writes it with python-dateutil; made and kept beforehand."""

    name = "python-dateutil"
    cache = False

    def __init__(self, schedule: Schedule) -> None:
        """`cache` is its own: it keeps every occurrence it has ever stepped through."""
        from dateutil.rrule import DAILY, rrule

        self._zone = schedule.zone
        self._rules: list[tuple[Turns, Any]] = [
            (one, rrule(DAILY, interval=one.every, dtstart=one.start, byweekday=sorted(one.days), cache=self.cache))
            for one in sorted(schedule.turns, key=lambda one: -one.rank)
        ]
        self._overrides = sorted(schedule.overrides, key=lambda one: (one.start, one.id), reverse=True)

    def at(self, at: datetime) -> str | None:
        """Who is on call: the override begun last, else whoever's turn has begun and is not over."""
        for override in self._overrides:
            if override.start <= at < override.end:
                return override.person
        wall = at.astimezone(self._zone).replace(tzinfo=None)
        for turns, rule_ in self._rules:
            begun = rule_.before(wall, inc=True)
            if begun is not None and wall < begun + turns.length:
                return turns.person
        return None

    def year(self) -> int:
        """The year's turns of all members, cut by those above them."""
        since, until = (edge.replace(tzinfo=None) + way for edge, way in zip(YEAR, _AROUND, strict=True))
        spans: list[Laid] = []
        for turns, rule_ in self._rules:
            for begun in rule_.between(since, until):
                start, end = (wall.replace(tzinfo=self._zone) for wall in (begun, begun + turns.length))
                spans.append((start, end, turns.rank, turns.person))
        above = [(one.start, one.end, 9 + n, one.person) for n, one in enumerate(reversed(self._overrides))]
        return _laid([*spans, *above])


class Cached(Dateutil):
    """The same with the cache, as its documentation advises where a rule is asked many times."""

    name = "the same, cache=True"
    cache = True


class Ical:
    """A calendar with an event for each member and override, as a shared one would have; parsed beforehand."""

    name = "recurring-ical-events"

    def __init__(self, schedule: Schedule) -> None:
        """Calendar and query are made once and kept."""
        import icalendar
        import recurring_ical_events

        text = "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:bench", *_events(schedule), "END:VCALENDAR", ""])
        self._of = recurring_ical_events.of(icalendar.Calendar.from_ical(text))

    def at(self, at: datetime) -> str | None:
        """Who is on call: of the events at that moment the one with the highest rank."""
        found = max(self._of.at(at), key=_rank, default=None)
        return str(found["SUMMARY"]) if found is not None else None

    def year(self) -> int:
        """The year's events, cut by those above them."""
        found = self._of.between(*YEAR)
        return _laid([(one["DTSTART"].dt, one["DTEND"].dt, _rank(one), str(one["SUMMARY"])) for one in found])


_AROUND = (timedelta(days=-8), timedelta(days=1))
_LETTERS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def _events(schedule: Schedule) -> Iterator[str]:
    zone = schedule.rota.timezone
    for number, one in enumerate(schedule.turns):
        days = ",".join(_LETTERS[day] for day in sorted(one.days))
        start, end = one.start, one.start + one.length
        rule_ = f"RRULE:FREQ=DAILY;INTERVAL={one.every};BYDAY={days}"
        spans = [f"DTSTART;TZID={zone}:{start:%Y%m%dT%H%M%S}", f"DTEND;TZID={zone}:{end:%Y%m%dT%H%M%S}"]
        yield from _event(f"turn-{number}", one.person, one.rank, [*spans, rule_])
    ordered = sorted(schedule.overrides, key=lambda one: (one.start, one.id))
    for number, override in enumerate(ordered):
        spans = [f"DTSTART:{override.start:%Y%m%dT%H%M%SZ}", f"DTEND:{override.end:%Y%m%dT%H%M%SZ}"]
        yield from _event(override.id, str(override.person), 9 + number, spans)


def _event(uid: str, person: str, rank: int, more: Iterable[str]) -> Iterator[str]:
    yield from ("BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20260101T000000Z", f"SUMMARY:{person}", f"X-RANK:{rank}")
    yield from (*more, "END:VEVENT")


def _rank(event: Any) -> int:
    return int(str(event["X-RANK"]))


def _laid(spans: Sequence[Laid]) -> int:
    """How many shifts are seen where the span of the highest rank wins at each moment; one pass over their edges."""
    edges = sorted({edge.astimezone(UTC) for start, end, *_ in spans for edge in (start, end)} | {*YEAR})
    ordered = sorted(((s.astimezone(UTC), e.astimezone(UTC), rank, who) for s, e, rank, who in spans), reverse=True)
    going: list[Laid] = []
    seen: list[str | None] = []
    for edge, _ in pairwise(edges):
        while ordered and ordered[-1][0] <= edge:
            going.append(ordered.pop())
        going = [one for one in going if one[1] > edge]
        if YEAR[0] <= edge < YEAR[1]:
            who = max(going, key=lambda one: one[2])[3] if going else None
            if not seen or seen[-1] != who:
                seen.append(who)
    return len(seen)
