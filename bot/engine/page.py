"""Send pages and keep their ledger; when a step's pages cannot be delivered, the next step fires at once.

What is refused has failed. What fails in passing stays owed until it is sent or nobody needs it any more: when a
channel comes back after an outage, those whose turn it was still hear of it. Where a channel cannot tell one message
from its copy, a page in doubt is not sent again: the next way is the safety net.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from bot import telemetry
from bot.contract.pager import Call, Sent
from bot.engine import gathered, headline, mirrored, report, sooner, taking, undelivered, work
from bot.engine.desk import Desk, Way
from bot.errors import NotDelivered, PluginFault, PluginOpen, TocsinError
from bot.failpoint import failpoint
from bot.model.entry import Entry
from bot.model.incident import Incident, Phase
from bot.model.job import Job, Lane, NewJob
from bot.model.page import Page, PageState
from bot.model.people import DND, Person
from bot.model.view import View
from bot.rules import reach
from bot.store import Tx, bundles, incidents, jobs, pages

PATIENCE = timedelta(seconds=60)  # how long one page may fail in passing before the next step is fired
LONGEST = 15.0  # seconds between two attempts: that much later than the channel a page comes back

Then = Callable[[Tx], None]
Loaded = tuple[View, Person | None, tuple[View, ...]]


class Pages:
    """The handler of page jobs."""

    def __init__(self, desk: Desk) -> None:
        """`desk.ways` are the channels."""
        self._desk = desk
        self._takes = {durable: gathered.Gathered(partial(self._take, durable)) for durable in (True, False)}
        self._loads = gathered.Gathered(self._load)

    async def send(self, job: Job) -> work.Outcome:
        """Send the page this job is about, with what goes along, unless somebody answered meanwhile."""
        way = self._desk.ways.get(taking.channel(str(job.payload["page"])))
        match await self._takes[taking.once(way)].ask(job):
            case None:
                return work.Done()
            case taking.NotYet(at=at, why=why):
                return work.Later(at, why, tried=False)
            case taking.InDoubt(pages=sheets):
                return self._doubted(sheets, "the bot stopped while it was being sent")
            case taking.Ours(pages=sheets):
                return await self._send(job, way, sheets)

    async def _send(self, job: Job, way: Way | None, sheets: tuple[Page, ...]) -> work.Outcome:
        lead = sheets[0]
        view, person, also = await self._loads.ask(sheets)
        if way is None or person is None:
            gone = f"no channel {lead.channel}"
            return self._refused(sheets, gone if person else f"{lead.person} is not in config/people.yaml any more")
        call = Call(f"page/{lead.id}", job.attempts, lead, person, view, self._desk.clock.now(), also)
        failpoint("before_send")
        try:
            sent = await way.guard.call("pager", lambda: way.pager.send(call))
        except (NotDelivered, PluginFault) as error:
            return self._not_sent(job, way, sheets, error)
        failpoint("after_send")
        telemetry.PAGES.labels(lead.channel, "sent").inc()
        return work.Done(work.Joint(self._sent, (sheets, sent)))

    async def _take(self, durable: bool, asked: Sequence[Job]) -> Sequence[taking.Taken]:
        """Of pages in doubt that may not be sent again, the claim is on the disk before anything is sent."""
        return await self._desk.store.write(lambda tx: taking.take(tx, self._desk, asked), durable=durable)

    async def _load(self, asked: Sequence[tuple[Page, ...]]) -> Sequence[Loaded]:
        """Read at one moment; what is said of an incident is the same for everybody."""

        def read(tx: Tx) -> list[Loaded]:
            people = self._desk.people(tx)
            views = report.views_in(tx, self._desk, {sheets[0].incident for sheets in asked})
            return [
                (
                    views[sheets[0].incident],
                    reach.addressee(people, sheets[0].person),
                    also(tx, self._desk, sheets[0], sheets[1:]) if sheets[1:] else (),
                )
                for sheets in asked
            ]

        return await self._desk.store.read(read)

    def _not_sent(self, job: Job, way: Way, sheets: tuple[Page, ...], error: TocsinError) -> work.Outcome:
        """A refusal is final; what fails in passing is tried again where that cannot wake anybody twice."""
        waits = isinstance(error, NotDelivered) and error.after is not None
        untouched, once = waits or isinstance(error, PluginOpen), taking.once(way)
        back = (lambda tx: bundles.give_back(tx, sheets[0].id)) if once and untouched else None
        if isinstance(error, NotDelivered) and waits:
            return self._waits(sheets, work.later(self._desk.clock.now(), error), error, back)
        if once and not untouched and (error.retry or not isinstance(error, NotDelivered)):
            return self._doubted(sheets, str(error))
        if not error.retry:
            return self._refused(sheets, str(error))
        at = self._desk.clock.now() + timedelta(seconds=min(LONGEST, work.backoff(job.attempts)))
        return self._waits(sheets, work.Later(at, str(error)), error, back)

    def _waits(self, sheets: tuple[Page, ...], until: work.Later, error: TocsinError, back: Then | None) -> work.Later:
        """After a while nobody waits for it any more; while its channel is known to be down, not even that long."""
        late = sheets[0].failure is None and self._desk.clock.now() - _begun(sheets[0], back) >= PATIENCE

        def then(tx: Tx) -> None:
            if back is not None:
                back(tx)
            if late:
                undelivered.late(tx, self._desk, sheets, until.why)
            elif isinstance(error, PluginOpen):
                sooner.sooner(tx, self._desk, *(sheet.id for sheet in sheets))

        return replace(until, then=then)

    def _refused(self, sheets: tuple[Page, ...], why: str) -> work.Done:
        telemetry.PAGES.labels(sheets[0].channel, "failed").inc()
        return work.Done(lambda tx: undelivered.failed(tx, self._desk, sheets, why))

    def _doubted(self, sheets: tuple[Page, ...], why: str) -> work.Done:
        """It may have arrived: waking somebody twice by chance is worse than asking the next, who is asked now."""
        telemetry.PAGES.labels(sheets[0].channel, "doubted").inc()
        said = f"in doubt: not sent again ({why})"
        return work.Done(lambda tx: undelivered.failed(tx, self._desk, sheets, said, kind=undelivered.DOUBTED))

    def _sent(self, tx: Tx, gone: Sequence[tuple[tuple[Page, ...], Sent]]) -> None:
        """Write down what went, each message with all that it carried."""
        found = incidents.by_ids(tx, {sheet.incident for sheets, _ in gone for sheet in sheets}, lock=True)
        each = [(sheet, sent) for sheets, sent in gone for sheet in sheets]
        pages.change_all(tx, [(sheet.id, *_stamped(sent, tx.now)) for sheet, sent in each])
        for sheet, sent in each:
            incident = found[sheet.incident]
            tx.note(_gone(incident, sheet, sent, tx.now))
            if incident.phase is not Phase.TRIGGERED:  # it was answered while this page was on its way
                jobs.put(tx, dm(sheet.id, tx.now))
                mirrored.put(tx, incident, [sheet])
            elif sent.quiet and incident.policy.urgency == "high":
                sooner.sooner(tx, self._desk, sheet.id, cause=DND)


def _stamped(sent: Sent, at: datetime) -> tuple[PageState, dict[str, object]]:
    stamps: dict[str, object] = {"sent_at": at, "provider_id": sent.provider_id}
    if not sent.delivered:
        return PageState.SENT, stamps
    return PageState.DELIVERED, {**stamps, "delivered_at": at}


def _begun(lead: Page, back: Then | None) -> datetime:
    """Since when it has been tried; what is given back after each attempt has forgotten that."""
    return lead.due_at if back is not None or lead.claimed_at is None else lead.claimed_at


def failed(tx: Tx, desk: Desk, sheet: Page, why: str) -> None:
    """Its channel says that it did not arrive: the next way goes at once, else the next step."""
    undelivered.failed(tx, desk, [sheet], why)


def also(tx: Tx, desk: Desk, lead: Page, others: Sequence[Page]) -> tuple[View, ...]:
    """What a message says of the incidents it carries besides its own, the gravest first; each once."""
    found = incidents.by_ids(tx, {sheet.incident for sheet in others} - {lead.incident})
    ranked = sorted(found.values(), key=lambda each: (each.severity, each.opened_at))
    return tuple(_brief(desk, each, tuple(s for s in others if s.incident == each.id)) for each in ranked)


def _brief(desk: Desk, incident: Incident, sheets: tuple[Page, ...]) -> View:
    """As much of an incident as stands beside another: a flood must not be read from end to end for one message."""
    book = desk.runbooks.get(incident.runbook)
    title = book.title if book else incident.runbook
    said, owner = headline.of(incident, None), desk.owner_team(incident)
    return View(incident, said, (), sheets, title, owner, None, (), None, ())


def _gone(incident: Incident, sheet: Page, sent: Sent, at: datetime) -> Entry:
    """What the log says of a page that went, by itself or along with another."""
    claimed = sheet.claimed_at.isoformat() if sheet.claimed_at else None
    after: dict[str, object] = {"page": sheet.id, "provider_id": sent.provider_id, "claimed_at": claimed}
    kind = "page.sent" if sheet.bundled is None else "page.bundled"
    after |= {"quiet": True} if sent.quiet else {}
    after |= {"with": sheet.bundled} if sheet.bundled else {}
    return Entry(incident.entity, kind, at, "tocsin", incident.id, sheet.why, after=after)


def dm(page_id: str, due: datetime) -> NewJob:
    """The wish that a page's message shows how it was answered."""
    return NewJob(f"dm/{page_id}", "dm", Lane.CARD, due, {"page": page_id})
