"""Where `tocsin oncall` reads rotas: a folder with its database, or one file alone."""

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import place, say
from bot.errors import BadInput, NotFound, StoreDown

if TYPE_CHECKING:
    from bot.documents import Document
    from bot.model.rota import Override, Rota
    from bot.settings import Settings

Alone = Annotated[
    Path | None, typer.Option("--file", help="Read the rotas of this file alone; people need not be known.")
]
AROUND = timedelta(days=367)  # how far from the moments asked about a change by hand may begin or end a shift


@dataclass(frozen=True)
class Source:
    """The rotas there are, and what is changed by hand; `around` adds what the database knows."""

    rotas: "Mapping[str, Rota]"
    overrides: "tuple[Override, ...]"
    settings: "Settings | None" = None  #: None where only a file was read

    def rota(self, name: str) -> "Rota":
        """NotFound where it is none of them, with the nearest."""
        if name in self.rotas:
            return self.rotas[name]
        from bot import documents

        known = f"There are: {', '.join(self.rotas) or 'none'}."
        raise NotFound(f"There is no rota {name!r}.", documents.closest(name, self.rotas) or known)

    def around(self, start: datetime, end: datetime) -> "Source":
        """With what the database knows: changes made by hand about `[start, end)`, and what rotas were.

        Without a database the roster is still worth seeing: then there is a warning.
        """
        if self.settings is None:
            return self
        try:
            rotas, byhand = asyncio.run(_kept(self.settings, start - AROUND, end + AROUND))
        except StoreDown as error:
            say.warning(f"Overrides made in Slack are not shown. {error}")
            return self
        return replace(self, rotas=rotas, overrides=(*self.overrides, *byhand))


def read(config: Path, file: Path | None) -> Source:
    """The configuration's rotas, or the file's; BadConfigs with every complaint where they are wrong."""
    if file is None:
        settings = place.settings(config)
        return Source(settings.rotas, settings.overrides, settings)
    from bot.settings import BadConfigs, rotas
    from bot.settings.known import Known
    from bot.settings.sheet import Sheet

    sheet = Sheet(file, os.environ)
    sheet.document = _listed(sheet.document)
    found, overrides = rotas.read(sheet, Known())
    if sheet.complaints:
        raise BadConfigs(sorted(sheet.complaints, key=lambda complaint: complaint.line))
    return Source(found, overrides)


def _listed(document: "Document") -> "Document":
    """A rota that stands alone in its file is a list of one."""
    if "name" not in document.data or "rotas" in document.data:
        return document
    lines = {("rotas", 0, *path): line for path, line in document.lines.items()}
    return replace(document, data={"rotas": [document.data]}, lines=lines)


def instant(typed: str | None, rota: "Rota") -> datetime:
    """The moment somebody typed; without an offset it is the rota's wall clock; None is now."""
    return place.moment(typed, rota.timezone)


def ordered(start: datetime, end: datetime, most: timedelta) -> None:
    """BadInput where the span is empty, turned round, or longer than anybody reads."""
    if end <= start:
        raise BadInput("--to is not after --from.", f"Name a moment after {say.when(start)}.")
    if end - start > most:
        raise BadInput(f"That is more than {most.days // 365} years.", "Ask for a shorter span.")


async def _kept(settings: "Settings", start: datetime, end: datetime) -> "tuple[Mapping[str, Rota], list[Override]]":
    """The rotas with their past and what their calendars said last, and what was changed by hand."""
    from bot.store import overrides

    async with place.store(settings) as store:
        return await store.read(lambda tx: (place.recalled(tx, settings), overrides.active(tx, start, end)))
