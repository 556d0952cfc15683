"""How good predictions were, and how odd what they were made from."""

from collections.abc import Mapping

import numpy as np

from bot.sandbox.estate.linear import Array, Columns, Range

_SURE = 1e-6  # how close to 0 and 1 a probability is believed


def auc(truth: Array, scores: Array) -> float | None:
    """The chance that one who left has a higher score than one who stayed, ties half; None with one kind only."""
    left = int(np.count_nonzero(truth))
    stayed = len(truth) - left
    if not left or not stayed:
        return None
    # Mann and Whitney's U from mean ranks.
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    return float((ranks[truth > 0].sum() - left * (left + 1) / 2) / (left * stayed))


def log_loss(truth: Array, probabilities: Array) -> float:
    """The mean surprise at the truth, in nats."""
    sure = np.clip(probabilities, _SURE, 1 - _SURE)
    return float(-np.mean(np.where(truth > 0, np.log(sure), np.log1p(-sure))))


def mape(truth: Array, predicted: Array) -> float:
    """The mean error as a share of the truth: 0.12 is 12 %; the truth must not be 0."""
    return float(np.mean(np.abs(predicted - truth) / np.abs(truth)))


def unusual(columns: Columns, expects: Mapping[str, Range]) -> dict[str, float]:
    """The share of rows that are null or out of range, of each expected column; 1.0 for one that is not there."""
    found = {}
    for name, expected in expects.items():
        values = columns.get(name)
        odd = None if values is None else ~((values >= expected.low) & (values <= expected.high))
        found[name] = 1.0 if odd is None or not len(odd) else float(np.mean(odd))
    return found
