"""Exports that are broken, partial, huge or hostile: clear lines and files that load, never a trace."""

import json
import random
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from bot import documents, importing, runbooks
from bot.errors import BadInput
from bot.rules import matching
from bot.settings import fit
from tests.unit import imported, test_import_grafana, test_import_opsgenie, test_import_pagerduty

JUNK: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    3.5,
    10**18,
    "",
    "x",
    "${HOME}",
    "{{ evil }}",
    "2026-13-45T99:00:00Z",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "2026-11-01T01:30:00-04:00",
    [],
    [[]],
    [None, 7],
    {},
    {"id": {"id": []}},
    "Mars/Olympus",
    "\x1b[31m\n",
)


def whole() -> dict[str, dict[str, Any]]:
    """One export of each vendor with something of everything."""
    return deepcopy({"pagerduty": pager(), "opsgenie": genie(), "grafana-oncall": grafana()})


def pager() -> dict[str, Any]:
    """PagerDuty's."""
    pd = test_import_pagerduty
    nights = pd.layer(
        "2026-10-26T20:00:00-04:00",
        pd.DAY,
        "cy bo",
        restrictions=[pd.daily("20:00:00", 12), pd.weekly(6, "00:00:00", 48)],
    )
    made = pd.schedule("America/New_York", nights, pd.layer("2026-10-26T09:00:00-04:00", pd.WEEK, "ada bo"))
    made["schedules"] += pd.v3(
        {"id": "R1", "events": [pd.event("MO,TU", "ada - bo")]}, {"id": "R2", "events": [pd.event("TU", "cy")]}
    )["schedules"]
    made["schedules"][0]["overrides"] = [
        {"id": "PO1", "start": "2026-11-02T12:00:00Z", "end": "2026-11-02T18:00:00Z", "user": {"id": "PCY"}}
    ]
    target = {"id": "PS1", "type": "schedule_reference"}
    made["teams"] = [{"id": "PT", "name": "Core", "members": [{"user": {"id": "PADA"}, "role": "manager"}]}]
    made["escalation_policies"] = [
        {
            "id": "PE",
            "name": "Core",
            "num_loops": 3,
            "teams": [{"id": "PT"}],
            "escalation_rules": [{"escalation_delay_in_minutes": 10, "targets": [target]}],
        }
    ]
    return made


def genie() -> dict[str, Any]:
    """Opsgenie's."""
    og = test_import_opsgenie
    made = og.schedule(
        "Europe/London",
        og.rotation("r1", "2026-10-19T06:00:00Z", "weekly", "ada bo", timeRestriction=og.hours("monday 9 friday 18")),
        og.rotation("r2", "2026-10-19T07:00:00Z", "hourly", "cy - dee", length=12),
    )
    made["teams"] = [{"id": "t1", "name": "Core", "members": [{"user": {"id": "u-cy"}, "role": "admin"}]}]
    made["overrides"] = [
        {
            "alias": "o1",
            "user": og.user("bo"),
            "startDate": "2026-11-01T21:00:00Z",
            "endDate": "2026-11-01T22:00:00Z",
            "rotations": [{"id": "r1"}],
            "_parent": {"id": "s1"},
        }
    ]
    made["escalations"] = [
        {
            "id": "e1",
            "name": "Core",
            "ownerTeam": {"id": "t1"},
            "repeat": {"count": 1},
            "rules": [
                {"condition": "if-not-acked", "delay": {"timeAmount": 5}, "recipient": {"type": "schedule", "id": "s1"}}
            ],
        }
    ]
    return made


def grafana() -> dict[str, Any]:
    """Grafana OnCall's."""
    gr = test_import_grafana
    made = gr.schedule(
        "UTC",
        gr.shift("base", "2026-11-02T00:00:00", 168, who="dee"),
        gr.shift("one", "2026-11-02T08:00:00", 8, who="ada", frequency="daily", level=1, by_day=["MO", "TU"]),
        gr.shift(
            "two", "2026-11-02T12:00:00", 8, who="bo cy", level=1, by_day=["MO", "SA"], until="2026-12-02T12:00:00"
        ),
        gr.single("event", "single_event", "2026-11-03T10:00:00", 4, "cy dee", level=2),
        gr.single("over", "override", "2026-11-03T12:00:00", 1, "bo dee", time_zone="UTC"),
    )
    made["escalation_chains"] = [{"id": "F1", "name": "default", "team_id": None}]
    made["escalation_policies"] = [
        {
            "id": "E1",
            "escalation_chain_id": "F1",
            "position": 0,
            "type": "notify_on_call_from_schedule",
            "notify_on_call_from_schedule": "S1",
        },
        {"id": "E2", "escalation_chain_id": "F1", "position": 1, "type": "wait", "duration": 300},
        {
            "id": "E3",
            "escalation_chain_id": "F1",
            "position": 2,
            "type": "notify_persons",
            "persons_to_notify": ["UADA"],
        },
    ]
    return made


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every place in it that something else could stand in: the container and the key."""
    found: list[tuple[Any, Any]] = []
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        found += [(value, key), *places(inner)]
    return found


def faults(vendor: str, export: Any, folder: Path) -> list[str]:
    """What our own reading says of what an export became."""
    try:
        made = imported.carry(vendor, export, folder)
    except documents.BadConfigs as error:
        return [one.what for one in error.complaints]
    except BadInput as error:
        return [error.what]
    library = runbooks.load(made.folder / "runbooks", matching.parse) if made.draft.ladders else None
    found = [*library.complaints, *fit.check(library, made.settings)] if library else []
    return [str(one) for one in found]


@pytest.mark.parametrize("vendor", whole())
def test_a_whole_export_has_no_fault(vendor: str, tmp_path: Path) -> None:
    assert not faults(vendor, whole()[vendor], tmp_path)


@pytest.mark.parametrize("vendor", whole())
def test_whatever_stands_anywhere_the_files_load_or_name_what_is_to_be_filled_in(vendor: str, tmp_path: Path) -> None:
    good, dice = whole()[vendor], random.Random(vendor)
    for number in range(40):
        export = deepcopy(good)
        changed = []
        for _ in range(dice.choice((1, 2, 4))):
            within, key = dice.choice(places(export))
            within[key] = dice.choice(JUNK)
            changed.append((key, within[key]))
        for what in faults(vendor, export, tmp_path / str(number)):
            assert what.startswith(("Nothing reaches", "There is nothing to import")), (changed, what)


def test_nothing_in_an_export_becomes_a_variable_a_template_or_a_control_character(tmp_path: Path) -> None:
    evil = "${DATABASE_URL} {{ alert.title }} <!channel> \x1b[2J `x`"
    export = whole()["pagerduty"]
    export["users"][0].update(name=evil, email="${DATABASE_URL}@example.com", time_zone=evil)
    export["escalation_policies"][0].update(name=evil, id=evil)
    export["schedules"][0].update(name=evil)
    export["schedules"][0]["schedule_layers"][0].update(name=evil, id=evil, rotation_turn_length_seconds=7)
    assert all(what.startswith("Nothing reaches") for what in faults("pagerduty", export, tmp_path))
    for file in (tmp_path / "imported").rglob("*.*"):
        text = file.read_text("utf-8").replace("${DATABASE_URL:-sqlite:///tocsin.db}", "")
        assert not any(bad in text for bad in ("${DATABASE_URL", "{{", "<!", "\x1b", "`x`")), file


def test_ten_thousand_people_are_carried_as_far_as_something_names_them(tmp_path: Path) -> None:
    export = whole()["pagerduty"]
    export["users"] += [{"id": f"PX{n}", "name": "Same Name", "email": f"x{n}@example.com"} for n in range(10_000)]
    made = imported.carry("pagerduty", export, tmp_path)
    assert set(made.settings.people.persons) == {"ada", "bo", "cy"}
    assert made.lost[-1] == "export users: 10000 people whom no team, schedule or policy names are left out."


def test_names_are_plain_and_each_persons_own(tmp_path: Path) -> None:
    names = ("Çağrı Işık", "cagri isik", "李雷", "", "a" * 90)
    users = [{"id": f"P{n}", "name": name, "email": f"mail{n}@example.com"} for n, name in enumerate(names)]
    made = imported.carry("pagerduty", {"users": users}, tmp_path)
    assert list(made.settings.people.persons) == ["cagri-isik", "cagri-isik-2", "mail2", "mail3", "a" * 56]


def test_somebody_the_export_does_not_describe_is_to_be_filled_in(tmp_path: Path) -> None:
    export = whole()["pagerduty"]
    export["users"] = export["users"][1:]
    assert faults("pagerduty", export, tmp_path) == ["Nothing reaches pada."]
    source = tmp_path / "export.json"
    assert importing.draft("pagerduty", importing.read(source)).wanting == [
        "people.yaml: pada is named but not described in the export (id PADA).",
        "people.yaml: pada needs `slack` or `email`, or nothing reaches them.",
    ]


def test_references_in_a_circle_end(tmp_path: Path) -> None:
    export = whole()["opsgenie"]
    export["schedules"][0]["rotations"][0]["participants"].append({"type": "escalation", "id": "e1"})
    export["escalations"][0]["rules"][0]["recipient"] = {"type": "escalation", "id": "e1"}
    made = imported.carry("opsgenie", export, tmp_path)
    assert "escalation e1: rule 1 pages a escalation that was not carried over." in made.lost


@pytest.mark.parametrize("given", ["[]", "{}", "7", '{"users": {}}', "<html>", "[" * 100_000, "", '{"users": [1]}'])
def test_what_is_no_export_is_refused(given: str, tmp_path: Path) -> None:
    (tmp_path / "export.json").write_text(given)
    with pytest.raises(BadInput, match=r"nothing to import|no JSON"):
        importing.read(tmp_path / "export.json")
    with pytest.raises(BadInput, match="There is no"):
        importing.read(tmp_path / "none.json")


def test_a_folder_of_answers_is_one_export(tmp_path: Path) -> None:
    answers = {
        "users-1": {"users": [{"id": "PADA", "name": "ada", "email": "ada@example.com"}], "more": True},
        "users-2": {"users": [{"id": "PBO", "name": "bo", "email": "bo@example.com"}, 7], "more": True},
        "schedule-PS1": {
            "schedule": test_import_pagerduty.schedule(
                "UTC", test_import_pagerduty.layer("2026-10-20T09:00:00Z", 86_400, "ada bo")
            )["schedules"][0]
        },
        "overrides-PS1": {
            "overrides": [
                {"id": "O1", "start": "2026-11-02T12:00:00Z", "end": "2026-11-02T13:00:00Z", "user": {"id": "PBO"}}
            ]
        },
        "teams": {"teams": [{"id": "PT", "name": "Core"}]},
        "members-PT": {"members": [{"user": {"id": "PBO"}, "role": "manager"}]},
    }
    for name, answer in answers.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(answer))
    made = importing.draft("pagerduty", importing.read(tmp_path))
    assert [(one.person, one.rota) for one in made.overrides] == [("bo", "core-primary")]
    assert [(team.name, team.members, team.lead) for team in made.teams.values()] == [("core", ("bo",), "bo")]
    assert [str(one) for one in made.lost] == [
        "export users: 1 of its entries are no objects.",
        "export users: its last page is missing: more of them exist than were exported.",
    ]
