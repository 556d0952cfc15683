"""The intervals: they hold the truth as often as they say, and pairing makes them narrower."""

import math

import numpy as np
import pytest

from bot.rules import bootstrap
from bot.rules.metrics import METRICS, View

BRIER, AUC = METRICS["brier"], METRICS["auc"]


def coin(chance: np.random.Generator, rows: int, yes: float) -> np.ndarray:
    """Labels that are 1 so often."""
    return (chance.random(rows) < yes).astype(float)


def test_a_row_counts_as_often_as_poisson_says() -> None:
    shares = np.bincount(bootstrap.TIMES, minlength=9) / len(bootstrap.TIMES)
    expected = [math.exp(-1) / math.factorial(times) for times in range(9)]
    assert shares == pytest.approx(expected, abs=1 / 65536)
    assert bootstrap.TIMES.mean() == pytest.approx(1, abs=1e-4)
    assert bootstrap.TIMES.astype(float).var() == pytest.approx(1, abs=1e-3)


def test_the_interval_is_that_of_the_formula() -> None:
    """Accuracy is a share: its standard error is the square root of p (1 - p) / n."""
    chance = np.random.default_rng(1)
    truth, said = coin(chance, 4000, 0.3), np.zeros(4000)
    view = View(truth, said, [METRICS["accuracy"]], 0.5)
    (drawn,) = bootstrap.resampled([view], 4000, 4000, bootstrap.source(2))
    own = 1 - truth.mean()
    found = bootstrap.estimate(own, drawn[:, 0])
    error = math.sqrt(own * (1 - own) / 4000)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((own - 1.96 * error, own + 1.96 * error), abs=0.1 * error)


@pytest.mark.parametrize("name", ["auc", "brier"])
def test_the_interval_holds_the_truth_as_often_as_it_says(name: str) -> None:
    """Normal scores a standard deviation apart: the AUC is known; the Brier score of a sure 0.3 is p (1 - p)."""
    worlds, rows, held = 300, 300, 0
    true = {"auc": 0.5 * (1 + math.erf(1 / 2)), "brier": 0.3 * 0.7}[name]
    for world in range(worlds):
        chance = np.random.default_rng([9, world])
        truth = coin(chance, rows, 0.3)
        said = chance.normal(size=rows) + truth if name == "auc" else np.full(rows, 0.3)
        view = View(truth, said, [METRICS[name]], 0.5)
        (drawn,) = bootstrap.resampled([view], rows, 200, bootstrap.source(world))
        found = bootstrap.estimate(0.0, drawn[:, 0])
        held += found is not None and found.low <= true <= found.high
    assert 0.91 <= held / worlds <= 0.98


def test_a_pair_is_told_apart_by_less_than_two_strangers() -> None:
    chance = np.random.default_rng(3)
    truth = coin(chance, 2000, 0.4)
    one = truth + chance.normal(size=2000)
    two = one + 0.2 * chance.normal(size=2000)
    views = [View(truth, said, [AUC], 0.5) for said in (one, two)]
    first, second = bootstrap.resampled(views, 2000, 400, bootstrap.source(4))
    (stranger,) = bootstrap.resampled(views[1:], 2000, 400, bootstrap.source(5))
    paired = bootstrap.estimate(0.0, (second - first)[:, 0])
    apart = bootstrap.estimate(0.0, (stranger - first)[:, 0])
    assert paired is not None
    assert apart is not None
    assert paired.high - paired.low < 0.5 * (apart.high - apart.low)


def test_many_rows_are_weighed_a_few_lines_at_a_time() -> None:
    shapes = [lines.shape for lines in bootstrap.weights(bootstrap.CELLS // 3, 7, bootstrap.source(1))]
    assert [lines for lines, _ in shapes] == [3, 3, 1]
    assert [len(lines) for lines in bootstrap.weights(10, 200, bootstrap.source(1))] == [200]


def test_chance_hangs_on_the_seed_and_the_names() -> None:
    drawn = [bootstrap.source(*of).random() for of in ((1,), (1,), (2,), (-1,), (1, "a"), (1, "b"), (1, "a", "b"))]
    assert drawn[0] == drawn[1] == drawn[3]
    assert len(set(drawn)) == 5


def test_a_figure_that_is_seldom_defined_has_no_interval() -> None:
    assert bootstrap.estimate(0.5, np.array([0.4, math.nan, math.nan])) is None
    assert bootstrap.estimate(math.nan, np.array([0.4, 0.5])) is None
    assert bootstrap.estimate(0.5, np.array([])) is None
    some = bootstrap.estimate(0.5, np.array([0.4, 0.6, math.nan]))
    assert some is not None
    assert 0.4 <= some.low <= some.high <= 0.6
