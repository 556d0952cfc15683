"""What Slack would refuse, one payload a rule, and what it takes."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack import validate
from bot.slack.validate import Fault
from tests.unit.blocks import (
    ALSO_GOOD,
    GOOD,
    ICON,
    NUMBER,
    QUESTION,
    Json,
    actions,
    ask,
    button,
    cell,
    confirm,
    modal,
    mrkdwn,
    option,
    plain,
    section,
    select,
    table,
)
from tests.unit.refused import BAD_BLOCKS


@pytest.mark.parametrize(("block", "fault"), [case[1:] for case in BAD_BLOCKS], ids=[case[0] for case in BAD_BLOCKS])
def test_a_bad_block_has_exactly_its_fault(block: Json, fault: Fault) -> None:
    assert validate.validate({"text": "x", "blocks": [block]}, "message") == [fault]


BAD_PAYLOADS: list[tuple[str, validate.Surface, Json, Fault]] = [
    ("51 blocks", "message", {"blocks": [section()] * 51}, Fault("/blocks", "at most 50 items")),
    ("blocks no list", "message", {"blocks": {}}, Fault("/blocks", "must be a list")),
    (
        "one block_id twice",
        "message",
        {"blocks": [section(block_id="a"), section(block_id="a")]},
        Fault("/blocks/1/block_id", "duplicate block_id"),
    ),
    (
        "too much text in all",
        "message",
        {"blocks": [section(text=mrkdwn("x" * 2001))] * 6},
        Fault("/blocks", "text in all blocks together: at most 12000 characters"),
    ),
    (
        "two tables",
        "message",
        {"blocks": [table([[cell()]])] * 2},
        Fault("/blocks/1", "only one table in a message"),
    ),
    (
        "bad block in an attachment",
        "message",
        {"attachments": [{"color": "#ff0000", "blocks": [{"type": "banner"}]}]},
        Fault("/attachments/0/blocks/0/type", "unknown block type"),
    ),
    ("not a modal", "modal", modal(type="home"), Fault("/type", "must be modal")),
    ("no title", "modal", {"type": "modal", "blocks": []}, Fault("/title", "required")),
    ("long title", "modal", modal(title=plain("x" * 25)), Fault("/title/text", "at most 24 characters")),
    ("question without an end", "modal", modal(QUESTION), Fault("/submit", "required when there are input blocks")),
    (
        "long secret",
        "modal",
        modal(private_metadata="x" * 3001),
        Fault("/private_metadata", "at most 3000 characters"),
    ),
    ("message's key", "modal", modal(text="x"), Fault("/text", "unknown key")),
    (
        "two in focus",
        "modal",
        modal(QUESTION, QUESTION, submit=plain("Go")),
        Fault("/blocks/1/element/focus_on_load", "only one element may have focus_on_load"),
    ),
    (
        "table in a modal",
        "modal",
        modal(table([[cell()]])),
        Fault("/blocks/0/type", "table is not allowed in a modal"),
    ),
    (
        "a number that is no string",
        "modal",
        modal(ask(NUMBER | {"min_value": 3}), submit=plain("Go")),
        Fault("/blocks/0/element/min_value", "must be a number in quotes"),
    ),
    (
        "half a person",
        "modal",
        modal(ask(NUMBER | {"initial_value": "1.5"}), submit=plain("Go")),
        Fault("/blocks/0/element/initial_value", "must be whole where is_decimal_allowed is false"),
    ),
    (
        "more at least than at most",
        "modal",
        modal(ask(NUMBER | {"min_value": "10", "max_value": "9"}), submit=plain("Go")),
        Fault("/blocks/0/element", "min_value is above max_value"),
    ),
    (
        "no rich text in the box",
        "modal",
        modal(ask({"type": "rich_text_input", "initial_value": {"type": "section"}}), submit=plain("Go")),
        Fault("/blocks/0/element/initial_value/type", "unknown value type"),
    ),
    (
        "long button",
        "modal",
        modal(submit=plain("x" * 25)),
        Fault("/submit/text", "at most 24 characters"),
    ),
    (
        "one block_id twice in a form",
        "modal",
        modal(section(block_id="a"), section(block_id="a")),
        Fault("/blocks/1/block_id", "duplicate block_id"),
    ),
    (
        "thumbs at home",
        "home",
        {"type": "home", "blocks": [{"type": "context_actions", "elements": [ICON]}]},
        Fault("/blocks/0/type", "context_actions is not allowed in a home"),
    ),
    (
        "day and time at home",
        "home",
        {"type": "home", "blocks": [actions({"type": "datetimepicker"})]},
        Fault("/blocks/0/elements/0/type", "datetimepicker is not allowed in a home"),
    ),
    ("101 blocks", "modal", modal(*[section()] * 101), Fault("/blocks", "at most 100 items")),
    (
        "250 kB",
        "modal",
        modal(*[section(text=mrkdwn("x" * 3000))] * 85),
        Fault("", "at most 250000 bytes"),
    ),
    (
        "title at home",
        "home",
        {"type": "home", "blocks": [], "title": plain()},
        Fault("/title", "unknown key"),
    ),
    (
        "markdown at home",
        "home",
        {"type": "home", "blocks": [{"type": "markdown", "text": "x"}]},
        Fault("/blocks/0/type", "markdown is not allowed in a home"),
    ),
]


@pytest.mark.parametrize(
    ("surface", "payload", "fault"), [case[1:] for case in BAD_PAYLOADS], ids=[case[0] for case in BAD_PAYLOADS]
)
def test_a_bad_payload_has_exactly_its_fault(surface: validate.Surface, payload: Json, fault: Fault) -> None:
    assert validate.validate(payload, surface) == [fault]


@pytest.mark.parametrize(("surface", "payload"), GOOD)
def test_what_slack_takes_has_no_fault(surface: validate.Surface, payload: Json) -> None:
    before = copy.deepcopy(payload)
    assert validate.validate(payload, surface) == []
    assert payload == before


def test_the_text_budget_is_known_by_itself() -> None:
    faults = validate.validate({"blocks": [section(text=mrkdwn("x" * 3000))] * 5}, "message")
    assert validate.too_much_text(faults)
    assert not validate.too_much_text(validate.validate({"blocks": [{"type": "banner"}]}, "message"))


@pytest.mark.parametrize(("surface", "payload"), ALSO_GOOD)
def test_what_is_rarer_has_no_fault_either(surface: validate.Surface, payload: Json) -> None:
    assert validate.validate(payload, surface) == []


#: Where text may stand, and how much of it.
ROOMS: list[tuple[int, validate.Surface, Callable[[str], Json]]] = [
    (150, "message", lambda text: {"blocks": [{"type": "header", "text": plain(text)}]}),
    (3000, "message", lambda text: {"blocks": [section(text=mrkdwn(text))]}),
    (2000, "message", lambda text: {"blocks": [section(fields=[plain(text)])]}),
    (75, "message", lambda text: {"blocks": [actions(button(text=plain(text)))]}),
    (2000, "message", lambda text: {"blocks": [actions(button(value=text))]}),
    (75, "message", lambda text: {"blocks": [actions(button(accessibility_label=text))]}),
    (100, "message", lambda text: {"blocks": [actions(button(confirm=confirm(title=plain(text))))]}),
    (300, "message", lambda text: {"blocks": [actions(button(confirm=confirm(text=plain(text))))]}),
    (30, "message", lambda text: {"blocks": [actions(button(confirm=confirm(deny=plain(text))))]}),
    (75, "message", lambda text: {"blocks": [actions(select(options=[option() | {"text": plain(text)}]))]}),
    (75, "message", lambda text: {"blocks": [actions(select(options=[option() | {"description": plain(text)}]))]}),
    (2000, "modal", lambda text: modal(QUESTION | {"label": plain(text)}, submit=plain())),
    (2000, "modal", lambda text: modal(QUESTION | {"hint": plain(text)}, submit=plain())),
    (24, "modal", lambda text: modal(title=plain(text))),
    (24, "modal", lambda text: modal(close=plain(text))),
    (255, "home", lambda text: {"type": "home", "blocks": [], "callback_id": text}),
]


@given(
    st.sampled_from(ROOMS),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20),
    st.integers(0, 3),
)
def test_text_is_taken_up_to_its_limit_and_not_a_character_more(
    room: tuple[int, validate.Surface, Callable[[str], Json]], piece: str, over: int
) -> None:
    most, surface, drawn = room
    text = (piece * (most + over))[: most + over]
    assert bool(validate.validate(drawn(text), surface)) == (over > 0)


JUNK = [None, True, 0, -1, 0.5, "", "x", "\ud800", [], [[]], {}, {"type": []}, {"type": "text"}, {1: 2}]


def places(thing: Any) -> list[tuple[Any, Any]]:
    """Every container in a payload with every key or index in it."""
    here = [(thing, key) for key in (thing if isinstance(thing, dict) else range(len(thing)))]
    return here + [
        place for container, key in here if isinstance(container[key], dict | list) for place in places(container[key])
    ]


@given(st.data())
def test_junk_anywhere_is_judged_and_never_stumbled_over(data: st.DataObject) -> None:
    surface, good = data.draw(st.sampled_from(GOOD))
    payload = copy.deepcopy(good)
    container, key = data.draw(st.sampled_from(places(payload) or [(payload, "blocks")]))
    container[key] = data.draw(st.sampled_from(JUNK))

    for fault in validate.validate(payload, surface):
        assert fault.pointer == "" or fault.pointer.startswith("/")
