"""The picture of a rota's coming weeks, sent to whoever asked for it."""

from importlib.util import find_spec

from bot import telemetry, words
from bot.engine import picture
from bot.engine.picture import Picture
from bot.slack import cards, lists
from bot.slack.client import SlackFault
from bot.slack.identity import Caller
from bot.slack.office import Office
from bot.slack.payloads import Asked
from bot.slack.pieces import Json, Message
from bot.slack.talk import SPOKEN, Talk
from bot.words import Words

ORDER = "oncall weeks"  #: as it is typed, with the rota behind it
PLACE = 52  # of the button among those of an answer
log = telemetry.logger("slack")


def button(rota: str, w: Words) -> list[Json]:
    """What asks for the picture of a rota; none where the library that draws is not installed."""
    return [lists.order(w.picture.button, f"{ORDER} {rota}", PLACE)] if find_spec("matplotlib") else []


async def send(talk: Talk, caller: Caller, rota: str) -> Message | None:
    """Upload it where it was asked for aloud, else to the asker alone, and say that; its words where Slack takes none.

    NotFound: no such rota; BadInput: it cannot be drawn; SlackFault: nobody knows whether it arrived.
    """
    asked, w, desk = caller.asked, caller.words, talk.desk
    drawn = await picture.drawn(desk, rota, desk.clock.now(), w.language)
    office = talk.offices.of(asked.at_home)
    aloud = asked.via in SPOKEN and asked.channel is not None
    try:
        channel = str(asked.channel) if aloud else await office.directory.direct(asked.user)
        await _upload(talk, office, asked, drawn, channel)
    except SlackFault as fault:
        if fault.in_doubt:
            raise
        log.info("slack.no_picture", code=fault.code, do=fault.do or "It is said in words.")
        return cards.notice(f"{drawn.aloud} {words.fill(w.picture.not_sent, code=fault.code)}")
    return None if aloud else cards.notice(words.fill(w.picture.sent, title=drawn.title))


async def _upload(talk: Talk, office: Office, asked: Asked, drawn: Picture, channel: str) -> None:
    """In Slack's three steps: an address, the bytes, the sharing."""
    size = len(drawn.content)
    await talk.turn(office, "files.getUploadURLExternal", "", asked.key)
    given = await office.client.call(
        "files.getUploadURLExternal", filename=drawn.name, length=size, alt_txt=drawn.aloud
    )
    await office.client.upload(str(given["upload_url"]), drawn.content)
    thread = asked.thread or (asked.ts if asked.via == "mention" else None)
    where = {"channel_id": channel} | ({"thread_ts": thread} if thread and asked.via in SPOKEN else {})
    await talk.turn(office, "files.completeUploadExternal", "", asked.key)
    await office.client.call(
        "files.completeUploadExternal", files=[{"id": given["file_id"], "title": drawn.title}], **where
    )
