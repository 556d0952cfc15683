"""The jobs owed to Slack: an incident's card, the end of a page's buttons, a plain notice."""

import dataclasses
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bot.engine import report, work
from bot.engine.desk import Desk
from bot.errors import NotFound
from bot.model.job import Job
from bot.model.page import PageState
from bot.slack import cards
from bot.slack.client import SlackFault
from bot.slack.directory import Directory
from bot.slack.pieces import Message
from bot.slack.postman import Parcel, Place, Postman
from bot.store import Tx, pages, posts

BEFORE = timedelta(minutes=5)  # how far Slack's clock may be behind ours when a post in doubt is looked up
NOTICE = timedelta(days=1)  # how far back a notice in doubt is looked up
GONE = {"message_not_found", "channel_not_found", "cant_update_message", "is_inactive", "is_archived"}
ELSEWHERE = {"channel_not_found", "not_in_channel", "is_archived", "restricted_action", "is_inactive"}
IN_FLIGHT = timedelta(seconds=2)  # until a page that is just being sent is looked at again


def paced(act: "Act") -> "Act":
    """Turns "not yet" into a job that comes back at its very turn; every other fault is the worker's to judge."""

    async def wrapped(self: "Poster", job: Job) -> work.Outcome:
        try:
            return await act(self, job)
        except SlackFault as fault:
            if fault.after is None:
                raise
            return work.later(self.now(), fault)

    return wrapped


class Poster:
    """The handlers of the jobs `card`, `dm` and `notice`."""

    def __init__(self, desk: Desk, postman: Postman, directory: Directory) -> None:
        """What is drawn is read when the job is done, so many changes in a moment are one edit."""
        self._desk = desk
        self._postman = postman
        self._directory = directory

    def now(self) -> datetime:
        """The desk's time."""
        return self._desk.clock.now()

    @paced
    async def card(self, job: Job) -> work.Outcome:
        """Post the incident's card, or edit the one that stands; equal drawings are not sent again."""
        key = f"card/{job.payload['incident']}"
        incident = str(job.payload["incident"])
        view, post = await self._desk.store.read(
            lambda tx: (report.view_in(tx, self._desk, incident, cards.TOLD), posts.get(tx, key))
        )
        message = cards.incident_card(view, self.now())
        if post is not None:
            if post.digest == message.digest:
                return work.Done()
            if await self._edited(Place(post.channel, post.ts), message, job):
                return work.Done(_save(key, Place(post.channel, post.ts), message))
        wanted = dict.fromkeys((self._desk.channel(view.incident), self._desk.settings.slack.channel))
        since = view.incident.opened_at - BEFORE
        parcel = Parcel(key, "", message, job.lane, job.attempts if post is None else 1, since)
        return work.Done(_save(key, await self._first_of(list(wanted), parcel), message))

    @paced
    async def dm(self, job: Job) -> work.Outcome:
        """Redraw a page's message, so that its buttons are gone once it was answered."""
        page_id = str(job.payload["page"])
        try:
            page = await self._desk.store.read(lambda tx: pages.get(tx, page_id))
        except NotFound as missing:
            return work.Dead(str(missing))
        if page.provider_id is None or ":" not in page.provider_id:
            waiting = page.state is PageState.DECIDED and job.attempts < 5
            return work.Later(self.now() + IN_FLIGHT, "the page is on its way") if waiting else work.Done()
        channel, _, ts = page.provider_id.partition(":")
        key = f"page/{page.id}"
        message = cards.page_dm(await report.view(self._desk, page.incident, timeline=cards.TOLD), page, self.now())
        post = await self._desk.store.read(lambda tx: posts.get(tx, key))
        if post is not None and post.digest == message.digest:
            return work.Done()
        if not await self._edited(Place(channel, ts), message, job):
            return work.Dead(f"The message of page {page.id} is no longer there.")
        return work.Done(_save(key, Place(channel, ts), message))

    @paced
    async def notice(self, job: Job) -> work.Outcome:
        """Say a plain sentence to a channel or a person, once."""
        kind, _, name = str(job.payload["to"]).partition(":")
        if kind == "person":
            person = self._desk.settings.people.persons.get(name)
            if person is None or person.slack is None:
                return work.Dead(f"{name} has no Slack id in config/people.yaml.")
            name = await self._directory.direct(person.slack)
        message = cards.notice(str(job.payload["text"]))
        parcel = Parcel(job.key, name, message, job.lane, job.attempts, self.now() - NOTICE)
        await self._postman.post(parcel)
        return work.Done()

    async def _edited(self, place: Place, message: Message, job: Job) -> bool:
        """False when nothing stands there any more."""
        try:
            await self._postman.edit(place, message, job.lane, job.key)
        except SlackFault as fault:
            if fault.code in GONE:
                return False
            raise
        return True

    async def _first_of(self, channels: list[str], parcel: Parcel) -> Place:
        """Post into the first of these channels that takes it: a card in the wrong channel beats no card."""
        *some, last = channels
        for channel in some:
            try:
                return await self._postman.post(dataclasses.replace(parcel, channel=channel))
            except SlackFault as fault:
                if fault.code not in ELSEWHERE:
                    raise
        return await self._postman.post(dataclasses.replace(parcel, channel=last))


Act = Callable[[Poster, Job], Awaitable[work.Outcome]]


def _save(key: str, place: Place, message: Message) -> Callable[[Tx], None]:
    return lambda tx: posts.save(tx, posts.Post(key, place.channel, place.ts, message.digest))
