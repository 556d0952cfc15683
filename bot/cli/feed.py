"""`tocsin oncall feed`: addresses from which calendars read who is on call."""

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import place, say
from bot.errors import BadInput

if TYPE_CHECKING:
    from bot.model.feed import Feed

About = Annotated[
    str | None, typer.Argument(help="person:NAME, rota:NAME or team:NAME; yourself if left out.", metavar="ABOUT")
]
Listed = Annotated[bool, typer.Option("--list", help="Show the feeds there are; their addresses nobody knows.")]
Revoked = Annotated[str | None, typer.Option("--revoke", metavar="ID", help="Make an address worthless: its id.")]


def feed(
    about: About = None,
    listed: Listed = False,
    revoked: Revoked = None,
    me: place.As = None,
    config: place.Config = place.HERE,
    json: place.Json = False,
) -> None:
    """Make an address from which a calendar reads who is on call, list those there are, or revoke one."""
    if sum((about is not None, listed, revoked is not None)) > 1:
        raise BadInput("That is more than one wish.", "Name what the feed is about, or --list, or --revoke ID.")
    if listed:
        _show(asyncio.run(_listing(config)), json)
    elif revoked is not None:
        gone = asyncio.run(_revoke(config, revoked, me))
        _say(gone, f"The calendar of {gone.about} cannot be read at that address any more.", json)
    else:
        asyncio.run(_make(config, about, me, json))


async def _make(config: Path, about: str | None, me: str | None, json: bool) -> None:
    from bot.engine import feeds

    async with place.desk(config) as desk:
        person = place.person(me, desk.settings.people)
        made = await feeds.make(desk, about or f"person:{person}", f"person:{person}", desk.clock.now(), "cli")
    if json:
        say.data({"feed": feeds.name(made.feed), "about": made.feed.about, "address": made.address})
        return
    say.line(made.address)
    say.line(f"Whoever has this address reads the calendar of {made.feed.about}; it is not shown again.")
    say.line(f"To take it back: tocsin oncall feed --revoke {feeds.name(made.feed)}")


async def _listing(config: Path) -> "list[Feed]":
    from bot.engine import feeds

    async with place.desk(config) as desk:
        return await feeds.listing(desk)


async def _revoke(config: Path, typed: str, me: str | None) -> "Feed":
    from bot.engine import feeds

    async with place.desk(config) as desk:
        by = f"person:{place.person(me, desk.settings.people)}"
        return await feeds.revoke(desk, typed, by, desk.clock.now(), "cli")


def _show(found: "Iterable[Feed]", json: bool) -> None:
    rows = [_row(one) for one in found]
    if json:
        say.data(rows)
    elif rows:
        say.table(("ID", "ABOUT", "BY", "MADE", "READ LAST"), [tuple(row.values()) for row in rows])
    else:
        say.line("There are no feeds. Make one: tocsin oncall feed rota:NAME")


def _say(one: "Feed", sentence: str, json: bool) -> None:
    if json:
        say.data(_row(one))
    else:
        say.line(sentence)


def _row(one: "Feed") -> dict[str, object]:
    from bot.engine import feeds

    made_by = one.made_by.partition(":")[2]
    return {
        "feed": feeds.name(one), "about": one.about, "by": made_by, "made_at": one.made_at, "read_at": one.read_at
    }  # fmt: skip
