"""What rich text and table blocks may hold."""

from collections.abc import Callable, Mapping

from bot.slack import grammar

_INLINE_STYLE: grammar.Table = {
    "style": grammar.Shape(
        may=dict.fromkeys(("bold", "italic", "strike", "code", "underline", "highlight"), grammar.flag)
    )
}
_WORDS = grammar.string(12_000, counted=True)
INLINE: grammar.Table = {
    "text": grammar.element(_INLINE_STYLE, {"text": _WORDS}),
    "link": grammar.element({**_INLINE_STYLE, "text": _WORDS, "unsafe": grammar.flag}, {"url": grammar.LINK}),
    "user": grammar.element(_INLINE_STYLE, {"user_id": grammar.IDS}),
    "usergroup": grammar.element(_INLINE_STYLE, {"usergroup_id": grammar.IDS}),
    "channel": grammar.element(_INLINE_STYLE, {"channel_id": grammar.IDS}),
    "emoji": grammar.element(
        {**_INLINE_STYLE, "unicode": grammar.string(100), "skin_tone": grammar.number(1, 6)},
        {"name": grammar.string(100)},
    ),
    "date": grammar.element(
        {**_INLINE_STYLE, "url": grammar.LINK, "fallback": grammar.string(500)},
        {"timestamp": grammar.number(0, 10**10), "format": grammar.string(200)},
    ),
    "broadcast": grammar.element(_INLINE_STYLE, {"range": grammar.choice("here", "channel", "everyone")}),
    "color": grammar.element({}, {"value": grammar.match(r"#[0-9A-Fa-f]{6}", "a colour as #RRGGBB")}),
}


def _typed(table: Callable[[], grammar.Table], noun: str) -> grammar.Check:
    def check(walk: grammar.Walk, value: object, at: str) -> None:
        kind = grammar.kind_of(walk, value, at, table(), noun)
        if kind is not None:
            table()[kind](walk, value, at)

    return check


_SPANS: grammar.Table = {"elements": grammar.each(_typed(lambda: INLINE, "rich text"), 1000, 0)}
_BORDER: grammar.Table = {"border": grammar.number(0, 1)}
SECTION: grammar.Table = {"rich_text_section": grammar.element({}, _SPANS)}
PARTS: grammar.Table = {
    **SECTION,
    "rich_text_list": grammar.element(
        {**_BORDER, "indent": grammar.number(0, 8), "offset": grammar.number(0, 10_000)},
        {
            "style": grammar.choice("bullet", "ordered"),
            "elements": grammar.each(_typed(lambda: SECTION, "list item"), 1000),
        },
    ),
    "rich_text_preformatted": grammar.element({**_BORDER, "language": grammar.string(50)}, _SPANS),
    "rich_text_quote": grammar.element(_BORDER, _SPANS),
}
RICH: grammar.Table = {"elements": grammar.each(_typed(lambda: PARTS, "rich text part"), 1000, 0)}
CELLS: grammar.Table = {
    "raw_text": grammar.element({}, {"text": grammar.string(12_000, least=0, counted=True)}),
    "raw_number": grammar.element(
        {"text": grammar.string(100, counted=True)}, {"value": lambda walk, value, at: _real(walk, value, at)}
    ),
    "rich_text": grammar.element({"block_id": grammar.string(255)}, RICH),
}
ROW = grammar.each(_typed(lambda: CELLS, "cell"), 20)


def _real(walk: grammar.Walk, value: object, at: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        walk.no(at, "must be a number")


def column(walk: grammar.Walk, value: object, at: str) -> None:
    """How one column of a table is set, or null for as usual."""
    if value is not None:
        grammar.Shape(may={"align": grammar.choice("left", "center", "right"), "is_wrapped": grammar.flag})(
            walk, value, at
        )


def even(walk: grammar.Walk, value: Mapping[str, object], at: str) -> None:
    """Every row of a table is as long as the first, and there is one table in a message."""
    walk.tables += 1
    if walk.tables == 2:
        walk.no(at, "only one table in a message")
    if len({len(row) for row in grammar.items(value.get("rows")) if isinstance(row, list)}) > 1:
        walk.no(f"{at}/rows", "every row needs as many cells as the first")
