"""What Slack would refuse, one payload a rule, and what it takes."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack import validate
from bot.slack.validate import Fault
from tests.unit.blocks import (
    GOOD,
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
    rich,
    section,
    select,
    table,
)

BAD_BLOCKS: list[tuple[str, Json, Fault]] = [
    ("no such block", {"type": "banner"}, Fault("/blocks/0/type", "unknown block type")),
    ("no type", {"text": plain()}, Fault("/blocks/0/type", "required")),
    ("misspelt key", section(accesory={}), Fault("/blocks/0/accesory", "unknown key")),
    ("empty section", {"type": "section"}, Fault("/blocks/0", "a section needs text or fields")),
    ("empty text", section(text=mrkdwn("")), Fault("/blocks/0/text/text", "must not be empty")),
    ("text too long", section(text=mrkdwn("x" * 3001)), Fault("/blocks/0/text/text", "at most 3000 characters")),
    ("text no object", section(text="words"), Fault("/blocks/0/text", "must be a text object")),
    (
        "emoji in mrkdwn",
        section(text=mrkdwn() | {"emoji": True}),
        Fault("/blocks/0/text/emoji", "unknown key"),
    ),
    ("too many fields", section(fields=[mrkdwn()] * 11), Fault("/blocks/0/fields", "at most 10 items")),
    (
        "field too long",
        section(fields=[mrkdwn("x" * 2001)]),
        Fault("/blocks/0/fields/0/text", "at most 2000 characters"),
    ),
    (
        "header with formatting",
        {"type": "header", "text": mrkdwn()},
        Fault("/blocks/0/text/type", "must be plain_text"),
    ),
    (
        "header too long",
        {"type": "header", "text": plain("x" * 151)},
        Fault("/blocks/0/text/text", "at most 150 characters"),
    ),
    ("no actions", actions(), Fault("/blocks/0/elements", "at least 1 items")),
    (
        "too many actions",
        actions(*[button(action_id=str(n)) for n in range(26)]),
        Fault("/blocks/0/elements", "at most 25 items"),
    ),
    (
        "label with formatting",
        actions(button(text=mrkdwn())),
        Fault("/blocks/0/elements/0/text/type", "must be plain_text"),
    ),
    (
        "label too long",
        actions(button(text=plain("x" * 76))),
        Fault("/blocks/0/elements/0/text/text", "at most 75 characters"),
    ),
    (
        "value too long",
        actions(button(value="x" * 2001)),
        Fault("/blocks/0/elements/0/value", "at most 2000 characters"),
    ),
    (
        "unknown style",
        actions(button(style="warning")),
        Fault("/blocks/0/elements/0/style", "must be one of primary, danger"),
    ),
    ("bad link", actions(button(url="javascript:alert(1)")), Fault("/blocks/0/elements/0/url", "must be a link")),
    (
        "two of one action_id",
        actions(button(), button()),
        Fault("/blocks/0/elements/1/action_id", "duplicate action_id in one block"),
    ),
    ("empty action_id", actions(button(action_id="")), Fault("/blocks/0/elements/0/action_id", "must not be empty")),
    (
        "action_id too long",
        actions(button(action_id="x" * 256)),
        Fault("/blocks/0/elements/0/action_id", "at most 255 characters"),
    ),
    (
        "confirm without deny",
        actions(button(confirm={k: v for k, v in confirm().items() if k != "deny"})),
        Fault("/blocks/0/elements/0/confirm/deny", "required"),
    ),
    (
        "confirm too long",
        actions(button(confirm=confirm(title=plain("x" * 101)))),
        Fault("/blocks/0/elements/0/confirm/title/text", "at most 100 characters"),
    ),
    (
        "button in a context",
        {"type": "context", "elements": [button()]},
        Fault("/blocks/0/elements/0/type", "button is not allowed here"),
    ),
    (
        "context too full",
        {"type": "context", "elements": [mrkdwn()] * 11},
        Fault("/blocks/0/elements", "at most 10 items"),
    ),
    (
        "input as an accessory",
        section(accessory={"type": "plain_text_input", "action_id": "a"}),
        Fault("/blocks/0/accessory/type", "plain_text_input is not allowed here"),
    ),
    ("no such element", actions({"type": "slider"}), Fault("/blocks/0/elements/0/type", "unknown element type")),
    ("no options", actions(select(options=[])), Fault("/blocks/0/elements/0/options", "at least 1 items")),
    (
        "too many options",
        actions(select(options=[option(str(n)) for n in range(101)])),
        Fault("/blocks/0/elements/0/options", "at most 100 items"),
    ),
    (
        "option value too long",
        actions(select(options=[option("x" * 151) | {"text": plain()}])),
        Fault("/blocks/0/elements/0/options/0/value", "at most 150 characters"),
    ),
    (
        "chosen, not offered",
        actions(select(initial_option=option("3"))),
        Fault("/blocks/0/elements/0/initial_option", "must be one of the options"),
    ),
    (
        "options and groups",
        actions(select(option_groups=[{"label": plain(), "options": [option()]}])),
        Fault("/blocks/0/elements/0", "exactly one of options, option_groups"),
    ),
    (
        "placeholder too long",
        actions(select(placeholder=plain("x" * 151))),
        Fault("/blocks/0/elements/0/placeholder/text", "at most 150 characters"),
    ),
    (
        "overflow too long",
        actions({"type": "overflow", "options": [option(str(n)) for n in range(6)]}),
        Fault("/blocks/0/elements/0/options", "at most 5 items"),
    ),
    (
        "too many radio buttons",
        actions({"type": "radio_buttons", "options": [option(str(n)) for n in range(11)]}),
        Fault("/blocks/0/elements/0/options", "at most 10 items"),
    ),
    (
        "a day that is none",
        actions({"type": "datepicker", "initial_date": "23.11.2026"}),
        Fault("/blocks/0/elements/0/initial_date", "must be a day as YYYY-MM-DD"),
    ),
    (
        "image without words",
        {"type": "image", "image_url": "https://x.example/a.png"},
        Fault("/blocks/0/alt_text", "required"),
    ),
    (
        "image from nowhere",
        {"type": "image", "alt_text": "drift"},
        Fault("/blocks/0", "exactly one of image_url, slack_file"),
    ),
    (
        "image no web address",
        {"type": "image", "alt_text": "drift", "image_url": "file:///etc/passwd"},
        Fault("/blocks/0/image_url", "must be a web address"),
    ),
    (
        "empty rich text",
        rich({"type": "text", "text": ""}),
        Fault("/blocks/0/elements/0/elements/0/text", "must not be empty"),
    ),
    (
        "unknown rich text",
        rich({"type": "marquee"}),
        Fault("/blocks/0/elements/0/elements/0/type", "unknown rich text type"),
    ),
    (
        "words outside a part",
        {"type": "rich_text", "elements": [{"type": "text", "text": "x"}]},
        Fault("/blocks/0/elements/0/type", "unknown rich text part type"),
    ),
    (
        "list of words",
        {
            "type": "rich_text",
            "elements": [{"type": "rich_text_list", "style": "bullet", "elements": [{"type": "text"}]}],
        },
        Fault("/blocks/0/elements/0/elements/0/type", "unknown list item type"),
    ),
    ("too many rows", table([[cell()]] * 101), Fault("/blocks/0/rows", "at most 100 items")),
    ("too many columns", table([[cell()] * 21]), Fault("/blocks/0/rows/0", "at most 20 items")),
    (
        "uneven table",
        table([[cell(), cell()], [cell()]]),
        Fault("/blocks/0/rows", "every row needs as many cells as the first"),
    ),
    (
        "alert in a message",
        {"type": "alert", "text": plain()},
        Fault("/blocks/0/type", "alert is not allowed in a message"),
    ),
    (
        "number asked in a message",
        ask({"type": "number_input", "is_decimal_allowed": False}),
        Fault("/blocks/0/element/type", "number_input is not allowed in a message"),
    ),
    (
        "lengths crossed",
        ask({"type": "plain_text_input", "min_length": 5, "max_length": 3}),
        Fault("/blocks/0/element", "min_length is above max_length"),
    ),
    (
        "input too long",
        ask({"type": "plain_text_input", "max_length": 3001}),
        Fault("/blocks/0/element/max_length", "must be between 1 and 3000"),
    ),
    ("block_id too long", section(block_id="x" * 256), Fault("/blocks/0/block_id", "at most 255 characters")),
    ("no block", "words", Fault("/blocks/0", "must be an object")),  # type: ignore[list-item]
    ("null", section(accessory=None), Fault("/blocks/0/accessory", "must be an object")),
]


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


JUNK = [None, True, 0, -1, 0.5, "", "x", [], [[]], {}, {"type": []}, {"type": "text"}, {1: 2}]


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
