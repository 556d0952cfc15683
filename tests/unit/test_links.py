"""A link says where it leads, whatever it calls itself."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack import markdown, validate


def spans(source: str) -> list[dict[str, Any]]:
    """The spans of one paragraph."""
    drawn = markdown.blocks(source)
    assert validate.validate({"blocks": drawn}, "message") == []
    (block,) = drawn
    (part,) = block["elements"]
    elements: list[dict[str, Any]] = part["elements"]
    return elements


@pytest.mark.parametrize(
    ("source", "url", "text"),
    [
        ("[dash](https://g.example/d/1?x=1#y)", "https://g.example/d/1?x=1#y", "dash (g.example)"),
        ("[dash](HTTP://G.Example:3000)", "http://g.example:3000", "dash (g.example:3000)"),
        ("[g.example](https://g.example/d)", "https://g.example/d", "g.example"),
        ("[https://g.example/d](https://g.example/d)", "https://g.example/d", "https://g.example/d"),
        ("<https://g.example/d>", "https://g.example/d", "https://g.example/d"),
        ("[x][r]\n\n[r]: https://g.example 'title'", "https://g.example", "x (g.example)"),
        ("[](https://g.example/d)", "https://g.example/d", "https://g.example/d"),
        ("[ops](mailto:ops@g.example)", "mailto:ops@g.example", "ops (ops@g.example)"),
        ("<ops@g.example>", "mailto:ops@g.example", "ops@g.example"),
        ("[v6](http://[::1]:80/x)", "http://[::1]:80/x", "v6 ([::1]:80)"),
        # Words that say another address than the one they lead to.
        ("[https://bank.example](https://evil.example/p)", "https://evil.example/p", None),
        ("[bank.example](https://evil.example)", "https://evil.example", None),
        ("[BANK․EXAMPLE login](https://evil.example)", "https://evil.example", None),
        ("[bank。example](https://evil.example)", "https://evil.example", None),
        ("[g.example](https://g.example.evil.example)", "https://g.example.evil.example", None),
        ("[g.example@x](https://g.example/)", "https://g.example/", None),
        ("[g.example/@bank.example](https://g.example/)", "https://g.example/", None),
        ("[g.example/ bank.example](https://g.example/)", "https://g.example/", None),
        ("[docs (bank.example)](https://evil.example)", "https://evil.example", None),
        ("[https://аpple.com](https://xn--pple-43d.com)", "https://xn--pple-43d.com", None),
        ("<https://аpple.com>", "https://xn--pple-43d.com", None),
        ("[bank\u200b.example](https://evil.example)", "https://evil.example", None),
        ("[\u202emoc.knab](https://evil.example)", "https://evil.example", None),
    ],
)
def test_a_link_shows_where_it_leads(source: str, url: str, text: str | None) -> None:
    (span,) = spans(source)
    assert (span["type"], span["url"]) == ("link", url)
    if text is None:  # the whole address stands behind what the link calls itself
        assert span["text"].endswith(f" ({url})")
        assert "\u200b" not in span["text"]
        assert "\u202e" not in span["text"]
    else:
        assert span["text"] == text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("[pay](https://bank.example@evil.example/)", "pay (https://…@evil.example/)"),
        ("[pay](https://evil.example\\@bank.example/)", "pay (https://…@bank.example/)"),
        ("[in](https://ada:secret@h.example/x)", "in (https://…@h.example/x)"),
        ("[x](javascript:alert%281%29)", "[x](javascript:alert%281%29)"),
        ("[x](data:text/html,hi)", "[x](data:text/html,hi)"),
        ("[x](slack://open?team=T1)", "x (slack://open?team=T1)"),
        ("[x](tel:+905550000001)", "x (tel:+905550000001)"),
        ("[x](file:///etc/passwd)", "[x](file:///etc/passwd)"),
        ("[x](//evil.example)", "x (//evil.example)"),
        ("[x](https:evil.example)", "x (https:evil.example)"),
        ("[x](https://bank.example%2eevil.example/)", "x (https://bank.example%2eevil.example/)"),
        ("[x](mailto:a@b.example?bcc=c@evil.example)", "x (mailto:a@b.example?bcc=c@evil.example)"),
        ("[step 2](drift.md#act)", "step 2 (drift.md#act)"),
        ("[x]()", "x"),
        ("<slack://open>", "slack://open"),
        ("<http://x|y>", "http://x|y (http://x%7Cy)"),
    ],
)
def test_what_is_no_plain_address_is_no_link(source: str, text: str) -> None:
    assert spans(source) == [{"type": "text", "text": text}]


def test_a_long_address_keeps_its_host_and_a_longer_one_is_no_link() -> None:
    (long,) = spans(f"[x.y](https://{'a' * 60}.evil.example/{'b' * 400})")
    assert f"(https://{'a' * 60}.evil.example/bb" in long["text"]
    assert len(long["text"]) < 150
    (longer,) = spans(f"[x](https://evil.example/{'b' * 4000})")
    assert longer["type"] == "text"
    assert longer["text"].startswith("x (https://evil.example/bb")


PIECES = [
    "bank.example",
    "https://",
    "/",
    "@",
    "(",
    ")",
    ".",
    "evil.example",
    "\u202e",
    "\u200b",
    "。",
    " ",
    "a",
    "é",
    "#",
    "?",
]


@given(
    st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=20).map("".join)),
    st.sampled_from(["evil.example", "xn--pple-43d.com", "10.0.0.1:80"]),
)
def test_a_link_always_shows_its_true_host(label: str, host: str) -> None:
    safe = "".join(f"\\{mark}" if mark in "[]\\`<>!&*_~" else mark for mark in label.replace("\n", " "))
    links = [span for span in markdown.spans(f"[{safe}](https://{host}/path)") if span["type"] == "link"]
    assert [span["url"] for span in links] == [f"https://{host}/path"]
    (span,) = links
    told = span["text"].endswith((f" ({host})", f" (https://{host}/path)"))
    assert told or re.fullmatch(rf"(https?://)?{re.escape(host)}([/?#]\S*)?", span["text"], re.IGNORECASE)
