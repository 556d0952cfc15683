"""The load of a shift as a picture: bars of the pages that went out and the incidents that opened, nights in grey."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from typing import Any, Literal
from zoneinfo import ZoneInfo

from bot import documents, words
from bot.charts import sheet
from bot.errors import BadInput
from bot.words import Words

WIDTH, LEFT, RIGHT, TOP, TALL, FOOT = 640.0, 40.0, 16.0, 62.0, 130.0, 44.0  #: in points
PAGES, INCIDENTS, NIGHT, INK, FAINT, RULE = "#4477aa", "#ee8866", "#ececec", "#111111", "#666666", "#cccccc"
LABELS = 7  #: times below the bars, about
DARK = (22, 7)  #: hours of the clocks between which it is night


@dataclass(frozen=True, slots=True)
class Load:
    """Bars of one length from `since` on, by the clocks of `zone`; of each the incidents and the pages."""

    rota: str
    zone: str
    since: datetime
    each: timedelta
    incidents: tuple[int, ...]
    pages: tuple[int, ...]


def picture(load: Load, language: str | None = None, form: Literal["png", "svg"] = "png") -> bytes:
    """The picture, the same for the same load; call it off the loop. BadInput where the library is missing."""
    if find_spec("matplotlib") is None:
        raise BadInput("Pictures need the library `matplotlib`.", "pip install 'tocsin[plots]'")
    from bot.charts.pad import Pad  # a second, which a bot that draws nothing need not pay for

    w, count = words.of(language), len(load.pages)
    step, floor = (WIDTH - LEFT - RIGHT) / count, TOP + TALL
    most = max((*load.pages, *load.incidents, 1))
    pad = Pad(WIDTH, floor + FOOT)
    title = words.fill(w.handover.picture_title, rota=load.rota)
    pad.words((14, 22), title, 13, bold=True, name="title")
    _legend(pad, load, w)
    nights = [(LEFT + bar * step, TOP, step, TALL) for bar in range(count) if _dark(load, bar)]
    if nights:
        pad.boxes(nights, NIGHT, name="nights")
    for share in (0.5, 1.0):
        y = floor - TALL * share
        pad.line((LEFT, y), (WIDTH - RIGHT, y), RULE, 0.5, "")
        if most * share == int(most * share):  # half a page is none
            pad.words((LEFT - 6, y + 3), f"{most * share:g}", 8, colour=FAINT, align="right")
    _bars(pad, load.pages, PAGES, (0.12, 0.44), most)
    _bars(pad, load.incidents, INCIDENTS, (0.5, 0.82), most)
    pad.line((LEFT, floor), (WIDTH - RIGHT, floor), INK, 0.8, "floor")
    every = max(1, -(-count // LABELS))
    for bar in range(0, count, every):
        pad.words((LEFT + bar * step, floor + 14), _label(load, bar, w), 8, colour=FAINT)
    pad.words((LEFT, floor + 32), load.zone, 8, colour=FAINT)
    return pad.bytes(form, title)


def _bars(pad: Any, values: tuple[int, ...], colour: str, span: tuple[float, float], most: int) -> None:
    step = (WIDTH - LEFT - RIGHT) / len(values)
    found = []
    for bar, value in enumerate(values):
        if value:
            tall = TALL * value / most
            found.append((LEFT + (bar + span[0]) * step, TOP + TALL - tall, (span[1] - span[0]) * step, tall))
    if found:
        pad.boxes(found, colour, name=colour)


def _label(load: Load, bar: int, w: Words) -> str:
    at = (load.since + bar * load.each).astimezone(ZoneInfo(load.zone))
    if load.each < timedelta(days=1) and len(load.pages) * load.each <= timedelta(days=1):
        return f"{at:%H:%M}"
    return sheet.day(w.picture, at)


def _dark(load: Load, bar: int) -> bool:
    """Whether the middle of a bar lies in the night; bars longer than an hour or three hide it."""
    if load.each > timedelta(hours=3):
        return False
    hour = (load.since + (bar + 0.5) * load.each).astimezone(UTC).astimezone(ZoneInfo(load.zone)).hour
    return hour >= DARK[0] or hour < DARK[1]


def _legend(pad: Any, load: Load, w: Words) -> None:
    say, x = w.handover, 14.0
    for colour, text, total in (
        (PAGES, say.picture_pages, sum(load.pages)),
        (INCIDENTS, say.picture_incidents, sum(load.incidents)),
    ):
        pad.box((x, 33, 9, 9), colour)
        pad.words((x + 14, 41), f"{text}: {total}", 9)
        x += 170
    pad.words((x, 41), words.fill(say.picture_each, span=documents.written(load.each)), 9, colour=FAINT)
