"""`tocsin explain`: where a message or an incident goes, in a terminal at night and for programs."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import RUNBOOK, TOCSIN, Type
from tests.cli.deliveries import firing

AT = ("--at", "2026-11-24T02:10Z")

pytestmark = pytest.mark.usefixtures("slack")


@pytest.fixture
def body(tmp_path: Path) -> Path:
    file = tmp_path / "body.json"
    file.write_text(firing())
    return file


def test_a_file_before_there_is_a_database(typed: Type, body: Path, folder: Path) -> None:
    told = typed("explain", body, *AT)
    assert "there is no database yet" in told.stderr
    for part in ("firing · drift · churn", "Identity", "grouped by entity=retail, model=churn", "opens an incident"):
        assert part in told.stdout
    assert "drift matches (kind = drift)" in told.stdout
    assert "+0 min: ada (L1: slack)" in told.stdout
    assert "+5 min: nobody new; L1 is waited for: ada" in told.stdout
    assert "+15 min: ada (L1: slack)" in told.stdout  # the second round, ten minutes later
    assert not (folder / "tocsin.db").exists()
    assert max(map(len, told.stdout.splitlines())) <= 100


def test_programs_get_all_of_it(typed: Type, body: Path) -> None:
    found = json.loads(typed("explain", body, *AT, "--json").stdout)
    (one,) = found["alerts"]
    assert (found["connection"], one["meaning"], one["opens"]) == ("prom", "new", True)
    assert one["path"]["runbook"] == "drift"
    assert [mark["after"] for mark in one["marks"]] == [0, 300, 900, 3600]
    assert one["climb"]["rungs"][0]["persons"] == ["ada"]


def test_standard_input_an_incident_and_a_repeat(typed: Type, body: Path) -> None:
    typed("migrate")
    assert "1 new" in typed("replay", body, "--connection", "prom").stdout
    told = typed("explain", "-", given=firing()).stdout
    assert "a repeat, only counted: it fires already" in told
    assert "is part of INC-1" in told
    for name in ("INC-1", "inc-1", "1"):
        told = typed("explain", name).stdout
        assert told.startswith("INC-1  [SEV3] churn: PSIHigh")
    for part in ("Why", "Copied when it opened", "L1 person:ada 10m", "Otherwise, if it opened now"):
        assert part in told
    typed("incident", "resolve", "INC-1", "--as", "ada")
    assert "nobody: it is over" in typed("explain", "INC-1").stdout
    assert json.loads(typed("explain", "INC-1", "--json").stdout)["view"]["incident"]["phase"] == "resolved"


def test_what_is_neither_file_nor_incident(typed: Type, tmp_path: Path) -> None:
    typed("migrate")
    for wrong in ("nowhere.json", "INC-x", "٣", str(tmp_path)):
        assert "it is no incident" in typed("explain", wrong, code=2).stderr
    assert "There is no incident INC-99" in typed("explain", "INC-99", code=1).stderr
    assert "Name one of them" in typed("explain", "-", "--connection", "a", "--plugin", "b", code=2, given="{}").stderr


def test_the_connection_is_guessed_when_only_one_fits(typed: Type, body: Path, folder: Path) -> None:
    more = "  - {name: hook, plugin: webhook}\n  - {name: other, plugin: alertmanager}\n"
    text = TOCSIN.format(folder=folder, slack="off")
    config = folder / "config/tocsin.yaml"
    config.write_text(text.replace("escalation:", f"{more}escalation:"))
    assert "Several connections can read this: prom, other" in typed("explain", body, code=2).stderr
    assert "through other;" in typed("explain", body, "--connection", "other").stdout
    config.write_text(text.replace("escalation:", f"{more.splitlines()[0]}\nescalation:"))
    assert "through prom;" in typed("explain", body).stdout
    assert "prom: " in (said := typed("explain", "-", code=2, given="{}").stderr)
    assert "hook: " in said


def test_a_plugin_without_a_connection(typed: Type, body: Path) -> None:
    assert "through alertmanager;" in typed("explain", body, "--plugin", "alertmanager").stdout
    assert "neither a connection nor a plugin" in typed("explain", body, "--plugin", "nix", code=1).stderr


@pytest.mark.parametrize("given", ["{", "7", "null", '{"alerts": 7}', "\x00\xff", '{"alerts": [{}]}', "[" * 5000])
def test_what_cannot_be_read_says_why(typed: Type, given: str) -> None:
    told = typed("explain", "-", code=2, given=given)
    assert "error:" in told.stderr
    assert told.stdout == ""


def test_a_hostile_message_cannot_steer_the_terminal(typed: Type) -> None:
    hostile = firing(fingerprint="\x1b[2J").replace("PSIHigh", "PSI\\u001b[31m\\u202e<!channel>{{ 7*7 }}" + "x" * 3000)
    told = typed("explain", "-", given=hostile, code=0).stdout
    assert "\x1b" not in told
    assert "\u202e" not in told
    assert "{{ 7*7 }}" in told


def test_no_runbook_matches(typed: Type, folder: Path) -> None:
    (folder / "runbooks/drift.md").write_text(RUNBOOK.replace("kind: drift", "kind: cost"))
    told = typed("explain", "-", *AT, given=firing()).stdout
    assert "No runbook matches." in told
    assert "not drift: kind = cost fails: it is drift." in told
    assert "+0 min: cy (L1: slack)" in told  # whoever answers for everything


def test_overlapping_runbooks_say_which_comes_first(typed: Type, folder: Path) -> None:
    (folder / "runbooks/also.md").write_text(RUNBOOK.replace("match: {kind: drift}", "match: ['model = churn']"))
    (folder / "runbooks/all.md").write_text(RUNBOOK.replace("match: {kind: drift}", "match: {}"))
    told = typed("explain", "-", *AT, given=firing()).stdout
    assert "not drift: It matches with equal right; also comes first by name." in told
    assert "not all: It matches with fewer conditions: 0, against 1 of also." in told


def test_a_copy_of_a_delivery_is_told(typed: Type, folder: Path) -> None:
    text = TOCSIN.format(folder=folder, slack="off")
    hook = "  - {name: hook, plugin: webhook, delivery: $.id}\n"
    (folder / "config/tocsin.yaml").write_text(text.replace("escalation:", f"{hook}escalation:"))
    said = json.dumps({"id": "d-1", "problem": "p", "title": "t", "status": "firing", "kind": "drift"})
    (folder / "said.json").write_text(said)
    typed("migrate")
    words = ("explain", folder / "said.json", "--connection", "hook")
    assert "delivery id: d-1" in (first := typed(*words).stdout)
    assert "came before" not in first
    typed("replay", folder / "said.json", "--connection", "hook")
    assert "this delivery came before: all of it would be dropped" in typed(*words).stdout


def test_several_alerts_do_not_say_everything_twice(typed: Type) -> None:
    two = json.loads(firing())
    two["alerts"].append({**two["alerts"][0], "fingerprint": "efgh", "annotations": {"summary": "another"}})
    told = typed("explain", "-", *AT, given=json.dumps(two)).stdout
    assert told.count("drift matches (kind = drift)") == 1
    assert told.count("as of the alert above") >= 2
    assert "joins the one that this delivery opens" in told


def test_a_wrong_configuration_is_told_with_its_line(typed: Type, body: Path, folder: Path) -> None:
    (folder / "config/people.yaml").write_text("people: 7\n")
    assert "people.yaml:1" in typed("explain", body, code=2).stderr
