"""`tocsin oncall burden`: who bore how much of a rota, and how even that is."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import oncall_source, place, say
from bot.errors import BadInput

if TYPE_CHECKING:
    from bot.engine.burden import Report
    from bot.rules.burden import Terms

app = typer.Typer()

QUARTER = timedelta(weeks=13)
LONGEST = timedelta(days=10 * 366)

Name = Annotated[str, typer.Argument(help="The rota.")]
Since = Annotated[str | None, typer.Option("--from", help="From then on, as 2026-09-01; 13 weeks before --to.")]
To = Annotated[str | None, typer.Option("--to", help="Until then; now if left out.")]
Night = Annotated[str, typer.Option("--night", help="What counts as a night, by the rota's wall clock.")]
Country = Annotated[str | None, typer.Option("--holidays", help="Whose public holidays, as TR or US-CA; the rota's.")]


@app.command()
def burden(
    name: Name,
    since: Since = None,
    to: To = None,
    night: Night = "22:00-07:00",
    holidays: Country = None,
    config: place.Config = place.HERE,
    json: place.Json = False,
) -> None:
    """Hours, nights, weekends, public holidays and pages by person, and who has more than an even share."""
    rota = oncall_source.read(config, None).rota(name)
    end = oncall_source.instant(to, rota)
    start = oncall_source.instant(since, rota) if since else end - QUARTER
    oncall_source.ordered(start, end, LONGEST)
    found = asyncio.run(_found(config, name, (start, end), _terms(night, holidays)))
    if json:
        say.data(found)
        return
    _shown(found)


def _terms(night: str, holidays: str | None) -> "tuple[Terms, bool]":
    """What was typed, and whether the holidays were; BadInput."""
    from datetime import time

    from bot.rules import holiday
    from bot.rules.burden import Terms

    begin, _, end = night.partition("-")
    try:
        terms = Terms(time.fromisoformat(begin.strip()), time.fromisoformat(end.strip()))
    except ValueError:
        raise BadInput(f"{night[:40]!r} is no night.", "Write --night 22:00-07:00.") from None
    if terms.night.tzinfo or terms.morning.tzinfo:
        raise BadInput(f"{night[:40]!r} names a zone.", "Leave it out; the rota's wall clock counts.")
    if holidays:
        holiday.check(holidays)
        terms = Terms(terms.night, terms.morning, country=holidays)
    return terms, holidays is not None


async def _found(config: Path, name: str, span: tuple[datetime, datetime], asked: "tuple[Terms, bool]") -> "Report":
    from dataclasses import replace

    from bot.engine import burden
    from bot.rules import burden as burden_rule

    terms, given = asked
    async with place.desk(config) as desk:
        rota = desk.settings.rotas[name]
        its = terms if given else replace(terms, country=burden_rule.country(rota))
        return await desk.store.read(lambda tx: burden.report(tx, desk, rota, *span, its))


def _shown(found: "Report") -> None:
    rows = [
        (
            one.person,
            *(f"{figure:.1f}" for figure in (one.hours, one.nights, one.weekends, one.holidays)),
            one.pages,
            one.night_pages,
            f"{one.share:.0%}",
            f"{round(one.beyond * 100):+}",
        )
        for one in found.people
    ]
    head = ("PERSON", "HOURS", "NIGHTS", "WEEKENDS", "HOLIDAYS", "PAGES", "BY NIGHT", "SHARE", "OFF EVEN")
    say.table(head, rows)
    say.line()
    say.line(f"{found.rota}, {say.span(found.start, found.end)}: somebody was on call {found.covered:.1%} of the time.")
    for sentence in found.unfair:
        say.line(sentence)
