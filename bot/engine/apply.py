"""Apply an approved change: once, only to what it was planned from, and with the evidence in the log before.

What is in doubt afterwards is read from the platform, never guessed and never repeated blindly.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.contract.guard import Guard
from bot.contract.platform import Op
from bot.engine import aftermath, blast, course, evidence, forbidden, ledger, sight, work
from bot.engine.desk import Desk, Host
from bot.errors import NotFound, PluginOpen, Refused, TocsinError
from bot.failpoint import failpoint
from bot.model.change import Change, Serving, Step
from bot.model.job import Job, Lane, NewJob
from bot.store import Tx, changes, jobs, log

KIND = "apply"
REPEATED = "change.repeated"
SETTLES = 1.5  # times as long as one call may take: after that a call by another worker is over
AGAIN = timedelta(seconds=2)  # between two looks at what is in doubt
PATIENCE = 30.0  # seconds at most between two attempts to reach a platform


class Hands:
    """The handler of these jobs."""

    def __init__(self, desk: Desk) -> None:
        """`desk.hosts` are the platforms."""
        self._desk = desk

    async def apply(self, job: Job) -> work.Outcome:
        """Apply what is approved; what was being applied when its worker died is read, not applied anew."""
        id_ = str(job.payload["change"])
        change = await self._desk.store.read(lambda tx: changes.get(tx, id_))
        if change.step not in (Step.APPROVED, Step.APPLYING):
            return work.Done()
        host = self._desk.hosts.get(change.plan.connection)
        if change.step is Step.APPROVED:
            return await self._begin(change, host, job)
        return await self._doubt(change, host, "Its worker was stopped while it applied this.", fresh=False)

    async def _begin(self, change: Change, host: Host | None, job: Job) -> work.Outcome:
        """Look once more, freeze what is seen, and only then do it."""
        try:
            seen = await self._look(change, host)
        except (NotFound, Refused) as error:
            why = f"The platform says: {error}"
            return work.Done(self._expiring(change, why))
        except TocsinError as error:
            return self._unreachable(change, job, str(error))
        claimed, mine = await self._desk.store.write(lambda tx: self._claim(tx, change.id, seen))
        if mine and host is not None:
            return await self._act(claimed, host, again=False)
        if claimed.step is Step.APPLYING:  # a worker that lost its lease is at it
            return work.Later(self._desk.clock.now() + AGAIN, "another worker applies it", tried=False)
        return work.Done()

    async def _look(self, change: Change, host: Host | None) -> evidence.Seen:
        if host is None:
            raise TocsinError(f"The connection {change.plan.connection} has no platform here.", "See `tocsin doctor`.")
        serving = await sight.serving(host, change.plan.ref)
        since = await self._desk.store.read(lambda tx: _began(tx, change))
        return evidence.Seen(serving, await evidence.flow(host, change, since))

    def _unreachable(self, change: Change, job: Job, why: str) -> work.Outcome:
        """Nothing was done yet, so it is tried until the approval runs out."""
        now = self._desk.clock.now()
        if now < change.expires_at:
            pause = timedelta(seconds=min(PATIENCE, work.backoff(job.attempts)))
            return work.Later(min(now + pause, change.expires_at), why)
        return work.Done(self._expiring(change, f"Nobody could reach the platform in time: {why}"))

    def _claim(self, tx: Tx, change_id: str, seen: evidence.Seen) -> tuple[Change, bool]:
        """The change as it is now, and whether it is ours to apply: one worker finds it approved, once."""
        before = changes.get(tx, change_id, lock=True)
        if before.step is not Step.APPROVED:
            return before, False
        if why := self._against(tx, before, seen.serving):
            return self._expire(tx, before, why), False
        ledger.noticed(tx, self._desk, before.plan.model, seen.serving)
        tx.note(evidence.freeze(tx, self._desk, before, seen))
        if before.incident:
            blast.again(tx, before.incident, seen.flow, f"Before {before.id} was applied.", before.plan.model)
        plan = before.plan
        said = {"digest": plan.digest, "token": before.id, "before": plan.before.spelled(), "to": plan.after.spelled()}
        note = course.entry(before, "change.applying", tx.now, plan.effect, said)
        deadline = tx.now + plan.verify_within
        return course.advance(tx, before, Step.APPLYING, note, deadline=deadline, seen=None), True

    def _against(self, tx: Tx, change: Change, serving: Serving) -> str | None:
        """Why it may not be applied any more, though people agreed."""
        plan, own = change.plan, self._desk.settings.estate.models.get(change.plan.model)
        if not sanctioned(tx, change):
            return "The log does not say that exactly this was agreed to; propose it again."
        if tx.now >= change.expires_at:
            return f"It was to be applied before {change.expires_at:%H:%M} UTC; propose it again."
        if why := forbidden.now(tx, self._desk, change.entity, change.incident, tx.now, plan.model):
            return why
        if own is None or own.platform != plan.connection or dict(own.ref) != dict(plan.ref):
            return f"The catalogue says otherwise of {plan.model} now; propose it again."
        book = self._desk.runbooks.get(plan.runbook) if plan.runbook else None
        if plan.runbook and (book is None or book.revision != plan.revision):
            return f"The runbook {plan.runbook} was changed since; propose it again."
        return _moved(change, serving)

    def _expiring(self, change: Change, why: str) -> Callable[[Tx], None]:
        def then(tx: Tx) -> None:
            self._expire(tx, changes.get(tx, change.id, lock=True), why)

        return then

    def _expire(self, tx: Tx, before: Change, why: str) -> Change:
        if before.step is not Step.APPROVED:
            return before
        aftermath.whisper(tx, self._desk, before, f"{why} Nothing was changed.")
        return course.end(tx, before, Step.EXPIRED, f"{why} Nothing was changed.")

    async def _act(self, change: Change, host: Host, *, again: bool) -> work.Outcome:
        """The one call. What it raises is believed only where it says for certain that nothing was changed."""
        part = host.platform
        failpoint("before_apply")
        try:
            op = await host.guard.call("apply", lambda: part.apply(change.plan, change.id), idempotent=part.repeatable)
        except (NotFound, Refused, PluginOpen) as error:
            if again:  # the first attempt may be what it stumbles over
                return await self._doubt(change, host, str(error), fresh=False)
            why = f"The platform did not do it, and nothing was changed: {error}"
            return work.Done(self._ending(change, Step.FAILED, why, None))
        except TocsinError as error:
            return await self._doubt(change, host, str(error), fresh=not again)
        failpoint("after_apply")
        if op.state == "failed":
            return await self._doubt(change, host, f"The platform says that it failed: {op.detail}", fresh=False)
        return work.Done(_applied(change, op))

    async def _doubt(self, change: Change, host: Host | None, why: str, *, fresh: bool) -> work.Outcome:
        """Read what came of it. `fresh`: the call was ours, just now, and it is over."""
        now = self._desk.clock.now()
        over = host is None or now >= change.changed_at + settles(host.guard)
        try:
            if host is None:
                raise TocsinError(f"The connection {change.plan.connection} has no platform here.")
            found = await sight.serving(host, change.plan.ref)
            op = await host.guard.call("poll", lambda: host.platform.poll(change.plan, Op("pending")), idempotent=True)
        except TocsinError as error:
            if now < change.changed_at + change.plan.verify_within:
                return work.Later(now + AGAIN, str(error), tried=False)
            unread = f"{why} What serves cannot be read: {error}"
            return work.Done(self._ending(change, Step.UNKNOWN, unread, None))
        if found.same(change.plan.after) or op.state != "failed":
            return work.Done(_applied(change, op))
        may = found.same(change.plan.before) and host.platform.repeatable and (fresh or over)
        if may and await self._desk.store.write(lambda tx: _repeat(tx, change, why)):
            return await self._act(change, host, again=True)
        if not over:
            return work.Later(now + AGAIN, why, tried=False)
        said = f"{why} {course.split(found)} serves; whether it will stay so nobody can say."
        return work.Done(self._ending(change, Step.UNKNOWN, said, found))

    def _ending(self, change: Change, to: Step, why: str, seen: Serving | None) -> Callable[[Tx], None]:
        """It ended here, or nobody knows: a human is told with what was seen."""

        def then(tx: Tx) -> None:
            before = changes.get(tx, change.id, lock=True)
            if before.step is not Step.APPLYING:
                return
            if seen is not None:
                ledger.noticed(tx, self._desk, before.plan.model, seen)
            after = course.end(tx, before, to, why, seen=seen)
            aftermath.tell(tx, self._desk, after, f"{to}. {why}")

        return then


def sanctioned(tx: Tx, change: Change) -> bool:
    """Whether the log has the decision: rows may be touched by other hands, its chain shows it."""
    found = log.of_kinds(tx.sql, change.id, {"change.proposed", "change.approved"})
    kinds = {each.entry.kind for each in found}
    return len(kinds) == 2 and all(each.entry.after.get("digest") == change.plan.digest for each in found)


def _moved(change: Change, serving: Serving) -> str | None:
    """How what serves differs from what the plan was made from; None where it does not."""
    plan, serves = change.plan, course.split(serving)
    if serving.same(plan.before) and serving.guard == plan.before.guard:
        return None
    if serving.same(plan.before):
        return f"{serves} serves as when it was planned, but it was touched since; propose it again."
    if serving.same(plan.after):
        return f"{serves} serves already, by no change of ours."
    return f"{serves} serves now, and not {course.split(plan.before)} as when it was planned; propose it again."


def _applied(change: Change, op: Op) -> Callable[[Tx], None]:
    """The platform took it: from now on it is watched."""

    def then(tx: Tx) -> None:
        before = changes.get(tx, change.id, lock=True)
        if before.step is not Step.APPLYING:
            return
        said = {"op": {"state": op.state, "id": op.id, "detail": op.detail}}
        note = course.entry(before, "change.applied", tx.now, after=said)
        course.advance(tx, before, Step.VERIFYING, note, deadline=tx.now + before.plan.verify_within)
        jobs.put(tx, NewJob(f"verify/{change.id}", "verify", Lane.STATE, tx.now, {"change": change.id, **said}))

    return then


def _repeat(tx: Tx, change: Change, why: str) -> bool:
    """Whether it may be sent once more; that it was is written down before."""
    now = changes.get(tx, change.id, lock=True)
    if now.step is not Step.APPLYING or log.of_kinds(tx.sql, change.id, {REPEATED}):
        return False
    tx.note(course.entry(now, REPEATED, tx.now, f"{why} It serves as before, so it is sent once more."))
    return True


def _began(tx: Tx, change: Change) -> datetime:
    """Since when the trouble counts: its incident's first alert, else the request."""
    return blast.since(tx, change.incident) if change.incident else change.requested_at


def settles(guard: Guard) -> timedelta:
    """How long after it began a call that nobody has heard of since may still do something."""
    return timedelta(seconds=guard.deadline * SETTLES)
