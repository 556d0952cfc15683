"""The card of a retrain: golden drawings in both languages, always valid, and nothing hostile speaks through it."""

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
from bot.model.change import Step
from bot.model.retraining import Finding, Training
from bot.slack import buttons, change_card, forms, retrain_card, validate
from bot.slack.forms import outlook
from bot.slack.pieces import Message
from bot.slack.retrain_card import Run
from tests.unit import retrained
from tests.unit.changed import BO
from tests.unit.retrained import CARDS
from tests.unit.seen import NOW
from tests.unit.test_change_card import pressed, shown

GOLDEN = Path(__file__).parent / "golden"
EN, TR = words.ENGLISH, words.TURKISH
LANGUAGES = {"": EN, "_tr": TR}
DRAWN: dict[str, Message] = {
    f"retrain_{name}{end}": change_card.card(one, w) for name, one in CARDS.items() for end, w in LANGUAGES.items()
} | {f"retrain_asked{end}": change_card.asked(CARDS["proposed"], BO, w) for end, w in LANGUAGES.items()}


@pytest.mark.parametrize("name", DRAWN)
def test_it_is_drawn_as_agreed(name: str) -> None:
    file = GOLDEN / f"{name}.json"
    drawn = DRAWN[name].payload()
    if os.environ.get("TOCSIN_GOLDEN") == "write":
        file.write_text(json.dumps(drawn, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert drawn == json.loads(file.read_text(encoding="utf-8")), "TOCSIN_GOLDEN=write draws them anew."
    assert validate.validate(drawn, "message") == []


HEADERS = {
    "proposed": "CHG-3 · PROPOSED · retrain churn",
    "starting": "CHG-3 · STARTING · retrain churn",
    "training": "CHG-3 · TRAINING · retrain churn",
    "judging": "CHG-3 · JUDGING · retrain churn",
    "passed": "CHG-3 · DONE · retrain churn",
    "unfit": "CHG-3 · FAILED · retrain churn",
}


@pytest.mark.parametrize("name", HEADERS)
def test_the_header_says_how_far_it_is(name: str) -> None:
    assert DRAWN[f"retrain_{name}"].blocks[0]["text"]["text"] == HEADERS[name]


def retrains(name: str) -> bool:
    return not name.startswith(("watched", "canary"))


@pytest.mark.parametrize("name", [name for name in CARDS if retrains(name)])
def test_it_never_says_that_something_else_serves(name: str) -> None:
    drawn = DRAWN[f"retrain_{name}"]
    assert "becomes" not in shown(drawn) + drawn.text + json.dumps(pressed(drawn))
    assert "7 goes on serving" in shown(drawn)


OFFERS = {
    "proposed": ["Approve", "Reject", "Withdraw"],
    "starting": ["Call off"],
    "training": ["Call off"],
    "stopping": [],
    "judging": [],
    "passed": ["CHG-4"],
    "passed_alone": [],
    "unfit": ["Widen the window", "Look at TRL-4"],
    "unjudged": ["Propose again", "Look at TRL-4"],
    "failed": ["Propose again"],
    "refused": ["Propose again"],
    "unknown": ["Call off"],
    "expired": ["Propose again"],
}


@pytest.mark.parametrize("name", OFFERS)
def test_the_buttons_fit_the_step(name: str) -> None:
    assert list(pressed(DRAWN[f"retrain_{name}"])) == OFFERS[name]


def test_a_press_is_asked_about_in_its_own_words() -> None:
    asked = {label: button["confirm"]["text"]["text"] for label, button in pressed(DRAWN["retrain_proposed"]).items()}
    assert asked == {
        "Approve": "churn is trained anew, cost about 40 EUR. 7 goes on serving.",
        "Reject": "Nothing is trained. ada is told.",
        "Withdraw": "Nothing is trained.",
    }
    off = pressed(DRAWN["retrain_training"])["Call off"]
    assert off["confirm"]["title"]["text"] == "Call off CHG-3?"
    assert buttons.decode(off["value"]).detail == "CHG-3"


def test_a_lock_screen_tells_the_price_and_the_stage() -> None:
    assert "retrain churn, cost about 40 EUR. Until" in DRAWN["retrain_asked"].text
    assert DRAWN["retrain_training"].text == "[TRAINING] CHG-3 retrain churn: It runs: epoch 4 of 10"
    assert DRAWN["retrain_judging"].text == "[JUDGING] CHG-3 retrain churn: 9 is compared with 7 (TRL-4)."


def test_how_long_it_takes_is_the_median_of_what_ran_through() -> None:
    def run(minutes: int, *, done: bool = True) -> Training:
        return retrained.training(started_at=NOW, ended_at=NOW + timedelta(minutes=minutes), done=done)

    assert retrain_card.usual([run(30), run(90), run(60), run(2, done=False)]) == timedelta(minutes=60)
    assert retrain_card.usual([run(2, done=False)]) is None


def test_a_wider_window_is_twice_what_was_asked_for_in_whole_days() -> None:
    wider = pressed(DRAWN["retrain_unfit"])["Widen the window"]
    name, seed = forms.sow(buttons.decode(wider["value"]))
    assert (name, seed.model, seed.window, seed.text) == ("retrain", "churn", "8w4d", "it drifts")
    again = pressed(DRAWN["retrain_expired"])["Propose again"]
    assert forms.sow(buttons.decode(again["value"]))[1].window == "4w2d"


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "░" * 10 + " 0 %"), (0.999, "█" * 9 + "░ 99 %"), (7.0, "█" * 10 + " 100 %"), (-1.0, " 0 %")],
)
def test_the_bar_is_never_longer_than_itself(share: float, text: str) -> None:
    assert retrain_card.bar(share, EN).endswith(text)
    assert retrain_card.bar(float("nan"), EN).endswith(" 0 %")


def test_of_a_gate_that_held_only_what_fell_short_is_told() -> None:
    unfit = shown(DRAWN["retrain_unfit"])
    assert "9 did NOT pass the gate (2 of 4 fell short):" in unfit
    assert "61 ms" in unfit
    assert "0.78 (0.76 to 0.8)" not in unfit
    assert "To keep 7, do nothing" in unfit


def test_how_a_watch_went_is_said_and_what_came_of_it() -> None:
    assert "Watched until" in shown(DRAWN["retrain_watched"])
    assert '"auc"' in shown(DRAWN["retrain_watched_metric"])
    assert '"auc"' not in shown(DRAWN["retrain_watched"])
    assert "does WELL. auc 0.78 against 0.74 before." in shown(DRAWN["retrain_watched_well"])
    wrong = shown(DRAWN["retrain_watched_wrong"])
    assert "9 does WORSE. auc 0.61 against 0.74 before" in wrong
    assert "CHG-5" in wrong
    assert "Step 1 of 3: 9 gets 10 % of the traffic." in shown(DRAWN["retrain_canary"])
    assert "The next step is taken 30m after it serves" in shown(DRAWN["retrain_canary"])
    assert "The next step" not in shown(DRAWN["retrain_canary_last"])


@pytest.mark.parametrize(
    ("typed", "days"),
    [("30d", 30), ("8w", 56), ("30 days", 30), ("30 GÜN", 30), ("2 haftalık", 14), ("0d", 0), ("6", 0), ("a while", 0)],
)
def test_a_window_is_read_as_people_write_it(typed: str, days: int) -> None:
    assert outlook.window(typed) == (timedelta(days=days) or None)


def test_the_end_of_a_log_stands_as_it_is_and_is_bounded() -> None:
    (block,) = [one for one in DRAWN["retrain_failed"].blocks if "rich_text_preformatted" in json.dumps(one)]
    assert block["elements"][1]["elements"] == [{"type": "text", "text": retrained.LOG}]
    long = replace(retrained.FAILED, log="\n".join(f"line {n} " + "x" * 400 for n in range(5_000)))
    (block,) = retrain_card.log(CARDS["failed"].change, Run(long), EN)
    text = block["elements"][1]["elements"][0]["text"]
    assert "line 4999" in text
    assert len(text) <= retrain_card.LOG


HOSTILE = st.text(alphabet=st.sampled_from("<!channel>&@U01ADA|*_`~:tada:\n\u202eé=%{}"), max_size=600)
NUMBERS = st.one_of(st.none(), st.floats())


@settings(max_examples=60, deadline=None)
@given(said=HOSTILE, share=NUMBERS, name=st.sampled_from([*CARDS]), step=st.sampled_from([*Step]))
def test_nothing_hostile_speaks_through_it(said: str, share: float | None, name: str, step: Step) -> None:
    one = CARDS[name]
    fell = tuple(Finding(f"{said}{n}", said, said, n % 2 == 0) for n in range(30))
    links = (said, f"https://evil.example/{said}", "javascript:alert(1)", "https://u:p@evil.example")
    for link in links:
        facts: dict[str, Any] = {
            "stage": said,
            "log": said * 9,
            "share": share,
            "cost": share,
            "link": link,
            "version": said,
        }
        run = one.run
        if run is not None:
            run = Run(replace(run.training, **facts, findings=fell, called_off=f"person:{said}"), run.usual, said)
        drawn = replace(
            one,
            change=replace(one.change, step=step, why=said, outcome=said),
            run=run,
            watch=one.watch and replace(one.watch, metric=said, why=said, version=said, finding=said),
        )
        for w in (EN, TR):
            message = change_card.card(drawn, w)
            assert validate.validate(message.payload(), "message") == []
            assert "<!" not in message.text
            assert "\u202e" not in shown(message) + message.text
            spans = json.dumps([block for block in message.blocks if block["type"] == "rich_text"])
            assert '"broadcast"' not in spans
            assert "javascript" not in spans


def test_of_too_few_rows_it_is_not_said_that_more_to_learn_from_helps() -> None:
    few = Finding("data", "enough to say something", "40 rows are left, 500 are needed", False)
    unfit = CARDS["unfit"]
    assert unfit.run is not None
    run = replace(unfit.run, training=replace(unfit.run.training, findings=(few,)))
    text = shown(change_card.card(replace(unfit, run=run), EN))
    assert "Next: wait for labels" in text
    assert "train on more data" not in text


@pytest.mark.parametrize("step", [Step.VERIFYING, Step.DONE, Step.REJECTED])
def test_once_people_have_decided_on_the_promotion_its_own_card_tells_what_serves(step: Step) -> None:
    passed = CARDS["passed"]
    assert passed.after is not None
    assert "serves until somebody agrees" in shown(DRAWN["retrain_passed"])
    text = shown(change_card.card(replace(passed, after=replace(passed.after, step=step)), EN))
    assert f"promote churn ({EN.change.steps[step.value]})" in text
    assert "serves until somebody agrees" not in text
