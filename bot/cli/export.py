"""`tocsin postmortem export` and `exports`: where a postmortem stands outside, and putting it there."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import place, say

if TYPE_CHECKING:
    from bot.model.postmortem import Export

Id = Annotated[str, typer.Argument(metavar="POSTMORTEM", help="PM-7, 7, or INC-7.")]
Some = Annotated[str | None, typer.Argument(metavar="POSTMORTEM", help="PM-7, 7, or INC-7; all of them if left out.")]
To = Annotated[
    str | None, typer.Option("--to", metavar="CONNECTION", help="Only there; all `postmortems.exports` if left out.")
]
Limit = Annotated[int, typer.Option("--limit", min=1, max=1000, help="At most so many.")]


def export(
    postmortem: Id,
    to: To = None,
    me: place.As = None,
    config: place.Config = place.HERE,
    json: place.Json = False,
) -> None:
    """Let a postmortem stand outside, as it is now; the running bot puts it there, and tries for more than a day."""
    names, found = asyncio.run(_owe(config, postmortem, to, me))
    if json:
        say.data(found)
        return
    if not names:
        say.line("It goes nowhere: name connections in `postmortems.exports` of tocsin.yaml, or one by --to.")
        return
    say.line(f"Asked for: {', '.join(names)}. How it stands: tocsin postmortem exports {found[0].document}")


def exports(
    postmortem: Some = None, limit: Limit = 50, config: place.Config = place.HERE, json: place.Json = False
) -> None:
    """Where postmortems stand outside, the newest first, and why one does not."""
    found = asyncio.run(_listing(config, postmortem, limit))
    if json:
        say.data(found)
        return
    if not found:
        say.line("Nothing was put anywhere yet.")
        return
    head = ("POSTMORTEM", "CONNECTION", "STANDING", "VERSION", "AT", "TRIES", "WHERE OR WHY NOT")
    rows = [
        (one.document, one.connection, one.standing.value, one.version, one.changed_at, one.attempts, _where(one))
        for one in found
    ]
    say.table(head, rows)


def register(app: typer.Typer) -> None:
    """Put both commands into the group `postmortem`."""
    app.command("export")(export)
    app.command("exports")(exports)


def _where(one: "Export") -> str:
    return one.failure or one.link or one.reference


async def _owe(config: Path, typed: str, to: str | None, me: str | None) -> "tuple[tuple[str, ...], list[Export]]":
    from bot.engine import exporting, postmortem
    from bot.store import Tx
    from bot.store import exports as rows

    async with place.desk(config) as desk:
        by = f"person:{place.person(me, desk.settings.people)}"

        def act(tx: "Tx") -> "tuple[tuple[str, ...], list[Export]]":
            its = postmortem.find_in(tx, typed).id
            return exporting.owe(tx, desk, its, to=to, by=by), rows.of(tx, its)

        return await desk.store.write(act)


async def _listing(config: Path, typed: str | None, limit: int) -> "list[Export]":
    from bot.engine import postmortem
    from bot.store import Tx
    from bot.store import exports as rows

    def read(tx: "Tx") -> "list[Export]":
        return rows.of(tx, postmortem.find_in(tx, typed).id)[:limit] if typed else rows.listing(tx, limit)

    async with place.desk(config) as desk:
        return await desk.store.read(read)
