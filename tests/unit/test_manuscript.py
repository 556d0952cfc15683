"""A document's passages: what people wrote is found, written anew in its place, and nothing else is touched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules import manuscript

WHOLE = """\
# INC-7: accuracy fell

## Summary
Two hours of stale features.

## Impact
<!-- tocsin:impact 0123456789ab -->
### In decisions
12 decisions
<!-- /tocsin:impact -->

And two angry calls.

## Signal
<!-- tocsin:signal 0123456789ab -->
psi 0.31
<!-- /tocsin:signal -->

## What went badly

## Code
```
## no heading
```
"""


def test_what_people_can_write_is_found_under_its_heading() -> None:
    found = [(one.title, one.body) for one in manuscript.passages(WHOLE)]
    assert found == [
        ("Summary", "Two hours of stale features."),
        ("In decisions", "And two angry calls."),
        ("What went badly", ""),
        ("Code", "```\n## no heading\n```"),
    ]


def test_a_passage_is_written_anew_and_the_rest_stays_byte_for_byte() -> None:
    told = manuscript.written(WHOLE, {0: "One hour.\n\nNobody was hurt.", 2: "The join."})
    assert told == WHOLE.replace("\nTwo hours of stale features.\n", "\n\nOne hour.\n\nNobody was hurt.\n").replace(
        "## What went badly\n\n", "## What went badly\n\nThe join.\n\n"
    ).replace("hurt.\n\n\n", "hurt.\n\n")
    again = [one.body for one in manuscript.passages(told)]
    assert again == ["One hour.\n\nNobody was hurt.", "And two angry calls.", "The join.", "```\n## no heading\n```"]


def test_windows_line_ends_are_kept() -> None:
    told = manuscript.written(WHOLE.replace("\n", "\r\n"), {0: "a\nb"})
    assert "\n" not in told.replace("\r\n", "")
    assert manuscript.passages(told)[0].body.splitlines() == ["a", "b"]


@pytest.mark.parametrize(
    "text", ["", "words alone", "# Title\n", "<!-- tocsin:a -->\nnever closed", "```\nnever closed\n## x"]
)
def test_odd_documents_have_what_they_have(text: str) -> None:
    assert manuscript.written(text, {}) == text
    assert [one.title for one in manuscript.passages(text)] == []


@given(st.text(alphabet="# a\n`<>!-", max_size=80), st.text(alphabet="ab \n", max_size=20))
def test_what_was_written_is_read_back(before: str, words: str) -> None:
    text = f"{before}\n\n## Last\n"
    found = manuscript.passages(text)
    if not found or found[-1].title != "Last":
        return  # a fence or a comment hides it
    told = manuscript.written(text, {len(found) - 1: words})
    assert [one.title for one in manuscript.passages(told)] == [one.title for one in found]
    assert manuscript.passages(told)[-1].body.split() == words.split()
