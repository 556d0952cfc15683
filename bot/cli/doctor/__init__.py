"""`tocsin doctor`: what a running bot needs, asked of the world itself; one page of what stands and what does not."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from bot.cli import door, elsewhere, place, say
from bot.cli.doctor import audit, chat, clocks, configuration, connections, database, estate, oncall, outlets, rows
from bot.cli.doctor.connections import part as part
from bot.errors import StoreDown

if TYPE_CHECKING:
    from bot.rules.escalation import Roster
    from bot.runbooks import Library
    from bot.settings import Settings
    from bot.slack.examine import Row
    from bot.store import Tx


def doctor(config: place.Config = place.HERE, json: place.Json = False, verbose: place.Verbose = False) -> None:
    """Look whether everything the bot needs is there. Exit code 1 when something required is missing."""
    place.log(verbose)
    page = asyncio.run(examine(config))
    ok = not any(rows.red(row) for each in page.values() for row in each)
    if json:
        say.data(
            {"ok": ok, "checks": [{"part": part, **say.plain(row)} for part, each in page.items() for row in each]}
        )
    else:
        for part, each in page.items():
            rows.show(part, each)
        say.line(rows.summary(page))
    if not ok:
        raise typer.Exit(door.FAILED)


async def examine(config: Path) -> dict[str, "list[Row]"]:
    """The rows of each part; where the configuration does not load, nothing else can be asked."""
    from bot.clock import SystemClock

    now = SystemClock().now()
    settings, library, written = configuration.read(config, now.date())
    if settings is None or library is None:
        return {"Configuration": written}
    vitals, stored = await asyncio.to_thread(database.rows, settings)
    found, connected = connections.linked(settings)
    ways = elsewhere.kinds(settings)
    roster = oncall.roster(settings, settings.people, (), ways)  # as far as the configuration knows
    back: list[Row] = []
    if vitals and vitals.revision == vitals.needed:
        try:
            roster, waiting, back = await _kept(settings, library, ways, now)
            stored += waiting
        except StoreDown as down:
            stored.append(rows.row("what waits in it", "unknown", down.what, down.do))
    page = {
        "Configuration": written,
        "Database": stored,
        "Slack": await chat.rows(settings),
        "Connections": await connections.rows(found, connected, settings.estate.models.values()),
        "Postmortems": outlets.rows(settings, connected),
        "On call": list(oncall.rows(settings, library, roster, now)),
        "Ways back": back,
        "Clocks": [row async for row in clocks.rows(settings, vitals)],
    }
    for linked in connected.parts.values():
        linked.guard.close()
    return {part: each for part, each in page.items() if each}


async def _kept(
    settings: "Settings", library: "Library", ways: Mapping[str, str], now: datetime
) -> "tuple[Roster, list[Row], list[Row]]":
    """What the database knows: who is on call by hand and who was linked, what waits in it, what can be rolled back."""
    from bot.engine.desk import Desk
    from bot.model import address
    from bot.store import addresses, calendars, overrides

    def look(tx: "Tx") -> "tuple[Roster, list[Row], list[Row]]":
        byhand = overrides.active(tx, now, now + oncall.AHEAD)
        people = desk.people(tx)
        roster = oncall.roster(settings, people, byhand, ways, address.counting(people, addresses.confirmed(tx)))
        roster = replace(roster, rotas=calendars.filled(tx, settings.rotas))
        kept = [*database.waiting(tx, settings, now), *audit.rows(tx, settings, now)]
        return roster, kept, list(estate.rows(tx, desk, now))

    async with place.store(settings) as store:
        desk = Desk(store, store.clock, settings, library)
        return await store.read(look)
