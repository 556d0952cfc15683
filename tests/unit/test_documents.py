"""YAML is read so that every complaint has a file, a line and a cure."""

from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from bot import documents
from bot.documents import Duration, Form
from bot.errors import BadConfig, BadInput


def refused(yaml: str) -> str:
    with pytest.raises(BadConfig) as caught:
        documents.parse(yaml, "a.yaml")
    return str(caught.value)


def test_plain_values_stay_what_they_look_like() -> None:
    read = documents.parse('at: 22:30\nno: no\nday: 2027-06-01\nn: 3\nx: 0.3\nnone: null\ntext: "1"\n', "a.yaml")
    assert read.data == {
        "at": "22:30",
        "no": "no",
        "day": date(2027, 6, 1),
        "n": 3,
        "x": 0.3,
        "none": None,
        "text": "1",
    }


def test_every_value_has_its_line() -> None:
    read = documents.parse("a:\n  - {b: 1}\n  -\n    c: 2\n\nd: 3\n", "a.yaml")
    assert [read.line(*path) for path in [("a",), ("a", 0, "b"), ("a", 1, "c"), ("d",)]] == [1, 2, 4, 6]
    assert read.line("a", 1, "c", "below", 7) == 4
    assert read.line("nowhere") == 1


def test_an_empty_file_is_an_empty_mapping() -> None:
    assert documents.parse("# nothing yet\n", "a.yaml").data == {}


def test_an_alias_is_written_out() -> None:
    assert documents.parse("a: &x {b: 1}\nc: *x\n", "a.yaml").data == {"a": {"b": 1}, "c": {"b": 1}}


def test_every_duplicate_key_is_named_at_once() -> None:
    said = refused("a: 1\nb: {c: 1, c: 2}\na: 2\n")
    assert said.splitlines() == [
        "a.yaml:2: The key 'c' stands in line 2 already. Keep one of the two.",
        "a.yaml:3: The key 'a' stands in line 1 already. Keep one of the two.",
    ]


@pytest.mark.parametrize(
    ("yaml", "said"),
    [
        ("a:\n\tb: 1\n", "a.yaml:2: This is not YAML: found character '\\t' that cannot start any token. Indent with"),
        ("a: 1\nb: [1, 2\n", "a.yaml:3: This is not YAML: expected ',' or ']'"),
        ("a: *gone\n", "a.yaml:1: This is not YAML: found undefined alias 'gone'."),
        ("a: 1\n---\nb: 1\n", "a.yaml:2: This is not YAML: found another document."),
        ("a: !!python/object:os.system ls\n", "a.yaml:1: The tag os.system is not read here."),
        ("a: 1\nb: !!binary aGk=\n", "a.yaml:2: The tag binary is not read here."),
        ("x: 1\na: \x00\n", "a.yaml:2: A control character stands here."),
        ("[1, 2]: 3\n", "a.yaml:1: A key must be one word."),
        ("a: 2027-13-45\n", "a.yaml:1: This is no timestamp. Quote it if it is meant as text."),
        ("a: " + "9" * 5_000 + "\n", "a.yaml:1: This is no int."),
        ("a: &a [*a]\n", "a.yaml:1: There are more than 100000 values or 50 levels here."),
        ("[" * 3_000, "a.yaml:1: This is no readable YAML."),
    ],
)
def test_what_is_not_plain_yaml_is_refused_with_its_line(yaml: str, said: str) -> None:
    assert refused(yaml).startswith(said)


def test_a_bomb_of_aliases_is_refused() -> None:
    levels = "abcdefghi"
    bomb = "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(
        f"{name}: &{name} [{', '.join(['*' + before] * 9)}]\n" for before, name in pairwise(levels)
    )
    assert "There are more than 100000 values" in refused(bomb)


def test_a_missing_file_says_which_and_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match=r"people\.yaml: There is no such file\. `tocsin init` writes one\."):
        documents.read(tmp_path / "people.yaml")


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"a: \xff\n", "Byte 3 is not UTF-8."), (b"a" * (documents.LARGEST + 1), "The file is over 1048576 bytes.")],
)
def test_a_file_that_is_no_text_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "a.yaml").write_bytes(content)
    with pytest.raises(BadConfig, match=said):
        documents.read(tmp_path / "a.yaml")


def test_windows_line_ends_and_byte_order_marks_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    read = documents.read(tmp_path / "a.yaml")
    assert read.data == {"a": 1, "b": 2}
    assert read.line("b") == 2


def test_a_folder_instead_of_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="The file cannot be read"):
        documents.read(tmp_path)


def test_a_head_and_its_body_are_told_apart() -> None:
    document, body = documents.head("---\ntitle: x\n---\n## Goal\n---\nmore\n", "a.md")
    assert (document.data, body) == ({"title": "x"}, "## Goal\n---\nmore\n")
    assert document.line("title") == 2


def test_an_empty_head_is_a_head() -> None:
    document, body = documents.head("---\n---\nbody", "a.md")
    assert (document.data, body) == ({}, "body")


@pytest.mark.parametrize("text", ["", "# Title\n", "---\ntitle: x\n", "\n---\na: 1\n---\n"])
def test_markdown_without_a_head_is_refused(text: str) -> None:
    with pytest.raises(BadConfig, match=r"a\.md:1: There is no YAML head\."):
        documents.head(text, "a.md")


class Seat(Form):
    """A seat."""

    name: str
    kind: Literal["window", "aisle"] = "window"
    wait: Duration | None = None


class Room(Form):
    """A room."""

    seats: list[Seat] = Field(default=[])
    by_name: dict[str, Seat] = Field(default={})
    is_: str = Field(default="", alias="is")


def complaints(yaml: str) -> list[str]:
    document = documents.parse(yaml, "a.yaml")
    found, wrong = documents.fit(Room, document.data, document)
    assert (found is None) == bool(wrong)
    return [str(one) for one in wrong]


def test_a_form_that_fits_has_no_complaints() -> None:
    assert complaints("seats: [{name: a, wait: 10m}]\nis: there\n") == []


def test_every_complaint_names_line_key_and_cure_at_once() -> None:
    yaml = (
        "seats:\n  - {name: a, kid: aisle}\n  - kind: isle\n  - {name: 3, wait: 10}\nby_name: {x: {nmae: a}}\nsi: 1\n"
    )
    assert complaints(yaml) == [
        "a.yaml:2: There is no setting `seats[0].kid`. Did you mean 'kind'?",
        "a.yaml:3: `seats[1].name` is missing. Add it.",
        "a.yaml:3: `seats[1].kind` must be 'window' or 'aisle'. Did you mean 'aisle'?",
        "a.yaml:4: `seats[2].name` must be a valid string.",
        "a.yaml:4: `seats[2].wait` needs a unit. Write 45s, 10m, 1h30m, 2 hours or 1 week.",
        "a.yaml:5: `by_name.x.name` is missing. Add it.",
        "a.yaml:5: There is no setting `by_name.x.nmae`. Did you mean 'name'?",
        "a.yaml:6: There is no setting `si`. Known here: seats, by_name, is.",
    ]


def test_a_complaint_shows_no_value() -> None:
    assert "hunter2" not in str(complaints("seats: [{name: {hunter2: x}, kind: hunter2, wait: hunter2}]\n"))


def test_a_list_instead_of_a_mapping_is_a_complaint() -> None:
    assert len(complaints("- a\n- b\n")) == 1


def test_many_complaints_are_one_error_with_a_line_for_each() -> None:
    both = documents.BadConfigs(
        [BadConfig("No a.", "Add a.", file="x.yaml", line=1), BadConfig("No b.", file="y.yaml")]
    )
    assert str(both).splitlines() == ["x.yaml:1: No a. Add a.", "y.yaml: No b."]
    assert documents.each(both) == both.complaints
    assert documents.each(both.complaints[0]) == (both.complaints[0],)


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("45s", 45),
        ("10m", 600),
        ("2h", 7_200),
        ("1h30m", 5_400),
        ("1h 30m", 5_400),
        ("2 hours", 7_200),
        ("1 hour and 30 minutes", 5_400),
        ("90 min", 5_400),
        ("1 week", 604_800),
        ("1 day, 2 hours", 93_600),
        ("1w2d", 777_600),
    ],
)
def test_lengths_of_time_are_read_as_people_write_them(words: str, seconds: int) -> None:
    assert documents.duration(words) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "words", ["", "10", "m", "30m1h", "5m5m", "10 minuts", "-1m", "1.5h", "10m!", "1h ", "ten minutes", "9999999s"]
)
def test_other_lengths_are_refused_with_the_forms(words: str) -> None:
    with pytest.raises(BadInput, match="Write 45s, 10m, 1h30m, 2 hours or 1 week"):
        documents.duration(words)


@given(st.integers(0, 999), st.integers(1, 59), st.integers(1, 59))
def test_what_is_composed_of_units_is_their_sum(hours: int, minutes: int, seconds: int) -> None:
    expected = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    assert documents.duration(f"{hours}h{minutes}m{seconds}s") == expected
    assert documents.duration(f"{hours} hours, {minutes} minutes and {seconds} seconds") == expected


@given(st.text(max_size=60))
def test_whatever_stands_in_a_file_is_data_or_a_complaint(text: str) -> None:
    found: tuple[BadConfig, ...] = ()
    try:
        documents.parse(text, "a.yaml")
    except BadConfig as error:
        found = documents.each(error)
    assert all(one.file == "a.yaml" and one.line >= 1 for one in found)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("a: [{secret: ${A}, url: ${B:-http://x/}y}]", [{"secret": "${A}", "url": "${B:-http://x/}y"}]),
        ("a: {b: ${A}}  # ${C}", {"b": "${A}"}),
        ("a: [${A}, ${B}]", ["${A}", "${B}"]),
        ("a: {b: \"see: ${A}\", c: 'x, ${B}'}", {"b": "see: ${A}", "c": "x, ${B}"}),
        ("a: ${A:-x}", "${A:-x}"),
    ],
)
def test_a_bare_variable_may_stand_between_flow_brackets(written: str, read: object) -> None:
    assert documents.parse(written, "a.yaml").data == {"a": read}
