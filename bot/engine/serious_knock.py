"""Page one person by one way about a report that is due, and write down what became of that."""

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.contract.pager import Call, Sent
from bot.engine import escalate, serious_clock, work
from bot.engine.desk import Desk, Way
from bot.errors import NotDelivered, PluginFault, TocsinError
from bot.model.entry import Entry
from bot.model.incident import Incident
from bot.model.job import Job
from bot.model.page import ASKED, Page, PageState
from bot.model.people import Person
from bot.model.serious import Clock, Standing
from bot.model.view import View
from bot.rules import written
from bot.store import Tx, clocks, incidents, jobs, log

CHAT = "slack"
SENT = "clock.warning_sent"
PATIENCE = timedelta(seconds=60)  # how long one may fail in passing before the next ring is paged
LONGEST = 15.0  # seconds between two attempts
HEADLINE = 200  # characters on a lock screen


def handlers(desk: Desk) -> dict[str, work.Handler]:
    """Who does what a clock asks for, by the kind of job."""
    return {
        serious_clock.KIND: work.inside(desk, serious_clock.ring),
        serious_clock.FACE: work.inside(desk, serious_clock.face),
        serious_clock.KNOCK: Knocks(desk).send,
    }


class Knocks:
    """The handler of the jobs `serious_knock`."""

    def __init__(self, desk: Desk) -> None:
        """`desk.ways` are the channels."""
        self._desk = desk

    async def send(self, job: Job) -> work.Outcome:
        """Page this person by this way, unless the report was made meanwhile."""
        name, channel = str(job.payload["person"]), str(job.payload["channel"])
        incident, clock, person = await self._desk.store.read(lambda tx: self._load(tx, job, name))
        if clock is None or clock.standing is not Standing.RUNNING:
            return work.Done()
        way = self._desk.ways.get(channel)
        if person is None or way is None:
            gone = f"{name} is not in config/people.yaml any more." if person is None else f"no channel {channel}"
            return work.Done(self._failed(job, incident, gone))
        if channel == CHAT:
            return work.Done(self._chat(job, incident, clock))
        return await self._send(job, (incident, clock), person, way)

    def _load(self, tx: Tx, job: Job, name: str) -> tuple[Incident, Clock | None, Person | None]:
        incident = incidents.get(tx, str(job.payload["incident"]))
        clock = clocks.get(tx, incident.id, str(job.payload["regime"]), str(job.payload["step"]))
        return incident, clock, self._desk.people(tx).persons.get(name)

    async def _send(self, job: Job, about: tuple[Incident, Clock], person: Person, way: Way) -> work.Outcome:
        incident, now = about[0], self._desk.clock.now()
        call = self._call(job, about, person, now)
        try:
            sent = await way.guard.call("pager", lambda: way.pager.send(call))
        except (NotDelivered, PluginFault) as error:
            if isinstance(error, NotDelivered) and error.after is not None:
                return work.later(now, error)
            return self._again(job, incident, error)
        return work.Done(self._sent(job, incident, sent))

    def _call(self, job: Job, about: tuple[Incident, Clock], person: Person, now: datetime) -> Call:
        incident, clock = about
        id_, channel = str(job.payload["page"]), str(job.payload["channel"])
        said, _ = serious_clock.text(self._desk, incident, clock, person.name, now)
        headline = written.line(said, HEADLINE)
        thought = serious_clock.imagine(incident, headline, now)
        begun = datetime.fromisoformat(job.payload["since"])
        page = Page(id_, incident.id, 0, ASKED, person.name, channel, headline, PageState.DECIDED, begun, begun)
        team = self._desk.owner_team(incident)
        view = View(thought, headline, (), (page,), incident.runbook, team, None, (person,), None, ())
        return Call(f"page/{id_}", job.attempts, page, person, view, now)

    def _chat(self, job: Job, incident: Incident, clock: Clock) -> Callable[[Tx], None]:
        name, id_ = str(job.payload["person"]), str(job.payload["page"])
        said, how = serious_clock.text(self._desk, incident, clock, name, self._desk.clock.now())
        return lambda tx: jobs.put(tx, escalate.notice(id_, f"person:{name}", said, tx.now, [how]))

    def _again(self, job: Job, incident: Incident, error: TocsinError) -> work.Outcome:
        """A refusal is final; what fails in passing is tried again, and after a while not waited for."""
        now = self._desk.clock.now()
        if not error.retry:
            return work.Done(self._failed(job, incident, str(error)))
        late = now - datetime.fromisoformat(job.payload["since"]) >= PATIENCE
        pause = timedelta(seconds=min(LONGEST, work.backoff(job.attempts)))
        return work.Later(now + pause, str(error), then=self._failed(job, incident, str(error)) if late else None)

    def _sent(self, job: Job, incident: Incident, sent: Sent) -> Callable[[Tx], None]:
        after = {"page": job.payload["page"], "provider_id": sent.provider_id, "delivered": sent.delivered}
        return lambda tx: tx.note(Entry(incident.entity, SENT, tx.now, "tocsin", incident.id, after=after))

    def _failed(self, job: Job, incident: Incident, why: str) -> Callable[[Tx], None]:
        """Said once; what is tried on may still arrive, but nothing waits for it."""
        payload = {name: str(said) for name, said in job.payload.items()}
        about = f"{payload['regime']}/{payload['step']}/{payload['warning']}"

        def then(tx: Tx) -> None:
            known = log.of_kinds(tx.sql, incident.id, (serious_clock.UNTOLD,))
            if all(entry.entry.after["page"] != payload["page"] for entry in known):
                after = {"page": payload["page"], "about": about}
                tx.note(Entry(incident.entity, serious_clock.UNTOLD, tx.now, "tocsin", incident.id, why, after=after))
                serious_clock.hasten(tx, self._desk, payload, int(payload["ring"]))

        return then
