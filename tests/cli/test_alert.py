"""`tocsin alert parse`: what would be understood of a message, with nothing written and nobody paged."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Type
from tests.cli.deliveries import firing


@pytest.fixture
def body(tmp_path: Path) -> Path:
    file = tmp_path / "body.json"
    file.write_text(firing())
    return file


def test_a_connection_lends_what_it_knows(typed: Type, body: Path, folder: Path) -> None:
    (alert,) = json.loads(typed("alert", "parse", "prom", body, "--json").stdout)["alerts"]
    assert (alert["connection"], alert["entity"], alert["model"], alert["kind"]) == ("prom", "retail", "churn", "drift")
    assert alert["problem"]
    assert not (folder / "tocsin.db").exists()


def test_a_plugin_needs_no_configuration(typed: Type, body: Path, tmp_path: Path) -> None:
    shown = typed("alert", "parse", "alertmanager", body, "--config", tmp_path / "nowhere").stdout
    assert shown.splitlines()[1].split()[:3] == ["firing", "drift", "churn"]


def test_standard_input_is_read(typed: Type) -> None:
    found = json.loads(typed("alert", "parse", "prom", "-", "--json", given=firing(status="resolved")).stdout)
    assert [alert["status"] for alert in found["alerts"]] == ["resolved"]


def test_what_cannot_be_read_says_why(typed: Type, tmp_path: Path) -> None:
    assert "no JSON" in typed("alert", "parse", "prom", "-", code=2, given="{").stderr
    assert "cannot be read" in typed("alert", "parse", "prom", tmp_path / "gone.json", code=2).stderr
    assert "cannot be read" in typed("alert", "parse", "prom", tmp_path, code=2).stderr
    said = typed("alert", "parse", "nix", "-", code=1, given="{}").stderr
    assert "neither a connection nor a plugin called 'nix'" in said
    assert "prom" in said
    assert "alertmanager" in said


def test_a_hostile_title_cannot_steer_the_terminal(typed: Type) -> None:
    hostile = firing(fingerprint="\x1b[2J").replace("PSIHigh", "PSI\\u001b[31mHigh\\u202e")
    assert "\x1b" not in typed("alert", "parse", "prom", "-", given=hostile).stdout
