"""PagerDuty's exports: the shifts are those its documents give, worked out by hand."""

from pathlib import Path
from typing import Any

from tests.unit import imported

DAY, WEEK = 86_400, 604_800
USERS = [{"id": f"P{name.upper()}", "name": name, "email": f"{name}@example.com"} for name in ("ada", "bo", "cy")]


def layer(start: str, seconds: int, who: str, **more: Any) -> dict[str, Any]:
    users = [{"user": {"id": f"P{name.upper()}"}} for name in who.split()]
    return {
        "id": f"L-{who.replace(' ', '-')}",
        "name": "a layer",
        "start": start,
        "end": None,
        "rotation_virtual_start": start,
        "rotation_turn_length_seconds": seconds,
        "users": users,
        "restrictions": [],
        **more,
    }


def daily(at: str, hours: float) -> dict[str, Any]:
    return {"type": "daily_restriction", "start_time_of_day": at, "duration_seconds": int(hours * 3_600)}


def weekly(day: int, at: str, hours: float) -> dict[str, Any]:
    return {**daily(at, hours), "type": "weekly_restriction", "start_day_of_week": day}


def schedule(zone: str, *layers: dict[str, Any], **more: Any) -> dict[str, Any]:
    found = {"id": "PS1", "name": "Core Primary", "time_zone": zone, "schedule_layers": list(layers), **more}
    return {"users": USERS, "schedules": [found]}


def test_a_night_layer_wins_while_its_restriction_holds_and_clocks_go_back(tmp_path: Path) -> None:
    nights = layer("2026-10-26T20:00:00-04:00", DAY, "cy bo", restrictions=[daily("20:00:00", 12)])
    weeks = layer("2026-10-26T09:00:00-04:00", WEEK, "ada bo")
    override = {
        "id": "PO1",
        "start": "2026-11-02T12:00:00-05:00",
        "end": "2026-11-02T18:00:00-05:00",
        "user": {"id": "PCY", "type": "user_reference"},
    }
    made = imported.carry("pagerduty", schedule("America/New_York", nights, weeks, overrides=[override]), tmp_path)
    # The clocks go back on Sunday, 1 November. Saturday is night 5 (bo), Sunday night 6 (cy), Monday night 7 (bo).
    assert made.on_call("PS1", "2026-10-31 12:00", "2026-11-03 09:00") == [
        "10-31 12:00-0400 ada",
        "10-31 20:00-0400 bo",
        "11-01 08:00-0500 ada",
        "11-01 20:00-0500 cy",
        "11-02 08:00-0500 ada",
        "11-02 09:00-0500 bo",
        "11-02 12:00-0500 cy",
        "11-02 18:00-0500 bo",  # through the night, which is bo's as well
    ]
    assert not made.lost


def test_a_weekly_restriction_of_63_hours_ends_by_the_wall_clock_when_clocks_go_forward(tmp_path: Path) -> None:
    weekends = layer("2027-03-15T08:00:00+01:00", WEEK, "ada bo", restrictions=[weekly(5, "17:00:00", 63)])
    made = imported.carry("pagerduty", schedule("Europe/Berlin", weekends), tmp_path)
    # Friday 17:00 until Monday 08:00, when the turn ends as well; 28 March has 23 hours.
    assert made.on_call("PS1", "2027-03-19 00:00", "2027-04-03 00:00") == [
        "03-19 00:00+0100 nobody",
        "03-19 17:00+0100 ada",
        "03-22 08:00+0100 nobody",
        "03-26 17:00+0100 bo",
        "03-29 08:00+0200 nobody",
        "04-02 17:00+0200 ada",
    ]


def test_turns_count_from_the_virtual_start_and_hold_from_start_to_end(tmp_path: Path) -> None:
    old = layer(
        "2026-10-20T09:00:00Z",
        DAY,
        "ada bo cy",
        rotation_virtual_start="2026-10-01T09:00:00Z",
        end="2026-10-23T09:00:00Z",
    )
    new = layer("2026-10-23T09:00:00Z", 2 * DAY, "cy ada", rotation_virtual_start="2026-10-22T09:00:00Z")
    made = imported.carry("pagerduty", schedule("Etc/UTC", new, old), tmp_path)
    # The 20th is day 19 of three people: the second. The new layer is in the middle of cy's two days.
    assert made.on_call("PS1", "2026-10-19 09:00", "2026-10-27 09:00") == [
        "10-19 09:00+0000 nobody",
        "10-20 09:00+0000 bo",
        "10-21 09:00+0000 cy",
        "10-22 09:00+0000 ada",
        "10-23 09:00+0000 cy",
        "10-24 09:00+0000 ada",
        "10-26 09:00+0000 cy",
    ]


def test_twelve_hour_turns_keep_their_hours_when_clocks_change(tmp_path: Path) -> None:
    made = imported.carry(
        "pagerduty", schedule("America/Chicago", layer("2026-10-31T08:00:00-05:00", 43_200, "ada bo")), tmp_path
    )
    assert made.on_call("PS1", "2026-10-31 08:00", "2026-11-02 08:00") == [
        "10-31 08:00-0500 ada",
        "10-31 20:00-0500 bo",
        "11-01 08:00-0600 ada",
        "11-01 20:00-0600 bo",
    ]


def event(days: str, who: str, **more: Any) -> dict[str, Any]:
    members = [
        {"type": "empty_member"} if name == "-" else {"type": "user_member", "user_id": f"P{name.upper()}"}
        for name in who.split()
    ]
    at = {
        "start_time": {"date_time": "2026-10-26T09:00:00-04:00", "time_zone": "America/New_York"},
        "end_time": {"date_time": "2026-10-26T17:00:00-04:00", "time_zone": "America/New_York"},
    }
    strategy = {"type": "rotating_member_assignment_strategy", "shifts_per_member": 1, "members": members}
    return {
        "id": f"E-{who}",
        "name": "days",
        **at,
        "effective_since": "2026-10-26T09:00:00-04:00",
        "effective_until": None,
        "recurrence": [f"RRULE:FREQ=WEEKLY;BYDAY={days}"],
        "assignment_strategy": strategy,
        **more,
    }


def v3(*rotations: dict[str, Any], **more: Any) -> dict[str, Any]:
    found = {"id": "PS3", "name": "Core", "time_zone": "America/New_York", "rotations": list(rotations), **more}
    return {"users": USERS, "schedules": [found]}


def test_v3_members_take_one_event_each_and_a_vacancy_keeps_the_others_days(tmp_path: Path) -> None:
    made = imported.carry("pagerduty", v3({"id": "R1", "events": [event("MO,TU,WE,TH,FR", "ada - bo cy")]}), tmp_path)
    # Friday 30 October is the fifth event (ada), Monday 2 November the sixth (vacant); the weekend counts for nothing.
    assert made.on_call("PS3", "2026-10-29 12:00", "2026-11-03 18:00") == [
        "10-29 12:00-0400 cy",
        "10-29 17:00-0400 nobody",
        "10-30 09:00-0400 ada",
        "10-30 17:00-0400 nobody",
        "11-03 09:00-0500 bo",
        "11-03 17:00-0500 nobody",
    ]


def test_v3_rotations_are_on_call_together_and_an_override_is_for_one_of_them(tmp_path: Path) -> None:
    every = {"type": "every_member_assignment_strategy", "members": [{"type": "user_member", "user_id": "PBO"}]}
    late = event("TU", "bo", assignment_strategy=every)
    late["start_time"] = {"date_time": "2026-10-27T12:00:00-04:00"}
    late["end_time"] = {"date_time": "2026-10-27T20:00:00-04:00"}
    override = {
        "id": "O1",
        "rotation_id": "R2",
        "start_time": "2026-11-03T13:00:00-05:00",
        "end_time": "2026-11-03T14:00:00-05:00",
        "overridden_member": {"type": "user_member", "user_id": "PBO"},
        "overriding_member": {"type": "user_member", "user_id": "PCY"},
    }
    export = v3({"id": "R1", "events": [event("MO,TU", "ada")]}, {"id": "R2", "events": [late]}, overrides=[override])
    made = imported.carry("pagerduty", export, tmp_path)
    assert [rota.name for rota in made.draft.rotas["PS3"]] == ["core", "core-2"]
    assert made.on_call("PS3", "2026-11-03 08:00", "2026-11-04 08:00") == [
        "11-03 08:00-0500 nobody",
        "11-03 09:00-0500 ada",
        "11-03 12:00-0500 ada, bo",
        "11-03 13:00-0500 ada, cy",
        "11-03 14:00-0500 ada, bo",
        "11-03 17:00-0500 bo",
        "11-03 20:00-0500 nobody",
    ]


def test_policies_become_tiers_and_what_does_not_fit_is_named(tmp_path: Path) -> None:
    rules = [
        {"escalation_delay_in_minutes": 10, "targets": [{"id": "PS1", "type": "schedule_reference"}]},
        {
            "escalation_delay_in_minutes": 15,
            "targets": [{"id": "PADA", "type": "user_reference"}, {"id": "PBO", "type": "user"}],
            "escalation_rule_assignment_strategy": {"type": "round_robin"},
        },
        {"escalation_delay_in_minutes": 30, "targets": [{"id": "PCY", "type": "user_reference"}]},
        {"escalation_delay_in_minutes": 30, "targets": [{"id": "PBO", "type": "user_reference"}]},
    ]
    members = [{"user": {"id": "PADA"}, "role": "manager"}, {"user": {"id": "PBO"}, "role": "responder"}]
    export = {
        **schedule("UTC", layer("2026-10-20T09:00:00Z", DAY, "ada bo")),
        "teams": [{"id": "PT", "name": "Core", "members": members}],
        "escalation_policies": [
            {"id": "PE", "name": "Core", "num_loops": 3, "escalation_rules": rules, "teams": [{"id": "PT"}]}
        ],
    }
    made = imported.carry("pagerduty", export, tmp_path)
    ladder = made.draft.ladders[0]
    assert [(step.page, str(step.wait)) for step in ladder.steps] == [
        (("rota:core-primary",), "0:10:00"),
        (("person:ada", "person:bo"), "0:15:00"),
        (("person:cy",), "0:30:00"),
    ]
    assert (ladder.owner, ladder.repeats) == ("team:core", 3)
    assert made.settings.people.teams["core"].lead == "ada"
    assert made.lost == [
        "policy PE: step 2 takes its targets in turn (round robin); ours pages all of them.",
        "policy PE: step 4 of Core, which pages person:bo, has no tier.",
    ]


def test_what_no_layer_can_say_is_named(tmp_path: Path) -> None:
    odd = [
        layer("2026-10-20T09:00:00Z", 3_605, "ada"),
        layer("never", DAY, "bo"),
        layer("2026-10-20T09:00:00Z", DAY, ""),
        layer("2026-10-20T09:00:00Z", DAY, "cy ada", restrictions=[weekly(9, "09:00:00", 1)]),
        layer("2026-10-20T09:00:00Z", DAY, "cy"),
    ]
    made = imported.carry("pagerduty", schedule("UTC", *odd), tmp_path)
    assert sorted(made.lost) == [
        "layer L-: nobody is in it.",
        "layer L-ada: turns of 3605 seconds are no whole hours, or more than 999 of them.",
        "layer L-bo: rotation_virtual_start is no time.",
        "layer L-cy-ada: a weekly restriction names no day.",
        "layer L-cy-ada: none of its restrictions can be read.",
    ]
    assert made.on_call("PS1", "2026-11-01 00:00", "2026-11-02 00:00") == ["11-01 00:00+0000 cy"]
