"""Markdown becomes rich text that says what it says, and nothing in it mentions, pings or deceives."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack import inline, markdown, validate

Json = dict[str, Any]
RUNBOOKS = sorted((Path(__file__).parents[2] / "runbooks").glob("*.md"))
SPAN_TYPES = {"text", "link"}
PART_TYPES = {"rich_text_section", "rich_text_list", "rich_text_quote", "rich_text_preformatted"}


def parts(source: str, most: int = markdown.MOST) -> list[Json]:
    drawn = markdown.blocks(source, most=most)
    assert validate.validate({"blocks": drawn}, "message") == []
    assert {block["type"] for block in drawn} <= {"rich_text"}
    return [part for block in drawn for part in block["elements"]]


def sections(part: Json) -> list[Json]:
    return part["elements"] if part["type"] == "rich_text_list" else [part]


def every_span(source: str, most: int = markdown.MOST) -> Iterator[Json]:
    for part in parts(source, most):
        assert part["type"] in PART_TYPES
        for section in sections(part):
            yield from section["elements"]


def said(source: str, most: int = markdown.MOST) -> list[str]:
    """The words of each section, item, quotation and piece of code."""
    return [
        "".join(span["text"] for span in section["elements"])
        for part in parts(source, most)
        for section in sections(part)
    ]


def lists(source: str) -> list[tuple[str, int, int, list[str]]]:
    """Style, indent, the first number, and the words of each item."""
    return [
        (
            part["style"],
            part["indent"],
            part.get("offset", 0) + 1,
            ["".join(span["text"] for span in item["elements"]) for item in part["elements"]],
        )
        for part in parts(source)
        if part["type"] == "rich_text_list"
    ]


# --- what it looks like ---


def test_headings_are_bold_and_begin_a_block() -> None:
    drawn = markdown.blocks("# Goal *now*\nServe again.\n\nSoon.\n\nCheck\n-----\nThat it serves.")
    assert [len(block["elements"]) for block in drawn] == [1, 1]
    goal = drawn[0]["elements"][0]["elements"]
    assert goal == [
        {"type": "text", "text": "Goal ", "style": {"bold": True}},
        {"type": "text", "text": "now", "style": {"bold": True, "italic": True}},
        {"type": "text", "text": "\nServe again.\n\nSoon."},
    ]


def test_styles_and_breaks() -> None:
    assert markdown.spans("a **b** *c* ~~d~~ `e  f` ***g***") == [
        {"type": "text", "text": "a "},
        {"type": "text", "text": "b", "style": {"bold": True}},
        {"type": "text", "text": " "},
        {"type": "text", "text": "c", "style": {"italic": True}},
        {"type": "text", "text": " "},
        {"type": "text", "text": "d", "style": {"strike": True}},
        {"type": "text", "text": " "},
        {"type": "text", "text": "e  f", "style": {"code": True}},
        {"type": "text", "text": " "},
        {"type": "text", "text": "g", "style": {"bold": True, "italic": True}},
    ]
    assert said("soft\nbreak\\\nhard  \nbreak") == ["soft break\nhard\nbreak"]


def test_lists_nest_and_go_on_counting() -> None:
    source = "3. a\n   - b\n     1. c\n   - d\n4. e\n5. f\n"
    assert lists(source) == [
        ("ordered", 0, 3, ["a"]),
        ("bullet", 1, 1, ["b"]),
        ("ordered", 2, 1, ["c"]),
        ("bullet", 1, 1, ["d"]),
        ("ordered", 0, 4, ["e", "f"]),
    ]


def test_an_item_keeps_its_paragraphs_and_gets_its_code_beside_it() -> None:
    drawn = parts("1. look\n\n   twice\n\n   ```sh\n     kubectl  get pods\n   ```\n2. tell\n")
    assert [part["type"] for part in drawn] == ["rich_text_list", "rich_text_preformatted", "rich_text_list"]
    assert said("1. look\n\n   twice") == ["look\ntwice"]
    assert drawn[1]["elements"] == [{"type": "text", "text": "  kubectl  get pods"}]
    assert drawn[2]["offset"] == 1


@pytest.mark.parametrize(
    ("source", "seen"),
    [
        ("0. none\n1. one", [("bullet", 0, 1, ["0. none"]), ("ordered", 0, 1, ["one"])]),
        ("123456789. late", [("bullet", 0, 1, ["123456789. late"])]),
        ("1.\n2. two", [("ordered", 0, 1, [" ", "two"])]),
        ("1. - a", [("ordered", 0, 1, [" "]), ("bullet", 1, 1, ["a"])]),
        ("- [ ] ask\n- [x] asked", [("bullet", 0, 1, ["[ ] ask", "[x] asked"])]),
    ],
)
def test_numbers_are_never_wrong(source: str, seen: list[tuple[str, int, int, list[str]]]) -> None:
    assert lists(source) == seen


def test_quotations() -> None:
    drawn = parts("> a\n>\n> b\n> - c\n> ```\n> d\n> ```\n\ne\n\n- f\n  > g\n")
    assert [(part["type"], part.get("border")) for part in drawn] == [
        ("rich_text_quote", None),
        ("rich_text_list", 1),
        ("rich_text_preformatted", 1),
        ("rich_text_section", None),
        ("rich_text_list", None),
    ]
    assert said("> a\n>\n> b") == ["a\n\nb"]
    assert lists("- f\n  > g") == [("bullet", 0, 1, ["f\n> g"])]


def test_a_table_becomes_lines() -> None:
    source = "| found | then |\n|---|---|\n| a **deploy** | roll back |\n| | wait |\n"
    assert said(source) == ["found | then", "a deploy | roll back", " | wait"]
    assert parts(source)[0]["elements"][0] == {"type": "text", "text": "found", "style": {"bold": True}}
    assert lists(source)[0][0] == "bullet"


def test_rules_and_pictures() -> None:
    assert said("a\n\n***\n\n![the curve](https://h.example/a.png) ![](b.png)") == [
        "a\n\n———\n\nthe curve (https://h.example/a.png) picture (b.png)"
    ]


@pytest.mark.parametrize("source", ["", " \n\t\n", "\u200b", "[a]: https://h.example", "#", "``` \n```"])
def test_nothing_to_say_is_nothing(source: str) -> None:
    assert markdown.blocks(source) == []


@pytest.mark.parametrize("file", RUNBOOKS, ids=lambda file: file.stem)
def test_our_runbooks_are_shown_whole(file: Path) -> None:
    body = file.read_text(encoding="utf-8").split("---\n", 2)[2]
    shown = " ".join(said(body))
    assert "more line" not in shown
    assert "Check first" in shown
    assert next(kind for kind, *_ in lists(body)) == "ordered"


# --- what it cannot do ---


@pytest.mark.parametrize(
    "words",
    [
        "<!channel> <!here> <!everyone>",
        "<@U01ADA> <#C01GENERAL> <!subteam^S01>",
        "@here @channel :fire: :wave::skin-tone-2:",
        "<b onclick='x'>bold</b> <script>alert(1)</script>",
        "<!date^1700000000^{date}|now>",
        "https://evil.example www.evil.example",
    ],
)
def test_slack_markup_and_html_are_words(words: str) -> None:
    assert list(every_span(words)) == [{"type": "text", "text": words}]
    assert markdown.spans(words) == [{"type": "text", "text": words}]


def test_html_blocks_are_words() -> None:
    assert said("<div>\n<!channel>\n</div>") == ["<div> <!channel> </div>"]


def test_what_cannot_be_seen_is_taken_out() -> None:
    (span,) = every_span("pay\u200bload \u202ereversed\u202c \ufeffa\u00adb p\u200day &#x202e;x &#8203;y\u3164")
    assert span["text"] == "payload reversed ab pay x y"
    # In other scripts and in emoji a joiner is spelling.
    assert said("می\u200cخواهم 👩\u200d💻") == ["می\u200cخواهم 👩\u200d💻"]
    assert said("```\n\ta\u202eb\n```") == ["    ab"]


def test_a_line_without_words_has_no_spans() -> None:
    assert markdown.spans("") == markdown.spans(" \t ") == markdown.spans("\u200b") == []


def test_half_a_pair_and_control_characters() -> None:
    assert said("a\ud800b\x07c\x00d") == ["a?b c\ufffdd"]
    assert markdown.spans("[x](https://h.example/\udfff)")[0]["type"] == "link"


# --- how much of it ---


def test_what_does_not_fit_is_counted_in_lines() -> None:
    source = "\n\n".join(f"Line {number} of them." for number in range(100))
    drawn = said(source, 500)
    assert drawn[-1].startswith("… (+")
    seen = drawn[0].count("Line")
    assert drawn[-1] == f"… (+{100 - seen} more lines)"
    assert 10 < seen < 40
    assert len("".join(drawn)) <= 500


def test_a_long_paragraph_is_counted_in_characters() -> None:
    drawn = said(f"{'x' * 600}\n\nafter", 500)
    kept = drawn[0].count("x")
    assert drawn == [f"{'x' * kept}… (+{600 - kept} characters)", "… (+1 more line)"]
    assert kept > 350


def test_code_is_cut_between_lines() -> None:
    drawn = said("```\n" + "\n".join(f"line {number}" for number in range(200)) + "\n```\n", 500)
    kept = drawn[0].count("line")
    assert drawn[0].endswith(f"\nline {kept - 1}")
    # The fence that closes it counts as a line.
    assert drawn[1] == f"… (+{200 - kept + 1} more lines)"


def test_code_that_begins_with_nothing_is_left_out_where_there_is_no_room() -> None:
    assert said(f"a\n\n```\n\n{'x' * 200}\n```", 100) == ["a", "… (+2 more lines)"]


def test_a_line_is_cut_too() -> None:
    (span,) = markdown.spans("word " * 1_000, most=200)
    assert span["text"].endswith(" characters)")
    assert len(span["text"]) <= 200
    (escaped,) = markdown.spans("\\*" * 10_000, most=200)
    assert escaped["text"].count("*") < 200
    # What was left unread is among those that are missing.
    assert escaped["text"].endswith(f"… (+{20_000 - 800 + 400 - escaped['text'].count('*')} characters)")
    assert len(markdown.spans("**a** b " * 5_000, most=9_000)) <= 900


def test_what_is_nested_too_deep_is_shown_as_written() -> None:
    source = "".join(f"{'  ' * depth}- d{depth}\n" for depth in range(40)) + "\n# Next\nNot lost.\n"
    drawn = parts(source)
    assert max(part["indent"] for part in drawn if part["type"] == "rich_text_list") == 8
    shown = "\n".join(said(source))
    assert all(f"d{depth}" in shown for depth in range(40))
    assert "Not lost." in shown
    assert "w" in "".join(said(">" * 60 + "w"))


INLINE = ["[", "[a](b", "![[]()", "*a_", "**a**b", "`", "<", "<a b='", "&", "\\", "~~a", "[a](https://h.example/)"]
BLOCKS = [
    "> ",
    "- ",
    "1. ",
    "\t- ",
    "1)\n1.\n",
    "a\n",
    "# a\n",
    "- a\n",
    "> a\n",
    "[a]: b\n",
    "```\n",
    "***\n",
    "*a ",
    "**a _b ",
]
OTHERS = ["\x00", "\ud800", "|a|\n|-|\n", "a|b\n-|-\n1|2\n\n", "|a"]


@pytest.mark.parametrize("piece", [*INLINE, *BLOCKS, *OTHERS])
def test_a_flood_is_drawn_within_the_limits(piece: str) -> None:
    source = piece * (100_000 // len(piece))
    drawn = list(every_span(source))
    assert inline.size(drawn) <= markdown.MOST
    assert len(drawn) <= 1_000
    shown = "".join(span["text"] for span in drawn)
    assert piece == "[a]: b\n" or "more line" in shown or "characters)" in shown
    assert inline.size(markdown.spans(source)) <= markdown.LINE


MARKS = [
    "*",
    "**",
    "_",
    "~~",
    "`",
    "[",
    "](",
    ")",
    "<",
    ">",
    "|",
    "\\",
    "![",
    "&#8238;",
    "a",
    "word",
    "é",
    "bank.example",
]
WORDS = ["javascript:", "<!channel>", "<@U01ADA>", "@here", ":fire:", "https://evil.example/x"]
SPACED = [
    "```\n",
    "\n",
    "\n\n",
    "- ",
    "1. ",
    "0. ",
    "   ",
    "> ",
    "# ",
    "|-|-|\n",
    "---\n",
    "\t",
    "- [ ] ",
    "\u202e",
    "\ud800",
]
MARKDOWNISH = st.lists(st.sampled_from([*MARKS, *WORDS, *SPACED]), max_size=60).map("".join)


@given(st.one_of(st.text(st.characters(), max_size=400), MARKDOWNISH), st.sampled_from([100, 130, 300, 9_000]))
def test_whatever_it_says_is_valid_and_pings_nobody(source: str, most: int) -> None:
    drawn = list(every_span(source, most))
    assert {span["type"] for span in drawn} <= SPAN_TYPES
    assert inline.size(drawn) <= most
    line = markdown.spans(source, most=most)
    assert {span["type"] for span in line} <= SPAN_TYPES
    assert inline.size(line) <= most
    section = {"type": "rich_text_section", "elements": line}
    assert validate.validate({"blocks": [{"type": "rich_text", "elements": [section]}]}, "message") == []


@given(
    st.lists(
        st.text(st.characters(categories=("Lu", "Ll", "Nd"), exclude_characters="0123456789"), min_size=1), min_size=1
    )
)
def test_a_plain_line_keeps_its_words(words: list[str]) -> None:
    line = " ".join(words)[:900]
    assert said(line) == [line.strip()]
    assert "".join(span["text"] for span in markdown.spans(line)) == line.strip()
