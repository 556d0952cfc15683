"""`tocsin serve`: run the bot."""

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import place
from bot.errors import BadInput

if TYPE_CHECKING:
    from bot.settings import Settings

ROLES = ("web", "slack", "worker", "ticker")  # as in bot.app, which takes half a second to import
EVERYTHING = ",".join(ROLES)

Roles = Annotated[str, typer.Option("--roles", help="What this process does, separated by commas.")]
Host = Annotated[str | None, typer.Option("--host", help="The address to listen at, instead of tocsin.yaml's.")]
Port = Annotated[int | None, typer.Option("--port", min=0, max=65535, help="The port, instead of tocsin.yaml's.")]
JsonLogs = Annotated[bool, typer.Option("--json", help="Log JSON, one object a line.")]


def serve(
    roles: Roles = EVERYTHING,
    host: Host = None,
    port: Port = None,
    config: place.Config = place.HERE,
    json: JsonLogs = False,
) -> None:
    """Run the bot. SIGTERM or Ctrl-C stops it; SIGHUP reads the configuration again."""
    chosen = wanted(roles)
    from bot import app, telemetry

    telemetry.configure(json)
    folder = app.Folder(config, place.shelf(config))
    loaded = app.load(folder, dict(os.environ))
    loaded = replace(loaded, settings=at(loaded.settings, host, port))
    app.serve(app.App(loaded, folder, roles=chosen))


def wanted(typed: str) -> tuple[str, ...]:
    """The roles somebody typed, in their usual order; BadInput for one that is none, or for none at all."""
    named = {role.strip() for role in typed.split(",") if role.strip()}
    chosen = tuple(role for role in ROLES if role in named)
    strange = ", ".join(sorted(named.difference(ROLES)))
    if strange or not chosen:
        raise BadInput(f"{strange or 'Nothing'} is no role.", f"Choose from {', '.join(ROLES)}.")
    return chosen


def at(settings: "Settings", host: str | None, port: int | None) -> "Settings":
    """The settings with the address somebody typed in place of the configured one."""
    web = replace(settings.web, host=host or settings.web.host, port=settings.web.port if port is None else port)
    return replace(settings, web=web)
