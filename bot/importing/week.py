"""The hours of a week as spans of minutes since Monday 00:00, and as the windows of a layer."""

from collections.abc import Iterable, Sequence
from datetime import time, timedelta

from bot.model.rota import Layer, Window

DAY, WEEK = 1_440, 10_080
Span = tuple[int, int]  #: half-open
EVERY: tuple[Span, ...] = ((0, WEEK),)


def normal(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same hours in order, without overlap, within the week; what reaches beyond its end goes on at Monday."""
    cut: list[Span] = []
    for start, end in spans:
        start, end = start % WEEK, start % WEEK + min(end - start, WEEK)
        cut += [(start, end)] if end <= WEEK else [(start, WEEK), (0, end - WEEK)]
    found: list[Span] = []
    for start, end in sorted(span for span in cut if span[0] < span[1]):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return tuple(found)


def of(layer: Layer) -> tuple[Span, ...]:
    """When a layer holds."""
    if not layer.only:
        return EVERY
    spans = []
    for window in layer.only:
        start, end = (one.hour * 60 + one.minute for one in (window.start, window.end))
        length = end - start if end > start else end - start + DAY
        spans += [(day * DAY + start, day * DAY + start + length) for day in window.days]
    return normal(spans)


def opens(layer: Layer) -> bool:
    """Whether any of its hours lies between its `since` and its `until`."""
    if layer.since is None or layer.until is None or layer.until - layer.since >= timedelta(days=7):
        return True
    monday = layer.since.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=layer.since.weekday())
    start, end = ((at - monday).total_seconds() / 60 for at in (layer.since, layer.until))
    spans = ((begin + late, close + late) for begin, close in of(layer) for late in (0, WEEK))
    return any(begin < end and close > start for begin, close in spans)


def windows(spans: Iterable[Span]) -> tuple[Window, ...]:
    """Windows that say the same; none where that is the whole week. Nothing is longer than a day in one window."""
    ready = list(normal(spans))
    if ready == list(EVERY):
        return ()
    if len(ready) > 1 and ready[0][0] == 0 and ready[-1][1] == WEEK:
        ready[-1] = (ready[-1][0], WEEK + ready.pop(0)[1])
    days: dict[Span, set[int]] = {}
    for start, end in ready:
        for begin in range(start, end, DAY):
            hours = (begin % DAY, min(begin + DAY, end) % DAY)
            days.setdefault(hours, set()).add(begin // DAY % 7)
    return tuple(Window(frozenset(on), _clock(start), _clock(end)) for (start, end), on in sorted(days.items()))


def _clock(minute: int) -> time:
    return time(minute // 60, minute % 60)


def meet(some: Sequence[Span], others: Sequence[Span]) -> bool:
    """Whether there is a minute in both."""
    return any(start < until and since < end for start, end in some for since, until in others)


def minus(some: Sequence[Span], others: Sequence[Span]) -> tuple[Span, ...]:
    """The minutes of `some` that are not in `others`."""
    left = list(some)
    for since, until in others:
        kept = [((start, min(end, since)), (max(start, until), end)) for start, end in left]
        left = [span for pair in kept for span in pair if span[0] < span[1]]
    return tuple(left)
