"""Answer a press or a typed command: acknowledge, escalate or resolve an incident."""

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
        responders=_may(tx, desk, before, roster),
        seen_version=press.seen_version,
    )
    if verdict is not Verdict.GO:
        _note_refusal(tx, press, before, verdict)
        return Answer(verdict, _reason(verdict, before), before)
    assert person is not None  # noqa: S101  (GO is never said to a stranger)
    after, sentence = _DO[press.verb](_Deed(tx, desk, before, person, press))
    return Answer(verdict, sentence, after)


@dataclass(frozen=True, slots=True)
class _Deed:
    """One consented press: who does it to which incident, in which transaction."""

    tx: Tx
    desk: Desk
    before: Incident
    person: str
    press: Press

    def note(self, kind: str, after: dict[str, object]) -> None:
        """Put it down with what was before, and through which door it came."""
        press, incident = self.press, self.before
        was = {"phase": incident.phase.value, "tier": incident.tier, "holder": incident.holder}
        now = {**after, "via": press.via, "as": press.by}
        self.tx.note(Entry(incident.entity, kind, press.at, f"person:{self.person}", incident.id, "", was, now))

    def save(self, after: Incident) -> None:
        """Write the incident, close its pages, have its card redrawn."""
        incidents.save(self.tx, [(self.before, after)])
        escalate.redraw(self.tx, after, self.tx.now)
        close_pages(self.tx, self.before, answered_by=self.person, at=self.press.at)


def _acknowledge(deed: _Deed) -> tuple[Incident, str]:
    after = replace(move(deed.before, Phase.ACKNOWLEDGED, deed.press.at), holder=deed.person, next_step_at=None)
    deed.note("incident.acknowledged", {"phase": after.phase.value, "holder": deed.person})
    deed.save(after)
    return after, f"{after.id} is yours. Nobody else will be paged for it."


def _resolve(deed: _Deed) -> tuple[Incident, str]:
    at = deed.press.at
    after = replace(move(deed.before, Phase.RESOLVED, at), resolved_at=at, next_step_at=None)
    deed.note("incident.resolved", {"phase": after.phase.value})
    deed.save(after)
    return after, f"{after.id} is resolved."


def _escalate(deed: _Deed) -> tuple[Incident, str]:
    """Fire the next step now; an acknowledged incident is handed on, so it is unanswered again."""
    before, start = deed.before, deed.before
    deed.note("incident.escalated", {"from": before.tier})
    if before.phase is not Phase.TRIGGERED:
        start = replace(move(before, Phase.TRIGGERED, deed.press.at), holder=None)
    after = escalate.fire(deed.tx, deed.desk, before, start, f"person:{deed.person}")
    paged = sorted({p.person for p in pages.of(deed.tx, before.id, after.step)})
    return after, f"{before.id}: {', '.join(paged) or 'nobody'} {'are' if len(paged) > 1 else 'is'} being paged now."


_DO = {Verb.ACKNOWLEDGE: _acknowledge, Verb.RESOLVE: _resolve, Verb.ESCALATE: _escalate}


def close_pages(tx: Tx, incident: Incident, *, answered_by: str | None = None, at: datetime | None = None) -> None:
    """Nobody needs to answer any more: unsent pages are moot, sent ones lose their buttons."""
    for sheet in pages.of(tx, incident.id):
        if sheet.state is PageState.DECIDED:
            pages.change(tx, sheet.id, PageState.MOOT)
        elif sheet.state in (PageState.SENT, PageState.DELIVERED):
            if sheet.person == answered_by:
                pages.change(tx, sheet.id, PageState.ANSWERED, answered_at=at)
            jobs.put(tx, page.dm(sheet.id, tx.now))


def _person(desk: Desk, by: str) -> str | None:
    kind, _, name = by.partition(":")
    people = desk.settings.people
    if kind == "slack":
        found = people.by_slack(name)
        return found.name if found else None
    return name if name in people.persons else None


def _may(tx: Tx, desk: Desk, incident: Incident, roster: escalation.Roster) -> frozenset[str]:
    """The tiers' people, whoever was paged (their shift may have ended since), and the team that owns the model."""
    team = desk.settings.people.teams.get(desk.owner_team(incident) or "")
    owners = (*team.members, *((team.lead,) if team.lead else ())) if team else ()
    paged = {sheet.person for sheet in pages.of(tx, incident.id)}
    return escalation.responders(incident, roster, tx.now) | paged | frozenset(owners)


def _reason(verdict: Verdict, incident: Incident) -> str:
    if verdict is Verdict.ALREADY and incident.holder:
        return f"{incident.id} was {incident.phase} already, by {incident.holder}."
    return verdict.sentence


def _note_refusal(tx: Tx, press: Press, incident: Incident, verdict: Verdict) -> None:
    after = {"verb": press.verb, "verdict": verdict.name, "via": press.via, "seen_version": press.seen_version}
    tx.note(Entry(incident.entity, "press.refused", press.at, press.by, incident.id, verdict.sentence, after=after))
