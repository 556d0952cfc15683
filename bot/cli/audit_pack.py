"""`tocsin audit pack` and `retention`: everything known of one incident in one file, and what age would take away."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import place, say
from bot.errors import BadInput

if TYPE_CHECKING:
    from bot.engine.pack import Packed
    from bot.engine.retention import Due

Id = Annotated[str, typer.Argument(metavar="INCIDENT", help="INC-7, or 7.")]
Out = Annotated[Path | None, typer.Option("--out", help="The zip to write; INC-7-evidence.zip if left out.")]


def register(app: typer.Typer) -> None:
    """Make both commands of `app`."""
    app.command()(pack)
    app.command()(retention)


def pack(incident: Id, out: Out = None, config: place.Config = place.HERE, json: place.Json = False) -> None:
    """Write the evidence pack of an incident: its part of the log, alerts, changes, pages, reports, and a cover."""
    file = out or Path(f"INC-{incident.upper().removeprefix('INC-')}-evidence.zip")
    if file.exists():
        raise BadInput(f"{file} is there already.", "Choose another name with --out.")
    made = asyncio.run(_pack(config, incident, file))
    if json:
        say.data(made)
        return
    say.line(f"{made.path}: {len(made.files)} files about {made.incident}, {made.entries} entries of the log.")
    say.line("What is not known (summary.html says it, too):")
    for one in made.unknown:
        say.line(f"  - {one}")


def retention(config: place.Config = place.HERE, json: place.Json = False) -> None:
    """Show what entries of the log would lose what they say tonight, by `audit.keep` and `audit.high_risk`."""
    found, policy = asyncio.run(_due(config))
    if json:
        say.data({"policy": policy, "due": found})
        return
    for line in policy:
        say.line(line)
    if not found:
        say.line("Nothing would go.")
        return
    rows = [(one.chain, "yes" if one.high_risk else "", one.before, one.until, one.entries) for one in found]
    say.table(("CHAIN", "HIGH RISK", "RECORDED BEFORE", "UP TO ENTRY", "ENTRIES"), rows)
    say.line(f"{len(found[0].kept)} subjects stay whatever their age: open, under legal hold, or with a report due.")


async def _pack(config: Path, typed: str, out: Path) -> "Packed":
    from bot.engine import export, pack

    async with place.desk(config) as desk:
        made = await pack.write(desk, typed, out)
        after = {"entries": made.entries, "files": list(made.files), "sha256": made.digest}
        await export.record(desk, place.typist(desk), made.incident, after)
        return made


async def _due(config: Path) -> "tuple[list[Due], list[str]]":
    from bot import documents
    from bot.engine import retention

    async with place.desk(config) as desk:
        own = desk.settings.audit
        named = {"audit.keep": own.keep, "audit.high_risk": own.high_risk}
        policy = [f"{name}: {documents.written(span) if span else 'not set'}" for name, span in named.items()]
        return await desk.store.read(lambda tx: retention.due(tx, desk, desk.clock.now())), policy
