"""Acknowledged is not forgotten: its holder is asked whether they are at it, and loses what is urgent by silence.

One timer for each incident, a job under one key, whatever happens to it in between; what its holder did since is read
from the log when it rings.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot import words
from bot.engine import escalate, rota_news, windows
from bot.engine.deed import Answer, Deed
from bot.engine.desk import Desk
from bot.model.entry import Entry
from bot.model.incident import Incident, turn
from bot.model.job import Job, Lane, NewJob
from bot.model.view import Remark
from bot.rules import attention, escalation
from bot.store import Tx, changes, incidents, jobs, log

KIND, REMINDER = "attend", "reminder"  #: of the timer, and of the direct message
REMINDED, ATTENDED, GIVEN_BACK = "incident.reminded", "incident.attended", "incident.given_back"
LONGEST = 100  # characters of a title in a message


def attend(deed: Deed) -> Answer:
    """Its holder says that they are at it, which ends a snooze: they are asked again only after another such while."""
    after = turn(deed.before, deed.press.at, attended_at=deed.press.at, snoozed_until=None)
    deed.note(ATTENDED, {"holder": deed.person})
    incidents.save(deed.tx, [(deed.before, after)])
    escalate.redraw(deed.tx, after, deed.tx.now)
    again, said = attention.due(after, deed.press.at), deed.press.words
    if again is None:
        return deed.done(after, said.attended)
    zone = deed.desk.settings.people.persons[deed.person].timezone
    return deed.done(after, said.attended_until, at=windows.clock(again, zone))


def felt(deed: Deed, after: Incident) -> None:
    """Somebody did something about it: its holder is asked so much later, and what asked them before shows it."""
    if after.holder == deed.person:
        arm(deed.tx, after, deed.press.at)
    if deed.before.attended_at is not None:
        _redraw(deed.tx, after.id)


def arm(tx: Tx, incident: Incident, did: datetime) -> None:
    """Set the timer anew, counted from `did`; nothing where its holder is not to be asked."""
    if at := attention.due(incident, did):
        jobs.put(tx, _timer(incident, at))


def ring(tx: Tx, desk: Desk, job: Job) -> None:
    """Look what its holder did since, and do what that calls for; late after a crash, and never twice."""
    incident = incidents.get(tx, str(job.payload["incident"]), lock=True)
    asked = job.payload.get("asked")
    since, did = datetime.fromisoformat(str(asked)) if asked else None, last(tx, incident)
    match attention.decide(incident, did, since, tx.now, rested=_rested(desk, incident, tx.now)):
        case attention.Later(at=at, asked=still):
            jobs.put(tx, _timer(incident, at, still))
        case attention.Ask(why=why, back_at=back):
            _ask(tx, incident, did, why, back)
        case attention.GiveBack(why=why):
            _give_back(tx, desk, incident, why)


def spoke(tx: Tx, incident_id: str, person: str, at: datetime) -> None:
    """Its holder wrote about it where it stands in the chat, which tells as much as a press; others do not count."""
    before = incidents.get(tx, incident_id, lock=True)
    if not attention.watched(before) or before.holder != person:
        return
    after = turn(before, tx.now, attended_at=at)
    said = {"holder": person, "via": "message"}
    tx.note(Entry(before.entity, ATTENDED, at, f"person:{person}", before.id, after=said))
    incidents.save(tx, [(before, after)])
    arm(tx, after, at)
    escalate.redraw(tx, after, tx.now)


def remarks(tx: Tx, incident: Incident) -> tuple[Remark, ...]:
    """How often it was taken back from whoever held it, and why: for its thread."""
    told = log.of_kinds(tx.sql, incident.id, {GIVEN_BACK})
    return tuple(Remark(each.entry.why, "tocsin", each.entry.at, "timer") for each in told)


def last(tx: Tx, incident: Incident) -> datetime:
    """When its holder last did anything about it, or about a change that was proposed because of it."""
    about = [incident.id, *(change.id for change in changes.of_incident(tx, incident.id))]
    did = log.latest(tx.sql, about, f"person:{incident.holder}")
    return max(filter(None, (did, incident.attended_at)), default=incident.opened_at)


def taken(tx: Tx, incident: Incident) -> datetime:
    """When whoever holds it took it."""
    kept = log.of_kinds(tx.sql, incident.id, {"incident.acknowledged", "incident.snoozed"})
    return kept[-1].entry.at if kept else incident.opened_at


def over(tx: Tx, incident: Incident, person: str, asked: datetime) -> bool:
    """Whether `person`, asked at that moment, need not answer any more: they did, or it is not theirs."""
    return not attention.watched(incident) or incident.holder != person or last(tx, incident) >= asked


def _rested(desk: Desk, incident: Incident, now: datetime) -> datetime | None:
    person = desk.settings.people.persons.get(incident.holder or "")
    return escalation.rested(person, incident.policy.urgency, now)[0] if person else None


def _ask(tx: Tx, incident: Incident, did: datetime, why: str, back: datetime | None) -> None:
    """The message is owed with the entry that says so; the timer waits for what comes of it."""
    after = {"holder": incident.holder, "since": did.isoformat(), "back_at": back.isoformat() if back else None}
    tx.note(Entry(incident.entity, REMINDED, tx.now, "tocsin", incident.id, why, after=after))
    jobs.put(tx, _message(tx, incident.id, after, tx.now))
    jobs.put(tx, _timer(incident, back or tx.now + incident.policy.remind, tx.now))


def _give_back(tx: Tx, desk: Desk, before: Incident, why: str) -> None:
    """It is unanswered, and its start tier is paged anew; whoever held it reads so."""
    start = attention.returned(before, tx.now)
    was = {"phase": before.phase.value, "tier": before.tier, "holder": before.holder}
    said = {"phase": start.phase.value, "tier": start.tier, "holder": None}
    tx.note(Entry(before.entity, GIVEN_BACK, tx.now, "tocsin", before.id, why, was, said))
    after = escalate.fire(tx, desk, before, start, "tocsin")
    person = desk.settings.people.persons.get(before.holder or "")
    if person is not None:
        say = rota_news.language(desk, person).attending
        about = {"incident": before.id, "title": before.title[:LONGEST], "tier": after.tier}
        text = words.fill(say.taken_back, **about)
        escalate.owe(tx, f"{before.id}/{after.step}/given_back", f"person:{person.name}", text, tx.now)
    _redraw(tx, before.id)


def _timer(incident: Incident, at: datetime, asked: datetime | None = None) -> NewJob:
    said = {"incident": incident.id, **({"asked": asked.isoformat()} if asked else {})}
    return NewJob(f"{KIND}/{incident.id}", KIND, Lane.STATE, at, said)


def _message(tx: Tx, incident: str, told: Mapping[str, Any], asked: datetime) -> NewJob:
    """The message that asked at that moment, or shall; `told` is what the entry says of it."""
    said = {"incident": incident, "person": told["holder"], "asked": asked.isoformat()}
    said |= {"since": told["since"], "back_at": told["back_at"]}
    return NewJob(f"{REMINDER}/{incident}/{asked.isoformat()}", REMINDER, Lane.PAGE, tx.now, said)


def _redraw(tx: Tx, incident: str) -> None:
    """The last message that asked its holder, if any did, is drawn as it stands now."""
    told = log.of_kinds(tx.sql, incident, {REMINDED})
    if told:
        entry = told[-1].entry
        jobs.put(tx, _message(tx, incident, entry.after, entry.at))
