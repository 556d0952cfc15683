"""`tocsin oncall ask|swap|accept|covers|withdraw` and `gaps`: shifts change hands, and tiers reach nobody."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.clock import SystemClock
from tests.cli.conftest import Type

NOW = SystemClock().now().replace(minute=0, second=0, microsecond=0)


@pytest.fixture(autouse=True)
def ready(typed: Type, folder: Path, slack: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database, people who are reached in Slack, ada at the keyboard, and a day for each in the rota."""
    rotas = folder / "config/rotas.yaml"
    rotas.write_text(rotas.read_text().replace("[ada, null, bo]", "[ada, bo]").replace("1 week", "1 day", 1), "utf-8")
    typed("migrate")
    monkeypatch.setenv("TOCSIN_PERSON", "ada")


def shift(typed: Type, person: str, away: int = 2) -> tuple[str, str]:
    """A turn of theirs a few days ahead."""
    start = (NOW + timedelta(days=away)).isoformat()
    found = json.loads(typed("oncall", "show", "first-line", "--from", start, "--days", "4", "--json").stdout)
    return next((one["start"], one["end"]) for one in found["shifts"][1:] if one["person"] == person)


def on_call(typed: Type, at: str) -> list[str]:
    inside = (datetime.fromisoformat(at) + timedelta(hours=1)).isoformat()
    persons: list[str] = json.loads(typed("oncall", "who", "first-line", "--at", inside, "--json").stdout)["persons"]
    return persons


def test_who_accepts_first_has_the_shift(typed: Type) -> None:
    start, end = shift(typed, "ada")
    asked = json.loads(typed("oncall", "ask", "first-line", "--from", start, "--to", end, "--json").stdout)
    assert (asked["verdict"], asked["request"]["standing"]) == ("GO", "open")
    assert asked["request"]["id"] in typed("oncall", "covers").stdout
    assert on_call(typed, start) == ["ada"]
    taken = json.loads(typed("oncall", "accept", asked["request"]["id"], "--as", "bo", "--json").stdout)
    assert taken["request"]["taken_by"] == "bo"
    assert on_call(typed, start) == ["bo"]
    assert typed("oncall", "covers").stdout == "Nobody asks for cover.\n"
    assert [one["standing"] for one in json.loads(typed("oncall", "covers", "--all", "--json").stdout)] == ["taken"]


def test_a_swap_changes_both_shifts(typed: Type) -> None:
    (start, end), (back, until) = shift(typed, "ada"), shift(typed, "bo", 5)
    words = ("--from", start, "--to", end, "--back-from", back, "--back-to", until)
    asked = typed("oncall", "swap", "first-line", *words, "--why", "a wedding")
    assert "CVR-1" in asked.stdout
    typed("oncall", "accept", "1", "--as", "bo")
    assert (on_call(typed, start), on_call(typed, back)) == (["bo"], ["ada"])


def test_a_wish_that_is_withdrawn_is_nobodys(typed: Type) -> None:
    start, end = shift(typed, "ada")
    typed("oncall", "ask", "first-line", "--from", start, "--to", end)
    assert typed("oncall", "withdraw", "CVR-1").stdout
    assert typed("oncall", "accept", "CVR-1", "--as", "bo", code=1).stdout
    assert on_call(typed, start) == ["ada"]


def test_cover_for_the_past_or_for_a_shift_of_somebody_else_is_refused(typed: Type) -> None:
    assert typed("oncall", "ask", "first-line", "--from", "2020-01-01", "--to", "2020-01-02", code=1).stdout
    start, end = shift(typed, "bo")
    assert typed("oncall", "ask", "first-line", "--from", start, "--to", end, code=1).stdout
    assert "CVR-99" in typed("oncall", "accept", "99", code=1).stderr


def test_gaps_are_told_and_fail(typed: Type, folder: Path) -> None:
    whole = typed("oncall", "gaps").stdout
    assert "tiers are armed until" in whole
    rotas, runbook = folder / "config/rotas.yaml", folder / "runbooks/drift.md"
    rotas.write_text(rotas.read_text().replace("[ada, bo]", "[ada, null]"), "utf-8")
    runbook.write_text(runbook.read_text().replace("person:ada", "rota:first-line"), "utf-8")
    found = json.loads(typed("oncall", "gaps", "--days", "6", "--json", code=1).stdout)
    assert {tuple(one["targets"]) for one in found["gaps"]} == {("rota:first-line",)}
    assert len(found["gaps"]) in (3, 4)  # the first may have begun
    assert "L1 of drift" in typed("oncall", "gaps", code=1).stdout


def test_the_list_has_the_clocks_of_the_rota(typed: Type) -> None:
    start, end = shift(typed, "ada")
    typed("oncall", "ask", "first-line", "--from", start, "--to", end)
    said = typed("oncall", "covers").stdout
    zone = start[-6:].replace(":", "")
    assert f"{start[:10]} {start[11:16]} {zone}" in said
    assert "Z" not in said.split("\n")[1]


def test_the_roster_lists_the_changes_by_hand_with_the_ids_that_take_them_back(typed: Type) -> None:
    start, end = shift(typed, "ada")
    typed("oncall", "absence", "first-line", "--from", start, "--to", end, "--why", "a wedding", "--yes")
    said = typed("oncall", "show", "first-line", "--from", start, "--days", "1").stdout
    (row,) = (line for line in said.split("\n") if line.startswith("OVR-1 "))
    assert row.split()[:3] == ["OVR-1", "absence", "ada"]
    assert row.endswith("a wedding")
    typed("oncall", "remove", "OVR-1")
    assert "OVR-1" not in typed("oncall", "show", "first-line", "--from", start, "--days", "1").stdout
