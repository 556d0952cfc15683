"""`tocsin report` and `tocsin incident similar`: figures and likenesses on a terminal, and as JSON."""

import json

import pytest

from tests.cli.conftest import Type

SPAN = ("--from", "2026-11-02", "--to", "2026-11-23")


@pytest.fixture(autouse=True)
def kept(typed: Type) -> None:
    """There is a database."""
    typed("migrate")


def test_a_span_in_which_nothing_happened_is_said_to_be_one(typed: Type) -> None:
    shown = typed("report", *SPAN).stdout.splitlines()
    assert shown[0] == "everything, 2026-11-02 00:00:00Z to 2026-11-23 00:00:00Z"
    assert shown[1].strip() == "Nothing happened in that time, nor before it."


def test_programs_read_all_of_it(typed: Type) -> None:
    told = json.loads(typed("report", *SPAN, "--json").stdout)
    assert told["now"]["incidents"] == told["before"]["incidents"] == 0
    assert told["now"]["acknowledge"] == {"count": 0, "median": None, "mean": None, "p90": None}
    assert told["shares"]["now"] == {"precision": None, "ended_by_themselves": None, "pages_each": None}
    assert told["precision_by_monitor"] == {}
    assert len(told["now"]["hours"]) == 24


@pytest.mark.parametrize(("by", "head"), [("monitor", "MONITOR"), ("model", "MODEL"), ("person", "PERSON")])
def test_it_is_broken_down_as_asked(typed: Type, by: str, head: str) -> None:
    shown = typed("report", *SPAN, "--by", by).stdout
    assert head in shown
    assert ("share the load" in shown) is (by == "person")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--from", "2026-11-09", "--to", "2026-11-02"), "--to is not after --from."),
        (("--from", "2020-11-09", "--to", "2026-11-02"), "more than three years"),
        (("--from", "soon"), "is no moment"),
        (("--by", "luck"), "luck"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_cure(typed: Type, words: tuple[str, ...], complaint: str) -> None:
    assert complaint in typed("report", *words, code=2).stderr


def test_what_is_called_by_no_name_is_answered_with_the_nearest(typed: Type) -> None:
    assert "churn" in typed("report", *SPAN, "--model", "chrun", code=1).stderr


def test_an_incident_that_is_not_there_is_like_nothing(typed: Type) -> None:
    assert "There is no incident INC-7." in typed("incident", "similar", "7", code=1).stderr
