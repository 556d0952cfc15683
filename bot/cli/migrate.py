"""`tocsin migrate`: bring the database's schema up to date."""

import asyncio

from bot.cli import place, say


def migrate(config: place.Config = place.HERE) -> None:
    """Bring the database up to date. Replicas that start at once wait for one another."""
    asyncio.run(_migrate(place.settings(config).database))
    say.line("The database is up to date.")


async def _migrate(url: str) -> None:
    from bot.clock import SystemClock
    from bot.store import Store

    store = await Store.open(url, clock=SystemClock(), migrate=True)
    await store.close()
