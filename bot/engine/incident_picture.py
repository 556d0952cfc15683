"""The pictures of an incident, each with its finding as a sentence; where none can be drawn, rows of bars in text."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec

from bot import words
from bot.charts import axis, drift, metric, timeline
from bot.charts.metric import Line, Metric
from bot.contract.exporter import Picture
from bot.engine import incident_sheets
from bot.engine.desk import Desk
from bot.engine.incident_sheets import Sheets
from bot.rules import sparkline, written

DRIFT, METRIC, TIMELINE = KINDS = ("drift", "metric", "timeline")
LINES, NAME = 8, 60  #: rows of bars, and characters of the name of one


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture that can be drawn: its kind, its title, its finding, and how it is drawn (off the loop)."""

    kind: str
    title: str
    aloud: str
    draw: Callable[[], bytes]


async def pictures(desk: Desk, incident_id: str, language: str | None = None) -> tuple[Picture, ...]:
    """Every picture there is to draw, drawn off the loop; empty where the library that draws is missing. NotFound.

    Drawn from what the log and the stores keep: once the incident is over they are the same whenever they are drawn.
    """
    sheets = await desk.store.read(lambda tx: incident_sheets.read(tx, desk, incident_id, language))
    if not there():
        return ()
    return tuple([await draw(one, sheets.incident) for one in drawings(sheets, language)])


async def draw(one: Drawing, incident_id: str) -> Picture:
    """The picture itself. BadInput where the library that draws is missing."""
    content = await asyncio.to_thread(one.draw)
    return Picture(f"{incident_id}-{one.kind}.png", content, one.aloud)


async def sparklines(desk: Desk, incident_id: str, language: str | None = None) -> tuple[str, ...]:
    """What was measured as rows of bars, a line each, the metric of the incident first; empty where nothing was."""
    return lines(await desk.store.read(lambda tx: incident_sheets.read(tx, desk, incident_id, language)), language)


def there() -> bool:
    """Whether pictures can be drawn here."""
    return find_spec("matplotlib") is not None


def drawings(sheets: Sheets, language: str | None = None) -> list[Drawing]:
    """What there is to draw: what drifted, the metric over time where there is more than one value, what happened."""
    found: list[Drawing] = []
    if (drifted := sheets.drift) and drifted.sorted:
        found.append(
            Drawing(
                DRIFT,
                drift.title(drifted, language),
                drift.aloud(drifted, language),
                partial(drift.picture, drifted, language),
            )
        )
    if measured := sheets.metric:
        found.append(
            Drawing(
                METRIC,
                metric.title(measured, language),
                metric.aloud(measured, language),
                partial(metric.picture, measured, language),
            )
        )
    told = sheets.timeline
    found.append(
        Drawing(
            TIMELINE,
            timeline.title(told, language),
            timeline.aloud(told, language),
            partial(timeline.picture, told, language),
        )
    )
    return found


def lines(sheets: Sheets, language: str | None = None) -> tuple[str, ...]:
    """The rows of bars of what was read, at most LINES."""
    every = [(one, line) for one in sheets.measured for line in one.drawn]
    found = [_line(one, line, language) for one, line in every[:LINES]]
    if more := len(every) - len(found):
        found.append(words.fill(words.of(language).drawn.more, count=more))
    return tuple(found)


def _line(one: Metric, line: Line, language: str | None) -> str:
    said, values = words.of(language).drawn, [point.value for point in line.known]
    low, high = sparkline.scale(values) or (0.0, 0.0)
    limit = words.fill(said.line_limit, limit=axis.written(line.limit)) if line.limit is not None else ""
    parts = {
        "name": written.line(f"{one.metric} {line.name}", NAME),
        "last": axis.written(values[-1]),
        "limit": limit,
    }
    if len(values) == 1:
        return words.fill(said.line_one, **parts)
    return words.fill(said.line, bars=sparkline.draw(values), low=axis.written(low), high=axis.written(high), **parts)
