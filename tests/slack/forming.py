"""Hands for tests of forms: open, send, look; and a store or a doorkeeper that keeps everybody waiting."""

import asyncio
from collections.abc import Callable
from typing import Any

from bot import words
from bot.errors import Refused, StoreDown
from bot.model.incident import Incident
from bot.sandbox.workspace import Message, View
from bot.slack import validate
from bot.slack.identity import Caller
from bot.slack.payloads import Asked
from bot.store import Store, Tx, incidents, log
from tests.slack.room import Room


class Held:
    """A store under such a load that nothing comes back until it is let go."""

    def __init__(self, store: Store) -> None:
        self._store, self.gate = store, asyncio.Event()

    async def read(self, work: Callable[[Tx], Any], **more: Any) -> Any:
        """Waits first."""
        await self.gate.wait()
        return await self._store.read(work, **more)

    async def write(self, work: Callable[[Tx], Any], **more: Any) -> Any:
        """Waits first."""
        await self.gate.wait()
        return await self._store.write(work, **more)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


class Down(Held):
    """A store that does not answer."""

    async def read(self, work: Callable[[Tx], Any], **more: Any) -> Any:
        """Refuses."""
        raise StoreDown("The database does not answer.", "Try again in a moment.")

    write = read


def kinds(view: View) -> list[str]:
    """The ids of its blocks."""
    return [block["block_id"] for block in view.content["blocks"]]


def top(room: Room, by: str = "ada") -> View:
    """The modal this person sees."""
    view = room.ws.view(by)
    assert view is not None, "No modal is open."
    assert validate.validate(view.content, "modal") == []
    return view


def cards(room: Room) -> list[Message]:
    """The cards of what is open, oldest first."""
    found = (*room.ws.messages("#ml-retail"), *room.ws.messages("#ml-oncall"))
    return [one for one in found if one.thread_ts is None and any(label.startswith("More") for label in one.buttons)]


async def opened(room: Room, button: str, by: str = "ada", *, on: int = 0) -> View:
    """The form that a button of the card, or of the menu behind its More, opens."""
    card = cards(room)[on]
    known = {label.rstrip("…"): label for label in card.buttons}
    if button in known:
        await room.ws.press(card, known[button], by=by)
        await room.settle()
        return top(room, by)
    await room.ws.press(card, known["More"], by=by)
    await room.settle()
    await room.ws.press(top(room, by), button, by=by)
    await room.settle()
    return top(room, by)


async def send(room: Room, view: View, by: str = "ada", **values: object) -> View:
    """Sends it; what stands there when all is done."""
    reply = await room.ws.submit(view, values, by=by)
    assert reply.acked, reply.error
    assert not reply.errors
    await room.settle()
    return top(room, by)


async def incident(room: Room, number: int = 1) -> Incident:
    """The incident as it stands."""
    return await room.desk.store.read(lambda tx: incidents.get(tx, f"INC-{number}"))


async def story(room: Room, number: int = 1) -> list[str]:
    """The kinds of what was written down about it."""
    return [each.entry.kind for each in await room.desk.store.read(lambda tx: log.of(tx.sql, f"INC-{number}"))]


class Doorkeeper:
    """Tells who asks as a test wants it: in their language, late, or not at all."""

    def __init__(self, room: Room, w: words.Words = words.ENGLISH, refusal: str = "") -> None:
        self._desk, self._w, self._refusal = room.desk, w, refusal
        self.gate = asyncio.Event()
        self.gate.set()

    async def caller(self, asked: Asked) -> Caller:
        """The caller, once the gate is open."""
        await self.gate.wait()
        if self._refusal:
            raise Refused(self._refusal)
        return Caller(asked, self._desk.settings.people.by_slack(asked.user), self._w)
