"""Wishes for cover as living messages: in the channel of the rota's team, and to everybody who could take the shift."""

from collections.abc import Callable
from dataclasses import dataclass

from bot import telemetry
from bot.engine import cover, escalate, roster, rota_news, work
from bot.engine.desk import Desk
from bot.errors import NotDelivered, NotFound
from bot.model.cover import Request, Standing
from bot.model.job import Job, Lane, NewJob
from bot.slack import accounts, language, living, oncall_card
from bot.slack.client import SlackFault
from bot.slack.living import Living
from bot.slack.office import Office, Offices
from bot.store import Tx, covers, jobs, posts
from bot.store.posts import Post

KIND = "offer"  #: of the jobs that `engine.cover` asks for
log = telemetry.logger("slack")


@dataclass(frozen=True)
class _Stand:
    """The wish, where its team reads, what stands of it, and who could take it."""

    request: Request
    channel: str
    post: Post | None
    direct: frozenset[str] = frozenset()  #: who has, or shall have it among their direct messages


class Offers:
    """The handler of the jobs `offer`."""

    def __init__(self, desk: Desk, offices: Offices) -> None:
        """How a wish stands is read when the job is done, so many changes in a moment are one edit."""
        self._desk = desk
        self._offices = offices

    async def offer(self, job: Job) -> work.Outcome:
        """Post it or edit what stands: in the channel, which asks for the direct messages, or to one person."""
        request, person = str(job.payload["request"]), str(job.payload.get("person", ""))
        try:
            stand = await self._desk.store.read(lambda tx: self._load(tx, request, person))
        except NotFound as missing:
            return work.Dead(str(missing))
        if stand.post is None and stand.request.standing is not Standing.OPEN and not stand.direct:
            return work.Done()  # it was over before anybody could be told of it
        return await (self._direct(job, stand, person) if person else self._team(job, stand))

    async def _team(self, job: Job, stand: _Stand) -> work.Outcome:
        if stand.post is None and stand.request.standing is not Standing.OPEN:
            return work.Done(_each(stand, None))
        everywhere = self._desk.settings.slack.channel
        message = oncall_card.offer(stand.request, language.channels(self._desk))
        channels = tuple(dict.fromkeys((stand.channel, everywhere)))
        wanted = Living(_key(stand.request), message, channels, stand.request.asked_at - living.BEFORE)
        try:
            post = await living.keep(self._office(stand.channel), job, wanted, stand.post)
        except SlackFault as fault:
            if fault.retry:
                raise
            return work.Dead(str(fault), _each(stand, None))  # where the channel takes nothing, people still do
        return work.Done(_each(stand, post))

    async def _direct(self, job: Job, stand: _Stand, name: str) -> work.Outcome:
        person = self._desk.settings.people.persons.get(name)
        if person is None:
            return work.Dead(f"{name} is not in config/people.yaml.")
        office = self._offices.person(name)
        try:
            channel = await office.directory.direct(await accounts.of(self._desk, self._offices, person))
        except NotDelivered as nobody:
            if nobody.retry:
                raise
            return work.Dead(str(nobody))
        message = oncall_card.offer(stand.request, language.person(self._desk, name), direct=True)
        since = stand.request.asked_at - living.BEFORE
        post = await living.keep(office, job, Living(_key(stand.request, name), message, (channel,), since), stand.post)
        return work.Done(None if post is None else lambda tx: posts.save(tx, post))

    def _load(self, tx: Tx, request_id: str, person: str) -> _Stand:
        request = covers.get(tx, request_id)
        rota = roster.known(self._desk, request.rota)
        channel, post = rota_news.channel(self._desk, rota), posts.get(tx, _key(request, person))
        if person:
            return _Stand(request, channel, post)
        told = {one.key.rpartition("/")[2] for one in posts.called(tx, _key(request))}
        able = cover.able(tx, self._desk, rota, request) if request.standing is Standing.OPEN else ()
        return _Stand(request, channel, post, frozenset((*told, *able)))

    def _office(self, channel: str) -> Office:
        """The workspace in which a channel of the configuration is."""
        entities = self._desk.settings.estate.entities.values()
        named = next((entity.name for entity in entities if entity.channel == channel), None)
        return self._offices.entity(named) if named else self._offices.main


def _each(stand: _Stand, post: Post | None) -> Callable[[Tx], None]:
    """Remember the message of the channel, and ask for that of each person."""

    def then(tx: Tx) -> None:
        if post is not None:
            posts.save(tx, post)
        for name in sorted(stand.direct):
            about = {"request": stand.request.id, "person": name}
            jobs.put(tx, NewJob(_key(stand.request, name), KIND, Lane.CARD, tx.now, about))
        jobs.put(tx, escalate.homes(tx.now))

    return then


def _key(request: Request, person: str = "") -> str:
    return f"{KIND}/{request.id}/{person}" if person else f"{KIND}/{request.id}"
