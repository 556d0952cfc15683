"""docs/plugins.md explains the contract member by member, and its examples run."""

import dataclasses
import inspect
import re
import sys
from enum import Enum
from pathlib import Path
from types import ModuleType

import pytest
from pydantic import BaseModel

import bot.contract
from bot.contract import guess, http, mapping, multipart, outline, proof, reading, refusal, stamp
from tests.house import documented, source

PAGE = source.ROOT / "docs" / "plugins.md"
LENT = (reading, proof, guess, mapping, http, outline, stamp, multipart, refusal)
#: what a base class or Python gives them, and nobody needs told
GIVEN = {"model_config", "with_traceback", "add_note", "args"}


def members(name: str) -> list[str]:
    """The public members of one name of the contract: fields, methods, values."""
    thing = getattr(bot.contract, name)
    if not isinstance(thing, type):
        return []
    if issubclass(thing, Enum):
        return [member.name for member in thing]
    if issubclass(thing, BaseModel):
        return list(thing.model_fields)
    found = [field.name for field in dataclasses.fields(thing)] if dataclasses.is_dataclass(thing) else []
    own = [*vars(thing), *inspect.get_annotations(thing)]
    return [one for one in dict.fromkeys([*found, *own]) if not one.startswith("_") and one not in GIVEN]


def spelled() -> set[str]:
    """Every word that stands on the page as code."""
    return {word for line in documented.code(PAGE.read_text("utf-8")) for word in re.findall(r"\w+", line)}


@pytest.mark.parametrize("name", bot.contract.__all__)
def test_the_page_explains_it(name: str) -> None:
    missing = [word for word in (name, *members(name)) if word not in spelled()]
    assert not missing, f"docs/plugins.md does not say what {', '.join(missing)} of {name} is."


@pytest.mark.parametrize("name", bot.contract.__all__)
def test_the_code_says_it_too(name: str) -> None:
    thing = getattr(bot.contract, name)
    if not isinstance(thing, type):
        return
    assert thing.__doc__, f"{name} has no docstring."
    for member, function in inspect.getmembers(thing, inspect.isfunction):
        if not member.startswith("_") and function.__module__.startswith("bot."):
            assert function.__doc__, f"{name}.{member} promises nothing."


@pytest.mark.parametrize("module", LENT, ids=lambda module: module.__name__)
def test_what_is_lent_is_named(module: ModuleType) -> None:
    assert module.__name__.rpartition(".")[2] in spelled()
    functions = [
        name
        for name, thing in inspect.getmembers(module, inspect.isfunction)
        if thing.__module__ == module.__name__ and not name.startswith("_") and module is not mapping
    ]
    missing = [name for name in functions if name not in spelled()]
    assert not missing, f"docs/plugins.md does not name {', '.join(missing)} of {module.__name__}."


async def test_the_test_of_the_whole_bot_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plugin, test = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    beacon = ModuleType("tocsin_beacon")
    exec(compile(plugin, "docs/plugins.md", "exec"), vars(beacon))
    monkeypatch.setitem(sys.modules, "tocsin_beacon", beacon)
    told: dict[str, object] = {}
    exec(compile(test, "docs/plugins.md", "exec"), told)
    (run,) = [thing for name, thing in told.items() if name.startswith("test_")]
    await run(tmp_path)  # type: ignore[operator]
