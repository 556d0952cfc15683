"""Markdown as a page of its own: what it shows, and what nothing in it can do."""

import base64

import pytest

from bot.contract import outline
from bot.runbooks import page
from bot.testing.exporters import HOSTILE, PNG


def test_its_pictures_are_within_and_others_are_words() -> None:
    shown = page.html_of("T", "![what <b>drifted</b>](a.png) and ![gone](https://evil.example/x.png)", {"a.png": PNG})
    assert (
        f'<img alt="what &lt;b&gt;drifted&lt;/b&gt;" src="data:image/png;base64,{base64.b64encode(PNG).decode()}">'
        in shown
    )
    assert '<span class="absent">[picture: gone]</span>' in shown
    assert "evil.example" not in shown


@pytest.mark.parametrize(
    ("address", "leads"),
    [
        ("https://a.example/x?y=1&z=2", True),
        ("mailto:ada@example.com", True),
        ("javascript:alert(1)", False),
        ("JaVaScRiPt:alert(1)", False),
        ("data:text/html,x", False),
        ("file:///etc/passwd", False),
        ("//evil.example/x", False),
        ("ftp://a.example", False),
        ("#here", False),
    ],
)
def test_links_lead_to_the_web_and_to_mail_alone(address: str, leads: bool) -> None:
    shown = page.html_of("T", f"[words]({address})", {})
    assert ("<a " in shown) is leads
    assert "words" in shown
    assert bool(outline.allowed(address)) is leads


def test_what_is_bold_in_a_link_that_leads_nowhere_stays() -> None:
    shown = page.html_of("T", "[a **b**](ftp://x) [c](https://y.example)", {})
    assert "<span>a <strong>b</strong></span>" in shown
    assert '<a href="https://y.example" rel="noopener noreferrer nofollow">c</a>' in shown


@pytest.mark.parametrize(
    "words", [*HOSTILE, "<img src=x onerror=alert(1)>", "</style><script>1</script>", "a" * 100_000]
)
def test_hostile_words_are_words(words: str) -> None:
    shown = page.html_of(words, f"# {words}\n\n{words}\n\n| {words} |\n|---|\n", {})
    body = shown.partition("<body>")[2]
    assert "<script" not in shown.lower()
    assert "<img" not in body.lower()
    assert "<ac:" not in shown
    assert "javascript:alert" not in "".join(part.partition(">")[0] for part in body.split("<a "))
    assert shown.encode()
    assert "default-src &#x27;none&#x27;" in shown


def test_the_marks_of_our_parts_are_not_shown() -> None:
    text = "# T\n<!-- tocsin:summary -->\nWords\n<!-- /tocsin -->\n\n<!-- a note of theirs -->\n"
    assert page.bare(text) == "# T\nWords\n\n<!-- a note of theirs -->\n"
    assert "tocsin" not in page.html_of("T", text, {})


def test_an_outline_reads_what_a_document_says() -> None:
    read = outline.read(
        "## A **b**\n\nwords\n\n1. x\n   - y\n\n> q\n\n```\ncode\n```\n\n| a |\n|---|\n| 1 |\n\n---\n![f](p.png)\n"
    )
    kinds = [type(one).__name__ for one in read]
    assert kinds == ["Heading", "Paragraph", "Listing", "Quote", "Code", "Table", "Rule", "Figure"]
    head, listing = read[0], read[2]
    assert isinstance(head, outline.Heading)
    assert [(span.text, span.bold) for span in head.spans] == [("A ", False), ("b", True)]
    assert isinstance(listing, outline.Listing)
    assert isinstance(listing.items[0][1], outline.Listing)
    assert outline.words(head.spans) == "A b"


def test_an_outline_survives_whatever_it_is_given() -> None:
    for words in (*HOSTILE, "> " * 5_000, "- " * 3_000, "[" * 20_000, "*" * 20_000, "|" * 5_000, "`" * 9_999):
        outline.read(words)


def test_an_outline_that_is_cut_says_so() -> None:
    last = outline.read("word " * 300_000)[-1]
    assert isinstance(last, outline.Paragraph)
    assert outline.words(last.spans) == "The rest is too long to be shown."
