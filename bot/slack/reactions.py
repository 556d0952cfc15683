"""An emoji under a message puts its words into the timeline of its incident; taking the emoji away takes them out."""

from datetime import timedelta

from bot import telemetry, words
from bot.engine import annotate
from bot.errors import BadInput
from bot.model.verdict import Verdict
from bot.slack import commands, payloads, spoken, where
from bot.slack.client import SlackFault
from bot.slack.identity import Caller
from bot.slack.office import Office
from bot.slack.payloads import Body, Happened
from bot.slack.pieces import Message
from bot.slack.talk import Talk
from bot.store import Tx

HINTED = timedelta(days=90)  # how long somebody remembers where the emoji works
log = telemetry.logger("slack")


async def put(talk: Talk, happened: Happened) -> None:
    """Note the message for whoever put our emoji under it; a message of the bot's own is no note."""
    item = _item(talk, happened)
    if item is None or happened.event.get("item_user") == talk.offices.of(happened.team).bot_user:
        return
    channel, ts = item
    caller = await talk.identity.caller(payloads.wrote(happened))
    async with talk.alone(f"note/{channel}/{ts}"):
        said = await _note(talk, caller, channel, ts)
    if said is not None:
        await talk.answer(caller.asked, said)


async def taken(talk: Talk, happened: Happened) -> None:
    """Take the note out again that this person had put in."""
    if item := _item(talk, happened):
        asked = payloads.wrote(happened)
        message = "/".join(item)
        async with talk.alone(f"note/{message}"):
            caller = await talk.identity.caller(asked)
            await annotate.remove(talk.desk, message, caller.by, talk.desk.clock.now(), asked.via)


def _item(talk: Talk, happened: Happened) -> tuple[str, str] | None:
    """Channel and ts of the message, when it is our emoji under one, put there by somebody else than the bot."""
    said = happened.event
    item, emoji = said.get("item"), str(said.get("reaction") or "").partition("::")[0]
    mine = said.get("user") == talk.offices.of(happened.team).bot_user
    if (
        mine
        or emoji != talk.desk.settings.slack.reaction
        or not isinstance(item, dict)
        or item.get("type") != "message"
    ):
        return None
    channel, ts = item.get("channel"), item.get("ts")
    return (channel, ts) if isinstance(channel, str) and isinstance(ts, str) and channel and ts else None


async def _note(talk: Talk, caller: Caller, channel: str, ts: str) -> Message | None:
    """What its person must know; None when it was noted, which shows in the thread."""
    desk, w = talk.desk, caller.words.talk
    office = talk.offices.of(caller.asked.at_home)
    try:
        message = await _fetch(talk, office, channel, ts)
    except SlackFault as fault:
        return commands.hint(words.fill(w.reaction_unread, code=fault.code, do=fault.do).strip())
    if message is None or message.get("user") == office.bot_user:
        return None
    thread = message.get("thread_ts")
    here = await desk.store.read(lambda tx: _belongs(tx, channel, thread if isinstance(thread, str) else None))
    if len(here) != 1:
        return await _nowhere(talk, caller, here)
    note = annotate.Note(
        here[0],
        _words(message, talk),
        caller.by,
        desk.clock.now(),
        caller.asked.via,
        author=f"slack:{message['user']}" if message.get("user") else None,
        message=f"{channel}/{ts}",
        permalink=await _permalink(office, channel, ts),
        language=caller.words.language,
    )
    try:
        noted = await annotate.add(desk, note)
    except BadInput:
        return commands.hint(w.reaction_empty)
    return None if noted.verdict in (Verdict.GO, Verdict.ALREADY) else commands.hint(noted.sentence)


def _belongs(tx: Tx, channel: str, thread: str | None) -> list[str]:
    """The incident of the thread or of the channel; else the open ones whose cards stand in the channel."""
    mine = where.incident(tx, channel, thread)
    return [mine] if mine else where.tied(tx, channel)


async def _nowhere(talk: Talk, caller: Caller, here: list[str]) -> Message | None:
    w = caller.words.talk
    if here:
        return commands.hint(words.fill(w.reaction_which, names=", ".join(here[:8])))
    fresh = await talk.first(f"hint/{caller.asked.team}/{caller.asked.user}", remember=HINTED)
    return commands.hint(w.reaction_nowhere) if fresh else None


async def _fetch(talk: Talk, office: Office, channel: str, ts: str) -> Body | None:
    """The message as it stands; None when it has gone. SlackFault where it cannot be read."""
    window = {
        "channel": channel,
        "latest": ts,
        "oldest": ts,
        "inclusive": True,
        "limit": 2,
    }  # a thread begins with its parent
    for method, more in (("conversations.history", {}), ("conversations.replies", {"ts": ts})):
        await talk.turn(office, method, channel, f"note/{channel}/{ts}")
        try:
            answer = await office.client.call(method, **window, **more)
        except SlackFault as fault:
            if fault.code == "thread_not_found":
                return None
            raise
        for message in answer.get("messages", ()):
            if message.get("ts") == ts:
                return dict(message)
    return None


async def _permalink(office: Office, channel: str, ts: str) -> str | None:
    try:
        answer = await office.client.call("chat.getPermalink", channel=channel, message_ts=ts)
    except SlackFault as fault:
        log.info("slack.no_permalink", code=fault.code)
        return None
    return str(answer.get("permalink") or "") or None


def _words(message: Body, talk: Talk) -> str:
    """Its words as people read them, a line each."""
    said = message.get("text")
    people = talk.desk.settings.people
    lines = said.splitlines() if isinstance(said, str) else []
    return "\n".join(spoken.readable(spoken.plain(line), people) for line in lines).strip()
