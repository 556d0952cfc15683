"""What must be heard of regularly: its silence is an alert like any other, and its next beat resolves that."""

import difflib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import documents
from bot.contract.source import Delivery
from bot.engine import intake, work
from bot.engine.desk import Desk
from bot.errors import NotFound
from bot.model.alert import Alert, Kind, Measure, Status
from bot.model.job import Job, Lane, NewJob
from bot.settings import Heartbeat
from bot.store import Tx, heartbeats, jobs
from bot.store.heartbeats import Pulse

SOURCE = "heartbeat"  #: of its alerts, and their connection
REST = timedelta(minutes=1)  # after a start, at least: senders could not reach us before


@dataclass(frozen=True, slots=True)
class Beat:
    """What became of a beat."""

    name: str
    next_due: datetime  #: when its silence becomes an alert
    incidents: tuple[str, ...] = ()  #: those whose alert it resolved


def find(waited: Sequence[Heartbeat], name: str) -> Heartbeat:
    """The heartbeat of that name; NotFound with those that are spelled like it."""
    for one in waited:
        if one.name == name:
            return one
    near = difflib.get_close_matches(name[:100], [one.name for one in waited], n=3)
    cure = f"Did you mean {' or '.join(near)}?" if near else "Name one from `heartbeats:` in tocsin.yaml."
    raise NotFound(f"There is no heartbeat {name[:60]!r}.", cure)


async def beat(desk: Desk, own: Heartbeat, now: datetime) -> Beat:
    """It was heard of at `now`; its silence, if it was an alert, is over."""
    return await desk.store.write(lambda tx: _beat(tx, desk, own, now))


def _beat(tx: Tx, desk: Desk, own: Heartbeat, now: datetime) -> Beat:
    pulse = heartbeats.locked(tx, own.name) or heartbeats.add(tx, own.name, now)
    over = _resolve(tx, desk, pulse, own, now) if pulse.silent else ()
    heartbeats.heard(tx, own.name, max(now, pulse.heard_at))
    next_due = max(now, pulse.heard_at) + own.every + own.grace
    jobs.put(tx, _timer(own.name, next_due))
    return Beat(own.name, next_due, over)


def recur(tx: Tx, waited: Collection[Heartbeat], now: datetime) -> None:
    """Ask for a look at all of them, where there are any: what the configuration added or left out, and lost timers."""
    if waited or heartbeats.every(tx):
        jobs.put(tx, NewJob("heartbeats", "heartbeats", Lane.STATE, now))


class Heartbeats:
    """The handlers of their timers."""

    def __init__(self, desk: Desk) -> None:
        """Its start is the bot's own: before that nobody could be heard."""
        self._desk = desk
        self._since = desk.clock.now()

    async def look(self, job: Job) -> work.Outcome:
        """Wait for what is new in the configuration, and for what it left out no more."""
        now = self._desk.clock.now()
        await self._desk.store.write(lambda tx: _look(tx, self._desk, now))
        return work.Done()

    async def ring(self, job: Job) -> work.Outcome:
        """Its time is up: unless it was heard meanwhile, its silence is told of, and again after each interval."""
        name, now = str(job.payload["name"]), self._desk.clock.now()
        due = await self._desk.store.write(lambda tx: self._ring(tx, name, now))
        return work.Later(due, "not due yet", tried=False) if due else work.Done()

    def _ring(self, tx: Tx, name: str, now: datetime) -> datetime | None:
        """When to look again; None: never."""
        own = next((one for one in self._desk.settings.heartbeats if one.name == name), None)
        pulse = heartbeats.locked(tx, name)
        if own is None:
            if pulse:
                _retire(tx, self._desk, pulse, now)
            return None
        pulse = pulse or heartbeats.add(tx, name, now)
        due = max(pulse.heard_at + own.every + own.grace, self._since + max(own.grace, REST))
        if now < due:
            return due
        _book(tx, self._desk, _alert(own, pulse, Status.FIRING, now), now)
        heartbeats.say(tx, name, silent=True)
        return now + max(own.every, REST)


def _look(tx: Tx, desk: Desk, now: datetime) -> None:
    waited = {one.name: one for one in desk.settings.heartbeats}
    known = {pulse.name: pulse for pulse in heartbeats.every(tx)}
    for name in known.keys() - waited.keys():
        if pulse := heartbeats.locked(tx, name):
            _retire(tx, desk, pulse, now)
    for name in sorted(waited.keys() - known.keys()):
        known[name] = heartbeats.add(tx, name, now)
    for name, own in waited.items():
        due = known[name].heard_at + own.every + own.grace
        if not known[name].silent:  # one that is rings by itself until it is heard
            jobs.put(tx, _timer(name, due))


def _retire(tx: Tx, desk: Desk, pulse: Pulse, now: datetime) -> None:
    """It was taken out of the configuration: nobody waits for it any more, so its silence is no fault."""
    if pulse.silent:
        _resolve(tx, desk, pulse, None, now)
    heartbeats.forget(tx, pulse.name)


def _resolve(tx: Tx, desk: Desk, pulse: Pulse, own: Heartbeat | None, now: datetime) -> tuple[str, ...]:
    """The incidents its alert was in. Where a runbook wants several clean evaluations, the alert stands until then."""
    alert = _alert(own or Heartbeat(pulse.name, timedelta(0)), pulse, Status.RESOLVED, now)
    receipt = _book(tx, desk, alert, now)
    heartbeats.say(tx, pulse.name, silent=bool(receipt.repeat))
    return tuple(sorted(receipt.incidents))


def _book(tx: Tx, desk: Desk, alert: Alert, now: datetime) -> intake.Receipt:
    return intake.book(tx, desk, [intake.Arrived(SOURCE, Delivery(alerts=(alert,)))], now)[0]


def _alert(own: Heartbeat, pulse: Pulse, status: Status, now: datetime) -> Alert:
    """Its silence, which began to count when it was over its limit; the same for each look at one silence."""
    silence, limit = now - pulse.heard_at, own.every + own.grace
    measure = Measure("seconds_since_last_beat", silence.total_seconds(), limit.total_seconds(), ">")
    firing = status is Status.FIRING
    return Alert(
        source=SOURCE,
        connection=SOURCE,
        problem=f"{SOURCE}:{own.name}",
        title=f"No heartbeat of {own.name}",
        status=status,
        kind=Kind.FRESHNESS,
        started_at=pulse.heard_at + limit,
        started_inferred=not firing,  # whatever silence of it is known, it is over
        ended_at=None if firing else now,
        model=own.model,
        environment=own.environment,
        entity=own.entity,
        severity=own.severity,
        summary=_summary(pulse, limit) if firing else "",
        measures=(measure,) if firing else (),
        labels={"heartbeat": own.name},
    )


def _summary(pulse: Pulse, limit: timedelta) -> str:
    heard = f"It was heard last at {_clock(pulse.heard_at)}"
    if pulse.beat_at is None:
        heard = f"It was never heard since {_clock(pulse.since)}, when it was first waited for"
    return f"{heard}; it may be silent for {documents.written(limit)}."


def _clock(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def _timer(name: str, due: datetime) -> NewJob:
    return NewJob(f"heartbeat/{name}", "heartbeat", Lane.STATE, due, {"name": name})
