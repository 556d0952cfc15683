"""`tocsin handover show|list|accept|note`: what goes from one shift to the next, and who has taken it."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import door, elsewhere, oncall_show, place, say

if TYPE_CHECKING:
    from datetime import timedelta

    from bot.engine.handover import Answer, Shown
    from bot.model.handover import Handover
    from bot.model.rota import Rota

app = typer.Typer(name="handover", help="What goes from one shift to the next, and who took it.", no_args_is_help=True)

Rotas = Annotated[str | None, typer.Argument(metavar="[ROTA]", help="The rota; those that concern you if left out.")]
Typed = Annotated[str, typer.Argument(metavar="HANDOVER", help="HND-7, or 7.")]
Text = Annotated[str, typer.Argument(metavar="TEXT", help="What the incoming people should know.")]
Of = Annotated[str | None, typer.Option("--rota", help="Of this rota alone.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=1000, help="At most so many.")]


@app.command()
def show(rota: Rotas = None, me: place.As = None, config: place.Config = place.HERE, json: place.Json = False) -> None:
    """What would be handed over now, gathered since the shift began; of one that waits, what was posted."""
    asyncio.run(_show(rota, me, config, json))


@app.command("list")
def listing(rota: Of = None, limit: Limit = 50, config: place.Config = place.HERE, json: place.Json = False) -> None:
    """The handovers there were, the newest first, with how late they were accepted, or that nobody did."""
    found, rotas = asyncio.run(_listing(config, rota, limit))
    if json:
        say.data(found)
        return
    if not found:
        say.line("No shift was handed over yet.")
        return
    head = ("ID", "ROTA", "AT", "FROM", "TO", "STATE", "ACCEPTED BY", "AFTER", "NOTES")
    say.table(head, [_row(one, rotas[one.rota]) for one in found])


@app.command()
def accept(handover: Typed, me: place.As = None, config: place.Config = place.HERE, json: place.Json = False) -> None:
    """Take the shift over, so that whoever had it is not paged any more; the first to accept has it."""
    asyncio.run(_answer(handover, None, me, config, json))


@app.command()
def note(
    handover: Typed, text: Text, me: place.As = None, config: place.Config = place.HERE, json: place.Json = False
) -> None:
    """Write something into the shift that you hand over, until it is accepted."""
    asyncio.run(_answer(handover, text, me, config, json))


async def _show(rota: str | None, me: str | None, config: "place.Config", json: bool) -> None:
    from bot.engine import handover, handover_report

    async with place.desk(config) as desk:
        known = desk.settings.people.persons
        by = f"person:{place.person(me, desk.settings.people)}" if me or place.login() in known else "person:"
        found = await handover.show(desk, rota, by, desk.clock.now())
    if json:
        say.data([_data(one) for one in found])
        return
    for number, one in enumerate(found):
        if number:
            say.line()
        for line in handover_report.plain(dict(one.report), one.handover, "en").splitlines():
            say.line(line)
    if not found:
        say.line("There is no rota; write config/rotas.yaml.")


async def _listing(config: "place.Config", rota: str | None, limit: int) -> "tuple[list[Handover], dict[str, Rota]]":
    """The handovers, and by its name the rota of each, on whose clocks it is read."""
    from bot.engine import handover, roster

    async with place.desk(config) as desk:
        found = await handover.listing(desk, limit, rota)
        return found, {one.rota: roster.known(desk, one.rota) for one in found}


async def _answer(typed: str, text: str | None, me: str | None, config: "place.Config", json: bool) -> None:
    from bot.engine import handover, roster

    async with place.desk(config) as desk:
        by, now = f"person:{place.person(me, desk.settings.people)}", desk.clock.now()
        elsewhere.open_ways(desk)
        if text is None:
            answer = await handover.accept(desk, typed, by, now, "cli")
        else:
            answer = await handover.remark(desk, typed, text, roster.Asking(by, now, "cli", "en"))
        _say(answer, json)
        await elsewhere.idle(desk)


def _say(answer: "Answer", json: bool) -> None:
    door.answered(answer.verdict.name, answer.sentence, {"handover": answer.handover}, json)


def _data(one: "Shown") -> dict[str, object]:
    return {"rota": one.rota, "since": one.since, "handover": one.handover, "report": dict(one.report)}


def _row(one: "Handover", rota: "Rota") -> tuple[object, ...]:
    at, after = oncall_show.local(one.at, rota), say.length(_whole(one.waited)) if one.waited else None
    sides = ", ".join(one.outgoing), ", ".join(one.incoming)
    return one.id, one.rota, at, *sides, one.standing, one.accepted_by, after, len(one.remarks) or None


def _whole(span: "timedelta") -> "timedelta":
    return type(span)(seconds=int(span.total_seconds()))
