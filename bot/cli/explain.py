"""`tocsin explain`: where a message or an incident goes and why, and who is paged when."""

import asyncio
import re
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot import words
from bot.cli import draw, elsewhere, place, read, say
from bot.errors import BadInput

if TYPE_CHECKING:
    from bot.contract.source import Delivery
    from bot.engine.explain import Explanation
    from bot.engine.foresee import Told
    from bot.engine.parts import Part

What = Annotated[
    str,
    typer.Argument(metavar="FILE|INCIDENT", help="A file with the body of a delivery, - for standard input; or INC-7."),
]
Through = Annotated[
    str | None,
    typer.Option("--connection", help="For a file: its connection; guessed if only one fits."),
]
By = Annotated[str | None, typer.Option("--plugin", help="For a file: a plugin with its default settings instead.")]
INCIDENT = re.compile(r"(?:INC-)?[0-9]{1,15}", re.IGNORECASE)
WIDEST, TITLE = 100, 2
AS_ABOVE = ("as of the alert above",)


@dataclass(frozen=True)
class Read:
    """A delivery as it was read, and what would become of each of its alerts."""

    connection: str
    copy: bool  #: its sender's id was seen before, so all of it would be dropped
    delivery: "Delivery"
    alerts: "tuple[Told, ...]"


def explain(
    what: What,
    connection: Through = None,
    plugin: By = None,
    at: place.At = None,
    config: place.Config = place.HERE,
    json: place.Json = False,
) -> None:
    """Tell where a message or an incident goes and why, and who is paged at +0, +5, +15 and +60 minutes.

    Nothing is written and nobody is paged.
    """
    place.log()
    if connection and plugin:
        raise BadInput("A connection and a plugin were named.", "Name one of them.")
    moment = place.moment(at)
    if what == "-" or Path(what).is_file():
        _show(asyncio.run(_file(config, what, connection, plugin, moment)), json)
        return
    if not INCIDENT.fullmatch(what.strip()):
        raise BadInput(f"There is no file {what}, and it is no incident.", "Give a file, - or INC-7.")
    found = asyncio.run(_incident(config, what, moment))
    if json:
        say.data(found)
    else:
        _incident_shown(found)


async def _file(config: Path, file: str, connection: str | None, plugin: str | None, at: datetime) -> Read:
    from bot.engine import explain, intake

    linked = read.readers(config, connection or plugin)
    try:
        name, delivery = await read.understood(linked, read.request(file, at))
    finally:
        for one in linked:
            one.guard.close()
    async with place.desk_or_blank(config) as (desk, blank):
        elsewhere.open_ways(desk)
        if blank:
            say.warning("there is no database yet: this is told as if nothing had happened before")
        copy = await explain.copy(desk, intake.Arrived(name, delivery))
        return Read(name, copy, delivery, await explain.alerts(desk, delivery.alerts, at))


async def _incident(config: Path, typed: str, at: datetime) -> "Explanation":
    from bot.engine import explain

    async with place.desk(config) as desk:
        elsewhere.open_ways(desk)
        return await explain.incident(desk, typed, at)


def _show(found: Read, json: bool) -> None:
    if json:
        from dataclasses import replace

        say.data(replace(found, delivery=replace(found.delivery, reply=None)))
        return
    from bot.engine import parts

    delivery = found.delivery
    say.line(f"{len(delivery.alerts)} alert(s) through {found.connection}; delivery id: {delivery.id or 'none'}")
    if found.copy:
        say.line("this delivery came before: all of it would be dropped; below is what it would do otherwise")
    for skipped in delivery.skipped:
        say.line(f"left out: {skipped}")
    before: list[Part] = []
    for number, told in enumerate(found.alerts, 1):
        say.line()
        say.line(f"{number}. {told.alert.title}")
        drawn = parts.alert(told, words.ENGLISH)
        _parts([parts.Part(one.title, AS_ABOVE) if one in before else one for one in drawn])
        before = drawn


def _incident_shown(found: "Explanation") -> None:
    from bot.engine import parts

    say.line(f"{found.view.incident.id}  {found.view.headline}")
    w = words.ENGLISH
    climb = [*parts.rungs(found.tiers, w), *found.gaps]
    _parts([parts.Part("Why", (found.why,)), parts.Part("Its first round, if it opened now", tuple(climb))])
    _parts(parts.incident(found, w))


def _parts(found: "list[Part]") -> None:
    width = min(shutil.get_terminal_size().columns, WIDEST)
    for part in found:
        say.line(f"{' ' * TITLE}{part.title}")
        for text in part.lines:
            deeper = len(text) - len(text.lstrip())
            for row in draw.hanging(" " * (2 * TITLE + deeper), text.strip(), width):
                say.line(row)
