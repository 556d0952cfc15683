"""Where the ticks of an axis stand and what is written beside them: round numbers, and round times of a zone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import ceil, floor, isfinite, log10
from zoneinfo import ZoneInfo

from bot.charts import sheet
from bot.words.picture import Picture

TICKS = 4  #: about so many on an axis
_STEPS = [timedelta(minutes=m) for m in (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720)]
_DAYS = (1, 2, 7, 14, 30, 91, 365, 1826)


@dataclass(frozen=True, slots=True)
class Scale:
    """From which number to which an axis goes; the ends are finite and differ."""

    low: float
    high: float

    def share(self, value: float) -> float:
        """Where a number stands: 0 at the low end, 1 at the high end, and no further."""
        span = self.high / 4 - self.low / 4  # in quarters, so that the widest of scales is finite
        return min(max((value / 4 - self.low / 4) / span, 0.0), 1.0)


def around(values: Sequence[float], room: float = 0.08) -> Scale:
    """The scale that shows all of these finite numbers with a little room on both sides; never without width."""
    low, high = min(values), max(values)
    spare = (high / 2 - low / 2) * 2 * room
    if not isfinite(spare):
        return Scale(low, high)
    if high / 4 - low / 4 <= max(abs(low), abs(high)) * 1e-12:
        spare = max(abs(high) * 0.1, 0.5 if high == 0 else abs(high) * 0.1, 1e-300)
    found = Scale(low - spare, high + spare)
    return found if isfinite(found.low) and isfinite(found.high) else Scale(low, high)


def numbers(scale: Scale, count: int = TICKS) -> list[float]:
    """Round numbers within the scale, about `count` of them; its ends where there are none."""
    rough = scale.high / count - scale.low / count
    if not isfinite(rough) or rough <= 0:
        return [scale.low, scale.high]
    unit = 10.0 ** floor(log10(rough))
    if not isfinite(unit) or unit <= 0:
        return [scale.low, scale.high]
    step = next((n * unit for n in (1, 2, 2.5, 5, 10) if n * unit >= rough * 0.999), 10 * unit)
    first, last = ceil(scale.low / step), floor(scale.high / step)
    found = [n * step for n in range(first, min(last, first + 3 * count) + 1)]
    return found or [scale.low, scale.high]


def written(value: float) -> str:
    """At most three significant digits: 0.31, 12,400, 1.2e9."""
    if not isfinite(value):
        return "–"
    value = 0.0 if abs(value) < 1e-300 else value
    if 1000 <= abs(value) < 1e7:
        return f"{float(f'{value:.3g}'):,.0f}"
    return f"{value:.3g}".replace("e+0", "e").replace("e+", "e").replace("e-0", "e-")


def times(start: datetime, end: datetime, zone: str, said: Picture, count: int = TICKS) -> list[tuple[datetime, str]]:
    """Round times by the clocks of `zone` in `[start, end]`, about `count`, and how each is written.

    The first of each day has its date; whole days have nothing else.
    """
    where, span = ZoneInfo(zone), end - start
    step = next((step for step in _STEPS if span / step <= count), None)
    if step is None:
        return [(at, _day(at.astimezone(where).date(), said)) for at in _days(start, end, where, count)]
    found: list[tuple[datetime, str]] = []
    known: date | None = None
    midnight = datetime.combine(start.astimezone(where).date(), time())
    while (wall := midnight) <= end.astimezone(where).replace(tzinfo=None):
        midnight += step
        at = wall.replace(tzinfo=where).astimezone(UTC)
        if not start <= at <= end or (found and at <= found[-1][0]):
            continue
        short = f"{at.astimezone(where):%H:%M}"
        day = at.astimezone(where).date()
        found.append((at, short if day == known else f"{_day(day, said)} {short}"))
        known = day
    return found


def _days(start: datetime, end: datetime, where: ZoneInfo, count: int) -> list[datetime]:
    step = next((days for days in _DAYS if (end - start) / timedelta(days=days) <= count), _DAYS[-1])
    first = start.astimezone(where).date()
    walls = [datetime.combine(first, time()) + timedelta(days=step * n) for n in range(3 * count)]
    found = [wall.replace(tzinfo=where).astimezone(UTC) for wall in walls]
    return [at for at in found if start <= at <= end]


def _day(day: date, said: Picture) -> str:
    return f"{day.day} {sheet.month(said, day.month)}"
