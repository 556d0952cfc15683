"""Take the next step of a canary once the one before has served its time: a change of its own, agreed to already.

It goes on only by itself, from exactly what it left: whatever else happens ends it where it is, and people are told.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot import words
from bot.engine import (
    aftermath,
    apply,
    canary,
    course,
    escalate,
    expire,
    forbidden,
    kept,
    propose,
    sight,
    verify,
    windows,
    work,
)
from bot.engine import watch as watch_over
from bot.engine.desk import Desk
from bot.errors import NotFound, Refused, TocsinError
from bot.model import canary as canaries
from bot.model.change import Change, Plan, Serving, Step
from bot.model.entry import Entry
from bot.model.job import Job, Lane, NewJob
from bot.model.watch import Watch
from bot.rules import recovery, watching, written
from bot.rules.agreement import AUTOMATION
from bot.rules.watching import Finding
from bot.store import Tx, changes, jobs, log, watches

KIND, VIA = "canary", "canary"
STOPPED = "canary.stopped"
AGAIN = timedelta(minutes=1)  #: until what stands in its way is looked at again
SENTENCE = 300  #: characters of why not


@dataclass(frozen=True, slots=True)
class _Case:
    """A step that has served its time, and the first one, which people agreed to."""

    change: Change
    first: Change
    waits: str  #: what keeps it from going on, and passes
    against: str  #: what does, and ends it


def put(tx: Tx, change: Change) -> None:
    """Put down the wish that the step after this one is taken."""
    jobs.put_once(tx, NewJob(f"{KIND}/{change.id}", KIND, Lane.STATE, tx.now, {"change": change.id}))


def stop(tx: Tx, desk: Desk, change: Change, why: str) -> None:
    """It goes no further: the traffic stays as it is, and whoever must decide is told, once."""
    own = canaries.of(change.plan)
    if own is None or log.of_kinds(tx.sql, change.id, {STOPPED}):
        return
    say = words.of(desk.settings.slack.language).watch
    text = words.fill(say.stopped, version=own.version, share=f"{own.share:g}", why=written.line(why, SENTENCE))
    told = {"model": change.plan.model, "version": own.version, "at": own.at, "share": own.share}
    watch_over.note(tx, change, STOPPED, text, told)
    aftermath.tell(tx, desk, change, text, KIND)


class Canaries:
    """The handler of these wishes."""

    def __init__(self, desk: Desk) -> None:
        """`desk.hosts` are the platforms."""
        self._desk = desk

    async def ring(self, job: Job) -> work.Outcome:
        """Look whether it may go on, and from where; then take the step, in one transaction that looks once more."""
        desk, id_ = self._desk, str(job.payload["change"])
        case = await desk.store.read(lambda tx: _case(tx, desk, id_))
        if case is None:
            return work.Done()
        if case.against:
            return self._stopping(id_, case.against)
        if case.waits:
            return self._later(case.waits)
        try:
            serving = await self._serving(case.change)
            if _touched(case.change, serving):
                say = words.of(desk.settings.slack.language).watch
                return self._stopping(id_, words.fill(say.touched, serving=course.split(serving)))
            plan = await canary.onward(desk, case.change.plan, serving, case.first.id)
        except (NotFound, Refused) as error:
            return self._stopping(id_, str(error))
        except TocsinError as error:
            return self._later(str(error))
        return work.Done(lambda tx: _take(tx, desk, id_, plan))

    async def _serving(self, change: Change) -> Serving:
        host = self._desk.hosts.get(change.plan.connection)
        if host is None:
            raise TocsinError(f"The connection {change.plan.connection} has no platform here.", "See `tocsin doctor`.")
        return await sight.serving(host, change.plan.ref)

    def _later(self, why: str) -> work.Later:
        return work.Later(self._desk.clock.now() + AGAIN, why, tried=False)

    def _stopping(self, id_: str, why: str) -> work.Done:
        def then(tx: Tx) -> None:
            if (case := _case(tx, self._desk, id_, lock=True)) is not None:
                stop(tx, self._desk, case.change, why)

        return work.Done(then)


def _case(tx: Tx, desk: Desk, id_: str, *, lock: bool = False) -> _Case | None:
    """None where nothing is left to do: the step was taken, or taken back."""
    change, over = changes.get(tx, id_, lock=lock), watches.find(tx, id_)
    own = canaries.of(change.plan)
    if own is None or own.last or over is None or over.ended_at is None or changes.after(tx, id_):
        return None
    first, other = kept.first(tx, change), changes.open_of(tx, change.plan.model)
    waits = f"{other.id} is {other.step}" if other and not other.serves else ""
    return _Case(change, first, waits, _against(tx, desk, (change, first), over))


def _against(tx: Tx, desk: Desk, about: tuple[Change, Change], over: Watch) -> str:
    """Why it must not go on, though people agreed to the whole way; empty where nothing is."""
    change, first = about
    plan, say, expires = change.plan, words.of(desk.settings.slack.language).watch, desk.settings.changes.expires
    if not all(apply.sanctioned(tx, one) for one in about):
        return say.unsanctioned
    if over.finding not in (Finding.WELL, Finding.INCONCLUSIVE):
        return over.why
    if why := forbidden.now(tx, desk, change.entity, first.incident, tx.now, plan.model):
        return why
    if tx.now >= over.until + expires:
        return words.fill(say.late, due=windows.clock(over.until, forbidden.zone(desk, change.entity)))
    if _otherwise(desk, plan):
        return words.fill(say.otherwise, runbook=plan.runbook or "-", model=plan.model)
    caused = watching.caused(over.version, watch_over.heard(tx, desk, over).incidents)
    names = ", ".join(one.id for one in caused[: recovery.LISTED])
    return words.fill(say.trouble, incidents=names) if names else ""


def _otherwise(desk: Desk, plan: Plan) -> bool:
    """Whether the configuration has moved since it was agreed to."""
    model = desk.settings.estate.models.get(plan.model)
    book = desk.runbooks.get(plan.runbook) if plan.runbook else None
    if model is None or model.platform != plan.connection or dict(model.ref) != dict(plan.ref):
        return True
    return bool(plan.runbook) and (book is None or book.revision != plan.revision)


def _touched(change: Change, serving: Serving) -> bool:
    """Whether it is not exactly what the step left: moved, or moved and moved back."""
    seen = change.seen or change.plan.after
    return not serving.same(change.plan.after) or (seen.guard is not None and serving.guard != seen.guard)


def _take(tx: Tx, desk: Desk, id_: str, plan: Plan) -> None:
    """Once: the change that follows by itself, with the decision it rests on in the log."""
    case = _case(tx, desk, id_, lock=True)
    if case is None:
        return
    if case.against:
        stop(tx, desk, case.change, case.against)
        return
    if case.waits:
        jobs.put(tx, NewJob(f"{KIND}/{id_}", KIND, Lane.STATE, tx.now + AGAIN, {"change": id_}))
        return
    verify.conclude(tx, desk, plan.model)
    change = _change(tx, desk, case, plan)
    changes.add(tx, change)
    why = words.fill(words.of(desk.settings.slack.language).watch.agreed_with, change=case.first.id)
    for kind, told in (("change.proposed", _proposed(change)), ("change.approved", _approved(case.first))):
        said = {**told, "digest": plan.digest, "incident": change.incident}
        tx.note(Entry(change.entity, kind, tx.now, AUTOMATION, change.id, why, after=said))
    expire.put(tx, change)
    jobs.put(tx, propose.apply_job(change, tx.now), escalate.homes(tx.now))
    course.redraw(tx, change)


def _change(tx: Tx, desk: Desk, case: _Case, plan: Plan) -> Change:
    first = case.first
    return Change(
        id=changes.next_id(tx),
        plan=plan,
        step=Step.APPROVED,
        entity=first.entity,
        requested_by=first.requested_by,
        requested_at=tx.now,
        why=first.why,
        needs=first.needs,
        expires_at=tx.now + desk.settings.changes.expires,
        changed_at=tx.now,
        incident=first.incident,
        agreements=first.agreements,
        follows=case.change.id,
    )


def _proposed(change: Change) -> dict[str, Any]:
    return {
        "plan": change.plan.spelled(),
        "needs": change.needs,
        "expires_at": change.expires_at.isoformat(),
        "follows": change.follows,
        "via": VIA,
        "as": AUTOMATION,
    }


def _approved(first: Change) -> dict[str, Any]:
    """Who agreed, and to what: the first step's plan, which names all steps."""
    by = [{"by": one.by, "as": one.as_, "at": one.at.isoformat(), "digest": one.digest} for one in first.agreements]
    return {"agreed": by, "with": first.id}
