"""Ask one person by one way for their agreement, and write down what became of that.

In the chat that is the card of the change; every other way takes a page, with an incident that is only thought of.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.contract.pager import Call, Sent
from bot.engine import ask, escalate, work
from bot.engine.desk import Desk, Way
from bot.errors import NotDelivered, PluginFault, TocsinError
from bot.model.change import Change
from bot.model.entry import Entry
from bot.model.job import Job, Lane, NewJob
from bot.model.page import ASKED, Page, PageState
from bot.model.people import Person
from bot.model.view import View
from bot.rules import written
from bot.store import Tx, changes, jobs, log

CHAT = "slack"
PATIENCE = timedelta(seconds=60)  # how long one may fail in passing before the next stage is begun
LONGEST = 15.0  # seconds between two attempts
HEADLINE = 200  # characters on a lock screen


class Knocks:
    """The handler of the jobs `knock`."""

    def __init__(self, desk: Desk) -> None:
        """`desk.ways` are the channels."""
        self._desk = desk

    async def send(self, job: Job) -> work.Outcome:
        """Ask this person by this way, unless somebody decided meanwhile."""
        name, channel = str(job.payload["person"]), str(job.payload["channel"])
        change, person = await self._desk.store.read(lambda tx: self._load(tx, job, name))
        if not ask.waits(change, self._desk.clock.now()) or any(one.by == name for one in change.agreements):
            return work.Done()
        way = self._desk.ways.get(channel)
        if person is None or way is None:
            gone = f"{name} is not in config/people.yaml any more." if person is None else f"no channel {channel}"
            return work.Done(self._failed(job, change, gone))
        if channel == CHAT:
            return work.Done(self._chat(job, change))
        return await self._send(job, change, person, way)

    def _load(self, tx: Tx, job: Job, name: str) -> tuple[Change, Person | None]:
        return changes.get(tx, str(job.payload["change"])), self._desk.people(tx).persons.get(name)

    async def _send(self, job: Job, change: Change, person: Person, way: Way) -> work.Outcome:
        now = self._desk.clock.now()
        call = self._call(job, change, person, now)
        try:
            sent = await way.guard.call("pager", lambda: way.pager.send(call))
        except (NotDelivered, PluginFault) as error:
            if isinstance(error, NotDelivered) and error.after is not None:
                return work.later(now, error)
            return self._again(job, change, error)
        return work.Done(self._sent(job, change, sent))

    def _call(self, job: Job, change: Change, person: Person, now: datetime) -> Call:
        stage, id_, channel = int(job.payload["stage"]), str(job.payload["page"]), str(job.payload["channel"])
        w = ask.spoken(self._desk, person.name)
        said, _ = ask.text(self._desk, change, stage, w)
        headline = written.line(said, HEADLINE)
        incident = ask.imagine(change, stage, headline, now)
        begun = datetime.fromisoformat(job.payload["since"])
        page = Page(id_, change.id, stage, ASKED, person.name, channel, change.why, PageState.DECIDED, begun, begun)
        model = self._desk.settings.estate.find(change.plan.model)
        team = model.team if model else None
        view = View(incident, headline, (), (page,), change.plan.runbook, team, None, (person,), None, ())
        return Call(f"page/{id_}", job.attempts, page, person, view, now)

    def _chat(self, job: Job, change: Change) -> Callable[[Tx], None]:
        """Who may agree gets the change's card with its buttons, everybody else a sentence."""
        name, stage, id_ = str(job.payload["person"]), int(job.payload["stage"]), str(job.payload["page"])
        said, how = ask.text(self._desk, change, stage, ask.spoken(self._desk, name))

        def then(tx: Tx) -> None:
            if name in ask.approvers(self._desk, self._desk.roster(tx, tx.now), change, tx.now):
                payload = {"change": change.id, "person": name}
                jobs.put(tx, NewJob(f"change/{change.id}/{name}", "change", Lane.PAGE, tx.now, payload))
            if stage != ask.APPROVERS:
                jobs.put(tx, escalate.notice(id_, f"person:{name}", said, tx.now, [how]))

        return then

    def _again(self, job: Job, change: Change, error: TocsinError) -> work.Outcome:
        """A refusal is final; what fails in passing is tried again, and after a while not waited for."""
        now = self._desk.clock.now()
        if not error.retry:
            return work.Done(self._failed(job, change, str(error)))
        late = now - datetime.fromisoformat(job.payload["since"]) >= PATIENCE
        pause = timedelta(seconds=min(LONGEST, work.backoff(job.attempts)))
        return work.Later(now + pause, str(error), then=self._failed(job, change, str(error)) if late else None)

    def _sent(self, job: Job, change: Change, sent: Sent) -> Callable[[Tx], None]:
        after = {"page": job.payload["page"], "provider_id": sent.provider_id, "delivered": sent.delivered}
        return lambda tx: tx.note(Entry(change.entity, ask.SENT, tx.now, "tocsin", change.id, after=after))

    def _failed(self, job: Job, change: Change, why: str) -> Callable[[Tx], None]:
        """Said once; what is tried on may still arrive, but nothing waits for it."""
        stage, id_ = int(job.payload["stage"]), str(job.payload["page"])

        def then(tx: Tx) -> None:
            known = log.of_kinds(tx.sql, change.id, (ask.FAILED,))
            if all(entry.entry.after["page"] != id_ for entry in known):
                tx.note(Entry(change.entity, ask.FAILED, tx.now, "tocsin", change.id, why, after={"page": id_}))
                ask.hasten(tx, change.id, stage, id_)

        return then
