"""Judge anew what is held back once the reason may be gone: jobs of kind `release`, and who asks for them."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime

from bot.engine.desk import Desk
from bot.model.held import Held
from bot.model.incident import Incident
from bot.model.job import Job, Lane, NewJob
from bot.model.silence import Silence
from bot.store import Tx, held, inhibitors, jobs

MANY = 1000  # held alerts that are judged in one transaction

Again = Callable[[Tx, Desk, Sequence[Held], datetime], object]  #: judges them anew and books those that are free


def ask(tx: Tx, due: datetime) -> None:
    """Have everything that is held judged anew from `due` on."""
    jobs.put(tx, NewJob("release", "release", Lane.STATE, due))


def at(tx: Tx, silence: Silence) -> None:
    """Have everything that is held judged anew when this silence is over."""
    jobs.put(tx, job(silence))


def job(silence: Silence) -> NewJob:
    """The wish that `at` puts down."""
    return NewJob(f"release/{silence.id}", "release", Lane.STATE, silence.until)


def closed(tx: Tx, incident: Incident) -> None:
    """What this incident held back is judged anew, now that it is closed; for whoever closes one."""
    over(tx, incidents=[incident.id])


def over(tx: Tx, problems: Sequence[str] = (), incidents: Sequence[str] = ()) -> None:
    """The same for problems that fire no more, and for incidents that are closed."""
    if (problems or incidents) and inhibitors.forget(tx, problems, incidents) and held.any_(tx):
        ask(tx, tx.now)


def merged(tx: Tx, was: Incident, into: Incident) -> None:
    """What an incident held back is held by the one that goes on in its place."""
    inhibitors.move(tx, was.id, into.id)
    held.move(tx, was.id, into.id)


def sweep(tx: Tx, now: datetime) -> None:
    """Have whatever is held judged anew; every minute, too, as the safety net, should nobody have asked for it."""
    if held.any_(tx):
        ask(tx, now)


def ring(tx: Tx, desk: Desk, job: Job, *, again: Again) -> None:
    """Judge them anew; `again` is intake's: what is no longer held is booked as if it came in now."""
    rows = held.chunk(tx, str(job.payload.get("after", "")), MANY)
    if rows:
        again(tx, desk, rows, tx.now)
    if len(rows) == MANY:
        last = rows[-1].alert.problem
        # A key of its own: whoever asks meanwhile begins anew, and this round goes on all the same.
        key = f"release/after/{hashlib.sha256(last.encode(errors='surrogatepass')).hexdigest()[:16]}"
        jobs.put(tx, NewJob(key, "release", Lane.STATE, tx.now, {"after": last}))
