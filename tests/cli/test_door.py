"""The command line as a whole: light to start, honest about errors, and nothing heavy for a question of help."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import bot
from bot import cli
from tests.cli.conftest import Type

COMMANDS = {"serve", "init", "check", "migrate", "replay", "alert", "incident", "oncall", "audit"}
# Not pydantic: typer itself looks for its types among the parameters of a command.
HEAVY = {"sqlalchemy", "sqlmodel", "alembic", "slack_bolt", "slack_sdk", "numpy", "starlette", "uvicorn", "apscheduler",
         "jinja2", "ruamel", "structlog", "prometheus_client", "aiohttp", "httpx", "rich"}  # fmt: skip


def loaded_by(*words: str, cwd: Path) -> set[str]:
    """The outside libraries that a real process has imported by the end of a command."""
    program = (
        "import sys\nfrom bot.__main__ import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        "print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)\n"
    )
    run = subprocess.run([sys.executable, "-c", program, *words], capture_output=True, text=True, check=True, cwd=cwd)
    return set(run.stderr.split())


@pytest.mark.parametrize("words", [("--help",), ("--version",), ("serve", "--help"), ("incident", "ack", "--help")])
def test_help_imports_nothing_heavy(words: tuple[str, ...], tmp_path: Path) -> None:
    assert not loaded_by(*words, cwd=tmp_path) & HEAVY


def test_checking_the_configuration_needs_no_database_no_slack_and_no_web(folder: Path) -> None:
    loaded = loaded_by("check", "--config", str(folder / "config"), cwd=folder)
    assert "ruamel" in loaded
    assert not loaded & {"sqlalchemy", "slack_bolt", "slack_sdk", "starlette", "uvicorn", "apscheduler", "numpy"}


def test_help_names_every_command(typed: Type) -> None:
    shown = typed("--help").output
    assert all(f"\n  {name} " in shown for name in COMMANDS)
    assert "usage" in typed(code=2).output.lower()


def test_every_command_and_option_says_what_it_does() -> None:
    group = cli.typer.main.get_command(cli.app)
    silent = []
    waiting = [("tocsin", group)]
    while waiting:
        name, command = waiting.pop()
        waiting += [(f"{name} {sub}", found) for sub, found in getattr(command, "commands", {}).items()]
        silent += [name] if not command.help else []
        silent += [f"{name} {p.name}" for p in command.params if not getattr(p, "help", None)]
    assert silent == []


def test_the_version(typed: Type) -> None:
    assert typed("--version").output == f"tocsin {bot.__version__}\n"


def test_a_wrong_word_is_refused_with_the_usage(typed: Type) -> None:
    assert "No such command" in typed("incidents", code=2).output
    assert "--nix" in typed("check", "--nix", code=2).output


def test_an_error_of_ours_is_two_lines_and_a_code(typed: Type, folder: Path) -> None:
    typed("migrate")
    failed = typed("incident", "show", "99", code=1)
    assert failed.stdout == ""
    assert failed.stderr.splitlines() == [
        "error: There is no incident INC-99.",
        "do:    See `tocsin incident list` or /incident list.",
    ]
    assert typed("incident", "show", "../etc", code=1).stderr.startswith("error: '../etc' is not an incident.")


def test_complaints_about_the_configuration_come_with_file_line_and_cure_at_every_command(
    typed: Type, folder: Path
) -> None:
    rotas = folder / "config/rotas.yaml"
    rotas.write_text(rotas.read_text().replace("members: [cy]", "members: [zy]").replace("every: 1", "evry: 1", 1))
    for words in (("oncall", "who"), ("incident", "list"), ("migrate",), ("serve",)):
        said = typed(*words, code=2).stderr
        assert f"error: {rotas}:5: " in said
        assert f"error: {rotas}:6: " in said
        assert "do:    Did you mean" in said


def test_the_module_runs_as_the_command_does() -> None:
    run = subprocess.run([sys.executable, "-m", "bot", "--version"], capture_output=True, text=True, check=True)
    assert run.stdout == f"tocsin {bot.__version__}\n"


def test_no_configuration_is_a_complaint_with_a_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_CONFIG", str(tmp_path / "nowhere"))
    result = CliRunner().invoke(cli.app, ["oncall", "who"])
    assert result.exit_code == 2
    assert "tocsin init" in result.stderr
