"""The figures of docs/figures.md, worked by hand; what is unknown stays so, and small numbers are said to be small."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import words
from bot.engine import insights
from bot.engine.figures import About, Report
from bot.model.figures import Case, Facts, Figures, Load, Made, Passed, Ring, Spread, Worth
from bot.model.incident import ENDED, FALSE_ALARM, RESOLVED
from bot.rules import figures

MONDAY = datetime(2026, 11, 2, tzinfo=UTC)
ISTANBUL = "Europe/Istanbul"
LATE = timedelta(minutes=15)
EN, TR = words.ENGLISH, words.TURKISH


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """That day of the week, 0 for Monday."""
    return MONDAY + timedelta(days=day, hours=hour, minutes=minute)


def near(value: float) -> Any:
    """That number, as floats are."""
    return pytest.approx(value)


def ring(incident: str, person: str, when: datetime, step: int = 0, rank: int = 0, zone: str = ISTANBUL) -> Ring:
    """A page."""
    return Ring(incident, person, when, zone, step, rank)


TWO = ("INC-2", "churn", "prom", at(0, 20), at(0, 19, 55))
CASES = (
    Case("INC-1", "churn", "prom", at(0, 10), at(0, 9, 50), at(0, 10, 4), None, at(0, 11), RESOLVED, True),
    Case(*TWO, at(0, 20, 10), at(0, 20, 30), at(0, 22), RESOLVED, True, True),
    Case("INC-3", "price", "prom", at(1, 2), None, None, None, at(1, 2, 20), ENDED),
    Case("INC-4", "churn", "drift", at(2, 12), at(2, 12), at(2, 12, 1), None, at(2, 12, 6), FALSE_ALARM, True),
    Case("INC-5", "price", "drift", at(3, 9), at(3, 8, 40), at(3, 9, 30), None, at(3, 10), ENDED),
    Case("INC-6", None, "", at(4, 14)),
)  # fmt: skip
RINGS = (
    ring("INC-1", "ada", at(0, 10)),
    ring("INC-2", "ada", at(0, 20)),
    ring("INC-2", "bo", at(0, 20, 10), 1, 1),
    ring("INC-3", "ada", at(1, 2)),
)
CHANGES = (
    Made("CHG-1", "rollback", True, False, at(0, 20, 20), at(0, 20, 30)),
    Made("CHG-2", "promote", True, True, at(3, 9), at(3, 9, 20)),
    Made("CHG-3", "shift", False, False, at(3, 12), None),
)
SHIFTS = (Passed(timedelta(minutes=15)), Passed(timedelta(minutes=16)), Passed(None))
WEEK = Facts(CASES, RINGS, CHANGES, SHIFTS)


@pytest.fixture(scope="module")
def told() -> Figures:
    """The week of the example."""
    return figures.count(WEEK, LATE)


def test_the_lengths_of_the_example_are_those_worked_by_hand(told: Figures) -> None:
    assert told.detect == Spread(4, 450.0, 525.0, near(1020.0))
    assert told.acknowledge == Spread(4, 420.0, 675.0, near(1440.0))
    assert (told.waiting, told.unanswered) == (1, 1)
    assert told.mitigate == Spread(1, 1800.0, 1800.0, 1800.0)
    assert (told.resolve.count, told.resolve.median, told.resolve.mean) == (4, 3600.0, 3900.0)
    assert told.verify == Spread(2, 900.0, 900.0, near(1140.0))


def test_what_ended_after_a_change_did_not_end_by_itself() -> None:
    changed = replace(CASES[2], acted=True)
    assert figures.count(replace(WEEK, cases=(*CASES, changed)), LATE).ended == 2


def test_so_is_what_was_worth_it(told: Figures) -> None:
    assert (told.useful, told.noise, told.unknown, told.precision) == (2, 2, 2, 0.5)
    worth = [(one.name, one.incidents, one.useful, one.noise, one.unknown) for one in told.monitors]
    assert worth == [("prom", 3, 2, 1, 0), ("drift", 2, 0, 1, 1), ("", 1, 0, 0, 1)]
    assert [one.precision for one in told.monitors] == [pytest.approx(2 / 3), 0.0, None]
    assert (told.incidents, told.open, told.ended, told.closed, told.alone) == (6, 1, 2, 5, 0.4)
    assert [(one.name, one.incidents, one.pages) for one in told.models] == [
        ("churn", 3, 3),
        ("price", 2, 1),
        ("", 1, 0),
    ]


def test_so_are_the_pages_and_the_nights(told: Figures) -> None:
    assert (told.pages, told.paged, told.pages_each) == (4, 3, 4 / 3)
    assert (told.night_pages, told.nights, told.escalations) == (3, 2, 1)
    assert {hour: count for hour, count in enumerate(told.hours) if count} == {5: 1, 13: 1, 23: 2}
    assert told.people == (Load("ada", 3, 2, 1), Load("bo", 1, 1, 1))
    elsewhere = [replace(one, zone="America/Los_Angeles") for one in RINGS]
    assert figures.count(replace(WEEK, rings=tuple(elsewhere)), LATE).night_pages == 1, "their night, not ours"


def test_so_are_changes_and_handovers(told: Figures) -> None:
    assert (told.changes, told.failed, told.taken_back, told.rollbacks) == (2, 1, 1, 1)
    assert (told.handovers, told.late) == (3, 2)


def test_the_page_says_the_same() -> None:
    page = (Path(__file__).parents[2] / "docs/figures.md").read_text("utf-8")
    for said in (
        "median 450 s, mean 525 s",
        "median 420 s, mean 675 s",
        "mean 3,900 s",
        "2 of 3; drift: 0 of 1",
        "2 of 5",
    ):
        assert said in page


@pytest.mark.parametrize(
    ("facts", "worth"),
    [
        ({"resolution": FALSE_ALARM, "by_hand": True, "acted": True}, Worth.NOISE),
        ({"resolution": ENDED, "acted": True}, Worth.USEFUL),
        ({"mitigated_at": MONDAY}, Worth.USEFUL),
        ({"resolution": RESOLVED, "by_hand": True}, Worth.USEFUL),
        ({"resolution": RESOLVED}, Worth.UNKNOWN),
        ({"resolution": ENDED}, Worth.NOISE),
        ({"resolution": ENDED, "acknowledged_at": MONDAY}, Worth.UNKNOWN),
        ({}, Worth.UNKNOWN),
    ],
)
def test_each_outcome_has_the_worth_that_is_written_down(facts: dict[str, Any], worth: Worth) -> None:
    assert figures.judge(Case("INC-1", "churn", "prom", MONDAY, **facts)) is worth


def test_nothing_at_all_is_counted_as_nothing() -> None:
    none = figures.count(Facts(), LATE)
    assert none == Figures()
    assert (none.precision, none.alone, none.pages_each) == (None, None, None)
    report = Report(About(), MONDAY, at(7, 0), none, none)
    assert list(insights.lines(report, EN)) == ["Nothing happened in that time, nor before it."]


def test_a_clock_that_runs_ahead_makes_no_length_negative() -> None:
    ahead = Case("INC-1", "churn", "prom", MONDAY, MONDAY + timedelta(hours=1))
    assert figures.count(Facts((ahead,)), LATE).detect == Spread(1, 0.0, 0.0, 0.0)


def test_few_are_said_to_be_few_and_never_compared(told: Figures) -> None:
    said = "\n".join(insights.lines(Report(About(), MONDAY, at(7, 0), told, Figures(incidents=1)), EN))
    assert "Time to acknowledge (MTTA): median 7m, mean 11m, 90% within 24m, of 4 (4 and 0 before: too few" in said
    assert "In none of that: 1 that nobody has taken yet, 1 that were over before" in said
    assert "precision not said of so few" in said
    assert "%" not in said.replace("90%", "").replace("(40%)", "")
    assert "Ended by themselves: 2 of 5 (40%) (5 and 0 before: too few to compare)" in said


def test_enough_are_compared_with_the_span_before(told: Figures) -> None:
    many = figures.count(Facts(CASES * 3, RINGS * 3), LATE)
    more = replace(many, incidents=36, acknowledge=Spread(12, 840.0, 900.0, 1000.0), useful=2, noise=8)
    said = list(insights.lines(Report(About(entity="retail"), MONDAY, at(7, 0), many, more), EN))
    assert said[0] == "Incidents: 18, still open: 3 (before: 36, -50%)"
    assert any("median 7m" in line and "(before: 14m, -50%)" in line for line in said)
    assert any("precision 50% (before: 20%)" in line for line in said)
    assert insights.about(About(entity="retail", model="churn"), EN.insights) == "entity retail, churn"
    turkish = list(insights.lines(Report(About(), MONDAY, at(7, 0), many, more), TR))
    assert turkish[0] == "Olaylar: 18, hâlâ açık: 3 (önce: 36, -50%)"


def test_people_stand_in_the_order_of_their_names_whoever_was_paged_more(told: Figures) -> None:
    rings = [ring("INC-1", name, MONDAY) for name in ("bo", "bo", "bo", "ada")]
    assert [one.person for one in figures.people(rings)] == ["ada", "bo"]
    assert insights.person(told.people[0], EN.insights) == "ada: 3, at night 2 in 1 nights"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0s"), (59.6, "1m"), (150, "2m30s"), (3_725, "1h2m"), (90_000, "1d1h"), (0.4, "0s")],
)
def test_a_length_is_as_exact_as_it_is_of_use(seconds: float, said: str) -> None:
    assert insights.length(seconds) == said
