"""The card: who is better, for whom, by how much, on which rows; and when nothing can be said."""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import BadInput
from bot.model.trial import Finding, Scorecard, Slice, Terms
from bot.rules import scoring, sifting
from bot.rules.metrics import METRICS

START = datetime(2026, 11, 1, tzinfo=UTC)
END = START + timedelta(days=20)
WANTED = scoring.Wanted("6", START, END, challenger="7", seed=5)
TERMS = Terms("auc", also=("brier",), least=500)


def moments(count: int) -> np.ndarray:
    """One after the other through the window."""
    return START.timestamp() + np.arange(count) * (END - START).total_seconds() / count


class World:
    """Labels with a known chance each, and versions that know it more or less well."""

    def __init__(self, rows: int = 4000, seed: int = 1) -> None:
        self.chance = np.random.default_rng(seed)
        self.known = self.chance.normal(size=rows)
        self.truth = (self.chance.random(rows) < 1 / (1 + np.exp(-2 * self.known))).astype(float)
        self.country = self.chance.choice(["DE", "FR", "TR"], rows, p=[0.5, 0.3, 0.2])

    def version(self, noise: Any) -> np.ndarray:
        """What one says whose view of the truth is blurred by so much (a number, or one a row)."""
        blurred = self.known + noise * self.chance.normal(size=len(self.known))
        return np.asarray(1 / (1 + np.exp(-2 * blurred)))

    def rows(self, champion: np.ndarray, challenger: np.ndarray, **columns: Any) -> scoring.Rows:
        """As an evaluator gives them."""
        told = {"country": self.country, **columns}
        return scoring.Rows(moments(len(self.truth)), self.truth, {"6": champion, "7": challenger}, told)


def only(card: Scorecard, column: str, value: str) -> Slice:
    """The one slice, or group, of that value."""
    (found,) = (one for one in (*card.slices, *card.fairness) if (one.column, one.value) == (column, value))
    return found


def test_a_challenger_that_knows_more_is_better() -> None:
    world = World()
    rows = world.rows(world.version(1.0), world.version(0.5))
    card = scoring.card(rows, WANTED, TERMS)
    assert (card.finding, card.samples, card.draws, card.seed) == (Finding.BETTER, 4000, 200, 5)
    auc, brier = card.scores
    assert auc.champion is not None
    assert auc.challenger is not None
    assert auc.difference is not None
    assert auc.champion.value == METRICS["auc"].of(world.truth, rows.said["6"])
    assert auc.challenger.value == METRICS["auc"].of(world.truth, rows.said["7"])
    assert auc.difference.value == auc.challenger.value - auc.champion.value
    assert 0 < auc.difference.low < auc.difference.value < auc.difference.high
    apart = math.hypot(auc.challenger.high - auc.challenger.low, auc.champion.high - auc.champion.low)
    assert auc.difference.high - auc.difference.low < 0.9 * apart  # paired: some of the noise is the same for both
    assert brier.difference is not None
    assert brier.difference.value < 0  # of an error, less is better
    assert all(check.ok for check in card.checks)
    assert card.why.startswith(f"7 is better than 6: auc {auc.challenger.value:.4g} against {auc.champion.value:.4g}")
    assert Scorecard.read(card.spelled()) == card


def test_the_same_the_other_way_round_is_worse() -> None:
    world = World()
    rows = world.rows(world.version(0.5), world.version(1.0))
    assert scoring.card(rows, WANTED, TERMS).finding is Finding.WORSE
    by_error = scoring.card(rows, WANTED, replace(TERMS, metric="log_loss"))
    assert by_error.finding is Finding.WORSE
    assert by_error.scores[0].difference is not None
    assert by_error.scores[0].difference.low > 0
    assert by_error.why.startswith("7 is worse than 6: log_loss ")


def test_two_that_know_as_much_are_not_told_apart() -> None:
    world = World()
    card = scoring.card(world.rows(world.version(0.7), world.version(0.7)), WANTED, TERMS)
    assert card.finding is Finding.LEVEL
    assert card.why.startswith("The data cannot tell 7 from 6")
    same = world.version(0.7)
    assert scoring.card(world.rows(same, same), WANTED, TERMS).finding is Finding.LEVEL


def test_better_for_all_can_be_worse_for_some() -> None:
    world = World(8000)
    blind = np.where(world.country == "TR", 2.0, 0.5)
    card = scoring.card(
        world.rows(world.version(1.0), world.version(blind)), WANTED, replace(TERMS, slices=("country",))
    )
    assert card.finding is Finding.BETTER
    assert {one.value: one.finding for one in card.slices} == {
        "DE": Finding.BETTER,
        "FR": Finding.BETTER,
        "TR": Finding.WORSE,
    }
    assert [one.value for one in card.slices] == ["DE", "FR", "TR"]  # the commonest first
    assert sum(one.samples for one in card.slices) == 8000
    assert card.why.endswith("But it is worse on country=TR.")


def test_a_slice_is_scored_on_its_own_rows() -> None:
    world = World()
    rows = world.rows(world.version(1.0), world.version(0.5))
    card = scoring.card(rows, WANTED, replace(TERMS, slices=("country",)))
    french = world.country == "FR"
    found = only(card, "country", "FR")
    assert found.samples == french.sum()
    assert found.scores[0].challenger is not None
    assert found.scores[0].challenger.value == METRICS["auc"].of(world.truth[french], np.array(rows.said["7"])[french])


def test_twenty_looks_at_nothing_seldom_find_something() -> None:
    """Of two that know as much; without care for the many looks, two worlds in three would have an odd slice."""
    odd = 0
    for seed in range(10):
        world = World(3000, seed)
        part = world.chance.integers(0, 20, 3000).astype(str)
        rows = world.rows(world.version(0.7), world.version(0.7), part=part)
        card = scoring.card(rows, WANTED, Terms("brier", slices=("part",), least=500))
        odd += any(one.finding is not Finding.LEVEL for one in card.slices)
    assert odd <= 2


def test_too_few_rows_say_nothing() -> None:
    world = World(499)
    card = scoring.card(world.rows(world.version(1.0), world.version(0.1)), WANTED, TERMS)
    assert (card.finding, card.scores, card.samples) == (Finding.INSUFFICIENT, (), 499)
    assert card.why == "499 rows are left, 500 are needed."


def test_a_slice_of_few_rows_says_nothing() -> None:
    world = World(1000)
    part = np.array(["rare"] * 49 + ["some"] * 50 + ["most"] * 901)
    rows = world.rows(world.version(1.0), world.version(0.5), part=part)
    card = scoring.card(rows, WANTED, replace(TERMS, slices=("part",)))
    assert (only(card, "part", "rare").finding, only(card, "part", "rare").scores) == (Finding.INSUFFICIENT, ())
    assert only(card, "part", "some").scores


def test_a_slice_with_one_class_has_no_figure_and_no_finding() -> None:
    world = World(1000)
    rows = world.rows(world.version(1.0), world.version(0.5), is_=np.where(world.truth > 0, "yes", "no"))
    card = scoring.card(rows, WANTED, replace(TERMS, slices=("is_",)))
    for value in ("yes", "no"):
        found = only(card, "is_", value)
        assert found.finding is Finding.INSUFFICIENT
        assert found.scores[0].champion is None
        assert found.scores[1].champion is not None  # a Brier score needs no two classes


def scarce(true: int, metric: str, **terms: Any) -> Scorecard:
    """Of two that know as much, on 1000 rows of which so many are true."""
    world = World(1000)
    world.truth = (np.arange(1000) < true).astype(float)
    world.known = world.known + 1.5 * world.truth - 2
    told = replace(TERMS, metric=metric, also=("brier",), **terms)
    return scoring.card(world.rows(world.version(0.7), world.version(0.7)), WANTED, told)


@pytest.mark.parametrize("metric", ["auc", "average_precision", "recall", "f1"])
@pytest.mark.parametrize("true", [1, 9])
def test_a_figure_that_hangs_on_a_handful_of_rows_is_none(metric: str, true: int) -> None:
    """On one true row the resamples of an AUC hardly vary, so that chance alone would look certain."""
    card = scarce(true, metric)
    assert card.finding is Finding.INSUFFICIENT
    assert card.scores[0].champion is None
    assert card.scores[0].difference is None
    assert card.scores[1].champion is not None  # every row has a part in a Brier score
    assert card.why.startswith(f"The {metric} cannot be told on these rows. Only {true} of them have ")
    assert card.why.endswith(", 10 are needed.")
    assert scarce(10, metric).finding is not Finding.INSUFFICIENT


def test_a_precision_of_a_few_yes_is_none() -> None:
    card = scarce(300, "precision", threshold=0.99999)
    assert card.finding is Finding.INSUFFICIENT
    assert card.scores[0].champion is None
    assert card.why.endswith(" of them count as a yes, 10 are needed.")


def test_a_slice_with_a_handful_of_true_rows_has_no_finding() -> None:
    world = World(2000)
    part = np.array(["dry"] * 1000 + ["wet"] * 1000)
    world.truth[:1000] = np.arange(1000) < 3
    rows = world.rows(world.version(1.0), world.version(0.5), part=part)
    card = scoring.card(rows, WANTED, replace(TERMS, slices=("part",), fairness=("part",)))
    dry = next(one for one in card.slices if one.value == "dry")
    assert (dry.finding, dry.scores[0].difference) == (Finding.INSUFFICIENT, None)
    assert next(one for one in card.slices if one.value == "wet").scores[0].difference is not None
    group = next(one for one in card.fairness if one.value == "dry")
    assert group.scores[0].champion is not None  # how often they get a yes hangs on all of them
    assert group.scores[1].champion is None  # how many of the true ones do, on three
    gap = only(card, "part", scoring.GAP)
    assert [score.metric for score in gap.scores] == ["yes_rate"]


def test_the_champion_alone_is_measured_and_level() -> None:
    world = World()
    rows = world.rows(world.version(1.0), world.version(0.5))
    terms = replace(TERMS, slices=("country",), fairness=("country",))
    card = scoring.card(rows, replace(WANTED, challenger=None), terms)
    assert card.finding is Finding.LEVEL
    assert card.scores[0].champion is not None
    assert card.scores[0].challenger is None
    assert card.scores[0].difference is None
    assert {one.finding for one in card.slices} == {Finding.LEVEL}
    assert card.why.startswith("6 alone: auc 0.")
    assert Scorecard.read(card.spelled()) == card


def test_numbers_are_compared_too() -> None:
    chance = np.random.default_rng(1)
    truth = chance.gamma(2, 50, 2000)
    said = {"6": truth + chance.normal(3, 20, 2000), "7": truth + chance.normal(0, 10, 2000)}
    rows = scoring.Rows(moments(2000), truth, said, {"shop": ["a", "b"] * 1000})
    card = scoring.card(rows, WANTED, Terms("mae", ("rmse", "r2", "mape"), fairness=("shop",)))
    assert card.finding is Finding.BETTER
    assert [score.metric for score in card.scores] == ["mae", "rmse", "r2", "mape"]
    assert card.scores[0].difference is not None
    assert card.scores[0].difference.high < 0
    gap = only(card, "shop", scoring.GAP)
    assert gap.scores[0].metric == "mean_error"


def test_groups_are_compared_by_how_often_they_get_a_yes() -> None:
    world = World(6000)
    cut = np.where(world.country == "TR", 0.15, 0.0)
    rows = world.rows(world.version(0.5), np.clip(world.version(0.5) - cut, 0, 1))
    card = scoring.card(rows, WANTED, replace(TERMS, fairness=("country",), threshold=0.6))
    rates = {}
    for value in ("DE", "FR", "TR"):
        score = only(card, "country", value).scores[0]
        assert score.metric == "yes_rate"
        assert score.challenger is not None
        rates[value] = score.challenger.value
        assert rates[value] == np.mean(np.array(rows.said["7"])[world.country == value] >= 0.6)
    gap = only(card, "country", scoring.GAP)
    assert gap.finding is Finding.WORSE  # the gap is wider than it was
    assert gap.scores[0].challenger is not None
    assert gap.scores[0].challenger.value == pytest.approx(max(rates.values()) - min(rates.values()))
    assert gap.scores[0].challenger.low > 0
    assert [score.metric for score in gap.scores] == ["yes_rate", "recall"]


def test_one_group_has_no_gap() -> None:
    world = World()
    rows = world.rows(world.version(1.0), world.version(0.5), one=["same"] * 4000)
    card = scoring.card(rows, WANTED, replace(TERMS, fairness=("one",)))
    assert [one.value for one in card.fairness] == ["same"]


@settings(max_examples=10, deadline=None)
@given(st.permutations(range(600)))
def test_the_order_of_rows_changes_nothing_at_all(order: list[int]) -> None:
    world = World(600)
    champion, challenger = world.version(1.0).round(1), world.version(0.5).round(1)  # with ties
    terms = replace(TERMS, slices=("country",), fairness=("country",))
    straight = scoring.card(world.rows(champion, challenger), WANTED, terms)
    at = moments(600)[order]
    mixed = scoring.Rows(
        at, world.truth[order], {"7": challenger[order], "6": champion[order]}, {"country": world.country[order]}
    )
    assert scoring.card(mixed, WANTED, terms) == straight


def test_the_same_seed_makes_the_same_card_and_another_one_other_intervals() -> None:
    world = World()
    rows = world.rows(world.version(1.0), world.version(0.5))
    first = scoring.card(rows, WANTED, TERMS)
    assert scoring.card(rows, WANTED, TERMS) == first
    other = scoring.card(rows, replace(WANTED, seed=6), TERMS)
    assert first.scores[0].difference is not None
    assert other.scores[0].difference is not None
    assert other.scores[0].difference.value == first.scores[0].difference.value
    assert other.scores[0].difference.low != first.scores[0].difference.low


def test_a_slice_does_not_hang_on_what_else_is_looked_at() -> None:
    world = World()
    rows = world.rows(world.version(1.0), world.version(0.5), half=["a", "b"] * 2000)
    one = scoring.card(rows, WANTED, replace(TERMS, slices=("country",)))
    two = scoring.card(rows, WANTED, replace(TERMS, slices=("half", "country")))
    assert only(one, "country", "FR").scores == only(two, "country", "FR").scores
    assert one.scores == two.scores


HOSTILE: Mapping[str, scoring.Rows] = {
    "differ in length": scoring.Rows([1.0], [1.0, 0.0], {"6": [0.1], "7": [0.1]}),
    "'truth' is not one number a row": scoring.Rows([1.0], ["1"], {"6": [0.1], "7": [0.1]}),  # type: ignore[list-item]
    "'said of 7' is not one": scoring.Rows([1.0], [1.0], {"6": [0.1], "7": [[0.1]]}),  # type: ignore[list-item]
    "'said of 6' is not one": scoring.Rows([1.0], [1.0], {"6": [object()], "7": [0.1]}),  # type: ignore[list-item]
    "'at' is not one": scoring.Rows([[1.0], [1.0, 2.0]], [1.0], {"6": [0.1], "7": [0.1]}),  # type: ignore[list-item]
    "version 7 said": scoring.Rows([1.0], [1.0], {"6": [0.1]}),
}


@pytest.mark.parametrize("words", HOSTILE)
def test_rows_that_break_the_promise_are_named(words: str) -> None:
    with pytest.raises(BadInput, match=words):
        scoring.card(HOSTILE[words], WANTED, TERMS)


def test_questions_without_sense_are_refused() -> None:
    rows = scoring.Rows([], [], {"6": [], "7": []})
    with pytest.raises(BadInput, match="'gini' is no metric"):
        scoring.card(rows, WANTED, Terms("gini"))
    with pytest.raises(BadInput, match="itself"):
        scoring.card(rows, replace(WANTED, challenger="6"), TERMS)


def test_no_rows_at_all_are_too_few() -> None:
    card = scoring.card(scoring.Rows([], [], {"6": [], "7": []}, {"country": []}), WANTED, TERMS)
    assert (card.finding, card.why) == (Finding.INSUFFICIENT, "0 rows are left, 500 are needed.")


def test_a_metric_that_does_not_fit_the_truth_says_nothing() -> None:
    world = World()
    rows = world.rows(4 * world.version(1.0) - 2, 4 * world.version(0.5) - 2)
    card = scoring.card(rows, WANTED, replace(TERMS, metric="log_loss"))
    said = "Version 6 and 7 said less than 0 or more than 1, which is no probability."
    assert (card.finding, card.why) == (
        Finding.INSUFFICIENT,
        f"The log_loss cannot be told on these rows. {said}",
    )
    ranked = scoring.card(rows, WANTED, TERMS)  # an order needs no probabilities
    assert ranked.finding is Finding.BETTER
    assert "said less than 0 or more than 1" in ranked.why


def test_every_metric_of_the_settings_can_be_named() -> None:
    assert list(scoring.METRICS) == [metric.name for metric in METRICS.values()]
    assert "auc" in scoring.METRICS
    assert all(one.better in (1, -1) for one in scoring.METRICS.values())
    assert math.isclose(scoring.METRICS["accuracy"].of([1, 0], [0.9, 0.1]) or 0, 1)


def test_what_speaks_against_the_data_is_said_with_the_finding() -> None:
    world = World()
    rows = world.rows(world.version(1.0), world.version(0.5))
    card = scoring.card(rows, WANTED, replace(TERMS, slices=("planet",)))
    assert card.slices == ()
    assert card.finding is Finding.BETTER
    assert "Mind: The rows have no column planet." in card.why
    assert [check.what for check in card.checks if not check.ok] == [sifting.COLUMNS]
