"""The clocks of a zone as tables of offsets, so that wall time becomes an instant, and back, by plain arithmetic.

Both are whole microseconds since 1970: an instant in UTC, wall time as the clocks show it.
"""

from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

TICK = timedelta(microseconds=1)
SECOND, HOUR, DAY = 1_000_000, 3_600_000_000, 86_400_000_000
#: What nothing reaches beyond; days from the calendar's own ends, so that every zone can still write them down.
FIRST = datetime(1, 1, 3, tzinfo=UTC)
LAST = datetime(9999, 12, 29, tzinfo=UTC)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE = datetime(1970, 1, 1)  # noqa: DTZ001 - wall time has no zone
_WIDTH = 400 * DAY  #: of a table
_MARGIN = 3 * DAY  #: a table reaches so far beyond its ends; clocks were never set by more than a day and a bit
_PROBE = 6 * HOUR  #: two settings of the clocks lie further apart than this


def instant(at: datetime) -> int:
    """An aware moment."""
    gone = at - _EPOCH
    return (gone.days * 86_400 + gone.seconds) * SECOND + gone.microseconds


def moment(at: int) -> datetime:
    """An instant as an aware datetime in UTC."""
    return _EPOCH + timedelta(microseconds=at)


def wall(shown: datetime) -> int:
    """A naive time as clocks show it."""
    gone = shown - _NAIVE
    return (gone.days * 86_400 + gone.seconds) * SECOND + gone.microseconds


def shown(at: int) -> datetime:
    """Wall time as a naive datetime."""
    return _NAIVE + timedelta(microseconds=at)


EARLIEST, LATEST = instant(FIRST), instant(LAST)


class _Table(NamedTuple):
    """Which offset is in force from when on, for some hundred days."""

    starts: list[int]
    offsets: list[int]
    spans: list[tuple[int, int, int]]  #: begin, end, offset


class Clock:
    """The clocks of one zone."""

    def __init__(self, where: ZoneInfo) -> None:
        """Tables are made when they are first asked for."""
        self._where = where
        self._tables: dict[int, _Table] = {}

    def shows(self, at: int) -> int:
        """The wall time at an instant."""
        table = self._table(at)
        return at + table.offsets[bisect_right(table.starts, at) - 1]

    def reached(self, at: int) -> int:
        """The latest wall time shown by an instant; in a repeated hour, the last before the clocks were set back."""
        table = self._table(at)
        place = bisect_right(table.starts, at) - 1
        now = at + table.offsets[place]
        return max(now, table.starts[place] + table.offsets[place - 1] - 1) if place else now

    def first(self, wall: int) -> int:
        """The first instant at which the clocks show `wall` or later."""
        found = LATEST
        for begin, end, offset in self._table(wall).spans:
            if wall - offset < end:
                found = max(wall - offset, begin)
                break
        return min(max(found, EARLIEST), LATEST)

    def last(self, wall: int) -> int:
        """The last instant at which they show it; where they never do, the first at which they show more."""
        found = None
        for begin, end, offset in self._table(wall).spans:
            if begin <= wall - offset < end:
                found = wall - offset
        return self.first(wall) if found is None else min(max(found, EARLIEST), LATEST)

    def _table(self, about: int) -> "_Table":
        """That of an instant or a wall time."""
        number = about // _WIDTH
        found = self._tables.get(number)
        if found is None:
            found = self._tables[number] = self._made(number * _WIDTH - _MARGIN, (number + 1) * _WIDTH + _MARGIN)
        return found

    def _made(self, since: int, until: int) -> "_Table":
        at, end = min(max(since, EARLIEST), LATEST), max(min(until, LATEST), EARLIEST)
        starts, offsets = [EARLIEST - DAY], [self._offset(at)]
        while at < end:
            after = min(at + _PROBE, end)
            if (new := self._offset(after)) != offsets[-1]:
                starts.append(self._set(at, after, offsets[-1]))
                offsets.append(new)
            at = after
        return _Table(starts, offsets, list(zip(starts, (*starts[1:], LATEST + DAY), offsets, strict=True)))

    def _set(self, low: int, high: int, old: int) -> int:
        """When in `(low, high]` the clocks were set; zones set them on whole seconds."""
        low, high = low // SECOND, high // SECOND
        while high - low > 1:
            middle = (low + high) // 2
            if self._offset(middle * SECOND) == old:
                low = middle
            else:
                high = middle
        return high * SECOND

    def _offset(self, at: int) -> int:
        offset = moment(at).astimezone(self._where).utcoffset() or timedelta(0)
        return (offset.days * 86_400 + offset.seconds) * SECOND


@cache
def zone(name: str) -> ZoneInfo:
    """The IANA time zone `name`, read once."""
    return ZoneInfo(name)


@cache
def of(name: str) -> Clock:
    """The clocks of the IANA time zone `name`."""
    return Clock(zone(name))
