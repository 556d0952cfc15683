"""Layers out of rules that say when an event repeats (RFC 5545's words: frequency, interval, days of the week)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.errors import BadInput
from bot.importing import week
from bot.model.rota import Every, Layer, Seat, Unit, Window

MINUTES = {Unit.HOUR: 60, Unit.DAY: week.DAY, Unit.WEEK: week.WEEK}
MOST_SEATS = 366
LONGEST = 999  #: of any unit, in one turn
LARGE = timedelta(days=4_000)  #: no event is longer


@dataclass(frozen=True, slots=True)
class Rule:
    """When events begin, by the wall clock, and how long one lasts."""

    start: datetime
    length: timedelta
    unit: Unit
    interval: int = 1
    days: frozenset[int] = frozenset()  #: Monday 0; with unit DAY a turn counts these days alone
    week_start: int = 0

    @property
    def minutes(self) -> int:
        """How long an event lasts."""
        return int(self.length.total_seconds()) // 60


def layer(name: str, rule: Rule, seats: Sequence[Seat]) -> Layer:
    """A layer in which `seats` take one event after the other, from the first on; BadInput where none says the same."""
    _possible(rule)
    if rule.days and rule.unit is Unit.DAY:
        made = _rolling(name, rule, seats)
    elif rule.days:
        made = _weekly(name, rule, seats)
    else:
        made = _plain(name, rule, seats)
    if not made.persons:
        raise BadInput("nobody is in it")
    if len(made.members) > MOST_SEATS or made.every.count > LONGEST:
        raise BadInput("its turns are too many or too long to be written down")
    return replace(made, since=rule.start)


def once(name: str, start: datetime, length: timedelta, seat: Seat) -> Layer:
    """A layer for a single event."""
    if not timedelta(0) < length <= LARGE:
        raise BadInput("it has no length, or years of it")
    if not seat:
        raise BadInput("nobody is in it")
    return Layer(name, start, Every(LONGEST, Unit.DAY), (seat,), since=start, until=start + length)


def ended(rule: Rule, until: datetime) -> datetime:
    """When the last event ends that begins at `until` or before; BadInput where there is none."""
    if until < rule.start:
        raise BadInput("it ended before it began")
    if not rule.days:
        period = timedelta(minutes=MINUTES[rule.unit] * rule.interval)
        return rule.start + (until - rule.start) // period * period + rule.length
    at = datetime.combine(until.date(), rule.start.time())
    for back in range(7 * max(rule.interval, 1) + 8):
        one = at - timedelta(days=back)
        if rule.start <= one <= until and one.weekday() in rule.days and _active(rule, one):
            return one + rule.length
    raise BadInput("it ended before it began")


def _possible(rule: Rule) -> None:
    if rule.unit not in MINUTES:
        raise BadInput("it repeats by months, for parts of them")
    if rule.interval < 1 or not timedelta(0) < rule.length <= LARGE:
        raise BadInput("its interval or its length is no number to count with")
    if rule.length % timedelta(minutes=1) or rule.start.second:
        raise BadInput("it counts seconds")


def _rolling(name: str, rule: Rule, seats: Sequence[Seat]) -> Layer:
    """Turns that count the days of the rule alone."""
    if rule.minutes > week.DAY:
        raise BadInput("its events are longer than a day and overlap")
    window = Window(rule.days, rule.start.time(), (rule.start + rule.length).time())
    return Layer(name, rule.start, Every(rule.interval, Unit.DAY), tuple(seats), only=(window,), rolling=True)


def _weekly(name: str, rule: Rule, seats: Sequence[Seat]) -> Layer:
    """Turns of a week, handed over when the first event of the next one begins; of several weeks the first counts."""
    order = sorted(rule.days, key=lambda day: (day - rule.week_start) % 7)
    spread = ((order[-1] - order[0]) % 7) * week.DAY
    if spread + rule.minutes > week.WEEK:
        raise BadInput("its events reach into the next turn's and overlap")
    clock = rule.start.hour * 60 + rule.start.minute
    spans = [(day * week.DAY + clock, day * week.DAY + clock + rule.minutes) for day in rule.days]
    first = _week(rule, rule.start) + timedelta(days=(order[0] - rule.week_start) % 7)
    start = datetime.combine(first, rule.start.time())
    members = _stretched(seats, 1, rule.interval)
    return Layer(name, start, Every(1, Unit.WEEK), members, only=week.windows(spans))


def _plain(name: str, rule: Rule, seats: Sequence[Seat]) -> Layer:
    period, length = MINUTES[rule.unit] * rule.interval, rule.minutes
    if length > period:
        raise BadInput("its events are longer than what they repeat after, and overlap")
    if length == period:
        return Layer(name, rule.start, Every(rule.interval, rule.unit), tuple(seats))
    unit = MINUTES[rule.unit]
    if length < unit and rule.unit is not Unit.HOUR:
        clock = rule.start.hour * 60 + rule.start.minute
        days = [rule.start.weekday()] if rule.unit is Unit.WEEK else range(7)
        spans = [(day * week.DAY + clock, day * week.DAY + clock + length) for day in days]
        members = _stretched(seats, 1, rule.interval)
        return Layer(name, rule.start, Every(1, rule.unit), members, only=week.windows(spans))
    for smaller, minutes in sorted(MINUTES.items(), key=lambda one: -one[1]):
        if minutes <= unit and length % minutes == 0:
            members = _stretched(seats, length // minutes, period // minutes)
            return Layer(name, rule.start, Every(1, smaller), members)
    raise BadInput("its events last neither whole hours, nor less than a day")


def _stretched(seats: Sequence[Seat], held: int, of: int) -> tuple[Seat, ...]:
    """Each seat for `held` steps, then nobody up to `of` of them."""
    if len(seats) * of > MOST_SEATS:
        raise BadInput("its turns are too many to be written down")
    return tuple(one for seat in seats for one in (*([seat] * held), *([None] * (of - held))))


def _week(rule: Rule, at: datetime) -> datetime:
    """Midnight at which the week of `at` begins."""
    first = at - timedelta(days=(at.weekday() - rule.week_start) % 7)
    return first.replace(hour=0, minute=0, second=0, microsecond=0)


def _active(rule: Rule, at: datetime) -> bool:
    if rule.unit is not Unit.WEEK:
        return True
    return (_week(rule, at) - _week(rule, rule.start)).days // 7 % rule.interval == 0
