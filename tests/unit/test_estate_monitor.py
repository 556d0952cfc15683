"""The monitor of the estate: what breaches is said at once and again, and is over after two windows that were well."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from bot.sandbox.estate import agent, measures
from bot.sandbox.estate.agent import Call, Run
from bot.sandbox.estate.linear import Range
from bot.sandbox.estate.measures import Finding, Reading
from bot.sandbox.estate.monitor import Monitor

START = datetime(2026, 11, 23, 3, 38, tzinfo=UTC)
WINDOW = timedelta(seconds=5)


def finding(value: float, *, metric: str = "psi", feature: str | None = "tenure", model: str = "churn") -> Finding:
    """Drift of one feature, beyond 0.25."""
    reading = Reading(metric, value, ">", 0.25, 500, 0.0, feature)
    return Finding(model, "7", "drift", f"{model}/{metric}/{feature}", (reading,))


class Listener:
    """A monitor, and somebody who is told what it says while they listen."""

    def __init__(self) -> None:
        self.monitor = Monitor(WINDOW)
        self.at = START

    def window(self, *findings: Finding, deaf: bool = False) -> list[dict[str, Any]]:
        """One window; what was said after it."""
        self.at += WINDOW
        said = self.monitor.hear(findings, self.at)
        if not deaf:
            self.monitor.told(said, self.at)
        return said

    def statuses(self, *values: float) -> list[list[str]]:
        """The statuses said after each of so many windows."""
        return [[one["status"] for one in self.window(finding(value))] for value in values]


def test_the_first_breach_is_said_at_once_with_all_that_is_known() -> None:
    (body,) = Listener().window(finding(0.31))
    assert body == {
        "problem": "churn/psi/tenure",
        "title": "tenure of churn 7 drifted: PSI 0.31, the limit is 0.25",
        "summary": "Measured on 500 of what was served within 5 s.",
        "status": "firing",
        "kind": "drift",
        "model": "churn",
        "version": "7",
        "environment": "production",
        "started_at": "2026-11-23T03:38:05+00:00",
        "evaluated_at": "2026-11-23T03:38:05+00:00",
        "measures": [
            {
                "metric": "psi",
                "value": 0.31,
                "threshold": 0.25,
                "op": ">",
                "baseline": 0.0,
                "sample_size": 500,
                "window": "5s",
                "feature": "tenure",
            }
        ],
    }


def test_it_is_said_again_every_minute_and_over_after_two_windows_that_were_well() -> None:
    listener = Listener()
    assert listener.statuses(*[0.3] * 13) == [["firing"], *[[]] * 11, ["firing"]]
    assert listener.statuses(0.1, 0.1, 0.1) == [[], ["resolved"], []]


def test_one_window_that_is_well_is_not_the_end() -> None:
    listener = Listener()
    assert listener.statuses(0.3, 0.1, 0.3, 0.1, 0.1) == [["firing"], [], [], [], ["resolved"]]


def test_it_keeps_its_start_and_its_name_while_it_lasts() -> None:
    listener = Listener()
    (first,) = listener.window(finding(0.31))
    listener.window(finding(0.1))
    (over,) = listener.window(finding(0.05))
    assert over["started_at"] == first["started_at"]
    assert over["title"] == first["title"]
    assert over["measures"][0]["value"] == 0.05
    assert over["evaluated_at"] == over["ended_at"] > first["evaluated_at"]
    (again,) = listener.window(finding(0.4))
    assert again["started_at"] > over["ended_at"]


def test_what_was_not_delivered_is_said_again() -> None:
    listener = Listener()
    assert listener.window(finding(0.3), deaf=True)[0]["status"] == "firing"
    assert listener.statuses(0.3) == [["firing"]]
    listener.window(finding(0.1))
    assert listener.window(finding(0.1), deaf=True)[0]["status"] == "resolved"
    assert listener.statuses(0.1, 0.1) == [["resolved"], []]


def test_what_nobody_ever_heard_of_ends_in_silence() -> None:
    listener = Listener()
    listener.window(finding(0.3), deaf=True)
    assert [listener.window(finding(0.1), deaf=True) for _ in range(3)] == [[], [], []]


def test_a_feature_that_is_read_no_more_is_over() -> None:
    listener = Listener()
    listener.window(finding(0.3))
    assert listener.window(finding(0.1, feature="orders")) == []
    (over,) = listener.window(finding(0.1, feature="orders"))
    assert (over["problem"], over["status"], over["measures"]) == ("churn/psi/tenure", "resolved", [])
    assert "does not read it" in over["summary"]


def test_a_model_that_answered_nothing_is_neither_well_nor_worse() -> None:
    listener = Listener()
    listener.window(finding(0.3))
    assert [listener.window(finding(0.1, model="demand")) for _ in range(30)] == [[]] * 30
    assert list(listener.monitor.problems) == ["churn/psi/tenure"]


def test_a_paused_table_is_not_well_because_only_its_age_is_known() -> None:
    listener = Listener()
    (odd,) = measures.quality("listings", "2", {"area": np.array([900.0])}, {"area": Range(low=0, high=400)})
    listener.window(odd)
    age = measures.freshness("listings", "2", START, START)
    assert [listener.window(age) for _ in range(3)] == [[], [], []]
    assert [*listener.monitor.problems] == ["listings/unusual/area"]


def test_a_clock_that_was_turned_back_silences_nothing() -> None:
    listener = Listener()
    listener.window(finding(0.3))
    listener.at -= timedelta(hours=8)
    assert listener.statuses(0.3, 0.3) == [["firing"], []]


def test_it_goes_on_where_another_stopped() -> None:
    listener = Listener()
    listener.window(finding(0.3))
    listener.window(finding(0.1))
    said = json.loads(json.dumps(listener.monitor.spelled()))
    listener.monitor = Monitor.read(said, WINDOW)
    assert listener.statuses(0.1) == [["resolved"]]


def test_the_worst_of_several_measures_is_named_first() -> None:
    told = (Reading("auc", 0.69, "<", 0.70, 500, 0.86), Reading("log_loss", 1.4, ">", 0.60, 500, 0.41))
    (body,) = Listener().window(Finding("churn", "7", "performance", "churn/performance", told))
    assert [one["metric"] for one in body["measures"]] == ["log_loss", "auc"]
    assert body["title"] == "churn 7 performs worse: log_loss 1.4, the limit is 0.6"


def test_of_versions_that_share_the_traffic_the_worst_counts() -> None:
    both = [finding(0.1), finding(0.9), finding(0.2)]
    assert [one.readings[0].value for one in measures.one_each(both)] == [0.9]


def test_a_reading_is_beyond_its_limit_on_its_own_side() -> None:
    low, high = Reading("auc", 0.63, "<", 0.70, 500), Reading("mape", 0.5, ">", 0.25, 500)
    assert (low.breaches, high.breaches) == (True, True)
    assert low.beyond == pytest.approx(0.1)
    assert high.beyond == pytest.approx(1.0)
    assert not Reading("auc", 0.7, "<", 0.70, 500).breaches


def test_rows_out_of_their_range_and_columns_that_are_gone_are_unusual() -> None:
    columns = {"area": np.array([50.0, np.nan, 900.0, 60.0])}
    found = list(
        measures.quality("listings", "2", columns, {"area": Range(low=0, high=400), "rooms": Range(low=1, high=9)})
    )
    assert [(one.problem, one.readings[0].value) for one in found] == [
        ("listings/unusual/area", 0.5),
        ("listings/unusual/rooms", 1.0),
    ]


def test_a_table_is_stale_after_five_minutes() -> None:
    ages = [timedelta(0), timedelta(minutes=5), timedelta(minutes=6)]
    found = [measures.freshness("listings", "1", START, START + age).breaches for age in ages]
    assert found == [False, False, True]


def test_a_task_is_dear_at_three_times_the_usual() -> None:
    looks = tuple(Call("search_orders", "") for _ in range(5))
    usual = {"cost_per_task_usd": 0.01, "steps_per_task": 2.0}
    dear = measures.cost("refund-agent", "4", [Run(looks, agent.GAVE_UP, 100_000, 100)], usual)
    assert [(one.metric, one.breaches) for one in dear.readings] == [
        ("cost_per_task_usd", True),
        ("steps_per_task", False),
    ]
    assert dear.note == "1 of 1 tasks gave up; one made the call search_orders('') 5 times."
    assert measures.cost("refund-agent", "4", [Run(looks, "reply", 1, 1)], {}).readings == ()
