"""Answer a press or a typed command: acknowledge, escalate or resolve an incident."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.engine import escalate, page
from bot.engine.desk import Desk
from bot.model.entry import Entry
from bot.model.incident import Incident, Phase, move
from bot.model.page import PageState
from bot.model.verdict import Verdict
from bot.rules import consent, escalation
from bot.store import Tx, incidents, jobs, pages


class Verb(StrEnum):
    """What a person can answer."""

    ACKNOWLEDGE = consent.ACKNOWLEDGE
    ESCALATE = consent.ESCALATE
    RESOLVE = consent.RESOLVE


@dataclass(frozen=True, slots=True)
class Press:
    """What somebody did, and what they saw when they did it (`seen_version` None: typed, not pressed on a card)."""

    verb: Verb
    incident: str
    by: str  #: slack:USERID or person:NAME
    at: datetime
    via: str  #: button | command | cli
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The verdict, its sentence, and the incident as it is now."""

    verdict: Verdict
    sentence: str
    incident: Incident


async def take(desk: Desk, press: Press) -> Answer:
    """Do what the press asks for if the rules consent. NotFound when there is no such incident."""
    return await desk.store.write(lambda tx: _take(tx, desk, press))


def _take(tx: Tx, desk: Desk, press: Press) -> Answer:
    found = incidents.find(tx, press.incident)
    before = incidents.get(tx, found.id, lock=True)
    roster = desk.roster(tx, press.at)
    person = _person(desk, press.by)
    verdict = consent.may_respond(
        press.verb,
        before,
        person=person,
        responders=_may(desk, before, roster, press.at),
        seen_version=press.seen_version,
    )
    if verdict is not Verdict.GO:
        _note_refusal(tx, press, before, verdict)
        return Answer(verdict, _reason(verdict, before), before)
    assert person is not None  # noqa: S101  (GO is never said to a stranger)
    after, sentence = _DO[press.verb](tx, desk, before, person, press)
    return Answer(verdict, sentence, after)


def _acknowledge(tx: Tx, desk: Desk, before: Incident, person: str, press: Press) -> tuple[Incident, str]:
    after = replace(move(before, Phase.ACKNOWLEDGED, press.at), holder=person, next_step_at=None)
    _note(
        tx,
        press,
        before,
        person,
        "incident.acknowledged",
        {"phase": before.phase},
        {"phase": after.phase, "holder": person},
    )
    _save(tx, before, after)
    _answered(tx, before, person, press)
    return after, f"{before.id} is yours. Nobody else will be paged for it."


def _resolve(tx: Tx, desk: Desk, before: Incident, person: str, press: Press) -> tuple[Incident, str]:
    after = replace(move(before, Phase.RESOLVED, press.at), resolved_at=press.at, next_step_at=None)
    _note(tx, press, before, person, "incident.resolved", {"phase": before.phase}, {"phase": after.phase})
    _save(tx, before, after)
    _answered(tx, before, person, press)
    return after, f"{before.id} is resolved."


def _escalate(tx: Tx, desk: Desk, before: Incident, person: str, press: Press) -> tuple[Incident, str]:
    """Fire the next step now; an acknowledged incident is handed on, so it is unanswered again."""
    _note(tx, press, before, person, "incident.escalated", {"tier": before.tier, "phase": before.phase}, {})
    start = before
    if before.phase is not Phase.TRIGGERED:
        start = replace(move(before, Phase.TRIGGERED, press.at), holder=None)
    after = escalate.fire(tx, desk, before, start, f"person:{person}")
    paged = sorted({p.person for p in pages.of(tx, before.id, after.step)})
    return after, f"{before.id}: {', '.join(paged) or 'nobody'} {'are' if len(paged) > 1 else 'is'} being paged now."


_DO = {Verb.ACKNOWLEDGE: _acknowledge, Verb.RESOLVE: _resolve, Verb.ESCALATE: _escalate}


def _save(tx: Tx, before: Incident, after: Incident) -> None:
    incidents.save(tx, [(before, after)])
    escalate.redraw(tx, after, tx.now)


def _answered(tx: Tx, incident: Incident, person: str, press: Press) -> None:
    """Close the ledger of every page still out: the answerer's is answered, the others' are moot."""
    for sheet in pages.of(tx, incident.id):
        if sheet.state is PageState.DECIDED:
            pages.change(tx, sheet.id, PageState.MOOT)
        elif sheet.state in (PageState.SENT, PageState.DELIVERED):
            if sheet.person == person:
                pages.change(tx, sheet.id, PageState.ANSWERED, answered_at=press.at)
            jobs.put(tx, page.dm(sheet.id, tx.now))


def close_pages(tx: Tx, incident: Incident) -> None:
    """The incident ended by itself: nobody needs to answer any more."""
    for sheet in pages.of(tx, incident.id):
        if sheet.state is PageState.DECIDED:
            pages.change(tx, sheet.id, PageState.MOOT)
        elif sheet.state in (PageState.SENT, PageState.DELIVERED):
            jobs.put(tx, page.dm(sheet.id, tx.now))


def _person(desk: Desk, by: str) -> str | None:
    kind, _, name = by.partition(":")
    people = desk.settings.people
    if kind == "slack":
        found = people.by_slack(name)
        return found.name if found else None
    return name if name in people.persons else None


def _may(desk: Desk, incident: Incident, roster: escalation.Roster, at: datetime) -> frozenset[str]:
    """The tiers' people, whoever was paged, and the team that owns the model."""
    team = desk.settings.people.teams.get(desk.owner_team(incident) or "")
    owners: Iterable[str] = (*team.members, *((team.lead,) if team.lead else ())) if team else ()
    return escalation.responders(incident, roster, at) | frozenset(owners)


def _reason(verdict: Verdict, incident: Incident) -> str:
    if verdict is Verdict.ALREADY and incident.holder:
        return f"{incident.id} was {incident.phase} already, by {incident.holder}."
    return verdict.sentence


def _note(
    tx: Tx,
    press: Press,
    incident: Incident,
    person: str,
    kind: str,
    before: dict[str, object],
    after: dict[str, object],
) -> None:
    how = {"via": press.via, "as": press.by}
    tx.note(
        Entry(incident.entity, kind, press.at, f"person:{person}", incident.id, before=before, after={**after, **how})
    )


def _note_refusal(tx: Tx, press: Press, incident: Incident, verdict: Verdict) -> None:
    after = {"verb": press.verb, "verdict": verdict.name, "via": press.via, "seen_version": press.seen_version}
    tx.note(Entry(incident.entity, "press.refused", press.at, press.by, incident.id, verdict.sentence, after=after))
