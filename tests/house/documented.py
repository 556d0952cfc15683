"""Finds, by looking at the code, what a person can set, type, press, call or read, and whether a README names it."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterable, Iterator
from enum import Enum
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import typer
from prometheus_client.metrics import MetricWrapperBase
from pydantic import BaseModel

from tests.house import source

FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`[^`\n]+`")
VARIABLE = re.compile(r"(?:SLACK|TOCSIN)_[A-Z][A-Z_]*|DATABASE_URL")
MOUNTS = {"Route", "WebSocketRoute", "Mount"}


def pages(root: Path) -> str:
    """The text of every README and of the pages below docs/, one after the other."""
    files = [root / "README.md", *sorted(root.glob("*/README.md")), *sorted(root.glob("plugins/*/README.md"))]
    files += sorted((root / "docs").rglob("*.md"))
    return "\n".join(file.read_text(encoding="utf-8") for file in files if file.exists())


def code(text: str) -> list[str]:
    """The lines of a Markdown text that are code: what stands between backticks, and each line of a fenced block."""
    lines = [line for block in FENCE.findall(text) for line in block.splitlines()[1:-1]]
    return lines + [span.strip("`") for span in SPAN.findall(FENCE.sub("", text))]


def unnamed(phrases: Iterable[str], text: str) -> list[str]:
    """The phrases that no line of code in a text names; all words of a phrase must stand in the same line."""
    lines = [set(re.findall(r"[\w.{}/-]+", line)) | set(re.findall(r"\w+", line)) for line in code(text)]
    return sorted({phrase for phrase in phrases if not any(set(phrase.split()) <= line for line in lines)})


def loaded(package: str) -> Iterator[ModuleType]:
    """A module and everything below it, imported; nothing where it does not exist."""
    parts = package.split(".")
    if not all(find_spec(".".join(parts[:end])) for end in range(1, len(parts) + 1)):
        return
    module = importlib.import_module(package)
    yield module
    for info in pkgutil.walk_packages(getattr(module, "__path__", ()), f"{package}."):
        yield importlib.import_module(info.name)


def keys(rooms: Iterable[ModuleType]) -> set[str]:
    """Every key that the pydantic models defined in these modules accept."""
    return {
        field.alias or name
        for module in rooms
        for model in vars(module).values()
        if isinstance(model, type) and issubclass(model, BaseModel) and model.__module__ == module.__name__
        for name, field in model.model_fields.items()
    }


def commands(rooms: Iterable[ModuleType]) -> set[str]:
    """Every command below the first typer application these modules show as `app`, as it is typed after `tocsin`."""
    apps = [module.app for module in rooms if isinstance(getattr(module, "app", None), typer.Typer)]
    return set(typed(typer.main.get_command(apps[0]))) if apps else set()


def typed(command: object, path: str = "") -> Iterator[str]:
    """The words that lead to each command below one, hidden ones left out."""
    below = getattr(command, "commands", None)
    if below is None:
        yield path
        return
    for name, child in below.items():
        if not child.hidden:
            yield from typed(child, f"{path} {name}".strip())


def metrics(rooms: Iterable[ModuleType]) -> set[str]:
    """The names of the metrics that these modules keep as constants, as they are scraped."""
    found = [thing for module in rooms for thing in vars(module).values() if isinstance(thing, MetricWrapperBase)]
    return {metric.describe()[0].name + ("_total" if metric._type == "counter" else "") for metric in found}


def values(rooms: Iterable[ModuleType], name: str) -> set[str]:
    """The values of an enumeration or the keys of a table, by the name the first of these modules gives it."""
    thing = next((getattr(module, name, None) for module in rooms), None)
    if isinstance(thing, type) and issubclass(thing, Enum):
        return {str(member.value) for member in thing}
    return set(thing) if isinstance(thing, dict) else set()


def routes(root: Path) -> set[str]:
    """The paths of the HTTP door, read from its calls of Route, WebSocketRoute and Mount, and the places of plugins."""
    return places(root) | {
        node.args[0].value
        for module in source.modules(root)
        if module.name.startswith("bot.web")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and (module.dotted(node.func) or "").rpartition(".")[2] in MOUNTS and node.args
        if isinstance(node.args[0], ast.Constant) and len(node.args[0].value) > 1
    }


def places(root: Path) -> set[str]:
    """The paths of the vendors' addresses, read from the calls of Place in the plugins."""
    return {
        node.args[1].value
        for module in source.modules(root)
        if module.name.startswith("plugins.")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and (module.dotted(node.func) or "").rpartition(".")[2] == "Place"
        if len(node.args) > 1 and isinstance(node.args[1], ast.Constant)
    }


def variables(root: Path) -> set[str]:
    """The environment variables that our code spells out; those a test alone sets are nobody's business."""
    return {
        node.value
        for module in source.modules(root)
        if module.name != "bot.failpoint" and not module.name.startswith("bot.testing")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and VARIABLE.fullmatch(node.value)
    }
