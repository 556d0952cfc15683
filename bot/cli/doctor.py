"""`tocsin doctor`: what a running bot needs, asked of the world itself; one page of what stands and what does not."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from bot.cli import door, place, say
from bot.errors import BadConfig, BadInput, StoreDown, TocsinError

if TYPE_CHECKING:
    from bot.contract.guard import Guard
    from bot.registry import Linked
    from bot.settings import Settings
    from bot.settings.nouns import OAuth
    from bot.slack.examine import Row

Page = Mapping[str, "list[Row]"]
SHOWN = 10  # complaints of the configuration; `tocsin check` has them all


def doctor(config: place.Config = place.HERE, json: place.Json = False, verbose: place.Verbose = False) -> None:
    """Look whether everything the bot needs is there. Exit code 1 when something required is missing."""
    place.log(verbose)
    page = asyncio.run(examine(config))
    ok = not any(_red(row) for rows in page.values() for row in rows)
    if json:
        say.data(
            {"ok": ok, "checks": [{"part": part, **say.plain(row)} for part, rows in page.items() for row in rows]}
        )
    else:
        for part, rows in page.items():
            _show(part, rows)
        say.line(_summary(page))
    if not ok:
        raise typer.Exit(door.FAILED)


async def examine(config: Path) -> dict[str, "list[Row]"]:
    """The rows of each part; where the configuration does not load, nothing else can be asked."""
    settings, rows = _configuration(config)
    page = {"Configuration": rows}
    if settings is None:
        return page
    page["Database"] = [await _database(settings)]
    page["Slack"] = await _slack(settings)
    if settings.connections:
        page["Connections"] = await _connections(settings)
    return page


def _configuration(config: Path) -> tuple["Settings | None", "list[Row]"]:
    from bot import documents
    from bot.settings import fit

    try:
        settings = place.settings(config)
    except BadConfig as error:
        return None, _complaints(documents.each(error))
    library = place.library(config)
    complaints = [*library.complaints, *fit.check(library, settings)]
    if complaints:
        return settings, _complaints(complaints)
    return settings, [_row(str(config), "ok", f"It loads; {len(library.runbooks)} runbooks.")]


def _complaints(errors: Iterable[TocsinError]) -> "list[Row]":
    found = list(errors)
    rows = [_row(_where(error), "missing", error.what, error.do) for error in found[:SHOWN]]
    if len(found) > SHOWN:
        rows.append(_row("more", "missing", f"{len(found) - SHOWN} more complaints.", "Run `tocsin check`."))
    return rows


def _where(error: TocsinError) -> str:
    file, line = getattr(error, "file", ""), getattr(error, "line", 0)
    return f"{file}:{line}" if file and line else file or "configuration"


async def _database(settings: "Settings") -> "Row":
    from bot.store import letters

    try:
        async with place.store(settings) as store:
            waiting = await store.read(letters.count)
    except StoreDown as down:
        return _row("database", "missing", down.what, down.do)
    except BadInput as error:  # an address that is none
        return _row("database", "missing", error.what, error.do)
    unread = f" {waiting} messages could not be read: see `tocsin replay --list`." if waiting else ""
    return _row("database", "ok", f"It answers, and its schema is this version's.{unread}")


async def _slack(settings: "Settings") -> "list[Row]":
    from bot.clock import SystemClock
    from bot.slack import examine
    from bot.slack.client import Client

    own = settings.slack
    if own.oauth is not None:
        return await _workspaces(settings, own.oauth)
    if own.mode == "off" or own.bot_token is None:
        do = "Set slack.mode to socket or http, and its tokens."
        return [_row("slack.mode", "missing", "Slack is off: nobody is paged.", do, required=False)]
    async with Client(own.bot_token, url=own.api_url) as client:
        return await examine.workspace(client, SystemClock(), settings)


async def _workspaces(settings: "Settings", oauth: "OAuth") -> "list[Row]":
    """The rows of each workspace that has installed the app, its id before them."""
    from bot.clock import SystemClock
    from bot.settings.oauth import share
    from bot.slack import examine
    from bot.slack.client import Client
    from bot.slack.vault import Vault
    from bot.store import installations

    try:
        vault = Vault(oauth.keys)
        async with place.store(settings) as store:
            found = await store.read(installations.current)
    except TocsinError as error:
        return [_row("workspaces", "missing", error.what, error.do)]
    if not found:
        return [_row("workspaces", "missing", "None has installed the app yet.", f"Open {oauth.install_url}.")]
    rows = []
    for each in found:
        main = each.team == (settings.slack.workspace or found[0].team)
        try:
            token = vault.open(each.token)
        except BadConfig as error:
            rows.append(_row(f"{each.team}: bot token", "missing", error.what, error.do))
            continue
        async with Client(token, url=settings.slack.api_url) as client:
            own = share(settings, each.team, main=main)
            rows += [
                replace(row, what=f"{each.team}: {row.what}")
                for row in await examine.workspace(client, SystemClock(), own)
            ]
    return rows


async def _connections(settings: "Settings") -> "list[Row]":
    from bot import registry
    from bot.clock import SystemClock

    try:
        found = registry.discover(names={connection.plugin for connection in settings.connections})
    except BadConfig as error:
        return [_row("plugins", "missing", error.what, error.do)]
    connected = registry.Registry(found, SystemClock()).connect(settings.connections)
    rows = [_row("plugin", "missing", fault.what, fault.do) for fault in [*found.faults, *connected.faults]]
    for name, linked in connected.parts.items():
        rows += await _connection(name, linked)
        linked.guard.close()
    return rows


async def _connection(name: str, linked: "Linked") -> "list[Row]":
    rows: list[Row] = []
    for one in (linked.source, linked.pager):
        if one is None:
            continue
        rows += await part(name, linked.guard, one)
    return rows or [_row(name, "ok", f"The plugin {linked.plugin.name} loads.")]


async def part(name: str, guard: "Guard", checked: Any) -> "list[Row]":
    """The rows of one part of a plugin, which may answer anything, or nothing."""
    from bot.contract.plugin import Check

    try:
        checks = await guard.call("check", checked.check)
    except TocsinError as error:
        return [_row(name, "unknown", error.what, error.do)]
    if not isinstance(checks, list) or not all(isinstance(check, Check) for check in checks):
        return [
            _row(name, "unknown", "Its check answers something that is no list of rows.", "Tell the plugin's author.")
        ]
    return [_row(f"{name}: {check.scope}", check.health, "", check.do) for check in checks]


def _row(what: str, health: str, found: str = "", do: str = "", *, required: bool = True) -> "Row":
    from bot.contract.plugin import Health
    from bot.slack.examine import Row

    return Row(what, Health(health), found, do, required)


def _red(row: "Row") -> bool:
    return row.health.value == "missing" and row.required


# --- the page ---

MARKS = {"ok": ("ok     ", "green"), "missing": ("MISSING", "red"), "unknown": ("unknown", "yellow")}


def _show(part: str, rows: "Iterable[Row]") -> None:
    say.line(part)
    for row in rows:
        mark, colour = MARKS[row.health.value]
        if row.health.value == "missing" and not row.required:
            mark, colour = "without", "yellow"
        said = say.harmless(" ".join(f"{row.what}: {row.found}".split()) if row.found else row.what)
        # The mark alone is coloured, and says by its word what the colour says.
        typer.echo(f"  {typer.style(mark, fg=colour)}  {said}")
        if row.do and row.health.value != "ok":
            typer.echo(f"           do: {say.harmless(' '.join(row.do.split()))}")


def _summary(page: Page) -> str:
    rows = [row for part in page.values() for row in part]
    red = sum(_red(row) for row in rows)
    lost = sum(row.health.value == "missing" and not row.required for row in rows)
    unknown = sum(row.health.value == "unknown" for row in rows)
    if not (red or lost or unknown):
        return "Everything is there."
    counts = {"required and missing": red, "optional and missing": lost, "unknown": unknown}
    return f"{'; '.join(f'{count} {what}' for what, count in counts.items() if count)}."
