"""What the pictures of an incident have in common: a width that a phone shows legibly, a head, times, a list below."""

from collections.abc import Sequence
from datetime import datetime

from bot import words
from bot.charts import axis, marks, spans
from bot.charts.marks import Mark
from bot.charts.pad import Pad, fitted, wide
from bot.words import Words

WIDTH, EDGE, HEAD = 380.0, 12.0, 46.0  #: in points; a phone shows them as about as many of its own
DENSITY = 200  #: sharp on a phone, whose points are two or three pixels
TITLE, PLAIN, SMALL = 13.0, 10.0, 9.5  #: sizes of letters; smaller ones nobody reads on a phone
ROW = 15.0  #: of a list
INK, FAINT, RULE, RED, PINK = "#111111", "#555555", "#d4d4d4", "#c1121f", "#fdeeee"
Named = Sequence[tuple[str, Mark]]


def pad(height: float, title: str, under: str) -> Pad:
    """A sheet with its head."""
    made = Pad(WIDTH, height, DENSITY)
    made.words((EDGE, 20), fitted(title, WIDTH - 2 * EDGE, TITLE, bold=True), TITLE, bold=True, name="title")
    made.words((EDGE, 36), fitted(under, WIDTH - 2 * EDGE, SMALL), SMALL, colour=FAINT, name="under")
    return made


def ticks(
    made: Pad, box: tuple[float, float, float, float], span: tuple[datetime, datetime], zone: str, w: Words
) -> None:
    """The times below a box (left, top, width, height) that shows `span`, a thin line upwards from each."""
    left, top, width, height = box
    start, end = span
    taken = -1e9
    for at, told in axis.times(start, end, zone, w.picture):
        x, long = left + width * ((at - start) / (end - start)), wide(told, SMALL)
        made.line((x, top), (x, top + height), RULE, 0.5, "")
        middle = min(max(x, left + long / 2 - 6), left + width - long / 2 + 4)
        if middle - long / 2 > taken:
            made.words((middle, top + height + 13), told, SMALL, colour=FAINT, align="center", name=f"tick:{told}")
            taken = middle + long / 2 + 6


def stamp(made: Pad, what: str, at: tuple[float, float], size: float = 4.5, name: str = "") -> None:
    """The shape of a moment."""
    shape, colour = marks.look(what)
    made.shape(marks.corners(shape, at, size), colour, edge="#ffffff", width=0.6, name=name)


def letters(made: Pad, named: Named, places: Sequence[float], y: float, low: float) -> None:
    """The letters of moments side by side above their places; `places` are where their lines stand."""
    for (letter, mark), x in zip(named, marks.spread(places, 13.0, low, WIDTH - EDGE), strict=True):
        made.words(
            (x, y), letter, PLAIN, colour=marks.look(mark.what)[1], bold=True, align="center", name=f"at:{letter}"
        )


def listed(made: Pad, named: Named, more: int, top: float, zone: str, w: Words) -> None:
    """The moments by their letters, one a line, and how many there are besides."""
    near = named[0][1].at if named else None
    y = top
    for letter, mark in named:
        y += ROW
        made.words((EDGE, y), letter, PLAIN, colour=marks.look(mark.what)[1], bold=True)
        stamp(made, mark.what, (EDGE + 17, y - 3.5))
        at = spans.clock(mark.at, zone, w, near or mark.at)
        made.words((EDGE + 28, y), at, SMALL, colour=FAINT)
        left = EDGE + 28 + wide(at, SMALL) + 8
        made.words((left, y), fitted(mark.told, WIDTH - EDGE - left, PLAIN), PLAIN, name=f"told:{letter}")
    if more:
        made.words((EDGE + 28, y + ROW), words.fill(w.drawn.more, count=more), SMALL, colour=FAINT, name="more")


def tall(named: Named, more: int) -> float:
    """The height of such a list."""
    return ROW * (len(named) + bool(more)) + 10
