"""A metric over time as a picture: its values, its limit, and what was done and happened meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.util import find_spec
from math import isfinite
from typing import Any, Literal

from bot import words
from bot.charts import axis, colours, marks, spans
from bot.charts.marks import Mark
from bot.errors import BadInput
from bot.words import Words

LINES, POINTS = 4, 300  #: lines in one picture, and points of one
LEFT, TALL = 46.0, 150.0  #: where the plot begins, and its height
DOTS, DENSE = 40, 120  #: points up to which each has its own, and from which dashes would hide them
SHAPES = ("circle", "square", "up", "diamond")
DASHES = ("solid", (0, (5, 1.5)), (0, (1.5, 1.5)), (0, (5, 1.5, 1.5, 1.5)))


@dataclass(frozen=True, slots=True)
class Point:
    """A value, and when it was measured or heard."""

    at: datetime
    value: float


@dataclass(frozen=True, slots=True)
class Line:
    """The values of one feature or segment in their order of time, and what is too much."""

    name: str
    points: tuple[Point, ...]
    limit: float | None = None
    below: bool = False  #: it is low values that are wrong

    @property
    def known(self) -> list[Point]:
        """The finite ones, in their order of time."""
        return sorted((one for one in self.points if isfinite(one.value)), key=lambda one: one.at)

    def wrong(self, value: float) -> bool:
        """Whether a value is beyond the limit."""
        return self.limit is not None and (value < self.limit if self.below else value > self.limit)


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric of an incident; what matters most is the first line."""

    incident: str
    subject: str
    metric: str
    zone: str
    lines: tuple[Line, ...]
    marks: tuple[Mark, ...] = ()

    @property
    def drawn(self) -> list[Line]:
        """The lines that have a value."""
        return [line for line in self.lines if line.known]


def picture(metric: Metric, language: str | None = None, form: Literal["png", "svg"] = "png") -> bytes:
    """The picture, the same for the same values and marks; call it off the loop.

    BadInput where the library that draws is missing, and where there is no value.
    """
    lines = metric.drawn
    if not lines:
        raise BadInput(f"{metric.incident} has no values to draw.", "Its monitors gave none.")
    if find_spec("matplotlib") is None:
        raise BadInput("Pictures need the library `matplotlib`.", "pip install 'tocsin[plots]'")
    from bot.charts import frame  # a second, which a bot that draws nothing need not pay for

    w, shown = words.of(language), lines[:LINES]
    named, more = marks.lettered(metric.marks)
    start, end = _span(shown, named)
    legend = frame.ROW * (len(shown) if len(lines) > 1 else 0) + frame.ROW * (len(lines) > len(shown))
    top = frame.HEAD + legend + (18 if named else 6)
    floor = top + TALL
    made = frame.pad(floor + 22 + frame.tall(named, more), title(metric, language), _under(metric, shown, w))
    scale = _scale(shown)
    box = (LEFT, top, frame.WIDTH - frame.EDGE - LEFT, TALL)

    def at(moment: datetime) -> float:
        return box[0] + box[2] * ((moment - start) / (end - start))

    def up(value: float) -> float:
        return floor - TALL * scale.share(value)

    limits = {(line.limit, line.below) for line in shown if line.limit is not None}
    if len(limits) == 1:
        ((limit, below),) = limits
        bad = (up(limit), floor) if below else (top, up(limit))
        made.box((LEFT, bad[0], box[2], bad[1] - bad[0]), frame.PINK, name="beyond")
    for tick in axis.numbers(scale):
        made.line((LEFT, up(tick)), (LEFT + box[2], up(tick)), frame.RULE, 0.5, "")
        made.words((LEFT - 5, up(tick) + 3.5), axis.written(tick), frame.SMALL, colour=frame.FAINT, align="right")
    frame.ticks(made, box, (start, end), metric.zone, w)
    for letter, mark in named:
        colour = marks.look(mark.what)[1]
        made.trace([(at(mark.at), top - 4), (at(mark.at), floor)], colour, 1.0, dash=(0, (3, 2)), name=f"mark:{letter}")
    for place, (limit, _) in enumerate(sorted(limits)[:LINES]):
        made.trace(
            [(LEFT, up(limit)), (LEFT + box[2], up(limit))], frame.RED, 1.4, dash=(0, (6, 2)), name=f"limit:{place}"
        )
    for place, line in enumerate(shown):
        _line(made, [(at(one.at), up(one.value)) for one in _thinned(line.known)], place, one=len(shown) == 1)
    made.line((LEFT, floor), (LEFT + box[2], floor), frame.INK, 0.8, "floor")
    _legend(made, lines, shown, w)
    frame.letters(made, named, [at(mark.at) for _, mark in named], top - 6, LEFT)
    frame.listed(made, named, more, floor + 20, metric.zone, w)
    return made.bytes(form, title(metric, language))


def title(metric: Metric, language: str | None = None) -> str:
    """What stands above it."""
    parts = {"incident": metric.incident, "subject": metric.subject, "metric": _named(metric)}
    return " ".join(words.fill(words.of(language).drawn.metric_title, **parts).split()).replace(" :", ":")


def aloud(metric: Metric, language: str | None = None) -> str:
    """The finding: where the first line began, how far it went, where it is now, and what was marked."""
    w, lines = words.of(language), metric.drawn
    if not lines:
        return ""
    line, zone = lines[0], metric.zone
    known = line.known
    first, last, values = known[0], known[-1], [one.value for one in known]
    limit = ""
    if line.limit is not None:
        ever = any(line.wrong(value) for value in values)
        told = w.drawn.metric_over if line.wrong(last.value) else w.drawn.metric_within if ever else w.drawn.metric_kept
        limit = words.fill(told, limit=axis.written(line.limit))
    parts = {
        "name": _named(metric) if len(lines) == 1 else f"{metric.metric[:40]} {line.name[:80]}".strip(),
        "since": f"{spans.clock(first.at, zone, w)} ({zone})",
        "until": spans.clock(last.at, zone, w, first.at),
        "first": axis.written(first.value),
        "last": axis.written(last.value),
        "limit": limit,
    }
    if line.below:
        said = words.fill(w.drawn.metric_low, low=axis.written(min(values)), **parts)
    else:
        said = words.fill(w.drawn.metric_aloud, high=axis.written(max(values)), **parts)
    named, more = marks.lettered(metric.marks)
    happened = [
        words.fill(w.drawn.mark, at=spans.clock(mark.at, zone, w, first.at), what=mark.told[:80]) for _, mark in named
    ]
    happened += [words.fill(w.drawn.more, count=more)] if more else []
    return spans.aloud(said, words.fill(w.drawn.marked, marks="; ".join(happened)) if happened else "")


def _named(metric: Metric) -> str:
    """The metric, and of what where there is one line alone."""
    lines = metric.drawn
    return f"{metric.metric[:40]} {lines[0].name[:80]}".strip() if len(lines) == 1 else metric.metric[:40]


def _under(metric: Metric, shown: Sequence[Line], w: Words) -> str:
    limits = {line.limit for line in shown if line.limit is not None}
    told = [words.fill(w.drawn.limit, limit=axis.written(limit)) for limit in limits] if len(limits) == 1 else []
    return "  ·  ".join([*told, words.fill(w.drawn.zone, zone=metric.zone)])


def _span(shown: Sequence[Line], named: Sequence[tuple[str, Mark]]) -> tuple[datetime, datetime]:
    """From the first to the last of what is shown, with some room; never less than a few minutes."""
    moments = [one.at for line in shown for one in line.known] + [mark.at for _, mark in named]
    start, end = min(moments), max(moments)
    room = max((end - start) * 0.04, timedelta(minutes=1))
    return start - room, end + room


def _scale(shown: Sequence[Line]) -> axis.Scale:
    values = [one.value for line in shown for one in line.known]
    return axis.around([*values, *(line.limit for line in shown if line.limit is not None)])


def _thinned(known: list[Point]) -> list[Point]:
    """At most POINTS of them: of each equal share the lowest and the highest, so that no peak is lost."""
    if len(known) <= POINTS:
        return known
    shares = POINTS // 2
    found: list[Point] = []
    for n in range(shares):
        part = known[n * len(known) // shares : (n + 1) * len(known) // shares]
        ends = {min(part, key=lambda one: one.value), max(part, key=lambda one: one.value)}
        found += sorted(ends, key=lambda one: one.at)
    return found


def _line(made: Any, points: Sequence[tuple[float, float]], place: int, *, one: bool) -> None:
    colour = colours.BRIGHT[place]
    if len(points) > 1:
        made.trace(
            points, colour, 1.8, dash="solid" if one or len(points) > DENSE else DASHES[place], name=f"line:{place}"
        )
    dotted = points if len(points) <= DOTS else points[-1:]
    for n, at in enumerate(dotted):
        made.shape(marks.corners(SHAPES[place], at, 3.2), colour, edge="#ffffff", width=0.5, name=f"point:{place}-{n}")


def _legend(made: Any, lines: Sequence[Line], shown: Sequence[Line], w: Words) -> None:
    """The names of the lines, where there are several, each with its newest value."""
    from bot.charts import frame
    from bot.charts.pad import fitted

    if len(lines) == 1:
        return
    y = frame.HEAD
    for place, line in enumerate(shown):
        y += frame.ROW
        made.trace([(frame.EDGE, y - 8), (frame.EDGE + 24, y - 8)], colours.BRIGHT[place], 1.8, dash=DASHES[place])
        middle = (frame.EDGE + 12, y - 8)
        made.shape(marks.corners(SHAPES[place], middle, 3.6), colours.BRIGHT[place], edge="#ffffff", width=0.5)
        last = axis.written(line.known[-1].value)
        name = fitted(line.name or "–", frame.WIDTH - 120, frame.PLAIN)
        made.words((frame.EDGE + 32, y - 4.5), name, frame.PLAIN, name=f"name:{place}")
        made.words(
            (frame.WIDTH - frame.EDGE, y - 4.5), last, frame.PLAIN, bold=line.wrong(line.known[-1].value), align="right"
        )
    if more := len(lines) - len(shown):
        told = words.fill(w.drawn.more, count=more)
        made.words((frame.EDGE + 32, y + frame.ROW - 4.5), told, frame.SMALL, colour=frame.FAINT, name="more-lines")
