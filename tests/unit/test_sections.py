"""Marks of a document: what the bot owns is redrawn, what people wrote stays, and nothing forges a mark."""

import pytest

from bot.rules import sections
from bot.rules.sections import KEPT, Wrote

TEMPLATE = (
    "# Title\n\n<!-- tocsin:a -->\none\ntwo\n<!-- /tocsin:a -->\n\nprompt\n\n"
    "<!-- tocsin:b -->\nbee\n<!-- /tocsin:b -->\n"
)
FRESH = {"a": "one\nthree", "b": "bee"}


def made() -> tuple[str, Wrote]:
    """A document as it was drawn, and what knows that the bot did."""
    text, bodies = sections.drawn(TEMPLATE)
    known = {(name, sections.digest(body)): body for name, body in bodies.items()}
    return text, lambda name, stamp: known.get((name, stamp))


def test_a_section_is_redrawn_and_the_rest_stays_byte_for_byte() -> None:
    text, wrote = made()
    mine = text.replace("prompt", "My words,\r\n\ttabs  and blanks \n<b>too</b>")
    new = sections.refresh(mine, FRESH, wrote)
    assert (new.redrawn, new.moved, new.gone) == (("a", "b"), (), ())
    before, after = mine.split("two\n")[1], new.text.split("three")[1].lstrip("\r\n")
    assert before == after.replace("\r\n", "\n").replace("My words,\n", "My words,\r\n")
    assert "\none\r\nthree" in new.text or "\none\nthree" in new.text


def test_drawn_twice_from_the_same_it_is_the_same() -> None:
    text, wrote = made()
    assert sections.refresh(text, {"a": "one\ntwo", "b": "bee"}, wrote).text == text


def test_words_written_inside_a_section_are_kept_below_it_once() -> None:
    text, wrote = made()
    mine = text.replace("one\ntwo", "one\nmy own line\ntwo\nand another")
    new = sections.refresh(mine, FRESH, wrote)
    assert new.moved == ("a",)
    assert new.text.index("/tocsin:a") < new.text.index(KEPT) < new.text.index("my own line") < new.text.index("prompt")
    assert "and another" in new.text
    known = {("a", sections.digest(FRESH["a"])): FRESH["a"], ("b", sections.digest("bee")): "bee"}
    again = sections.refresh(new.text, FRESH, lambda name, stamp: known.get((name, stamp)))
    assert (again.text, again.moved) == (new.text, ())


def test_blanks_at_the_ends_of_lines_are_nobodys_words() -> None:
    text, wrote = made()
    assert sections.refresh(text.replace("one\n", "one  \r\n"), FRESH, wrote).moved == ()


def test_a_section_whose_marks_somebody_took_out_is_theirs() -> None:
    text, wrote = made()
    stamp = sections.digest("one\ntwo")
    mine = text.replace(f"<!-- tocsin:a {stamp} -->\n", "").replace("<!-- /tocsin:a -->\n", "")
    new = sections.refresh(mine, FRESH, wrote)
    assert (new.gone, new.text) == (("a",), mine)
    half = text.replace("<!-- /tocsin:a -->\n", "")
    assert sections.refresh(half, FRESH, wrote).text == half


@pytest.mark.parametrize(
    "forged",
    [
        "<!-- tocsin:a -->\nmine\n<!-- /tocsin:a -->",
        "<!-- tocsin:a 0123456789ab -->\nmine\n<!-- /tocsin:a -->",
        f"<!-- tocsin:a {sections.digest('mine')} -->\nmine\n<!-- /tocsin:a -->",
        f"```\n<!-- tocsin:a {sections.digest(chr(111) + 'ne' + chr(10) + 'two')} -->\nmine\n```",
        "text <!-- tocsin:b --> in a line <!-- /tocsin:b -->",
    ],
)
def test_what_only_looks_like_a_mark_is_a_persons_words(forged: str) -> None:
    text, wrote = made()
    mine = text.replace("# Title\n", f"# Title\n\n{forged}\n")
    new = sections.refresh(mine, FRESH, wrote)
    assert forged in new.text
    assert (new.redrawn, "three" in new.text) == (("a", "b"), True)


def test_a_copy_of_a_section_is_the_copiers() -> None:
    text, wrote = made()
    copy = text[text.index("<!-- tocsin:a") : text.index("prompt")]
    new = sections.refresh(f"{text}\n## Copied\n\n{copy}", FRESH, wrote)
    assert new.text.endswith(f"## Copied\n\n{copy}")


def test_a_closing_mark_in_a_code_block_inside_a_section_does_not_end_it() -> None:
    text, wrote = made()
    mine = text.replace("two\n", "two\n```\n<!-- /tocsin:a -->\n```\n")
    new = sections.refresh(mine, FRESH, wrote)
    assert new.text.count("<!-- /tocsin:a -->") == 2
    assert "```\n<!-- /tocsin:a -->\n```" in new.text.partition(KEPT)[2]


def test_a_mark_behind_a_line_that_a_template_did_not_end_counts() -> None:
    text, bodies = sections.drawn("<!-- tocsin:a -->\none<!-- /tocsin:a -->\n")
    assert (bodies, text.endswith("one\n<!-- /tocsin:a -->\n")) == ({"a": "one"}, True)


def test_what_is_theirs_can_be_told() -> None:
    text, wrote = made()
    theirs = sections.theirs(text.replace("two", "two\nmine"), wrote)
    assert "mine" in theirs
    assert "prompt" in theirs
    assert "bee" not in theirs


@pytest.mark.parametrize(
    ("template", "line"),
    [
        ("a\n<!-- tocsin:a -->\n", 2),
        ("<!-- tocsin:a -->\n<!-- /tocsin:a -->\n<!-- tocsin:a -->\n<!-- /tocsin:a -->\n", 3),
        ("<!-- tocsin:a 0123456789ab -->\n<!-- /tocsin:a -->\n", 1),
    ],
)
def test_marks_of_a_template_that_do_not_pair_are_told_by_their_line(template: str, line: int) -> None:
    assert [at for _, at in sections.faults(template)] == [line]
    assert list(sections.faults(TEMPLATE)) == []


NEWER = (
    "# Title\n\n<!-- tocsin:a -->\none\ntwo\n<!-- /tocsin:a -->\n\nprompt\n\n"
    "## Clocks\n\n<!-- tocsin:clocks -->\n72 h\n<!-- /tocsin:clocks -->\n\n_Write here: whom you told._\n\n"
    "## Bees\n\n<!-- tocsin:b -->\nbee\n<!-- /tocsin:b -->\n"
)


def test_a_section_the_document_never_had_is_added_below_the_one_before_it() -> None:
    text, wrote = made()
    mine = text.replace("prompt", "My words,\n\n### and a part of them\n\nmore").replace(
        "<!-- tocsin:b", "## Bees\n\n<!-- tocsin:b"
    )
    new, names = sections.added(mine, sections.parts(sections.drawn(NEWER)[0]), wrote, {"a", "b"})
    assert names == ("clocks",)
    added = f"## Clocks\n\n{sections.wrap('clocks', '72 h')}\n\n_Write here: whom you told._\n\n"
    assert new == mine.replace("## Bees", f"{added}## Bees")
    assert sections.added(new, sections.parts(sections.drawn(NEWER)[0]), wrote, {"a", "b", "clocks"}) == (new, ())


def test_what_people_took_out_is_not_added_again_and_another_template_adds_nothing() -> None:
    text, wrote = made()
    newer = sections.parts(sections.drawn(NEWER)[0])
    assert sections.added(text, newer, wrote, {"a", "b", "clocks"}) == (text, ())
    other = sections.parts(sections.drawn("# O\n<!-- tocsin:all -->\nx\n<!-- /tocsin:all -->\n")[0])
    assert sections.added(text, other, wrote, {"a", "b"}) == (text, ())


def test_the_last_section_is_added_to_the_end_with_the_line_ends_of_the_document() -> None:
    text, wrote = made()
    mine = text.replace("\n", "\r\n").rstrip() + "\r\nmy last word"
    newer = sections.parts(sections.drawn(TEMPLATE + "\n## C\n<!-- tocsin:c -->\nsea\n<!-- /tocsin:c -->\n")[0])
    new, names = sections.added(mine, newer, wrote, {"a", "b"})
    assert (names, new.startswith(mine)) == (("c",), True)
    assert new.removeprefix(mine) == f"\n\n## C\n{sections.wrap('c', 'sea')}\n".replace("\n", "\r\n")
