"""What is owed once an incident is over: its postmortem is drafted at once, and its owner hears while it is late."""

from datetime import datetime

from bot import words
from bot.engine import escalate, postmortem, rota_news, work
from bot.engine import postmortem_wanted as wanted
from bot.engine.desk import Desk
from bot.engine.roster import Asking
from bot.model.job import Job, Lane, NewJob
from bot.model.postmortem import Postmortem, Standing
from bot.rules import following, written
from bot.store import Tx, incidents, jobs, postmortems

LATE = "postmortem_late"  #: the job that reminds
TITLE = 120


class Owed:
    """The handler of the jobs `postmortem`."""

    def __init__(self, desk: Desk) -> None:
        """`desk` says what is owed."""
        self._desk = desk

    async def draft(self, job: Job) -> work.Outcome:
        """Draft it, unless somebody has; then tell whoever owes it, and remember by when."""
        desk, incident_id = self._desk, str(job.payload["incident"])
        incident = await desk.store.read(lambda tx: incidents.get(tx, incident_id))
        if not wanted.owed(desk, incident):
            return work.Done()
        answer = await postmortem.draft(desk, incident_id, Asking("tocsin", desk.clock.now(), "job", "en"))
        found = answer.postmortem
        return work.Done((lambda tx: _told(tx, desk, found.id)) if found else None)


def _told(tx: Tx, desk: Desk, its: str) -> None:
    found = postmortems.get(tx, its, lock=True)
    if found.standing is Standing.PUBLISHED:
        return
    due = found.due_at or wanted.due(desk, incidents.get(tx, found.incident)) or tx.now
    if found.due_at is None:
        postmortem.dated(tx, found, due)
    _write(tx, desk, found, "owed", due)
    arm(tx, found.id, due)


def arm(tx: Tx, its: str, at: datetime) -> None:
    """Look from `at` on whether it is late."""
    key = f"{LATE}/{its}/{at.isoformat()}"  # the job that rings is not settled yet, so each bell has a key of its own
    jobs.put_once(tx, NewJob(key, LATE, Lane.DIGEST, at, {"postmortem": its}))


def ring(tx: Tx, desk: Desk, job: Job) -> None:
    """Remind whoever owes it, as it is now, then again while it is late."""
    found = postmortems.get(tx, str(job.payload["postmortem"]))
    if found.standing is Standing.PUBLISHED or found.due_at is None:
        return
    if found.due_at > tx.now:
        arm(tx, found.id, found.due_at)
        return
    zone = _zone(desk, found)
    if (morning := following.waking(tx.now, zone)) > tx.now:  # nobody is told at night what can wait
        arm(tx, found.id, morning)
        return
    _write(tx, desk, found, "late" if found.owner else "late_nobody", found.due_at)
    postmortems.reminded(tx, found.id, tx.now)
    arm(tx, found.id, tx.now + desk.settings.postmortems.remind)


def overdue(tx: Tx, now: datetime) -> list[Postmortem]:
    """Those that are late and not published, the oldest debt first."""
    return [one for one in postmortems.owed(tx) if one.due_at is not None and one.due_at <= now]


def _zone(desk: Desk, found: Postmortem) -> str:
    person = desk.settings.people.persons.get(found.owner or "")
    return person.timezone if person else "UTC"


def _write(tx: Tx, desk: Desk, found: Postmortem, what: str, due: datetime) -> None:
    """One message, to whoever owes it; where that is nobody, to the channel of the incident."""
    incident = incidents.get(tx, found.incident)
    person = desk.settings.people.persons.get(found.owner or "")
    w = rota_news.language(desk, person)
    said = {"postmortem": found.id, "incident": incident.id, "date": f"{due:%Y-%m-%d}"}
    text = words.fill(getattr(w.drafted, what), title=written.line(incident.title, TITLE), **said)
    to = f"person:{person.name}" if person else f"channel:{desk.channel(incident)}"
    job = escalate.notice(f"{found.id}/{what}/{tx.now.isoformat()}", to, text, tx.now)
    jobs.put(tx, NewJob(job.key, job.kind, Lane.DIGEST, job.due_at, job.payload))
