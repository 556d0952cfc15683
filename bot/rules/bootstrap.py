"""What figures would be on other samples of the same size: weights for resamples, and intervals from what they give.

The Poisson bootstrap (Hanley and MacGibbon 2006; Chamandy et al. 2012): each row counts Poisson(1) times, independently
of the others, which for ratios of sums is as good as drawing rows with replacement, and needs no second pass.
"""

import math
import zlib
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from bot.model.trial import Estimate
from bot.rules.metrics import View

Array = NDArray[np.float64]
CELLS = 1 << 22  # weights held at a time, one byte each
LEVEL = 0.95  # of the intervals
DEFINED = 0.5  # share of resamples that must have a figure, lest the interval be of the lucky ones


def _poisson() -> NDArray[np.uint8]:
    """How often a row counts, by a random number of 16 bits: a table costs a tenth of `Generator.poisson`."""
    chances = np.array([math.exp(-1) / math.factorial(times) for times in range(9)])
    return np.searchsorted(np.cumsum(chances), (np.arange(1 << 16) + 0.5) / (1 << 16)).astype(np.uint8)


TIMES = _poisson()


def source(seed: int, *names: str) -> np.random.Generator:
    """The randomness of one part of a card: the same for the same seed and names, whatever else the card has."""
    return np.random.default_rng([abs(seed), *(zlib.crc32(name.encode("utf-8", "replace")) for name in names)])


def weights(rows: int, draws: int, chance: np.random.Generator) -> Iterator[NDArray[np.uint8]]:
    """Lines of weights (some draws, rows) until there were `draws` of them; at most CELLS weights at a time."""
    step = max(1, CELLS // max(1, rows))
    for start in range(0, draws, step):
        lines = min(step, draws - start)
        yield TIMES[chance.integers(0, 1 << 16, (lines, rows), np.uint16)]


def resampled(views: Sequence[View], rows: int, draws: int, chance: np.random.Generator) -> list[Array]:
    """What each view gives, (draws, its metrics); all are weighed the same, so that differences are paired."""
    found: list[list[Array]] = [[] for _ in views]
    for lines in weights(rows, draws, chance):
        for place, view in enumerate(views):
            found[place].append(view.values(lines))
    return [np.concatenate(parts) for parts in found]


def estimate(value: float, drawn: Array) -> Estimate | None:
    """The value with the percentiles of what was drawn, (draws,); None where too little of it is defined."""
    known = drawn[np.isfinite(drawn)]
    if not math.isfinite(value) or not len(known) or len(known) < DEFINED * len(drawn):
        return None
    low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Estimate(float(value), float(low), float(high))
