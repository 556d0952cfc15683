"""The time door: enqueues what recurs, which wakes a worker; it holds no truth, so any replica may run it."""

from collections.abc import Awaitable, Callable, Collection, Iterable
from datetime import datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot import telemetry
from bot.clock import Clock
from bot.engine import (
    calendar_layer,
    checkpoint,
    coverage,
    disarmed,
    figures,
    handover_digest,
    handover_turns,
    heartbeat,
    lapse,
    ledger,
    nudge,
    release,
    retention,
    retrain_digest,
    retrain_schedule,
    selftest_weekly,
    trial_schedule,
    waysback,
    work,
)
from bot.engine.desk import Desk
from bot.errors import StoreDown
from bot.model.job import Job, Lane, NewJob
from bot.settings import Heartbeat
from bot.store import Tx, change_events, evaluations, jobs, receipts, seen

COVER = 600  # seconds between two looks at a month of incidents
KEEP_EVALUATIONS = timedelta(days=180)  # of a problem nobody spoke of since: a weekly monitor's last twenty or so
KEEP_JOBS = timedelta(days=7)  # settled jobs; what they did stands in the log

log = telemetry.logger("ticker")


class Ticker:
    """Rings every five seconds to measure, every minute for what recurs; workers sweep by themselves."""

    def __init__(self, desk: Desk) -> None:
        """Nothing rings before `start`."""
        self._desk = desk
        self._scheduler = AsyncIOScheduler(timezone="UTC")

    def start(self) -> None:
        """Begin ringing; needs a running loop."""
        self._every(5, self._measure)
        self._every(COVER, self._cover)
        self._every(60, self._recur)
        self._scheduler.start()

    def stop(self) -> None:
        """Stop ringing."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def _every(self, seconds: int, act: Callable[[], Awaitable[None]]) -> None:
        # misfire_grace_time None: a late ring still rings; its default of one second would drop it.
        self._scheduler.add_job(
            act, "interval", seconds=seconds, misfire_grace_time=None, coalesce=True, max_instances=1
        )

    async def _measure(self) -> None:
        try:
            await measure(self._desk)
        except StoreDown as down:
            log.error("the queue could not be measured", reason=str(down))

    async def _cover(self) -> None:
        try:
            await coverage.measure(self._desk, self._desk.clock.now())
            await waysback.measure(self._desk)
            await disarmed.measure(self._desk)
            await checkpoint.measure(self._desk)
            await figures.measure(self._desk, self._desk.clock.now())
        except StoreDown as down:
            log.error(
                "the coverage of runbooks, ways back, tiers, checkpoints and figures could not be measured",
                reason=str(down),
            )

    async def _recur(self) -> None:
        now = self._desk.clock.now()
        try:
            own = self._desk.settings
            await self._desk.store.write(
                lambda tx: recur(tx, now, own.slack.usergroups, own.heartbeats, own.slack.topics)
            )
            await self._desk.store.write(lambda tx: ledger.recur(tx, self._desk, now))
            await self._desk.store.write(lambda tx: checkpoint.recur(tx, self._desk, now))
            await self._desk.store.write(lambda tx: calendar_layer.recur(tx, self._desk, now))
            await self._desk.store.write(lambda tx: trial_schedule.recur(tx, self._desk, now))
            await self._desk.store.write(lambda tx: retrain_schedule.recur(tx, self._desk, now))
            await self._desk.store.write(lambda tx: retrain_digest.recur(tx, self._desk, now))
            await handover_turns.recur(self._desk, now)
            await self._desk.store.write(lambda tx: handover_digest.recur(tx, self._desk, now))
            await self._desk.store.write(lambda tx: retention.recur(tx, self._desk, now))
        except StoreDown as down:
            log.error("recurring work could not be enqueued", reason=str(down))


async def measure(desk: Desk) -> None:
    """Set the gauges that tell whether jobs are late."""
    now = desk.clock.now()
    every = tuple(Lane)
    oldest, outbox = await desk.store.read(
        lambda tx: (jobs.oldest_due(tx, now, every), jobs.oldest_due(tx, now, (Lane.PAGE, Lane.CARD)))
    )
    telemetry.OLDEST_DUE_JOB.set(_age(oldest, now))
    telemetry.OUTBOX_AGE.set(_age(outbox, now))


def _age(due: datetime | None, now: datetime) -> float:
    return max(0.0, (now - due).total_seconds()) if due else 0.0


def recur(
    tx: Tx,
    now: datetime,
    grouped: Iterable[str] = (),
    waited: Collection[Heartbeat] = (),
    titled: Iterable[str] = (),
) -> None:
    """Enqueue what recurs under (name, fire time), so that any number of replicas enqueue it once.

    `grouped` are the rotas whose user groups are looked at every minute, each at the next full one; `waited` are the
    heartbeats, `titled` the rotas whose channel topics are looked at as often.
    """
    hour = now.replace(minute=0, second=0, microsecond=0)
    jobs.put_once(tx, NewJob(f"tidy/{hour.isoformat()}", "tidy", Lane.DIGEST, hour))
    nudge.recur(tx, now)
    selftest_weekly.recur(tx, now)
    waysback.recur(tx, now)
    disarmed.recur(tx, now)
    heartbeat.recur(tx, waited, now)
    lapse.recur(tx, now)
    release.sweep(tx, now)
    minute = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    jobs.put(tx, *(NewJob(f"group/{rota}", "group", Lane.DIGEST, minute, {"rota": rota}) for rota in grouped))
    jobs.put(tx, *(NewJob(f"topic/{rota}", "topic", Lane.DIGEST, minute, {"rota": rota}) for rota in titled))


class Tidy:
    """The handler that forgets what has run out."""

    def __init__(self, clock: Clock) -> None:
        """Needs only the time."""
        self._clock = clock

    async def tidy(self, job: Job) -> work.Outcome:
        """Forget settled jobs, what was seen long ago, old change events and receipts nobody may ask for any more."""
        before = self._clock.now() - KEEP_JOBS

        def then(tx: Tx) -> None:
            jobs.prune(tx, before)
            seen.prune(tx)
            receipts.prune(tx)
            change_events.prune(tx)
            evaluations.prune(tx, tx.now - KEEP_EVALUATIONS)

        return work.Done(then)
