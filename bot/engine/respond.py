"""Answer a press or a typed command: whatever a person can do to an incident, by the rules' consent."""

from collections.abc import Callable
from dataclasses import replace

from bot.engine import attend, escalate, merge, regrade, snooze, summon, together, writing
from bot.engine.deed import Answer, Deed, Press, close_pages, sentence
from bot.engine.desk import Desk
from bot.model.entry import Entry
from bot.model.incident import FALSE_ALARM, RESOLVED, Incident, Phase, close, move, turn
from bot.model.verb import Verb
from bot.model.verdict import Verdict
from bot.rules import consent, escalation, reach
from bot.store import Tx, incidents, pages

TAKING = frozenset({Verb.ACKNOWLEDGE, Verb.ATTEND})  # after these it is theirs

__all__ = ["Answer", "Press", "Verb", "allowed", "close_pages", "take", "within"]


async def take(desk: Desk, press: Press) -> Answer:
    """Do what the press asks for if the rules consent, in one transaction.

    NotFound when there is no such incident; BadInput when its detail cannot be used: whom, how long, how severe.
    """
    return await desk.store.write(lambda tx: within(tx, desk, press))


async def allowed(desk: Desk, incident_id: str, by: str) -> frozenset[Verb]:
    """What the rules would let `by` do to this incident now; nothing for a stranger. NotFound."""
    return await desk.store.read(lambda tx: _allowed(tx, desk, incident_id, by))


def _allowed(tx: Tx, desk: Desk, incident_id: str, by: str) -> frozenset[Verb]:
    incident = incidents.find(tx, incident_id)
    person = desk.person(tx, by)
    roster, ask = desk.roster(tx, tx.now), consent.may_respond
    may = responders(tx, desk, incident, roster)
    taking = _may(tx, desk, incident, roster, Verb.ACKNOWLEDGE)
    who = {verb: taking if verb in TAKING else may for verb in Verb}
    return frozenset(
        verb
        for verb in Verb
        if (verb is not Verb.ATTEND or incident.holder == person)  # to anybody else it is offered as taking it
        and ask(verb, incident, person=person, responders=who[verb], seen_version=None) is Verdict.GO
    )


def within(tx: Tx, desk: Desk, press: Press) -> Answer:
    """The same as a part of somebody's transaction."""
    before = _locked(tx, press)
    roster = desk.roster(tx, press.at)
    person = desk.person(tx, press.by)
    may = _may(tx, desk, before, roster, press.verb)
    verdict = consent.may_respond(press.verb, before, person=person, responders=may, seen_version=press.seen_version)
    if person is None or verdict not in (Verdict.GO, Verdict.ALREADY):
        return _refused(tx, press, Answer(verdict, sentence(verdict, press, before), before))
    deed = Deed(tx, desk, before, person, press, roster)
    if verdict is Verdict.ALREADY:
        joined = summon.joined(deed) if press.verb is Verb.ACKNOWLEDGE else None
        return joined or _refused(tx, press, deed.refused(verdict))
    if press.verb is Verb.MERGE:
        into = incidents.find(tx, press.detail)
        answer = merge.merge(deed, into, responders(tx, desk, into, roster))
    else:
        answer = _DO[press.verb](deed)
    if answer.verdict is not Verdict.GO:
        return _refused(tx, press, answer)
    attend.felt(deed, answer.incident)
    return answer


def _locked(tx: Tx, press: Press) -> Incident:
    """The incident, locked; with the one it shall become part of, in the order in which everybody locks them."""
    found = incidents.find(tx, press.incident)
    both = {found.id, incidents.find(tx, press.detail).id} if press.verb is Verb.MERGE else {found.id}
    return incidents.by_ids(tx, both, lock=True)[found.id]


def _acknowledge(deed: Deed) -> Answer:
    """Take it, or take it over from a connection; a snooze ends with that."""
    if noted := together.one(deed):
        return noted
    before, at, said = deed.before, deed.press.at, deed.press.words
    moved = move(before, Phase.ACKNOWLEDGED, at) if before.phase is Phase.TRIGGERED else turn(before, at)
    facts = {"next_step_at": None, "snoozed_until": None, "attended_at": at, **escalation.NO_WAIT}
    after = replace(moved, holder=deed.person, **facts)
    deed.note("incident.acknowledged", {"phase": after.phase.value, "holder": deed.person})
    deed.save(after)
    return deed.done(after, said.unsnoozed if before.snoozed_until else said.yours)


def _attend(deed: Deed) -> Answer:
    """Its holder is at it; anybody else takes it."""
    return attend.attend(deed) if deed.before.holder == deed.person else _acknowledge(deed)


def _resolve(deed: Deed) -> Answer:
    return _close(deed, RESOLVED, deed.press.words.resolved)


def _false_alarm(deed: Deed) -> Answer:
    return _close(deed, FALSE_ALARM, deed.press.words.false_alarm)


def _close(deed: Deed, resolution: str, template: str) -> Answer:
    after = close(deed.before, resolution, deed.press.at, ended_by=deed.person)
    deed.note("incident.resolved", {"phase": after.phase.value, "resolution": resolution})
    deed.save(after)
    return deed.done(after, template)


def _escalate(deed: Deed) -> Answer:
    """Fire the next step now; an acknowledged incident is handed on, so it is unanswered again."""
    before, start = deed.before, deed.before
    deed.note("incident.escalated", {"from": before.tier})
    if before.phase is not Phase.TRIGGERED:
        start = replace(move(before, Phase.TRIGGERED, deed.press.at), holder=None, snoozed_until=None)
    after = escalate.fire(deed.tx, deed.desk, before, start, deed.actor)
    paged = sorted({sheet.person for sheet in pages.of(deed.tx, before.id, after.step) if not sheet.asked})
    return deed.done(after, deed.press.words.escalated, names=deed.names(paged))


_DO: dict[Verb, Callable[[Deed], Answer]] = {
    Verb.ACKNOWLEDGE: _acknowledge,
    Verb.ESCALATE: _escalate,
    Verb.HAND_OVER: summon.hand_over,
    Verb.SNOOZE: snooze.snooze,
    Verb.RESOLVE: _resolve,
    Verb.FALSE_ALARM: _false_alarm,
    Verb.REGRADE: regrade.regrade,
    Verb.PAGE: summon.ask,
    Verb.NOTE: writing.note,
    Verb.ATTEND: _attend,
    Verb.TICK: writing.tick,
    Verb.UNTICK: writing.untick,
}


def responders(tx: Tx, desk: Desk, incident: Incident, roster: escalation.Roster) -> frozenset[str]:
    """The tiers' people, whoever was paged (their shift may have ended since), and the team that owns the model."""
    team = desk.settings.people.teams.get(desk.owner_team(incident) or "")
    owners = (*team.members, *((team.lead,) if team.lead else ())) if team else ()
    paged = {sheet.person for sheet in pages.of(tx, incident.id)}
    if any(map(reach.place, paged)) and incident.holder:
        paged.add(incident.holder)  # whoever took it up there may end it, too
    return escalation.responders(incident, roster, tx.now) | paged | frozenset(owners)


def _may(tx: Tx, desk: Desk, incident: Incident, roster: escalation.Roster, verb: Verb) -> frozenset[str]:
    """Who may do that: what was asked in a channel, anybody we know may take."""
    found = responders(tx, desk, incident, roster)
    asked = verb in TAKING and any(map(reach.place, found))
    return found | frozenset(roster.people.persons) if asked else found


def _refused(tx: Tx, press: Press, answer: Answer) -> Answer:
    """Put down that somebody tried, and why it was not to be."""
    incident, verdict = answer.incident, answer.verdict
    after = {"verb": press.verb, "verdict": verdict.name, "via": press.via, "seen_version": press.seen_version}
    tx.note(Entry(incident.entity, "press.refused", press.at, press.by, incident.id, verdict.sentence, after=after))
    return answer
