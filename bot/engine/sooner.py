"""Do not wait in vain: when a way to somebody fails, or makes no sound, their later ways go at once.

Each says itself in which of these cases it does (`at_once`).
"""

from datetime import datetime

from bot.engine import taking
from bot.engine.desk import Desk
from bot.model.entry import Entry
from bot.model.incident import Incident
from bot.model.page import Page, PageState
from bot.model.people import FAILED
from bot.rules import escalation
from bot.store import Tx, incidents, jobs, pages


def sooner(tx: Tx, desk: Desk, *page_ids: str, cause: str = FAILED) -> list[str]:
    """Let the later ways of the same person and step go now, where `cause` (of people.SOONER) lets them; their ids.

    What is not urgent still waits for the end of its person's quiet hours. It is harmless twice.
    """
    hastened: list[str] = []
    for page_id in page_ids:
        page = pages.get(tx, page_id)
        incident = incidents.get(tx, page.incident)
        if not taking.needed(page, incident):
            continue
        for later, due in _later(tx, desk, page, incident, cause):
            pages.hasten(tx, later.id, due)
            jobs.put(tx, taking.job(later, due))
            after = {"page": later.id, "due_at": due.isoformat(), "after": page.id}
            before = {"due_at": later.due_at.isoformat()}
            entry = Entry(incident.entity, "page.hastened", tx.now, "tocsin", incident.id, cause, before, after)
            tx.note(entry)
            hastened.append(later.id)
    return hastened


def _later(tx: Tx, desk: Desk, page: Page, incident: Incident, cause: str) -> list[tuple[Page, datetime]]:
    """The ways that may go sooner than was decided, and when."""
    person = desk.people(tx).persons.get(page.person)
    if person is None:
        return []
    urgency, same = incident.policy.urgency, page.id.rpartition("/")[0]
    names = {way.name for way in person.ways(urgency) if cause in way.at_once}
    due, _ = escalation.rested(person, urgency, tx.now)
    return [
        (sheet, due)
        for sheet in pages.of(tx, incident.id, page.step)
        if sheet.id.rpartition("/")[0] == same
        and sheet.id.rpartition("/")[2] in names
        and sheet.id != page.id
        and sheet.state is PageState.DECIDED
        and sheet.claimed_at is None
        and sheet.due_at > due
    ]
