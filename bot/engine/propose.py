"""Propose a change of production: planned outside any transaction, judged and written in one; every refusal is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot import words
from bot.engine import approvers, ask, course, drafting, escalate, expire, forbidden, review, verify, windows
from bot.engine.desk import Desk
from bot.engine.drafting import Wish
from bot.engine.planning import draft
from bot.errors import BadInput, NotDelivered, NotFound, PluginFault, Refused
from bot.model import canary
from bot.model.change import Change, Lever, Lock, Plan, Step
from bot.model.entry import Context, Entry
from bot.model.estate import Model
from bot.model.job import Lane, NewJob
from bot.model.verdict import Verdict
from bot.rules import agreement, glass, written
from bot.rules.agreement import AUTOMATION
from bot.store import Tx, changes, incidents, jobs

__all__ = ["Proposed", "Wish", "again", "apply_job", "draft", "propose", "undo"]

LONGEST, NAME = 3_000, 80  #: characters of a reason and of a name that are kept
#: What may be wrong with a wish or the platform it goes to; a database that is down is nobody's refusal.
_WRONG = (NotFound, Refused, BadInput, PluginFault, NotDelivered)


@dataclass(frozen=True, slots=True)
class Proposed:
    """The verdict, its sentence, and the change that was made; None where none was."""

    verdict: Verdict
    sentence: str
    change: Change | None = None


@dataclass(frozen=True)
class _Asking:
    """Who asks through which door."""

    by: str
    at: datetime
    via: str

    def person(self, tx: Tx, desk: Desk) -> str | None:
        """The person behind the account; automation speaks for itself, and is nobody's second person."""
        return AUTOMATION if self.by == AUTOMATION else desk.person(tx, self.by)


async def propose(desk: Desk, wish: Wish, by: str, at: datetime, via: str) -> Proposed:
    """Plan it, and put it before people, or approve it at once where policy asks for nobody else.

    Never raises for what is wrong with the wish or the platform: the verdict is not GO then, its sentence says why,
    nothing has changed, and an entry tells of it.
    """
    asking = _Asking(by, at, via)
    # Of a glass reason that is nothing but space something stays: it was meant to be broken, and is refused.
    wish = replace(wish, why=written.text(wish.why, LONGEST), glass=written.text(wish.glass, LONGEST) or wish.glass[:1])
    try:
        if early := await desk.store.write(lambda tx: _early(tx, desk, wish, asking)):
            return early
        plan = await draft(desk, wish, at)
        return await desk.store.write(lambda tx: _propose(tx, desk, wish, plan, asking))
    except _WRONG as wrong:
        reason = str(wrong)
    return await desk.store.write(lambda tx: _refused(tx, desk, wish, asking, (Verdict.NOT_POSSIBLE, reason)))


async def undo(desk: Desk, typed: str, why: str, language: str = "en") -> Wish:
    """The wish to take a change back: what served before it serves again. NotFound; Refused: it moved nothing."""
    change = await desk.store.read(lambda tx: changes.find(tx, typed))
    plan = change.plan
    if plan.lock is Lock.TRAINING:
        raise Refused(f"{change.id} trained a model, and changed nothing that serves.", "Roll back its promotion.")
    lever = drafting.BACK[plan.lever]
    return Wish(lever, plan.model, incident=change.incident, why=why, language=language, undoes=change.id)


async def again(desk: Desk, typed: str, why: str = "", language: str = "en") -> Wish:
    """The same wish as a change's, to be planned from what serves now; never with its glass broken. NotFound.

    Of a step of a canary that is the whole promotion.
    """
    change = await desk.store.read(lambda tx: changes.find(tx, typed))
    plan, given = change.plan, change.plan.parameters
    if (own := canary.of(plan)) and not change.undoes:
        why = why or change.why
        return Wish(Lever.PROMOTE, plan.model, own.version, incident=change.incident, why=why, language=language)
    return Wish(
        plan.lever,
        plan.model,
        version=None if change.undoes else given.get("version"),
        split=None if change.undoes else given.get("split"),
        incident=change.incident,
        why=why or change.why,
        language=language,
        undoes=change.undoes,
        window=timedelta(seconds=given["window"]) if plan.lever is Lever.RETRAIN else None,
    )


def apply_job(change: Change, due: datetime) -> NewJob:
    """The wish that an approved change is applied: a platform is told, or a trainer."""
    kind = "train" if change.plan.lock is Lock.TRAINING else "apply"
    return NewJob(f"{kind}/{change.id}", kind, Lane.STATE, due, {"change": change.id})


def _early(tx: Tx, desk: Desk, wish: Wish, asking: _Asking) -> Proposed | None:
    """What can be refused before the platform is asked anything."""
    model = drafting.find(desk, wish.model)
    rules = drafting.rules(tx, desk, wish, model, asking.at)
    roster = desk.roster(tx, asking.at)
    entitled = approvers.entitled(tx, desk, roster, model, rules)
    verdict = agreement.may_propose(asking.person(tx, desk), entitled)
    if verdict is Verdict.GO and not wish.why:
        verdict = Verdict.NO_WHY
    if verdict is not Verdict.GO:
        return _refused(tx, desk, wish, asking, (verdict, ""))
    return _in_the_way(tx, desk, wish, model, asking)


def _in_the_way(tx: Tx, desk: Desk, wish: Wish, model: Model, asking: _Asking) -> Proposed | None:
    """A freeze, a legal hold, or another change of the same model."""
    about = forbidden.About(model.entity, _incident_id(tx, wish), model.name, wish.language)
    if why := forbidden.said(tx, desk, about, asking.at):
        return _refused(tx, desk, wish, asking, (Verdict.FORBIDDEN, why))
    if wish.follows and (done := changes.after(tx, wish.follows)):
        return Proposed(Verdict.ALREADY, _sentence(desk, done, wish.language, frozenset()), done)
    lock = Lock.TRAINING if wish.lever is Lever.RETRAIN else Lock.SERVING
    if (other := changes.open_of(tx, model.name, lock)) and not other.serves:
        w = words.of(wish.language)
        step = words.step(w, other.plan.lever.value, other.step.value)
        named = {"change": other.id, "step": step, "who": other.requested_by, "model": model.name}
        return _refused(tx, desk, wish, asking, (Verdict.LOCKED, words.fill(w.answer.locked, **named)))
    return None


def _propose(tx: Tx, desk: Desk, wish: Wish, plan: Plan, asking: _Asking) -> Proposed:
    """Everything is asked again: people, policy and other changes may have moved while the platform was read."""
    if early := _early(tx, desk, wish, asking):
        return early
    person = asking.person(tx, desk) or ""
    model, roster = drafting.find(desk, plan.model), desk.roster(tx, asking.at)
    rules = drafting.rules(tx, desk, wish, model, asking.at)
    if wish.seen and wish.seen != plan.digest:
        return _refused(tx, desk, wish, asking, (Verdict.PLAN_STALE, ""))
    if wish.glass and (broken := glass.may_break(rules.action(plan.lever), wish.glass)) is not Verdict.GO:
        return _refused(tx, desk, wish, asking, (broken, ""))
    who = approvers.Requester(person, roster, asking.at)
    needs = 0 if wish.glass else approvers.needs_for(desk, model, plan, rules, who)
    others = approvers.of(desk, roster, model, asking.at) - {person}
    if needs and len(others) < needs:
        return _refused(tx, desk, wish, asking, (Verdict.NO_APPROVERS, ""))
    change = _change(tx, desk, wish, plan, (person, needs, asking.at))
    if plan.lock is Lock.SERVING:
        verify.conclude(tx, desk, model.name)  # one that serves, and is only watched on, stands in nobody's way
    changes.add(tx, change)
    _told(tx, desk, change, asking, others)
    return Proposed(Verdict.GO, _sentence(desk, change, wish.language, others), change)


def _change(tx: Tx, desk: Desk, wish: Wish, plan: Plan, who: tuple[str, int, datetime]) -> Change:
    person, needs, at = who
    return Change(
        id=changes.next_id(tx),
        plan=plan,
        step=Step.PROPOSED if needs else Step.APPROVED,
        entity=drafting.find(desk, plan.model).entity,
        requested_by=person,
        requested_at=at,
        why=wish.why,
        needs=needs,
        expires_at=at + desk.settings.changes.expires,
        changed_at=at,
        incident=_incident_id(tx, wish),
        undoes=changes.find(tx, wish.undoes).id if wish.undoes else None,
        follows=wish.follows,
        glass=wish.glass,
    )


def _told(tx: Tx, desk: Desk, change: Change, asking: _Asking, others: frozenset[str]) -> None:
    """The entries, the drawing, and whatever makes it go on."""
    after = {
        "plan": change.plan.spelled(),
        "digest": change.plan.digest,
        "needs": change.needs,
        "approvers": sorted(others),
        "expires_at": change.expires_at.isoformat(),
        "undoes": change.undoes,
        "follows": change.follows,
        "incident": change.incident,
        "glass": change.glass,
        "via": asking.via,
        "as": asking.by,
    }
    actor = AUTOMATION if change.requested_by == AUTOMATION else f"person:{change.requested_by}"
    role = Context(role="break glass" if change.glass else "requester")
    tx.note(Entry(change.entity, "change.proposed", asking.at, actor, change.id, change.why, after=after, context=role))
    expire.put(tx, change)
    if change.step is Step.APPROVED:
        why = change.glass or "Nobody else needs to agree."
        tx.note(course.entry(change, "change.approved", asking.at, why, {"agreed": [], "digest": change.plan.digest}))
        jobs.put(tx, apply_job(change, tx.now))
        review.put(tx, desk, change)
    else:
        ask.put(tx, change)
    course.redraw(tx, change)
    jobs.put(tx, escalate.homes(tx.now))


def _sentence(desk: Desk, change: Change, language: str, others: frozenset[str]) -> str:
    say = words.of(language).answer
    if change.step is Step.APPROVED:
        template = say.glass_broken if change.glass else say.proposed_alone
        return words.fill(template, change=change.id, effect=change.plan.effect)
    until = windows.clock(change.expires_at, forbidden.zone(desk, change.entity))
    told = {"effect": change.plan.effect, "names": ", ".join(sorted(others)), "until": until}
    return words.fill(say.proposed, change=change.id, needs=change.needs, **told)


def _refused(tx: Tx, desk: Desk, wish: Wish, asking: _Asking, why: tuple[Verdict, str]) -> Proposed:
    """Put down that somebody tried, and why it was not to be; without a reason of its own, the verdict's."""
    verdict, reason = why
    say = words.of(wish.language).answer
    model = _model(desk, wish)
    after: Mapping[str, Any] = {
        "verdict": verdict.name,
        "lever": wish.lever.value,
        "version": written.line(wish.version, NAME) if wish.version else None,
        "incident": written.line(wish.incident, NAME) if wish.incident else None,
        "undoes": written.line(wish.undoes, NAME) if wish.undoes else None,
        "wanted": wish.why,
        "via": asking.via,
        "as": asking.by,
    }
    chain = model.entity if model else windows.CHAIN
    subject = model.name if model else written.line(wish.model, NAME) or "change"
    person = asking.person(tx, desk)
    actor = asking.by if person in (None, AUTOMATION) else f"person:{person}"
    tx.note(Entry(chain, "change.refused", asking.at, actor, subject, reason or verdict.sentence, after=after))
    return Proposed(verdict, reason or say.verdicts.get(verdict.name, verdict.sentence))


def _model(desk: Desk, wish: Wish) -> Model | None:
    try:
        return drafting.find(desk, wish.model)
    except NotFound:
        return None


def _incident_id(tx: Tx, wish: Wish) -> str | None:
    """As the incident is called, however it was typed. NotFound."""
    return incidents.find(tx, wish.incident).id if wish.incident else None
