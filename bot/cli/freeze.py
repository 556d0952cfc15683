"""`tocsin freeze`: no changes of production for a while; see which freezes there are, lift one."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import door, place, say
from bot.errors import BadInput

if TYPE_CHECKING:
    from bot.engine.freeze import Outcome
    from bot.model.freeze import Freeze

app = typer.Typer(name="freeze", help="Change freezes.", no_args_is_help=True)

Lifted = Annotated[str, typer.Argument(metavar="FREEZE", help="FRZ-3, or 3.")]
Entity = Annotated[str | None, typer.Option("--entity", help="Only this business entity; all of them if left out.")]
Starts = Annotated[str | None, typer.Option("--from", help="When it starts, as --until; now if left out.")]
Until = Annotated[str | None, typer.Option("--until", help="When it ends, as 2026-12-24T18:00+03:00, or in your zone.")]
Length = Annotated[str | None, typer.Option("--for", help="How long it lasts instead: 90m, 2h, 1d or 1w.")]
Why = Annotated[str, typer.Option("--why", help="The reason, for whoever is refused a change.")]
As = Annotated[
    str | None,
    typer.Option("--as", envvar="TOCSIN_PERSON", help="Who you are in people.yaml; your login name if left out."),
]
All = Annotated[bool, typer.Option("--all", help="Those people declared, over or not, the newest first.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=1000, help="At most so many.")]


@dataclass(frozen=True)
class _Asked:
    """What somebody typed."""

    entity: str | None
    starts: str | None
    until: str | None
    length: str | None
    why: str


@app.callback()
def group() -> None:
    """Change freezes: while one is in force, no change of what it covers is proposed or applied."""


@app.command()
def add(
    entity: Entity = None,
    starts: Starts = None,
    until: Until = None,
    length: Length = None,
    why: Why = "",
    me: As = None,
    config: place.Config = place.HERE,
    json: place.Json = False,
) -> None:
    """Declare a freeze; for leads of the entity's teams and admins, of all entities for admins alone."""
    _answer(asyncio.run(_add(config, _Asked(entity, starts, until, length, why), me)), json)


@app.command("list")
def listing(
    everything: All = False, limit: Limit = 50, config: place.Config = place.HERE, json: place.Json = False
) -> None:
    """The freezes in force and those planned, the configuration's included, in the order of their starts."""
    found = asyncio.run(_listing(config, everything, limit))
    if json:
        say.data(found)
        return
    if not found:
        say.line("No freeze." if everything else "No freeze is in force or planned.")
        return
    rows = [
        (one.id, one.entity or "all", one.starts_at, one.ended_at or one.ends_at, one.by.rpartition(":")[2], one.why)
        for one in found
    ]
    say.table(("ID", "ENTITY", "FROM", "UNTIL", "BY", "WHY"), rows)


@app.command()
def lift(freeze: Lifted, me: As = None, config: place.Config = place.HERE, json: place.Json = False) -> None:
    """End a freeze before its time; changes may be made again at once."""
    _answer(asyncio.run(_lift(config, freeze, me)), json)


def _answer(outcome: "Outcome", json: bool) -> None:
    if json:
        say.data({"verdict": outcome.verdict.name, "sentence": outcome.sentence, "freeze": outcome.freeze})
    else:
        say.line(outcome.sentence)
    if outcome.verdict.name not in ("GO", "ALREADY"):
        raise typer.Exit(door.FAILED)


async def _add(config: Path, asked: _Asked, me: str | None) -> "Outcome":
    from bot.engine import freeze
    from bot.rules import window

    if asked.until and asked.length:
        raise BadInput("--until and --for say two ends.", "Give one of them.")
    async with place.desk(config) as desk:
        person, now = place.person(me, desk.settings.people), desk.clock.now()
        known = desk.settings.people.persons.get(person)
        zone = known.timezone if known else "UTC"
        starts = place.moment(asked.starts, zone) if asked.starts else None
        end = place.moment(asked.until, zone) if asked.until else None
        if asked.length:
            end = (starts or now) + window.span(asked.length)
        draft = freeze.Draft(end, asked.why, asked.entity, starts)
        return await freeze.declare(desk, draft, f"person:{person}", now, "cli")


async def _listing(config: Path, everything: bool, limit: int) -> "list[Freeze]":
    from bot.engine import freeze

    async with place.desk(config) as desk:
        if everything:
            return await freeze.listing(desk, limit)
        return (await freeze.standing(desk, desk.clock.now()))[:limit]


async def _lift(config: Path, typed: str, me: str | None) -> "Outcome":
    from bot.engine import freeze

    its = f"FRZ-{typed}" if typed.isdigit() else typed
    async with place.desk(config) as desk:
        by = f"person:{place.person(me, desk.settings.people)}"
        return await freeze.lift(desk, its, by, desk.clock.now(), "cli")
