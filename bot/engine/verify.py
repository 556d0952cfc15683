"""Watch an applied change until it is seen to serve, then whether the trouble it was made for is over."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.contract.platform import Op
from bot.engine import aftermath, course, ledger, measured, sight, watch, work
from bot.engine.desk import Desk, Host
from bot.errors import TocsinError
from bot.model.change import Change, Serving, Step
from bot.model.incident import ENDED, Incident
from bot.model.job import Job, Lane, NewJob
from bot.rules import recovery
from bot.rules.recovery import Found, Recovery
from bot.store import Tx, alerts, changes, incidents, jobs

KIND = "verify"
WATCH = timedelta(minutes=30)  # how long the metric is waited for
PACE = timedelta(seconds=10)  # between two looks, at most; the first come quicker
SOONEST = timedelta(seconds=1)


class Eyes:
    """The handler of these jobs."""

    def __init__(self, desk: Desk) -> None:
        """`desk.hosts` are the platforms."""
        self._desk = desk

    async def look(self, job: Job) -> work.Outcome:
        """Look once; what is not decided yet is looked at again."""
        id_ = str(job.payload["change"])
        change = await self._desk.store.read(lambda tx: changes.get(tx, id_))
        if change.step is not Step.VERIFYING:
            return work.Done()
        host = self._desk.hosts.get(change.plan.connection)
        if change.seen is not None:
            return await self._recovering(change, host)
        return await self._serving(change, host, _op(job.payload))

    async def _serving(self, change: Change, host: Host | None, op: Op) -> work.Outcome:
        """Whether it serves yet. Only at the deadline, or when the platform is at rest, is it said that it does not."""
        now = self._desk.clock.now()
        late = change.deadline is not None and now >= change.deadline
        try:
            found, op = await self._ask(change, host, op)
        except TocsinError as error:
            if not late:
                return work.Later(now + _pace(change, now), str(error), tried=False)
            why = f"What serves cannot be read: {error}"
            return work.Done(self._missed(change, why, None))
        if found.serving.same(change.plan.after) and found.agrees:
            return work.Done(lambda tx: self._seen(tx, change.id, found))
        if op.state == "failed" and not found.serving.same(change.plan.after):
            return work.Done(self._missed(change, f"The platform says that it failed: {op.detail}", found))
        if late:
            within = int(change.plan.verify_within.total_seconds())
            return work.Done(self._missed(change, f"It was not seen to serve within {within} s.", found))
        return work.Later(now + _pace(change, now), "not seen to serve yet", tried=False)

    async def _ask(self, change: Change, host: Host | None, op: Op) -> tuple[sight.Sight, Op]:
        if host is None:
            raise TocsinError(f"The connection {change.plan.connection} has no platform here.", "See `tocsin doctor`.")
        found = await sight.look(host, change.plan)
        if found.serving.same(change.plan.after) or op.state == "done":
            return found, op
        return found, await host.guard.call("poll", lambda: host.platform.poll(change.plan, op), idempotent=True)

    def _seen(self, tx: Tx, change_id: str, found: sight.Sight) -> None:
        """It serves: the ledger has it. With an incident it is watched on."""
        before = changes.get(tx, change_id, lock=True)
        if before.step is not Step.VERIFYING or before.seen is not None:
            return
        ledger.arrived(tx, before, found.serving, f"It was seen to serve, {found.why}.")
        watch.began(tx, self._desk, before)
        if before.incident is None:
            alone = Found(None, "It was made for no incident, so no metric has to recover.")
            _finish(tx, self._desk, before, alone, found.serving)
            return
        seen = replace(before, seen=found.serving, deadline=tx.now + WATCH, changed_at=tx.now)
        changes.save(tx, before, replace(seen, version=before.version + 1))
        course.redraw(tx, before)
        jobs.put(tx, _job(before, tx.now))

    def _missed(self, change: Change, why: str, found: sight.Sight | None) -> Callable[[Tx], None]:
        """It failed where what was before still serves; else nobody can say, and a human hears what was seen."""

        def then(tx: Tx) -> None:
            before = changes.get(tx, change.id, lock=True)
            if before.step is not Step.VERIFYING or before.seen is not None:
                return
            plan, serving = before.plan, found.serving if found else None
            said = f"{why} {course.split(serving)} serves." if serving else why
            if found and found.serving.same(plan.after):
                said = f"{why} The pointer says {course.split(found.serving)}, but {found.why}."
                ledger.arrived(tx, before, found.serving, "Its pointer was moved; what answers does not agree.")
            elif serving:
                ledger.noticed(tx, self._desk, plan.model, serving)
            to = Step.FAILED if serving and serving.same(plan.before) else Step.UNKNOWN
            after = course.end(tx, before, to, said, seen=serving)
            aftermath.tell(tx, self._desk, after, f"{to}. {said}")

        return then

    async def _recovering(self, change: Change, host: Host | None) -> work.Outcome:
        """It serves; while its metric is waited for somebody else may move it away."""
        serving: Serving | None = None
        if host is not None:
            try:
                serving = await sight.serving(host, change.plan.ref)
            except TocsinError:
                serving = None  # what monitors say counts without it
        return work.Done(lambda tx: self._watch(tx, change.id, serving))

    def _watch(self, tx: Tx, change_id: str, serving: Serving | None) -> None:
        before = changes.get(tx, change_id, lock=True)
        if before.step is not Step.VERIFYING or before.seen is None:
            return
        if serving is not None and not serving.same(before.plan.after):
            ledger.noticed(tx, self._desk, before.plan.model, serving)
            why = f"{course.split(serving)} serves now, by no change of ours, before anything could be told."
            _finish(tx, self._desk, before, Found(Recovery.INCONCLUSIVE, why), serving)
            return
        found = judge(tx, before)
        if found.recovery is not None:
            _finish(tx, self._desk, before, found)
        elif before.deadline is None or tx.now >= before.deadline:
            minutes = int(WATCH.total_seconds() // 60)
            why = f"Nothing conclusive was heard within {minutes} minutes. {found.why}"
            _finish(tx, self._desk, before, replace(found, recovery=Recovery.INCONCLUSIVE, why=why))
        else:
            jobs.put(tx, _job(before, tx.now + PACE))


def conclude(tx: Tx, desk: Desk, model: str) -> None:
    """What already serves and only waits for its metric ends now, so that the next change of its model can be made.

    Nothing happens where no change, or one that is not that far, holds the lock.
    """
    change = changes.open_of(tx, model)
    if change is None or not change.serves:
        return
    found = judge(tx, change)
    if found.recovery is None:
        why = f"The next change was asked for before anything could be told. {found.why}"
        found = replace(found, recovery=Recovery.INCONCLUSIVE, why=why)
    _finish(tx, desk, change, found)


def _finish(tx: Tx, desk: Desk, before: Change, found: Found, serving: Serving | None = None) -> None:
    """Done: it was seen to serve. What that did is said as it is; a next step is proposed, never taken."""
    said = {"recovery": found.recovery, "samples": found.samples, "metric": before.plan.metric}
    verdict = f" {found.recovery.capitalize()}:" if found.recovery else ""
    why = f"It was seen to serve {course.split(before.plan.after)}.{verdict} {found.why}"
    after = course.end(tx, before, Step.DONE, why, seen=serving or before.seen, after=said)
    if found.recovery is Recovery.RECOVERED:
        aftermath.mitigate(tx, after, why)
    elif found.recovery is Recovery.INCONCLUSIVE:
        aftermath.whisper(tx, desk, after, why)
    elif found.recovery is Recovery.WORSE:
        step = f"Nothing more was done. Proposed: take it back with `tocsin change undo {after.id}`, or go on by the"
        aftermath.tell(tx, desk, after, f"{why} {step} runbook {before.plan.runbook}.".replace(" .", "."))


def judge(tx: Tx, change: Change) -> Found:
    """What monitors say since it serves: by the plan's metric, else by whether the incident's alerts resolved."""
    since, metric = change.changed_at, change.plan.metric
    found = Found(None, "Its runbook names no metric.")
    if metric is not None:
        found = recovery.judge(
            metric, measured.before(tx, change, metric, since), measured.since(tx, change, metric, since)
        )
        if found.recovery is not None:
            return found
    incident = _incident(tx, change)
    if incident is None:
        return found
    over = recovery.ended(alerts.of(tx, incident.id, measured.LOOKED), since)
    if over.recovery is not None:
        return replace(over, samples=found.samples)
    if not incident.open and incident.resolution != ENDED:
        why = f"{incident.id} was closed by hand while alerts still fired. {found.why}"
        return replace(found, recovery=Recovery.INCONCLUSIVE, why=why)
    return replace(found, why=f"{found.why} {over.why}")


def _incident(tx: Tx, change: Change) -> Incident | None:
    """The one that goes on for it."""
    if change.incident is None:
        return None
    found = incidents.get(tx, change.incident)
    while found.merged_into is not None:
        found = incidents.get(tx, found.merged_into)
    return found


def _job(change: Change, due: datetime) -> NewJob:
    return NewJob(f"{KIND}/{change.id}", KIND, Lane.STATE, due, {"change": change.id})


def _op(payload: Mapping[str, Any]) -> Op:
    return Op(**payload["op"]) if "op" in payload else Op("pending")


def _pace(change: Change, now: datetime) -> timedelta:
    """Quick at first: most platforms switch within a moment, the others take minutes."""
    return max(SOONEST, min(PACE, (now - change.changed_at) / 4))
