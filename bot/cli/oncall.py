"""`tocsin oncall`: who holds the pager, and who will."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import place, say
from bot.errors import NotFound, StoreDown

if TYPE_CHECKING:
    from bot.model.rota import Override, Rota, Shift
    from bot.settings import Settings

app = typer.Typer(name="oncall", help="Who holds the pager, and who will.", no_args_is_help=True)

AROUND = timedelta(days=366)  # how far from the moment asked about a change by hand may begin or end a shift

Name = Annotated[str | None, typer.Argument(help="The rota; every one if left out.")]
Days = Annotated[int, typer.Option("--days", min=1, max=366, help="How far to look ahead.")]


@app.callback()
def group() -> None:
    """Who holds the pager, and who will."""


@app.command()
def who(name: Name = None, at: place.At = None, config: place.Config = place.HERE, json: place.Json = False) -> None:
    """Who is on call now, or at another moment, until when and why."""
    settings = place.settings(config)
    rotas = [_rota(settings, name)] if name else list(settings.rotas.values())
    moment = place.moment(at, rotas[0].timezone if name else "UTC")
    overrides = _overrides(settings, moment - AROUND, moment + AROUND)
    shifts = [_around(rota, moment, overrides) for rota in rotas]
    if json:
        say.data([_data(rota, shift, moment, overrides) for rota, shift in zip(rotas, shifts, strict=True)])
        return
    say.table(
        ("ROTA", "ON CALL", "UNTIL", "WHY"),
        [
            (rota.name, _names(shift), _local(shift.end, rota), _why(rota, moment, overrides))
            for rota, shift in zip(rotas, shifts, strict=True)
        ],
    )


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="The rota.")],
    days: Days = 14,
    at: place.At = None,
    config: place.Config = place.HERE,
    json: place.Json = False,
) -> None:
    """The shifts of a rota, from now on or from another moment, gaps included."""
    from bot.rules import rota as rota_rule

    settings = place.settings(config)
    rota = _rota(settings, name)
    start = place.moment(at, rota.timezone)
    end = start + timedelta(days=days)
    overrides = _overrides(settings, start, end)
    shifts = rota_rule.shifts(rota, start, end, overrides)
    if json:
        say.data([_data(rota, shift, shift.start, overrides) for shift in shifts])
        return
    rows = [
        (_local(shift.start, rota), _local(shift.end, rota), _names(shift), _why(rota, shift.start, overrides))
        for shift in shifts
    ]
    say.table(("FROM", "UNTIL", "ON CALL", "WHY"), rows)


def _rota(settings: "Settings", name: str) -> "Rota":
    if name in settings.rotas:
        return settings.rotas[name]
    from bot import documents

    known = f"There are: {', '.join(settings.rotas) or 'none'}."
    raise NotFound(f"There is no rota {name!r}.", documents.closest(name, settings.rotas) or known)


def _overrides(settings: "Settings", start: datetime, end: datetime) -> "tuple[Override, ...]":
    """Those of the configuration and those of the database; without a database the roster is still worth seeing."""
    try:
        byhand = asyncio.run(_kept(settings, start, end))
    except StoreDown as error:
        say.warning(f"Overrides made in Slack are not shown. {error}")
        byhand = []
    return (*settings.overrides, *byhand)


async def _kept(settings: "Settings", start: datetime, end: datetime) -> "list[Override]":
    from bot.store import overrides

    async with place.store(settings) as store:
        return await store.read(lambda tx: overrides.active(tx, start, end))


def _around(rota: "Rota", at: datetime, overrides: "Sequence[Override]") -> "Shift":
    from bot.rules import rota as rota_rule

    return rota_rule.shift(rota, at, overrides)


def _why(rota: "Rota", at: datetime, overrides: "Sequence[Override]") -> str:
    from bot.rules import rota as rota_rule

    return rota_rule.why(rota, at, overrides)


def _data(rota: "Rota", shift: "Shift", at: datetime, overrides: "Sequence[Override]") -> dict[str, object]:
    shown: dict[str, object] = say.plain(shift)
    return {**shown, "timezone": rota.timezone, "why": _why(rota, at, overrides)}


def _names(shift: "Shift") -> str:
    return ", ".join(holder.person for holder in shift.holders) or "nobody"


def _local(at: datetime, rota: "Rota") -> str:
    from zoneinfo import ZoneInfo

    return at.astimezone(ZoneInfo(rota.timezone)).strftime("%Y-%m-%d %H:%M %z")
