"""Hands for tests of duty: commands and their answers, forms filled in and refused, offers and what came of them."""

from dataclasses import replace
from datetime import timedelta

from bot.model.cover import Request
from bot.model.rota import Override
from bot.sandbox.workspace import Message, View
from bot.slack import validate
from bot.store import covers, overrides
from tests.slack.forming import send, top
from tests.slack.room import START, Room, key

SHIFT = {"rota": "first-line", "starts": "2026-12-07 00:00", "ends": "2026-12-14 00:00"}  # of ada, as is every other
OWN = {"rota": "first-line", "starts": "2026-11-30 00:00", "ends": "2026-12-07 00:00"}  # of bo


def owned(room: Room) -> None:
    """The rota belongs to the team, so its channel is that of its entity."""
    own = room.desk.settings
    rotas = {"first-line": replace(own.rotas["first-line"], owner="churn-ml")}
    room.desk.settings = replace(own, rotas=rotas)


async def said(room: Room, words: str = "", by: str = "ada", to: str = "/oncall") -> str:
    """What the command is answered with."""
    reply = await room.ws.command(to, words, by=by, channel="#ml-retail")
    await room.settle()
    return "\n".join(one.shown for one in reply.responses)


async def shown(room: Room, words: str = "", by: str = "ada") -> Message:
    """The answer itself, with its buttons."""
    reply = await room.ws.command("/oncall", words, by=by, channel="#ml-retail")
    await room.settle()
    (answer,) = reply.responses
    return answer


async def form(room: Room, words: str, by: str = "ada") -> View:
    """The form that the command opens."""
    await room.ws.command("/oncall", words, by=by, channel="#ml-retail")
    await room.settle()
    return top(room, by)


async def filled(room: Room, view: View, by: str = "ada", **values: str) -> View:
    """The form after this was typed and chosen, as it is drawn again."""
    for name, value in values.items():  # as somebody types: one after the other
        await room.ws.fill(view, {name: value}, by=by)
        await room.settle()
        view = top(room, by)
    return view


async def refused(room: Room, view: View, by: str = "ada", **values: str) -> tuple[str, str]:
    """What a form says when it is not taken, and the field right above that."""
    again = await send(room, view, by, **values)
    blocks = again.content["blocks"]
    names = [block.get("block_id") for block in blocks]
    assert "problem" in names, again.shown
    at = names.index("problem")
    words = "".join(span.get("text", "") for span in blocks[at]["elements"][0]["elements"])
    return names[at - 1] if at else "", words


async def wish(room: Room, number: int = 1) -> Request:
    """The wish as it stands."""
    return await room.desk.store.read(lambda tx: covers.get(tx, f"CVR-{number}"))


async def changes(room: Room) -> list[Override]:
    """Everything that was changed by hand."""
    return await room.desk.store.read(lambda tx: overrides.active(tx, START, START + timedelta(days=400)))


def offers(room: Room, where: str = "#ml-retail") -> list[Message]:
    """The living offers of a channel, or of somebody's direct messages."""
    found = room.ws.messages(where) if where.startswith("#") else room.ws.dms(where)
    return [one for one in found if key(one).startswith("offer/")]


async def asked(room: Room, by: str = "bo", **more: str) -> str:
    """Bo offers his week; what the form says then."""
    done = await send(room, await form(room, "ask first-line", by), by, **{**OWN, **more})
    await room.settle(3)
    return done.shown


async def home_of(room: Room, by: str) -> View:
    """Their own page."""
    await room.ws.open_home(by=by)
    await room.ws.until(lambda: not room.ws.courier.busy)
    await room.settle()
    view = room.ws.home(by)
    assert view is not None
    assert validate.validate({"type": "home", "blocks": view.blocks}, "home") == []
    return view
