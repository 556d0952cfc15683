"""When each turn of a rota's layer begins: steps in wall-clock time, answered by arithmetic however far away.

Turn n begins at the first instant whose wall clock reads at least `start + n * every`: inside a skipped hour that is
the first instant after the gap, in a repeated hour its first occurrence. Turns that would begin at one instant
collapse, and the last of them holds. Before the start n is negative.
"""

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from bot.model.rota import Layer, Unit

# What no rota reaches beyond; days from the calendar's own ends, so that every zone can still write them down.
FIRST = datetime(1, 1, 3, tzinfo=UTC)
LAST = datetime(9999, 12, 29, tzinfo=UTC)
TICK = timedelta(microseconds=1)

_STEP = {Unit.HOUR: timedelta(hours=1), Unit.DAY: timedelta(days=1), Unit.WEEK: timedelta(weeks=1)}
_EARLIEST, _LATEST = FIRST.replace(tzinfo=None), LAST.replace(tzinfo=None)


@cache
def zone(name: str) -> ZoneInfo:
    """The IANA time zone `name`, read once."""
    return ZoneInfo(name)


def number(layer: Layer, where: ZoneInfo, at: datetime) -> int:
    """Which turn of `layer` holds at `at`."""
    wall = _reached(at, where)
    if layer.every.unit is not Unit.MONTH:
        # Divided in two, so that a step of centuries cannot overflow.
        return (wall - layer.start) // _STEP[layer.every.unit] // layer.every.count
    months = (wall.year - layer.start.year) * 12 + wall.month - layer.start.month
    turn = months // layer.every.count
    return turn if _nominal(layer, turn) <= wall else turn - 1


def begins(layer: Layer, where: ZoneInfo, turn: int) -> datetime:
    """The instant, in UTC, at which turn number `turn` of `layer` begins; kept between FIRST and LAST."""
    wall = _nominal(layer, turn)
    first = wall.replace(tzinfo=where).astimezone(UTC)
    if first.astimezone(where).replace(tzinfo=None) == wall:
        return min(max(first, FIRST), LAST)
    return _transition(wall.replace(tzinfo=where, fold=1).astimezone(UTC), first, where)


def _nominal(layer: Layer, turn: int) -> datetime:
    """What the wall clock shall read when `turn` begins, kept within the calendar."""
    every, start = layer.every, layer.start
    try:
        if every.unit is not Unit.MONTH:
            wall = start + turn * every.count * _STEP[every.unit]
        else:
            # Counted from the start each time: the 31st comes back after a February.
            year, month = divmod(start.year * 12 + start.month - 1 + turn * every.count, 12)
            first = start.replace(year=year, month=month + 1, day=1)
            wall = first.replace(day=min(start.day, monthrange(year, month + 1)[1]))
    except (OverflowError, ValueError):
        return _EARLIEST if turn < 0 else _LATEST
    return min(max(wall, _EARLIEST), _LATEST)


def _reached(at: datetime, where: ZoneInfo) -> datetime:
    """The latest time the wall clock has shown by `at`; in a repeated hour, the last before it was set back."""
    local = at.astimezone(where)
    if local.fold:
        first = local.replace(fold=0).astimezone(UTC)
        local = (_transition(first, at, where) - TICK).astimezone(where)
    return local.replace(tzinfo=None, fold=0)


def _transition(before: datetime, after: datetime, where: ZoneInfo) -> datetime:
    """The instant in `(before, after]` at which the clocks of `where` were set; zones set them on whole seconds."""
    old = before.astimezone(where).utcoffset()
    low, high = before.astimezone(UTC).replace(microsecond=0), after.astimezone(UTC).replace(microsecond=0)
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
        if middle.astimezone(where).utcoffset() == old:
            low = middle
        else:
            high = middle
    return high
