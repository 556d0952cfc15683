"""The rows about what the operator wrote: whether it loads, and which runbooks nobody keeps or could ever see."""

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cli import place
from bot.cli.doctor.rows import look, row
from bot.errors import BadConfig, TocsinError

if TYPE_CHECKING:
    from bot.runbooks import Library
    from bot.settings import Settings
    from bot.slack.examine import Row

SHOWN = 10  # complaints; `tocsin check` has them all


def read(config: Path, today: date) -> "tuple[Settings | None, Library | None, list[Row]]":
    """The settings (None where they do not load), the runbooks, and the rows about both."""
    from bot import documents
    from bot.settings import fit

    try:
        settings = place.settings(config)
    except BadConfig as error:
        return None, None, _complaints(documents.each(error))
    library = place.library(config)
    complaints = [*library.complaints, *fit.check(library, settings)]
    rows = _complaints(complaints)
    if not complaints:
        rows = [row(str(config), "ok", f"It loads; {len(library.runbooks)} runbooks.")]
    return settings, library, [*rows, *_weak(library, settings, today)]


def _weak(library: "Library", settings: "Settings", today: date) -> "Iterator[Row]":
    from bot.settings import lint

    if late := sorted((book.review_by, book.name) for book in library.runbooks if book.review_by < today):
        names = ", ".join(f"{name} ({by})" for by, name in late)
        yield look("stale runbooks", names, "Read them again, then set a new review_by.")
    if idle := [book.name for book in library.runbooks if lint.idle(book, settings)]:
        yield look("runbooks that match nothing", ", ".join(idle), "See `tocsin runbooks lint`.")


def _complaints(errors: Iterable[TocsinError]) -> "list[Row]":
    found = list(errors)
    rows = [row(_where(error), "missing", error.what, error.do) for error in found[:SHOWN]]
    if len(found) > SHOWN:
        rows.append(row("more", "missing", f"{len(found) - SHOWN} more complaints.", "Run `tocsin check`."))
    return rows


def _where(error: TocsinError) -> str:
    file, line = getattr(error, "file", ""), getattr(error, "line", 0)
    return f"{file}:{line}" if file and line else file or "configuration"
