"""A folder with a small configuration, and a way to type commands in it."""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot import cli

Type = Callable[..., Result]

TOCSIN = """\
database: sqlite:///{folder}/tocsin.db
slack: {{mode: "{slack}", channel: "#ml-oncall"}}
connections:
  - {{name: prom, plugin: alertmanager, entity: retail}}
escalation: {{fallback: ["person:cy"]}}
"""
PEOPLE = """\
people:
  - {name: ada, slack: U01ADA}
  - {name: bo, slack: U01BO}
  - {name: cy, slack: U01CY}
teams:
  - {name: churn-ml, entity: retail, members: [ada, bo], lead: cy}
"""
ESTATE = """\
entities:
  - {name: retail, timezone: Europe/Istanbul}
models:
  - {name: churn, kind: model, entity: retail, team: churn-ml, criticality: high}
"""
ROTAS = """\
rotas:
  - name: first-line
    timezone: America/Chicago
    layers:
      - {name: weekly, start: "2026-11-02 09:00", every: 1 week, members: [ada, null, bo]}
  - {name: second-line, timezone: UTC, start: "2026-11-02 09:00", every: 1 week, members: [cy]}
"""
RUNBOOK = """\
---
title: Features drifted
owner: team:churn-ml
review_by: 2099-06-01
match: {kind: drift}
severity:
  - {is: sev3}
tiers:
  L1: {page: "person:ada", answer_within: 10m, may: [silence]}
start: {sev3: L1}
---
Look at the features.
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A configuration that stands in no chat, its runbook, and no database yet."""
    (tmp_path / "config").mkdir()
    (tmp_path / "runbooks").mkdir()
    files = {
        "config/tocsin.yaml": TOCSIN.format(folder=tmp_path, slack="off"),
        "config/people.yaml": PEOPLE,
        "config/estate.yaml": ESTATE,
        "config/rotas.yaml": ROTAS,
        "runbooks/drift.md": RUNBOOK,
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


@pytest.fixture
def typed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Type:
    """`typed("incident", "list", code=0)`: run it in that folder and see that it ends with this code."""
    monkeypatch.setenv("TOCSIN_CONFIG", str(folder / "config"))
    monkeypatch.delenv("TOCSIN_PERSON", raising=False)

    def run(*words: str, code: int = 0, given: str | bytes | None = None) -> Result:
        root = logging.getLogger()
        handlers, level = root.handlers[:], root.level
        result = CliRunner().invoke(cli.app, [str(word) for word in words], input=given)
        # A command sends the log to its own standard error, which ends with it.
        root.handlers[:] = handlers
        root.setLevel(level)
        assert result.exit_code == code, (words, result.output, result.exception)
        assert "Traceback" not in result.output
        return result

    return run


@pytest.fixture
def slack(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same, with people reached in Slack (by a running bot; none runs here)."""
    (folder / "config/tocsin.yaml").write_text(TOCSIN.format(folder=folder, slack="socket"), "utf-8")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-made-up")
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-made-up")
