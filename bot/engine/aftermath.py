"""What follows from how a change ended: people hear of what went wrong, a recovered incident is mitigated."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from bot import words
from bot.engine import deed, escalate, picturing
from bot.engine.desk import Desk
from bot.model.change import Change
from bot.model.entry import Entry
from bot.model.incident import Incident, Phase, move
from bot.model.job import Lane, NewJob
from bot.model.page import Page
from bot.rules import escalation, reach
from bot.store import Tx, incidents, jobs, pages


def tell(tx: Tx, desk: Desk, change: Change, why: str, about: str = "") -> None:
    """A human must look: the incident's holder is paged, or the tier that looks now, in the incident's own way.

    Where nobody can be paged so, whoever requested the change and whoever agreed to it are told; `about` as there.
    """
    incident = _incident(tx, change)
    paged = _page(tx, desk, change, incident, why) if incident and incident.open else ()
    if not paged:
        whisper(tx, desk, change, why, about)


def whisper(tx: Tx, desk: Desk, change: Change, why: str, about: str = "") -> None:
    """Its requester and those who agreed are told, each in their own language; the channel where none of them is left.

    Nobody is paged for it. What is told later of a change that moves no more needs a name of its own, `about`, or it
    would take the place of what was not delivered yet.
    """
    people = desk.people(tx).persons
    names = dict.fromkeys((change.requested_by, *(one.by for one in change.agreements)))
    told = [(f"person:{name}", people[name].language) for name in names if name in people]
    entity = desk.settings.estate.entities.get(change.entity)
    channel = (entity.channel if entity else None) or desk.settings.slack.channel
    slack = desk.settings.slack
    wanted, named = told or [(f"channel:{channel}", slack.language)], f"{change.id}/{change.version}"
    key = f"{named}/{about}" if about else named
    for to, language in wanted:
        template = words.of(language or slack.language).outcome.told
        text = words.fill(template, change=change.id, model=change.plan.model, why=why)
        jobs.put(tx, escalate.notice(f"{key}/{to}", to, text, tx.now))


def mitigate(tx: Tx, change: Change, why: str) -> None:
    """Its incident is mitigated if somebody holds it; one that nobody has answered goes on asking for somebody."""
    before = _incident(tx, change)
    if before is None or before.phase is not Phase.ACKNOWLEDGED:
        return
    after = replace(move(before, Phase.MITIGATED, tx.now), snoozed_until=None)
    was, said = {"phase": before.phase.value}, {"phase": after.phase.value, "change": change.id}
    tx.note(Entry(before.entity, "incident.mitigated", tx.now, "tocsin", before.id, why, was, said))
    incidents.save(tx, [(before, after)])
    deed.close_pages(tx, after)
    escalate.redraw(tx, after, tx.now)
    jobs.put_once(tx, picturing.mitigated(after, tx.now))


def _incident(tx: Tx, change: Change) -> Incident | None:
    """The incident as it goes on, locked."""
    if change.incident is None:
        return None
    found = incidents.get(tx, change.incident, lock=True)
    while found.merged_into is not None:
        found = incidents.get(tx, found.merged_into, lock=True)
    return found


def _page(tx: Tx, desk: Desk, change: Change, incident: Incident, why: str) -> tuple[Page, ...]:
    roster = desk.roster(tx, tx.now)
    earlier = [sheet for sheet in pages.of(tx, incident.id) if sheet.asked]
    nth = 1 + len({sheet.id.split("/")[1] for sheet in earlier})
    said = f"{change.id} on {change.plan.model}: {why}"
    sheets = escalation.ask(incident, list(_looking(incident, roster, tx)), roster, tx.now, said, nth)
    if sheets:
        persons = list(dict.fromkeys(sheet.person for sheet in sheets))
        after = {"persons": persons, "pages": [sheet.id for sheet in sheets], "change": change.id}
        tx.note(Entry(incident.entity, "person.summoned", tx.now, "tocsin", incident.id, said, after=after))
        pages.add(tx, sheets)
        jobs.put(tx, *(NewJob(f"page/{s.id}", "page", Lane.PAGE, s.due_at, {"page": s.id}) for s in sheets))
        escalate.redraw(tx, incident, tx.now)
    return sheets


def _looking(incident: Incident, roster: escalation.Roster, tx: Tx) -> Iterator[str]:
    """Whoever holds it, else the tier that looks now."""
    if incident.holder in roster.people.persons:
        yield str(incident.holder)
        return
    targets: Iterable[str] = escalation.tier_of(incident.policy, incident.tier).page
    for target in targets:
        yield from reach.people(target, roster.rotas, roster.people, roster.overrides, tx.now).persons
