"""A message that always shows what is drawn: posted once, edited in place, posted anew when it is no longer there."""

import dataclasses
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model.job import Job, Lane
from bot.slack.client import SlackFault
from bot.slack.office import Office
from bot.slack.pieces import Json, Message
from bot.slack.postman import Parcel, Place
from bot.store.posts import Post

BEFORE = timedelta(minutes=5)  #: how far Slack's clock may be behind ours when a post in doubt is looked up
#: Nothing that could be edited stands there any more.
GONE = {"message_not_found", "channel_not_found", "cant_update_message", "is_inactive", "is_archived"}
#: This channel does not take it; another may.
ELSEWHERE = {"channel_not_found", "not_in_channel", "is_archived", "restricted_action", "is_inactive"}


@dataclass(frozen=True, slots=True)
class Living:
    """What shall stand under `key`, in the first of `channels` that takes it, or in the thread below `thread`."""

    key: str
    message: Message
    channels: tuple[str, ...]
    since: datetime  #: before the first attempt to post it
    thread: str = ""  #: the ts of a message in the one channel there is then
    lane: Lane = Lane.CARD  #: what goes before what when there is more to draw than Slack lets through

    @property
    def digest(self) -> str:
        """What is remembered of the drawing; one in a thread belongs to that thread."""
        return f"{self.thread}/{self.message.digest}" if self.thread else self.message.digest


async def keep(office: Office, job: Job, wanted: Living, stands: Post | None) -> Post | None:
    """What is to be remembered from now on; None when it stands as wanted, so that nothing was sent.

    SlackFault when no channel takes it, or when it is not its turn yet.
    """
    if stands is not None and stands.digest == wanted.digest:
        return None
    if stands is not None and stands.digest.rpartition("/")[0] == wanted.thread:
        place = Place(stands.channel, stands.ts)
        if await edited(office, place, wanted.message, job.key, wanted.lane):
            return dataclasses.replace(stands, digest=wanted.digest)
    attempt = job.attempts if stands is None else 1
    parcel = Parcel(wanted.key, "", wanted.message, wanted.lane, attempt, wanted.since, wanted.thread)
    place = await post(office, parcel, wanted.channels)
    return Post(wanted.key, place.channel, place.ts, wanted.digest)


async def post(office: Office, parcel: Parcel, channels: tuple[str, ...]) -> Place:
    """Post into the first of these channels that takes it: a card in the wrong channel beats no card."""
    *some, last = channels
    for channel in some:
        try:
            return await office.postman.post(dataclasses.replace(parcel, channel=channel))
        except SlackFault as fault:
            if fault.code not in ELSEWHERE:
                raise
    return await office.postman.post(dataclasses.replace(parcel, channel=last))


async def edited(office: Office, place: Place, message: Message, key: str, lane: Lane = Lane.CARD) -> bool:
    """Draw it anew where it stands; False when nothing stands there any more."""
    try:
        await office.postman.edit(place, message, lane, key)
    except SlackFault as fault:
        if fault.code in GONE:
            return False
        raise
    return True


async def call(office: Office, job: Job, method: str, **arguments: object) -> Json:
    """One paced call that is no message; SlackFault, with the seconds until its turn when that is all."""
    if wait := office.limiter.ask(method, "", job.lane, job.key):
        raise SlackFault(method, "waiting", after=wait)
    return await office.client.call(method, **arguments)
