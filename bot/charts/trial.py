"""A trial as a picture: champion and challenger with their intervals, on all rows and on each slice, by the metric."""

from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from typing import Literal, NamedTuple

from bot.errors import BadInput
from bot.model.trial import Estimate, Score, Trial

MOST = 40  #: rows; those with the most samples are drawn
WIDTH, LEFT, RIGHT, TOP, ROW, FOOT = 640.0, 170.0, 130.0, 58.0, 26.0, 34.0  #: in points
CHAMPION, CHALLENGER, INK, FAINT, RULE = "#4477aa", "#cc6633", "#111111", "#666666", "#d4d4d4"
NAME = 28  #: characters of a slice


class _Row(NamedTuple):
    """What is drawn on one line."""

    label: str
    samples: int
    score: Score


def picture(trial: Trial, form: Literal["png", "svg"] = "png") -> bytes:
    """The picture, the same for the same trial; call it off the loop.

    BadInput where the library that draws is missing, and where the trial has no figures.
    """
    rows = list(_rows(trial))
    known = [one for row in rows for one in (row.score.champion, row.score.challenger) if one]
    if not known:
        raise BadInput(f"{trial.id} has no figures to draw.", f"See `tocsin evaluate show {trial.id}`.")
    if find_spec("matplotlib") is None:
        raise BadInput("Pictures need the library `matplotlib`.", "pip install 'tocsin[plots]'")
    from bot.charts.pad import Pad  # a second, which a bot that draws nothing need not pay for

    low, high = _scale(known)
    pad = Pad(WIDTH, TOP + ROW * len(rows) + FOOT)
    pad.words((14, 22), f"{trial.id}  {trial.model}: {rows[0].score.metric}", 13, bold=True, name="title")
    both = f"{trial.champion} serves" + (f", {trial.challenger} challenges" if trial.challenger else "")
    pad.words((14, 40), f"{both}; dots are values, lines 95 % intervals", 9, colour=FAINT)

    def at(value: float) -> float:
        return LEFT + (value - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    for number, row in enumerate(rows):
        middle = TOP + ROW * (number + 0.5)
        pad.line((14, middle + ROW / 2), (WIDTH - 14, middle + ROW / 2), RULE, 0.6, "")
        pad.words((14, middle + 3), row.label[:NAME], 9, bold=number == 0, name=f"row:{row.label}")
        for estimate, colour, lower, who in (
            (row.score.champion, CHAMPION, -4.0, "champion"),
            (row.score.challenger, CHALLENGER, 4.0, "challenger"),
        ):
            if estimate is not None:
                y = middle + lower
                pad.line((at(estimate.low), y), (at(estimate.high), y), colour, 1.6, f"{who}:{row.label}")
                pad.box((at(estimate.value) - 2.5, y - 2.5, 5, 5), colour)
        pad.words((WIDTH - RIGHT + 8, middle + 3), _told(row), 8, colour=FAINT)
    foot = TOP + ROW * len(rows) + 18
    pad.words((at(low), foot), f"{low:.4g}", 8, colour=FAINT)
    pad.words((at(high), foot), f"{high:.4g}", 8, colour=FAINT, align="right")
    pad.words((14, foot), trial.champion[:NAME], 9, colour=CHAMPION, bold=True)
    pad.words((90, foot), (trial.challenger or "")[:NAME], 9, colour=CHALLENGER, bold=True)
    return pad.bytes(form, f"{trial.id} {trial.model}")


def _rows(trial: Trial) -> Iterator[_Row]:
    """All rows first, then the slices, the largest of them in their own order."""
    card = trial.scorecard
    if card is None or not card.scores:
        return
    metric = card.scores[0].metric
    yield _Row("all rows", card.samples, card.scores[0])
    measured = [(part, score) for part in card.slices for score in part.scores if score.metric == metric]
    least = sorted((part.samples for part, _ in measured), reverse=True)[:MOST][-1:] or [0]
    kept = [(part, score) for part, score in measured if part.samples >= least[0]]
    for part, score in kept[:MOST]:
        yield _Row(f"{part.column}={part.value}", part.samples, score)


def _scale(known: Sequence[Estimate]) -> tuple[float, float]:
    """From the lowest to the highest end; a little more where all are one."""
    low, high = min(one.low for one in known), max(one.high for one in known)
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _told(row: _Row) -> str:
    difference = row.score.difference
    change = f"{difference.value:+.3g}, " if difference else ""
    return f"{change}{row.samples:,} rows"
