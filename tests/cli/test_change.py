"""`tocsin change`: proposed after a look, agreed to by another, followed, taken back; the running bot does the rest."""

import json
from pathlib import Path

import pytest

from tests.cli import production
from tests.cli.conftest import Type

ROLLBACK = ("change", "propose", "churn", "--lever", "rollback", "--why", "accuracy fell", "--as", "ada")


@pytest.fixture
def estate(folder: Path, typed: Type) -> Type:
    """Models on a disk, and a database that knows of them."""
    production.furnish(folder)
    production.note(folder)
    return typed


def kinds(estate: Type, change: str = "1") -> list[str]:
    """What the log says of it."""
    trail = json.loads(estate("change", "status", change, "--json").stdout)["trail"]
    return [sealed["entry"]["kind"] for sealed in trail]


def test_from_a_preview_to_an_approved_change(estate: Type, folder: Path) -> None:
    assert estate("change", "status").stdout == "No change.\n"
    said = estate(*ROLLBACK, given="y\n").stdout
    assert "rollback of churn, run by disk\n  serves now:  7\n  would serve: 6\n" in said
    assert "must agree:  1 of bo\n" in said
    assert "then auc must recover" in said
    assert "CHG-1" in said.splitlines()[-1]
    row = estate("change", "status").stdout.splitlines()[1].split()
    assert row[:6] == ["CHG-1", "proposed", "rollback", "churn", "7", "6"]
    agreed = estate("change", "approve", "chg-1", "--as", "bo").stdout
    assert "would serve: 6" in agreed  # whoever agrees reads what they agree to
    story = estate("change", "status", "CHG-1").stdout
    assert "CHG-1  approved, asked for by ada" in story
    assert "because:     accuracy fell" in story
    assert "agreed:      1 of 1 (bo)" in story
    assert kinds(estate) == ["change.proposed", "change.agreed", "change.approved"]
    assert '"7"' in (folder / "models/churn/serving.json").read_text()  # nothing was applied from here
    assert "every chain is whole" in estate("audit", "verify").stdout


def test_whoever_says_no_to_the_preview_proposes_nothing(estate: Type) -> None:
    assert "Nothing was proposed." in estate(*ROLLBACK, given="n\n", code=1).stdout
    estate(*ROLLBACK, code=1)  # nobody there to ask
    assert estate("change", "status", "--all").stdout == "No change.\n"


def test_a_program_reads_the_preview_and_proposes_with_yes(estate: Type) -> None:
    shown = json.loads(estate(*ROLLBACK, "--json").stdout)
    assert (shown["needs"], shown["approvers"], shown["possible"]) == (1, ["bo"], True)
    assert shown["plan"]["after"]["split"] == {"6": 100.0}
    assert json.loads(estate("change", "status", "--json").stdout) == []
    made = json.loads(estate(*ROLLBACK, "--json", "--yes").stdout)
    assert (made["verdict"], made["change"]["id"], made["change"]["step"]) == ("GO", "CHG-1", "proposed")
    assert made["plan"]["digest"] == shown["plan"]["digest"]
    again = json.loads(estate(*ROLLBACK, "--json").stdout)
    assert (again["possible"], again["locked_by"]) == (False, "CHG-1")
    refused = json.loads(estate(*ROLLBACK, "--json", "--yes", code=1).stdout)
    assert (refused["verdict"], refused["change"]) == ("LOCKED", None)
    assert "LOCKED:      CHG-1 by ada is proposed" in estate(*ROLLBACK, given="n\n", code=1).stdout


def test_it_is_rejected_or_withdrawn_and_nobody_agrees_to_their_own(estate: Type) -> None:
    estate(*ROLLBACK, "--yes")
    assert json.loads(estate("change", "approve", "1", "--as", "ada", "--json", code=1).stdout)["verdict"] != "GO"
    estate("change", "reject", "1", "--as", "bo", "--why", "wait for the feed")
    assert "outcome:     wait for the feed" in estate("change", "status", "1").stdout
    estate(*ROLLBACK, "--yes")
    estate("change", "withdraw", "2", "--as", "ada", "--why", "a slip")
    steps = {one["id"]: one["step"] for one in json.loads(estate("change", "status", "--all", "--json").stdout)}
    assert steps == {"CHG-1": "rejected", "CHG-2": "withdrawn"}
    assert estate("change", "status").stdout == "No change.\n"


def test_the_traffic_is_split_and_a_version_chosen(estate: Type) -> None:
    shift = ("change", "propose", "churn", "--lever", "shift", "--split", "6=90,7=10", "--why", "try it", "--as", "ada")
    assert json.loads(estate(*shift, "--json").stdout)["plan"]["after"]["split"] == {"6": 90.0, "7": 10.0}
    back = json.loads(estate(*ROLLBACK, "--to", "5", "--json").stdout)["plan"]
    assert back["after"]["split"] == {"5": 100.0}
    assert back["warnings"]  # nothing says that 5 was good


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("chrun", "--lever", "rollback"), 1, "Did you mean churn"),
        (("price", "--lever", "rollback"), 1, "No platform that Tocsin can ask runs price."),
        (("churn", "--lever", "rollback", "--to", "99"), 1, "There is no version '99'."),
        (("churn", "--lever", "promote", "--to", "7"), 1, "serves that already"),
        (("churn", "--lever", "promote"), 1, "Say which version shall serve."),
        (("churn", "--lever", "shift", "--split", "6=lots"), 2, "is no split of the traffic."),
        (("churn", "--lever", "shift", "--split", "6=90,6=10"), 2, "is no split of the traffic."),
        (("churn", "--lever", "shift", "--split", "6=90"), 2, "no shares of the traffic"),
        (("churn", "--lever", "rollback", "--incident", "9"), 1, "There is no incident INC-9."),
        (("churn", "--lever", "explode"), 2, "explode"),
    ],
)
def test_what_cannot_be_gets_a_clear_answer(estate: Type, words: tuple[str, ...], code: int, said: str) -> None:
    result = estate("change", "propose", *words, "--why", "x", "--as", "ada", "--yes", code=code)
    assert said in result.output
    assert estate("change", "status", "--all").stdout == "No change.\n"


def test_strangers_and_unknown_changes_are_refused(estate: Type) -> None:
    assert "Nobody called 'zoe'" in estate(*ROLLBACK[:-1], "zoe", "--yes", code=2).stderr
    for verb in ("approve", "reject", "withdraw", "undo"):
        assert "There is no change 'CHG-7'." in estate("change", verb, "7", "--as", "bo", code=1).stderr
    assert "There is no change 'CHG-7'." in estate("change", "status", "7", code=1).stderr
    without_why = estate(*ROLLBACK[:5], "--as", "ada", "--yes", code=1)
    assert "why" in without_why.stdout.lower() or "reason" in without_why.stdout.lower()


def test_a_change_that_changed_nothing_cannot_be_undone(estate: Type) -> None:
    estate(*ROLLBACK, "--yes")
    said = estate("change", "undo", "1", "--why", "x", "--as", "ada", "--yes", code=1).stderr
    assert "CHG-1 is proposed and has not ended." in said


def test_a_change_is_taken_back_by_another_that_is_agreed_to_as_well(estate: Type, folder: Path) -> None:
    estate(*ROLLBACK, "--yes")
    estate("change", "approve", "1", "--as", "bo")
    production.finish(folder, "CHG-1")
    assert "outcome:     6 is seen to serve." in estate("change", "status", "1").stdout
    said = estate("change", "undo", "1", "--why", "6 is no better", "--as", "bo", "--yes").stdout
    assert "  serves now:  6\n  would serve: 7\n" in said
    assert "must agree:  1 of ada\n" in said
    assert "takes back:  CHG-1" in estate("change", "status", "2").stdout
    production.serve(folder, "5", 3)
    stale = estate("change", "undo", "1", "--why", "x", "--as", "bo", "--yes", code=1).stderr
    assert "is not what CHG-1 left (6)" in stale
