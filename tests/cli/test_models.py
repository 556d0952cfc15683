"""`tocsin models`: what serves, since when, by whom, and the way back, from the database or the platform itself."""

import json
from pathlib import Path

import pytest

from tests.cli import production
from tests.cli.conftest import Type


@pytest.fixture
def estate(folder: Path, typed: Type) -> Type:
    """Models on a disk, and a database that knows of them."""
    production.furnish(folder)
    production.note(folder)
    return typed


def test_every_model_is_listed_as_the_bot_saw_it_last(estate: Type) -> None:
    head, churn, price = estate("models", "list").stdout.splitlines()
    assert head.split()[:4] == ["MODEL", "TEAM", "CRITICALITY", "PLATFORM"]
    assert churn.split()[:5] == ["churn", "churn-ml", "high", "disk", "7"]
    assert "ada" in churn
    assert "to 6" in churn
    assert price.split()[:4] == ["price", "churn-ml", "medium", "-"]
    assert "never seen" in price
    assert "NONE" in price
    (one,) = json.loads(estate("models", "list", "--without-way-back", "--json").stdout)
    assert (one["model"], one["serving"], one["way_back"]["possible"]) == ("price", None, False)


def test_one_model_is_shown_with_its_way_back_and_its_last_changes(estate: Type) -> None:
    asked = ("change", "propose", "churn", "--lever", "rollback", "--why", "bad", "--as", "ada", "--yes")
    estate(*asked)
    said = estate("models", "show", "CHURN-v2").stdout
    assert "owned by churn-ml, criticality high" in said
    assert "platform:  disk (name churn)" in said
    assert "  serves:    7 since " in said
    assert ", by ada" in said
    assert "last good: 6" in said
    assert "way back:  yes, to 6. 6 served nine days." in said
    assert "rehearsed: never" in said
    assert "open:      CHG-1  rollback  7 -> 6  proposed, by ada" in said
    shown = json.loads(estate("models", "show", "churn", "--json").stdout)
    assert (shown["owner"], shown["last_known_good"], shown["open_change"]) == ("churn-ml", "6", "CHG-1")
    assert [one["id"] for one in shown["changes"]] == ["CHG-1"]
    assert "live" not in shown


def test_the_platform_itself_is_asked_with_live(estate: Type, folder: Path) -> None:
    production.serve(folder, "5", 2)
    said = estate("models", "show", "churn", "--live").stdout
    assert "  serves:    7 since " in said  # as the bot saw it last
    assert "Now, by the platform itself:\n  serves:    5\n" in said
    assert said.count("  version:   ") == 3
    live = json.loads(estate("models", "show", "churn", "--live", "--json").stdout)["live"]
    assert live["serving"] == {"split": {"5": 100.0}, "paused": False}
    assert (live["way_back"]["possible"], live["way_back"]["to"]) == (True, "7")
    (folder / "models/churn/serving.json").write_text("{", "utf-8")
    torn = estate("models", "show", "churn", "--live").stdout
    assert "NO. disk could not say: " in torn
    no = estate("models", "show", "price", "--live").stdout
    assert "NO. No platform runs it" in no


def test_an_unknown_model_is_refused_with_the_nearest_names(estate: Type) -> None:
    said = estate("models", "show", "chrun", code=1).stderr
    assert "There is no model or agent 'chrun'." in said
    assert "Did you mean churn" in said


def test_the_doctor_has_a_row_for_what_cannot_go_back(estate: Type, folder: Path) -> None:
    def rows() -> dict[str, str]:
        checks = json.loads(estate("doctor", "--json", code=1).stdout)["checks"]  # nobody can be paged here
        return {row["what"]: row["found"] for row in checks if row["part"] == "Ways back"}

    assert rows() == {"can be rolled back": "1 of 1 models and agents."}
    more = "  - {name: drop, entity: retail, team: churn-ml, platform: disk, ref: {name: drop}}\n"
    with (folder / "config/estate.yaml").open("a", encoding="utf-8") as estate_file:
        estate_file.write(more)
    assert rows()["not looked at yet"] == "drop"
