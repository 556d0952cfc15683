"""Channel topics that say who is on call and until when, by the resolver that pages: only differences are sent.

What people wrote into a topic stays: a topic is `ours | theirs`. What is known of one is written down beside where
drawings stand, under `topic/ROTA`: the place is the channel as the configuration names it, the time that of the last
look at Slack, the digest either `ok` and our part of it, or `fault`, what Slack said and what was to stand there.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot import telemetry, words
from bot.engine import escalate, work
from bot.engine.desk import Desk
from bot.model.entry import Entry
from bot.model.job import Job, Lane, NewJob
from bot.model.rota import Override, Rota, Shift
from bot.rules import rota
from bot.slack import language, living, pieces
from bot.slack.client import SlackFault
from bot.slack.office import Office, Offices
from bot.store import Tx, jobs, overrides, posts
from bot.store.posts import Post
from bot.words import Words

KIND = "topic"
MARK = " | "  #: what stands between our part of a topic and what people wrote
LONGEST, NAMES = 250, 100  # characters of a topic that Slack takes; those of them that name people
LOOK = timedelta(minutes=5)  #: how old what somebody changed in Slack by hand may get
REST = timedelta(hours=1)  #: until what Slack refused is tried again, quietly
AHEAD = timedelta(days=31)  # how far changes of the rota made by hand are looked for
TOO_LONG = "too_long"
#: What Slack says in other words, too.
ALIKE = {"not_authorized": "restricted_action", "user_is_restricted": "restricted_action"}
log = telemetry.logger("slack")


@dataclass(frozen=True)
class _Known:
    """What was written down at the last look."""

    at: datetime
    head: str
    fault: str = ""

    @classmethod
    def read(cls, post: Post | None, channel: str) -> "_Known | None":
        """None when there is nothing yet, or it was about another channel."""
        if post is None or post.channel != channel:
            return None
        said, _, head = post.digest.partition(" ")
        fault, head = ("", head) if said == "ok" else (head.partition(" ")[0], head.partition(" ")[2])
        return cls(datetime.fromisoformat(post.ts), head, fault)

    def post(self, rota_name: str, channel: str) -> Post:
        """The same, to be written down."""
        said = f"fault {self.fault}" if self.fault else "ok"
        return Post(f"{KIND}/{rota_name}", channel, self.at.isoformat(), f"{said} {self.head}")


@dataclass(frozen=True)
class _Wish:
    """What our part of which channel's topic shall be, why, until when; and what was known before."""

    rota: str
    channel: str
    head: str
    why: str
    until: datetime
    known: _Known | None

    def rests(self, now: datetime) -> bool:
        """Whether there is nothing to look at in Slack now."""
        known = self.known
        if known is None:
            return False
        if known.fault:
            return now < known.at + REST
        return known.head == self.head and now < known.at + LOOK


class Topics:
    """The handler of the job `topic`."""

    def __init__(self, desk: Desk, offices: Offices) -> None:
        """Who is on call is read when the job is done."""
        self._desk = desk
        self._offices = offices

    async def sync(self, job: Job) -> work.Outcome:
        """Let the topic say who is on call; look again when the shift ends."""
        name, now = str(job.payload["rota"]), self._desk.clock.now()
        wish = await self._desk.store.read(lambda tx: self._wish(tx, name, now))
        if wish is None:
            return work.Done()  # it was taken out of the configuration
        if wish.rests(now):
            return work.Done(lambda tx: _again(tx, wish))
        try:
            before, after = await self._equal(job, wish)
        except SlackFault as fault:
            if fault.retry and fault.code != "missing_scope":
                raise
            return work.Done(self._refused(wish, ALIKE.get(fault.code, fault.code), now))
        return work.Done(self._synced(wish, before, after, now))

    def _wish(self, tx: Tx, name: str, now: datetime) -> _Wish | None:
        settings = self._desk.settings
        channel, one = settings.slack.topics.get(name), settings.rotas.get(name)
        if channel is None or one is None:
            return None
        changes = (*settings.overrides, *overrides.active(tx, now, now + AHEAD, name))
        shift = same(one, now, changes)
        known = _Known.read(posts.get(tx, f"{KIND}/{name}"), channel)
        said = head(one, shift, language.channels(self._desk))
        return _Wish(name, channel, said, rota.why(one, now, changes), shift.end, known)

    async def _equal(self, job: Job, wish: _Wish) -> tuple[str, str]:
        """The topic before and after. SlackFault, also `too_long` where what people wrote leaves no room."""
        office = self._office(wish.channel)
        channel = await office.directory.channel(wish.channel)
        answer = await living.call(office, job, "conversations.info", channel=channel)
        before = str((answer["channel"].get("topic") or {}).get("value") or "")
        theirs = kept(before, wish.known.head if wish.known else "")
        after = f"{wish.head}{MARK}{theirs}" if theirs else wish.head
        if before == after:
            return before, after
        if len(after) > LONGEST:
            raise SlackFault("conversations.setTopic", TOO_LONG)
        try:
            await living.call(office, job, "conversations.setTopic", channel=channel, topic=after)
        except SlackFault as fault:
            if fault.code != "not_in_channel":
                raise
            await living.call(office, job, "conversations.join", channel=channel)
            await living.call(office, job, "conversations.setTopic", channel=channel, topic=after)
        return before, after

    def _office(self, channel: str) -> Office:
        """The workspace in which a channel of the configuration is."""
        entities = self._desk.settings.estate.entities.values()
        named = next((entity.name for entity in entities if entity.channel == channel), None)
        return self._offices.entity(named) if named else self._offices.main

    # --- what is written down ---

    def _synced(self, wish: _Wish, before: str, after: str, now: datetime) -> Callable[[Tx], None]:
        """Told in the log when it changed, also where an attempt in doubt had changed it already."""
        known = wish.known
        anew = known is None or bool(known.fault) or known.head != wish.head
        entry = Entry(
            "tocsin", "topic.synced", now, "tocsin", f"rota:{wish.rota}", wish.why, {"topic": before}, {"topic": after}
        )

        def then(tx: Tx) -> None:
            posts.save(tx, _Known(now, wish.head).post(wish.rota, wish.channel))
            if before != after or anew:
                tx.note(entry)
            _again(tx, wish)

        return then

    def _refused(self, wish: _Wish, code: str, now: datetime) -> Callable[[Tx], None]:
        """Say so once, until it was good again or something else is wrong; the topic stays as it is."""
        known = wish.known
        told = known is not None and known.fault == code
        if not told:
            log.warning("slack.topic_not_kept", rota=wish.rota, channel=wish.channel, code=code)
        say = language.channels(self._desk).oncall
        why = say.topic_why.get(code) or words.fill(say.topic_other, code=code)
        text = words.fill(say.topic_trouble, channel=wish.channel, rota=wish.rota, why=why)
        to = f"channel:{self._desk.settings.slack.channel}"
        stands = known.head if known else ""  # what we wrote last, so that it is told from what people wrote

        def then(tx: Tx) -> None:
            posts.save(tx, _Known(now, stands, code).post(wish.rota, wish.channel))
            if not told:
                owed = escalate.notice(f"topic/{wish.rota}/{code}/{now.isoformat()}", to, text, now)
                jobs.put(tx, owed)
            _again(tx, wish)

        return then


def same(one: Rota, now: datetime, changes: Sequence[Override]) -> Shift:
    """Who is on call from `now`, and until when it is the same people: turns of one person make one span."""
    first, *rest = rota.shifts(one, now, now + AHEAD, changes)
    for each in rest:
        if _persons(each) != _persons(first):
            break
        first = replace(first, end=each.end)
    return first


def head(one: Rota, shift: Shift, w: Words) -> str:
    """Our part of a topic: who is on call until when, on the clocks of the rota; it holds no mark of ours."""
    say = w.oncall
    names = pieces.escape(pieces.shorten(", ".join(holder.person for holder in shift.holders), NAMES))
    until = f"{shift.end.astimezone(ZoneInfo(one.timezone)):%Y-%m-%d %H:%M} {one.timezone}"
    rota_name = pieces.escape(pieces.shorten(one.name, 40))
    if shift.length >= AHEAD:
        template = say.topic_always if names else say.topic_nobody_ever
    else:
        template = say.topic_until if names else say.topic_nobody
    said = words.fill(template, rota=rota_name, who=names, until=until)
    return said.replace(MARK.strip(), "/")


def kept(topic: str, ours: str) -> str:
    """What people wrote into `topic`, of which we wrote `ours` last: what stands after the mark, or all of it."""
    first, _, rest = topic.partition(MARK)
    mine = first == ours or any(pattern.fullmatch(first) for pattern in _ours())
    return rest if mine else topic


def _ours() -> Iterator[re.Pattern[str]]:
    """What our part looks like in each language: so it is known again where nothing remembers what was written."""
    for w in words.LANGUAGES.values():
        say = w.oncall
        for template in (say.topic_until, say.topic_always, say.topic_nobody, say.topic_nobody_ever):
            yield re.compile(
                "".join(re.escape(text) + ".+" * (name is not None) for text, name in words.split(template))
            )


def look(name: str, due: datetime) -> NewJob:
    """The wish that the topic of the rota `name` is looked at."""
    return NewJob(f"{KIND}/{name}", KIND, Lane.DIGEST, due, {"rota": name})


def _persons(shift: Shift) -> tuple[str, ...]:
    return tuple(holder.person for holder in shift.holders)


def _again(tx: Tx, wish: _Wish) -> None:
    """When the shift ends; what is changed by hand before is found by the time door's looks."""
    jobs.put(tx, look(wish.rota, wish.until))
