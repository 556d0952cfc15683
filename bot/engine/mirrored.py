"""Let what a page opened elsewhere stand as the incident does: acknowledged here is acknowledged there, and resolved.

Each state is told once for each page, however often it is asked for; while the far end is away it stays owed.
"""

from collections.abc import Callable, Iterable
from datetime import timedelta

from bot.contract.pager import Call, Follower
from bot.engine import report, work
from bot.engine.desk import Desk, Way
from bot.errors import NotDelivered, PluginFault, TocsinError
from bot.model.entry import Entry
from bot.model.incident import Incident, Phase
from bot.model.job import Job, Lane, NewJob
from bot.model.page import Page, PageState
from bot.model.people import Person
from bot.model.view import View
from bot.rules import reach
from bot.store import Tx, incidents, jobs, log, pages

KIND = "mirror"
FOLLOWED, UNFOLLOWED = "page.followed", "page.unfollowed"
MOST = 120  # attempts, some two hours: a far end that is away for longer has escalated by itself long ago

_OUT = (PageState.SENT, PageState.DELIVERED, PageState.ANSWERED)
_DOUBTED = (PageState.DECIDED, PageState.MOOT)
_OWN = "slack"  # its messages are drawn anew instead


def standing(page: Page, incident: Incident, answered_by: str | None = None) -> str:
    """What the far end of `page` should hold its incident for: `acknowledged`, `resolved`, or "" where nothing is said.

    Whoever was asked to join has to come, though somebody holds the incident: only their own answer counts.
    """
    if not incident.open:
        return "resolved"
    joined = page.state is PageState.ANSWERED or page.person == answered_by
    if incident.phase is Phase.TRIGGERED or (page.asked and not joined):
        return ""
    return "acknowledged"


def put(tx: Tx, incident: Incident, sheets: Iterable[Page], *, answered_by: str | None = None, via: str = "") -> None:
    """Ask that the far ends of `sheets` follow `incident` as it is now.

    What `answered_by` said through the connection `via` its far end knows already: it told us.
    """
    owed = []
    for sheet in sheets:
        heard = sheet.person == answered_by and (sheet.channel == via or sheet.channel.startswith(f"{via}."))
        if sheet.channel != _OWN and not heard and (to := standing(sheet, incident, answered_by)):
            owed.append(NewJob(f"{KIND}/{sheet.id}/{to}", KIND, Lane.CARD, tx.now, {"page": sheet.id, "as": to}))
    jobs.put(tx, *owed)


def closed(tx: Tx, incident: Incident, sheets: Iterable[Page], answered_by: str | None, via: str) -> None:
    """The same for those of an incident's pages that went out, or may have: a crash can come before that is noted."""
    gone = [sheet for sheet in sheets if sheet.state in _OUT or (sheet.state in _DOUBTED and sheet.claimed_at)]
    put(tx, incident, gone, answered_by=answered_by, via=via)


class Mirrors:
    """The handler of mirror jobs."""

    def __init__(self, desk: Desk) -> None:
        """`desk.ways` are the channels; those whose pager follows are told."""
        self._desk = desk

    async def tell(self, job: Job) -> work.Outcome:
        """Tell the far end of one page, unless the incident stands otherwise by now or it was told before."""
        page_id, to = str(job.payload["page"]), str(job.payload["as"])
        page, view, person, told = await self._desk.store.read(lambda tx: self._load(tx, page_id, to))
        way = self._desk.ways.get(page.channel)
        if told or not (page.provider_id or page.claimed_at) or standing(page, view.incident) != to:
            return work.Done()
        if way is None or not getattr(way.pager, "follows", False):
            return work.Done()
        if person is None:
            gone = f"{page.person} is not in config/people.yaml any more"
            return work.Dead(gone, _noted(UNFOLLOWED, page, to, gone))
        call = Call(f"page/{page.id}", job.attempts, page, person, view, self._desk.clock.now())
        try:
            await self._follow(way, call)
        except NotDelivered as error:
            if error.after is not None:
                return work.later(self._desk.clock.now(), error)
            return self._again(page, to, job, error)
        except PluginFault as error:
            return self._again(page, to, job, error)
        return work.Done(_noted(FOLLOWED, page, to))

    async def _follow(self, way: Way, call: Call) -> None:
        pager: Follower = way.pager  # type: ignore[assignment]  # it says so itself: `follows`
        await way.guard.call("follow", lambda: pager.follow(call))

    def _load(self, tx: Tx, page_id: str, to: str) -> tuple[Page, View, Person | None, bool]:
        page = pages.get(tx, page_id)
        told = [dict(each.entry.after) for each in log.of_kinds(tx.sql, page.incident, {FOLLOWED})]
        person = reach.addressee(self._desk.people(tx), page.person)
        return page, report.view_in(tx, self._desk, page.incident), person, {"page": page_id, "as": to} in told

    def _again(self, page: Page, to: str, job: Job, error: TocsinError) -> work.Outcome:
        """What fails in passing stays owed; what is refused, or has failed for too long, is given up and written."""
        if not error.retry or job.attempts >= MOST:
            return work.Dead(str(error), _noted(UNFOLLOWED, page, to, str(error)))
        return work.Later(self._desk.clock.now() + timedelta(seconds=work.backoff(job.attempts)), str(error))


def _noted(kind: str, page: Page, to: str, why: str = "") -> Callable[[Tx], None]:
    def then(tx: Tx) -> None:
        entity = incidents.get(tx, page.incident).entity
        tx.note(Entry(entity, kind, tx.now, "tocsin", page.incident, why, after={"page": page.id, "as": to}))

    return then
