"""After somebody broke the glass: tell everybody at once, and have another person look at it next working day."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot import words
from bot.engine import ask, course, escalate, forbidden
from bot.engine.desk import Desk
from bot.errors import BadInput
from bot.model.change import Change
from bot.model.entry import Entry
from bot.model.job import Job, Lane, NewJob
from bot.model.verdict import Verdict
from bot.rules import escalation, glass, written
from bot.store import Tx, changes, jobs, log
from bot.words import Words

KIND = "review"
BROKEN, ASKED, REVIEWED = "change.glass_broken", "change.review_asked", "change.reviewed"
LEADS, ADMINS = STAGES = range(2)
PATIENCE = timedelta(days=1)  # how long a lead has before the admins are asked
LONGEST, SHOWN = 3_000, 300  # characters of a review, and of a reason in a message


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdict and its sentence."""

    verdict: Verdict
    sentence: str


def put(tx: Tx, desk: Desk, change: Change) -> None:
    """Tell the entity's channel, the approvers and the owner's lead at once, and set the review; nothing without glass.

    To be called in the transaction that proposes the change.
    """
    if not change.glass:
        return
    roster = desk.roster(tx, tx.now)
    told = _persons(desk, (*ask.approvers(desk, roster, change, tx.now), *ask.leads(desk, change)), change)
    for to in (*told, ask.channel(desk, change)):
        text = words.fill(_words(desk, to).asking.broken, **_facts(change, _words(desk, to), _zone(desk, change)))
        escalate.owe(tx, f"{change.id}/glass/{to}", to, text, tx.now)
    after = {"told": [*told, ask.channel(desk, change)], "plan": change.plan.digest}
    actor = f"person:{ask.requester(change)}"
    tx.note(Entry(change.entity, BROKEN, tx.now, actor, change.id, change.glass, after=after))
    jobs.put(tx, _job(change, LEADS, glass.review_due(tx.now, _zone(desk, change))))


async def note(desk: Desk, typed: str, by: str, at: datetime, said: str, *, language: str = "en") -> Outcome:
    """Put down that `by` looked at the change somebody means by `typed`, and what they found. NotFound.

    BadInput when they found nothing to say. A refusal is an entry, too.
    """
    found = written.text(said, LONGEST)
    if not found:
        raise BadInput("A review needs a word.", "Say what you looked at, and what you found.")
    return await desk.store.write(lambda tx: _note(tx, desk, typed, (by, at, found, words.of(language))))


def ring(tx: Tx, desk: Desk, job: Job) -> None:
    """Ask for the review of a change, unless there was one; who is asked is found now."""
    change, stage = changes.get(tx, str(job.payload["change"]), lock=True), int(job.payload["stage"])
    if _reviewed(tx, change):
        return
    admins = desk.settings.people.admins
    lead = _persons(desk, ask.leads(desk, change), change)
    asked = (lead if stage == LEADS else ()) or _persons(desk, admins, change) or (ask.channel(desk, change),)
    for to in asked:
        w = _words(desk, to)
        template = w.asking.review if stage == LEADS else w.asking.overdue
        text = words.fill(template, **_facts(change, w, _zone(desk, change)))
        how = words.fill(w.asking.review_how, change=change.id)
        jobs.put(tx, escalate.notice(f"{change.id}/{KIND}/{stage}/{to}", to, text, tx.now, [how]))
    after = {"whom": list(asked), "stage": stage}
    tx.note(Entry(change.entity, ASKED, tx.now, "tocsin", change.id, change.glass, after=after))
    if stage + 1 in STAGES:
        jobs.put(tx, _job(change, stage + 1, tx.now + PATIENCE))


def reviewers(tx: Tx, desk: Desk, change: Change, at: datetime) -> frozenset[str]:
    """Who may say that they looked: the approvers, the leads of the entity's teams, the admins; not the requester."""
    roster: escalation.Roster = desk.roster(tx, at)
    found = (*ask.approvers(desk, roster, change, at), *forbidden.wardens(desk, change.entity))
    return frozenset((*found, *ask.leads(desk, change))) - {ask.requester(change)}


def _note(tx: Tx, desk: Desk, typed: str, told: tuple[str, datetime, str, Words]) -> Outcome:
    by, at, found, w = told
    change = changes.find(tx, typed)
    change = changes.get(tx, change.id, lock=True)
    if not change.glass:
        return Outcome(Verdict.ALREADY, words.fill(w.asking.unbroken, change=change.id))
    person = desk.person(tx, by)
    may = reviewers(tx, desk, change, at)
    verdict = glass.may_review(person, ask.requester(change), may, reviewed=_reviewed(tx, change))
    if verdict is Verdict.ALREADY:
        return Outcome(verdict, words.fill(w.asking.reviewed, change=change.id))
    if verdict is not Verdict.GO:
        refused = {"verb": KIND, "verdict": verdict.name}
        tx.note(Entry(change.entity, "change.refused", at, by, change.id, verdict.sentence, after=refused))
        return Outcome(verdict, w.answer.verdicts.get(verdict.name, verdict.sentence))
    tx.note(Entry(change.entity, REVIEWED, at, f"person:{person}", change.id, found, after={"as": by}))
    course.redraw(tx, change)
    return Outcome(verdict, words.fill(w.asking.reviewed, change=change.id))


def _reviewed(tx: Tx, change: Change) -> bool:
    return bool(log.of_kinds(tx.sql, change.id, (REVIEWED,)))


def _persons(desk: Desk, names: Iterable[str], change: Change) -> tuple[str, ...]:
    """Those the configuration knows, each once and without the requester, as a notice wants them."""
    known: Collection[str] = desk.settings.people.persons
    wanted = (name for name in dict.fromkeys(names) if name in known and name != ask.requester(change))
    return tuple(f"person:{name}" for name in wanted)


def _words(desk: Desk, to: str) -> Words:
    kind, _, name = to.partition(":")
    return ask.spoken(desk, name if kind == "person" else None)


def _facts(change: Change, w: Words, zone: str) -> dict[str, str]:
    day = f"{change.requested_at.astimezone(ZoneInfo(zone)):%Y-%m-%d}"
    return {**ask.facts(change, w), "why": written.line(change.glass, SHOWN), "day": day}


def _zone(desk: Desk, change: Change) -> str:
    return forbidden.zone(desk, change.entity)


def _job(change: Change, stage: int, at: datetime) -> NewJob:
    return NewJob(f"{KIND}/{change.id}", KIND, Lane.STATE, at, {"change": change.id, "stage": stage})
