"""A page full of every block, element and span that the validator accepts: as messages, as modals, as a home tab."""

from typing import Any

Json = dict[str, Any]
ADA, BO, ONCALL, RETAIL, GROUP = "U01ADA", "U01BO", "C01ONCALL", "C02RETAIL", "S01GROUP"
NAMES = {ADA: "ada", BO: "bo", ONCALL: "ml-oncall", RETAIL: "ml-retail", "G01SECRET": "ml-secret", GROUP: "oncall-ml"}
AT = 1795405080  #: 2026-11-23 03:38 UTC
PNG = "https://pictures.example.com/drift.png"


def plain(text: str) -> Json:
    """A plain_text object."""
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    """A mrkdwn object."""
    return {"type": "mrkdwn", "text": text}


def option(text: str, about: str = "") -> Json:
    """An option whose value is its text in small letters."""
    made: Json = {"text": plain(text), "value": text.lower()}
    return made | ({"description": plain(about)} if about else {})


CONFIRM: Json = {
    "title": plain("Roll churn back?"),
    "text": mrkdwn("Version *6* will serve instead of *7*."),
    "confirm": plain("Roll back"),
    "deny": plain("Not yet"),
    "style": "danger",
}
FEATURES = [option("PSI", "Population stability"), option("KS", "Kolmogorov-Smirnov"), option("Wasserstein")]
GROUPS = [
    {"label": plain("Retail"), "options": [option("churn"), option("demand")]},
    {"label": plain("Lending"), "options": [option("price"), option("listings")]},
]
STYLES = ("bold", "italic", "strike", "code", "underline", "highlight")


def button(label: str, **more: Any) -> Json:
    """A button whose action_id is its label in small letters."""
    return {"type": "button", "text": plain(label), "action_id": label.lower().replace(" ", "_"), "value": label} | more


# --- rich text ---


def text(words: str, *styles: str) -> Json:
    """A span of words."""
    return {"type": "text", "text": words} | ({"style": dict.fromkeys(styles, True)} if styles else {})


def said(*spans: Json) -> Json:
    """A section of rich text."""
    return {"type": "rich_text_section", "elements": list(spans)}


def bullets(style: str, *lines: str, **more: Any) -> Json:
    """A list of rich text."""
    items = [said(text(line)) for line in lines]
    return {"type": "rich_text_list", "style": style, "elements": items} | more


SPANS = [
    *(span for style in STYLES for span in (text(style, style), text(" "))),
    text("both", "bold", "italic"),
    text("\nMentions: "),
    {"type": "user", "user_id": ADA},
    text(", "),
    {"type": "user", "user_id": BO},
    text(", "),
    {"type": "usergroup", "usergroup_id": GROUP},
    text(", "),
    {"type": "channel", "channel_id": RETAIL},
    text(", "),
    {"type": "broadcast", "range": "here"},
    text("\nSince "),
    {"type": "date", "timestamp": AT, "format": "{date_short} {time}", "fallback": "2026-11-23 03:38 UTC"},
    text(", see "),
    {"type": "link", "url": "https://example.com/runbook", "text": "the runbook", "style": {"bold": True}},
    text(" or "),
    {"type": "link", "url": "mailto:ml@example.com"},
    text(" "),
    {"type": "emoji", "name": "pushpin", "unicode": "1f4cc"},
    text(" "),
    {"type": "emoji", "name": "a_custom_one"},
    text(" "),
    {"type": "color", "value": "#2EB67D"},
]
RICH: Json = {
    "type": "rich_text",
    "elements": [
        said(*SPANS),
        bullets("bullet", "Did an upstream table change?", "Did the mix of customers?"),
        bullets("bullet", "Ask whoever owns the feature.", indent=1),
        bullets("ordered", "Look at the drift.", "Roll back.", border=1),
        bullets("ordered", "Third, after a pause.", offset=2),
        {
            "type": "rich_text_preformatted",
            "language": "sql",
            "elements": [text("select count(*)\nfrom orders  -- 0 rows")],
        },
        {"type": "rich_text_quote", "border": 1, "elements": [text("It was fine on Friday.\nIt is not now.")]},
    ],
}
MARKDOWN = """# Postmortem
The **churn** model _drifted_; ~~nobody~~ `bo` saw it at <https://example.com/graph>.

## What happened
1. A promotion was sent to [everybody](https://example.com/promo).
2. `days_since_promo` fell to 0:
   - PSI 4.1
   - AUC 0.61

- [x] Rolled back
- [ ] Trained again

> It was fine on Friday.

```python
psi = population.psi(before, now)
```

| metric | before | now |
|:-------|:------:|----:|
| auc    | 0.84   | 0.61 |
| psi    | 0.02   | 4.10 |

---
Done :white_check_mark:"""
MRKDWN = (
    "*Bold*, _italic_, ~struck~, `code`, *_both_* and :warning: :no_such_emoji:\n"
    f"<@{ADA}> <@{BO}> <#{RETAIL}> <!subteam^{GROUP}> <!here> <https://example.com/a?b=1&amp;c=2|a link> https://example.com\n"
    f"Since <!date^{AT}^{{date_num}} {{time_secs}}|2026-11-23 03:38 UTC>, 3 &lt; 4 &amp; 5\n"
    "&gt; quoted\n&gt; twice\n```select 1\nfrom churn```after"
)

# --- elements that are pressed or picked at once ---

OVERFLOW: Json = {
    "type": "overflow",
    "action_id": "more",
    "options": [option("Snooze", "for an hour"), option("Merge"), option("Runbook") | {"url": "https://example.com/r"}],
}
IMAGE: Json = {"type": "image", "image_url": PNG, "alt_text": "Drift of days_since_promo"}
SELECTS: dict[str, Json] = {
    "static_select": {"options": FEATURES},
    "external_select": {"min_query_length": 1},
    "users_select": {"initial_user": BO},
    "channels_select": {"response_url_enabled": True},
    "conversations_select": {"filter": {"include": ["public", "private"]}, "default_to_current_conversation": True},
}
MULTIS: dict[str, Json] = {
    "multi_static_select": {"option_groups": GROUPS, "initial_options": [option("churn")], "max_selected_items": 3},
    "multi_external_select": {"min_query_length": 0},
    "multi_users_select": {"initial_users": [ADA, BO]},
    "multi_channels_select": {"initial_channels": [RETAIL]},
    "multi_conversations_select": {"max_selected_items": 2},
}
TICKS = [
    {"text": mrkdwn("*Retrain* it"), "value": "retrain", "description": mrkdwn("takes an _hour_")},
    {"text": plain("Tell the owner"), "value": "tell"},
]
PICKS: dict[str, Json] = {
    "datepicker": {"initial_date": "2026-11-23"},
    "timepicker": {"initial_time": "03:38", "timezone": "Europe/Istanbul"},
    "checkboxes": {"options": TICKS, "initial_options": TICKS[1:]},
    "radio_buttons": {"options": TICKS, "initial_option": TICKS[0]},
}
MOMENT: dict[str, Json] = {"datetimepicker": {"initial_date_time": AT}}
TYPED: dict[str, Json] = {
    "plain_text_input": {"placeholder": plain("What did you see?"), "min_length": 3, "max_length": 200},
    "email_text_input": {"placeholder": plain("name@example.com")},
    "url_text_input": {"initial_value": "https://example.com/graph"},
    "number_input": {"is_decimal_allowed": True, "min_value": "0", "max_value": "1.5", "initial_value": "0.25"},
    "rich_text_input": {
        "initial_value": {"type": "rich_text", "elements": [said(text("It "), text("drifted", "bold"))]}
    },
    "file_input": {"filetypes": ["csv", "txt"], "max_files": 2},
}
FEEDBACK: Json = {
    "type": "feedback_buttons",
    "action_id": "helped",
    "positive_button": {"text": plain("It helped"), "value": "yes"},
    "negative_button": {"text": plain("It did not"), "value": "no", "accessibility_label": "This did not help"},
}
ICON: Json = {"type": "icon_button", "icon": "trash", "text": plain("Remove"), "action_id": "remove", "value": "it"}


def element(kind: str, shape: Json, block: str) -> Json:
    """An element with the hint that its kind may carry."""
    hinted = kind not in ("checkboxes", "radio_buttons", "datetimepicker", "file_input")
    hint = {"placeholder": plain(f"A {kind.replace('_', ' ')}")} if hinted else {}
    return {"type": kind, "action_id": f"{block}.{kind}"} | hint | shape


# --- blocks ---


def everywhere() -> list[Json]:
    """Blocks that stand on every surface."""
    return [
        {"type": "header", "text": plain("SEV2 · churn · features drifted")},
        {"type": "section", "text": mrkdwn(MRKDWN)},
        {
            "type": "section",
            "text": mrkdwn("*Four facts*"),
            "fields": [mrkdwn("*Model*\nchurn@7"), mrkdwn("*PSI*\n4.10"), plain("Since 03:38"), mrkdwn("*Owner*\nbo")],
            "accessory": button("Open", url="https://example.com/incident"),
        },
        {"type": "section", "text": plain("With three dots"), "accessory": OVERFLOW},
        {"type": "section", "text": plain("With a picture"), "accessory": IMAGE},
        {"type": "divider"},
        {
            "type": "actions",
            "block_id": "buttons",
            "elements": [
                button("Acknowledge", style="primary", accessibility_label="Acknowledge INC-7"),
                button("Escalate", style="danger", confirm=CONFIRM),
                button("More"),
                OVERFLOW | {"action_id": "dots"},
            ],
        },
        {"type": "context", "elements": [IMAGE, mrkdwn("INC-7 · *drift* runbook"), plain("matched by kind")]},
        IMAGE | {"title": plain("How it drifted")},
        RICH,
    ]


def picked(surface: str) -> list[Json]:
    """Every element that is picked at once: in a row each, and beside a section."""
    kinds = SELECTS | MULTIS | PICKS
    rows = kinds | (MOMENT if surface != "home" else {})
    drawn = [
        {"type": "actions", "block_id": f"row.{kind}", "elements": [element(kind, shape, "row")]}
        for kind, shape in rows.items()
    ]
    beside = [
        {
            "type": "section",
            "block_id": f"beside.{kind}",
            "text": plain(kind),
            "accessory": element(kind, shape, "beside"),
        }
        for kind, shape in kinds.items()
    ]
    return [*drawn, *beside]


def asked(surface: str) -> list[Json]:
    """An input block for each element that may stand in one."""
    home = {kind: TYPED[kind] for kind in ("plain_text_input", "rich_text_input")}
    typed = {"modal": TYPED, "home": home, "message": {"plain_text_input": TYPED["plain_text_input"]}}[surface]
    kinds = typed | SELECTS | MULTIS | PICKS | (MOMENT if surface != "home" else {})
    return [
        {
            "type": "input",
            "block_id": f"in.{kind}",
            "label": plain(kind.replace("_", " ").capitalize()),
            "hint": plain("A hint below the field."),
            "optional": kind == "file_input" or kind.startswith("multi"),
            "element": element(kind, shape, "in"),
        }
        for kind, shape in kinds.items()
    ]


def message(*blocks: Json) -> Json:
    """A message of these blocks."""
    return {"text": "all kinds", "blocks": list(blocks)}


CELLS: list[list[Json]] = [
    [
        {"type": "raw_text", "text": "feature"},
        {"type": "raw_text", "text": "PSI"},
        {"type": "raw_text", "text": "what"},
    ],
    [
        {"type": "raw_text", "text": "days_since_promo"},
        {"type": "raw_number", "value": 4.1},
        {"type": "rich_text", "elements": [said(text("drifted", "bold"), text(", "), {"type": "user", "user_id": BO})]},
    ],
    [
        {"type": "raw_text", "text": "age"},
        {"type": "raw_number", "value": 1, "text": "0.02"},
        {"type": "raw_text", "text": ""},
    ],
]
PAGED = [
    CELLS[0][:2],
    *([{"type": "raw_text", "text": f"f{n}"}, {"type": "raw_number", "value": n / 4}] for n in range(7)),
]
LEVELS = ("default", "info", "warning", "error", "success")


def messages() -> list[Json]:
    """Messages with every block that may stand in one; several, as Slack takes one table and fifty blocks."""
    columns = [{"align": "left", "is_wrapped": True}, {"align": "right"}, None]
    return [
        message(*everywhere()),
        message(
            {"type": "markdown", "text": MARKDOWN},
            {"type": "table", "rows": CELLS, "column_settings": columns},
            {"type": "context_actions", "elements": [FEEDBACK, ICON]},
        ),
        message(
            {
                "type": "data_table",
                "caption": "PSI of features",
                "rows": PAGED,
                "page_size": 3,
                "row_header_column_index": 0,
            }
        ),
        message(*picked("message")),
        message(*asked("message")),
        {
            "text": "hung on",
            "attachments": [{"color": "#E01E5A", "blocks": [{"type": "section", "text": mrkdwn("*hung*")}]}],
        },
        {"text": MRKDWN},
    ]


def view(surface: str, blocks: list[Json]) -> Json:
    """A modal or a home tab of these blocks."""
    if surface == "home":
        return {"type": "home", "blocks": blocks}
    return {"type": "modal", "title": plain("Every kind"), "submit": plain("Send"), "blocks": blocks}


def modals() -> list[Json]:
    """Modals with every block that may stand in one."""
    alerts = [{"type": "alert", "level": level, "text": mrkdwn(f"Of level *{level}*")} for level in LEVELS]
    return [view("modal", [*everywhere(), *alerts]), view("modal", picked("modal")), view("modal", asked("modal"))]


def homes() -> list[Json]:
    """Home tabs with every block that may stand in one."""
    return [view("home", everywhere()), view("home", picked("home")), view("home", asked("home"))]


def surfaces() -> list[tuple[str, Json]]:
    """All of it, each with the surface it is for."""
    return [
        *(("message", one) for one in messages()),
        *(("modal", one) for one in modals()),
        *(("home", one) for one in homes()),
    ]


def ask(kind: str, **shape: Any) -> Json:
    """An input block of one element, called `said` in the block `it`."""
    more = {name: shape.pop(name) for name in ("optional", "dispatch_action", "hint") if name in shape}
    element = {"type": kind, "action_id": "said", **shape}
    return {"type": "input", "block_id": "it", "label": plain("It"), "element": element} | more


def pick(kind: str, **shape: Any) -> Json:
    """The same element in a row of actions."""
    return {"type": "actions", "block_id": "it", "elements": [{"type": kind, "action_id": "said", **shape}]}
