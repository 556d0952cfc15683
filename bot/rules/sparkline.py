"""A row of figures as a row of bars in text, for where no picture can be drawn."""

from collections.abc import Sequence
from math import isfinite
from statistics import median_low

BARS = "▁▂▃▄▅▆▇█"
GAP = "·"  #: where a value is missing, or no number
MOST = 30  #: bars; a phone shows as many in a line


def draw(values: Sequence[float | None], most: int = MOST) -> str:
    """At most `most` bars, the lowest value the smallest and the highest the tallest; of equal values half tall ones.

    Where there are more values than bars, each bar is that one of its share which lies furthest from the median of
    all, so that no peak is lost. What is no finite number is a GAP; no values at all are an empty text.
    """
    known = scale(values)
    if known is None:
        return GAP * min(len(values), most)
    return "".join(_bar(value, *known) for value in _thinned(values, most))


def scale(values: Sequence[float | None]) -> tuple[float, float] | None:
    """The lowest and the highest of the finite values; None where there is none."""
    finite = [value for value in values if value is not None and isfinite(value)]
    return (min(finite), max(finite)) if finite else None


def _thinned(values: Sequence[float | None], most: int) -> list[float | None]:
    """Of each of `most` equal shares the value that stands out."""
    if len(values) <= most:
        return list(values)
    middle = median_low([value for value in values if value is not None and isfinite(value)])
    shares = [values[n * len(values) // most : (n + 1) * len(values) // most] for n in range(most)]
    return [max(share, key=lambda one: _far(one, middle)) for share in shares]


def _far(value: float | None, middle: float) -> float:
    return abs(value / 2 - middle / 2) if value is not None and isfinite(value) else -1.0


def _bar(value: float | None, low: float, high: float) -> str:
    if value is None or not isfinite(value):
        return GAP
    span = high / 2 - low / 2  # halved, so that the widest of scales is finite
    if span <= 0:
        return BARS[len(BARS) // 2 - 1]
    return BARS[min(int((value / 2 - low / 2) / span * len(BARS)), len(BARS) - 1)]
