"""The gate in a runbook's head: all that is judged may be asked, and what no version could meet is refused by line."""

from dataclasses import fields
from pathlib import Path
from typing import get_args

import orjson
import pytest

from bot import runbooks
from bot.rules import gate, matching
from bot.runbooks import gate as gates

GOOD = """---
title: Features drifted
owner: ml-platform
review_by: 2027-06-01
match: {kind: drift}
severity: [{is: sev3}]
tiers:
  L1: {page: "rota:first-line", answer_within: 10m}
actions:
  retrain: {approval: two, gate: {metric: auc, not_below_champion_by: 0.01}}
---
Do it.
"""


def loaded(folder: Path, before: str = "", after: str = "") -> runbooks.Library:
    """The runbook with one thing changed."""
    assert before in GOOD
    (folder / "drift.md").write_text(GOOD.replace(before, after) if before else GOOD, encoding="utf-8")
    return runbooks.load(folder, matching.parse)


def test_a_gate_says_all_that_is_wanted_and_is_read_as_it_is_judged(tmp_path: Path) -> None:
    whole = """{metric: log_loss, not_below_champion_by: 2, at_least: 1.5, slices_at_least: {country: 3, plan=a=b: 1},
      latency_ms: 20, size_mb: 0.5, schema: true, despite: [labels, no copies]}"""
    library = loaded(tmp_path, "{metric: auc, not_below_champion_by: 0.01}", whole)
    assert library.complaints == ()
    options = orjson.loads(orjson.dumps(library.runbooks[0].actions[0].options["gate"]))  # as a change keeps it
    assert gate.of(options) == gate.Gate(
        metric="log_loss",
        not_below_champion_by=2.0,
        at_least=1.5,
        slices_at_least={"country": 3.0, "plan=a=b": 1.0},
        latency_ms=20.0,
        size_mb=0.5,
        schema=True,
        despite=frozenset({"labels", "no copies"}),
    )


def test_a_gate_may_ask_all_that_is_judged_and_nothing_else() -> None:
    asked = {one.alias or name for name, one in gates.GateForm.model_fields.items()}
    assert asked == {each.name for each in fields(gate.Gate)}
    assert set(get_args(gates.Doubt)) == gate.HEEDED


def test_what_is_not_asked_is_not_in_its_options(tmp_path: Path) -> None:
    (action,) = loaded(tmp_path).runbooks[0].actions
    assert action.options == {"gate": {"metric": "auc", "not_below_champion_by": 0.01}}


@pytest.mark.parametrize(
    ("after", "said"),
    [
        ("metric: acc", "`actions.retrain.gate.metric` is no metric. Did you mean 'auc'?"),
        ("metric: AUC", "`actions.retrain.gate.metric` is no metric. Did you mean 'auc'?"),
        ("metric: gini", "`actions.retrain.gate.metric` is no metric. Known: auc, average_precision, log_loss"),
        ("metric: 7", "`actions.retrain.gate.metric` must be a valid string."),
        ("metric: auc, at_most: 1", "There is no setting `actions.retrain.gate.at_most`. Did you mean 'at_least'?"),
        ("metric: auc, not_below_champion_by: -0.01", "`actions.retrain.gate.not_below_champion_by` must be greater"),
        ("metric: auc, not_below_champion_by: 1", "It would pass every version: auc lies between 0 and 1. Write 0.01"),
        ("metric: auc, at_least: 85", "No version can pass it: auc is never above 1. Write 0.85 for 85 %."),
        ("metric: brier, at_least: -1", "No version can pass it: brier is never below 0. Write the most it may be"),
        ("metric: auc, at_least: true", "`actions.retrain.gate.at_least` must be a valid number."),
        ("metric: auc, at_least: .nan", "`actions.retrain.gate.at_least` must be a finite number."),
        ("metric: auc, latency_ms: 0", "`actions.retrain.gate.latency_ms` must be greater than 0."),
        ("metric: auc, size_mb: .inf", "`actions.retrain.gate.size_mb` must be a finite number."),
        ("metric: auc, despite: []", "`actions.retrain.gate.despite` List should have at least 1 item"),
        ("metric: auc, slices_at_least: {}", "`actions.retrain.gate.slices_at_least` Dictionary should have at least"),
        ("metric: auc, slices_at_least: {a: .nan}", "`actions.retrain.gate.slices_at_least.a` must be a finite number"),
    ],
)
def test_a_gate_that_says_nothing_or_cannot_be_met_is_refused(tmp_path: Path, after: str, said: str) -> None:
    (one,) = loaded(tmp_path, "metric: auc, not_below_champion_by: 0.01", after).complaints
    assert str(one).removeprefix(f"{tmp_path}/").startswith(f"drift.md:10: {said}")


def test_a_check_of_the_data_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    (one,) = loaded(tmp_path, "by: 0.01", "by: 0.01, despite: [lables]").complaints
    assert "drift.md:10: `actions.retrain.gate.despite[0]` must be 'labels', 'no copies' or" in str(one)
    assert one.do == "Did you mean 'labels'?"


@pytest.mark.parametrize(
    ("slice_", "said"),
    [
        ("country=TR: 70", "No version can pass it: auc is never above 1."),
        ("country=: 0.7", "`actions.retrain.gate.slices_at_least.country=` is no slice. Write `column` or `column="),
        ("=TR: 0.7", "`actions.retrain.gate.slices_at_least.=TR` is no slice."),
        ("country = TR: 0.7", "`actions.retrain.gate.slices_at_least.country = TR` is no slice."),
    ],
)
def test_a_slice_is_complained_of_where_it_stands(tmp_path: Path, slice_: str, said: str) -> None:
    floors = f"metric: auc,\n    slices_at_least: {{plan: 0.7,\n      {slice_}}}"
    (one,) = loaded(tmp_path, "metric: auc, not_below_champion_by: 0.01", floors).complaints
    assert str(one).removeprefix(f"{tmp_path}/").startswith(f"drift.md:12: {said}")


@pytest.mark.parametrize(
    "after",
    [
        "metric: auc",
        "metric: rmse, not_below_champion_by: 40",  # in the unit of what is predicted
        "metric: log_loss, at_least: 1.2",
        "metric: r2, at_least: -0.5, not_below_champion_by: 2",
        "metric: auc, at_least: 1",
    ],
)
def test_a_bound_that_says_something_is_let_be(tmp_path: Path, after: str) -> None:
    assert loaded(tmp_path, "metric: auc, not_below_champion_by: 0.01", after).complaints == ()
