"""`tocsin incident similar`: past incidents that one is like, in what, and what ended them."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import place, say

if TYPE_CHECKING:
    from bot.model.incident import Incident
    from bot.model.likeness import Alike

app = typer.Typer()

Id = Annotated[str, typer.Argument(metavar="INCIDENT", help="INC-7, or 7.")]


@app.command()
def similar(incident: Id, config: place.Config = place.HERE, json: place.Json = False) -> None:
    """Resolved incidents that this one is like as of now, in what, and what ended them; nothing where none is."""
    found, likes = asyncio.run(_similar(config, incident))
    if json:
        say.data({"incident": found.id, "like": likes})
        return
    if not likes:
        say.line(f"{found.id} is like no incident that is over.")
    for line in drawn(likes):
        say.line(line)


def drawn(found: "Sequence[Alike]", before: str = "") -> Iterator[str]:
    """Three lines for each, the first behind `before`."""
    from bot import words
    from bot.engine import likened

    for one in found:
        ending = one.ending
        about = f"{ending.model or '-'}  {ending.title}"
        indent = " " * len(before)
        yield f"{before}{ending.incident}  {say.when(ending.opened_at)}  {about}  ({one.like.score:.2f})"
        yield f"{indent}  alike: {likened.because(one.like, words.ENGLISH.likeness)}"
        yield f"{indent}  ended: {likened.how(ending, words.ENGLISH.likeness)}"


async def _similar(config: Path, incident: str) -> "tuple[Incident, tuple[Alike, ...]]":
    from bot.engine import likeness

    async with place.desk(config) as desk:
        return await likeness.similar(desk, incident)
