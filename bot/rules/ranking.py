"""How well scores put what is true before what is not, under many weighings of the same rows.

Sorting and looking up ties is done once; a weighing then costs a running sum over the rows. Ties count by average
ranks: AUC is the chance that a true row scores above a false one, half of it where they are equal (Mann and Whitney
1947; Hanley and McNeil 1982).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Weights = NDArray[np.uint8]
Order = slice | NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Counted:
    """A ranking under some lines of weights; arrays are (draws, true rows), by rising score."""

    weight: Weights  #: of each true row
    below: Array  #: weight of the false rows that score less
    upto: Array  #: weight of the false rows that score less or the same
    false: Array  #: (draws,): weight of all false rows
    under: NDArray[np.intp]  #: (true rows,): how many true rows score less

    def auc(self) -> Array:
        """(draws,): the chance that a true row scores above a false one; NaN without both."""
        won = np.einsum("ij,ij->i", self.weight, self.below + self.upto)
        chance: Array = won / (2 * self.weight.sum(axis=1, dtype=np.float64) * self.false)
        return chance

    def average_precision(self) -> Array:
        """(draws,): the mean precision at each true row's score, counting all that score as much; NaN without both.

        The step-wise sum over recall of Zhu (2004), without interpolation, as scikit-learn has it.
        """
        running = _running(self.weight)
        true = running[:, -1:].astype(np.float64)
        hits = true - _at(running, self.under)
        chosen = hits + self.false[:, None] - self.below
        precise = np.where(self.weight > 0, self.weight * hits / np.where(chosen > 0, chosen, 1.0), 0.0)
        return np.where(self.false > 0, precise.sum(axis=1) / true[:, 0], np.nan)


class Ranking:
    """The order of rows whose truth is 0 or 1 by what was said of them."""

    def __init__(self, truth: Array, said: Array) -> None:
        """Of rows without NaN."""
        self._true, true = _rising(np.flatnonzero(truth > 0), said)
        self._false, false = _rising(np.flatnonzero(truth <= 0), said)
        self._below = np.searchsorted(false, true, "left")
        self._upto = np.searchsorted(false, true, "right")
        self._under = np.searchsorted(true, true, "left")
        self._tied = not np.array_equal(self._below, self._upto)

    def under(self, weights: Weights) -> Counted:
        """The ranking under each line of weights, (draws, rows)."""
        false = _running(_taken(weights, self._false))
        below = _at(false, self._below)
        upto = _at(false, self._upto) if self._tied else below
        return Counted(_taken(weights, self._true), below, upto, false[:, -1].astype(np.float64), self._under)


def _rising(which: NDArray[np.intp], said: Array) -> tuple[Order, Array]:
    """Where the rows stand by rising score, and their scores; a slice where they stand so already."""
    scores = said[which]
    if len(which) and which[-1] - which[0] == len(which) - 1 and bool((scores[1:] >= scores[:-1]).all()):
        return slice(int(which[0]), int(which[-1]) + 1), scores
    order = np.argsort(scores, kind="stable")
    return which[order], scores[order]


def _taken(weights: Weights, order: Order) -> Weights:
    if isinstance(order, slice):
        return weights[:, order]
    taken: Weights = np.take(weights, order, axis=1, mode="clip")
    return taken


def _running(weights: Weights) -> NDArray[Any]:
    """Running sums with a 0 before them; 32 bits hold a hundred million rows, and are half as slow."""
    sums = np.zeros((weights.shape[0], weights.shape[1] + 1), np.int32)
    np.cumsum(weights, axis=1, dtype=np.int32, out=sums[:, 1:])
    return sums


def _at(sums: NDArray[Any], places: NDArray[np.intp]) -> Array:
    return np.take(sums, places, axis=1, mode="clip").astype(np.float64)
