"""The worker: claims due jobs, does each by its handler, settles it under its fence.

It sleeps until the earliest due row it knows, is woken by new jobs (its own process's and, as a hint, other
replicas'), and sweeps every second as the safety net. No timer in memory holds truth.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from bot import telemetry
from bot.contract import http
from bot.engine import gathered
from bot.engine.desk import Desk
from bot.errors import LeaseLost, NotDelivered, StoreDown, TocsinError
from bot.failpoint import failpoint
from bot.model.job import Job, Lane
from bot.store import Tx, jobs

SWEEP = 1.0  # seconds between looks at the table when nobody wakes us
RENEW = jobs.LEASE / 3
YIELD = timedelta(seconds=10)  # how long digests, for which nobody waits, make room for all the rest
SLOTS = {Lane.PAGE: 64, Lane.STATE: 8, Lane.CARD: 16, Lane.DIGEST: 2}
GIVE_UP = 200  # attempts; at a minute each that is hours, and a card nobody could draw for hours is old news

T = TypeVar("T")

log = telemetry.logger("work")


@dataclass(frozen=True)
class Done:
    """The job is over; `then` runs in the transaction that says so."""

    then: Callable[[Tx], None] | None = None


@dataclass(frozen=True)
class Joint(Generic[T]):
    """A `then` that is written for many jobs at once, by `act(tx, [what, ...])`."""

    act: Callable[[Tx, Sequence[T]], None]
    what: T

    def __call__(self, tx: Tx) -> None:
        """Write this one alone."""
        self.act(tx, [self.what])


@dataclass(frozen=True)
class Later:
    """Try again at `at`; not `tried`, it was only not its turn. `then` runs in the transaction that says so."""

    at: datetime
    why: str
    tried: bool = True
    then: Callable[[Tx], None] | None = None


@dataclass(frozen=True)
class Dead:
    """It can never be done; `then` runs in the transaction that says so."""

    why: str
    then: Callable[[Tx], None] | None = None


Outcome = Done | Later | Dead
Handler = Callable[[Job], Awaitable[Outcome]]


def inside(desk: Desk, act: Callable[[Tx, Desk, Job], None]) -> Handler:
    """The handler of jobs that are done in the transaction that settles them, so that each is done exactly once."""

    async def handler(job: Job) -> Outcome:
        return Done(lambda tx: act(tx, desk, job))

    return handler


class Worker:
    """Does the jobs of every lane, each lane within its own number of slots."""

    def __init__(
        self, desk: Desk, handlers: Mapping[str, Handler], *, owner: str, slots: Mapping[Lane, int] | None = None
    ) -> None:
        """`owner` names this process among all replicas and never comes twice."""
        self._desk = desk
        self._handlers = handlers
        self._owner = owner
        self._slots = dict(slots or SLOTS)
        self._busy: dict[asyncio.Task[None], Job] = {}
        self._wake = asyncio.Event()
        self._due: datetime | None = None  # the earliest due row we know of
        self._yielding: datetime | None = None  # since when digests have made room
        self._stopping = False
        self._stopped = asyncio.Event()
        self._joint = gathered.Gathered(self._settle_joint)

    def wake(self, due: datetime | None = None) -> None:
        """New work is due at `due` (None: look now)."""
        if due is None or self._due is None or due < self._due:
            self._due = due or self._desk.clock.now()
            self._wake.set()

    async def run(self) -> None:
        """Work until `stop`; a database that fails is tried again, never given up."""
        renewal = asyncio.create_task(self._renew())
        try:
            async with http.kept():  # what is sent while it works shares connections
                await self._rounds()
                await self._stopped.wait()  # work in hand keeps its leases to the end
        finally:
            renewal.cancel()

    async def _rounds(self) -> None:
        while not self._stopping:
            try:
                await self._round()
            except StoreDown as down:
                log.error("the worker cannot reach the database", reason=str(down))
                await asyncio.sleep(SWEEP)
            except Exception:  # a door: without a worker nobody is paged, so it goes on whatever happens
                log.exception("the worker stumbled")
                await asyncio.sleep(SWEEP)

    async def stop(self, deadline: float) -> None:
        """Claim nothing more, let work in hand finish for `deadline` seconds, then give the rest back."""
        self._stopping = True
        self._wake.set()
        if self._busy:
            await asyncio.wait(list(self._busy), timeout=deadline)
        for task in list(self._busy):
            task.cancel()
        self._stopped.set()
        await self._give_back()

    async def drain(self) -> None:
        """For tests in frozen time: do everything that is due by the clock, until nothing is."""
        while True:
            found = await self._claim()
            if not found and not self._busy:
                return
            await asyncio.wait(list(self._busy))

    async def _round(self) -> None:
        self._wake.clear()
        now, free = self._desk.clock.now(), self._free()
        if self._due is None and free:
            lanes = tuple(free)  # what is due in a lane without a slot cannot be claimed, so it may not wake us
            due = await self._desk.store.read(lambda tx: jobs.next_due(tx, lanes))
            if not self._wake.is_set():  # nobody woke us meanwhile
                self._due = due or now + timedelta(seconds=SWEEP)
        if free and self._due is not None and self._due <= now:
            await self._claim()
            return
        wait = (self._due - now).total_seconds() if free and self._due else SWEEP
        try:
            async with asyncio.timeout(min(SWEEP, max(0.0, wait))):
                await self._wake.wait()
        except TimeoutError:
            if wait >= SWEEP:
                self._due = None  # look at the table: another replica may have put something there

    def _free(self) -> dict[Lane, int]:
        free = dict(self._slots)
        for job in self._busy.values():
            free[job.lane] -= 1
        if self._making_room():
            free[Lane.DIGEST] = 0
        return {lane: slots for lane, slots in free.items() if slots > 0}

    def _making_room(self) -> bool:
        """Whether digests wait because something better is in hand; not for ever, or a long storm would starve them."""
        now = self._desk.clock.now()
        if all(job.lane is Lane.DIGEST for job in self._busy.values()):
            self._yielding = None
            return False
        self._yielding = self._yielding or now
        return now - self._yielding < YIELD

    async def _claim(self) -> list[Job]:
        if self._stopping:
            return []
        self._due = None
        now, free = self._desk.clock.now(), self._free()
        # A claim that a power cut undoes leaves the job as it was, so it need not wait for the disk.
        found, due = await self._desk.store.write(lambda tx: self._take(tx, now, free), durable=False)
        if self._stopping:  # `stop` ran meanwhile and gave back what it saw
            await self._give_back()
            return []
        for job in found:
            failpoint("after_claim")
            telemetry.JOB_LATENESS.labels(job.lane.name.lower()).observe(max(0.0, (now - job.due_at).total_seconds()))
            task = asyncio.create_task(self._do(job))
            self._busy[task] = job
            task.add_done_callback(self._finished)
        taken, still = Counter(job.lane for job in found), self._free()
        if any(taken[lane] == slots and lane in still for lane, slots in free.items()):
            self._due = now  # a lane got every slot it had, and others of its slots are free by now
        elif self._due is None:  # nobody woke us meanwhile
            self._due = due or now + timedelta(seconds=SWEEP)
        return found

    def _take(self, tx: Tx, now: datetime, free: dict[Lane, int]) -> tuple[list[Job], datetime | None]:
        """Claim what is due, and see what is due next in the lanes that still have a slot."""
        found = jobs.claim(tx, self._owner, now, free)
        taken = Counter(job.lane for job in found)
        return found, jobs.next_due(tx, tuple(lane for lane, slots in free.items() if slots > taken[lane]))

    async def _give_back(self) -> None:
        await self._desk.store.write(lambda tx: jobs.release(tx, self._owner))

    def _finished(self, task: asyncio.Task[None]) -> None:
        job = self._busy.pop(task)
        if self._free().get(job.lane) == 1:
            self.wake()  # its lane was full, so work may be waiting for this slot
        if not task.cancelled() and (error := task.exception()):
            log.error("a job could not be settled", reason=repr(error))

    async def _do(self, job: Job) -> None:
        outcome = await self._outcome(job)
        failpoint("before_settle")
        try:
            label = await self._settle(job, outcome)
        except LeaseLost as lost:
            label = "lost"
            log.warning("a job was given to another worker before it was settled", job=job.key, reason=str(lost))
        except StoreDown as down:
            label = "unsettled"  # its lease runs out, and it is claimed again
            log.error("a job could not be settled", job=job.key, reason=str(down))
        telemetry.JOBS.labels(job.kind, label).inc()

    async def _settle(self, job: Job, outcome: Outcome) -> str:
        """Write the outcome; one whose `then` fails wrote nothing, so it counts as a failure of the job."""
        try:
            if isinstance(outcome, Done) and isinstance(outcome.then, Joint):
                await self._joint.ask((job, outcome.then))
            else:
                await self._desk.store.write(lambda tx: _settle(tx, job, outcome))
        except (LeaseLost, StoreDown):
            raise
        except Exception as error:  # a door, as around the handler itself
            outcome = self._failure(job, error)
            await self._desk.store.write(lambda tx: _settle(tx, job, outcome))
        return type(outcome).__name__.lower()

    async def _settle_joint(self, ended: Sequence[tuple[Job, Joint[Any]]]) -> Sequence[None]:
        """All are done, or none is: then each is settled by itself."""
        if len(ended) == 1:
            await self._desk.store.write(lambda tx: _settle(tx, ended[0][0], Done(ended[0][1])))
        else:
            await self._desk.store.write(lambda tx: _settle_all(tx, ended))
        return [None] * len(ended)

    async def _outcome(self, job: Job) -> Outcome:
        """What the handler says; a failure becomes another try, or the end when trying again is no use."""
        handler = self._handlers.get(job.kind)
        if handler is None:
            return Later(self._desk.clock.now() + timedelta(minutes=1), f"nobody here does {job.kind!r} jobs")
        try:
            return await handler(job)
        except Exception as error:  # a door: one broken job must not stop the others
            return self._failure(job, error)

    def _failure(self, job: Job, error: Exception) -> Outcome:
        if isinstance(error, NotDelivered) and error.after is not None:
            return later(self._desk.clock.now(), error)
        if isinstance(error, TocsinError):
            log.warning("a job failed", job=job.key, attempt=job.attempts, reason=str(error))
            return self._again(job, str(error)) if error.retry else Dead(str(error))
        log.error("a job broke", job=job.key, attempt=job.attempts, exc_info=error)
        return self._again(job, repr(error))

    def _again(self, job: Job, why: str) -> Outcome:
        if job.attempts >= GIVE_UP:
            return Dead(f"given up after {job.attempts} attempts: {why}")
        return Later(self._desk.clock.now() + timedelta(seconds=backoff(job.attempts)), why)

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(RENEW)
            ids = [job.id for job in self._busy.values()]
            try:
                await self._desk.store.write(lambda tx, ids=ids: jobs.renew(tx, self._owner, ids), durable=False)  # type: ignore[misc]
            except Exception as error:  # a door, as in `run`
                log.error("leases could not be renewed", reason=str(error))


def later(now: datetime, error: NotDelivered) -> Later:
    """When the destination said that it is this message's turn; nothing was attempted."""
    return Later(now + timedelta(seconds=error.after or 0.0), str(error), tried=False)


def backoff(attempts: int) -> float:
    """Seconds before the next attempt: 1, 2, 4 ... at most a minute."""
    return float(min(60, 2 ** min(attempts - 1, 6)))


def _settle(tx: Tx, job: Job, outcome: Outcome) -> None:
    match outcome:
        case Done():
            jobs.settle(tx, job, "done")
        case Later(at=at, why=why, tried=tried):
            jobs.defer(tx, job, at, why, tried=tried)
        case Dead(why=why):
            jobs.settle(tx, job, "dead", why)
    if outcome.then is not None:
        outcome.then(tx)


def _settle_all(tx: Tx, ended: Sequence[tuple[Job, Joint[Any]]]) -> None:
    jobs.settle_all(tx, [job for job, _ in ended])
    whats: dict[Callable[[Tx, Sequence[Any]], None], list[Any]] = {}
    for _, joint in ended:
        whats.setdefault(joint.act, []).append(joint.what)
    for act, found in whats.items():
        act(tx, found)
