"""Templates of documents: facts are only ever text, a wrong template says where, and the shipped one stands in."""

from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from bot.errors import BadConfig
from bot.rules import sections
from bot.runbooks import document, document_sample

HOSTILE = [
    "# heading",
    "Heading\n====",
    "- item",
    "1. item",
    "> quoted",
    "**bold** _em_ `code` ~~gone~~",
    "[x](https://evil.example) ![x](https://evil.example/x.png)",
    "<https://evil.example> https://evil.example www.evil.example",
    "<script>alert(1)</script> <!-- tocsin:a --> <b>",
    "| a | b |\n|---|---|",
    "```\ncode\n```",
    "    code",
    "---",
    "***",
    "&lt;b&gt; &#64;here",
    "{{ 7 * 7 }} {% raw %}",
    "trailing \\",
    "[x]: https://evil.example",
]


def rendered(template: str, **facts: Any) -> str:
    return document.render(template, "mine.j2", facts)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_fact_is_text_wherever_it_stands(text: str) -> None:
    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    for template in ("{{ x }}", "- {{ x }}\n", "| a |\n|---|\n| {{ x }} |\n", "words {{ x }} words"):
        tokens = reader.parse(rendered(template, x=text))
        kinds = {one.type for one in tokens} | {c.type for one in tokens for c in one.children or ()}
        plain = reader.parse(rendered(template, x="text"))
        allowed = {one.type for one in plain} | {c.type for one in plain for c in one.children or ()} | {"text_special"}
        assert kinds <= allowed, (template, text)
        assert len(tokens) == len(plain)
        said = "".join(c.content for one in tokens for c in one.children or ())
        assert all(word in said for word in ("evil",) if word in text)


def test_a_fact_calls_nobody_and_opens_no_mark() -> None:
    said = rendered("{{ x }}", x="@here <!channel> <@U01ADA> ada@example.com <!-- tocsin:a 0123456789ab -->")
    assert "@here" not in said
    assert "\\<!channel" in said
    assert "ada@example.com" in said
    assert sections.read(f"{said}\n", lambda *_: "") == []


def test_links_are_made_of_addresses_of_the_web_alone() -> None:
    template = '{{ x | link("run") }}'
    assert rendered(template, x="https://a.example/r?q=(1)|2") == "[run](<https://a.example/r?q=%281%29%7C2>)"
    for wrong in ("javascript:alert(1)", "data:x", "https://a b", "https://x>\n# y", None):
        assert rendered(template, x=wrong) == "run"


@pytest.mark.parametrize(
    ("template", "line"),
    [
        ("ok\n{{ x", 2),
        ("a\nb\n{{ nobody.knows }}", 3),
        ("a\n{{ x.nothing }}", 2),
        ("{% for i in range(9) %}{% endfor %}", 1),
        ("\n{{ x | upper | attr('y') }}", 2),
        ("\n\n{% include 'x' %}", 3),
        ("{{ x.__class__ }}", 1),
        ("{{ 9 * 9 }}", 1),
    ],
)
def test_a_wrong_template_is_told_by_file_and_line(template: str, line: int) -> None:
    with pytest.raises(BadConfig) as told:
        rendered(template, x={"y": 1})
    assert (told.value.file, told.value.line) == ("mine.j2", line)


def test_a_team_s_own_template_is_used_and_a_broken_one_is_replaced(tmp_path: Path) -> None:
    own = tmp_path / "own.j2"
    own.write_text("# Ours: {{ incident.title }}\n", encoding="utf-8")
    assert document.make(own, document_sample.FULL).text == "# Ours: text\n"
    own.write_text("# Ours\n\n{{ incident.nonsense }}\n", encoding="utf-8")
    made = document.make(own, document_sample.FULL)
    assert f"{own}:3" in made.fault
    assert "## Summary" in made.text
    assert "was used in its place" in made.text
    assert document.make(tmp_path / "gone.j2", document_sample.FULL).text.startswith("# PM-1")


@pytest.mark.parametrize("sample", document_sample.SAMPLES, ids=["whole", "bare"])
def test_the_shipped_template_holds_whatever_is_known(sample: Any) -> None:
    text = document.SHIPPED.read_text(encoding="utf-8")
    assert list(document.faults(text, sample)) == []
    assert list(sections.faults(text)) == []
    _, bodies = sections.drawn(document.render(text, "x", sample))
    assert all(body.strip() for name, body in bodies.items() if name != "summary"), bodies


def test_a_template_cannot_run_away() -> None:
    rows = list(range(400))
    with pytest.raises(BadConfig, match="characters"):
        rendered("{% for a in x %}{% for b in x %}{{ a }} and {{ b }}\n{% endfor %}{% endfor %}", x=rows)
    deep = "{% for a in x %}" * 4 + "{% endfor %}" * 4
    with pytest.raises(BadConfig, match="deep"):
        rendered(deep, x=rows)
