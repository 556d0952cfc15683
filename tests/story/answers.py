"""What people do to an incident in a story, and what can be seen of it."""

from typing import Any

from bot.engine import report, respond
from bot.model.entry import Entry
from bot.model.incident import Incident
from bot.model.verb import Verb
from bot.model.view import View
from bot.store import log
from bot.testing.house import House


async def do(house: House, verb: Verb, on: Incident, by: str, detail: str = "", **more: Any) -> respond.Answer:
    """Somebody answers, and what follows happens."""
    answer = await at_once(house, verb, on, by, detail, **more)
    await house.settle()
    return answer


async def at_once(house: House, verb: Verb, on: Incident, by: str, detail: str = "", **more: Any) -> respond.Answer:
    """Somebody answers; nothing that follows has happened yet."""
    facts: dict[str, Any] = {"via": "form", "detail": detail, **more}
    return await respond.take(house.app.desk, respond.Press(verb, on.id, f"person:{by}", house.clock.now(), **facts))


async def last(house: House, incident: Incident, kind: str) -> Entry:
    """The newest entry of this kind about the incident."""
    return (await house.app.store.read(lambda tx: log.of_kinds(tx.sql, incident.id, (kind,))))[-1].entry


def names(house: House) -> list[str]:
    """Who was paged, in order."""
    return [person for person, _ in house.paged()]


async def whole(house: House, incident: Incident) -> View:
    """The incident with its checklist."""
    return await report.view(house.app.desk, incident.id, whole=True)
