"""What came of a trial: golden drawings in both languages, always valid, and nothing hostile speaks through them."""

import json
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import words
from bot.model.change import Lever
from bot.model.trial import Check, Estimate, Finding, Score, Scorecard, Slice, Stage, Trial
from bot.slack import buttons, forms, trial_card, validate
from bot.slack.pieces import Message
from tests.unit.seen import NOW

GOLDEN = Path(__file__).parent / "golden"
EN, TR = words.ENGLISH, words.TURKISH
GAINS = {Finding.BETTER: 0.07, Finding.WORSE: -0.07}


def score(metric: str, champion: float, gap: float, *, sure: float = 0.02) -> Score:
    """Both with intervals, the challenger off by `gap`."""
    values = (champion, champion + gap, gap)
    return Score(metric, *(Estimate(round(v, 4), round(v - sure, 4), round(v + sure, 4)) for v in values))


def part(value: str, finding: Finding, gap: float, samples: int = 600) -> Slice:
    """One country."""
    return Slice("country", value, samples, (score("auc", 0.7, gap),), finding)


ENOUGH = Check("enough rows", True, "12000 rows, 500 are needed.")
COPIES = Check("no copies", False, "14 % of the rows are copies of another.")
FLOOR = Check("auc", True, "Wanted: at least 0.7. Found: 0.78 (0.76 to 0.8).")
BELOW = Check("auc on country=fr", False, "Wanted: at least 0.7. Found: 0.64.")
SLICES = (
    part("tr", Finding.BETTER, 0.09),
    part("de", Finding.WORSE, -0.03),
    part("fr", Finding.WORSE, -0.06),
    part("nl", Finding.LEVEL, 0.001),
    Slice("country", "mt", 12, (), Finding.INSUFFICIENT),
)
FAIRNESS = (
    Slice("sex", "f", 6_000, (score("yes_rate", 0.31, 0.01),), Finding.LEVEL),
    Slice("sex", "widest gap", 12_000, (score("yes_rate", 0.12, -0.04),), Finding.BETTER),
)


def card(finding: Finding = Finding.BETTER, **more: Any) -> Scorecard:
    """Twelve thousand rows on which the challenger is off by that much."""
    gain = GAINS.get(finding, 0.003)
    facts: dict[str, Any] = {
        "finding": finding,
        "why": "6 is better than 7: auc 0.78 against 0.71, a difference of +0.07 (+0.05 to +0.09).",
        "samples": 12_000,
        "scores": (score("auc", 0.71, gain), score("brier", 0.2, -gain / 2, sure=0.01)),
        "checks": (ENOUGH,),
        "left_out": {"too young to have a label": 310, "in a span that is left out": 1_200},
        "draws": 200,
        "seed": 7,
    }
    return Scorecard(**(facts | more))


def trial(found: Scorecard | None = None, **more: Any) -> Trial:
    """Ada wanted to know whether 6 would do better than 7, which drifts."""
    facts: dict[str, Any] = {
        "id": "TRL-3",
        "model": "churn",
        "entity": "retail",
        "champion": "7",
        "challenger": "6",
        "since": NOW - timedelta(days=28),
        "until": NOW,
        "excluded": (),
        "terms": {"metric": "auc"},
        "stage": Stage.DONE,
        "asked_by": "person:ada",
        "asked_at": NOW,
        "changed_at": NOW + timedelta(minutes=1),
        "incident": "INC-7",
        "outcome": "As the card says.",
        "scorecard": found or card(),
    }
    return Trial(**(facts | more))


def alone(score: Score) -> Score:
    """Of the champion only."""
    return Score(score.metric, score.champion)


SMALL = card(
    Finding.INSUFFICIENT,
    samples=41,
    scores=(),
    why="41 rows are left, 500 are needed.",
    checks=(),
    draws=0,
    left_out={},
)
ALONE = card(
    Finding.LEVEL,
    scores=tuple(map(alone, card().scores)),
    slices=tuple(replace(one, scores=tuple(map(alone, one.scores)), finding=Finding.LEVEL) for one in SLICES[:4]),
    fairness=tuple(replace(one, scores=tuple(map(alone, one.scores))) for one in FAIRNESS),
)
TRIALS: dict[str, tuple[Trial, Lever | None]] = {
    "better": (trial(), Lever.ROLLBACK),
    "better_partly": (trial(card(slices=SLICES, fairness=FAIRNESS, checks=(ENOUGH, COPIES))), Lever.PROMOTE),
    "better_and_let_through": (trial(card(gate=(FLOOR,))), Lever.PROMOTE),
    "better_and_barred": (trial(card(gate=(FLOOR, BELOW))), Lever.PROMOTE),
    "better_by_hand": (trial(asked_by="runbook:feature-drift"), None),
    "worse": (trial(card(Finding.WORSE, slices=SLICES[:1])), Lever.ROLLBACK),
    "level": (trial(card(Finding.LEVEL, slices=SLICES[3:4]), incident=None), Lever.ROLLBACK),
    "too_little": (trial(SMALL), Lever.ROLLBACK),
    "too_little_alone": (trial(SMALL, challenger=None), None),
    "alone": (trial(ALONE, challenger=None, asked_by="schedule", incident=None), None),
    "failed": (
        replace(trial(), stage=Stage.FAILED, scorecard=None, outcome="The rows could not be had. Nobody answers."),
        Lever.ROLLBACK,
    ),
}
DRAWN: dict[str, Message] = {
    f"trial_{name}{end}": trial_card.draw(one, w, lever)
    for name, (one, lever) in TRIALS.items()
    for end, w in {"": EN, "_tr": TR}.items()
} | {
    f"trial_{name}_anew{end}": trial_card.draw(TRIALS[name][0], w, Lever.ROLLBACK, retrains=True)
    for name in ("worse", "level")
    for end, w in {"": EN, "_tr": TR}.items()
}


@pytest.mark.parametrize("name", DRAWN)
def test_it_is_drawn_as_agreed(name: str) -> None:
    file = GOLDEN / f"{name}.json"
    drawn = DRAWN[name].payload()
    if os.environ.get("TOCSIN_GOLDEN") == "write":
        file.write_text(json.dumps(drawn, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert drawn == json.loads(file.read_text(encoding="utf-8")), "TOCSIN_GOLDEN=write draws them anew."
    assert validate.validate(drawn, "message") == []


def verdict(name: str) -> str:
    """What stands in large letters."""
    return str(DRAWN[f"trial_{name}"].blocks[0]["text"]["text"])


def said(name: str) -> str:
    """Every word of it."""
    return json.dumps(DRAWN[f"trial_{name}"].blocks, ensure_ascii=False)


def labels(name: str) -> list[str]:
    """What can be pressed."""
    rows = [block for block in DRAWN[f"trial_{name}"].blocks if block["type"] == "actions"]
    return [one["text"]["text"] for row in rows for one in row["elements"]]


def cells(name: str) -> list[list[str]]:
    """Its table."""
    (table,) = [block for block in DRAWN[f"trial_{name}"].blocks if block["type"] == "table"]
    return [[cell["text"] for cell in row] for row in table["rows"]]


VERDICTS = {
    "better": "churn: 6 is BETTER than 7",
    "worse": "churn: 6 is WORSE than 7",
    "level": "churn: nothing tells 6 from 7",
    "too_little": "churn: too little data to compare 6 with 7",
    "too_little_alone": "churn: too little data to measure 7",
    "alone": "churn: 7 was measured",
    "failed": "churn: the evaluation FAILED",
}


@pytest.mark.parametrize("name", VERDICTS)
def test_the_verdict_comes_first(name: str) -> None:
    assert verdict(name) == VERDICTS[name]
    assert DRAWN[f"trial_{name}"].text.startswith(f"TRL-3: {VERDICTS[name]}")


def test_a_lock_screen_has_the_metric_too() -> None:
    assert DRAWN["trial_better"].text == "TRL-3: churn: 6 is BETTER than 7 (auc 0.78 against 0.71)"


def test_the_table_says_which_way_is_good() -> None:
    head, auc, brier = cells("better")
    assert head == ["Metric", "Champion 7", "Challenger 6", "Difference"]
    assert auc == ["auc", "0.71 (0.69 to 0.73)", "0.78 (0.76 to 0.8)", "+0.07 (+0.05 to +0.09): better"]
    assert brier[3].endswith("(\N{MINUS SIGN}0.045 to \N{MINUS SIGN}0.025): better")  # of an error less is better
    assert cells("level")[1][3].endswith("no clear difference")
    assert cells("alone")[1] == ["auc", "0.71 (0.69 to 0.73)"]


def test_only_what_is_better_can_be_pressed_for() -> None:
    offered = {name: labels(name) for name in TRIALS}
    assert {name: found for name, found in offered.items() if found} == {
        "better": ["Roll back"],
        "better_partly": ["Promote"],
        "better_and_let_through": ["Promote"],
    }
    assert "Next: keep 7. 6 is better and does not pass the gate" in said("better_and_barred")
    assert "auc on country=fr: Wanted: at least 0.7. Found: 0.64." in said("better_and_barred")
    assert "Tocsin has no lever for it here" in said("better_by_hand")


def test_the_button_opens_the_form_with_the_version_and_the_reason() -> None:
    row = DRAWN["trial_better"].blocks[-1]
    meant = buttons.decode(row["elements"][0]["value"])
    name, seed = forms.sow(meant)
    assert (name, seed.model, seed.of, seed.version, seed.incident) == ("rollback", "churn", "churn", "6", "INC-7")
    assert seed.text == "TRL-3: 6 is better than 7 (auc 0.78 against 0.71)"


def test_where_no_version_is_better_a_new_one_can_be_trained() -> None:
    assert labels("worse_anew") == labels("level_anew") == ["Retrain"]
    assert "Next: keep 7, or train churn anew." in said("worse_anew")
    meant = buttons.decode(DRAWN["trial_worse_anew"].blocks[-1]["elements"][0]["value"])
    name, seed = forms.sow(meant)
    assert (name, seed.model, seed.incident) == ("retrain", "churn", "INC-7")
    assert seed.text == "TRL-3: no version is better than 7"
    better, too_little = TRIALS["better"][0], TRIALS["too_little"][0]
    ours = trial(card(Finding.WORSE), change="CHG-3")  # whose own card says what to do
    barred = trial_card.draw(trial(change="CHG-3"), EN, Lever.PROMOTE)
    assert "Next: see CHG-3." in json.dumps(barred.blocks)
    assert not any(block["type"] == "actions" for block in barred.blocks)
    for other in (better, too_little, ours):
        assert "Retrain" not in json.dumps(trial_card.draw(other, EN, Lever.ROLLBACK, retrains=True).blocks)


def test_where_it_fails_is_said_the_worst_first() -> None:
    shown = said("better_partly")
    assert "WORSE on some slices (2 of 4):" in shown
    assert shown.index("country = fr") < shown.index("country = de")
    assert "Better on some slices (1 of 4): country = tr" in shown
    assert "Slices with too few rows: 1" in shown
    assert "Look first at the slices on which it is worse." in shown
    assert "14 % of the rows are copies of another." in shown
    assert "Widest gap of " in shown
    assert "12000 rows, 500 are needed." not in shown  # of checks only what failed
    assert "Worse on no slice (of 1)." in said("worse")


def test_a_reason_is_not_said_twice() -> None:
    doubt = Check("enough rows", False, SMALL.why)
    drawn = trial_card.draw(trial(replace(SMALL, checks=(doubt,))), EN)
    assert json.dumps(drawn.blocks).count(SMALL.why) == 1


def test_what_is_left_out_is_counted_in_the_reader_s_language() -> None:
    assert "1,510" in said("better")
    assert "310 too young to have a label" in said("better")
    assert "310 gerçek sonuç için henüz çok yeni" in said("better_tr")


def test_a_longer_window_is_spelled_as_it_can_be_typed() -> None:
    assert "tocsin evaluate run churn --window 8w" in said("too_little")


@pytest.mark.parametrize(
    ("value", "signed", "text"),
    [
        (0.712345, False, "0.7123"),
        (-0.0712, True, "\N{MINUS SIGN}0.071"),
        (0.0, True, "0"),
        (123.456, True, "+123.5"),
        (1_234_567.8, False, "1,234,568"),
        (float("nan"), False, "?"),
        (float("inf"), True, "?"),
    ],
)
def test_a_number_is_short(value: float, signed: bool, text: str) -> None:
    assert trial_card.number(value, signed=signed) == text


HOSTILE = st.text(alphabet=st.sampled_from('<!channel>&@U01ADA|*_`~:tada:\n\u202eé=%"\\'), max_size=600)


@settings(max_examples=60, deadline=None)
@given(
    version=HOSTILE, value=HOSTILE, why=HOSTILE, lever=st.sampled_from([*Lever, None]), name=st.sampled_from([*TRIALS])
)
def test_nothing_hostile_speaks_through_it(version: str, value: str, why: str, lever: Lever | None, name: str) -> None:
    one, _ = TRIALS[name]
    found = one.scorecard and replace(
        one.scorecard,
        why=why,
        slices=tuple(part(f"{value}{n}", Finding.WORSE, -0.1) for n in range(30)),
        fairness=tuple(replace(FAIRNESS[1], column=f"{value}{n}") for n in range(30)),
        checks=tuple(Check(value, False, f"{value}{n}") for n in range(30)),
        scores=tuple(replace(score("auc", 0.5, 0.1), metric=f"{value}{n}") for n in range(30)),
        left_out={value: 3},
    )
    hostile = replace(one, challenger=version, champion=value, model=f"m{value}", outcome=why, scorecard=found)
    for w in (EN, TR):
        drawn = trial_card.draw(hostile, w, lever).payload()
        assert validate.validate(drawn, "message") == []
        assert "<!channel>" not in drawn["text"]
        assert not any(block["type"] == "section" for block in drawn["blocks"])  # which would read markup
