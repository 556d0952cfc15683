"""Send one page and keep its ledger; when a step's pages cannot be delivered, the next step fires at once.

What is refused has failed. What fails in passing stays owed until it is sent or nobody needs it any more: when a
channel comes back after an outage, those whose turn it was still hear of it.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from bot import telemetry
from bot.contract.pager import Call, Sent
from bot.engine import escalate, report, work
from bot.engine.desk import Desk
from bot.errors import NotDelivered, PluginFault, TocsinError
from bot.failpoint import failpoint
from bot.model.entry import Entry
from bot.model.incident import Incident, Phase
from bot.model.job import Job, Lane, NewJob
from bot.model.page import Page, PageState
from bot.model.people import Person
from bot.model.view import View
from bot.store import Tx, incidents, jobs, pages

PATIENCE = timedelta(seconds=60)  # how long one page may fail in passing before the next step is fired
LONGEST = 15.0  # seconds between two attempts: that much later than the channel a page comes back


class Pages:
    """The handler of page jobs."""

    def __init__(self, desk: Desk) -> None:
        """`desk.ways` are the channels."""
        self._desk = desk

    async def send(self, job: Job) -> work.Outcome:
        """Send the page this job is about, unless somebody answered meanwhile."""
        page_id = str(job.payload["page"])
        page, view, person = await self._desk.store.read(lambda tx: self._load(tx, page_id))
        if page.state is not PageState.DECIDED:
            return work.Done()
        if not needed(page, view.incident):
            return work.Done(lambda tx: pages.change(tx, page.id, PageState.MOOT, claimed_at=job.claimed_at))
        way = self._desk.ways.get(page.channel)
        if person is None or way is None:
            gone = (
                f"{page.person} is not in config/people.yaml any more"
                if person is None
                else f"no channel {page.channel}"
            )
            return work.Done(self._failed(page, job.claimed_at, gone))
        call = Call(f"page/{page.id}", job.attempts, page, person, view, self._desk.clock.now())
        try:
            sent = await way.guard.call("pager", lambda: way.pager.send(call))
        except NotDelivered as error:
            if error.after is not None:
                return work.later(self._desk.clock.now(), error)
            return self._again(page, job, error)
        except PluginFault as error:
            return self._again(page, job, error)
        failpoint("after_send")
        telemetry.PAGES.labels(page.channel, "sent").inc()
        return work.Done(self._sent(page, job.claimed_at, sent))

    def _load(self, tx: Tx, page_id: str) -> tuple[Page, View, Person | None]:
        page = pages.get(tx, page_id)
        return page, report.view_in(tx, self._desk, page.incident), self._desk.people(tx).persons.get(page.person)

    def _again(self, page: Page, job: Job, error: TocsinError) -> work.Outcome:
        """A refusal is final; what fails in passing is tried again, and after a while not waited for."""
        now = self._desk.clock.now()
        if not error.retry:
            telemetry.PAGES.labels(page.channel, "failed").inc()
            return work.Done(self._failed(page, job.claimed_at, str(error)))
        late = page.failure is None and now - page.due_at >= PATIENCE
        pause = timedelta(seconds=min(LONGEST, work.backoff(job.attempts)))
        return work.Later(now + pause, str(error), then=self._late(page, str(error)) if late else None)

    def _sent(self, page: Page, claimed_at: datetime, sent: Sent) -> Callable[[Tx], None]:
        def then(tx: Tx) -> None:
            incident = incidents.get(tx, page.incident, lock=True)
            stamps = {"claimed_at": claimed_at, "sent_at": tx.now, "provider_id": sent.provider_id}
            if sent.delivered:
                stamps["delivered_at"] = tx.now
            pages.change(tx, page.id, PageState.DELIVERED if sent.delivered else PageState.SENT, **stamps)
            after = {"page": page.id, "provider_id": sent.provider_id, "claimed_at": claimed_at.isoformat()}
            tx.note(Entry(incident.entity, "page.sent", tx.now, "tocsin", incident.id, page.why, after=after))
            if incident.phase is not Phase.TRIGGERED:
                jobs.put(tx, dm(page.id, tx.now))  # it was answered while this page was on its way

        return then

    def _failed(self, page: Page, claimed_at: datetime, why: str) -> Callable[[Tx], None]:
        def then(tx: Tx) -> None:
            incident = incidents.get(tx, page.incident, lock=True)
            pages.change(tx, page.id, PageState.FAILED, claimed_at=claimed_at, failure=why)
            tx.note(Entry(incident.entity, "page.failed", tx.now, "tocsin", incident.id, why, after={"page": page.id}))
            escalate.redraw(tx, incident, tx.now)
            if page.asked:
                self._tell_unasked(tx, incident, page, why)
            else:
                self._go_on(tx, incident, page, why)

        return then

    def _late(self, page: Page, why: str) -> Callable[[Tx], None]:
        def then(tx: Tx) -> None:
            incident = incidents.get(tx, page.incident, lock=True)
            if page.asked or incident.phase is not Phase.TRIGGERED:
                return  # nothing waits for it, or it was answered while this attempt was under way
            pages.change(tx, page.id, page.state, failure=why)
            tx.note(Entry(incident.entity, "page.late", tx.now, "tocsin", incident.id, why, after={"page": page.id}))
            self._go_on(tx, incident, page, why)

        return then

    def _go_on(self, tx: Tx, incident: Incident, page: Page, why: str) -> None:
        """When no page of this step has arrived, its timer rings now, and the owner is told."""
        sheets = [sheet for sheet in pages.of(tx, incident.id) if not sheet.asked]
        arrived = any(sheet.step == page.step and sheet.failure is None for sheet in sheets)
        if arrived or incident.phase is not Phase.TRIGGERED or incident.step != page.step:
            return
        text = f"{incident.id} ({incident.title}): no page of step {page.step} ({page.tier}) could be delivered: {why}"
        key = f"{incident.id}/{page.step}/undelivered"
        for told in escalate.tell_owner(self._desk, incident, self._desk.roster(tx, tx.now), key, text):
            jobs.put_once(tx, told)
        refused = all(sheet.state is PageState.FAILED for sheet in sheets if sheet.step == page.step)
        if incident.exhausted and refused:
            jobs.put(tx, escalate.alarm(self._desk, incident))
        # Pages of two steps that hang in the air tell of the channel, not of the people: then racing up the tiers
        # reaches nobody sooner, and only wakes everybody at once when it is back.
        late = [sheet for sheet in sheets if sheet.state is PageState.DECIDED and sheet.failure is not None]
        stuck = any(sheet.step < page.step for sheet in late)
        timer = escalate.timer(incident)
        if timer is not None and (refused or not stuck):
            jobs.put(tx, NewJob(timer.key, timer.kind, timer.lane, tx.now, timer.payload))

    def _tell_unasked(self, tx: Tx, incident: Incident, page: Page, why: str) -> None:
        """Whoever reads the channel learns that somebody who was asked to join has not heard of it."""
        request = page.id.split("/")[1]
        others = [s for s in pages.of(tx, incident.id) if s.person == page.person and s.id.split("/")[1] == request]
        if any(sheet.state is not PageState.FAILED for sheet in others):
            return
        text = f"{incident.id} ({incident.title}): {page.person} could not be asked to join: {why}"
        channel = f"channel:{self._desk.channel(incident)}"
        jobs.put_once(tx, escalate.notice(f"{incident.id}/{request}/{page.person}/unasked", channel, text, tx.now))


def needed(page: Page, incident: Incident) -> bool:
    """Whether there is still a reason to send it: nobody has answered, or its person is asked to join what is open."""
    return incident.open if page.asked else incident.phase is Phase.TRIGGERED


def dm(page_id: str, due: datetime) -> NewJob:
    """The wish that a page's message shows how it was answered."""
    return NewJob(f"dm/{page_id}", "dm", Lane.CARD, due, {"page": page_id})
