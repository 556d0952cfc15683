"""Where a command finds its configuration, its runbooks and its database."""

import os
import platform
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.errors import BadInput, StoreDown

if TYPE_CHECKING:
    from bot.engine.desk import Desk
    from bot.model.people import People
    from bot.model.rota import Rota
    from bot.runbooks import Library
    from bot.settings import Settings
    from bot.store import Store, Tx

HERE = Path("config")

Config = Annotated[
    Path, typer.Option("--config", envvar="TOCSIN_CONFIG", help="The folder with tocsin.yaml and its siblings.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
As = Annotated[
    str | None,
    typer.Option("--as", envvar="TOCSIN_PERSON", help="Who you are in people.yaml; your login name if left out."),
]
At = Annotated[str | None, typer.Option("--at", help="A moment, as 2026-11-02T09:00+03:00; now if left out.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show the log, tracebacks of plugins included.")]


def log(verbose: bool = False) -> None:
    """Keep the log of a short command out of sight, or show it."""
    from bot import telemetry

    telemetry.configure(json=False, level="warning" if verbose else "critical")


def settings(folder: Path) -> "Settings":
    """The configuration in `folder`, with this process's environment; BadConfigs when it is wrong."""
    from bot import settings

    return settings.load(folder, os.environ)


def library(folder: Path) -> "Library":
    """The runbooks beside the configuration in `folder`; what is wrong with them is among its complaints."""
    from bot import runbooks
    from bot.rules import matching

    return runbooks.load(shelf(folder), matching.parse)


def shelf(folder: Path) -> Path:
    """Where the runbooks of the configuration in `folder` stand: beside it."""
    return (folder if folder.name not in ("", "..") else folder.resolve()).parent / "runbooks"


@asynccontextmanager
async def store(settings: "Settings") -> AsyncIterator["Store"]:
    """The database, as it is: StoreDown when it cannot be reached or needs `tocsin migrate`."""
    from bot.clock import SystemClock
    from bot.store import Store

    there(settings.database)
    opened = await Store.open(settings.database, clock=SystemClock(), migrate=False)
    try:
        yield opened
    finally:
        await opened.close()


def there(url: str) -> None:
    """StoreDown where SQLite would make an empty file out of a question."""
    path = url.removeprefix("sqlite:///").partition("?")[0]
    if url.startswith("sqlite:///") and path not in ("", ":memory:") and not Path(path).exists():
        raise StoreDown(f"There is no database {path} yet.", "Run `tocsin serve` or `tocsin migrate`.", retry=False)


@asynccontextmanager
async def desk(folder: Path) -> AsyncIterator["Desk"]:
    """What the verbs need, for commands that page nobody."""
    chosen = settings(folder)
    async with store(chosen) as opened:
        yield await _over(opened, chosen, folder)


async def _over(opened: "Store", chosen: "Settings", folder: Path) -> "Desk":
    from bot.engine import policy
    from bot.engine.desk import Desk

    rotas, books = await opened.read(lambda tx: recalled(tx, chosen)), library(folder)
    force = policy.of(chosen, books).digest
    opened.stamp = replace(opened.stamp, policy=force, login=f"login:{login()}@{platform.node()}")
    return Desk(opened, opened.clock, replace(chosen, rotas=rotas), books)


def recalled(tx: "Tx", settings: "Settings") -> "dict[str, Rota]":
    """The rotas in force, which know what they were, and what their calendars said last."""
    from bot.store import calendars, rotas

    past = rotas.past(tx)
    known = {name: replace(rota, past=past.get(name, ())) for name, rota in settings.rotas.items()}
    return calendars.filled(tx, known)


@asynccontextmanager
async def desk_or_blank(folder: Path) -> AsyncIterator["tuple[Desk, bool]"]:
    """The same; where there is no database yet, over an empty one that is gone afterwards (then True beside it)."""
    import tempfile

    from bot.clock import SystemClock
    from bot.store import Store

    chosen = settings(folder)
    try:
        there(chosen.database)
    except StoreDown:
        with tempfile.TemporaryDirectory(prefix="tocsin-blank-") as scratch:
            blank = await Store.open(f"sqlite:///{Path(scratch) / 'blank.db'}", clock=SystemClock())
            try:
                yield await _over(blank, chosen, folder), True
            finally:
                await blank.close()
        return
    async with store(chosen) as opened:
        yield await _over(opened, chosen, folder), False


def login() -> str:
    """The login name of whoever typed, empty in a container that knows none."""
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""


def person(typed: str | None, people: "People") -> str:
    """The person who types: as they say, or as they are logged in; BadInput when that is nobody we know."""
    from bot import documents

    name = typed or login()
    if name not in people.persons:
        near = documents.closest(name, people.persons)
        raise BadInput(f"Nobody called {name!r} is in people.yaml.", f"{near} Say who you are with --as NAME.".strip())
    return name


def typist(desk: "Desk") -> str:
    """As the log names whoever types: the person of that login name, or else the account of the machine."""
    name = login()
    return f"person:{name}" if name in desk.settings.people.persons else desk.store.stamp.login


def moment(typed: str | None, zone: str = "UTC") -> datetime:
    """The instant somebody typed, in UTC; without an offset it is the wall clock of `zone`; None is now.

    An hour that the clocks skip is the first instant after it, one that comes twice its first time.
    """
    from bot.clock import SystemClock
    from bot.rules import clocks

    if typed is None:
        return SystemClock().now()
    try:
        at = datetime.fromisoformat(typed.strip())
        return at.astimezone(UTC) if at.tzinfo else clocks.moment(clocks.of(zone).first(clocks.wall(at)))
    except (ValueError, OverflowError):
        raise BadInput(f"{typed[:40]!r} is no moment.", "Write 2026-11-02T09:00+03:00 or 2026-11-02 09:00.") from None
