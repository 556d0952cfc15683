"""Grafana OnCall's exports: levels, rolling users and days of the week as its documents say, worked out by hand."""

from pathlib import Path
from typing import Any

import pytest

from tests.unit import imported

USERS = [
    {"id": f"U{name.upper()}", "username": name, "email": f"{name}@example.com"} for name in ("ada", "bo", "cy", "dee")
]
DAY = 86_400


def shift(name: str, start: str, hours: int, **more: Any) -> dict[str, Any]:
    given = more.pop("who", "")
    rolling = [[f"U{one.upper()}" for one in group.split("+")] for group in given.split()]
    found = {
        "id": f"O-{name}",
        "name": name,
        "type": "rolling_users",
        "start": start,
        "duration": hours * 3_600,
        "level": 0,
        "time_zone": None,
        "frequency": "weekly",
        "interval": 1,
        "by_day": None,
        "by_month": None,
        "by_monthday": None,
        "week_start": "MO",
        "rolling_users": rolling,
        "start_rotation_from_user_index": 0,
    }
    return {**found, **more}


def single(name: str, kind: str, start: str, hours: int, who: str, **more: Any) -> dict[str, Any]:
    users = [f"U{one.upper()}" for one in who.split()]
    return {
        "id": f"O-{name}",
        "name": name,
        "type": kind,
        "start": start,
        "duration": hours * 3_600,
        "users": users,
        **more,
    }


def schedule(zone: str, *shifts: dict[str, Any], **more: Any) -> dict[str, Any]:
    found = {"id": "S1", "name": "Core", "type": "web", "time_zone": zone, "shifts": [one["id"] for one in shifts]}
    return {"users": USERS, "schedules": {"results": [found], "next": None}, "on_call_shifts": list(shifts), **more}


def test_weeks_of_working_days_hand_over_with_the_first_event(tmp_path: Path) -> None:
    week = shift("week", "2026-10-19T09:00:00", 8, who="ada bo+cy", by_day=["MO", "TU", "WE", "TH", "FR"], level=1)
    base = shift("base", "2026-10-18T09:00:00", 168, who="dee", week_start="SU")
    made = imported.carry("grafana-oncall", schedule("Europe/Berlin", week, base), tmp_path)
    assert made.on_call("S1", "2026-10-23 12:00", "2026-10-27 12:00") == [
        "10-23 12:00+0200 ada",
        "10-23 17:00+0200 dee",
        "10-26 09:00+0100 bo, cy",
        "10-26 17:00+0100 dee",
        "10-27 09:00+0100 bo, cy",
    ]
    assert not made.lost


def test_days_that_roll_count_only_the_chosen_ones(tmp_path: Path) -> None:
    days = shift(
        "days",
        "2026-10-29T20:00:00",
        12,
        who="ada bo cy",
        frequency="daily",
        by_day=["MO", "TU", "WE", "TH", "FR"],
        start_rotation_from_user_index=1,
    )
    made = imported.carry("grafana-oncall", schedule("America/New_York", days), tmp_path)
    # Thursday is bo, Friday cy; the weekend is nobody's turn, and Monday is ada. The clocks go back on Sunday.
    assert made.on_call("S1", "2026-10-29 12:00", "2026-11-04 00:00") == [
        "10-29 12:00-0400 nobody",
        "10-29 20:00-0400 bo",
        "10-30 08:00-0400 nobody",
        "10-30 20:00-0400 cy",
        "10-31 08:00-0400 nobody",
        "11-02 20:00-0500 ada",
        "11-03 08:00-0500 nobody",
        "11-03 20:00-0500 bo",
    ]


def test_a_start_on_another_day_moves_to_the_first_of_its_days(tmp_path: Path) -> None:
    week = shift("week", "2026-10-24T09:00:00", 8, who="ada bo", by_day=["MO", "WE"])
    made = imported.carry("grafana-oncall", schedule("Europe/Berlin", week), tmp_path)
    # Saturday, 24 October is none of them: ada has the week after it, and bo the next.
    assert made.on_call("S1", "2026-10-24 00:00", "2026-11-03 00:00") == [
        "10-24 00:00+0200 nobody",
        "10-26 09:00+0100 ada",
        "10-26 17:00+0100 nobody",
        "10-28 09:00+0100 ada",
        "10-28 17:00+0100 nobody",
        "11-02 09:00+0100 bo",
        "11-02 17:00+0100 nobody",
    ]


def test_a_shift_without_a_frequency_happens_once(tmp_path: Path) -> None:
    once = shift("once", "2026-11-02T08:00:00", 4, who="ada bo", frequency=None)
    made = imported.carry("grafana-oncall", schedule("UTC", once), tmp_path)
    assert made.on_call("S1", "2026-11-02 00:00", "2026-12-02 00:00") == [
        "11-02 00:00+0000 nobody",
        "11-02 08:00+0000 ada",
        "11-02 12:00+0000 nobody",
    ]


def test_levels_single_events_and_overrides(tmp_path: Path) -> None:
    base = shift("base", "2026-11-02T00:00:00", 24, who="ada bo", frequency="daily")
    event = single("launch", "single_event", "2026-11-03T10:00:00", 4, "cy dee", level=2, time_zone="Europe/Berlin")
    over = single("over", "override", "2026-11-03T12:00:00", 1, "bo dee", time_zone="UTC")
    made = imported.carry("grafana-oncall", schedule("UTC", base, event, over), tmp_path)
    assert made.on_call("S1", "2026-11-03 00:00", "2026-11-05 00:00") == [
        "11-03 00:00+0000 bo",
        "11-03 09:00+0000 cy, dee",
        "11-03 12:00+0000 bo, dee",
        "11-03 13:00+0000 bo",
        "11-04 00:00+0000 ada",
    ]


def test_shifts_of_one_level_are_on_call_together_above_a_lower_one(tmp_path: Path) -> None:
    base = shift("base", "2026-11-02T00:00:00", 168, who="dee")
    one = shift("one", "2026-11-02T08:00:00", 8, who="ada", frequency="daily", level=1)
    two = shift("two", "2026-11-02T12:00:00", 8, who="bo cy", frequency="daily", level=1, interval=2)
    made = imported.carry("grafana-oncall", schedule("UTC", base, one, two), tmp_path)
    # `two` rests every other day, so that dee may be needed in its hours: said, since our layers cannot say it.
    assert made.lost == [
        "rotation O-base: several of one level are on call at once above it, not always; "
        "it counts where it should give way."
    ]
    two["interval"] = 1
    made = imported.carry("grafana-oncall", schedule("UTC", base, one, two), tmp_path)
    assert made.on_call("S1", "2026-11-03 00:00", "2026-11-04 09:00") == [
        "11-03 00:00+0000 dee",
        "11-03 08:00+0000 ada",
        "11-03 12:00+0000 ada, cy",
        "11-03 16:00+0000 cy",
        "11-03 20:00+0000 dee",
        "11-04 08:00+0000 ada",
    ]
    assert not made.lost


def test_intervals_until_and_a_rotation_that_began_later(tmp_path: Path) -> None:
    odd = shift(
        "odd",
        "2026-11-01T06:00:00",
        12,
        who="ada bo",
        frequency="daily",
        interval=2,
        rotation_start="2026-11-03T00:00:00",
        until="2026-11-07T06:00:00",
    )
    made = imported.carry("grafana-oncall", schedule("UTC", odd), tmp_path)
    # Events on the 1st (before it began), 3rd, 5th and 7th; the last begins at `until` and is held to its end.
    assert made.on_call("S1", "2026-11-01 00:00", "2026-11-12 00:00") == [
        "11-01 00:00+0000 nobody",
        "11-03 06:00+0000 bo",
        "11-03 18:00+0000 nobody",
        "11-05 06:00+0000 ada",
        "11-05 18:00+0000 nobody",
        "11-07 06:00+0000 bo",
        "11-07 18:00+0000 nobody",
    ]


def test_a_chain_becomes_tiers_between_its_waits(tmp_path: Path) -> None:
    def step(position: int, kind: str, **more: Any) -> dict[str, Any]:
        return {"id": f"E{position}", "escalation_chain_id": "F1", "position": position, "type": kind, **more}

    policies = [
        step(3, "wait", duration=900),
        step(0, "notify_on_call_from_schedule", notify_on_call_from_schedule="S1"),
        step(1, "wait", duration=300),
        step(2, "notify_persons", persons_to_notify=["UADA", "UBO"]),
        step(4, "notify_person_next_each_time", persons_to_notify_next_each_time=["UCY", "UDEE"]),
        step(5, "trigger_webhook", action_to_trigger="K"),
        step(6, "repeat_escalation"),
    ]
    export = schedule(
        "UTC",
        shift("base", "2026-11-02T00:00:00", 168, who="dee"),
        escalation_chains=[{"id": "F1", "name": "default", "team_id": None}],
        escalation_policies=policies,
    )
    made = imported.carry("grafana-oncall", export, tmp_path)
    ladder = made.draft.ladders[0]
    assert [(step_.page, str(step_.wait)) for step_ in ladder.steps] == [
        (("rota:core",), "0:05:00"),
        (("person:ada", "person:bo"), "0:15:00"),
        (("person:cy", "person:dee"), "None"),
    ]
    assert ladder.repeats == 5
    assert made.lost == [
        "chain F1: a step takes its people in turn (round robin); ours pages all of them.",
        "chain F1: step E5 (trigger webhook) has no like here.",
    ]


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"frequency": "monthly"}, "it repeats by months, for parts of them"),
        ({"by_monthday": [1]}, "it is limited by `by_monthday`, which has no like here"),
        ({"duration": 8 * DAY}, "its events are longer than what they repeat after, and overlap"),
        ({"duration": -1}, "it has no start, or no duration"),
        ({"start": "soon"}, "it has no start, or no duration"),
        ({"frequency": "yearly"}, "its frequency, or a day of it, is unknown"),
        ({"by_day": ["XX"]}, "its frequency, or a day of it, is unknown"),
        ({"rolling_users": [[], []]}, "nobody is in it"),
        ({"rolling_users": "x"}, "nobody is in it"),
        ({"interval": 10**9}, "its turns are too many to be written down"),
        ({"interval": 10**9, "duration": 3_600}, "its turns are too many to be written down"),
        ({"interval": 0}, "its interval or its length is no number to count with"),
        ({"until": "2001-01-01T00:00:00"}, "it ended before it began"),
        ({"time_zone": "Mars/Olympus"}, "without its zone nobody can say when it is"),
        ({"type": "party"}, "its type 'party' is unknown"),
    ],
)
def test_what_no_layer_can_say_is_named(more: dict[str, Any], why: str, tmp_path: Path) -> None:
    odd = {**shift("odd", "2026-11-02T00:00:00", 168, who="ada bo"), **more}
    made = imported.carry("grafana-oncall", schedule("UTC", odd), tmp_path)
    assert f"shift O-odd: {why}." in made.lost
    assert "schedule S1: Core has no rotation that can be carried over." in made.lost


def test_calendars_and_shifts_nobody_names_are_told(tmp_path: Path) -> None:
    lonely = shift("lonely", "2026-11-02T00:00:00", 168, who="ada")
    ical = {"id": "S2", "name": "Cal", "type": "ical", "ical_url_primary": "https://secret.example.com/k.ics"}
    made = imported.carry("grafana-oncall", {"users": USERS, "schedules": [ical], "on_call_shifts": [lonely]}, tmp_path)
    assert made.lost == [
        "schedule S2: Cal is a calendar by its address; write a layer with `calendar`.",
        "shift O-lonely: no schedule of the export names it.",
    ]
