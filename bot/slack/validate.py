"""Says what Slack would refuse in a message, a modal or a home tab, before Slack does.

The tables follow the Block Kit reference (docs.slack.dev/reference/block-kit). A block, an element or a key that is not
in them is refused: a spelling mistake would otherwise be dropped by Slack without a word.
"""

import json
from collections.abc import Mapping

from bot.slack import grammar, richtext
from bot.slack.grammar import Fault as Fault
from bot.slack.grammar import Surface as Surface

# Undocumented on Slack's side: messages failed between 11,341 and 13,200 characters of text in all blocks together.
TEXT_BUDGET = 12_000
VIEW_BYTES = 250_000


def validate(payload: Mapping[str, object], surface: Surface) -> list[Fault]:
    """Every fault of a message (its `blocks` and `attachments`) or of a view; an empty list means Slack takes it."""
    walk = grammar.Walk(surface)
    if surface == "message":
        _message(walk, payload)
    else:
        _view(walk, payload)
    return walk.faults


def too_much_text(faults: list[Fault]) -> bool:
    """Whether the cumulative text budget is among the faults; Slack has an error name of its own for that."""
    return any(fault.rule.startswith("text in all blocks") for fault in faults)


# --- composition objects and elements ---

EVERYWHERE = ("message", "modal", "home")
WEB = grammar.match(r"https?://\S+", "a web address")
CONFIRM = grammar.Shape(
    must={
        "title": grammar.text(100, plain=True),
        "text": grammar.text(300),
        "confirm": grammar.text(30, plain=True),
        "deny": grammar.text(30, plain=True),
    },
    may={"style": grammar.choice("primary", "danger")},
)
OPTION = grammar.Shape(
    must={"text": grammar.text(75, plain=True), "value": grammar.string(150)},
    may={"description": grammar.text(75, plain=True)},
)
TICK = grammar.Shape(
    must={"text": grammar.text(75), "value": grammar.string(150)}, may={"description": grammar.text(75)}
)
OVERFLOW = grammar.Shape(must=OPTION.must, may={**OPTION.may, "url": grammar.LINK})
GROUP = grammar.Shape(must={"label": grammar.text(75, plain=True), "options": grammar.each(OPTION, 100)})
FILTER = grammar.Shape(
    may={
        "include": grammar.each(grammar.choice("im", "mpim", "private", "public"), 4),
        "exclude_external_shared_channels": grammar.flag,
        "exclude_bot_users": grammar.flag,
    }
)
DISPATCH = grammar.Shape(
    must={"trigger_actions_on": grammar.each(grammar.choice("on_enter_pressed", "on_character_entered"), 2)}
)
SLACK_FILE = grammar.Shape(may={"id": grammar.IDS, "url": WEB}, cross=grammar.one_of("id", "url"))
HINT: grammar.Table = {"placeholder": grammar.text(150, plain=True), "focus_on_load": grammar.focus}
ACT: grammar.Table = {"action_id": grammar.action_id}
ASK: grammar.Table = {**ACT, **HINT, "confirm": CONFIRM}
LISTED: grammar.Table = {"options": grammar.each(OPTION, 100), "option_groups": grammar.each(GROUP, 100)}
URL_REPLY: grammar.Table = {"response_url_enabled": grammar.flag}
MOST: grammar.Table = {"max_selected_items": grammar.number(1, 100)}
HOUR = grammar.match(r"([01][0-9]|2[0-3]):[0-5][0-9]", "a time as HH:mm")


def _elements(*kinds: str) -> grammar.Check:
    def check(walk: grammar.Walk, value: object, at: str) -> None:
        kind = grammar.kind_of(walk, value, at, ELEMENTS, "element")
        if kind is None:
            return
        if kind not in kinds:
            walk.no(f"{at}/type", f"{kind} is not allowed here")
        elif walk.surface not in SURFACES.get(kind, EVERYWHERE):
            walk.no(f"{at}/type", f"{kind} is not allowed in a {walk.surface}")
        else:
            ELEMENTS[kind](walk, value, at)

    return check


def _options(walk: grammar.Walk, value: Mapping[str, object], at: str) -> None:
    """The initial option must be one of those offered, to the letter."""
    grammar.one_of("options", "option_groups")(walk, value, at)
    offered: list[object] = []
    for group in [value, *(g for g in grammar.items(value.get("option_groups")) if isinstance(g, Mapping))]:
        offered += grammar.items(group.get("options"))
    chosen = [value["initial_option"]] if "initial_option" in value else grammar.items(value.get("initial_options"))
    if any(option not in offered for option in chosen):
        walk.no(
            f"{at}/{'initial_option' if 'initial_option' in value else 'initial_options'}", "must be one of the options"
        )


def _numbers(walk: grammar.Walk, value: Mapping[str, object], at: str) -> None:
    """The least is not above the most, and without decimals every number is whole."""
    grammar.low_high("min_value", "max_value")(walk, value, at)
    for key in ("initial_value", "min_value", "max_value"):
        if value.get("is_decimal_allowed") is False and "." in str(value.get(key, "")):
            walk.no(f"{at}/{key}", "must be whole where is_decimal_allowed is false")


def _rich_text(walk: grammar.Walk, value: object, at: str) -> None:
    """A rich_text block as the value of an element."""
    if grammar.kind_of(walk, value, at, {"rich_text": richtext.RICH}, "value") is not None:
        grammar.element({}, richtext.RICH)(walk, value, at)


FEEDBACK = grammar.Shape(
    must={"text": grammar.text(75, plain=True), "value": grammar.string(2000)},
    may={"accessibility_label": grammar.string(75)},
)
_STYLE: grammar.Table = {"style": grammar.choice("primary", "danger")}
_FACE: grammar.Table = {**ACT, **_STYLE, "value": grammar.string(2000), "accessibility_label": grammar.string(75)}
_IMAGE: grammar.Table = {"image_url": WEB, "slack_file": SLACK_FILE}
_CHOSEN = grammar.match(r"[A-Z0-9]+", "an id", 255)
ELEMENTS: grammar.Table = {
    "button": grammar.element(
        {**_FACE, "url": grammar.LINK, "confirm": CONFIRM}, {"text": grammar.text(75, plain=True)}
    ),
    "static_select": grammar.element({**ASK, **LISTED, "initial_option": OPTION}, cross=_options),
    "multi_static_select": grammar.element(
        {**ASK, **LISTED, **MOST, "initial_options": grammar.each(OPTION, 100)}, cross=_options
    ),
    "external_select": grammar.element({**ASK, "initial_option": OPTION, "min_query_length": grammar.number(0, 100)}),
    "multi_external_select": grammar.element(
        {**ASK, **MOST, "initial_options": grammar.each(OPTION, 100), "min_query_length": grammar.number(0, 100)}
    ),
    "users_select": grammar.element({**ASK, "initial_user": _CHOSEN}),
    "multi_users_select": grammar.element({**ASK, **MOST, "initial_users": grammar.each(_CHOSEN, 100)}),
    "channels_select": grammar.element({**ASK, **URL_REPLY, "initial_channel": _CHOSEN}),
    "multi_channels_select": grammar.element({**ASK, **MOST, "initial_channels": grammar.each(_CHOSEN, 100)}),
    "conversations_select": grammar.element(
        {
            **ASK,
            **URL_REPLY,
            "initial_conversation": _CHOSEN,
            "default_to_current_conversation": grammar.flag,
            "filter": FILTER,
        }
    ),
    "multi_conversations_select": grammar.element(
        {
            **ASK,
            **MOST,
            "initial_conversations": grammar.each(_CHOSEN, 100),
            "default_to_current_conversation": grammar.flag,
            "filter": FILTER,
        }
    ),
    "overflow": grammar.element({**ACT, "confirm": CONFIRM}, {"options": grammar.each(OVERFLOW, 5)}),
    "datepicker": grammar.element({**ASK, "initial_date": grammar.day}),
    "timepicker": grammar.element({**ASK, "initial_time": HOUR, "timezone": grammar.string(100)}),
    "datetimepicker": grammar.element(
        {
            **ACT,
            "confirm": CONFIRM,
            "focus_on_load": grammar.focus,
            "initial_date_time": grammar.number(10**9, 10**10 - 1),
        }
    ),
    "checkboxes": grammar.element(
        {**ACT, "confirm": CONFIRM, "focus_on_load": grammar.focus, "initial_options": grammar.each(TICK, 10)},
        {"options": grammar.each(TICK, 10)},
        _options,
    ),
    "radio_buttons": grammar.element(
        {**ACT, "confirm": CONFIRM, "focus_on_load": grammar.focus, "initial_option": TICK},
        {"options": grammar.each(TICK, 10)},
        _options,
    ),
    "plain_text_input": grammar.element(
        {
            **ACT,
            **HINT,
            "initial_value": grammar.string(3000),
            "multiline": grammar.flag,
            "min_length": grammar.number(0, 3000),
            "max_length": grammar.number(1, 3000),
            "dispatch_action_config": DISPATCH,
        },
        cross=grammar.low_high("min_length", "max_length"),
    ),
    "email_text_input": grammar.element(
        {**ACT, **HINT, "initial_value": grammar.string(3000), "dispatch_action_config": DISPATCH}
    ),
    "url_text_input": grammar.element(
        {**ACT, **HINT, "initial_value": grammar.LINK, "dispatch_action_config": DISPATCH}
    ),
    "number_input": grammar.element(
        {
            **ACT,
            **HINT,
            "initial_value": grammar.NUMERAL,
            "min_value": grammar.NUMERAL,
            "max_value": grammar.NUMERAL,
            "dispatch_action_config": DISPATCH,
        },
        {"is_decimal_allowed": grammar.flag},
        _numbers,
    ),
    "rich_text_input": grammar.element(
        {**ACT, **HINT, "initial_value": _rich_text, "dispatch_action_config": DISPATCH}
    ),
    "feedback_buttons": grammar.element(ACT, {"positive_button": FEEDBACK, "negative_button": FEEDBACK}),
    "icon_button": grammar.element(
        {
            **ACT,
            "value": grammar.string(2000),
            "confirm": CONFIRM,
            "accessibility_label": grammar.string(75),
            "visible_to_user_ids": grammar.each(grammar.IDS, 100),
        },
        {"icon": grammar.choice("trash"), "text": grammar.text(75, plain=True)},
    ),
    "file_input": grammar.element(
        {**ACT, "filetypes": grammar.each(grammar.string(20), 100), "max_files": grammar.number(1, 10)}
    ),
    "image": grammar.element(_IMAGE, {"alt_text": grammar.string(2000)}, grammar.one_of("image_url", "slack_file")),
    "plain_text": grammar.text(2000, plain=True),
    "mrkdwn": grammar.text(2000),
}
SELECTS = ("static_select", "external_select", "users_select", "channels_select", "conversations_select")
MULTIS = tuple(f"multi_{name}" for name in SELECTS)
PICKS = ("datepicker", "timepicker", "checkboxes", "radio_buttons")
TYPED = ("plain_text_input", "email_text_input", "url_text_input", "number_input", "rich_text_input", "file_input")

# --- blocks ---


def _section(walk: grammar.Walk, value: Mapping[str, object], at: str) -> None:
    if "text" not in value and "fields" not in value:
        walk.no(at, "a section needs text or fields")


def _markdown(walk: grammar.Walk, value: object, at: str) -> None:
    grammar.string(12_000, counted=True)(walk, value, at)
    before, walk.markdown = walk.markdown, walk.markdown + (len(value) if isinstance(value, str) else 0)
    if before <= 12_000 < walk.markdown and before:
        walk.no(at, "at most 12000 characters of markdown in one message")


def _input(walk: grammar.Walk, value: Mapping[str, object], at: str) -> None:
    walk.inputs += 1


def _block(
    may: grammar.Table,
    must: grammar.Table | None = None,
    cross: grammar.Cross | None = None,
) -> grammar.Shape:
    return grammar.Shape(must=must or {}, may={**may, "block_id": grammar.block_id}, cross=cross, typed=True)


_ACCESSORY = _elements("button", "overflow", "image", *SELECTS, *MULTIS, *PICKS)
_ANSWER = _elements(*TYPED, *SELECTS, *MULTIS, *PICKS, "datetimepicker")
BLOCKS: grammar.Table = {
    "section": _block(
        {
            "text": grammar.text(3000),
            "fields": grammar.each(grammar.text(2000), 10),
            "accessory": _ACCESSORY,
            "expand": grammar.flag,
        },
        cross=_section,
    ),
    "header": _block({}, {"text": grammar.text(150, plain=True)}),
    "divider": _block({}),
    "actions": _block(
        {}, {"elements": grammar.each(_elements("button", "overflow", *SELECTS, *MULTIS, *PICKS, "datetimepicker"), 25)}
    ),
    "context_actions": _block({}, {"elements": grammar.each(_elements("feedback_buttons", "icon_button"), 5)}),
    "context": _block({}, {"elements": grammar.each(_elements("image", "plain_text", "mrkdwn"), 10)}),
    "image": _block(
        {**_IMAGE, "title": grammar.text(2000, plain=True)},
        {"alt_text": grammar.string(2000)},
        grammar.one_of("image_url", "slack_file"),
    ),
    "input": _block(
        {"hint": grammar.text(2000, plain=True), "optional": grammar.flag, "dispatch_action": grammar.flag},
        {"label": grammar.text(2000, plain=True), "element": _ANSWER},
        _input,
    ),
    "rich_text": _block({}, richtext.RICH),
    "markdown": _block({}, {"text": _markdown}),
    "table": _block(
        {"column_settings": grammar.each(richtext.column, 20, 0)},
        {"rows": grammar.each(richtext.ROW, 100)},
        richtext.even,
    ),
    "data_table": _block(
        {"page_size": grammar.number(1, 100), "row_header_column_index": grammar.number(0, 19)},
        {"caption": grammar.string(2000), "rows": grammar.each(richtext.ROW, 101, 2)},
        richtext.even,
    ),
    "alert": _block(
        {"level": grammar.choice("default", "info", "warning", "error", "success")}, {"text": grammar.text(200)}
    ),
}
SURFACES: dict[str, tuple[str, ...]] = {
    "markdown": ("message",),
    "table": ("message",),
    "data_table": ("message",),
    "context_actions": ("message",),
    "alert": ("modal",),
    "email_text_input": ("modal",),
    "url_text_input": ("modal",),
    "number_input": ("modal",),
    "file_input": ("modal",),
    "rich_text_input": ("modal", "home"),
    "datetimepicker": ("message", "modal"),
}


def _one_block(walk: grammar.Walk, value: object, at: str) -> None:
    kind = grammar.kind_of(walk, value, at, BLOCKS, "block")
    if kind is None:
        return
    walk.action_ids = set()
    if walk.surface not in SURFACES.get(kind, EVERYWHERE):
        walk.no(f"{at}/type", f"{kind} is not allowed in a {walk.surface}")
    BLOCKS[kind](walk, value, at)


# --- whole payloads ---


def _message(walk: grammar.Walk, payload: Mapping[str, object]) -> None:
    if "blocks" in payload:
        grammar.each(_one_block, 50, 0)(walk, payload["blocks"], "/blocks")
    attachments = payload.get("attachments", [])
    grammar.each(_attachment, 100, 0)(walk, attachments, "/attachments")
    if walk.characters > TEXT_BUDGET:
        walk.no("/blocks", f"text in all blocks together: at most {TEXT_BUDGET} characters")


def _attachment(walk: grammar.Walk, value: object, at: str) -> None:
    if isinstance(value, Mapping) and "blocks" in value:
        grammar.each(_one_block, 50, 0)(walk, value["blocks"], f"{at}/blocks")


_COMMON: grammar.Table = {
    "private_metadata": grammar.string(3000, least=0),
    "callback_id": grammar.string(255, least=0),
    "external_id": grammar.string(255, least=0),
}
VIEWS = {
    "modal": grammar.Shape(
        must={"title": grammar.text(24, plain=True), "blocks": grammar.each(_one_block, 100, 0)},
        may={
            **_COMMON,
            "submit": grammar.text(24, plain=True),
            "close": grammar.text(24, plain=True),
            "clear_on_close": grammar.flag,
            "notify_on_close": grammar.flag,
            "submit_disabled": grammar.flag,
        },
        typed=True,
    ),
    "home": grammar.Shape(must={"blocks": grammar.each(_one_block, 100, 0)}, may=_COMMON, typed=True),
}


def _view(walk: grammar.Walk, payload: Mapping[str, object]) -> None:
    if payload.get("type") != walk.surface:
        walk.no("/type", f"must be {walk.surface}")
    VIEWS[walk.surface](walk, payload, "")
    if walk.surface == "modal" and walk.inputs and "submit" not in payload:
        walk.no("/submit", "required when there are input blocks")
    if len(json.dumps(payload, ensure_ascii=False, default=str).encode("utf-8", "replace")) > VIEW_BYTES:
        walk.no("", f"at most {VIEW_BYTES} bytes")
