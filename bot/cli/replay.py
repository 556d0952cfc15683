"""`tocsin replay`: read once more what nobody could read, or a delivery somebody kept in a file."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import elsewhere, place, read, say
from bot.errors import BadInput

if TYPE_CHECKING:
    from bot.engine.intake import Receipt
    from bot.store.letters import Letter

What = Annotated[str | None, typer.Argument(metavar="LETTER|FILE", help="A dead letter's id (dl-...), or a file.")]
Through = Annotated[str | None, typer.Option("--connection", help="For a file: the connection it came through.")]
List = Annotated[bool, typer.Option("--list", help="List the dead letters that wait.")]


def replay(
    what: What = None,
    connection: Through = None,
    listed: List = False,
    config: place.Config = place.HERE,
    json: place.Json = False,
    verbose: place.Verbose = False,
) -> None:
    """Read a message once more. Its alerts are booked as if they arrived now; people may be paged."""
    if listed:
        _list(asyncio.run(_letters(config)), json)
        return
    if what is None:
        raise BadInput("Nothing to replay was named.", "Give a dead letter's id (see --list) or a file.")
    kept = what != "-" and not Path(what).is_file()
    if not kept and connection is None:
        raise BadInput(f"Nobody knows who sent {what}.", "Name the connection it came through with --connection.")
    place.log(verbose)
    receipt = asyncio.run(_replay(config, what, None if kept else read.body(what), connection))
    if json:
        say.data({**say.plain(receipt), "incidents": sorted(receipt.incidents)})
        return
    counts = f"{receipt.new} new, {receipt.repeat} repeated, {receipt.resolved} resolved, {receipt.dropped} dropped"
    say.line(f"{counts}. {'Incidents: ' + ', '.join(sorted(receipt.incidents)) if receipt.incidents else ''}".strip())


def _list(letters: "list[Letter]", json: bool) -> None:
    if json:
        say.data([{**say.plain(replace(one, body=b"", headers={})), "bytes": len(one.body)} for one in letters])
        return
    if not letters:
        say.line("No dead letter waits.")
        return
    say.table(("ID", "CONNECTION", "RECEIVED", "WHY"), [(o.id, o.connection, o.received_at, o.why) for o in letters])


async def _letters(config: Path) -> "list[Letter]":
    from bot.store import letters

    async with place.store(place.settings(config)) as store:
        return await store.read(letters.waiting)


async def _replay(config: Path, what: str, raw: bytes | None, connection: str | None) -> "Receipt":
    from bot import app
    from bot.engine import replay

    async with place.desk(config) as desk:
        doors = app.doors(app.connect(desk.settings, desk.clock, None, {}))
        elsewhere.open_ways(desk)
        if raw is None or connection is None:
            return await replay.letter(desk, doors, what, f"person:{place.login()}")
        return await replay.body(desk, doors, connection, raw)
