"""What a command prints: lines and tables for people, JSON for programs, complaints with their cure."""

import dataclasses
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import Any

import typer

from bot.errors import TocsinError

# Text of an alert or a person must not move the cursor, colour the screen or turn the direction of writing.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def line(text: str = "") -> None:
    """One line for a person; control characters in it are made harmless."""
    typer.echo(_UNSEEN.sub("\N{REPLACEMENT CHARACTER}", text))


def table(head: Sequence[str], rows: Iterable[Sequence[object]], colours: Mapping[str, str] | None = None) -> None:
    """Columns as wide as they need to be; a missing value is a dash, a line break a blank.

    `colours` has one for each cell, by its text, that shall stand out on a terminal.
    """
    cells = [list(head), *([_cell(value) for value in row] for row in rows)]
    widths = [max(len(row[n]) for row in cells) for n in range(len(head))]
    line("  ".join(name.ljust(width) for name, width in zip(head, widths, strict=True)).rstrip())
    for row in cells[1:]:
        shown = [_painted(cell, width, colours or {}) for cell, width in zip(row, widths, strict=True)]
        typer.echo("  ".join(shown).rstrip())


def _painted(cell: str, width: int, colours: Mapping[str, str]) -> str:
    harmless = _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", cell).ljust(width)
    return typer.style(harmless, fg=colours[cell]) if cell in colours else harmless


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return when(value)
    return "-" if value is None or value == "" else " ".join(str(plain(value)).split())


def when(at: datetime) -> str:
    """An instant for a person: UTC, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def span(start: datetime, end: datetime) -> str:
    """From when until when, for a person."""
    return f"{when(start)} to {when(end)}"


def length(span: timedelta) -> str:
    """How long, for a person, as it is typed: 45s, 10m, 1h30m, 1w."""
    from bot import documents  # it loads what reads YAML, which `--help` need not pay for

    return documents.written(span)


def data(value: object) -> None:
    """`value` as JSON in ASCII, indented, on standard output."""
    typer.echo(json.dumps(plain(value), indent=2))


def plain(value: Any) -> Any:
    """Nouns as JSON knows them: instants in ISO 8601, lengths in seconds, enums by value, secrets hidden."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value) if f.repr}
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, bytes):
        return [plain(item) for item in value]
    return str(value)


def warning(text: str) -> None:
    """One line on standard error about something that is not as it should be, yet stops nothing."""
    typer.echo(f"warning: {harmless(text)}", err=True)


def complaint(error: TocsinError) -> None:
    """What is wrong and what to do about it, on standard error."""
    where = str(error).removesuffix(f"{error.what} {error.do}".strip())
    typer.echo(f"error: {where}{harmless(error.what)}", err=True)
    cure = error.do or ("It may pass by itself: try again." if error.retry else "")
    if cure:
        typer.echo(f"do:    {harmless(cure)}", err=True)


def harmless(text: str) -> str:
    """`text` with its lines kept, and every other control character in it made visible."""
    return "\n".join(_UNSEEN.sub("\N{REPLACEMENT CHARACTER}", part) for part in text.split("\n"))
