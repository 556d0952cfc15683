"""`tocsin silence`: hold alerts back for a while, see first what that hits, list what holds, end it."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import door, place, say, span
from bot.errors import BadInput

if TYPE_CHECKING:
    from bot.engine.desk import Desk
    from bot.engine.hits import Hits
    from bot.engine.silence import Draft, Outcome
    from bot.model.silence import Silence
    from bot.settings import Settings

app = typer.Typer(name="silence", help="Silences and maintenance windows.", no_args_is_help=True)

Conditions = Annotated[
    list[str] | None,
    typer.Argument(metavar="CONDITION", help="All must hold: 'model = churn' 'kind =~ drift|failure'."),
]
Ended = Annotated[str, typer.Argument(metavar="SILENCE", help="SIL-3, or 3.")]
Incident = Annotated[str | None, typer.Option("--incident", help="Made from it; its conditions where none are given.")]
Why = Annotated[str, typer.Option("--why", help="The comment, for those who will wonder.")]
Shadow = Annotated[bool, typer.Option("--shadow", help="Hold nothing back, only say what it would have held.")]
Maintenance = Annotated[bool, typer.Option("--maintenance", help="It is planned work, and told as such.")]
Sure = Annotated[bool, typer.Option("--sure", help="Yes, even though it hits every alert there is.")]
All = Annotated[bool, typer.Option("--all", help="Those that are over, too, the newest first.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=1000, help="At most so many.")]


@dataclass(frozen=True)
class _Asked:
    """What somebody typed."""

    conditions: tuple[str, ...]
    incident: str | None
    when: span.Span
    why: str = ""
    shadow: bool = False
    maintenance: bool = False
    sure: bool = False


@app.callback()
def group() -> None:
    """Silences and maintenance windows: alerts that match are held back, and nobody is paged for them."""


@app.command()
def add(
    conditions: Conditions = None,
    incident: Incident = None,
    starts: span.Starts = None,
    until: span.Until = None,
    length: span.Length = None,
    why: Why = "",
    shadow: Shadow = False,
    maintenance: Maintenance = False,
    sure: Sure = False,
    me: place.As = None,
    config: place.Config = place.HERE,
    json: place.Json = False,
) -> None:
    """Make a silence, or a maintenance window, now or planned."""
    asked = _Asked(tuple(conditions or ()), incident, span.Span(starts, until, length), why, shadow, maintenance, sure)
    _answer(asyncio.run(_add(config, asked, me)), json)


@app.command()
def preview(
    conditions: Conditions = None,
    incident: Incident = None,
    starts: span.Starts = None,
    until: span.Until = None,
    length: span.Length = "2h",
    me: place.As = None,
    config: place.Config = place.HERE,
    json: place.Json = False,
) -> None:
    """Show what a silence would hit, and make none."""
    asked = _Asked(tuple(conditions or ()), incident, span.Span(starts, until, length if until is None else None))
    found = asyncio.run(_preview(config, asked, me))
    if json:
        say.data(found)
        return
    for line in _hits(found):
        say.line(line)


@app.command("list")
def listing(
    everything: All = False, limit: Limit = 50, config: place.Config = place.HERE, json: place.Json = False
) -> None:
    """The silences in force and those that are planned, in the order of their starts."""
    found = asyncio.run(_listing(config, everything, limit))
    if json:
        say.data(found)
        return
    if not found:
        say.line("No silence." if everything else "No silence holds or is planned.")
        return
    head = ("ID", "WHAT", "FROM", "UNTIL", "BY", "CONDITIONS", "WHY")
    say.table(head, [_row(silence) for silence in found])


@app.command()
def end(silence: Ended, me: place.As = None, config: place.Config = place.HERE, json: place.Json = False) -> None:
    """End a silence before its time; what still fires is paged."""
    _answer(asyncio.run(_end(config, silence, me)), json)


def _answer(outcome: "Outcome", json: bool) -> None:
    verdict, lines = outcome.verdict.name, list(_hits(outcome.hits) if outcome.hits else ())
    if verdict == "UNSURE":
        lines.append("Say --sure to make it all the same.")
    door.answered(verdict, outcome.sentence, {"silence": outcome.silence, "hits": outcome.hits}, json, lines)


async def _add(config: Path, asked: _Asked, me: str | None) -> "Outcome":
    from bot.engine import silence

    async with place.desk(config) as desk:
        person = place.person(me, desk.settings.people)
        now = desk.clock.now()
        draft = _draft(asked, desk.settings, person, now)
        draft = await _fitting(desk, draft)
        if not draft.matchers and not asked.sure:
            raise BadInput("No condition is given, so it would hit everything.", "Give one, as in 'model = churn'.")
        return await silence.make(desk, draft, f"person:{person}", now, "cli")


async def _preview(config: Path, asked: _Asked, me: str | None) -> "Hits":
    from bot.engine import silence

    async with place.desk(config) as desk:
        now = desk.clock.now()
        draft = _draft(asked, desk.settings, me or place.login(), now)
        draft = await _fitting(desk, draft)
        return await silence.preview(desk, draft, now)


async def _fitting(desk: "Desk", draft: "Draft") -> "Draft":
    """The draft with the conditions of its incident, where it has one and none of its own."""
    from bot.engine import silence

    if draft.matchers or draft.incident is None:
        return draft
    return replace(draft, matchers=await silence.fitting(desk, draft.incident))


async def _listing(config: Path, everything: bool, limit: int) -> "list[Silence]":
    from bot.engine import silence

    async with place.desk(config) as desk:
        if everything:
            return await silence.listing(desk, limit)
        return (await silence.standing(desk, desk.clock.now()))[:limit]


async def _end(config: Path, typed: str, me: str | None) -> "Outcome":
    from bot.engine import silence

    its = typed if typed.upper().startswith("SIL-") else f"SIL-{typed}"
    async with place.desk(config) as desk:
        by = f"person:{place.person(me, desk.settings.people)}"
        return await silence.end(desk, its, by, desk.clock.now(), "cli")


def _draft(asked: _Asked, settings: "Settings", person: str, now: datetime) -> "Draft":
    """What was typed, its times on the person's own clock."""
    from bot.engine.silence import Draft
    from bot.rules import window

    starts, end = asked.when.read(settings.people, person, now)
    matchers = window.read("\n".join(asked.conditions))
    flags = (asked.maintenance, asked.shadow, asked.incident)
    return Draft(matchers, end, asked.why, starts, *flags, sure=asked.sure)


def _row(silence: "Silence") -> tuple[object, ...]:
    from bot.engine.silence import author
    from bot.rules import window

    conditions = ", ".join(window.written(matcher) for matcher in silence.matchers) or "every alert"
    what = f"{silence.what}, shadow" if silence.shadow else silence.what
    return silence.id, what, silence.starts_at, silence.until, author(silence), conditions, silence.why


def _hits(found: "Hits") -> Iterator[str]:
    if found.everything:
        yield "It hits every alert there is."
    yield f"Fires now: {found.firing_total} alerts in {len(found.incidents)} open incidents."
    for incident, alert in found.firing:
        yield f"  {incident}  {alert.title}"
    more = " or more" if found.cut else ""
    yield f"Of the last 7 days: {found.week}{more} alerts."
