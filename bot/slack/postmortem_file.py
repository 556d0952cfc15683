"""A postmortem as a file of Markdown: sent to whoever asks, and taken back once they have edited it."""

import re

from bot import telemetry, words
from bot.engine import postmortem
from bot.engine.roster import Asking
from bot.errors import BadInput, Conflict
from bot.model.postmortem import Postmortem
from bot.slack import cards
from bot.slack.client import SlackFault
from bot.slack.identity import Caller
from bot.slack.office import Office
from bot.slack.payloads import Asked, Body
from bot.slack.pieces import Message
from bot.slack.talk import Talk

MOST = 1_000_000  #: bytes of a file that comes back
_NAME = re.compile(
    r"(?P<postmortem>PM-[0-9]{1,15})-v(?P<version>[0-9]{1,9})(?:[ _(-].*)?\.(?:md|markdown|txt)", re.IGNORECASE
)
log = telemetry.logger("slack")


def name(its: Postmortem) -> str:
    """What the file is called: the document and the version it was written over."""
    return f"{its.id}-v{its.version}.md"


async def send(talk: Talk, caller: Caller, typed: str) -> Message:
    """Send it to them directly, and say so; where Slack takes no file, how else they read it. NotFound."""
    its, say = await postmortem.find(talk.desk, typed), caller.words.reviewing
    office = talk.offices.of(caller.asked.at_home)
    try:
        channel = await office.directory.direct(caller.asked.user)
        lead = words.fill(say.file_lead, postmortem=its.id, incident=its.incident, version=its.version)
        await _upload(talk, office, caller.asked, its, {"channel_id": channel, "initial_comment": lead})
    except SlackFault as fault:
        log.info("slack.no_file", code=fault.code, do=fault.do or "It is said how else it is read.")
        return cards.notice(words.fill(say.no_file, code=fault.code, postmortem=its.id))
    return cards.notice(words.fill(say.file_sent, postmortem=its.id))


async def _upload(talk: Talk, office: Office, asked: Asked, its: Postmortem, to: dict[str, str]) -> None:
    """In Slack's three steps: an address, the bytes, the sharing."""
    content = its.text.encode()
    await talk.turn(office, "files.getUploadURLExternal", "", asked.key)
    given = await office.client.call("files.getUploadURLExternal", filename=name(its), length=len(content))
    await office.client.upload(str(given["upload_url"]), content)
    files = [{"id": given["file_id"], "title": name(its)}]
    await talk.turn(office, "files.completeUploadExternal", "", asked.key)
    await office.client.call("files.completeUploadExternal", files=files, **to)


def found(event: Body) -> Body | None:
    """The file of a message that is meant to be a postmortem: the first that is called like one, or is Markdown."""
    files = event.get("files")
    every = [one for one in files if isinstance(one, dict)] if isinstance(files, list) else []
    named = [one for one in every if _NAME.fullmatch(str(one.get("name", "")))]
    return next(iter(named or [one for one in every if str(one.get("name", "")).lower().endswith(".md")]), None)


async def taken(talk: Talk, caller: Caller, file: Body) -> Message:
    """Put what a file says in the place of the version it was written over; why not, when that is not the newest."""
    say, called = caller.words.reviewing, str(file.get("name", ""))
    meant = _NAME.fullmatch(called)
    if meant is None:
        return cards.notice(words.fill(say.file_wrong, name=called[:80]))
    its, version = meant["postmortem"].upper(), int(meant["version"])
    if int(file.get("size") or 0) > MOST:
        return cards.notice(words.fill(say.file_big, name=called[:80], most=MOST // 1_000))
    try:
        text = await _read(talk.offices.of(caller.asked.at_home), file)
    except SlackFault as fault:
        return cards.notice(words.fill(say.file_unread, name=called[:80], code=fault.code, postmortem=its))
    asking = Asking(caller.by, talk.desk.clock.now(), caller.asked.via, caller.words.language)
    try:
        answer = await postmortem.edit(talk.desk, its, text, version, asking)
    except Conflict:
        return cards.notice(words.fill(say.file_stale, postmortem=its, version=version))
    return cards.notice(answer.sentence)


async def _read(office: Office, file: Body) -> str:
    """The words of a file; BadInput when they are none. SlackFault."""
    content = await office.client.download(str(file.get("url_private_download") or file.get("url_private") or ""), MOST)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput("That file is no text in UTF-8.", "Save it as plain Markdown.") from None
