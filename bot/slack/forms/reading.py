"""What forms read before they are drawn, by the very resolver that pages (P8)."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from bot.engine import annotate, explain, headline, respond, serious, serious_say
from bot.engine import timeline as timelines
from bot.model.incident import Incident
from bot.model.page import Page
from bot.model.people import NotifyStep
from bot.rules import escalation, reach
from bot.slack.forms.form import Errand, Known, Reached
from bot.store import Tx, alerts, clocks, incidents

Pages = Callable[[Incident, tuple[str, ...], escalation.Roster], tuple[Page, ...]]
ENTRIES = 60  # newest entries a timeline shows
MOST = 100  # incidents a select offers


async def incident(errand: Errand) -> Known:
    """The incident the form is about, or those it could be about. NotFound."""
    return await errand.desk.store.read(lambda tx: about(tx, errand))


async def others(errand: Errand) -> Known:
    """The incident, and the open ones beside it. NotFound."""

    def read(tx: Tx) -> Known:
        known = about(tx, errand)
        found = incidents.listing(tx, limit=MOST + 1)
        return replace(known, open=tuple(one for one in found if one.id != errand.incident)[:MOST])

    return await errand.desk.store.read(read)


async def joiners(errand: Errand) -> Known:
    """The incident, and who would be paged if the people behind the chosen target were asked to join. NotFound."""

    def pages(about: Incident, persons: tuple[str, ...], roster: escalation.Roster) -> tuple[Page, ...]:
        return escalation.ask(about, persons, roster, errand.now, "", 1)

    return await errand.desk.store.read(lambda tx: _behind(tx, errand, pages))


async def takers(errand: Errand) -> Known:
    """The incident, and who would be paged if it were handed to the chosen target. NotFound."""

    def pages(about: Incident, persons: tuple[str, ...], roster: escalation.Roster) -> tuple[Page, ...]:
        return escalation.summon(about, persons, roster, errand.now, "").pages

    return await errand.desk.store.read(lambda tx: _behind(tx, errand, pages))


async def silence(errand: Errand) -> Known:
    """The incident, and who would be paged if the next step fired now. NotFound."""

    def read(tx: Tx) -> Known:
        known = about(tx, errand)
        if known.incident is None or not known.incident.open or known.incident.exhausted:
            return known
        return fired(known, known.incident, errand.desk.roster(tx, errand.now), errand.now)

    return await errand.desk.store.read(read)


async def menu(errand: Errand) -> Known:
    """The incident, and what the rules let the caller do with it now. NotFound."""
    known = await incident(errand)
    if known.incident is None:
        return known
    its, desk = known.incident, errand.desk

    def read(tx: Tx) -> tuple[bool, tuple[serious_say.Owed, ...]]:
        marks = desk.person(tx, errand.caller.by) in serious.may(tx, desk, its.entity)
        return marks, serious_say.owed(desk, clocks.of(tx, its.id))

    marks, owed = await desk.store.read(read)
    return replace(known, allowed=await respond.allowed(desk, its.id, errand.caller.by), marks=marks, owed=owed)


async def explained(errand: Errand) -> Known:
    """Why the incident went where it went, and who would be paged when. NotFound."""
    known = await incident(errand)
    if known.incident is None:
        return known
    language = errand.caller.words.language
    return replace(known, told=await explain.incident(errand.desk, known.incident.id, errand.now, language))


async def timeline(errand: Errand) -> Known:
    """The incident, and its newest entries as a person reads them. NotFound."""

    def read(tx: Tx) -> Known:
        known = about(tx, errand)
        if known.incident is None:
            return known
        sealed = timelines.of(tx, known.incident, ENTRIES)
        return replace(known, timeline=annotate.timeline(sealed))

    return await errand.desk.store.read(read)


def about(tx: Tx, errand: Errand) -> Known:
    """The incident as it stands; the open ones where the form does not know yet which. NotFound."""
    found = () if errand.seed.incident else tuple(incidents.listing(tx, limit=MOST))
    if not errand.incident:
        return Known(open=found)
    known = incidents.find(tx, errand.incident)
    kept = alerts.of(tx, known.id)
    holder = errand.desk.settings.people.persons.get(known.holder or "")
    return Known(known, headline.of(known, kept[0] if kept else None), holder, open=found)


def fired(known: Known, start: Incident, roster: escalation.Roster, now: datetime) -> Known:
    """With whom the step after `start` would page at `now`."""
    step = escalation.fire(start, roster, now)
    tier = step.pages[0].tier if step.pages else ""
    return replace(known, reached=reached(step.pages, roster), why=step.why, tier=tier)


def reached(pages: Sequence[Page], roster: escalation.Roster) -> tuple[Reached, ...]:
    """The people of these pages, in order, with the ways that are tried."""
    ways: dict[str, list[NotifyStep]] = {}
    for page in pages:
        ways.setdefault(page.person, []).append(NotifyStep(page.channel, page.due_at - page.decided_at))
    known = {name: reach.addressee(roster.people, name) for name in ways}
    return tuple(Reached(person, tuple(ways[name])) for name, person in known.items() if person)


def _behind(tx: Tx, errand: Errand, pages: Pages) -> Known:
    known, wanted, now = about(tx, errand), errand.filled.get("target", ""), errand.now
    if known.incident is None or not wanted:
        return known
    roster = errand.desk.roster(tx, now)
    found = reach.people(wanted, roster.rotas, roster.people, roster.overrides, now)
    whom = reached(pages(known.incident, found.persons, roster), roster)
    with_a_way = {one.person.name for one in whom}
    mute = tuple(Reached(roster.people.persons[name], ()) for name in found.persons if name not in with_a_way)
    return replace(known, reached=(*whom, *mute), why=found.why)
