"""`tocsin freeze`: no changes of production for a while; see which freezes there are, lift one."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import door, place, say, span

if TYPE_CHECKING:
    from bot.engine.freeze import Outcome
    from bot.model.freeze import Freeze

app = typer.Typer(name="freeze", help="Change freezes.", no_args_is_help=True)

Lifted = Annotated[str, typer.Argument(metavar="FREEZE", help="FRZ-3, or 3.")]
Entity = Annotated[str | None, typer.Option("--entity", help="Only this business entity; all of them if left out.")]
Why = Annotated[str, typer.Option("--why", help="The reason, for whoever is refused a change.")]
All = Annotated[bool, typer.Option("--all", help="Those people declared, over or not, the newest first.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=1000, help="At most so many.")]


@dataclass(frozen=True)
class _Asked:
    """What somebody typed."""

    entity: str | None
    when: span.Span
    why: str


@app.callback()
def group() -> None:
    """Change freezes: while one is in force, no change of what it covers is proposed or applied."""


@app.command()
def add(
    entity: Entity = None,
    starts: span.Starts = None,
    until: span.Until = None,
    length: span.Length = None,
    why: Why = "",
    me: place.As = None,
    config: place.Config = place.HERE,
    json: place.Json = False,
) -> None:
    """Declare a freeze; for leads of the entity's teams and admins, of all entities for admins alone."""
    _answer(asyncio.run(_add(config, _Asked(entity, span.Span(starts, until, length), why), me)), json)


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
def lift(freeze: Lifted, me: place.As = None, config: place.Config = place.HERE, json: place.Json = False) -> None:
    """End a freeze before its time; changes may be made again at once."""
    _answer(asyncio.run(_lift(config, freeze, me)), json)


def _answer(outcome: "Outcome", json: bool) -> None:
    door.answered(outcome.verdict.name, outcome.sentence, {"freeze": outcome.freeze}, json)


async def _add(config: Path, asked: _Asked, me: str | None) -> "Outcome":
    from bot.engine import freeze

    async with place.desk(config) as desk:
        person, now = place.person(me, desk.settings.people), desk.clock.now()
        starts, end = asked.when.read(desk.settings.people, person, now)
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
