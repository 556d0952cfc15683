"""`tocsin import`: an export becomes a folder that `tocsin check` takes, and nothing there is written over."""

import json
from pathlib import Path

from tests.cli.conftest import Type
from tests.unit import test_import_pagerduty

PHONE = "5550000001"


def export(folder: Path) -> Path:
    """What PagerDuty might say, with a round robin among it."""
    given = test_import_pagerduty.schedule("UTC", test_import_pagerduty.layer("2026-10-20T09:00:00Z", 86_400, "ada bo"))
    method = {"type": "phone_contact_method", "country_code": 90, "address": PHONE}
    given["users"] = [{**user, "contact_methods": [method]} for user in given["users"]]
    rule = {
        "escalation_delay_in_minutes": 10,
        "targets": [{"id": "PS1", "type": "schedule_reference"}],
        "escalation_rule_assignment_strategy": {"type": "round_robin"},
    }
    given["escalation_policies"] = [{"id": "PE", "name": "Core", "escalation_rules": [rule]}]
    file = folder / "export.json"
    file.write_text(json.dumps(given), "utf-8")
    return file


def test_what_is_written_is_good(typed: Type, folder: Path) -> None:
    into = folder / "imported"
    said = typed("import", "pagerduty", export(folder), "--into", into).output
    lost = "policy PE: step 1 takes its targets in turn (round robin); ours pages all of them."
    assert f"wrote  {into}/config/people.yaml" in said
    assert "Carried over: people 3, teams 0, rotas 1, overrides 0, runbooks 1." in said
    assert f"not carried: {lost}" in said
    assert said.endswith(f"Next: tocsin check --config {into}/config\n")
    assert f"- {lost}" in (into / "NOT-CARRIED.md").read_text("utf-8")
    assert PHONE not in said
    written = [file.name for file in into.rglob("*") if file.is_file() and PHONE in file.read_text("utf-8")]
    assert written == ["people.yaml"]
    checked = typed("check", "--config", into / "config").output
    assert checked == "Good: connections 0, people 3, models and agents 0, rotas 1, runbooks 1.\n"


def test_nothing_is_written_over(typed: Type, folder: Path) -> None:
    into = folder / "imported"
    (into / "config").mkdir(parents=True)
    (into / "config/people.yaml").write_text("mine", "utf-8")
    said = typed("import", "pagerduty", export(folder), "--into", into, code=1).stderr
    assert "people.yaml is there already; nothing was written." in said
    assert [file.name for file in into.rglob("*") if file.is_file()] == ["people.yaml"]
    assert (into / "config/people.yaml").read_text("utf-8") == "mine"


def test_a_dry_run_says_the_same_and_writes_nothing(typed: Type, folder: Path) -> None:
    into = folder / "imported"
    told = typed("import", "pagerduty", export(folder), "--into", into, "--dry-run", "--json").stdout
    found = json.loads(told)
    assert not into.exists()
    assert PHONE not in told
    assert (found["written"], found["people"], found["rotas"], found["to_fill_in"]) == (False, 3, 1, [])
    assert found["not_carried"] == [
        {"what": "policy", "id": "PE", "why": "step 1 takes its targets in turn (round robin); ours pages all of them"}
    ]
    assert "would write" in typed("import", "pagerduty", export(folder), "--into", into, "--dry-run").stdout


def test_a_file_that_is_not_there_and_a_stranger_are_refused(typed: Type, folder: Path) -> None:
    assert "There is no" in typed("import", "opsgenie", folder / "none.json", code=2).stderr
    assert "opsgenie" in typed("import", "victorops", folder / "none.json", code=2).stderr
