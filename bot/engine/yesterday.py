"""What rotas were: kept when they are edited, so that editing tomorrow never rewrites yesterday."""

from dataclasses import replace

from bot.engine.desk import Desk
from bot.model.rota import Rota
from bot.store import Tx, calendars, rotas


async def remember(desk: Desk) -> list[str]:
    """Write down the rotas in force where they differ from what was, and let them know their past.

    The names of those that were edited. Called when a configuration comes into force.
    """
    now = desk.clock.now()
    edited = await desk.store.write(lambda tx: rotas.keep(tx, desk.settings.rotas, now))
    await recall(desk)
    return edited


async def recall(desk: Desk) -> None:
    """Let the rotas in force know what they were; for whoever only reads."""
    known = await desk.store.read(lambda tx: _with_past(tx, desk))
    desk.settings = replace(desk.settings, rotas=known)


def _with_past(tx: Tx, desk: Desk) -> dict[str, Rota]:
    past = rotas.past(tx)
    known = {name: replace(rota, past=past.get(name, ())) for name, rota in desk.settings.rotas.items()}
    return calendars.filled(tx, known)
