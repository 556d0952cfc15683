"""`tocsin check`: all complaints at once, each with file, line and cure."""

import json
from pathlib import Path

from tests.cli.conftest import Type


def test_a_good_configuration_is_summed_up(typed: Type) -> None:
    assert typed("check").stdout == (
        "Good: connections 1, people 3, models and agents 1, rotas 2, runbooks 1.\n"
    )  # fmt: skip
    told = json.loads(typed("check", "--json").stdout)
    assert (told["ok"], told["complaints"], told["warnings"]) == (True, [], [])


def test_checkpoints_that_are_posted_and_not_signed_are_told(typed: Type, folder: Path) -> None:
    top = folder / "config/tocsin.yaml"
    top.write_text(f"{top.read_text()}audit: {{post: [./checkpoints.txt]}}\n")
    (unsigned,) = json.loads(typed("check", "--json").stdout)["warnings"]
    assert "not signed" in unsigned["what"]
    assert "tocsin audit key" in unsigned["do"]


def test_complaints_of_every_kind_come_together(typed: Type, folder: Path) -> None:
    runbook, top = folder / "runbooks/drift.md", folder / "config/tocsin.yaml"
    runbook.write_text(runbook.read_text().replace("person:ada", "person:adda"))
    (folder / "runbooks/broken.md").write_text("no head here\n")
    top.write_text(top.read_text().replace("entity: retail}", "entity: retail, scret: x}"))
    failed = typed("check", code=1)
    assert f"{top}:4: " in failed.stderr
    assert f"{runbook}:9: " in failed.stderr
    assert f"{folder / 'runbooks/broken.md'}:1: " in failed.stderr
    assert failed.stderr.count("error: ") == failed.stderr.count("do:    ") == 3
    assert failed.stdout.startswith("3 complaint(s)")
    found = json.loads(typed("check", "--json", code=1).stdout)
    assert not found["ok"]
    assert [(one["file"], one["line"]) for one in found["complaints"]] == [
        (str(top), 4), (str(folder / "runbooks/broken.md"), 1), (str(runbook), 9),
    ]  # fmt: skip
    assert all(one["what"] and one["do"] for one in found["complaints"])


def test_wrong_settings_do_not_hide_wrong_runbooks(typed: Type, folder: Path) -> None:
    (folder / "config/people.yaml").write_text("people: 7\n")
    (folder / "runbooks/broken.md").write_text("no head here\n")
    said = typed("check", code=1).stderr
    assert "people.yaml:1" in said
    assert "broken.md:1" in said


def test_a_plugin_that_is_not_installed_is_named(typed: Type, folder: Path) -> None:
    top = folder / "config/tocsin.yaml"
    top.write_text(top.read_text().replace("plugin: alertmanager", "plugin: alertmanger"))
    assert f"{top}:4: Connection prom names the plugin alertmanger" in typed("check", code=1).stderr


def test_a_runbook_nobody_has_read_for_long_is_a_warning(typed: Type, folder: Path) -> None:
    runbook = folder / "runbooks/drift.md"
    runbook.write_text(runbook.read_text().replace("2099-06-01", "2020-06-01"))
    shown = typed("check")
    assert f"warning: {runbook}:4: drift was to be reviewed by 2020-06-01." in shown.stderr
    assert shown.stdout.startswith("Good")


def test_a_connection_that_takes_alerts_alone_is_no_way_to_be_paged(typed: Type, folder: Path) -> None:
    top, people = folder / "config/tocsin.yaml", folder / "config/people.yaml"
    hooks = "  - {name: jobs, plugin: webhook, secret: x}\n  - {name: desk, plugin: webhook, secret: x"
    paging = ', page_url: "https://desk.example.com", page_secret: whsec_a2tra2tra2tra2tra2tra2tra2tra2tr'
    top.write_text(top.read_text().replace("connections:\n", f"connections:\n{hooks}{paging}}}\n"))
    steps = "{high: [slack, jobs, desk.sms after 1m, sms after 2m, desk after 3m]}"
    ada = f'U01ADA, phone: "+905550000001", notify: {steps}'
    people.write_text(people.read_text().replace("U01ADA", ada))
    said = typed("check").stderr
    assert f"warning: {people}: ada is to be paged by jobs, which pages nobody." in said
    assert "Give desk what it pages with" in said
    assert said.count("warning: ") == 2
