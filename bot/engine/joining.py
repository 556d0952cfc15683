"""Alerts that join an incident which is open: for how long they do, and how its holder hears of them."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from bot import words
from bot.engine import escalate, opening
from bot.engine.desk import Desk
from bot.model.incident import Incident
from bot.model.job import NewJob
from bot.model.noise import Grouping
from bot.store import Tx, incidents

_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


def windows(routes: Iterable[opening.Route]) -> dict[str, timedelta]:
    """The length of the window of each grouping key whose runbook sets one."""
    books = {route.key: route.chosen.runbook for route in routes}
    return {key: book.group.window for key, book in books.items() if book and book.group.window}


def outgrown(tx: Tx, windows: Mapping[str, timedelta], found: Mapping[str, str], now: datetime) -> set[str]:
    """The grouping keys whose open incident is joined no more: its last new alert is older than its runbook allows.

    `windows` has the length for each key that is limited, `found` the incident for each key; such an incident gives
    up its key, so that the next alert opens another.
    """
    limited = {key: id_ for key, id_ in found.items() if key in windows}
    if not limited:
        return set()
    last = incidents.last_joined(tx, set(limited.values()))
    gone = {key for key, id_ in limited.items() if id_ in last and now - last[id_] > windows[key]}
    incidents.give_up_key(tx, {limited[key] for key in gone})
    return gone


def told(desk: Desk, changed: Iterable[tuple[Incident, Incident]], now: datetime) -> list[NewJob]:
    """The notices to whoever holds an incident that alerts have joined: one for each interval, with the last counts."""
    known = desk.settings.people.persons  # a connection may hold one as well, and hears nothing
    return [
        _notice(desk, after, now)
        for before, after in changed
        if after.alerts_total > before.alerts_total and after.open and after.holder in known and not after.snoozed_until
    ]


def _notice(desk: Desk, incident: Incident, now: datetime) -> NewJob:
    book = desk.runbooks.get(incident.runbook)
    due = bucket(book.group.interval if book else Grouping().interval, now)
    counts = {"firing": incident.alerts_firing, "total": incident.alerts_total}
    return to_holder(desk, incident, "joined", due, **counts)


def to_holder(desk: Desk, incident: Incident, what: str, due: datetime, **counts: int) -> NewJob:
    """What whoever holds `incident` is told at `due`: `joined` or `storm_grew` of the words of cards."""
    person = desk.settings.people.persons.get(incident.holder or "")
    card = words.of((person.language if person else None) or desk.settings.slack.language).card
    text = words.fill(getattr(card, what), incident=incident.id, title=incident.title, **counts)
    key = f"{incident.id}/joined/{due.isoformat()}"
    return escalate.notice(key, f"person:{incident.holder}", text, due)


def bucket(interval: timedelta, now: datetime) -> datetime:
    """The end of the interval that `now` lies in; `now` itself where there is none."""
    return now + (-(now - _BEGINNING) % interval or interval) if interval else now
