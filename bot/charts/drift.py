"""What drifted, as a picture: of each feature its value against its limit, and where it is known the two shapes."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from math import isfinite
from typing import Any, Literal

from bot import words
from bot.charts import axis, spans
from bot.errors import BadInput
from bot.words import Words

MOST, SHAPED = 12, 6  #: features that are drawn, and of how many the shapes are
CELLS = 24  #: of a shape
LINE, SHAPE = 22.0, 44.0  #: the height of a feature, and of its shapes
LEFT, RIGHT = 122.0, 104.0  #: where the values begin and how far from the edge they end
FINE, BAD, NOISE, REFERENCE, CURRENT = "#4477aa", "#c1121f", "#dddddd", "#bbbbbb", "#4477aa"


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature: its statistic, where that is too much, on how many rows, and what chance alone may reach."""

    name: str
    value: float
    limit: float | None = None
    below: bool = False  #: it is low values that are wrong, as of a p-value
    breached: bool | None = None  #: as its monitor says; None: by the numbers
    rows: int | None = None
    noise: float | None = None
    cells: tuple[str, ...] = ()
    reference: tuple[float, ...] = ()  #: how many, or which share, in each cell; as many as `current`, or none
    current: tuple[float, ...] = ()

    @property
    def over(self) -> bool:
        """Whether it is beyond its limit."""
        if self.breached is not None:
            return self.breached
        if self.limit is None:
            return False
        return self.value < self.limit if self.below else self.value > self.limit

    @property
    def far(self) -> float:
        """How far it went: 1 is at its limit; without one, its value."""
        value, limit = abs(self.value), abs(self.limit) if self.limit else 1.0
        return limit / max(value, 1e-12) if self.below else value / max(limit, 1e-300)

    @property
    def shaped(self) -> bool:
        """Whether both of its shapes are known."""
        sound = all(isfinite(one) and one >= 0 for one in (*self.reference, *self.current))
        return 0 < len(self.reference) == len(self.current) <= CELLS and sound and any(self.reference)


@dataclass(frozen=True, slots=True)
class Drift:
    """The features of an incident by one metric."""

    incident: str
    subject: str
    metric: str
    features: tuple[Feature, ...]

    @property
    def sorted(self) -> list[Feature]:
        """Those with a finite value, what went furthest first."""
        known = [one for one in self.features if isfinite(one.value)]
        return sorted(known, key=lambda one: (not one.over, -one.far, one.name))


def picture(drift: Drift, language: str | None = None, form: Literal["png", "svg"] = "png") -> bytes:
    """The picture, the same for the same features; call it off the loop.

    BadInput where the library that draws is missing, and where no feature has a value.
    """
    found = drift.sorted
    if not found:
        raise BadInput(f"{drift.incident} has no drift to draw.", "Its monitors gave no values.")
    if find_spec("matplotlib") is None:
        raise BadInput("Pictures need the library `matplotlib`.", "pip install 'tocsin[plots]'")
    from bot.charts import frame  # a second, which a bot that draws nothing need not pay for

    w, shown = words.of(language), found[:MOST]
    shaped = [place for place, one in enumerate(shown) if one.shaped][:SHAPED]
    body = LINE * len(shown) + SHAPE * len(shaped)
    top, more = frame.HEAD + 20 + frame.ROW * bool(shaped), len(found) - len(shown)
    made = frame.pad(top + body + 26 + 14 * bool(more), title(drift, language), _under(found, w))
    scale = _scale(shown)
    _legend(made, shown, w)
    right = frame.WIDTH - RIGHT
    for tick in axis.numbers(scale, 3):
        x = LEFT + scale.share(tick) * (right - LEFT)
        made.line((x, top), (x, top + body), frame.RULE, 0.5, "")
        made.words((x, top + body + 13), axis.written(tick), frame.SMALL, colour=frame.FAINT, align="center")
    y = top
    for place, one in enumerate(shown):
        _row(made, one, y, scale, f"{place}")
        y += LINE
        if place in shaped:
            _shapes(made, one, y, f"{place}")
            y += SHAPE
    if more:
        text = words.fill(w.drawn.more, count=more)
        made.words((frame.EDGE, top + body + 28), text, frame.SMALL, colour=frame.FAINT, name="more")
    return made.bytes(form, title(drift, language))


def title(drift: Drift, language: str | None = None) -> str:
    """What stands above it."""
    said = words.of(language).drawn
    parts = {"incident": drift.incident, "subject": drift.subject, "metric": drift.metric[:40]}
    return " ".join(words.fill(said.drift_title, **parts).split()).replace(" :", ":")


def aloud(drift: Drift, language: str | None = None) -> str:
    """The finding: what drifted most, by how much, on how many rows; empty where there is none."""
    w, found = words.of(language), drift.sorted
    if not found:
        return ""
    first = found[0]
    limit = w.drawn.drift_within if not first.over else w.drawn.drift_under if first.below else w.drawn.drift_over
    parts = {
        "feature": first.name[:80],
        "metric": drift.metric[:40],
        "value": axis.written(first.value),
        "limit": words.fill(limit, limit=axis.written(first.limit)) if first.limit is not None else "",
        "rows": words.fill(w.drawn.drift_rows, count=f"{first.rows:,}") if first.rows is not None else "",
    }
    named = w.drawn.drift_aloud if first.name and first.over else w.drawn.drift_alone
    if first.name and not first.over:
        parts["metric"] = f"{drift.metric[:40]} ({first.name[:80]})"
    said = [words.fill(named, **parts)]
    said += [_count(found, w)] if len(found) > 1 else []
    said.append(_doubt(first, w))
    return spans.aloud(*said)


def _under(found: Sequence[Feature], w: Words) -> str:
    """How many are beyond their limit; of one alone whether chance would do."""
    return _count(found, w) if len(found) > 1 else _doubt(found[0], w)


def _doubt(one: Feature, w: Words) -> str:
    if one.noise is None or one.noise < one.value:
        return ""
    return words.fill(w.drawn.drift_doubt, noise=axis.written(one.noise))


def _count(found: Sequence[Feature], w: Words) -> str:
    return words.fill(w.drawn.drift_count, over=sum(one.over for one in found), count=len(found))


def _scale(shown: Sequence[Feature]) -> axis.Scale:
    """From nothing to the furthest of values and limits; chance has to fit only as far as it matters."""
    told = [number for one in shown for number in (one.value, one.limit) if number is not None and isfinite(number)]
    noise = [min(one.noise, 1.5 * max(told)) for one in shown if one.noise is not None and isfinite(one.noise)]
    found = axis.around([0.0, *told, *noise])
    return axis.Scale(0.0, found.high) if min(told) >= 0 else found


def _legend(made: Any, shown: Sequence[Feature], w: Words) -> None:
    """What the signs mean, of those that are there."""
    from bot.charts import frame, marks

    x, y, said = frame.EDGE, frame.HEAD + 8, w.drawn
    if any(not one.over for one in shown):
        made.shape(marks.corners("circle", (x + 4, y - 3.5), 4), FINE)
        x = _word(made, x + 12, y, said.drift_value)
    if any(one.over for one in shown):
        made.shape(marks.corners("diamond", (x + 4, y - 3.5), 4.5), BAD)
        x = _word(made, x + 12, y, said.drift_beyond)
    if any(one.limit is not None for one in shown):
        made.line((x + 4, y - 8), (x + 4, y + 1), frame.INK, 1.6, "")
        x = _word(made, x + 12, y, said.drift_limit)
    if any(one.noise is not None for one in shown):
        made.box((x, y - 8, 12, 9), NOISE)
        x = _word(made, x + 17, y, said.drift_noise)
    if any(one.shaped for one in shown):
        x, y = frame.EDGE, y + frame.ROW
        for colour, text in ((REFERENCE, said.drift_reference), (CURRENT, said.drift_current)):
            made.box((x, y - 8, 8, 9), colour)
            x = _word(made, x + 12, y, text)


def _word(made: Any, x: float, y: float, text: str) -> float:
    from bot.charts import frame
    from bot.charts.pad import wide

    made.words((x, y), text, frame.SMALL)
    return x + wide(text, frame.SMALL) + 12


def _row(made: Any, one: Feature, top: float, scale: axis.Scale, key: str) -> None:
    from bot.charts import frame, marks
    from bot.charts.pad import fitted

    middle, right = top + LINE / 2, frame.WIDTH - RIGHT

    def at(value: float) -> float:
        return LEFT + scale.share(value) * (right - LEFT)

    name = fitted(one.name or "–", LEFT - frame.EDGE - 6, frame.PLAIN, bold=one.over, middle=True)
    made.words((frame.EDGE, middle + 3.5), name, frame.PLAIN, bold=one.over, name=f"feature:{key}")
    if one.noise is not None and isfinite(one.noise):
        made.box((at(0.0), middle - 6, at(one.noise) - at(0.0), 12), NOISE, name=f"noise:{key}")
    made.line((LEFT, middle), (right, middle), frame.RULE, 0.6, "")
    made.line((at(0.0), middle), (at(one.value), middle), BAD if one.over else FINE, 2.0, f"stem:{key}")
    if one.limit is not None and isfinite(one.limit):
        made.line((at(one.limit), middle - 7), (at(one.limit), middle + 7), frame.INK, 1.6, f"limit:{key}")
    shape, size = ("diamond", 4.5) if one.over else ("circle", 4.0)
    colour = BAD if one.over else FINE
    made.shape(
        marks.corners(shape, (at(one.value), middle), size), colour, edge="#ffffff", width=0.6, name=f"dot:{key}"
    )
    told = axis.written(one.value)
    made.words((right + 8, middle + 3.5), told, frame.PLAIN, bold=True, name=f"value:{key}")
    if one.rows is not None:
        rows = fitted(f"n {_short(one.rows)}", 44, frame.SMALL)
        made.words((frame.WIDTH - frame.EDGE, middle + 3.5), rows, frame.SMALL, colour=frame.FAINT, align="right")


def _short(count: int) -> str:
    """12.4k, 3.1M; whole below ten thousand."""
    for unit, name in ((10**12, "T"), (10**9, "G"), (10**6, "M"), (10**3, "k")):
        if count >= unit and count >= 10_000:
            return f"{count / unit:.3g}{name}"
    return f"{count}"


def _shapes(made: Any, one: Feature, top: float, key: str) -> None:
    """Reference and current side by side in each cell, as shares of their own sum."""
    from bot.charts import frame
    from bot.charts.pad import fitted

    before, now = _shares(one.reference), _shares(one.current)
    high, right = max(*before, *now), frame.WIDTH - RIGHT
    step, floor, tall = (right - LEFT) / len(before), top + SHAPE - 14, SHAPE - 18
    for values, colour, shift, name in ((before, REFERENCE, 0.08, "reference"), (now, CURRENT, 0.5, "current")):
        bars = [
            (LEFT + (n + shift) * step, floor - tall * value / high, step * 0.42, tall * value / high)
            for n, value in enumerate(values)
        ]
        made.boxes([bar for bar in bars if bar[3] > 0] or bars, colour, name=f"{name}:{key}")
    made.line((LEFT, floor), (right, floor), frame.INK, 0.6, "")
    if one.cells:
        half = (right - LEFT) / 2 - 4
        made.words((LEFT, floor + 11), fitted(one.cells[0], half, 8.5), 8.5, colour=frame.FAINT)
        made.words((right, floor + 11), fitted(one.cells[-1], half, 8.5), 8.5, colour=frame.FAINT, align="right")


def _shares(counts: Sequence[float]) -> list[float]:
    most = max(counts) or 1.0
    whole = sum(one / most for one in counts) or 1.0
    return [one / most / whole for one in counts]
