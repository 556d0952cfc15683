"""`tocsin follow-up list|add|take|move|done|drop`: what shall be done after an incident, by whom, by when."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import door, elsewhere, place, say

if TYPE_CHECKING:
    from bot.engine.desk import Desk
    from bot.engine.follow_up import Answer
    from bot.engine.roster import Asking
    from bot.model.postmortem import FollowUp

app = typer.Typer(
    name="follow-up", help="What shall be done after an incident, by whom, by when.", no_args_is_help=True
)

Typed = Annotated[str, typer.Argument(metavar="FOLLOW_UP", help="FU-7, or 7.")]
Incident = Annotated[str, typer.Argument(metavar="INCIDENT", help="INC-7, or 7.")]
What = Annotated[str, typer.Argument(metavar="WHAT", help="What shall be done.")]
Of = Annotated[str | None, typer.Option("--incident", help="Of this incident alone, those that are over included.")]
Whose = Annotated[str | None, typer.Option("--owner", help="Of this person alone.")]
All = Annotated[bool, typer.Option("--all", help="Those that are done or dropped, too, the newest first.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=1000, help="At most so many.")]
Owner = Annotated[str, typer.Option("--owner", help="Who does it: a name of people.yaml, or `me`.")]
Due = Annotated[str, typer.Option("--due", help="By when: 2026-12-01, or 10d or 2w from today.")]
Link = Annotated[str, typer.Option("--link", help="The address of its ticket.")]
NewWhat = Annotated[str | None, typer.Option("--what", help="Say it otherwise.")]
NewOwner = Annotated[str | None, typer.Option("--owner", help="Somebody else does it; '' for nobody.")]
NewDue = Annotated[str | None, typer.Option("--due", help="Another day: 2026-12-01, 10d or 2w; '' for none.")]
NewLink = Annotated[str | None, typer.Option("--link", help="The address of its ticket; '' for none.")]
Why = Annotated[str, typer.Option("--why", help="Why it need not be done.")]


@app.command("list")
def listing(
    incident: Of = None,
    owner: Whose = None,
    all_: All = False,
    limit: Limit = 50,
    config: place.Config = place.HERE,
    json: place.Json = False,
) -> None:
    """What is still to be done, what is due first first."""
    found = asyncio.run(_listing(config, (incident, owner, all_, limit)))
    if json:
        say.data(found)
        return
    if not found:
        say.line("There is no follow-up.")
        return
    say.table(("ID", "INCIDENT", "STATE", "DUE", "OWNER", "WHAT", "LINK"), [_row(one) for one in found])


@app.command()
def add(
    incident: Incident,
    what: What,
    owner: Owner = "",
    due: Due = "",
    link: Link = "",
    me: place.As = None,
    config: place.Config = place.HERE,
    json: place.Json = False,
) -> None:
    """Write one down; its owner is reminded a day before, on the day, and then each week."""
    from bot.engine import follow_up

    wish = follow_up.Wish(incident, what, owner, due, link)
    asyncio.run(_answer(lambda desk, asking: follow_up.add(desk, wish, asking), me, config, json))


@app.command()
def take(typed: Typed, me: place.As = None, config: place.Config = place.HERE, json: place.Json = False) -> None:
    """It is yours from now on."""
    from bot.engine import follow_up

    asyncio.run(_answer(lambda desk, asking: follow_up.take(desk, typed, asking), me, config, json))


@app.command()
def move(
    typed: Typed,
    what: NewWhat = None,
    owner: NewOwner = None,
    due: NewDue = None,
    link: NewLink = None,
    me: place.As = None,
    config: place.Config = place.HERE,
    json: place.Json = False,
) -> None:
    """Say it otherwise: what, whose, by when, its ticket."""
    from bot.engine import follow_up

    amended = follow_up.Amended(what, owner, due, link)
    asyncio.run(_answer(lambda desk, asking: follow_up.amend(desk, typed, amended, asking), me, config, json))


@app.command()
def done(typed: Typed, me: place.As = None, config: place.Config = place.HERE, json: place.Json = False) -> None:
    """It is done."""
    from bot.engine import follow_up

    asyncio.run(_answer(lambda desk, asking: follow_up.done(desk, typed, asking), me, config, json))


@app.command()
def drop(
    typed: Typed,
    why: Why = "",
    me: place.As = None,
    config: place.Config = place.HERE,
    json: place.Json = False,
) -> None:
    """It will not be done, and why."""
    from bot.engine import follow_up

    asyncio.run(_answer(lambda desk, asking: follow_up.drop(desk, typed, why, asking), me, config, json))


async def _listing(config: "place.Config", wanted: tuple[str | None, str | None, bool, int]) -> "list[FollowUp]":
    from bot.engine import follow_up

    incident, owner, all_, limit = wanted
    async with place.desk(config) as desk:
        if incident is None:
            return await follow_up.listing(desk, limit, owner, all_=all_)
        found = await follow_up.of_incident(desk, incident)
        return [one for one in found if owner in (None, one.owner)][:limit]


async def _answer(
    act: "Callable[[Desk, Asking], Awaitable[Answer]]", me: str | None, config: "place.Config", json: bool
) -> None:
    from bot.engine import roster

    async with place.desk(config) as desk:
        asking = roster.Asking(f"person:{place.person(me, desk.settings.people)}", desk.clock.now(), "cli", "en")
        answer = await act(desk, asking)
        door.answered(answer.verdict.name, answer.sentence, {"follow_up": answer.follow_up}, json)
        await elsewhere.idle(desk)


def _row(one: "FollowUp") -> tuple[object, ...]:
    due = one.due_at.date() if one.due_at else None
    return one.id, one.incident, one.standing, due, one.owner, one.what, one.link or None
