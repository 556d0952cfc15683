"""Pieces of Block Kit that Slack takes, for tests to bend."""

from typing import Any

from bot.slack import validate

Json = dict[str, Any]


def plain(text: str = "words") -> Json:
    """Text without formatting."""
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str = "words") -> Json:
    """Text with Slack's formatting."""
    return {"type": "mrkdwn", "text": text}


def section(**more: Any) -> Json:
    """A section with some words."""
    return {"type": "section", "text": mrkdwn()} | more


def button(**more: Any) -> Json:
    """A button that says Go."""
    return {"type": "button", "action_id": "go", "text": plain("Go")} | more


def actions(*elements: Json, **more: Any) -> Json:
    """A row of things to press."""
    return {"type": "actions", "elements": list(elements)} | more


def option(value: str = "1") -> Json:
    """One choice."""
    return {"text": plain(f"choice {value}"), "value": value}


def select(**more: Any) -> Json:
    """A select with two choices."""
    return {"type": "static_select", "action_id": "pick", "options": [option("1"), option("2")]} | more


def ask(element: Json, **more: Any) -> Json:
    """A question in a form."""
    return {"type": "input", "label": plain("Question"), "element": element} | more


def rich(*elements: Json) -> Json:
    """Rich text of one section."""
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}


def table(rows: list[list[Json]], **more: Any) -> Json:
    """A table."""
    return {"type": "table", "rows": rows} | more


def cell(text: str = "x") -> Json:
    """One cell."""
    return {"type": "raw_text", "text": text}


def confirm(**more: Any) -> Json:
    """A question before a press."""
    return {"title": plain("Sure?"), "text": mrkdwn(), "confirm": plain("Yes"), "deny": plain("No")} | more


def modal(*blocks: Json, **more: Any) -> Json:
    """A modal with a title."""
    return {"type": "modal", "title": plain("Declare"), "blocks": list(blocks)} | more


QUESTION = ask({"type": "plain_text_input", "action_id": "said", "focus_on_load": True})

ICON = {"type": "icon_button", "icon": "trash", "text": plain("Delete")}
NUMBER = {"type": "number_input", "is_decimal_allowed": False}

#: What Slack takes, by surface.
GOOD: list[tuple[validate.Surface, Json]] = [
    ("message", {"text": "only words"}),
    ("message", {"blocks": []}),
    (
        "message",
        {
            "text": "[SEV2] accuracy fell",
            "blocks": [
                {"type": "header", "text": plain("SEV2 · churn") | {"emoji": True}},
                section(fields=[mrkdwn("*Model*\nchurn@7"), plain("since 03:38")], block_id="facts"),
                section(accessory=button(url="https://runbooks.example/drift")),
                section(accessory=select(placeholder=plain("Severity"), initial_option=option("1"))),
                {"type": "divider"},
                actions(
                    button(style="primary", value="INC-1|3"),
                    button(action_id="no", style="danger", confirm=confirm(style="danger")),
                    {"type": "overflow", "action_id": "more", "options": [option() | {"url": "https://x.example"}]},
                    {"type": "users_select", "action_id": "who", "placeholder": plain("Hand over to")},
                ),
                actions(button(style="primary", value="INC-1|3")),
                {"type": "context", "elements": [mrkdwn("INC-1"), plain("next: phone")]},
                {"type": "image", "image_url": "https://x.example/a.png", "alt_text": "drift", "title": plain()},
                rich(
                    {"type": "text", "text": "page ", "style": {"bold": True}},
                    {"type": "user", "user_id": "U01ADA"},
                    {"type": "link", "url": "https://x.example", "text": "run"},
                    {"type": "date", "timestamp": 1795405080, "format": "{date} {time}", "fallback": "03:38 UTC"},
                ),
                {
                    "type": "rich_text",
                    "elements": [
                        {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "Traceback"}]},
                        {
                            "type": "rich_text_list",
                            "style": "ordered",
                            "indent": 1,
                            "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "look"}]}],
                        },
                    ],
                },
                table(
                    [[cell("feature"), cell("psi")], [cell("age"), {"type": "raw_number", "value": 0.31}]],
                    column_settings=[None, {"align": "right"}],
                ),
                {"type": "markdown", "text": "**bold**"},
            ],
        },
    ),
    (
        "modal",
        modal(
            QUESTION,
            ask(select(), optional=True, hint=plain("pick one")),
            ask({"type": "number_input", "is_decimal_allowed": True, "min_value": "0.5"}),
            ask({"type": "checkboxes", "options": [{"text": mrkdwn("*sure*"), "value": "1"}]}),
            {"type": "alert", "text": mrkdwn("a second person must agree"), "level": "warning"},
            submit=plain("Go"),
            close=plain("No"),
            private_metadata="",
            callback_id="declare",
            notify_on_close=True,
        ),
    ),
    ("home", {"type": "home", "blocks": [section(), actions(button())], "callback_id": "home"}),
]

#: What Slack takes and is rarer, by surface.
ALSO_GOOD: list[tuple[validate.Surface, Json]] = [
    (
        "message",
        {
            "blocks": [
                actions(
                    {"type": "multi_static_select", "action_id": "a", "options": [option()], "max_selected_items": 1},
                    {"type": "external_select", "action_id": "b", "min_query_length": 0},
                    {"type": "datetimepicker", "action_id": "c", "initial_date_time": 1795405080},
                    {"type": "timepicker", "action_id": "d", "initial_time": "03:38", "timezone": "Europe/Istanbul"},
                ),
                {
                    "type": "context_actions",
                    "elements": [
                        ICON | {"confirm": confirm(), "visible_to_user_ids": ["U01ADA"]},
                        {
                            "type": "feedback_buttons",
                            "action_id": "useful",
                            "positive_button": {"text": plain("Useful"), "value": "1"},
                            "negative_button": {"text": plain("Noise"), "value": "0", "accessibility_label": "Noise"},
                        },
                    ],
                },
            ]
        },
    ),
    (
        "modal",
        modal(
            ask({"type": "external_select", "action_id": "model"}, dispatch_action=True),
            ask(NUMBER | {"initial_value": "15", "min_value": "1", "max_value": "10080"}),
            ask({"type": "number_input", "is_decimal_allowed": True, "min_value": "-0.5", "max_value": "0.5"}),
            ask({"type": "email_text_input", "dispatch_action_config": {"trigger_actions_on": ["on_enter_pressed"]}}),
            ask({"type": "url_text_input", "initial_value": "https://x.example"}),
            ask({"type": "rich_text_input", "initial_value": rich({"type": "text", "text": "as it was"})}),
            ask({"type": "radio_buttons", "options": [option("1"), option("2")], "initial_option": option("2")}),
            submit=plain("x" * 24),
            private_metadata="x" * 3000,
            callback_id="x" * 255,
        ),
    ),
    ("home", {"type": "home", "blocks": [ask({"type": "plain_text_input", "action_id": "said"})]}),
]
