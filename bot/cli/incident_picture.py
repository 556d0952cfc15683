"""`tocsin incident picture`: an incident's pictures in files, or its figures as rows of bars in the terminal."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import drawn, place, say
from bot.errors import BadInput, NotFound

if TYPE_CHECKING:
    from bot.engine.incident_picture import Drawing

app = typer.Typer()

Id = Annotated[str, typer.Argument(metavar="INCIDENT", help="INC-7, or 7.")]
Png = Annotated[Path | None, typer.Option("--png", help="Where to write one picture: a .png, or - for down a pipe.")]
Only = Annotated[str | None, typer.Option("--only", help="That one: drift, metric or timeline; the first there is.")]
Folder = Annotated[Path | None, typer.Option("--dir", help="The folder to write every picture into.")]
Language = Annotated[str, typer.Option("--language", help="Of their words: en or tr.")]


@app.command()
def picture(
    incident: Id,
    png: Png = None,
    folder: Folder = None,
    only: Only = None,
    language: Language = "en",
    config: place.Config = place.HERE,
) -> None:
    """Draw an incident: what drifted, its metric over time, what happened; without a file, its findings in words."""
    if png is not None and (folder is not None or drawn.form(png) != "png"):
        raise BadInput("--png is the name of one PNG.", "Write --png INC-7.png, or --dir FOLDER for all of them.")
    found, lines, id_ = asyncio.run(_read(incident, language, config))
    chosen = _chosen(found, only)
    if png is not None:
        drawn.write(png, chosen[0].draw())
        if str(png) != "-":
            say.line(f"{png}: {chosen[0].aloud}")
        return
    for one in chosen:
        if folder is None:
            say.line(f"{one.kind}: {one.aloud}")
            continue
        target = folder / f"{id_}-{one.kind}.png"
        drawn.write(target, one.draw())
        say.line(f"{target}: {one.aloud}")
    if folder is None:
        for line in lines:
            say.line(f"  {line}")


async def _read(incident: str, language: str, config: Path) -> "tuple[list[Drawing], tuple[str, ...], str]":
    from bot.engine import incident_picture, incident_sheets

    async with place.desk(config) as desk:
        sheets = await desk.store.read(lambda tx: incident_sheets.read(tx, desk, incident, language))
        found = incident_picture.drawings(sheets, language)
        return found, incident_picture.lines(sheets, language), sheets.incident


def _chosen(found: "Sequence[Drawing]", only: str | None) -> "list[Drawing]":
    """Those that are wanted, of which there is one at least."""
    if only is None:
        return list(found)
    kinds = ", ".join(one.kind for one in found)
    chosen = [one for one in found if one.kind == only]
    if not chosen:
        raise NotFound(f"There is no picture {only[:40]!r} of it.", f"There is: {kinds}.")
    return chosen
