"""Opsgenie's exports: rotations are cumulative, as its documents say; the shifts are worked out by hand."""

from pathlib import Path
from typing import Any

from tests.unit import imported

USERS = [
    {"id": f"u-{name}", "username": f"{name}@example.com", "fullName": name.title(), "timeZone": "Europe/Istanbul"}
    for name in ("ada", "bo", "cy", "dee")
]


def user(name: str) -> dict[str, Any]:
    return {"type": "user", "id": f"u-{name}", "username": f"{name}@example.com"}


def rotation(id_: str, start: str, kind: str, who: str, **more: Any) -> dict[str, Any]:
    seats = [{"type": "none"} if name == "-" else user(name) for name in who.split()]
    return {"id": id_, "name": id_, "startDate": start, "type": kind, "length": 1, "participants": seats, **more}


def hours(*spans: str) -> dict[str, Any]:
    """`monday 9 friday 18`."""
    found = []
    for span in spans:
        day, start, last, end = span.split()
        found.append(
            {"startDay": day, "startHour": int(start), "startMin": 0, "endDay": last, "endHour": int(end), "endMin": 30}
        )
    return {"type": "weekday-and-time-of-day", "restrictions": found}


def schedule(zone: str, *rotations: dict[str, Any], **more: Any) -> dict[str, Any]:
    found = {"id": "s1", "name": "Core_on.call", "timezone": zone, "enabled": True, "rotations": list(rotations)}
    return {"users": USERS, "schedules": [found], **more}


def test_rotations_that_turn_alike_share_a_seat(tmp_path: Path) -> None:
    one = rotation("r1", "2026-10-19T06:00:00Z", "weekly", "ada bo")
    two = rotation("r2", "2026-10-19T06:00:00Z", "weekly", "cy dee ada")
    made = imported.carry("opsgenie", schedule("Europe/Berlin", one, two), tmp_path)
    assert [rota.name for rota in made.draft.rotas["s1"]] == ["core-on-call"]
    # 08:00 in Berlin in summer, and after the clocks went back on 25 October. Ada's third week has her once, not twice.
    assert made.on_call("s1", "2026-10-19 08:00", "2026-11-16 08:00") == [
        "10-19 08:00+0200 ada, cy",
        "10-26 08:00+0100 bo, dee",
        "11-02 08:00+0100 ada",
        "11-09 08:00+0100 bo, cy",
    ]


def test_office_and_off_hours_become_two_layers_of_one_rota(tmp_path: Path) -> None:
    days = [f"{day} 9 {day} 17" for day in ("monday", "tuesday", "wednesday", "thursday", "friday")]
    nights = [("monday", "tuesday"), ("tuesday", "wednesday"), ("wednesday", "thursday"), ("thursday", "friday")]
    off = [{"startDay": a, "startHour": 17, "startMin": 30, "endDay": b, "endHour": 9, "endMin": 0} for a, b in nights]
    off.append({"startDay": "friday", "startHour": 17, "startMin": 30, "endDay": "monday", "endHour": 9, "endMin": 0})
    office = rotation("office", "2026-03-23T09:00:00Z", "weekly", "ada bo", timeRestriction=hours(*days))
    rest = rotation(
        "off",
        "2026-03-23T09:00:00Z",
        "daily",
        "cy dee",
        timeRestriction={"type": "weekday-and-time-of-day", "restrictions": off},
    )
    made = imported.carry("opsgenie", schedule("Europe/London", office, rest), tmp_path)
    assert len(made.draft.rotas["s1"]) == 1
    # cy and dee change at 09:00 daily, counted from Monday the 23rd; on Sunday the 29th London's clocks go forward.
    assert made.on_call("s1", "2026-03-27 12:00", "2026-03-31 09:00") == [
        "03-27 12:00+0000 ada",
        "03-27 17:30+0000 cy",
        "03-28 09:00+0000 dee",
        "03-29 09:00+0100 cy",
        "03-30 09:00+0100 bo",
        "03-30 17:30+0100 dee",
    ]


def test_rotations_that_cross_become_two_rotas_paged_together(tmp_path: Path) -> None:
    one = rotation("r1", "2026-10-30T08:00:00Z", "daily", "ada bo", length=2)
    two = rotation(
        "r2",
        "2026-10-30T20:00:00Z",
        "hourly",
        "cy dee",
        length=12,
        timeRestriction={
            "type": "time-of-day",
            "restriction": {"startHour": 20, "startMin": 0, "endHour": 8, "endMin": 0},
        },
    )
    whole = {
        "alias": "o1",
        "user": user("bo"),
        "startDate": "2026-11-01T21:00:00Z",
        "endDate": "2026-11-01T22:00:00Z",
        "_parent": {"id": "s1"},
    }
    rules = [
        {
            "condition": "if-not-acked",
            "notifyType": "default",
            "delay": {"timeAmount": 0, "timeUnit": "minutes"},
            "recipient": {"type": "schedule", "id": "s1"},
        }
    ]
    export = schedule("UTC", one, two, overrides=[whole], escalations=[{"id": "e1", "name": "Core", "rules": rules}])
    made = imported.carry("opsgenie", export, tmp_path)
    assert made.on_call("s1", "2026-10-31 08:00", "2026-11-02 09:00") == [
        "10-31 08:00+0000 ada",
        "10-31 20:00+0000 ada, cy",
        "11-01 08:00+0000 bo",
        "11-01 20:00+0000 bo, cy",
        "11-01 21:00+0000 bo",
        "11-01 22:00+0000 bo, cy",
        "11-02 08:00+0000 bo",
    ]
    assert made.draft.ladders[0].steps[0].page == ("rota:core-on-call", "rota:core-on-call-2")


def test_none_is_vacant_a_team_is_a_seat_and_an_override_may_be_for_one_rotation(tmp_path: Path) -> None:
    team = {
        "id": "t1",
        "name": "Core",
        "members": [{"user": {"id": "u-cy"}, "role": "admin"}, {"user": {"id": "u-dee"}}],
    }
    first = rotation("r1", "2026-10-24T07:00:00Z", "daily", "ada -", endDate="2026-10-28T08:00:00Z")
    first["participants"].append({"type": "team", "id": "t1"})
    first["participants"].append({"type": "escalation", "id": "e1"})
    second = rotation("r2", "2026-10-24T07:00:00Z", "daily", "bo")
    override = {
        "alias": "o1",
        "user": user("dee"),
        "startDate": "2026-10-24T10:00:00Z",
        "endDate": "2026-10-24T11:00:00Z",
        "rotations": [{"id": "r1"}],
    }
    export = schedule("Europe/Paris", first, second, teams=[team])
    export["schedules"][0]["overrides"] = [override]
    made = imported.carry("opsgenie", export, tmp_path)
    assert made.on_call("s1", "2026-10-24 00:00", "2026-10-30 00:00") == [
        "10-24 00:00+0200 nobody",
        "10-24 09:00+0200 ada, bo",
        "10-24 12:00+0200 bo, dee",
        "10-24 13:00+0200 ada, bo",
        "10-25 09:00+0100 bo",
        "10-26 09:00+0100 bo, cy, dee",
        "10-27 09:00+0100 bo",
    ]
    assert made.lost == [
        "rotation r1: the team core takes a turn: all of its members are in that seat, its own routing is not asked.",
        "rotation r1: a participant is a escalation; its seat is left vacant.",
    ]


def test_delays_count_from_the_alert_and_steps_from_one_another(tmp_path: Path) -> None:
    def rule(minutes: int, who: dict[str, Any], **more: Any) -> dict[str, Any]:
        return {
            "condition": "if-not-acked",
            "notifyType": "default",
            "delay": {"timeAmount": minutes},
            "recipient": who,
            **more,
        }

    rules = [
        rule(5, user("ada")),
        rule(20, user("cy")),
        rule(5, user("bo")),
        rule(60, user("dee"), condition="if-not-closed"),
        rule(70, {"type": "group", "id": "g"}, notifyType="next"),
    ]
    repeat = {"waitInterval": 10, "count": 2, "closeAlertAfterAll": True}
    export = schedule("UTC", rotation("r1", "2026-10-24T07:00:00Z", "daily", "ada"))
    export["escalations"] = [{"id": "e1", "name": "Core", "rules": rules, "repeat": repeat}]
    made = imported.carry("opsgenie", export, tmp_path)
    ladder = made.draft.ladders[0]
    assert [(step.page, str(step.wait)) for step in ladder.steps] == [
        (("person:ada", "person:bo"), "0:15:00"),
        (("person:cy",), "0:40:00"),
        (("person:dee",), "0:10:00"),
    ]
    assert (ladder.owner, ladder.repeats) == ("person:ada", 2)
    assert made.lost == [
        "escalation e1: rule 4 goes on after an acknowledgement; ours stops at one.",
        "escalation e1: rule 5 notifies 'next' of its recipient; ours whoever is on call.",
        "escalation e1: rule 5 pages a group that was not carried over.",
        "escalation e1: it waits 0:05:00 before it pages anybody; ours pages at once.",
        "escalation e1: it closes the alert after the last repeat; ours goes on to its fallback.",
    ]
