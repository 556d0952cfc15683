"""Lay and lift a legal hold on an incident: until it is lifted, nothing it is about may be changed."""

from dataclasses import dataclass
from datetime import datetime

from bot import words
from bot.engine import escalate, forbidden
from bot.engine.desk import Desk
from bot.errors import BadInput
from bot.model.entry import Context, Entry
from bot.model.freeze import LegalHold
from bot.model.incident import Incident
from bot.model.job import Lane, NewJob
from bot.model.verdict import Verdict
from bot.rules import consent, written
from bot.store import Tx, changes, incidents, jobs, legal_holds

WHY, SHOWN = 3_000, 300  # characters of a reason that are kept, and that a channel is told


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants it laid or lifted, and why; an incident under hold may be resolved, and a resolved one held."""

    incident: str  #: as typed
    by: str
    at: datetime
    via: str
    why: str
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdict, its sentence, and the hold as it is now."""

    verdict: Verdict
    sentence: str
    hold: LegalHold | None = None


async def lay(desk: Desk, wish: Wish) -> Outcome:
    """Lay one, if the rules consent; ALREADY where one is in force. NotFound; BadInput without a reason."""
    _reasoned(wish)
    return await desk.store.write(lambda tx: _lay(tx, desk, wish))


async def lift(desk: Desk, wish: Wish) -> Outcome:
    """Lift the one in force, if the rules consent; ALREADY where there is none. NotFound; BadInput without a reason."""
    _reasoned(wish)
    return await desk.store.write(lambda tx: _lift(tx, desk, wish))


def _reasoned(wish: Wish) -> None:
    if not written.text(wish.why, WHY):
        raise BadInput("A legal hold needs a reason, and so does its end.", "Say why, for those who will ask.")


def _lay(tx: Tx, desk: Desk, wish: Wish) -> Outcome:
    incident = _locked(tx, wish)
    stands = legal_holds.on(tx, incident.id)
    person, verdict = _consent(tx, desk, incident, wish, done=stands is not None)
    say = words.of(wish.language).forbidding
    if verdict is Verdict.ALREADY and stands:
        who = stands.by.partition(":")[2]
        return Outcome(verdict, words.fill(say.laid_already, incident=incident.id, who=who), stands)
    if verdict is not Verdict.GO:
        return _refused(tx, incident, wish, "hold", verdict)
    hold = LegalHold(incident.id, f"person:{person}", written.text(wish.why, WHY), wish.at)
    legal_holds.lay(tx, hold)
    _told(tx, desk, incident, wish, "incident.held_legally", f"person:{person}")
    return Outcome(verdict, words.fill(say.laid, incident=incident.id), hold)


def _lift(tx: Tx, desk: Desk, wish: Wish) -> Outcome:
    incident = _locked(tx, wish)
    person, verdict = _consent(tx, desk, incident, wish, done=legal_holds.on(tx, incident.id) is None)
    say = words.of(wish.language).forbidding
    if verdict is Verdict.ALREADY:
        return Outcome(verdict, words.fill(say.lifted_already, incident=incident.id))
    if verdict is not Verdict.GO:
        return _refused(tx, incident, wish, "unhold", verdict)
    legal_holds.lift(tx, incident.id, wish.at, f"person:{person}")
    _told(tx, desk, incident, wish, "incident.released_legally", f"person:{person}")
    return Outcome(verdict, words.fill(say.lifted, incident=incident.id), legal_holds.last(tx, incident.id))


def _locked(tx: Tx, wish: Wish) -> Incident:
    """The incident, locked, so that two replicas cannot lay two holds, nor one slip past a change about to begin."""
    return incidents.get(tx, incidents.find(tx, wish.incident).id, lock=True)


def _consent(tx: Tx, desk: Desk, incident: Incident, wish: Wish, *, done: bool) -> tuple[str | None, Verdict]:
    person = desk.person(tx, wish.by)
    return person, consent.may_forbid(person, forbidden.wardens(desk, incident.entity), done=done)


def _refused(tx: Tx, incident: Incident, wish: Wish, verb: str, verdict: Verdict) -> Outcome:
    after = {"verb": verb, "verdict": verdict.name, "via": wish.via}
    tx.note(Entry(incident.entity, "press.refused", wish.at, wish.by, incident.id, verdict.sentence, after=after))
    said = words.of(wish.language).answer.verdicts
    return Outcome(verdict, said.get(verdict.name, verdict.sentence), legal_holds.on(tx, incident.id))


def _told(tx: Tx, desk: Desk, incident: Incident, wish: Wish, kind: str, actor: str) -> None:
    """The entry, the channel's message, and everything that shows the incident or a change of its model."""
    why, say = written.text(wish.why, WHY), words.of(desk.settings.slack.language).forbidding
    told, role = {"via": wish.via, "as": wish.by}, Context(role="warden")
    tx.note(Entry(incident.entity, kind, wish.at, actor, incident.id, why, after=told, context=role))
    template = say.told_laid if kind == "incident.held_legally" else say.told_lifted
    who = actor.partition(":")[2]
    text = words.fill(template, incident=incident.id, who=who, why=written.line(why, SHOWN))
    key = f"{incident.id}/{kind}/{wish.at.isoformat()}"
    escalate.owe(tx, key, f"channel:{desk.channel(incident)}", text, tx.now)
    escalate.redraw(tx, incident, tx.now)
    for change in changes.of_incident(tx, incident.id):
        if change.open:
            jobs.put(tx, NewJob(f"change/{change.id}", "change", Lane.CARD, tx.now, {"change": change.id}))
