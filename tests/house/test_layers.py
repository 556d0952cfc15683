"""Imports run downhill: import-linter holds the rows of the bot, and a plugin sees the contract and drift only."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house import source

LENT = ("bot.contract", "bot.drift")
SHOWN_TO_PLUGINS = "a plugin may import bot.contract and bot.drift only"


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    """Runs import-linter with our contracts over the tree at root."""
    return subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache", "--config", source.ROOT / "pyproject.toml"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root), "NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def reaching_too_far(root: Path) -> list[str]:
    """What plugins import of the bot beyond what they are lent, and what they name of each other."""
    found = []
    for module in source.modules(root):
        if not module.name.startswith("plugins"):
            continue
        own = ".".join(module.name.split(".")[:2])
        for imported, line in module.imports():
            top = imported.split(".")[0]
            if top == "bot" and not any(f"{imported}.".startswith(f"{room}.") for room in LENT):
                found.append(f"{module.path}:{line} imports {imported}; {SHOWN_TO_PLUGINS}.")
            if top == "plugins" and not f"{imported}.".startswith(f"{own}."):
                found.append(f"{module.path}:{line} imports {imported}; a plugin never names another plugin.")
    return found


def missing_rooms(root: Path) -> list[str]:
    """Folders with Python in them and no `__init__.py`: import-linter and mypy would not see what is inside."""
    folders = {(root / module.path).parent for module in source.modules(root) if source.MIGRATIONS not in module.path}
    return [
        f"{folder.relative_to(root)} has no __init__.py."
        for folder in sorted(folders)
        if not (folder / "__init__.py").exists()
    ]


def test_the_rows_hold() -> None:
    outcome = lint(source.ROOT)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def test_plugins_see_the_contract_only() -> None:
    found = reaching_too_far(source.ROOT)
    assert not found, "\n".join(found)


def test_every_folder_is_a_package() -> None:
    found = missing_rooms(source.ROOT)
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "files",
    [
        {"bot/model/alert.py": "from bot.rules import rota\n", "bot/rules/rota.py": ""},
        {"bot/model/alert.py": "def f():\n    import bot.engine.page\n", "bot/engine/page.py": ""},
        {
            "bot/clock.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from bot.model import alert\n",
            "bot/model/alert.py": "",
        },
        {"bot/rules/rota.py": "import bot.store.jobs\n", "bot/store/jobs.py": ""},
        {"bot/engine/page.py": "import plugins.webhook\n", "plugins/webhook/__init__.py": ""},
        {"plugins/a/__init__.py": "import plugins.b.source\n", "plugins/b/source.py": ""},
        {"bot/attic.py": ""},
    ],
    ids=[
        "uphill",
        "in a function",
        "typing only",
        "within a row",
        "names a plugin",
        "between plugins",
        "a room without a row",
    ],
)
def test_import_linter_bites(tmp_path: Path, files: dict[str, str]) -> None:
    room = {"bot/errors.py": "", "plugins/a/__init__.py": "", "plugins/b/__init__.py": ""}
    outcome = lint(source.plant(tmp_path, {**room, **files}))
    assert outcome.returncode == 1, outcome.stdout + outcome.stderr


def test_import_linter_lets_a_small_house_stand(tmp_path: Path) -> None:
    house = {
        "bot/engine/page.py": "from bot.rules import rota\nfrom bot.store import jobs\n",
        "bot/rules/rota.py": "from bot.model import alert\n",
        "bot/store/jobs.py": "",
        "bot/model/alert.py": "",
        "plugins/a/__init__.py": "from bot.contract import source\n",
        "plugins/b/__init__.py": "",
        "bot/contract/source.py": "",
    }
    outcome = lint(source.plant(tmp_path, house))
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def test_the_reach_of_a_plugin_bites(tmp_path: Path) -> None:
    source.plant(
        tmp_path,
        {
            "plugins/a/__init__.py": "from bot import contract\nfrom bot.contract.alert import A\nimport bot.drift\n",
            "plugins/a/source.py": "from plugins.a import settings\nfrom bot.engine import intake\nimport bot\n",
            "plugins/b/client.py": "def f():\n    from plugins.a import settings\n",
        },
    )
    assert reaching_too_far(tmp_path) == [
        f"plugins/a/source.py:2 imports bot.engine.intake; {SHOWN_TO_PLUGINS}.",
        f"plugins/a/source.py:3 imports bot; {SHOWN_TO_PLUGINS}.",
        "plugins/b/client.py:2 imports plugins.a.settings; a plugin never names another plugin.",
    ]


def test_a_folder_without_init_is_named(tmp_path: Path) -> None:
    source.plant(tmp_path, {"bot/model/alert.py": ""})
    (tmp_path / "bot/model/__init__.py").unlink()
    assert missing_rooms(tmp_path) == ["bot/model has no __init__.py."]
