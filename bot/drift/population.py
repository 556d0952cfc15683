"""The population stability index: how far a sample has moved from its reference, cell by cell.

`sum((p - q) * ln(p / q))` over the cells, p and q the shares of current and reference: Jeffreys' divergence (1946)
under the name it has in credit scoring (N. Siddiqi, Credit Risk Scorecards, 2006). In nats, never negative, the same
both ways.

Conventions, which other tools choose otherwise, so thresholds must not be carried over from one tool to another:
cells are the deciles of the reference, open at both ends; a reference of few different values (a category, a constant)
has one cell for each of them and one for whatever else comes. NaN has a cell of its own. Shares below `FLOOR` count as
`FLOOR`, so a cell that is empty on one side is far but not infinitely far; what is empty on both sides adds nothing.

Small samples move by themselves: see `noise`.
"""

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bot.errors import BadInput

STABLE, SHIFTED = 0.1, 0.25  #: Siddiqi's thresholds: below the first nothing moved, from the second on it did
FLOOR = 1e-4  #: the share that an empty cell counts as
BINS = 10

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Cells:
    """Where a reference is cut: its inner borders, or its different values where they are few."""

    edges: tuple[float, ...]
    each: bool  #: `edges` are values, with a cell each and one for the rest

    def count(self, sample: ArrayLike) -> Counts:
        """How many values of `sample` fall in each of the `len(edges) + 2` cells; the last is for NaN."""
        values = _flat(sample)
        edges = np.asarray(self.edges)
        missing = np.isnan(values)
        there = values[~missing]
        # A border belongs to the cell below it.
        cell = np.searchsorted(edges, there, side="left")
        if self.each and len(edges):
            known = edges[np.minimum(cell, len(edges) - 1)] == there
            cell = np.where(known, cell, len(edges))
        return np.append(np.bincount(cell, minlength=len(edges) + 1), np.count_nonzero(missing)).astype(np.int64)


def cells(reference: ArrayLike, bins: int = BINS) -> Cells:
    """The cells of a reference: `bins` quantiles, or its values where they are no more; BadInput when it is empty."""
    values = _flat(reference)
    if not len(values):
        raise BadInput("The reference has no rows.", "Give it a sample of what the model was trained on.")
    if bins < 2:
        raise BadInput(f"Bins: {bins}. So few tell nothing apart.", "Ask for 2 or more.")
    finite = values[np.isfinite(values)]
    different = np.unique(finite)
    if len(different) <= bins:
        return Cells(tuple(different.tolist()), each=True)
    # Values that are very frequent own several quantiles, which are one border then.
    borders = np.unique(np.quantile(finite, np.linspace(0, 1, bins + 1)[1:-1]))
    return Cells(tuple(borders.tolist()), each=False)


def index(reference: ArrayLike, current: ArrayLike, bins: int = BINS) -> float:
    """The index of two samples over the cells of the first; BadInput when either has no rows."""
    cut = cells(reference, bins)
    return index_of_counts(cut.count(reference), cut.count(current))


def index_of_counts(reference: ArrayLike, current: ArrayLike) -> float:
    """The index of two histograms over the same cells; BadInput when they do not fit, or either counts nothing."""
    before, now = _shares(reference, "reference"), _shares(current, "current sample")
    if len(before) != len(now):
        raise BadInput(f"{len(before)} cells cannot be compared with {len(now)}.", "Count both over the same cells.")
    q, p = np.maximum(before, FLOOR), np.maximum(now, FLOOR)
    return float(np.sum((p - q) * np.log(p / q)))


def noise(reference: int, current: int, cells: int = BINS) -> float:
    """What the index of two samples of these sizes stays below 19 times in 20 although nothing moved at all.

    It is distributed as (1/n + 1/m) chi-squared with `cells` - 1 degrees of freedom (B. Yurdakul and J. Naranjo,
    Journal of Risk Model Validation 14(4), 2020); the quantile is Wilson and Hilferty's (1931).
    BadInput for sizes below 1.
    """
    if min(reference, current) < 1 or cells < 2:
        raise BadInput("There is no noise of nothing.", "Give two sizes of 1 or more, and 2 cells or more.")
    freedom = cells - 1
    spread = 2 / (9 * freedom)
    quantile = freedom * (1 - spread + NormalDist().inv_cdf(0.95) * sqrt(spread)) ** 3
    return (1 / reference + 1 / current) * quantile


def _flat(sample: ArrayLike) -> NDArray[np.float64]:
    try:
        values = np.asarray(sample, dtype=np.float64)
    except (TypeError, ValueError):
        raise BadInput("The sample holds what is no number.", "Number the categories first.") from None
    if values.ndim != 1:
        raise BadInput(f"A sample has one dimension, not {values.ndim}.", "Compare one feature at a time.")
    return values


def _shares(counts: ArrayLike, whose: str) -> NDArray[np.float64]:
    values = _flat(counts)
    if not np.all(np.isfinite(values)) or np.any(values < 0):
        raise BadInput(f"The counts of the {whose} are no counts.", "Give numbers of 0 or more.")
    if not values.sum():
        raise BadInput(f"The {whose} has no rows.", "Wait for some.")
    return np.asarray(values / values.sum(), dtype=np.float64)
