"""The metrics: worked examples, a slow second opinion, what they must not depend on, and what is not defined."""

import math
from collections.abc import Callable, Sequence
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model import trial
from bot.rules import metrics
from bot.rules.metrics import METRICS, View

Numbers = Sequence[float]


def slow_auc(truth: Numbers, said: Numbers) -> float:
    """Every true row against every false one: 1 for above, a half for equal."""
    true = [s for t, s in zip(truth, said, strict=True) if t]
    false = [s for t, s in zip(truth, said, strict=True) if not t]
    won = [(a > b) + (a == b) / 2 for a, b in product(true, false)]
    return sum(won) / len(won)


def slow_precise(truth: Numbers, said: Numbers) -> float:
    """Down the distinct scores: the step in recall times the precision there."""
    found, before = 0.0, 0.0
    for cut in sorted(set(said), reverse=True):
        chosen = [t for t, s in zip(truth, said, strict=True) if s >= cut]
        recall = sum(chosen) / sum(truth)
        found += (recall - before) * sum(chosen) / len(chosen)
        before = recall
    return found


def slow_log_loss(truth: Numbers, said: Numbers) -> float:
    """Row by row."""
    edge = 2.0**-52
    sure = [min(max(s if t else 1 - s, edge), 1 - edge) for t, s in zip(truth, said, strict=True)]
    return -math.fsum(math.log(one) for one in sure) / len(sure)


def slow_r2(truth: Numbers, said: Numbers) -> float:
    """By its definition."""
    mean = math.fsum(truth) / len(truth)
    left = math.fsum((t - s) ** 2 for t, s in zip(truth, said, strict=True))
    return 1 - left / math.fsum((t - mean) ** 2 for t in truth)


SLOW: dict[str, Callable[[Numbers, Numbers], float]] = {
    "auc": slow_auc,
    "average_precision": slow_precise,
    "log_loss": slow_log_loss,
    "r2": slow_r2,
}

# Ten rows by hand. Yes from 0.5 on: 6 rows, 4 of the 5 true ones among them.
TRUTH = [1, 1, 1, 1, 1, 0, 0, 0, 0, 0]
SAID = [0.9, 0.8, 0.7, 0.5, 0.2, 0.6, 0.5, 0.4, 0.1, 0.0]
BY_HAND = {
    # above or equal: 5 + 5 + 5 + (3 + 1/2) + 2, of 25 pairs
    "auc": 20.5 / 25,
    # 1/1, 2/2, 3/3, then 0.5 is shared by a true and a false row: 4/6, then 5/8
    "average_precision": (1 + 1 + 1 + 4 / 6 + 5 / 8) / 5,
    # squares: .01 .04 .09 .25 .64 and .36 .25 .16 .01 0
    "brier": 1.81 / 10,
    "accuracy": 7 / 10,
    "precision": 4 / 6,
    "recall": 4 / 5,
    "f1": 8 / 11,
}


@pytest.mark.parametrize(("name", "value"), BY_HAND.items())
def test_a_binary_metric_by_hand(name: str, value: float) -> None:
    assert METRICS[name].of(TRUTH, SAID) == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("mae", (10 + 10 + 40 + 0) / 4),
        ("rmse", math.sqrt((100 + 100 + 1600 + 0) / 4)),
        # the row whose truth is 0 has no share: 10 %, 5 % and 0 %
        ("mape", (0.1 + 0.05 + 0.0) / 3),
        # the mean is 100, its squares 0 + 10000 + 10000 + 0
        ("r2", 1 - 1800 / 20000),
    ],
)
def test_a_metric_of_numbers_by_hand(name: str, value: float) -> None:
    assert METRICS[name].of([100, 200, 0, 100], [110, 190, 40, 100]) == pytest.approx(value, abs=1e-12)


def test_certainty_that_is_wrong_costs_much_yet_not_everything() -> None:
    assert METRICS["log_loss"].of([1, 0], [0.5, 0.5]) == pytest.approx(math.log(2))
    assert METRICS["log_loss"].of([1], [0.0]) == pytest.approx(52 * math.log(2))


def test_the_threshold_itself_is_a_yes() -> None:
    assert METRICS["recall"].of([1, 1], [0.3, 0.29], threshold=0.3) == 0.5


COARSE = st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.5000001, 0.9, 1.0])  # so few that ties are common
ROWS = st.lists(st.tuples(st.sampled_from([0.0, 1.0]), COARSE), min_size=2, max_size=40).filter(
    lambda rows: len({truth for truth, _ in rows}) == 2
)


@settings(deadline=None)
@given(ROWS)
def test_slow_and_plain_code_finds_the_same(rows: list[tuple[float, float]]) -> None:
    truth, said = zip(*rows, strict=True)
    for name, slow in SLOW.items():
        assert METRICS[name].of(truth, said) == pytest.approx(slow(truth, said), abs=1e-9), name


@settings(deadline=None)
@given(ROWS, st.lists(st.integers(0, 4), min_size=40, max_size=40))
def test_a_row_of_weight_three_is_three_rows(rows: list[tuple[float, float]], counts: list[int]) -> None:
    truth, said = (np.array(column) for column in zip(*rows, strict=True))
    weights = np.array(counts[: len(rows)], np.uint8)
    found = View(truth, said, list(METRICS.values()), 0.5).values(weights[None, :])[0]
    for metric, value in zip(METRICS.values(), found, strict=True):
        repeated = metric.of(np.repeat(truth, weights), np.repeat(said, weights))
        assert (None if np.isnan(value) else pytest.approx(value, abs=1e-9)) == repeated, metric.name


@settings(deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_rows_means_nothing(rows: list[tuple[float, float]], chance: object) -> None:
    shuffled = list(rows)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    for metric in METRICS.values():
        once, twice = (metric.of(*zip(*some, strict=True)) for some in (rows, shuffled))
        assert (once is None and twice is None) or once == pytest.approx(twice, abs=1e-9), metric.name


@settings(deadline=None)
@given(ROWS)
def test_only_the_order_of_scores_counts_in_a_ranking(rows: list[tuple[float, float]]) -> None:
    truth, said = zip(*rows, strict=True)
    for bent in ([3 * s - 7 for s in said], [math.exp(5 * s) for s in said]):
        for name in ("auc", "average_precision"):
            assert METRICS[name].of(truth, bent) == METRICS[name].of(truth, said)
    assert METRICS["auc"].of(truth, [-s for s in said]) == pytest.approx(1 - slow_auc(truth, said))


NAN = math.nan


@pytest.mark.parametrize(
    ("names", "truth", "said"),
    [
        (list(METRICS), [], []),
        (list(METRICS), [1, NAN], [0.5, 0.5]),
        (list(METRICS), [1, 0], [0.5, NAN]),
        (["auc", "average_precision", "r2"], [1, 1], [0.2, 0.9]),
        (["auc", "average_precision", "recall", "r2", "mape"], [0, 0], [0.2, 0.9]),
        (["precision"], [1, 0], [0.1, 0.2]),
        (["log_loss", "brier"], [1, 0], [1.5, 0.2]),
        ([name for name, one in METRICS.items() if one.task == metrics.BINARY], [1, 2], [0.1, 0.2]),
        (["rmse", "r2"], [1, 2], [1e300, -1e300]),
        # nothing varies, though the mean of these is not what each of them is
        (["r2"], [0.1, 0.1, 0.1], [0.1, 0.2, 0.3]),
    ],
)
def test_what_is_not_defined_is_none(names: list[str], truth: list[float], said: list[float]) -> None:
    assert {name: METRICS[name].of(truth, said) for name in names} == dict.fromkeys(names)


def test_large_numbers_keep_their_spread() -> None:
    truth = [1e9 + part for part in (0.0, 1.0, 2.0, 3.0)]
    assert METRICS["r2"].of(truth, [one + 0.5 for one in truth]) == pytest.approx(1 - 1 / 5)


def test_the_names_that_may_be_configured_are_those_that_have_a_formula() -> None:
    assert {name: metric.better for name, metric in METRICS.items()} == trial.METRICS
