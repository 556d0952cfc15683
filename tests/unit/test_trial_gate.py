"""The gate of a new version: every bound, in the metric's own direction, and nothing that was not measured."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from bot.errors import BadInput
from bot.model.trial import Check, Estimate, Finding, Score, Scorecard, Slice, Terms
from bot.rules import gate, scoring, sifting
from bot.rules.gate import Gate, Reason


def score(metric: str = "auc", own: float = 0.84, off: tuple[float, float, float] = (0.02, 0.01, 0.03)) -> Score:
    """A challenger's figure and by how much it is off."""
    champion = own - off[0]
    return Score(
        metric,
        Estimate(champion, champion - 0.01, champion + 0.01),
        Estimate(own, own - 0.01, own + 0.01),
        Estimate(*off),
    )


def part(value: str, own: float, samples: int = 900, finding: Finding = Finding.LEVEL) -> Slice:
    """A slice by country."""
    scores = () if finding is Finding.INSUFFICIENT else (score(own=own),)
    return Slice("country", value, samples, scores, finding)


def card(*scores: Score, finding: Finding = Finding.BETTER, **facts: Any) -> Scorecard:
    """Of so many scores; the better one unless told."""
    return Scorecard(finding, "As it is.", 5000, scores or (score(),), **facts)


def failed(verdict: gate.Verdict) -> list[Reason]:
    """What was not fine; the verdict is checked to be that of its reasons."""
    assert verdict.passed == all(reason.ok for reason in verdict.reasons)
    return [reason for reason in verdict.reasons if not reason.ok]


def test_everything_that_was_wanted_is_told_with_what_was_found() -> None:
    whole = Gate("auc", 0.01, 0.8, {"country=TR": 0.7}, latency_ms=20, size_mb=100)
    seen = {"latency_ms": 12.5, "size_mb": 99.0}
    verdict = gate.judge(card(slices=(part("TR", 0.75),)), whole, seen)
    assert verdict.passed
    assert verdict.reasons == (
        Reason("data", "enough to say something", "5000 rows", True),
        Reason("auc", "at least 0.8", "0.84 (0.83 to 0.85)", True),
        Reason(
            "auc",
            "surely not worse than the champion by more than 0.01",
            "a difference of +0.02 (+0.01 to +0.03)",
            True,
        ),
        Reason("auc on country=TR", "at least 0.7", "0.75", True),
        Reason("latency_ms", "at most 20 ms", "12.5 ms", True),
        Reason("size_mb", "at most 100 MB", "99 MB", True),
    )


@pytest.mark.parametrize(("floor", "ok"), [(0.839, True), (0.84, True), (0.841, False)])
def test_the_floor_is_absolute(floor: float, ok: bool) -> None:
    assert gate.judge(card(), Gate("auc", at_least=floor)).passed is ok


@pytest.mark.parametrize(("most", "ok"), [(0.41, True), (0.40, True), (0.39, False)])
def test_of_an_error_the_bound_is_the_most_it_may_be(most: float, ok: bool) -> None:
    verdict = gate.judge(card(score("log_loss", 0.40)), Gate("log_loss", at_least=most))
    assert verdict.passed is ok
    assert verdict.reasons[1].wanted == f"at most {most:g}"


@pytest.mark.parametrize(
    ("metric", "off", "ok"),
    [
        ("auc", (-0.004, -0.009, 0.001), True),
        ("auc", (-0.010, -0.010, -0.010), True),
        ("auc", (0.004, -0.02, 0.03), False),  # looks better, but the data does not rule out that it is worse
        ("auc", (-0.03, -0.04, -0.02), False),
        ("log_loss", (0.004, -0.001, 0.009), True),
        ("log_loss", (-0.004, -0.03, 0.02), False),
        ("log_loss", (-0.03, -0.04, -0.02), True),
    ],
)
def test_not_below_the_champion_means_beyond_doubt(metric: str, off: tuple[float, float, float], ok: bool) -> None:
    found = card(score(metric, off=off), finding=Finding.LEVEL)
    assert gate.judge(found, Gate(metric, not_below_champion_by=0.01)).passed is ok


def test_too_little_data_never_passes() -> None:
    thin = Scorecard(Finding.INSUFFICIENT, "80 rows are left, 500 are needed.", 80)
    reasons = failed(gate.judge(thin, Gate("auc")))
    assert reasons[0] == Reason("data", "enough to say something", "80 rows are left, 500 are needed.", False)
    assert reasons[1].got == "not measured"
    measured = card(finding=Finding.INSUFFICIENT)
    assert not gate.judge(measured, Gate("auc", 1.0, 0.0)).passed


def test_a_metric_nobody_knows_is_told_with_those_known() -> None:
    (reason,) = failed(gate.judge(card(score("gini")), Gate("gini", at_least=0.1)))
    assert reason.got.startswith("unknown; known are auc, average_precision")


@pytest.mark.parametrize(
    "found",
    [card(), card(Score("brier", None, None)), card(Score("brier", Estimate(0.1, 0.1, 0.1)))],
)
def test_a_metric_that_was_not_measured_does_not_pass(found: Scorecard) -> None:
    (reason,) = failed(gate.judge(found, Gate("brier", at_least=0.9)))
    assert reason == Reason("brier", "measured of the challenger", "not measured", False)


def test_without_a_champion_nothing_is_not_below_it() -> None:
    found = card(replace(score(), difference=None))
    assert failed(gate.judge(found, Gate("auc", 0.1)))[0].got == "not compared with a champion"


def test_a_further_metric_may_decide() -> None:
    assert gate.judge(card(score(), score("recall", 0.6)), Gate("recall", at_least=0.55)).passed


def test_a_gate_without_bounds_wants_it_not_worse() -> None:
    assert gate.judge(card(finding=Finding.LEVEL), Gate("auc")).passed
    (reason,) = failed(gate.judge(card(finding=Finding.WORSE), Gate("auc")))
    assert (reason.wanted, reason.got) == ("not worse than the champion", "As it is.")


def test_a_floor_on_a_column_holds_for_each_of_its_values() -> None:
    slices = (part("DE", 0.85), part("TR", 0.66), part("FR", 0.7), part("IS", 0.1, 12, Finding.INSUFFICIENT))
    verdict = gate.judge(card(slices=slices), Gate("auc", at_least=0.8, slices_at_least={"country": 0.7}))
    assert failed(verdict) == [Reason("auc on country=TR", "at least 0.7", "0.66", False)]
    assert len(verdict.reasons) == 5  # a slice of too few rows is no reason


@pytest.mark.parametrize(
    ("place", "got"),
    [
        ("country=IS", "only 12 rows"),
        ("country=XX", "not measured"),
        ("planet", "not measured"),
        ("planet=Mars", "not measured"),
    ],
)
def test_a_slice_that_is_named_must_be_measured(place: str, got: str) -> None:
    slices = (part("DE", 0.85), part("IS", 0.9, 12, Finding.INSUFFICIENT))
    (reason,) = failed(gate.judge(card(slices=slices), Gate("auc", at_least=0.8, slices_at_least={place: 0.7})))
    assert reason == Reason(f"auc on {place}", "at least 0.7", got, False)


@pytest.mark.parametrize(("seen", "got"), [({}, "not measured"), ({"latency_ms": 20.1}, "20.1 ms")])
def test_what_is_slow_or_not_timed_does_not_pass(seen: dict[str, float], got: str) -> None:
    (reason,) = failed(gate.judge(card(), Gate("auc", at_least=0.8, latency_ms=20), seen))
    assert reason == Reason("latency_ms", "at most 20 ms", got, False)
    nan = gate.judge(card(), Gate("auc", at_least=0.8, size_mb=20), {"size_mb": float("nan")})
    assert not nan.passed


@pytest.mark.parametrize("what", sorted(gate.HEEDED))
def test_data_in_doubt_does_not_pass_unless_that_was_agreed(what: str) -> None:
    found = card(checks=(Check(what, False, "As it is."), Check(sifting.VARIED, False, "6 is stuck.")))
    wanted = Gate("auc", at_least=0.8)
    assert failed(gate.judge(found, wanted)) == [Reason(what, "passed", "As it is.", False)]
    assert gate.judge(found, replace(wanted, despite=frozenset({what}))).passed


def test_a_gate_of_its_metric_alone_wants_nothing_more() -> None:
    assert gate.of({"metric": "auc"}) == Gate("auc")
    assert gate.of({"metric": "auc", "at_least": None, "despite": []}) == Gate("auc")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "A gate needs a `metric`. Known: at_least, despite,"),
        ({"metric": None}, "A gate needs a `metric`."),
        ({"metric": "auc", "at_most": 1}, "A gate has no `at_most`."),
    ],
)
def test_what_is_no_gate_is_not_taken_for_one_that_wants_nothing(options: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput) as caught:
        gate.of(options)
    assert str(caught.value).startswith(said)


def test_better_for_all_and_worse_for_some_is_stopped_by_the_floor_of_the_some() -> None:
    """The whole way: rows, card, verdict."""
    chance = np.random.default_rng(1)
    rows, start = 8000, datetime(2026, 11, 1, tzinfo=UTC)
    known = chance.normal(size=rows)
    truth = (chance.random(rows) < 1 / (1 + np.exp(-2 * known))).astype(float)
    country = chance.choice(["DE", "TR"], rows, p=[0.8, 0.2])
    noise = {"6": np.full(rows, 1.0), "7": np.where(country == "TR", 2.5, 0.4)}
    said = {name: 1 / (1 + np.exp(-known - one * chance.normal(size=rows))) for name, one in noise.items()}
    at = start.timestamp() + np.arange(rows)
    wanted = scoring.Wanted("6", start, start + timedelta(days=1), challenger="7")
    found = scoring.card(scoring.Rows(at, truth, said, {"country": country}), wanted, Terms("auc", slices=("country",)))
    assert found.finding is Finding.BETTER
    assert gate.judge(found, Gate("auc", 0.01)).passed
    (reason,) = failed(gate.judge(found, Gate("auc", 0.01, slices_at_least={"country": 0.7})))
    assert reason.what == "auc on country=TR"
