"""The coming weeks of a rota as a picture, with what is read aloud in its place: by the resolver that pages."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from bot import documents
from bot.charts import sheet, weeks
from bot.engine.desk import Desk
from bot.errors import NotFound
from bot.model.rota import Rota
from bot.rules import rota as rule
from bot.store import Tx, overrides

WEEKS = 4  #: that are drawn


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG, its title and file name, and what it says for who cannot see it."""

    name: str
    title: str
    aloud: str
    content: bytes


async def drawn(desk: Desk, name: str, at: datetime, language: str) -> Picture:
    """The weeks of a rota from the one with `at` on, drawn off the loop.

    NotFound with the nearest name; BadInput where the library that draws is missing or there is too much to draw.
    """
    rota = _called(desk, name)
    start, end = sheet.span(at, WEEKS, rota.timezone)

    def read(tx: Tx) -> sheet.Sheet:
        changes = [*desk.settings.overrides, *overrides.active(tx, start, end)]
        shifts = rule.shifts(rota, start, end, changes)
        return sheet.Sheet(rota.name, rota.timezone, shifts, rota.persons, at, WEEKS, at, language)

    shown = await desk.store.read(read)
    content = await asyncio.to_thread(weeks.weeks, shown)
    return Picture(f"{rota.name}-{at.date()}.png", sheet.title(shown), sheet.aloud(shown), content)


def _called(desk: Desk, name: str) -> Rota:
    """The rota of that name; where none is named and there is but one, that."""
    rotas = desk.settings.rotas
    if not name and len(rotas) == 1:
        return next(iter(rotas.values()))
    if name in rotas:
        return rotas[name]
    known = f"There are: {', '.join(rotas) or 'none'}."
    raise NotFound(f"There is no rota {name!r}." if name else "Which rota?", documents.closest(name, rotas) or known)
