"""Blocks that Slack would refuse, each with the one rule it breaks."""

from bot.slack.validate import Fault
from tests.unit.blocks import (
    ICON,
    Json,
    actions,
    ask,
    button,
    cell,
    confirm,
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
    (
        "a large button among the small ones",
        {"type": "context_actions", "elements": [button()]},
        Fault("/blocks/0/elements/0/type", "button is not allowed here"),
    ),
    (
        "too many thumbs",
        {"type": "context_actions", "elements": [ICON | {"action_id": str(n)} for n in range(6)]},
        Fault("/blocks/0/elements", "at most 5 items"),
    ),
    (
        "unknown icon",
        {"type": "context_actions", "elements": [ICON | {"icon": "skull"}]},
        Fault("/blocks/0/elements/0/icon", "must be one of trash"),
    ),
    (
        "a day no calendar has",
        actions({"type": "datepicker", "initial_date": "2026-02-30"}),
        Fault("/blocks/0/elements/0/initial_date", "must be a day as YYYY-MM-DD"),
    ),
    (
        "half a character",
        section(text=mrkdwn("fine \ud83d")),
        Fault("/blocks/0/text/text", "must not hold half a character"),
    ),
    (
        "chosen in a group, not offered",
        actions(
            {
                "type": "multi_static_select",
                "option_groups": [{"label": plain(), "options": [option("1")]}],
                "initial_options": [option("2")],
            }
        ),
        Fault("/blocks/0/elements/0/initial_options", "must be one of the options"),
    ),
    (
        "asked before a letter is typed",
        actions({"type": "external_select", "min_query_length": -1}),
        Fault("/blocks/0/elements/0/min_query_length", "must be between 0 and 100"),
    ),
    (
        "told at no occasion",
        ask({"type": "plain_text_input", "dispatch_action_config": {"trigger_actions_on": ["on_blur"]}}),
        Fault(
            "/blocks/0/element/dispatch_action_config/trigger_actions_on/0",
            "must be one of on_enter_pressed, on_character_entered",
        ),
    ),
    (
        "too many chosen",
        actions({"type": "multi_users_select", "max_selected_items": 0}),
        Fault("/blocks/0/elements/0/max_selected_items", "must be between 1 and 100"),
    ),
    (
        "formatted text asked in a message",
        ask({"type": "rich_text_input"}),
        Fault("/blocks/0/element/type", "rich_text_input is not allowed in a message"),
    ),
    ("block_id too long", section(block_id="x" * 256), Fault("/blocks/0/block_id", "at most 255 characters")),
    ("no block", "words", Fault("/blocks/0", "must be an object")),  # type: ignore[list-item]
    ("null", section(accessory=None), Fault("/blocks/0/accessory", "must be an object")),
]
