"""Handovers as living messages: the draft with the outgoing, the post with the team, its picture, and digests."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.util import find_spec
from typing import Any

from bot import telemetry
from bot.engine import escalate, handover_digest, handover_news, handover_picture, handover_report, work
from bot.engine.desk import Desk
from bot.errors import NotDelivered, NotFound
from bot.model.handover import Handover, Standing
from bot.model.job import Job, Lane, NewJob
from bot.slack import accounts, handover_card, language, living, picture_sent
from bot.slack.client import SlackFault
from bot.slack.living import Living
from bot.slack.office import Office, Offices
from bot.slack.postman import Parcel
from bot.store import Tx, handovers, jobs, posts
from bot.store.posts import Post

KIND, PICTURE, SUMMARY = handover_news.CARD, "handover_picture", handover_digest.SUMMARY
BACK = timedelta(days=2)  # how far back one in doubt is looked up: a draft may stand long before its post
log = telemetry.logger("slack")


@dataclass(frozen=True)
class _Stand:
    """The handover, what it says, where its team reads, and what stands of it."""

    handover: Handover
    report: dict[str, Any]
    channel: str
    place: str  #: the id of the channel in which it stands; empty as long as it is in none
    post: Post | None


class HandoverPosts:
    """The handlers of the jobs `handover_card`, `handover_picture` and `handover_summary`."""

    def __init__(self, desk: Desk, offices: Offices) -> None:
        """How it stands is read when the job is done, so many changes in a moment are one edit."""
        self._desk = desk
        self._offices = offices

    async def card(self, job: Job) -> work.Outcome:
        """Post it or edit what stands: for the team, which asks for the drafts of the outgoing, or for one of them."""
        name = str(job.payload.get("person", ""))
        try:
            stand = await self._desk.store.read(lambda tx: self._load(tx, str(job.payload["handover"]), name))
        except NotFound as missing:
            return work.Dead(str(missing))
        return await (self._direct(job, stand, name) if name else self._team(job, stand))

    async def _team(self, job: Job, stand: _Stand) -> work.Outcome:
        standing = stand.handover.standing
        if stand.post is None and standing in (Standing.DRAFT, Standing.MOVED):
            return work.Done(_each(stand, None))
        message = handover_card.post(stand.handover, stand.report, language.channels(self._desk))
        channels = tuple(dict.fromkeys((stand.channel, self._desk.settings.slack.channel)))
        wanted = Living(_key(stand.handover), message, channels, self._since(stand.handover))
        try:
            post = await living.keep(self._of(stand.channel), job, wanted, stand.post)
        except SlackFault as fault:
            if fault.retry:
                raise
            return work.Dead(str(fault), _each(stand, None))  # where the channel takes nothing, people still do
        return work.Done(_each(stand, post))

    async def _direct(self, job: Job, stand: _Stand, name: str) -> work.Outcome:
        handover, person = stand.handover, self._desk.settings.people.persons.get(name)
        if person is None:
            return work.Dead(f"{name} is not in config/people.yaml.")
        if stand.post is None and handover.standing is not Standing.DRAFT:
            return work.Done()  # it was posted, or moved, before they could be shown the draft
        office = self._offices.person(name)
        try:
            channel = await office.directory.direct(await accounts.of(self._desk, self._offices, person))
        except NotDelivered as nobody:
            if nobody.retry:
                raise
            return work.Dead(str(nobody))
        message = handover_card.draft(handover, stand.report, stand.place, language.person(self._desk, name))
        wanted = Living(_key(handover, name), message, (channel,), self._since(handover))
        post = await living.keep(office, job, wanted, stand.post)
        return work.Done(None if post is None else lambda tx: posts.save(tx, post))

    async def picture(self, job: Job) -> work.Outcome:
        """Put the picture of the shift's load into the thread of the post, at most once: nobody can look it up."""
        key = str(job.payload["handover"])
        stand = await self._desk.store.read(lambda tx: self._load(tx, key, ""))
        if stand.post is None or not stand.report.get("load"):
            return work.Done()
        w = language.channels(self._desk)
        drawn = await handover_picture.drawn(stand.report, w.language)
        office = self._of(stand.channel)
        try:
            await picture_sent.send(office, job, drawn, stand.post.channel, stand.post.ts)
        except SlackFault as fault:
            if fault.retry and not fault.in_doubt:
                raise
            log.info("slack.no_picture", code=fault.code, do="The handover stands without it.")
        return work.Done()

    async def summary(self, job: Job) -> work.Outcome:
        """Post the digest of a scope into its channel, once."""
        message = handover_card.digest(dict(job.payload["report"]), language.channels(self._desk))
        name = str(job.payload["channel"])
        channels = tuple(dict.fromkeys((name, self._desk.settings.slack.channel)))
        since = datetime.fromisoformat(str(job.payload["at"])) - living.BEFORE
        parcel = Parcel(job.key, "", message, Lane.DIGEST, job.attempts, since)
        await living.post(self._of(name), parcel, channels)
        return work.Done()

    def _load(self, tx: Tx, handover_id: str, person: str) -> _Stand:
        handover = handovers.get(tx, handover_id)
        channel, post = handover_news.channel(self._desk, handover.rota), posts.get(tx, _key(handover, person))
        team = posts.get(tx, _key(handover))
        report = dict(handover.report)
        if not report and handover.standing is not Standing.MOVED:
            report = handover_report.draft(tx, self._desk, handover.rota, handover.since, handover.at, tx.now)
        return _Stand(handover, report, channel, team.channel if team else "", post)

    def _since(self, handover: Handover) -> datetime:
        return min(handover.at, self._desk.clock.now()) - BACK

    def _of(self, channel: str) -> Office:
        """The workspace in which a channel of the configuration is."""
        entities = self._desk.settings.estate.entities.values()
        named = next((entity.name for entity in entities if entity.channel == channel), None)
        return self._offices.entity(named) if named else self._offices.main


def _each(stand: _Stand, post: Post | None) -> Callable[[Tx], None]:
    """Remember the message of the channel, ask for its picture and for the message of each outgoing person."""

    def then(tx: Tx) -> None:
        handover = stand.handover
        if post is not None:
            posts.save(tx, post)
        if post is not None and stand.post is None and find_spec("matplotlib"):
            about = {"handover": handover.id}
            jobs.put_once(tx, NewJob(f"{PICTURE}/{handover.id}", PICTURE, Lane.DIGEST, tx.now, about))
        for name in handover.outgoing:
            about = {"handover": handover.id, "person": name}
            jobs.put(tx, NewJob(f"{KIND}/{handover.id}/{name}", KIND, Lane.CARD, tx.now, about))
        jobs.put(tx, escalate.homes(tx.now))

    return then


def _key(handover: Handover, person: str = "") -> str:
    return f"handover/{handover.id}/{person}" if person else f"handover/{handover.id}"
