"""Keeps the card of a postmortem true in the thread of its incident's card."""

from dataclasses import dataclass
from datetime import timedelta

from bot.engine import postmortem_news, postmortem_sheet, work
from bot.engine.desk import Desk
from bot.engine.postmortem_sheet import Sheet
from bot.errors import NotFound
from bot.model.incident import Incident
from bot.model.job import Job
from bot.slack import language, living, postmortem_card
from bot.slack.living import Living
from bot.slack.office import Offices
from bot.store import Tx, incidents, posts
from bot.store.posts import Post

KIND = postmortem_news.CARD
CARD_FIRST = timedelta(seconds=2)  # until the incident's card is looked for again, in whose thread it belongs
PATIENCE = 4  # times that is done; then it stands in the channel


@dataclass(frozen=True)
class _Stand:
    """The incident, its postmortem if it has one, and what stands of both."""

    incident: Incident
    sheet: Sheet | None
    card: Post | None
    post: Post | None


class PostmortemPosts:
    """The handler of the jobs `postmortem_card`."""

    def __init__(self, desk: Desk, offices: Offices) -> None:
        """How it stands is read when the job is done, so many changes in a moment are one edit."""
        self._desk = desk
        self._offices = offices

    async def card(self, job: Job) -> work.Outcome:
        """Post it, or edit what stands; nothing while there is no postmortem."""
        try:
            stand = await self._desk.store.read(lambda tx: self._load(tx, str(job.payload["incident"])))
        except NotFound as missing:
            return work.Dead(str(missing))
        if stand.sheet is None:
            return work.Done()
        now = self._desk.clock.now()
        if stand.card is None and stand.post is None and job.attempts <= PATIENCE:
            return work.Later(now + CARD_FIRST, "the card goes first")
        message = postmortem_card.draw(stand.sheet, now, language.channels(self._desk))
        since = stand.sheet.postmortem.created_at - living.BEFORE
        everywhere = self._desk.settings.slack.channel
        channels = tuple(dict.fromkeys((self._desk.channel(stand.incident), everywhere)))
        wanted = Living(_key(stand.incident), message, channels, since)
        if stand.card is not None:
            wanted = Living(_key(stand.incident), message, (stand.card.channel,), since, stand.card.ts)
        post = await living.keep(self._offices.entity(stand.incident.entity), job, wanted, stand.post)
        return work.Done(None if post is None else lambda tx: posts.save(tx, post))

    def _load(self, tx: Tx, incident: str) -> _Stand:
        found = incidents.get(tx, incident)
        sheet = postmortem_sheet.of_incident(tx, self._desk, incident)
        return _Stand(found, sheet, posts.get(tx, f"card/{incident}"), posts.get(tx, _key(found)))


def _key(incident: Incident) -> str:
    return f"postmortem/{incident.id}"
