"""`tocsin audit`: whether the log is as it was written."""

import asyncio
from typing import TYPE_CHECKING

import typer

from bot.cli import door, place, say

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.store.log import Broken

app = typer.Typer(name="audit", help="The log of everything that happened.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """The log of everything that happened."""


@app.command()
def verify(config: place.Config = place.HERE, json: place.Json = False) -> None:
    """Read every chain of the log from its beginning; name the first entry that is not as it was written."""
    count, broken = asyncio.run(_verify(place.settings(config)))
    if json:
        say.data({"ok": not broken, "entries": count, "broken": broken})
    else:
        for fault in broken:
            say.line(f"broken: chain {fault.chain}, entry {fault.seq}: {fault.what}")
        verdict = f"{len(broken)} chain(s) are not as they were written" if broken else "every chain is whole"
        say.line(f"{count} entries read; {verdict}.")
    if broken:
        raise typer.Exit(door.FAILED)


async def _verify(settings: "Settings") -> "tuple[int, list[Broken]]":
    from bot.store import log

    async with place.store(settings) as store:
        return await store.read(lambda tx: log.verify(tx.sql))
