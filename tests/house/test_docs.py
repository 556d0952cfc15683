"""The docs are under test: what a person can set, type, press, call or read has its place in a README."""

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from types import ModuleType

import pytest
import typer
from prometheus_client import CollectorRegistry, Counter, Gauge
from pydantic import BaseModel, Field
from ruamel.yaml import YAML, YAMLError

from tests.house import documented, source

HEAD = {"title", "owner", "review_by", "match", "severity", "tiers", "start"}


def plugin_folders(root: Path) -> list[str]:
    """What is missing in the folders of the plugins: a README, and samples where the plugin reads deliveries."""
    found = []
    for init in sorted(root.glob("plugins/*/__init__.py")):
        folder = init.parent
        if not (folder / "README.md").exists():
            found.append(f"plugins/{folder.name} has no README.md.")
        if (folder / "source.py").exists() and not any((folder / "samples").glob("*.json")):
            found.append(f"plugins/{folder.name} reads deliveries and has no samples/*.json.")
    return found


def runbook_heads(root: Path) -> list[str]:
    """The runbooks whose head is missing, unreadable or short of a key, and those with nothing to do below it."""
    found = []
    for file in sorted((root / "runbooks").glob("*.md")):
        if file.name == "README.md":
            continue
        parts = file.read_text(encoding="utf-8").split("---\n", 2)
        try:
            head = YAML(typ="safe").load(parts[1]) if len(parts) == 3 and not parts[0] else None
        except YAMLError as error:
            found.append(f"runbooks/{file.name}: {error}")
            continue
        missing = sorted(HEAD - set(head)) if isinstance(head, dict) else ["its head"]
        if missing:
            found.append(f"runbooks/{file.name} lacks {', '.join(missing)}.")
        elif not parts[2].strip():
            found.append(f"runbooks/{file.name} says nothing to do.")
    return found


def settings(root: Path) -> set[str]:
    """Every key of our settings and of the settings of the plugins."""
    packages = ["bot.settings", *(f"plugins.{init.parent.name}" for init in root.glob("plugins/*/__init__.py"))]
    return {key for package in packages for key in documented.keys(documented.loaded(package))}


# What a README must name, by its kind, and how it is found.
SPELLED_OUT: dict[str, Callable[[Path], set[str]]] = {
    "settings": settings,
    "runbook keys": lambda root: documented.keys(documented.loaded("bot.runbooks")),
    "matcher fields": lambda root: documented.values(documented.loaded("bot.rules.matching"), "FIELDS"),
    "commands": lambda root: documented.commands(documented.loaded("bot.cli")),
    "buttons": lambda root: documented.values(documented.loaded("bot.engine.respond"), "Verb"),
    "metrics": lambda root: documented.metrics(documented.loaded("bot.telemetry")),
    "paths": documented.routes,
    "variables": documented.variables,
}


@pytest.mark.parametrize("kind", SPELLED_OUT)
def test_a_readme_names_it(kind: str) -> None:
    things = SPELLED_OUT[kind](source.ROOT)
    found = documented.unnamed(things, documented.pages(source.ROOT))
    assert not found, f"No README names these {kind} as code: {', '.join(found)}"


def test_every_plugin_has_its_page_and_samples() -> None:
    found = plugin_folders(source.ROOT)
    assert not found, "\n".join(found)


def test_every_runbook_has_a_whole_head() -> None:
    found = runbook_heads(source.ROOT)
    assert not found, "\n".join(found)


def test_what_no_readme_names_is_found(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(
        "Set `body_limit`, not rest.\n```sh\ntocsin incident list|show\n```\n", encoding="utf-8"
    )
    (tmp_path / "config").mkdir()
    (tmp_path / "config/README.md").write_text("`POST /alerts/{connection}` and `sockets: 2`\n", encoding="utf-8")
    text = documented.pages(tmp_path)
    named = ["body_limit", "sockets", "incident list", "incident show", "/alerts/{connection}"]
    assert documented.unnamed([*named, "rest", "incident ack", "/metrics"], text) == [
        "/metrics",
        "incident ack",
        "rest",
    ]


def test_a_bare_plugin_folder_is_named(tmp_path: Path) -> None:
    source.plant(tmp_path, {"plugins/a/source.py": "", "plugins/b/pager.py": "", "plugins/b/README.md": "# b"})
    assert plugin_folders(tmp_path) == [
        "plugins/a has no README.md.",
        "plugins/a reads deliveries and has no samples/*.json.",
    ]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("# No head\n", "runbooks/a.md lacks its head."),
        (
            "---\ntitle: A\nowner: b\nmatch: {}\nstart: {}\ntiers: {}\n---\nDo.\n",
            "runbooks/a.md lacks review_by, severity.",
        ),
        ("---\ntitle: A\ntitle: B\n---\nDo.\n", "runbooks/a.md: while constructing"),
        ("---\n" + "".join(f"{key}: 1\n" for key in sorted(HEAD)) + "---\n\n", "runbooks/a.md says nothing to do."),
    ],
)
def test_a_poor_runbook_is_named(tmp_path: Path, text: str, complaint: str) -> None:
    source.plant(tmp_path, {"runbooks/a.md": text, "runbooks/README.md": "# How to write one\n"})
    (found,) = runbook_heads(tmp_path)
    assert found.startswith(complaint)


def test_the_keys_of_settings_are_seen() -> None:
    room = ModuleType("room")

    class Web(BaseModel):
        body_limit: int
        start: str = Field(alias="from")

    Web.__module__ = "room"
    room.Web, room.Base = Web, BaseModel
    assert documented.keys([room]) == {"body_limit", "from"}


def test_commands_are_seen_as_they_are_typed() -> None:
    room = ModuleType("room")
    room.app, group = typer.Typer(), typer.Typer()
    room.app.add_typer(group, name="incident")
    for app, name in ((room.app, "serve"), (group, "list"), (group, "ack")):
        app.command(name)(lambda: None)
    room.app.command("inner", hidden=True)(lambda: None)
    assert documented.commands([room]) == {"serve", "incident list", "incident ack"}


def test_metrics_are_seen_as_they_are_scraped() -> None:
    room = ModuleType("room")
    registry = CollectorRegistry()
    room.PAGES = Counter("tocsin_pages", "Pages.", ["channel"], registry=registry)
    room.LAG = Gauge("tocsin_loop_lag_seconds", "Lag.", registry=registry)
    assert documented.metrics([room]) == {"tocsin_pages_total", "tocsin_loop_lag_seconds"}


def test_enumerations_and_tables_are_seen() -> None:
    room = ModuleType("room")
    room.Verb = StrEnum("Verb", {"ACK": "acknowledge"})
    room.FIELDS = {"kind": "What it is about."}
    assert documented.values([room], "Verb") == {"acknowledge"}
    assert documented.values([room], "FIELDS") == {"kind"}
    assert documented.values([room], "NOTHING") == set()


def test_paths_and_variables_are_seen(tmp_path: Path) -> None:
    text = 'from starlette import routing\nx = [routing.Route("/metrics", f), routing.Mount("/", f)]\n'
    source.plant(
        tmp_path, {"bot/web/hooks.py": text, "bot/cli/serve.py": 'Route("/elsewhere", env["SLACK_API_URL"])\n'}
    )
    assert documented.routes(tmp_path) == {"/metrics"}
    assert documented.variables(tmp_path) == {"SLACK_API_URL"}


def test_what_does_not_exist_has_nothing_to_name() -> None:
    assert list(documented.loaded("bot.no_such_room")) == []
    assert list(documented.loaded("bot.no_such_room.page")) == []
    assert list(documented.loaded("no_such_house")) == []
