"""A canary: how a runbook writes it, how it shares the traffic out, and how a plan keeps it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import runbooks
from bot.model import canary
from bot.model.canary import Canary
from bot.model.change import Lever, Plan, Serving
from bot.rules import matching

WAIT = timedelta(minutes=30)
HEAD = """---
title: Features drifted
owner: ml-platform
review_by: 2027-06-01
match: {kind: drift}
severity: [{is: sev3}]
tiers:
  L1: {page: "rota:first-line", answer_within: 10m}
actions:
  LEVER: {approval: two, canary: CANARY}
---
Do it.
"""


def loaded(folder: Path, said: str, lever: str = "promote") -> runbooks.Library:
    """A runbook that says so."""
    (folder / "drift.md").write_text(HEAD.replace("LEVER", lever).replace("CANARY", said), encoding="utf-8")
    return runbooks.load(folder, matching.parse)


def test_it_is_read_as_a_plan_keeps_it(tmp_path: Path) -> None:
    library = loaded(tmp_path, "{steps: [10, 50], wait: 30m}")
    assert library.complaints == ()
    options = library.runbooks[0].actions[0].options
    assert orjson.loads(orjson.dumps(options)) == {"canary": {"steps": [10, 50], "wait": 1800.0}}


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ("{steps: [], wait: 30m}", "steps"),
        ("{steps: [0, 50], wait: 30m}", "steps"),
        ("{steps: [100], wait: 30m}", "steps"),
        ("{steps: [1.5], wait: 30m}", "steps"),
        (f"{{steps: {list(range(1, 12))}, wait: 30m}}", "steps"),
        ("{steps: [50, 10], wait: 30m}", "The steps of a canary rise."),
        ("{steps: [10, 10], wait: 30m}", "The steps of a canary rise."),
        ("{steps: [10], wait: 0s}", "wait"),
        ("{steps: [10]}", "wait"),
        ("{steps: [10], wait: 30m, metric: auc}", "metric"),
    ],
)
def test_what_is_no_canary_is_refused_with_its_line(tmp_path: Path, said: str, complaint: str) -> None:
    library = loaded(tmp_path, said)
    assert any(complaint in str(one) and one.line == 10 for one in library.complaints), library.complaints


def test_ten_steps_are_no_more_than_allowed(tmp_path: Path) -> None:
    assert loaded(tmp_path, f"{{steps: {list(range(1, 11))}, wait: 1m}}").complaints == ()


@pytest.mark.parametrize("lever", ["rollback", "retrain", "pause", "evaluate"])
def test_only_a_promotion_goes_by_steps(tmp_path: Path, lever: str) -> None:
    (one,) = loaded(tmp_path, "{steps: [10], wait: 30m}", lever).complaints
    assert (one.what, one.line) == (f"`{lever}` goes by no steps.", 10)


@given(
    st.dictionaries(st.sampled_from("34567"), st.floats(0.5, 100), min_size=1).filter(lambda one: set(one) != {"6"}),
    st.integers(1, 99),
)
def test_the_shares_are_whole_and_the_others_keep_their_proportions(serving: dict[str, float], share: int) -> None:
    found = Canary("6", (float(share),), WAIT).split(serving)
    assert found["6"] == share
    assert sum(found.values()) == pytest.approx(100.0)
    others = {version: one for version, one in serving.items() if version != "6"}
    for version, was in others.items():
        assert found[version] == pytest.approx((100 - share) * was / sum(others.values()))


def test_a_plan_keeps_it_whole() -> None:
    own = Canary("6", (10.0, 50.0), WAIT, 1, {"pointer": "6"})
    given: dict[str, Any] = {"parameters": {"split": {"7": 50.0, "6": 50.0}, canary.KEY: own.spelled()}}
    plan = Plan(Lever.SHIFT, "churn", "shelf", {}, Serving({"7": 100.0}), Serving({"6": 50.0}), "", "", **given)
    assert canary.of(Plan.read(orjson.loads(orjson.dumps(plan.spelled())))) == own
    assert (own.share, own.last, Canary("6", (10.0,), WAIT, 1).share) == (50.0, False, 100.0)
    assert canary.of(Plan(Lever.SHIFT, "churn", "shelf", {}, plan.before, plan.after, "", "")) is None
