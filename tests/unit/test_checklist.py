"""The steps of a runbook keep their names while the rest of it changes."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import runbooks
from bot.runbooks import checklist

FOLDER = Path(__file__).parents[2] / "runbooks"
BODY = """## Check first
Most end here.

1. **Is it late?** Look at the job.
   Then at the one before.
2. Ask the owner.
   - by name
   - and by phone

   ```sh
   kubectl get pods
   1. not a step
   ```

## Act
- Roll back.
- [ ] Tell the team
- [x] Note the time

3) Look again
> 1. quoted
"""


def texts(markdown: str) -> list[str]:
    return [step.text for step in runbooks.steps(markdown)]


def test_numbered_items_and_tasks_are_steps() -> None:
    assert [(step.number, step.section, step.text) for step in runbooks.steps(BODY)] == [
        (1, "Check first", "**Is it late?** Look at the job.\nThen at the one before."),
        (
            2,
            "Check first",
            "Ask the owner.\n- by name\n- and by phone\n\n```sh\nkubectl get pods\n1. not a step\n```",
        ),
        (1, "Act", "Tell the team"),
        (2, "Act", "Note the time"),
        (3, "Act", "Look again"),
    ]


def test_an_id_is_short_and_its_own() -> None:
    names = [step.id for step in runbooks.steps(BODY)]
    assert all(re.fullmatch(r"[0-9a-f]{8}", name) for name in names)
    assert len(set(names)) == len(names)


def test_an_id_outlives_changes_of_the_others() -> None:
    before = {step.text: step.id for step in runbooks.steps(BODY)}
    edited = BODY.replace("Tell the team", "Tell everybody").replace("1. **Is", "1. Look first.\n2. **Is")
    after = {step.text: step.id for step in runbooks.steps(edited)}
    shared = set(before) & set(after)
    assert len(shared) == 4
    assert all(before[text] == after[text] for text in shared)


def test_wrapping_leaves_an_id_and_another_section_does_not() -> None:
    (one,) = runbooks.steps("# A\n1. look at\n   the job")
    (wrapped,) = runbooks.steps("# A\n1.  look\n    at the job")
    (moved,) = runbooks.steps("# B\n1. look at the job")
    assert one.id == wrapped.id != moved.id


def test_equal_steps_are_told_apart() -> None:
    names = [step.id for step in runbooks.steps("1. wait\n2. wait\n3. wait\n")]
    assert names == [names[0], f"{names[0]}-2", f"{names[0]}-3"]


def test_numbers_are_those_a_reader_sees() -> None:
    assert [step.number for step in runbooks.steps("4. a\n4. b\n4. c\n")] == [4, 5, 6]


@pytest.mark.parametrize(
    ("markdown", "found"),
    [
        ("", []),
        ("No list.", []),
        ("- a\n* b\n+ c", []),
        ("```\n1. a\n```", []),
        ("    1. a", []),
        ("> 1. a", []),
        ("- a\n  1. b", []),
        ("1.\n2. b", ["b"]),
        ("1. # a", ["# a"]),
        ("1. [ ] a", ["a"]),
        ("* [ ] a\n+ [X] b", ["a", "b"]),
        ("- [](x) a", []),
        ("1. a\r\n   b\r2. c", ["a\nb", "c"]),
        ("1. a\nlazy", ["a\nlazy"]),
        ("10. a\n\n    b\n\n        c", ["a\n\nb\n\n    c"]),
        ("1. ```\n   x\n   ```", ["```\nx\n```"]),
        ("1. \ud800", ["?"]),
    ],
)
def test_what_is_a_step(markdown: str, found: list[str]) -> None:
    assert texts(markdown) == found


def test_a_section_is_its_heading_as_read() -> None:
    (step,) = runbooks.steps("## *Check* `first`  \\<now\\>\n### Deeper `x`\n1. a")
    assert step.section == "Deeper x"
    (step,) = runbooks.steps("*Check*\n`first` \\<now\\>\n---\n> # quoted\n\n1. a")
    assert step.section == "Check first <now>"


def test_there_are_forty_at_most() -> None:
    assert texts("".join(f"{number}. s{number}\n" for number in range(1, 100))) == [f"s{n}" for n in range(1, 41)]


def test_a_long_step_is_cut_between_its_lines() -> None:
    (step,) = runbooks.steps("1. a\n\n   ```\n" + "".join(f"   line {number}\n" for number in range(300)) + "   ```\n")
    assert len(step.text) <= checklist.LONGEST
    kept = step.text.count("line ")
    assert re.search(rf"\nline {kept - 1}\n```\n\n… \(\+{300 - kept + 1} more lines\)$", step.text)
    (step,) = runbooks.steps(f"1. {'x' * 5_000}")
    assert re.fullmatch(r"x{960}… \(\+4040 characters\)", step.text)


def test_long_steps_that_begin_alike_are_told_apart() -> None:
    one, other = runbooks.steps(f"1. {'x' * 2_000}a\n2. {'x' * 2_000}b\n")
    assert one.text == other.text
    assert one.id != other.id
    assert "-" not in other.id


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.md")), ids=lambda file: file.stem)
def test_our_runbooks_have_steps(file: Path) -> None:
    found = runbooks.steps(file.read_text(encoding="utf-8").split("---\n", 2)[2])
    assert [step.number for step in found] == list(range(1, len(found) + 1))
    assert 3 <= len(found) <= 8
    assert {step.section for step in found} == {"Check first"}
    assert all(20 < len(step.text) < 400 for step in found)


@pytest.mark.parametrize(
    "piece", ["1. ", "1. a\n", "- [ ] ", "> 1. ", "[", "1)\n1.\n", "# a\n1. b\n", "\x00", "a|b\n-|-\n", "![a"]
)
def test_a_flood_gives_few_steps(piece: str) -> None:
    found = runbooks.steps(piece * (100_000 // len(piece)))
    assert len(found) <= checklist.MOST
    assert all(len(step.text) <= checklist.LONGEST for step in found)


@given(
    st.lists(
        st.sampled_from(["1. ", "- [ ] ", "- ", "# ", "\n", "   ", "a", "```\n", "> ", "\t", "é", "\ud800", "\r", "|"])
    )
)
def test_whatever_it_says_ids_are_unique(pieces: list[str]) -> None:
    found = runbooks.steps("".join(pieces))
    assert len({step.id for step in found}) == len(found)
    assert all(step.text.strip() for step in found)
