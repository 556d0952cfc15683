"""Posts checkpoints of the log into a channel, each as the text it is, so that it can be copied into a file."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta

from bot import words
from bot.engine import checkpoint, work
from bot.engine.desk import Desk
from bot.model.checkpoint import Checkpoint
from bot.model.job import Job
from bot.settings import audit
from bot.slack import living, pieces
from bot.slack.client import SlackFault
from bot.slack.office import Office, Offices
from bot.slack.pieces import Message
from bot.slack.postman import Parcel

BACK = timedelta(days=1)  #: how far back a post in doubt is looked up
FEW = 4  #: in one message; each may have a long name


class CheckpointPosts:
    """The handler of the jobs `checkpoint-told`."""

    def __init__(self, desk: Desk, offices: Offices) -> None:
        """What is owed is read when the job is done."""
        self._desk = desk
        self._offices = offices

    async def told(self, job: Job) -> work.Outcome:
        """Post what the channel has not got; one that takes nothing is tried anew at the next checkpoint."""
        to = str(job.payload["to"])
        wanted = to in self._desk.settings.audit.post
        which = (await self._desk.store.read(lambda tx: checkpoint.owed(tx, to)))[:FEW] if wanted else []
        if not which:
            return work.Done()
        channel = to.removeprefix(audit.CHANNEL)
        since = self._desk.clock.now() - BACK
        message = drawn(which, self._desk.settings.slack.language)
        parcel = Parcel(_key(to, which), "", message, job.lane, job.attempts, since)
        try:
            place = await living.post(self._office(channel), parcel, (channel,))
        except SlackFault as fault:
            if fault.retry:
                raise
            return work.Dead(str(fault))
        return work.Done(lambda tx: checkpoint.over(tx, job, which, f"{place.channel}:{place.ts}"))

    def _office(self, channel: str) -> Office:
        """The workspace in which a channel of the configuration is."""
        entities = self._desk.settings.estate.entities.values()
        named = next((entity.name for entity in entities if entity.channel == channel), None)
        return self._offices.entity(named) if named else self._offices.main


def drawn(which: Sequence[Checkpoint], language: str) -> Message:
    """The message: a sentence, then the notes with their own lines and the blank ones between."""
    said = words.of(language).audit.posted
    notes = "\n".join(one.note for one in which).rstrip("\n")
    text = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": notes}]}
    first = pieces.lines([pieces.say(said, 600)])
    return Message(pieces.push(said), ({**first, "elements": [*first["elements"], text]},))


def _key(to: str, which: Sequence[Checkpoint]) -> str:
    """The same for the same notes, whenever they are posted."""
    notes = "\n".join(one.note for one in which)
    return f"{checkpoint.POST}/{to}/{hashlib.sha256(notes.encode()).hexdigest()[:16]}"
