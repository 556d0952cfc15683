"""A sheet in points to draw boxes, lines and words on: the same strokes give the same bytes, as PNG or SVG."""

import io
import threading
from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import matplotlib
from matplotlib import font_manager, textpath
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path as Outline
from PIL import Image

Form = Literal["png", "svg"]
Box = tuple[float, float, float, float]  #: left, top, width, height
POINTS = 72  #: an inch
DENSITY = 130  #: pixels an inch of a PNG
COLOURS = 128  #: it has at most
LONGEST = 200  #: characters of a text that are looked at where it is made to fit
#: What the library reads from one place for the whole process, so that one picture is drawn at a time.
_SETTINGS: Any = {"svg.hashsalt": "tocsin", "svg.fonttype": "none", "font.sans-serif": ["Verdana"]}
_one_at_a_time = threading.RLock()


class Pad:
    """A white sheet; the origin is its top left corner. What is drawn later lies above."""

    def __init__(self, width: float, height: float, density: int = DENSITY) -> None:
        """Sizes are in points; `density` is of a PNG, in pixels an inch."""
        self._density = density
        self._figure = Figure(figsize=(width / POINTS, height / POINTS), facecolor="white")
        self._axes = self._figure.add_axes((0.0, 0.0, 1.0, 1.0))
        self._axes.set_xlim(0, width)
        self._axes.set_ylim(height, 0)
        self._axes.set_axis_off()
        self._strokes = 0

    def box(self, box: Box, fill: str | None = None, *, edge: str | None = None, name: str = "", **more: Any) -> None:
        """A rectangle; `more` is width, dash, mark (a pattern in the colour of the edge) and see (0 to 1)."""
        left, top, width, height = box
        patch = Rectangle((round(left, 2), round(top, 2)), round(width, 2), round(height, 2))
        self._put(patch, fill, edge, name, more)

    def boxes(self, boxes: Sequence[Box], fill: str, *, edge: str | None = None, name: str = "", **more: Any) -> None:
        """Many of them as one stroke, for what is too small to be told apart."""
        corners = [
            ((x, y), (x + w, y), (x + w, y + h), (x, y + h), (x, y))
            for x, y, w, h in ((round(x, 1), round(y, 1), round(w, 1), round(h, 1)) for x, y, w, h in boxes)
        ]
        codes = [Outline.MOVETO, Outline.LINETO, Outline.LINETO, Outline.LINETO, Outline.CLOSEPOLY] * len(corners)
        outline = Outline([corner for five in corners for corner in five], codes)
        self._put(PathPatch(outline), fill, edge, name, more)

    def words(self, at: tuple[float, float], text: str, size: float, *, colour: str = "#111111", **more: Any) -> None:
        """One line of text, its left end on the base line at `at`; `more` is bold, align and name."""
        shown = self._axes.text(
            round(at[0], 2),
            round(at[1], 2),
            clean(text),
            color=colour,
            fontproperties=_font(size, bool(more.get("bold"))),
            ha=more.get("align", "left"),
            va="baseline",
            parse_math=False,
            clip_on=False,
            zorder=self._above(),
        )
        shown.set_gid(more.get("name") or None)

    def line(self, start: tuple[float, float], end: tuple[float, float], colour: str, width: float, name: str) -> None:
        """A straight line between two points."""
        xs, ys = zip(start, end, strict=True)
        (line,) = self._axes.plot(xs, ys, color=colour, linewidth=width, zorder=self._above(), clip_on=False)
        line.set_gid(name)

    def trace(self, points: Sequence[tuple[float, float]], colour: str, width: float, **more: Any) -> None:
        """A line from point to point; `more` is dash and name."""
        xs, ys = zip(*((round(x, 2), round(y, 2)) for x, y in points), strict=True)
        dash = more.get("dash", "solid")
        (line,) = self._axes.plot(
            xs, ys, color=colour, linewidth=width, linestyle=dash, zorder=self._above(), clip_on=False
        )
        line.set_gid(more.get("name") or None)

    def shape(self, corners: Sequence[tuple[float, float]], fill: str, *, name: str = "", **more: Any) -> None:
        """A closed figure; `more` is edge and width."""
        turns = [(round(x, 2), round(y, 2)) for x, y in corners]
        codes = [Outline.MOVETO, *[Outline.LINETO] * (len(turns) - 1), Outline.CLOSEPOLY]
        self._put(PathPatch(Outline([*turns, turns[0]], codes)), fill, more.pop("edge", None), name, more)

    def bytes(self, form: Form, title: str) -> bytes:
        """The picture; equal strokes give equal bytes."""
        kept = io.BytesIO()
        with _one_at_a_time, matplotlib.rc_context(_SETTINGS):
            if form == "svg":
                canvas = FigureCanvasSVG(self._figure)
                canvas.print_figure(
                    kept, format="svg", metadata={"Date": None, "Creator": "Tocsin", "Title": clean(title)}
                )
            else:
                self._figure.set_dpi(self._density)
                flat: Any = FigureCanvasAgg(self._figure)
                flat.draw()
                # A palette: what is drawn has few colours, and a chat loads a quarter of the bytes.
                size = flat.get_width_height()
                seen = Image.frombytes("RGBA", size, bytes(flat.buffer_rgba())).convert("RGB")
                seen.quantize(COLOURS, dither=Image.Dither.NONE).save(kept, "png", optimize=True)
        return kept.getvalue()

    def _put(self, patch: Any, fill: str | None, edge: str | None, name: str, more: dict[str, Any]) -> None:
        patch.set(
            facecolor=fill or "none",
            edgecolor=edge or "none",
            linewidth=more.get("width", 0.0),
            linestyle=more.get("dash", "solid"),
            hatch=more.get("mark") or None,
            hatch_linewidth=0.7,
            alpha=more.get("see"),
            zorder=self._above(),
            clip_on=False,
        )
        patch.set_gid(name or None)
        self._axes.add_patch(patch)

    def _above(self) -> int:
        self._strokes += 1
        return self._strokes


def clean(text: str) -> str:
    """What the font can show: anything else, a line break or a turn of direction included, is a question mark."""
    known = _face(bold=False)
    return "".join(sign if sign.isprintable() and ord(sign) in known else "\N{REPLACEMENT CHARACTER}" for sign in text)


@lru_cache(maxsize=4_096)
def wide(text: str, size: float, *, bold: bool = False) -> float:
    """How many points a line of text takes."""
    with _one_at_a_time:
        width, _, _ = textpath.text_to_path.get_text_width_height_descent(clean(text), _font(size, bold), ismath=False)
    return float(width)


def fitted(text: str, room: float, size: float, *, bold: bool = False, middle: bool = False) -> str:
    """As much of a text as has room in one line, whatever stands in it; an ellipsis for the rest, at worst nothing.

    In the `middle` of a name, whose end often tells it from others; else at the end.
    """
    line = clean(" ".join(text[:LONGEST].split()))
    if len(text) <= LONGEST and wide(line, size, bold=bold) <= room:
        return line

    def cut(count: int) -> str:
        tail = count * 2 // 5 if middle else 0
        return f"{line[: count - tail].rstrip()}…{line[len(line) - tail :].lstrip()}"

    count = bisect_right(range(len(line)), room, key=lambda n: wide(cut(n), size, bold=bold)) - 1
    return cut(count) if count > 0 else ""


def _file(*, bold: bool) -> Path:
    # By its file, since a font of the machine under the same name would be another picture.
    return Path(matplotlib.get_data_path()) / "fonts" / "ttf" / ("DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf")


def _font(size: float, bold: bool) -> FontProperties:
    weight = "bold" if bold else "normal"
    return FontProperties(family=["DejaVu Sans", "sans-serif"], weight=weight, size=size, fname=str(_file(bold=bold)))


@lru_cache(maxsize=2)
def _face(*, bold: bool) -> frozenset[int]:
    with _one_at_a_time:
        return frozenset(font_manager.get_font(str(_file(bold=bold))).get_charmap())
