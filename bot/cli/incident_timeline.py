"""`tocsin incident timeline`: what happened to an incident, as sentences, with where each stands in the log."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import place, say

if TYPE_CHECKING:
    from bot.model.timeline import Line

app = typer.Typer()

Id = Annotated[str, typer.Argument(metavar="INCIDENT", help="INC-7, or 7.")]
Every = Annotated[bool, typer.Option("--all", help="With the lines that documents leave out.")]


@app.command()
def timeline(
    incident: Id, everything: Every = False, config: place.Config = place.HERE, json: place.Json = False
) -> None:
    """Everything that happened, in the order in which it did; what was written down late says when."""
    found = asyncio.run(_lines(incident, everything, config))
    if json:
        say.data(found)
        return
    for one in found:
        late = f" (recorded {say.when(one.recorded_at)})" if one.late else ""
        hidden = " (left out of documents)" if one.hidden else ""
        say.line(f"{say.when(one.at)}{late}  {one.who}: {one.what}{hidden}  [{one.ref}]")
    if not found:
        say.line("Nothing is known to have happened.")


async def _lines(incident: str, everything: bool, config: Path) -> "tuple[Line, ...]":
    from bot.engine import timeline

    async with place.desk(config) as desk:
        return await timeline.lines(desk, incident, every=everything)
