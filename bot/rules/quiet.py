"""Whether it is quiet now: the hours in which small things page nobody, and when they are over.

Hours are wall-clock time in the entity's zone and half open: at their end it is not quiet any more. Each bound is the
first instant whose wall clock reads at least that, as the turns of a rota are.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time
from functools import cache

from bot.model.noise import Noise, Quiet
from bot.model.rota import Every, Layer, Unit
from bot.rules import turns

# Days are counted from a Monday, so that a day's number tells its weekday.
MONDAY = datetime(2001, 1, 1)  # noqa: DTZ001  (wall-clock time, as in a rota)
LINKED = 20  # spans that follow each other without a gap; what is always quiet is looked at anew after so many


@dataclass(frozen=True, slots=True)
class Hours:
    """A span of quiet, half open, in UTC; `rule` is the one that ends it."""

    start: datetime
    end: datetime
    rule: Quiet


def until(
    noise: Noise, severity: str, entity: str, zone: str, at: datetime, *, shadow: bool = False
) -> tuple[datetime, Quiet] | None:
    """When whatever is quiet for this severity at `at` is over, and by which rule; None when nothing is.

    With `shadow` by the rules that only say what they would do, else by the others.
    """
    found = hours(noise, severity, entity, zone, at, shadow=shadow)
    return (found.end, found.rule) if found else None


def hours(noise: Noise, severity: str, entity: str, zone: str, at: datetime, *, shadow: bool = False) -> Hours | None:
    """The whole span of quiet around `at`: hours that touch or overlap count as one."""
    rules = [
        rule
        for rule in noise.quiet
        if rule.shadow is shadow and severity in rule.severities and rule.entity in (None, entity)
    ]
    found = max(_around(rules, zone, at), key=lambda span: span.end, default=None)
    if found is None:
        return None
    start, end, rule = found.start, found.end, found.rule
    for _ in range(LINKED):
        after = max(_around(rules, zone, end), key=lambda span: span.end, default=None)
        if after is None:
            break
        end, rule = after.end, after.rule
    for _ in range(LINKED):
        before = min(_around(rules, zone, start - turns.TICK), key=lambda span: span.start, default=None)
        if before is None:
            break
        start = before.start
    return Hours(start, end, rule)


def _around(rules: list[Quiet], zone: str, at: datetime) -> Iterator[Hours]:
    """The span of each rule that holds `at`."""
    where = turns.zone(zone)
    for rule in rules:
        first, last = _daily(rule.start), _daily(rule.end)
        day = turns.number(first, where, at)  # the last that has begun; the one before was over by then
        start = turns.begins(first, where, day)
        end = turns.begins(last, where, day if rule.end > rule.start else day + 1)
        if day % 7 in rule.days and start <= at < end:
            yield Hours(start, end, rule)


@cache
def _daily(at: time) -> Layer:
    return Layer("", datetime.combine(MONDAY, at), Every(1, Unit.DAY), ())
