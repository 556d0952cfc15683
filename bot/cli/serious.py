"""`tocsin incident serious`: mark an incident under a law's regime, say what became of its reports, list what runs."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import door, place, say
from bot.errors import BadInput

if TYPE_CHECKING:
    from bot.engine.serious import Outcome
    from bot.engine.serious_say import Owed

app = typer.Typer()

Id = Annotated[str | None, typer.Argument(metavar="[INCIDENT]", help="INC-7, or 7; every clock that runs if left out.")]
Regimes = Annotated[
    list[str] | None,
    typer.Option("--regime", metavar="NAME", help="Mark it under this: eu-ai-act, dora ...; several may be given."),
]
Aware = Annotated[
    str | None,
    typer.Option("--aware", metavar="TIME", help="With --regime: when somebody became aware; now if left out."),
]
Met = Annotated[str | None, typer.Option("--met", metavar="STEP", help="This report was made.")]
Drop = Annotated[str | None, typer.Option("--drop", metavar="STEP", help="This clock does not apply; say --why.")]
Back = Annotated[str | None, typer.Option("--take-back", metavar="STEP", help="A dropped clock runs again; say --why.")]
Reference = Annotated[str, typer.Option("--reference", help="With --met: what the authority calls the report.")]
Made = Annotated[
    str | None, typer.Option("--made", metavar="TIME", help="With --met: when it was made; now if left out.")
]
Why = Annotated[str, typer.Option("--why", help="The reason, for those who will ask.")]


@dataclass(frozen=True)
class _Asked:
    """What somebody typed: a verb of the engine, and what it needs."""

    verb: str
    incident: str
    regimes: tuple[str, ...] = ()
    step: str = ""
    moment: str | None = None
    reference: str = ""
    why: str = ""


@app.command()
def serious(
    incident: Id = None,
    regime: Regimes = None,
    aware: Aware = None,
    met: Met = None,
    reference: Reference = "",
    made: Made = None,
    drop: Drop = None,
    take_back: Back = None,
    why: Why = "",
    me: place.As = None,
    config: place.Config = place.HERE,
    json: place.Json = False,
) -> None:
    """Mark an incident as serious, settle what a law wants reported, or list the clocks that run. No legal advice."""
    wishes = {"mark": regime, "meet": met, "drop": drop, "take_back": take_back}
    verbs = [verb for verb, given in wishes.items() if given is not None and given != []]
    if len(verbs) > 1:
        raise BadInput("That asks for several things at once.", "Give one of --regime, --met, --drop, --take-back.")
    if not verbs:
        _list(config, incident, json)
        return
    if incident is None:
        raise BadInput("No incident was named.", "Say which, as in `tocsin incident serious INC-7 --regime eu-ai-act`.")
    verb = verbs[0]
    step = {"meet": met, "drop": drop, "take_back": take_back}.get(verb) or ""
    moment = aware if verb == "mark" else made
    asked = _Asked(verb, incident, tuple(regime or ()), step, moment, reference, why)
    outcome, lines = asyncio.run(_take(config, asked, me))
    more = {"flag": outcome.flag, "clocks": outcome.clocks}
    door.answered(outcome.verdict.name, outcome.sentence, more, json, lines)


def _list(config: Path, incident: str | None, json: bool) -> None:
    found, lines = asyncio.run(_listing(config, incident))
    if json:
        say.data([{"clock": clock, "duty": duty} for clock, duty in found])
        return
    for line in lines:
        say.line(line)
    if not lines:
        say.line("No clock runs." if incident is None else "It is marked as serious under no regime.")


async def _take(config: Path, asked: _Asked, me: str | None) -> "tuple[Outcome, list[str]]":
    from bot import words
    from bot.engine import serious, serious_say
    from bot.model.serious import Standing

    async with place.desk(config) as desk:
        person, now = place.person(me, desk.settings.people), desk.clock.now()
        zone = desk.settings.people.persons[person].timezone
        moment = place.moment(asked.moment, zone) if asked.moment else None
        said = (asked.regimes, asked.step, moment, asked.reference)
        wish = serious.Wish(asked.incident, f"person:{person}", now, "cli", asked.why, *said)
        verbs = {"mark": serious.mark, "meet": serious.meet, "drop": serious.drop, "take_back": serious.take_back}
        outcome = await verbs[asked.verb](desk, wish)
        running = [one for one in outcome.clocks if one.standing is Standing.RUNNING]
        lines = [f"  {serious_say.due(one, now, zone, words.ENGLISH)}" for one in serious_say.owed(desk, running)]
        return outcome, [*lines, *([outcome.flag] if outcome.flag else [])]


async def _listing(config: Path, typed: str | None) -> "tuple[list[Owed], list[str]]":
    from bot import words
    from bot.engine import serious, serious_say

    async with place.desk(config) as desk:
        found = await serious.listing(desk) if typed is None else (await serious.of(desk, typed))[1]
        now = desk.clock.now()
        said = [serious_say.stands(one, now, "UTC", words.ENGLISH) for one in found]
        named = [f"{one.incident}  {one.regime}/{one.step}" for one, _ in found]
        return found, [f"{name}  {line}" for name, line in zip(named, said, strict=True)]
