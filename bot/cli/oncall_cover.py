"""`tocsin oncall ask|swap|accept|covers|withdraw`: have somebody else take a shift, whoever says yes first."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import door, elsewhere, oncall_amend, oncall_show, place, say
from bot.cli.oncall_amend import Asked, When

if TYPE_CHECKING:
    from bot.engine.cover import Answer
    from bot.model.cover import Request
    from bot.model.rota import Rota

app = typer.Typer()

Person = Annotated[str | None, typer.Option("--person", help="Whose shift it is; yours if left out.")]
Typed = Annotated[str, typer.Argument(metavar="REQUEST", help="CVR-7, or 7.")]
BackFrom = Annotated[str, typer.Option("--back-from", help="When the shift that you take in return starts.")]
BackTo = Annotated[str, typer.Option("--back-to", help="When it ends.")]
All = Annotated[bool, typer.Option("--all", help="Those that are over, too, the newest first.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=1000, help="At most so many.")]


@app.command()
def ask(
    rota: oncall_amend.Name,
    starts: oncall_amend.Starts = None,
    ends: oncall_amend.Ends = None,
    length: oncall_amend.Length = None,
    person: Person = None,
    why: oncall_amend.Why = "",
    me: place.As = None,
    config: place.Config = place.HERE,
    json: place.Json = False,
) -> None:
    """Ask everybody who could take a shift; the first to accept has it, and until then it stays as it is."""
    asyncio.run(_ask(rota, (person, why), (When(starts, ends, length), None), Asked(me, config, json)))


@app.command()
def swap(
    rota: oncall_amend.Name,
    back_from: BackFrom,
    back_to: BackTo,
    starts: oncall_amend.Starts = None,
    ends: oncall_amend.Ends = None,
    length: oncall_amend.Length = None,
    person: Person = None,
    why: oncall_amend.Why = "",
    me: place.As = None,
    config: place.Config = place.HERE,
    json: place.Json = False,
) -> None:
    """Ask for a shift against another: whoever is on call in the second and accepts has the first, and you theirs."""
    spans = When(starts, ends, length), When(back_from, back_to)
    asyncio.run(_ask(rota, (person, why), spans, Asked(me, config, json)))


@app.command()
def accept(request: Typed, me: place.As = None, config: place.Config = place.HERE, json: place.Json = False) -> None:
    """Take a shift that somebody asks to be covered; of a swap, for the one of yours that they want."""
    asyncio.run(_answer("accept", request, Asked(me, config, json)))


@app.command()
def withdraw(request: Typed, me: place.As = None, config: place.Config = place.HERE, json: place.Json = False) -> None:
    """Ask nobody any more; whose shift it is keeps it."""
    asyncio.run(_answer("withdraw", request, Asked(me, config, json)))


@app.command()
def covers(
    everything: All = False, limit: Limit = 50, config: place.Config = place.HERE, json: place.Json = False
) -> None:
    """The shifts that somebody asks to be covered and nobody has taken, in the order of their starts."""
    found, rotas = asyncio.run(_listing(config, everything, limit))
    if json:
        say.data(found)
        return
    if not found:
        say.line("Nobody ever asked for cover." if everything else "Nobody asks for cover.")
        return
    head = ("ID", "ROTA", "WHO", "FROM", "UNTIL", "IN RETURN", "STATE", "WHY")
    say.table(head, [_row(one, rotas[one.rota]) for one in found])


async def _ask(rota: str, said: tuple[str | None, str], spans: tuple[When, When | None], asked: Asked) -> None:
    from bot.engine import cover, roster

    async with place.desk(asked.config) as desk:
        me, now = place.person(asked.me, desk.settings.people), desk.clock.now()
        known, (person, why), (when, back) = roster.find(desk, rota), said, spans
        start, end = when.read(known, now)
        wish = cover.CoverWish(known.name, person or me, start, end, back.read(known, now) if back else None, why)
        elsewhere.open_ways(desk)
        _say(await cover.ask(desk, wish, f"person:{me}", now, "cli"), asked.json)
        await elsewhere.idle(desk)


async def _answer(verb: str, typed: str, asked: Asked) -> None:
    from bot.engine import cover

    async with place.desk(asked.config) as desk:
        by = f"person:{place.person(asked.me, desk.settings.people)}"
        elsewhere.open_ways(desk)
        act = cover.accept if verb == "accept" else cover.withdraw
        _say(await act(desk, typed, by, desk.clock.now(), "cli"), asked.json)
        await elsewhere.idle(desk)


async def _listing(config: "place.Config", everything: bool, limit: int) -> "tuple[list[Request], dict[str, Rota]]":
    """The wishes, and by its name the rota of each, on whose clocks it is read."""
    from bot.engine import cover, roster

    async with place.desk(config) as desk:
        found = await cover.listing(desk, limit) if everything else (await cover.standing(desk))[:limit]
        return found, {one.rota: roster.known(desk, one.rota) for one in found}


def _say(answer: "Answer", json: bool) -> None:
    door.answered(answer.verdict.name, answer.sentence, {"request": answer.request}, json)


def _row(one: "Request", rota: "Rota") -> tuple[object, ...]:
    start, end = (oncall_show.local(at, rota) for at in (one.start, one.end))
    back = " to ".join(oncall_show.local(at, rota) for at in one.in_return) if one.in_return else None
    return one.id, one.rota, one.person, start, end, back, one.standing, one.why
