"""`tocsin simulate`: a changed configuration beside the one in force, over kept deliveries and over the database."""

import json
import os
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import RUNBOOK, Type
from tests.cli.deliveries import firing

pytestmark = pytest.mark.usefixtures("slack")


@pytest.fixture
def changed(folder: Path) -> Path:
    """The same, but for: drift pages bo."""
    for name in ("config", "runbooks"):
        shutil.copytree(folder / name, folder / "changed" / name)
    (folder / "changed/runbooks/drift.md").write_text(RUNBOOK.replace("person:ada", "person:bo"))
    return folder / "changed"


@pytest.fixture
def deliveries(folder: Path) -> Path:
    """Two problems, one of which ends."""
    kept = folder / "kept"
    kept.mkdir()
    (kept / "1.json").write_text(firing())
    (kept / "2.json").write_text(firing("efgh"))
    (kept / "3.json").write_text(firing(status="resolved"))
    return kept


def test_kept_deliveries(typed: Type, changed: Path, deliveries: Path) -> None:
    told = typed("simulate", changed, "--alerts", deliveries)
    assert "2 alerts, 2026-11-02 09:00:00Z to 2026-11-02 10:00:00Z" in told.stdout
    assert "Paged otherwise: 1" in told.stdout
    assert "churn: PSIHigh, 2 alerts: 1 -> 1 pages" in told.stdout
    assert "ada -> bo" in told.stdout
    assert "What this cannot know:" in told.stdout
    assert "playing before: 3 of 3 messages" in told.stderr
    assert "playing" not in told.stdout


def test_two_runs_are_the_same_to_the_letter(typed: Type, changed: Path, deliveries: Path) -> None:
    words = ("simulate", changed, "--alerts", deliveries, "--json")
    one, two = typed(*words).stdout, typed(*words).stdout
    assert one == two
    found = json.loads(one)
    assert [row["name"] for row in found["people"]] == ["ada", "bo"]
    assert found["causes"][0]["people_after"] == ["bo"]


def test_the_config_folder_itself_will_do(typed: Type, changed: Path, deliveries: Path) -> None:
    assert "ada -> bo" in typed("simulate", changed / "config", "--alerts", deliveries).stdout
    assert "no configuration" in typed("simulate", deliveries, "--alerts", deliveries, code=2).stderr


def test_from_the_database(typed: Type, changed: Path, deliveries: Path) -> None:
    assert "no database" in typed("simulate", changed, code=1).stderr
    typed("migrate")
    assert "No alert came in that span" in typed("simulate", changed, code=2).stderr
    typed("replay", deliveries / "1.json", "--connection", "prom")
    before = json.loads(typed("incident", "list", "--json").stdout)
    found = json.loads(typed("simulate", changed, "--answer-after", "never", "--json").stdout)
    assert found["alerts"] == 1
    assert found["before"]["pages"] == found["after"]["pages"] > 1
    assert any("nobody ever answers" in line for line in found["unknown"])
    assert json.loads(typed("incident", "list", "--json").stdout) == before


def test_a_delivery_that_cannot_be_read_is_left_out_by_name(typed: Type, changed: Path, deliveries: Path) -> None:
    (deliveries / "0.json").write_text("{")
    told = typed("simulate", changed, "--alerts", deliveries).stdout
    assert "Left out: 0.json" in told
    assert "2 alerts" in told


def test_deliveries_without_times_keep_the_order_of_their_names(typed: Type, changed: Path, deliveries: Path) -> None:
    for file in deliveries.iterdir():
        file.write_text(file.read_text().replace("2026-11-02T09:00:00Z", "0001-01-01T00:00:00Z"))
        os.utime(file, (1_793_000_000, 1_793_000_000))
    words = ("simulate", changed, "--alerts", deliveries, "--json")
    assert typed(*words).stdout == typed(*words).stdout


def test_a_folder_named_for_a_connection(typed: Type, changed: Path, deliveries: Path) -> None:
    (deliveries / "prom").mkdir()
    (deliveries / "3.json").rename(deliveries / "prom/3.json")
    assert (
        "2 alerts, 2026-11-02 09:00:00Z to 2026-11-02 10:00:00Z"
        in typed("simulate", changed, "--alerts", deliveries).stdout
    )
    (deliveries / "prom").rename(deliveries / "nix")
    assert "neither a connection" in typed("simulate", changed, "--alerts", deliveries, code=1).stderr


def test_an_empty_folder_and_a_missing_one(typed: Type, changed: Path, folder: Path) -> None:
    (folder / "empty").mkdir()
    assert "holds no deliveries" in typed("simulate", changed, "--alerts", folder / "empty", code=2).stderr
    assert "holds no deliveries" in typed("simulate", changed, "--alerts", folder / "gone", code=2).stderr


@pytest.mark.parametrize(
    "words", [("--since", "soon"), ("--since", "0s"), ("--since", "99w"), ("--answer-after", "-5m")]
)
def test_words_that_are_no_times(typed: Type, changed: Path, words: tuple[str, str]) -> None:
    assert "error:" in typed("simulate", changed, *words, code=2).stderr


def test_a_changed_configuration_that_is_wrong_is_refused(typed: Type, changed: Path, deliveries: Path) -> None:
    (changed / "runbooks/drift.md").write_text(RUNBOOK.replace("person:ada", "person:nobody"))
    told = typed("simulate", changed, "--alerts", deliveries, code=2)
    assert "drift.md" in told.stderr
    assert "nobody" in told.stderr
