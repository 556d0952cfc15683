"""`tocsin report`: the figures of a span beside those of the span before it, as docs/figures.md defines them."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import place, say
from bot.errors import BadInput

if TYPE_CHECKING:
    from bot.engine.figures import About, Report
    from bot.model.figures import Group, Spread

app = typer.Typer()

MONTH, LONGEST = timedelta(days=30), timedelta(days=3 * 366)


class By(StrEnum):
    """What is broken down."""

    MONITOR = "monitor"
    PERSON = "person"
    MODEL = "model"


Since = Annotated[str | None, typer.Option("--from", help="From then on, as 2026-11-01; 30 days before --to.")]
To = Annotated[str | None, typer.Option("--to", help="Until then; now if left out.")]
Entity = Annotated[str, typer.Option("--entity", help="Of one business entity.")]
Team = Annotated[str, typer.Option("--team", help="Of what one team answers for.")]
Model = Annotated[str, typer.Option("--model", help="Of one model or agent.")]
Monitor = Annotated[str, typer.Option("--monitor", help="Of what one connection told of.")]
Down = Annotated[By | None, typer.Option("--by", help="A line for each monitor, person or model as well.")]


@app.command()
def report(
    since: Since = None,
    to: To = None,
    entity: Entity = "",
    team: Team = "",
    model: Model = "",
    monitor: Monitor = "",
    by: Down = None,
    config: place.Config = place.HERE,
    json: place.Json = False,
) -> None:
    """How soon incidents were noticed, answered and ended, what they cost people, and which monitors were worth it."""
    from bot.engine.figures import About

    end = place.moment(to)
    start = place.moment(since) if since else end - MONTH
    if start >= end:
        raise BadInput("--to is not after --from.", "Give a later --to.")
    if end - start > LONGEST:
        raise BadInput("That is more than three years.", "Ask for a shorter span.")
    found = asyncio.run(_found(config, About(entity, team, model, monitor), start, end))
    if json:
        say.data(_data(found))
        return
    for line in _drawn(found):
        say.line(line)
    if by is not None:
        say.line()
        _broken_down(found, by)


async def _found(config: Path, about: "About", start: datetime, end: datetime) -> "Report":
    from bot.engine import figures

    async with place.desk(config) as desk:
        return await figures.report(desk, about, start, end)


def _data(found: "Report") -> dict[str, object]:
    """The report with the shares that are counted from it."""
    both = {"now": found.now, "before": found.before}
    shares = {
        name: {"precision": one.precision, "ended_by_themselves": one.alone, "pages_each": one.pages_each}
        for name, one in both.items()
    }
    worth = {one.name: one.precision for one in found.now.monitors}
    return {**say.plain(found), "shares": shares, "precision_by_monitor": worth}


def _drawn(found: "Report") -> Iterator[str]:
    from bot import words
    from bot.engine import insights

    say_ = words.ENGLISH.insights
    yield f"{insights.about(found.about, say_)}, {say.span(found.start, found.end)}"
    for line in insights.lines(found, words.ENGLISH):
        yield f"  {line}"


def _broken_down(found: "Report", by: By) -> None:
    if by is By.PERSON:
        rows = [(one.person, one.pages, one.night_pages, one.nights) for one in found.now.people]
        say.table(("PERSON", "PAGES", "AT NIGHT", "NIGHTS"), rows)
        say.line("Pages by person are there to share the load. They say nothing about how well anybody works.")
        return
    groups = found.now.monitors if by is By.MONITOR else found.now.models
    head = (by.value.upper(), "INCIDENTS", "USEFUL", "NOISE", "UNKNOWN", "PRECISION", "PAGES", "ACKNOWLEDGED", "ENDED")
    unnamed = "by hand" if by is By.MONITOR else "no model"
    say.table(head, [_row(one, unnamed) for one in groups])


def _row(one: "Group", unnamed: str) -> tuple[object, ...]:
    counts = (one.incidents, one.useful, one.noise, one.unknown)
    return one.name or unnamed, *counts, _share(one), one.pages, _median(one.acknowledge), _median(one.resolve)


def _share(one: "Group") -> str | None:
    from bot.rules import figures

    if one.precision is None:
        return None
    known = one.useful + one.noise
    return f"{one.precision:.0%}" if known >= figures.FEW else f"{one.useful} of {known}"


def _median(one: "Spread") -> str | None:
    from bot.engine import insights

    return insights.length(one.median) if one.median is not None else None
