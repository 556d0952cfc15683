"""How well predictions agree with what became true: each metric as a formula over weighted rows.

A row of weight two counts as two rows. So one piece of code gives the figure itself (every weight one) and what it is
on a resample (`rules.bootstrap`), for many resamples at once. Definitions are those of scikit-learn 1.7's user guide
("Metrics and scoring"), with the differences each formula states.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bot.rules.ranking import Counted, Ranking

Array = NDArray[np.float64]
BINARY, NUMBER = "binary", "number"
HANGS: Mapping[str, str] = {"true": "have the label 1", "yes": "count as a yes", "parts": "have a truth that is not 0"}
TINY = float(np.finfo(np.float64).eps)  # as far from 0 and 1 as a probability is kept, so that its logarithm exists
BLOCK = 1 << 13  # rows whose weights become floats at a time
CELLS = 1 << 20  # weights that are ranked at a time


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: larger is better where `better` is 1, smaller where it is -1."""

    name: str
    task: str  #: "binary": the truth is 0 or 1; "number"
    better: int
    formula: Callable[..., Array]  #: of the sums over the rows, or of the `Counted` where there are none
    sums: tuple[str, ...] = ()  #: the first counts the rows that the figure hangs on

    @property
    def hangs(self) -> str:
        """What is true of the rows that the figure hangs on."""
        return HANGS.get(self.sums[0], "can be used") if self.sums else "have the rarer label"

    def of(self, truth: ArrayLike, said: ArrayLike, threshold: float = 0.5) -> float | None:
        """The figure on these rows; None where it is not defined (no rows, one class, NaN, a truth of another task)."""
        known, told = np.asarray(truth, dtype=np.float64), np.asarray(said, dtype=np.float64)
        if not len(known) or np.isnan(known).any() or np.isnan(told).any():
            return None
        value = float(View(known, told, (self,), threshold).values(np.ones((1, len(known)), np.uint8))[0, 0])
        return value if np.isfinite(value) else None


class View:
    """What one version said, made ready for many weighings; the work that no weight changes is done once."""

    def __init__(self, truth: Array, said: Array, metrics: Sequence[Metric], threshold: float) -> None:
        """Of rows without NaN."""
        self._truth = truth
        binary = bool(np.isin(truth, (0.0, 1.0)).all())
        self._metrics = [(metric, binary or metric.task == NUMBER) for metric in metrics]
        names = {name for metric, fits in self._metrics if fits for name in metric.sums}
        self._names = sorted(names)
        with np.errstate(all="ignore"):
            columns = [TERMS[name](truth, said, threshold) for name in self._names]
        self._columns = np.stack(columns) if columns else np.empty((0, len(truth)))
        ranked = any(fits and not metric.sums for metric, fits in self._metrics)
        self._ranking = Ranking(truth, said) if ranked else None

    def support(self) -> list[int]:
        """On how many rows each metric hangs, (metrics,): those it divides by, or the fewer of true and false ones."""
        places = {name: place for place, name in enumerate(self._names)}
        true = int((self._truth > 0).sum())
        return [
            (int(self._columns[places[metric.sums[0]]].sum()) if metric.sums else min(true, len(self._truth) - true))
            if fits
            else 0
            for metric, fits in self._metrics
        ]

    def values(self, weights: NDArray[np.uint8]) -> Array:
        """Every metric under each line of weights (draws, rows): (draws, metrics), NaN where it is not defined."""
        found = np.full((len(weights), len(self._metrics)), np.nan)
        with np.errstate(all="ignore"):
            sums = dict(zip(self._names, _totals(weights, self._columns), strict=True))
            for place, (metric, fits) in enumerate(self._metrics):
                if fits and metric.sums:
                    found[:, place] = metric.formula(*(sums[name] for name in metric.sums))
            if self._ranking:
                self._rank(self._ranking, weights, found)
        return np.where(np.isfinite(found), found, np.nan)

    def _rank(self, ranking: Ranking, weights: NDArray[np.uint8], found: Array) -> None:
        """The metrics by rank, a few lines at a time: what is counted of them should fit a cache."""
        step = max(1, CELLS // max(1, weights.shape[1]))
        for start in range(0, len(weights), step):
            lines = slice(start, start + step)
            counted = ranking.under(weights[lines])
            for place, (metric, fits) in enumerate(self._metrics):
                if fits and not metric.sums:
                    found[lines, place] = metric.formula(counted)


def _totals(weights: NDArray[np.uint8], columns: Array) -> Array:
    """The sum of each of (columns, rows) under each line of weights: (columns, draws); a block of rows at a time."""
    found = np.zeros((len(columns), len(weights)))
    if len(columns):
        for start in range(0, columns.shape[1], BLOCK):
            block = slice(start, start + BLOCK)
            found += columns[:, block] @ weights[:, block].astype(np.float64).T
    return found


def _surprise(truth: Array, said: Array, _: float) -> Array:
    """Minus the logarithm of the probability given to what became true; NaN where it is no probability."""
    sure = np.clip(np.where(truth > 0, said, 1 - said), TINY, 1 - TINY)
    return np.where((said >= 0) & (said <= 1), -np.log(sure), np.nan)


def _square(truth: Array, said: Array, _: float) -> Array:
    return np.square(said - truth)


def _probable(truth: Array, said: Array, _: float) -> Array:
    return np.where((said >= 0) & (said <= 1), np.square(said - truth), np.nan)


def _part(truth: Array, said: Array, _: float) -> Array:
    return np.where(truth != 0, np.abs(said - truth) / np.abs(np.where(truth != 0, truth, 1.0)), 0.0)


def _centred(truth: Array) -> Array:
    """The truth around its mean: a sum of squares of large numbers would lose the spread that r2 compares with."""
    return truth - truth.mean() if np.ptp(truth) > 0 else np.zeros(len(truth))


# What is summed over the rows.
TERMS: Mapping[str, Callable[[Array, Array, float], Array]] = {
    "rows": lambda truth, said, cut: np.ones(len(truth)),
    "true": lambda truth, said, cut: truth,
    "yes": lambda truth, said, cut: (said >= cut).astype(np.float64),
    "hit": lambda truth, said, cut: (said >= cut) * truth,
    "right": lambda truth, said, cut: ((said >= cut) == (truth > 0)).astype(np.float64),
    "surprise": _surprise,
    "probable": _probable,
    "square": _square,
    "error": lambda truth, said, cut: said - truth,
    "miss": lambda truth, said, cut: np.abs(said - truth),
    "part": _part,
    "parts": lambda truth, said, cut: (truth != 0).astype(np.float64),
    "centred": lambda truth, said, cut: _centred(truth),
    "spread": lambda truth, said, cut: np.square(_centred(truth)),
}


def _share(whole: Array, part: Array) -> Array:
    return part / whole


def _f1(true: Array, yes: Array, hit: Array) -> Array:
    """The harmonic mean of precision and recall; 0 where neither has a hit, undefined without any yes or truth."""
    return 2 * hit / (true + yes)


def _r2(rows: Array, square: Array, centred: Array, spread: Array) -> Array:
    """One minus the squared error over that of the mean; undefined where the truth does not vary, but for rounding."""
    varied = spread - centred**2 / rows
    return 1 - square / np.where(varied > 1e-12 * spread, varied, np.nan)


_ALL = (
    Metric("auc", BINARY, 1, Counted.auc),
    Metric("average_precision", BINARY, 1, Counted.average_precision),
    Metric("log_loss", BINARY, -1, _share, ("rows", "surprise")),
    Metric("brier", BINARY, -1, _share, ("rows", "probable")),
    Metric("accuracy", BINARY, 1, _share, ("rows", "right")),
    # undefined, not 0, where no row is said to be a yes, or none is one
    Metric("precision", BINARY, 1, _share, ("yes", "hit")),
    Metric("recall", BINARY, 1, _share, ("true", "hit")),
    Metric("f1", BINARY, 1, _f1, ("true", "yes", "hit")),
    Metric("mae", NUMBER, -1, _share, ("rows", "miss")),
    Metric("rmse", NUMBER, -1, lambda rows, square: np.sqrt(square / rows), ("rows", "square")),
    # a share of 1 is 100 %; rows whose truth is 0 have none and do not count
    Metric("mape", NUMBER, -1, _share, ("parts", "part")),
    Metric("r2", NUMBER, 1, _r2, ("rows", "square", "centred", "spread")),
)
METRICS: Mapping[str, Metric] = {metric.name: metric for metric in _ALL}

#: What is compared between groups; no direction of it is better in itself.
YES_RATE = Metric("yes_rate", BINARY, 1, _share, ("rows", "yes"))
MEAN_ERROR = Metric("mean_error", NUMBER, 1, _share, ("rows", "error"))
