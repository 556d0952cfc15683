"""Decide about a proposed change: agree, reject, withdraw; who may is asked when they press, not when it is drawn."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot import words
from bot.engine import approvers, course, escalate, forbidden, propose, windows
from bot.engine.desk import Desk
from bot.errors import NotFound
from bot.model.change import Agreement, Change, Step, move
from bot.model.entry import Context, Entry
from bot.model.ticket import Ticket
from bot.model.verdict import Verdict
from bot.rules import agreement, written
from bot.rules.agreement import AGREE, REJECT, WITHDRAW, Ballot
from bot.store import Tx, changes, jobs, log, tickets

__all__ = ["AGREE", "REJECT", "WITHDRAW", "Vote", "Voted", "untouched", "vote"]

LONGEST, NAME = 3_000, 80  #: characters of a reason and of a typed id that are kept


@dataclass(frozen=True, slots=True)
class Vote:
    """What somebody decides about a change."""

    verb: str  #: agree | reject | withdraw
    change: str  #: CHG-7, chg-7 or 7; empty where the ticket tells
    by: str  #: slack:USERID or person:NAME
    at: datetime
    via: str
    digest: str | None = None  #: of the plan they saw, or its beginning; None: they did not say
    ticket: str | None = None  #: what their button carried
    why: str = ""
    language: str = "en"
    shown: str = ""  #: the very text that was before them, as far as the door they came by knows it


@dataclass(frozen=True, slots=True)
class Voted:
    """The verdict, its sentence, and the change as it is now; None where a button stood for none."""

    verdict: Verdict
    sentence: str
    change: Change | None


async def vote(desk: Desk, said: Vote) -> Voted:
    """Count it if the rules consent, in one transaction; with enough of them the change is approved, and its job put.

    A refusal changes nothing, leaves its ticket unused, and is written down. NotFound: a typed change that is none.
    """
    return await desk.store.write(lambda tx: _vote(tx, desk, said))


def untouched(tx: Tx, change: Change) -> bool:
    """Whether the plan that is kept is the one the log says was proposed."""
    written_down = log.of_kinds(tx.sql, change.id, {"change.proposed"})
    return len(written_down) == 1 and written_down[0].entry.after.get("digest") == change.plan.digest


def _vote(tx: Tx, desk: Desk, said: Vote) -> Voted:
    change = _change(tx, said)
    if change is None:
        return _refused(tx, desk, said, None, Verdict.WORTHLESS)
    ticket = _ticket(tx, said)  # read once nobody else can be using it
    person = desk.person(tx, said.by)
    model = desk.settings.estate.find(change.plan.model)
    may = approvers.of(desk, desk.roster(tx, said.at), model, said.at)
    ballot = Ballot(said.verb, person, said.at, said.digest, said.ticket is not None, ticket)
    verdict = agreement.may_decide(ballot, change, may)
    if verdict is Verdict.GO and said.verb == AGREE:
        verdict = _sound(tx, change, known=model is not None)
    elif verdict is Verdict.NO_APPROVERS and model is None:
        verdict = Verdict.GONE
    if verdict is not Verdict.GO or person is None:
        return _refused(tx, desk, said, change, verdict)
    if said.verb == AGREE and (why := _forbidden(tx, desk, said, change)):
        return _refused(tx, desk, said, change, Verdict.FORBIDDEN, why)
    if ticket is not None:
        tickets.use(tx, ticket.id, said.by, said.at)
    deed = _Deed(tx, said, change, person)
    if said.verb != AGREE:
        return _end(deed)
    after = replace(change, agreements=(*change.agreements, _agreement(change, said, person)))
    return _agree(deed, after, change.needs - len(agreement.agreed(after, may)))


@dataclass(frozen=True)
class _Deed:
    """One vote that counts."""

    tx: Tx
    vote: Vote
    before: Change
    person: str

    def done(self, after: Change, kind: str, facts: dict[str, Any], template: str, **parts: object) -> Voted:
        """Write it all down, and have it shown."""
        said, was = self.vote, {"step": self.before.step.value}
        changes.save(self.tx, self.before, after)
        told = {"step": after.step.value, **facts, "incident": after.incident, "via": said.via, "as": said.by}
        told |= {"shown": said.shown} if said.shown else {}
        why, actor = written.text(said.why, LONGEST), f"person:{self.person}"
        role = "requester" if self.person == after.requested_by else "approver"
        context = Context(role=role, seen=_digest(said.shown))
        self.tx.note(Entry(after.entity, kind, said.at, actor, after.id, why, was, told, context))
        course.redraw(self.tx, after)
        jobs.put(self.tx, escalate.homes(self.tx.now))
        return Voted(Verdict.GO, words.fill(template, change=after.id, **parts), after)


def _digest(shown: str) -> str:
    """SHA-256 of the text in UTF-8, which anybody can make of the entry's `shown` again; empty where nothing was."""
    return hashlib.sha256(shown.encode()).hexdigest() if shown else ""


def _change(tx: Tx, said: Vote) -> Change | None:
    """The change that is meant, kept from other writers; None for a button that stands for none."""
    if said.ticket is None:
        return changes.find(tx, said.change, lock=True)
    ticket = _ticket(tx, said)
    try:
        return changes.find(tx, said.change or (ticket.change if ticket else ""), lock=True)
    except NotFound:
        return None


def _ticket(tx: Tx, said: Vote) -> Ticket | None:
    return tickets.find(tx, said.ticket) if said.ticket is not None else None


def _sound(tx: Tx, change: Change, *, known: bool) -> Verdict:
    """Whether there is something to agree to: its model is still ours, and nobody has touched the plan."""
    if not known:
        return Verdict.GONE
    return Verdict.GO if untouched(tx, change) else Verdict.PLAN_SWAPPED


def _forbidden(tx: Tx, desk: Desk, said: Vote, change: Change) -> str | None:
    """A freeze or a legal hold that began since it was proposed; to say no is always allowed."""
    about = forbidden.About(change.entity, change.incident, change.plan.model, said.language)
    return forbidden.said(tx, desk, about, said.at)


def _agreement(change: Change, said: Vote, person: str) -> Agreement:
    return Agreement(person, said.by, said.at, change.plan.digest, said.via)


def _agree(deed: _Deed, agreed: Change, missing: int) -> Voted:
    """One more yes; the last one approves."""
    said, say = deed.vote, words.of(deed.vote.language).answer
    facts: dict[str, Any] = {"digest": agreed.plan.digest, "missing": max(0, missing)}
    if missing > 0:
        after = replace(agreed, version=agreed.version + 1, changed_at=said.at)
        return deed.done(after, "change.agreed", facts, say.agreed, missing=missing)
    after = move(agreed, Step.APPROVED, said.at)
    voted = deed.done(after, "change.agreed", facts, say.approved)
    by = [{"by": one.by, "as": one.as_, "at": one.at.isoformat(), "digest": one.digest} for one in after.agreements]
    deed.tx.note(course.entry(agreed, "change.approved", said.at, "", {"agreed": by, "digest": after.plan.digest}))
    jobs.put(deed.tx, propose.apply_job(after, deed.tx.now))
    return voted


def _end(deed: _Deed) -> Voted:
    """Somebody says no, or takes it back."""
    said, say = deed.vote, words.of(deed.vote.language).answer
    reason = written.text(said.why, LONGEST)
    rejects = said.verb == REJECT
    after = move(deed.before, Step.REJECTED if rejects else Step.WITHDRAWN, said.at, outcome=reason)
    kind, template = ("change.rejected", say.rejected) if rejects else ("change.withdrawn", say.withdrawn)
    return deed.done(after, kind, {"by": deed.person}, template)


def _refused(tx: Tx, desk: Desk, said: Vote, change: Change | None, verdict: Verdict, reason: str = "") -> Voted:
    """Put down that somebody tried, and why it was not to be; its buttons are drawn anew, for theirs were no good."""
    after = {"verb": written.line(said.verb, NAME), "verdict": verdict.name, "via": said.via, "as": said.by}
    person = desk.person(tx, said.by)
    actor = f"person:{person}" if person else said.by
    subject = change.id if change else written.line(said.change, NAME) or "change"
    chain = change.entity if change else windows.CHAIN
    after |= {"shown": said.shown} if said.shown else {}
    context = Context(action=subject, seen=_digest(said.shown))
    tx.note(Entry(chain, "change.refused", said.at, actor, subject, reason or verdict.sentence, {}, after, context))
    if change:
        course.redraw(tx, change)
    return Voted(verdict, reason or _sentence(said, change, verdict), change)


def _sentence(said: Vote, change: Change | None, verdict: Verdict) -> str:
    w = words.of(said.language)
    if change and verdict is Verdict.ALREADY:
        return words.fill(w.answer.agreed_already, change=change.id)
    if change and verdict is Verdict.DECIDED:
        step = words.step(w, change.plan.lever.value, change.step.value)
        return words.fill(w.answer.decided, change=change.id, step=step)
    return w.answer.verdicts.get(verdict.name, verdict.sentence)
