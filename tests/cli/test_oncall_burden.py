"""`tocsin oncall burden` and `gaps`: who bore how much, and when nobody would."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Type

SPAN = ("--from", "2026-11-02 09:00", "--to", "2026-11-23 09:00")


@pytest.fixture(autouse=True)
def kept(typed: Type) -> None:
    """There is a database."""
    typed("migrate")


def test_each_person_is_shown_with_what_they_bore_and_what_is_not_covered(typed: Type) -> None:
    told = json.loads(typed("oncall", "burden", "first-line", *SPAN, "--json").stdout)
    assert [(one["person"], one["hours"], one["nights"], one["share"]) for one in told["people"]] == [
        ("ada", 168.0, 7.0, 0.5), ("bo", 168.0, 7.0, 0.5),
    ]  # fmt: skip
    assert (told["covered"], told["unfair"]) == (0.6667, [])
    shown = typed("oncall", "burden", "first-line", *SPAN).stdout
    assert "somebody was on call 66.7% of the time." in shown
    assert shown.splitlines()[0].split() == [
        "PERSON", "HOURS", "NIGHTS", "WEEKENDS", "HOLIDAYS", "PAGES", "BY", "NIGHT", "SHARE", "OFF", "EVEN",
    ]  # fmt: skip


def test_a_night_and_holidays_are_as_they_are_asked_for(typed: Type) -> None:
    words = ("--night", "00:00-06:00", "--holidays", "US", "--json")
    told = json.loads(typed("oncall", "burden", "first-line", *SPAN[:3], "2026-11-12", *words).stdout)
    (ada, _) = told["people"]
    assert (ada["nights"], ada["holidays"]) == (7.0, 0.0)
    assert told["unfair"][0] == "ada has 100% of the hours of 2 people; even were 50%."
    year = json.loads(
        typed("oncall", "burden", "first-line", "--from", "2026-11-23", "--to", "2026-11-27", *words).stdout
    )
    assert sum(one["holidays"] for one in year["people"]) == 1.0  # Thanksgiving


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--night", "dusk"), "Write --night 22:00-07:00."),
        (("--night", "22:00+01:00-07:00"), "names a zone."),
        (("--holidays", "Atlantis"), "Nobody knows the holidays of 'Atlantis'."),
        (("--from", "2026-11-09", "--to", "2026-11-02"), "--to is not after --from."),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_cure(typed: Type, words: tuple[str, ...], complaint: str) -> None:
    assert complaint in typed("oncall", "burden", "first-line", *words, code=2).stderr


def test_a_rota_that_is_not_there_is_answered_with_the_nearest(typed: Type) -> None:
    assert "first-line" in typed("oncall", "burden", "first-lin", code=1).stderr


@pytest.mark.usefixtures("slack")
def test_a_gap_fails_the_command_and_none_does_not(folder: Path, typed: Type) -> None:
    assert "4 of 4 tiers are armed" in typed("oncall", "gaps").stdout
    path = folder / "runbooks/drift.md"
    path.write_text(path.read_text("utf-8").replace("person:ada", "rota:first-line"), "utf-8")
    told = json.loads(typed("oncall", "gaps", "--days", "28", "--json", code=1).stdout)
    assert {tuple(gap["targets"]) for gap in told["gaps"]} == {("rota:first-line",)}
    assert told["gaps"][0]["owners"] == ["team:churn-ml"]
    assert told["armed"] < told["tiers"]
