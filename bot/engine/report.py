"""What people and programs are shown: an incident as it stands, the open ones, who is on call."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.engine import headline
from bot.engine.desk import Desk
from bot.model.incident import Incident
from bot.model.page import Page, PageState
from bot.model.people import Person
from bot.model.rota import Shift
from bot.model.view import NextStep, View
from bot.rules import escalation, reach, rota
from bot.store import Tx, incidents, log, overrides
from bot.store import alerts as alert_rows
from bot.store import pages as page_rows

AHEAD = timedelta(days=31)  # how far back and ahead overrides are looked up when shifts are shown


@dataclass(frozen=True, slots=True)
class OnCall:
    """Who holds a rota now, and who after that."""

    rota: str
    shift: Shift
    after: Shift | None
    persons: tuple[Person, ...]


async def view(desk: Desk, typed: str, *, timeline: int = 0) -> View:
    """The incident somebody means by `typed`, with its newest `timeline` entries. NotFound."""
    return await desk.store.read(lambda tx: view_in(tx, desk, typed, timeline))


async def incidents_list(
    desk: Desk, *, open_only: bool = True, entity: str | None = None, limit: int = 20
) -> list[Incident]:
    """The newest incidents, newest first."""
    return await desk.store.read(lambda tx: incidents.listing(tx, open_only=open_only, entity=entity, limit=limit))


async def on_call(desk: Desk, at: datetime) -> list[OnCall]:
    """Every rota's shift at `at` and the one after, by the resolver that pages (P8)."""
    byhand = await desk.store.read(lambda tx: overrides.active(tx, at - AHEAD, at + AHEAD))
    changes = (*desk.settings.overrides, *byhand)
    found = []
    for each in desk.settings.rotas.values():
        shift = rota.shift(each, at, changes)
        following = rota.shift(each, shift.end, changes) if shift.end < at + AHEAD else None
        people = desk.settings.people.persons
        persons = tuple(people[holder.person] for holder in shift.holders if holder.person in people)
        found.append(OnCall(each.name, shift, following, persons))
    return found


def view_in(tx: Tx, desk: Desk, typed: str, timeline: int = 0) -> View:
    """The same, within a transaction that reads more. NotFound."""
    incident = incidents.find(tx, typed)
    kept = alert_rows.of(tx, incident.id)
    sheets = page_rows.of(tx, incident.id)
    people = desk.settings.people.persons
    book = desk.runbooks.get(incident.runbook)
    return View(
        incident=incident,
        headline=headline.of(incident, kept[0] if kept else None),
        alerts=tuple(kept),
        pages=tuple(sheets),
        runbook_title=book.title if book else incident.runbook,
        owner_team=desk.owner_team(incident),
        holder=people.get(incident.holder or ""),
        waiting_for=_waiting(incident, sheets, desk),
        next_step=_next(tx, desk, incident),
        timeline=tuple(log.of(tx.sql, incident.id, timeline)) if timeline else (),
    )


def _waiting(incident: Incident, sheets: list[Page], desk: Desk) -> tuple[Person, ...]:
    if incident.holder or not incident.open:
        return ()
    out = (PageState.DECIDED, PageState.SENT, PageState.DELIVERED)
    names = dict.fromkeys(sheet.person for sheet in sheets if sheet.step == incident.step and sheet.state in out)
    people = desk.settings.people.persons
    return tuple(people[name] for name in names if name in people)


def _next(tx: Tx, desk: Desk, incident: Incident) -> NextStep | None:
    """The step after this one, and who would be paged if it fired at its time."""
    if incident.next_step_at is None or not incident.open:
        return None
    position = escalation.following(incident.policy, incident.round, incident.tier)
    tier = position[1] if position else escalation.FALLBACK
    targets = escalation.tier_of(incident.policy, tier).page if position else incident.policy.fallback
    at = incident.next_step_at
    roster = desk.roster(tx, at)
    found = [reach.people(t, roster.rotas, roster.people, roster.overrides, at).persons for t in targets]
    names = dict.fromkeys(name for persons in found for name in persons)
    return NextStep(at, tier, ", ".join(names) or "nobody")
