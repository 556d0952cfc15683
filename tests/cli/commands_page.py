"""docs/commands.md as the command line itself tells it; `python -m tests.cli.commands_page` writes it anew."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from bot import cli

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"
HEAD = """\
# The command line

Written from the commands themselves (`python -m tests.cli.commands_page`); `tocsin COMMAND --help` says the same.
What is wrong is said on standard error, with what to do about it. The exit code is 0, or 1 where the command was
understood and failed, or 2 where what it was given (words, a file, the configuration) cannot be used.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *_below(typer.main.get_command(cli.app), "tocsin")])


def _below(command: Any, name: str) -> Iterator[str]:
    inner = getattr(command, "commands", {})
    if not inner:
        yield from _one(command, name)
    for word, found in inner.items():
        yield from _below(found, f"{name} {word}")


def _one(command: Any, name: str) -> Iterator[str]:
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    words = [f"{p.metavar or p.name.upper()}" if p.required else f"[{p.metavar or p.name.upper()}]" for p in arguments]
    yield f"## `{' '.join([name, *words])}`\n\n{command.help}\n"
    for param in command.params:
        if param.name != "help":
            yield f"- {_spelled(param)}: {param.help}{_otherwise(param)}"
    yield ""


def _spelled(param: Any) -> str:
    if param.param_type_name == "argument":
        return f"`{param.metavar or param.name.upper()}`"
    value = "" if param.is_flag else f" {param.name.upper()}"
    return ", ".join(f"`{option}{value}`" for option in param.opts)


def _otherwise(param: Any) -> str:
    """What holds where nothing is said."""
    default = f" Without it: `{param.default}`." if param.default not in (None, False) and not param.required else ""
    return f" Also `{param.envvar}` in the environment.{default}" if param.envvar else default


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
