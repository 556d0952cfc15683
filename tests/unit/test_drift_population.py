"""The population stability index: worked examples, what is the same both ways, empty cells, constants, nulls, noise."""

from math import log

import numpy as np
import pytest

from bot.drift import population
from bot.errors import BadInput

CHANCE = np.random.default_rng(7)
REFERENCE = CHANCE.normal(size=5_000)


def drawn(n: int, *, moved: float = 0.0) -> np.ndarray:
    """Normal values, moved by so many standard deviations."""
    return CHANCE.normal(moved, size=n)


def test_an_example_worked_by_hand() -> None:
    before, now = [400, 300, 200, 100], [250, 250, 250, 250]
    by_hand = (
        (0.25 - 0.4) * log(0.25 / 0.4)
        + (0.25 - 0.3) * log(0.25 / 0.3)
        + (0.25 - 0.2) * log(0.25 / 0.2)
        + (0.25 - 0.1) * log(0.25 / 0.1)
    )
    assert population.index_of_counts(before, now) == pytest.approx(by_hand) == pytest.approx(0.228217, abs=1e-6)


def test_it_is_the_same_both_ways_and_whatever_the_sizes() -> None:
    before, now = np.array([40, 30, 20, 10]), np.array([1, 2, 3, 4])
    assert population.index_of_counts(before, now) == pytest.approx(population.index_of_counts(now, before))
    assert population.index_of_counts(before * 1_000, now) == pytest.approx(population.index_of_counts(before, now))


def test_what_did_not_move_is_zero() -> None:
    assert population.index(REFERENCE, REFERENCE) == 0.0
    assert population.index_of_counts([3, 0, 7], [30, 0, 70]) == 0.0


def test_the_further_it_moved_the_more_it_is_and_the_thresholds_lie_where_they_are_said_to() -> None:
    found = [population.index(REFERENCE, drawn(20_000, moved=by)) for by in (0.0, 0.2, 0.4, 0.8, 1.6)]
    assert found == sorted(found)
    assert found[0] < 0.01
    assert found[1] < population.STABLE
    # For normal distributions of one width it is about the square of the move.
    assert found[2] == pytest.approx(0.16, abs=0.04)
    assert found[3] > population.SHIFTED


def test_two_samples_are_their_histograms() -> None:
    current = drawn(800, moved=0.5)
    cut = population.cells(REFERENCE)
    before, now = cut.count(REFERENCE), cut.count(current)
    assert population.index(REFERENCE, current) == population.index_of_counts(before, now)
    assert before.sum() == 5_000
    assert now.sum() == 800
    assert set(before[:-1].tolist()) == {500}  # deciles
    assert before[-1] == 0


def test_an_empty_cell_is_far_and_not_infinitely_far() -> None:
    assert population.index_of_counts([50, 50, 0], [50, 40, 10]) == pytest.approx(
        (0.4 - 0.5) * log(0.4 / 0.5) + (0.1 - population.FLOOR) * log(0.1 / population.FLOOR)
    )
    nothing_in_common = population.index_of_counts([1, 0], [0, 1])
    assert nothing_in_common == pytest.approx(2 * (1 - population.FLOOR) * log(1 / population.FLOOR))


def test_what_lies_beyond_the_reference_is_counted_at_its_ends() -> None:
    cut = population.cells([*range(100)])
    assert cut.count([-1e300, -np.inf]).tolist() == [2, *[0] * 10]
    assert cut.count([1e300, np.inf]).tolist() == [*[0] * 9, 2, 0]


def test_nulls_have_a_cell_of_their_own() -> None:
    holey = np.where(np.arange(5_000) % 10 == 0, np.nan, REFERENCE)
    assert population.index(REFERENCE, holey) > population.SHIFTED
    assert population.index(holey, holey) == 0.0
    assert population.index(holey, REFERENCE) > population.SHIFTED
    assert population.index([np.nan, np.nan], [np.nan]) == 0.0
    assert population.index([np.nan, np.nan], [1.0]) > population.SHIFTED


@pytest.mark.parametrize("other", [4.0, 6.0, np.nan, np.inf, -np.inf])
def test_a_constant_that_changes_is_noticed(other: float) -> None:
    constant = np.full(1_000, 5.0)
    assert population.index(constant, constant[:10]) == 0.0
    assert population.index(constant, np.full(1_000, other)) > population.SHIFTED
    assert population.index(constant, np.where(np.arange(1_000) < 100, other, 5.0)) > population.SHIFTED


def test_few_values_have_a_cell_each_and_a_new_one_is_noticed() -> None:
    flags = np.repeat([0, 1, 2], [700, 200, 100])
    cut = population.cells(flags)
    assert cut.count(flags).tolist() == [700, 200, 100, 0, 0]
    assert cut.count([0, 1.5, 3, -1, 2]).tolist() == [1, 0, 1, 3, 0]
    assert population.index(flags, np.repeat([0, 1, 2], [70, 20, 10])) == 0.0


def test_a_value_that_is_nearly_all_takes_one_cell() -> None:
    mostly_zero = np.concatenate([np.zeros(950), np.arange(1, 51)])
    cut = population.cells(mostly_zero)
    assert cut.edges == (0.0,)
    assert cut.count(mostly_zero).tolist() == [950, 50, 0]


def test_infinite_references_are_cut_where_they_are_finite() -> None:
    cut = population.cells([*range(99), np.inf])
    assert np.all(np.isfinite(cut.edges))
    assert cut.count([np.inf, 0.0])[-2] == 1


@pytest.mark.parametrize(("n", "m"), [(5_000, 1_000), (1_000, 1_000), (500, 500)])
def test_noise_is_what_nineteen_in_twenty_stay_below(n: int, m: int) -> None:
    chance = np.random.default_rng(11)
    limit = population.noise(n, m)
    found = [population.index(chance.normal(size=n), chance.normal(size=m)) for _ in range(400)]
    assert 0.9 <= np.mean(np.array(found) < limit) <= 0.98


def test_noise_of_known_sizes() -> None:
    assert population.noise(100, 100) == pytest.approx(2 / 100 * 16.919, rel=1e-3)  # chi-squared, 9 degrees, 95 %
    assert population.noise(1_000, 1_000, cells=2) == pytest.approx(2 / 1_000 * 3.841, rel=0.03)


@pytest.mark.parametrize(
    ("reference", "current", "says"),
    [
        ([], [1.0], "no rows"),
        ([1.0, 2.0], [], "no rows"),
        ([[1.0], [2.0]], [1.0], "one dimension"),
        (["a", "b"], [1.0], "no number"),
    ],
)
def test_what_cannot_be_compared_is_refused(reference: list[object], current: list[object], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        population.index(reference, current)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("before", "now", "says"),
    [
        ([1, 2], [1, 2, 3], "2 cells cannot be compared with 3"),
        ([0, 0], [1, 2], "reference has no rows"),
        ([1, 2], [0, 0], "current sample has no rows"),
        ([1, -2], [1, 2], "no counts"),
        ([1, 2], [1, np.nan], "no counts"),
        ([], [], "reference has no rows"),
    ],
)
def test_histograms_that_make_no_sense_are_refused(before: list[float], now: list[float], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        population.index_of_counts(before, now)


def test_too_few_cells_and_sizes_are_refused() -> None:
    with pytest.raises(BadInput, match="So few tell nothing apart"):
        population.cells([1.0, 2.0], bins=1)
    with pytest.raises(BadInput, match="noise of nothing"):
        population.noise(0, 10)
