"""Read a dead letter, or a delivery from a file, once more; who may do this has the database already."""

from bot.contract.source import Delivery, Request
from bot.engine import inbox, intake
from bot.engine.desk import Desk
from bot.engine.inbox import Door
from bot.errors import NotFound
from bot.model.entry import Entry
from bot.store import Tx, letters


async def letter(desk: Desk, doors: dict[str, Door], letter_id: str, by: str) -> intake.Receipt:
    """Do what a dead letter says. NotFound, or whatever its plugin still has against it."""
    kept = await desk.store.read(lambda tx: letters.get(tx, letter_id))
    door = _door(doors, kept.connection)
    delivery: Delivery = await door.guard.run("source", door.source.parse, inbox.request_of(kept))

    def act(tx: Tx) -> intake.Receipt:
        ((receipt, _),) = inbox.take_in(tx, desk, [intake.Arrived(kept.connection, delivery)])
        letters.replayed(tx, letter_id)
        tx.note(
            Entry("tocsin", "letter.replayed", tx.now, by, letter_id, after={"incidents": sorted(receipt.incidents)})
        )
        return receipt

    return await desk.store.write(act)


async def body(desk: Desk, doors: dict[str, Door], connection: str, raw: bytes) -> intake.Receipt:
    """Do what a delivery says that somebody kept in a file, as if it arrived now."""
    door = _door(doors, connection)
    request = Request(raw, desk.clock.now())
    delivery: Delivery = await door.guard.run("source", door.source.parse, request)
    arrived = [intake.Arrived(connection, delivery)]
    return await desk.store.write(lambda tx: inbox.take_in(tx, desk, arrived)[0][0])


def _door(doors: dict[str, Door], name: str) -> Door:
    if name not in doors:
        raise NotFound(
            f"There is no connection {name!r}.", f"Name one of: {', '.join(sorted(doors)) or 'none is configured'}."
        )
    return doors[name]
