"""An incident's pictures in its thread: soon after it opened, once it is mitigated, and whenever somebody asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot import telemetry, words
from bot.contract.exporter import Picture
from bot.engine import incident_picture, incident_sheets, picturing, work
from bot.engine.desk import Desk
from bot.engine.incident_picture import DRIFT, METRIC, TIMELINE, Drawing
from bot.engine.incident_sheets import Sheets
from bot.model.incident import Incident
from bot.model.job import Job
from bot.slack import cards, language, living
from bot.slack.client import SlackFault
from bot.slack.identity import Caller
from bot.slack.office import Office, Offices
from bot.slack.pieces import Message
from bot.slack.talk import SPOKEN, Talk
from bot.store import Tx, incidents, posts
from bot.words import Words

KIND = picturing.KIND
#: Which picture is shown when, the first of them that there is.
CHOICE = {picturing.OPENED: (DRIFT, METRIC), picturing.MITIGATED: (METRIC, TIMELINE)}
AGAIN, TRIES = timedelta(seconds=30), 10  # until it is looked again whether the card stands, and how often
log = telemetry.logger("slack")


@dataclass(frozen=True)
class _Stand:
    """What is read of an incident before it is drawn, and where it is shown."""

    incident: Incident
    sheets: Sheets
    card: posts.Post | None
    shown: posts.Post | None  #: what was posted for this job, or is just being posted


class Pictures:
    """The handler of the jobs `incident_picture`."""

    def __init__(self, desk: Desk, offices: Offices) -> None:
        """What is drawn is read when the job is done."""
        self._desk = desk
        self._offices = offices

    async def post(self, job: Job) -> work.Outcome:
        """Put the picture that fits into the thread of the card, or its row of bars where nothing can be drawn.

        A picture is put there at most once: nobody can look it up where it is in doubt, and a second helps nobody.
        """
        key, when = f"{KIND}/{job.payload['incident']}", str(job.payload["when"])
        stand = await self._desk.store.read(lambda tx: self._load(tx, str(job.payload["incident"]), f"{key}/{when}"))
        if stand.incident.merged_into or (stand.shown and incident_picture.there()):
            return work.Done()
        if stand.card is None:
            late = job.attempts >= TRIES
            return work.Done() if late else work.Later(self._desk.clock.now() + AGAIN, "its card does not stand yet")
        w = language.channels(self._desk)
        found = {one.kind: one for one in incident_picture.drawings(stand.sheets, w.language)}
        chosen = next((found[kind] for kind in CHOICE[when] if kind in found), None)
        if incident_picture.there():
            return await self._picture(job, stand, chosen, w) if chosen else work.Done()
        return await self._bars(job, stand, w)

    async def _picture(self, job: Job, stand: _Stand, chosen: Drawing, w: Words) -> work.Outcome:
        office, card = self._offices.entity(stand.incident.entity), stand.card
        assert card is not None  # noqa: S101  (only where it stands)
        mark = posts.Post(job.key, card.channel, card.ts, chosen.kind)
        claimed = False
        try:
            file = await _uploaded(office, job, await incident_picture.draw(chosen, stand.incident.id), chosen.title)
            # From here on it may stand there: whoever comes after a crash must not put a second one below it.
            claimed = await self._desk.store.write(lambda tx: _claim(tx, mark))
            if claimed:
                where = {"channel_id": card.channel, "thread_ts": card.ts}
                await living.call(office, job, "files.completeUploadExternal", files=[file], **where)
        except SlackFault as fault:
            if fault.code == "missing_scope":  # whoever installed it without pictures has the rows of bars
                return await self._bars(job, stand, w)
            if fault.retry and not (claimed and fault.in_doubt):
                await self._desk.store.write(lambda tx: posts.forget(tx, *([mark.key] if claimed else ())))
                raise
            log.info("slack.no_picture", code=fault.code, do="The incident goes on without it.")
        return work.Done()

    async def _bars(self, job: Job, stand: _Stand, w: Words) -> work.Outcome:
        """One message with the rows of bars, edited when there is more to show."""
        said, card = incident_picture.lines(stand.sheets, w.language), stand.card
        if not said or card is None:
            return work.Done()
        key = f"{KIND}/{stand.incident.id}/bars"
        stands = await self._desk.store.read(lambda tx: posts.get(tx, key))
        since = stand.incident.opened_at - living.BEFORE
        message = bars(stand.incident.id, said, w)
        wanted = living.Living(key, message, (card.channel,), since, card.ts, job.lane)
        post = await living.keep(self._offices.entity(stand.incident.entity), job, wanted, stands)
        return work.Done(None if post is None else lambda tx: posts.save(tx, post))

    def _load(self, tx: Tx, incident_id: str, key: str) -> _Stand:
        sheets = incident_sheets.read(tx, self._desk, incident_id, language.channels(self._desk).language)
        card = posts.get(tx, f"card/{incident_id}")
        return _Stand(incidents.get(tx, incident_id), sheets, card, posts.get(tx, key))


def _claim(tx: Tx, mark: posts.Post) -> bool:
    """Whether it is ours to share; not where another replica was there first."""
    if posts.get(tx, mark.key) is not None:
        return False
    posts.save(tx, mark)
    return True


def bars(incident_id: str, said: Sequence[str], w: Words) -> Message:
    """The rows of bars below a title."""
    return cards.notice(words.fill(w.drawn.lines_title, incident=incident_id), said)


async def send(talk: Talk, caller: Caller, typed: str) -> Message | None:
    """Upload them where they were asked for aloud, else to the asker alone, and say that; in words where Slack refuses.

    NotFound: no such incident; SlackFault: nobody knows whether they arrived.
    """
    asked, w, desk = caller.asked, caller.words, talk.desk
    sheets = await desk.store.read(lambda tx: incident_sheets.read(tx, desk, typed, w.language))
    told = incident_picture.lines(sheets, w.language)
    if not incident_picture.there():
        return bars(sheets.incident, told, w) if told else _nothing(sheets, w)
    drawings = incident_picture.drawings(sheets, w.language)
    office = talk.offices.of(asked.at_home)
    aloud = asked.via in SPOKEN and asked.channel is not None
    try:
        files = []
        for one in drawings:
            drawn = await incident_picture.draw(one, sheets.incident)
            await talk.turn(office, "files.getUploadURLExternal", "", asked.key)
            files.append(await _sent(office, drawn, one.title))
        channel = str(asked.channel) if aloud else await office.directory.direct(asked.user)
        thread = asked.thread or (asked.ts if asked.via == "mention" else None)
        where = {"channel_id": channel} | ({"thread_ts": thread} if thread and asked.via in SPOKEN else {})
        await talk.turn(office, "files.completeUploadExternal", "", asked.key)
        await office.client.call("files.completeUploadExternal", files=files, **where)
    except SlackFault as fault:
        if fault.in_doubt:
            raise
        log.info("slack.no_picture", code=fault.code, do=fault.do or "It is said in words.")
        refused = words.fill(w.drawn.not_sent, code=fault.code)
        return cards.notice(refused, [*(one.aloud for one in drawings), *told])
    return None if aloud else cards.notice(words.fill(w.drawn.sent, incident=sheets.incident))


def _nothing(sheets: Sheets, w: Words) -> Message:
    return cards.notice(words.fill(w.drawn.nothing, incident=sheets.incident))


async def _uploaded(office: Office, job: Job, drawn: Picture, title: str) -> dict[str, str]:
    """The bytes are with Slack, for nobody to see yet; what names them when they are shared."""
    asked = {"filename": drawn.name, "length": len(drawn.png), "alt_txt": drawn.alt}
    given = await living.call(office, job, "files.getUploadURLExternal", **asked)
    await office.client.upload(str(given["upload_url"]), drawn.png)
    return {"id": str(given["file_id"]), "title": title}


async def _sent(office: Office, drawn: Picture, title: str) -> dict[str, str]:
    """The same for somebody who waits."""
    asked = {"filename": drawn.name, "length": len(drawn.png), "alt_txt": drawn.alt}
    given = await office.client.call("files.getUploadURLExternal", **asked)
    await office.client.upload(str(given["upload_url"]), drawn.png)
    return {"id": str(given["file_id"]), "title": title}
