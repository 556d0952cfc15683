"""Where an error of ours leaves the command line: what it is, what to do, and an exit code."""

from collections.abc import Iterable, Mapping
from typing import Any

import typer
from typer.core import TyperGroup

from bot.cli import say
from bot.errors import BadInput, TocsinError

FAILED, UNUSABLE = 1, 2


class Door(TyperGroup):
    """Runs a command; an error of ours becomes two lines on standard error, never a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Exit code 2 when what was given cannot be used, 1 when it was understood and failed."""
        try:
            return super().invoke(ctx)
        except TocsinError as error:
            # Many complaints may come as one error; people want each with its own cure.
            for complaint in getattr(error, "complaints", (error,)):
                say.complaint(complaint)
            raise typer.Exit(UNUSABLE if isinstance(error, BadInput) else FAILED) from None


def answered(verdict: str, sentence: str, more: Mapping[str, object], json: bool, lines: Iterable[str] = ()) -> None:
    """Print what the rules said, with `lines` for people and `more` for programs; a refusal fails the command."""
    if json:
        say.data({"verdict": verdict, "sentence": sentence, **more})
    else:
        for line in (sentence, *lines):
            say.line(line)
    if verdict not in ("GO", "ALREADY"):
        raise typer.Exit(FAILED)
