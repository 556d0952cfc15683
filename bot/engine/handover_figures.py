"""The shift in figures beside the four before it, and what the picture of its load shows."""

import statistics
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.engine import handover_lines as lines
from bot.engine import handover_noise
from bot.engine.handover_gather import Shift, Span
from bot.engine.handover_lines import Line, Section
from bot.model.incident import MERGED
from bot.model.rota import Shift as Turn

HOUR = timedelta(hours=1)
BARS = 56  #: at most, of the picture
LENGTHS = tuple(timedelta(hours=hours) for hours in (1, 3, 6, 12, 24, 168, 744))  #: of a bar
NONE = {"0", "–"}  #: what says nothing
WHAT = ("incidents", "pages", "night", "ack", "hours")


def section(shift: Shift, turns: Sequence[Turn]) -> Section:
    """A line for each figure that is not nought all along.

    `turns` are the shifts of the rota in all these spans, none where it is no rota's.
    """
    every = [_of(shift, span, turns) for span in (*shift.past, (shift.since, shift.until))]
    return lines.filled("figures", _lines(every, hours=bool(turns)))


def _lines(every: Sequence[dict[str, str]], *, hours: bool) -> Iterator[Line]:
    *before, now = every
    for what in WHAT:
        told = {one[what] for one in every} - NONE
        if told and (what != "hours" or hours):
            past = ", ".join(one[what] for one in before) or "–"
            yield lines.line(f"figure_{what}", now=now[what], before=past)


def _of(shift: Shift, span: Span, turns: Sequence[Turn]) -> dict[str, str]:
    start, end = span
    opened = [one for one in shift.briefs if start <= one.opened_at < end and one.resolution != MERGED]
    paged = [one for one in shift.pages if start <= one.at < end]
    waited = [(shift.acknowledged[one.id] - one.opened_at) for one in opened if one.id in shift.acknowledged]
    median = statistics.median(one.total_seconds() for one in waited) / 60 if waited else None
    nights = handover_noise.nightly(paged, shift.desk.settings.people).total()
    ack = "–" if median is None else f"{median:.0f}" if median >= 10 else f"{median:.1f}"
    figures = {"incidents": f"{len(opened)}", "pages": f"{len(paged)}", "night": f"{nights}", "ack": ack}
    return figures | {"hours": f"{_held(turns, start, min(end, max(shift.now, start))):g}"}


def _held(turns: Sequence[Turn], start: datetime, end: datetime) -> float:
    """How many hours people held the pager, each on their own, up to now."""
    spans = ((max(one.start, start), min(one.end, end), len(one.holders)) for one in turns)
    return round(sum(max(until - since, timedelta(0)) / HOUR * many for since, until, many in spans), 1)


def load(shift: Shift) -> dict[str, Any]:
    """Bars of one length: when each begins, and the incidents that opened and pages that went out in it."""
    whole = shift.until - shift.since
    length = next((one for one in LENGTHS if whole / one <= BARS), LENGTHS[-1])
    count = max(1, min(BARS, -(-whole // length)))
    opened, paged = [0] * count, [0] * count
    for moments, bars in (([one.opened_at for one in shift.opened], opened), ([one.at for one in shift.paged], paged)):
        for at in moments:
            bars[min(count - 1, (at - shift.since) // length)] += 1
    return {"since": shift.since.isoformat(), "each": length.total_seconds(), "incidents": opened, "pages": paged}
