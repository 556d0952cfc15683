"""The card of a change: golden drawings in both languages, always valid, and nothing hostile speaks through it."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import words
from bot.model.change import Serving, Step
from bot.slack import buttons, change_card, forms, validate
from bot.slack.change_card import Shown
from bot.slack.pieces import Message
from tests.unit import changed
from tests.unit.changed import BO, CARDS, PLAN, TICKETS

GOLDEN = Path(__file__).parent / "golden"
EN, TR = words.ENGLISH, words.TURKISH
LANGUAGES = {"": EN, "_tr": TR}
DRAWN: dict[str, Message] = {
    f"change_{name}{end}": change_card.card(shown, w) for name, shown in CARDS.items() for end, w in LANGUAGES.items()
} | {
    f"change_asked_{name}{end}": change_card.asked(CARDS[name], BO, w)
    for name in ("proposed", "half_agreed", "done")
    for end, w in LANGUAGES.items()
}


@pytest.mark.parametrize("name", DRAWN)
def test_it_is_drawn_as_agreed(name: str) -> None:
    file = GOLDEN / f"{name}.json"
    drawn = DRAWN[name].payload()
    if os.environ.get("TOCSIN_GOLDEN") == "write":
        file.write_text(json.dumps(drawn, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert drawn == json.loads(file.read_text(encoding="utf-8")), "TOCSIN_GOLDEN=write draws them anew."
    assert validate.validate(drawn, "message") == []


def pressed(message: Message) -> dict[str, dict[str, Any]]:
    """The buttons by their labels."""
    rows = [block for block in message.blocks if block["type"] == "actions"]
    return {button["text"]["text"]: button for row in rows for button in row["elements"]}


def shown(message: Message) -> str:
    """Every word of it but those of its buttons."""
    return json.dumps([block for block in message.blocks if block["type"] != "actions"], ensure_ascii=False)


OFFERS = {
    "proposed": ["Approve", "Reject", "Withdraw"],
    "approved": ["Withdraw"],
    "applying": [],
    "verifying": [],
    "unknown": [],
    "failed": [],
    "rejected": [],
    "withdrawn": [],
    "done": ["Undo"],
    "worse": ["Undo"],
    "expired": ["Propose again"],
}


@pytest.mark.parametrize("name", OFFERS)
def test_the_buttons_fit_the_step(name: str) -> None:
    assert list(pressed(DRAWN[f"change_{name}"])) == OFFERS[name]


def test_a_button_carries_a_ticket_and_no_plan() -> None:
    found = pressed(DRAWN["change_proposed"])
    meant = {label: buttons.decode(button["value"]) for label, button in found.items()}
    assert {one.detail for one in meant.values()} == {f"CHG-3/{ticket}" for ticket in TICKETS.values()}
    assert {one.verb for one in meant.values()} == {change_card.VOTE}
    asked = found["Approve"]["confirm"]["text"]["text"]
    assert asked == "churn: 7 becomes 6. It is applied at once, and watched until it is seen."
    assert (
        "One more must agree after you" in pressed(DRAWN["change_proposed_two"])["Approve"]["confirm"]["text"]["text"]
    )


@pytest.mark.parametrize("step", Step)
def test_without_tickets_nothing_can_be_decided(step: Step) -> None:
    drawn = change_card.card(replace(changed.shown(step=step), tickets={}), EN)
    assert not {"Approve", "Reject", "Withdraw"} & set(pressed(drawn))


def test_how_the_metric_went_is_said() -> None:
    assert "auc recovered." in shown(DRAWN["change_recovered"])
    assert "Whether auc recovered cannot be told yet." in shown(DRAWN["change_inconclusive"])
    assert "auc is WORSE than before." in shown(DRAWN["change_worse"])
    assert "auc" not in shown(DRAWN["change_done"])


def test_what_was_refused_is_not_for_everybody() -> None:
    drawn = change_card.card(changed.shown((changed.entry("change.refused", "person:eve", "no"),), TICKETS), EN)
    assert "eve" not in shown(drawn)


def test_undo_and_again_open_forms_that_know_what_is_meant() -> None:
    undo = buttons.decode(pressed(DRAWN["change_done"])["Undo"]["value"])
    name, seed = forms.sow(undo)
    assert (name, seed.model, seed.undoes, seed.incident) == ("promote", "churn", "CHG-3", "INC-7")
    again = buttons.decode(pressed(DRAWN["change_expired"])["Propose again"]["value"])
    name, seed = forms.sow(again)
    assert (name, seed.model, seed.version, seed.text) == ("rollback", "churn", "6", "accuracy fell by half")


HOSTILE = st.text(alphabet=st.sampled_from("<!channel>&@U01ADA|*_`~:tada:\n\u202eé=%"), max_size=600)


@settings(max_examples=60, deadline=None)
@given(version=HOSTILE, said=HOSTILE, step=st.sampled_from(list(Step)))
def test_nothing_hostile_speaks_through_it(version: str, said: str, step: Step) -> None:
    after = Serving({version: 60.0, "x": 40.0})
    plan = replace(PLAN, after=after, parameters={"version": version}, effect=said, why_after=said)
    plan = replace(plan, warnings=(said,) * 9)
    trail = tuple(changed.entry(f"change.{name}", f"person:{said}", said) for name in words.ENGLISH.change.trail)
    facts = {"plan": plan, "why": said, "glass": said, "outcome": said, "step": step, "seen": after, "undoes": said}
    drawn = changed.shown(trail, TICKETS, **facts)
    for w in (EN, TR):
        message = change_card.card(Shown(drawn.change, drawn.approvers, TICKETS, drawn.trail, said), w)
        assert validate.validate(message.payload(), "message") == []
        assert "<!" not in message.text
        assert "\u202e" not in shown(message) + message.text
        spans = json.dumps([block for block in message.blocks if block["type"] == "rich_text"])
        assert '"broadcast"' not in spans
        assert '"link"' not in spans
