"""`tocsin audit erase`: put an alias in place of a person in what the log says."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import door, place, say

if TYPE_CHECKING:
    from bot.engine.erase import Erased

Person = Annotated[str, typer.Option("--person", metavar="NAME", help="Their name as people.yaml had it.")]
Why = Annotated[str, typer.Option("--why", help="Who asked for it and when, without naming the person.")]
Also = Annotated[
    list[str] | None,
    typer.Option("--also", metavar="WHAT", help="slack:ID, an e-mail address, a telephone number; as often as needed."),
]
Everywhere = Annotated[
    bool, typer.Option("--everywhere", help="Also where the name is a mere word of a text, and may be another's.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


commands = typer.Typer()


def register(app: typer.Typer) -> None:
    """Make it one of the commands of `tocsin audit`."""
    app.registered_commands += commands.registered_commands


@commands.command()
def erase(
    person: Person,
    why: Why,
    also: Also = None,
    everywhere: Everywhere = False,
    yes: Yes = False,
    me: place.As = None,
    config: place.Config = place.HERE,
    json: place.Json = False,
) -> None:
    """Put an alias in place of somebody who left, wherever the log speaks of them; it cannot be undone."""
    if not (yes or typer.confirm(f"Erase {person} from the log? It cannot be undone.")):
        say.line("Nothing was erased.")
        raise typer.Exit(door.FAILED)
    done = asyncio.run(_erase(person, why, tuple(also or ()), everywhere, me, config))
    if json:
        say.data(done)
        return
    for line in _told(done):
        say.line(line)


def _told(done: "Erased") -> list[str]:
    if not done.entries:
        told = ["No entry speaks of them; nothing was changed."]
    else:
        told = [
            f"{done.entries} entries of {', '.join(done.chains)} say {done.alias} now; log.erased tells of it there."
        ]
    if done.place_only:
        told.append(f"{done.place_only} of them were sealed in form 1: from now on only their place is vouched for.")
    if done.doubts:
        named = ", ".join(done.doubtful)
        told.append(f"{done.doubts} more have the name as a word, and may mean somebody else: {named}.")
        told.append("Look at them; --everywhere erases it there, too.")
    told.append('What is no log is as it was: see "Erasing personal data" in docs/audit.md.')
    return told


async def _erase(
    person: str, why: str, also: tuple[str, ...], everywhere: bool, me: str | None, config: Path
) -> "Erased":
    from bot.engine import erase as engine

    async with place.desk(config) as desk:
        by = f"person:{place.person(me, desk.settings.people)}"
        wish = engine.Wish(person, by, desk.clock.now(), why, also, everywhere)
        return await engine.erase(desk, wish)
