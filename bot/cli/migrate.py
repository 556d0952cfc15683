"""`tocsin migrate`: bring the database's schema up to date, and let a role run the bot that cannot change the log."""

import asyncio
from typing import Annotated

import typer

from bot.cli import place, say

Grant = Annotated[
    str | None,
    typer.Option(
        "--grant", metavar="ROLE", help="A role of PostgreSQL that shall run the bot, and only add to the log."
    ),
]


def migrate(grant: Grant = None, config: place.Config = place.HERE) -> None:
    """Bring the database up to date. Replicas that start at once wait for one another."""
    url = place.settings(config).database
    asyncio.run(_migrate(url))
    say.line("The database is up to date.")
    if grant is not None:
        from bot.store import roles

        roles.grant(url, grant)
        say.line(f"{grant} may run the bot; it can add to the log and its checkpoints, and change neither.")


async def _migrate(url: str) -> None:
    from bot.clock import SystemClock
    from bot.store import Store

    store = await Store.open(url, clock=SystemClock(), migrate=True)
    await store.close()
