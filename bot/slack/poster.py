"""The jobs owed to Slack: an incident's card, the end of a page's buttons, a plain notice."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from bot.engine import adopt, attend, checkpoint, escalate, likeness, report, trial, work
from bot.engine import page as paging
from bot.engine.desk import Desk
from bot.errors import NotFound
from bot.model.job import Job
from bot.model.page import Page, PageState
from bot.model.view import View
from bot.rules import reach
from bot.slack import (
    accounts,
    cards,
    checkpoint_posts,
    handover_posts,
    incident_pictures,
    language,
    living,
    offers,
    postmortem_posts,
    reminders,
    revised,
)
from bot.slack.change_posts import Changes
from bot.slack.client import SlackFault
from bot.slack.likened import Likened
from bot.slack.line import Lines
from bot.slack.office import Office, Offices
from bot.slack.own_channel import OwnChannels, Room
from bot.slack.postman import Parcel, Place
from bot.slack.thread import Threads
from bot.slack.trial_posts import Trials
from bot.store import Tx, bundles, jobs, pages, posts

NOTICE = timedelta(days=1)  # how far back a notice in doubt is looked up
IN_FLIGHT = timedelta(seconds=2)  # until a page that is just being sent is looked at again


def handlers(desk: Desk, offices: Offices) -> Mapping[str, work.Handler]:
    """Everything that draws incidents, by the kind of its jobs."""
    poster, owns = Poster(desk, offices), OwnChannels(desk, offices)
    handed = handover_posts.HandoverPosts(desk, offices)
    return {
        "card": poster.card,
        "dm": poster.dm,
        "notice": poster.notice,
        "line": Lines(desk, offices).line,
        "thread": Threads(desk, offices).thread,
        "own": owns.own,
        "archive": owns.archive,
        "change": Changes(desk, offices).change,
        handover_posts.KIND: handed.card,
        handover_posts.PICTURE: handed.picture,
        handover_posts.SUMMARY: handed.summary,
        incident_pictures.KIND: incident_pictures.Pictures(desk, offices).post,
        checkpoint.TOLD: checkpoint_posts.CheckpointPosts(desk, offices).told,
        postmortem_posts.KIND: postmortem_posts.PostmortemPosts(desk, offices).card,
        attend.REMINDER: reminders.Reminders(desk, offices).remind,
        adopt.KIND: revised.Revised(desk, offices).told,
        offers.KIND: offers.Offers(desk, offices).offer,
        likeness.TOLD: Likened(desk, offices).told,
        trial.TOLD: Trials(desk, offices).told,
    }


class Poster:
    """The handlers of the jobs `card`, `dm` and `notice`."""

    def __init__(self, desk: Desk, offices: Offices) -> None:
        """What is drawn is read when the job is done, so many changes in a moment are one edit."""
        self._desk = desk
        self._offices = offices

    def now(self) -> datetime:
        """The desk's time."""
        return self._desk.clock.now()

    async def card(self, job: Job) -> work.Outcome:
        """Post the incident's card, or edit the one that stands; equal drawings are not sent again."""
        incident = str(job.payload["incident"])
        view, stands, room = await self._desk.store.read(lambda tx: self._load(tx, incident))
        slack, where = self._desk.settings.slack, self._desk.channel(view.incident)
        message = cards.incident_card(view, self.now(), language.channels(self._desk), own=room.mention)
        channels = tuple(dict.fromkeys((where, slack.channel)))
        wanted = living.Living(f"card/{incident}", message, channels, view.incident.opened_at - living.BEFORE)
        try:
            post = await living.keep(self._offices.entity(view.incident.entity), job, wanted, stands)
        except SlackFault as fault:
            if fault.retry:
                raise
            return work.Dead(str(fault), self._elsewhere(view))  # where no card can stand, the rest still can
        if post is None:
            return work.Done()
        moved = stands is None or (stands.channel, stands.ts) != (post.channel, post.ts)
        return work.Done(self._stands(view, post, moved=moved))

    async def dm(self, job: Job) -> work.Outcome:
        """Redraw a page's message, so that its buttons are gone once it was answered."""
        page_id = str(job.payload["page"])
        try:
            page, also = await self._desk.store.read(lambda tx: self._paged(tx, page_id))
        except NotFound as missing:
            return work.Dead(str(missing))
        if page.provider_id is None or ":" not in page.provider_id:
            waiting = page.state is PageState.DECIDED and job.attempts < 5
            return work.Later(self.now() + IN_FLIGHT, "the page is on its way") if waiting else work.Done()
        channel, _, ts = page.provider_id.partition(":")
        key = f"page/{page.id}"
        view = await report.view(self._desk, page.incident, timeline=cards.TOLD)
        message = cards.page_dm(view, page, self.now(), language.person(self._desk, page.person), also)
        post = await self._desk.store.read(lambda tx: posts.get(tx, key))
        if post is not None and post.digest == message.digest:
            return work.Done()
        # What stands in a channel is drawn anew without its mention: that rings once.
        office = self._offices.person(page.person)
        if reach.place(page.person):
            office = self._offices.entity(view.incident.entity)
        if not await living.edited(office, Place(channel, ts), message, job.key):
            return work.Dead(f"The message of page {page.id} is no longer there.")
        return work.Done(lambda tx: posts.save(tx, posts.Post(key, channel, ts, message.digest)))

    async def notice(self, job: Job) -> work.Outcome:
        """Say a plain sentence to a person, or to a channel (to everybody's when it does not take it), once."""
        kind, _, name = str(job.payload["to"]).partition(":")
        message = cards.notice(str(job.payload["text"]), job.payload.get("lines", ()))
        office, channels = self._offices.main, tuple(dict.fromkeys((name, self._desk.settings.slack.channel)))
        if kind == "person":
            person = self._desk.settings.people.persons.get(name)
            if person is None:
                return work.Dead(f"{name} is not in config/people.yaml.")
            office = self._offices.person(name)
            channels = (await office.directory.direct(await accounts.of(self._desk, self._offices, person)),)
        else:
            office = self._of(name)
        await living.post(office, Parcel(job.key, "", message, job.lane, job.attempts, self.now() - NOTICE), channels)
        return work.Done()

    def _paged(self, tx: Tx, page_id: str) -> tuple[Page, tuple[View, ...]]:
        """The page that leads the message this one went with, and what else that message tells of."""
        page = pages.get(tx, page_id)
        lead = pages.get(tx, page.bundled) if page.bundled and page.provider_id else page
        return lead, paging.also(tx, self._desk, lead, bundles.carried(tx, lead))

    def _load(self, tx: Tx, incident: str) -> tuple[View, posts.Post | None, Room]:
        view = report.view_in(tx, self._desk, incident, cards.TOLD)
        return view, posts.get(tx, f"card/{incident}"), Room.of(tx, incident)

    def _stands(self, view: View, post: posts.Post, *, moved: bool) -> Callable[[Tx], None]:
        """What says where the card is, or stands in its thread, is drawn once the card has its place."""

        def then(tx: Tx) -> None:
            posts.save(tx, post)
            if moved:
                self._elsewhere(view)(tx)

        return then

    def _elsewhere(self, view: View) -> Callable[[Tx], None]:
        """Asks for everything else that shows the incident."""

        def then(tx: Tx) -> None:
            wanted = escalate.drawings(view.incident, tx.now, timedelta(0), self._desk)
            jobs.put(tx, *(job for job in wanted if job.kind != "card"))

        return then

    def _of(self, channel: str) -> Office:
        """The workspace in which a channel of the configuration is."""
        entities = self._desk.settings.estate.entities.values()
        named = next((entity.name for entity in entities if entity.channel == channel), None)
        return self._offices.entity(named) if named else self._offices.main
