"""`tocsin init`: a configuration that passes its own check, and nothing of the operator's is written over."""

import re
import stat
from pathlib import Path

import pytest

from tests.cli.conftest import Type


def test_what_init_writes_passes_check(typed: Type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "new" / "home"
    shown = typed("init", home).output
    assert f"tocsin serve --config {home / 'config'}" in shown
    assert (home / "config/noise.yaml").read_text().startswith("# What keeps the pager from crying wolf.")
    assert (home / "runbooks/storm.md").exists()
    for name, value in re.findall(r"(?m)^(\w+)=(\S+)$", (home / ".env").read_text()):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-made-up")
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-made-up")
    assert typed("check", "--config", home / "config").output.startswith("Good: ")


def test_the_secrets_it_makes_up_are_long_different_and_for_one_pair_of_eyes(typed: Type, tmp_path: Path) -> None:
    typed("init", tmp_path / "one")
    typed("init", tmp_path / "two")
    made = [re.findall(r"(?m)^\w+_SECRET=(\S+)$", (tmp_path / n / ".env").read_text()) for n in ("one", "two")]
    assert len({*made[0], *made[1]}) == 2 * len(made[0]) > 0
    assert min(len(secret) for secret in made[0]) >= 40
    assert stat.S_IMODE((tmp_path / "one/.env").stat().st_mode) == 0o600


def test_files_that_are_there_are_kept_unless_forced_and_secrets_always(typed: Type, tmp_path: Path) -> None:
    typed("init", tmp_path / "home")
    mine = tmp_path / "home/config/people.yaml"
    original, secrets = mine.read_text(), (tmp_path / "home/.env").read_text()
    mine.write_text("# mine\n")
    (tmp_path / "home/runbooks/drift.md").unlink()
    shown = typed("init", tmp_path / "home").output
    assert f"kept   {mine}" in shown
    assert f"wrote  {tmp_path / 'home/runbooks/drift.md'}" in shown
    assert mine.read_text() == "# mine\n"
    typed("init", "--force", tmp_path / "home")
    assert mine.read_text() == original
    assert (tmp_path / "home/.env").read_text() == secrets


def test_a_folder_that_cannot_be_written_is_refused(typed: Type, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "cannot be written" in typed("init", tmp_path / "file", code=2).stderr
