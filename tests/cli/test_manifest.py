"""`tocsin manifest`: what Slack takes, printed where nothing is configured yet."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from bot.slack import manifest
from tests.cli.conftest import Type

URL = "https://tocsin.example.com"


@pytest.fixture(autouse=True)
def nothing_yet(folder: Path, typed: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which nothing has been written or set."""
    monkeypatch.setenv("TOCSIN_CONFIG", str(folder / "nowhere"))
    monkeypatch.delenv("SLACK_BOT_TOKEN", raising=False)


def test_it_prints_the_manifest_of_either_mode(typed: Type) -> None:
    yaml = YAML(typ="safe")
    assert yaml.load(typed("manifest").stdout) == manifest.manifest("socket")
    shown = typed("manifest", "--mode", "http", "--url", URL).stdout
    assert yaml.load(shown) == manifest.manifest("http", URL)
    assert "- im:write  # Pages reach people by direct message." in shown


def test_programs_and_browsers_get_the_same(typed: Type) -> None:
    assert json.loads(typed("manifest", "--json").stdout) == manifest.manifest("socket")
    (link,) = typed("manifest", "--link", "--mode", "http", "--url", URL).stdout.splitlines()
    assert link == manifest.link(manifest.manifest("http", URL))


def test_scopes_can_be_left_out(typed: Type) -> None:
    shown = typed("manifest", "--without", "reactions:read", "--without", "users:read.email").stdout
    assert "reactions:read" not in shown
    assert "reaction_added" not in shown
    assert "users:read.email" not in shown
    assert "channels:read" in shown


@pytest.mark.parametrize(
    "words",
    [("--mode", "http"), ("--mode", "http", "--url", "http://x.example"), ("--url", URL), ("--mode", "carrier-pigeon"),
     ("--without", "chat:write"), ("--without", "everything")],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_a_cure(typed: Type, words: tuple[str, ...]) -> None:
    failed = typed("manifest", *words, code=2)
    assert not failed.stdout
    assert "do:" in failed.stderr or "socket" in failed.stderr


def test_it_needs_neither_bolt_nor_the_sdk(tmp_path: Path) -> None:
    look = (
        "import sys; from bot.slack import manifest; manifest.yaml(manifest.manifest('socket'));"
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'slack_bolt', 'slack_sdk', 'aiohttp'}))"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", look], capture_output=True, text=True, check=True, cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(root)},
    )  # fmt: skip
    assert done.stdout.strip() == "[]"
