"""`tocsin postmortem` and `tocsin incident timeline`: a document without Slack, and what keeps it from being lost."""

import asyncio
import json
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.engine import declare
from bot.engine.desk import Desk
from bot.runbooks import Library
from bot.settings import load
from bot.store import Store
from tests.cli.conftest import Type


@pytest.fixture(autouse=True)
def opened(typed: Type, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An incident that ada declared."""
    typed("migrate")
    monkeypatch.setenv("TOCSIN_PERSON", "ada")

    async def write() -> None:
        clock = SystemClock()
        store = await Store.open(f"sqlite:///{folder}/tocsin.db", clock=clock)
        desk = Desk(store, clock, load(folder / "config", {}), Library())
        draft = declare.Draft("accuracy fell", model="churn")
        await declare.open_(desk, draft, "person:ada", clock.now(), "cli", "one")
        await store.close()

    asyncio.run(write())


def test_the_bare_word_drafts_then_shows(typed: Type, folder: Path) -> None:
    first = typed("postmortem", "INC-1")
    assert first.stdout.startswith("# PM-1: accuracy fell")
    assert "PM-1 of INC-1 is drafted" in first.stderr
    again = typed("postmortem", "PM-1")
    assert (again.stdout, again.stderr) == (first.stdout, "")
    out = folder / "pm.md"
    assert "version 1" in typed("postmortem", "INC-1", "--out", out).stdout
    assert out.read_text("utf-8").rstrip("\n") == first.stdout.rstrip("\n")
    assert json.loads(typed("postmortem", "show", "1", "--json").stdout)["id"] == "PM-1"
    assert "PM-1" in typed("postmortem", "list").stdout
    assert "INC-9" in typed("postmortem", "INC-9", code=1).stderr


def test_it_is_edited_as_a_file_and_every_version_can_be_read(typed: Type, folder: Path) -> None:
    typed("postmortem", "INC-1", "--out", folder / "pm.md")
    text = (folder / "pm.md").read_text("utf-8")
    (folder / "pm.md").write_text(f"{text}\nMine.\n", "utf-8")
    assert "version 2" in typed("postmortem", "edit", "PM-1", folder / "pm.md").stdout
    (folder / "pm.md").write_text(f"{text}\nLate.\n", "utf-8")
    late = typed("postmortem", "edit", "PM-1", folder / "pm.md", "--seen", "1", code=1)
    assert "kept in the log" in late.stderr
    assert "Mine." in typed("postmortem", "PM-1").stdout
    found = json.loads(typed("postmortem", "versions", "PM-1", "--json").stdout)
    assert [one["what"] for one in found] == ["drafted", "edited", "outrun"]
    assert "Late." in typed("postmortem", "versions", "PM-1", found[2]["ref"]).stdout
    assert "sections were redrawn" in typed("postmortem", "refresh", "PM-1").stdout
    assert "cannot be read" in typed("postmortem", "edit", "PM-1", folder / "none.md", code=2).stderr


def test_it_is_looked_at_and_published(typed: Type) -> None:
    typed("postmortem", "INC-1")
    assert "Write here" in typed("postmortem", "lint", "PM-1").stdout
    assert "still open" in typed("postmortem", "publish", "PM-1", code=1).stdout
    assert "published" in typed("postmortem", "publish", "PM-1", "--why", "The auditor waits.").stdout
    assert "draft" in typed("postmortem", "move", "PM-1", "draft").stdout
    assert "review" in typed("postmortem", "move", "PM-1", "gone", code=2).stderr


def test_a_line_is_hidden_and_comes_back(typed: Type) -> None:
    lines = json.loads(typed("incident", "timeline", "INC-1", "--json").stdout)
    assert {"at", "recorded_at", "who", "what", "kind", "seq"} <= set(lines[0])
    seq = lines[0]["seq"]
    assert "--why" in typed("postmortem", "hide", "INC-1", seq, code=2).stderr
    assert "stays in the log" in typed("postmortem", "hide", "INC-1", seq, "--why", "A name.").stdout
    assert len(json.loads(typed("incident", "timeline", "INC-1", "--json").stdout)) == len(lines) - 1
    assert "left out of documents" in typed("incident", "timeline", "INC-1", "--all").stdout
    assert "1 of" in typed("postmortem", "INC-1").stdout
    typed("postmortem", "unhide", "INC-1", seq)
    assert len(json.loads(typed("incident", "timeline", "INC-1", "--json").stdout)) == len(lines)


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ("severities: [sev9]", "sev9"),
        ("template: none.j2", "none.j2"),
        ("template: bad.j2", "bad.j2:2"),
        ("remind: 1m", "once an hour"),
        ("exports: [nowhere]", "nowhere"),
        ("exports: [prom]", "takes no documents"),
    ],
)
def test_what_is_wrong_in_the_configuration_is_told(typed: Type, folder: Path, said: str, complaint: str) -> None:
    (folder / "config/bad.j2").write_text("ok\n{{ nobody.knows }}\n", "utf-8")
    file = folder / "config/tocsin.yaml"
    file.write_text(f"{file.read_text('utf-8')}postmortems: {{{said}}}\n", "utf-8")
    told = typed("check", code=1).stderr
    assert complaint in told
    assert "do:" in told
