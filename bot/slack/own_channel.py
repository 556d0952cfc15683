"""A channel of its own for a severe incident: opened, filled, and archived a day after the incident is resolved.

Each step is written down when it is done, so that after a crash the next one follows and none is done twice. What
Slack does not allow is left out; where it allows no channel the incident goes on where its card stands.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import telemetry, words
from bot.engine import escalate, report, work
from bot.engine.desk import Desk
from bot.model.incident import Incident
from bot.model.job import Job, Lane, NewJob
from bot.model.page import PageState
from bot.model.view import View
from bot.slack import cards, facts, language, living, pieces
from bot.slack.client import SlackFault
from bot.slack.office import Office, Offices
from bot.store import Tx, jobs, posts

KEPT = timedelta(days=1)  #: how long a channel stays open after its incident was resolved
LONGEST, TOPIC = 80, 250  #: characters of a channel's name and of its topic
NAMES = 9  #: names tried when others have them
AT_ONCE = 100  #: people in one invitation
REFUSED, GONE, ARCHIVED = "refused", "gone", "archived"  #: after these nothing is done any more
log = telemetry.logger("slack")


@dataclass(frozen=True, slots=True)
class Room:
    """How far an incident's own channel has come: `done` holds the steps that are over and who was invited."""

    incident: str
    channel: str = ""
    name: str = ""
    done: frozenset[str] = frozenset()

    @classmethod
    def of(cls, tx: Tx, incident: str) -> "Room":
        """As it was written down; without a channel when there is nothing yet."""
        post = posts.get(tx, f"own-channel/{incident}")
        return cls(incident, post.channel, post.ts, frozenset(post.digest.split())) if post else cls(incident)

    @property
    def over(self) -> bool:
        """Nothing is to be done any more."""
        return not self.done.isdisjoint((REFUSED, GONE, ARCHIVED))

    @property
    def mention(self) -> str:
        """The channel's id while there is one to go to."""
        return "" if GONE in self.done else self.channel

    def having(self, *steps: str) -> "Room":
        """With these steps done."""
        return Room(self.incident, self.channel, self.name, self.done | set(steps))

    def put_down(self, tx: Tx) -> None:
        """Write it down."""
        digest = " ".join(sorted(self.done))
        posts.save(tx, posts.Post(f"own-channel/{self.incident}", self.channel, self.name, digest))


@dataclass(frozen=True)
class _Seen:
    """What was read before anything is done."""

    view: View
    room: Room
    card: posts.Post | None
    stands: posts.Post | None  # the card in the channel
    users: tuple[str, ...]  # Slack ids of who should be in the channel
    office: Office
    job: Job


class OwnChannels:
    """The handlers of the jobs `own` and `archive`."""

    def __init__(self, desk: Desk, offices: Offices) -> None:
        """What is wanted is read when the job is done."""
        self._desk = desk
        self._offices = offices

    async def own(self, job: Job) -> work.Outcome:
        """Open the channel of a severe incident, keep its card, invite who has come to it, plan its end."""
        seen = await self._desk.store.read(lambda tx: self._load(tx, job))
        incident, room = seen.view.incident, seen.room
        wanted = incident.open and incident.severity in self._desk.settings.slack.own_channel
        if room.over or not (room.channel or wanted):
            return work.Done()
        if not room.channel:
            try:
                room = await self._opened(seen)
            except SlackFault as fault:
                if _passes(fault):
                    raise
                return work.Done(self._refused(seen, fault))
        try:
            await self._furnish(seen, room)
        except SlackFault as fault:
            if fault.code not in living.ELSEWHERE:
                raise
            log.warning("slack.own_channel_gone", incident=incident.id, code=fault.code)
            return work.Done(lambda tx: self._put_down(tx, room.having(GONE), incident))
        return work.Done(None if incident.open else lambda tx: jobs.put_once(tx, _archive(incident)))

    async def archive(self, job: Job) -> work.Outcome:
        """Close the channel; whoever closed it before, or does not let us, has settled it."""
        seen = await self._desk.store.read(lambda tx: self._load(tx, job))
        room = seen.room
        if room.over or not room.channel:
            return work.Done()
        try:
            await living.call(seen.office, job, "conversations.archive", channel=room.channel)
        except SlackFault as fault:
            if _passes(fault):
                raise
            log.warning("slack.not_archived", incident=room.incident, code=fault.code, do=fault.do)
        return work.Done(room.having(ARCHIVED).put_down)

    def _load(self, tx: Tx, job: Job) -> _Seen:
        incident = str(job.payload["incident"])
        view = report.view_in(tx, self._desk, incident, cards.TOLD)
        card, stands = posts.get(tx, f"card/{incident}"), posts.get(tx, f"own/{incident}")
        office = self._offices.entity(view.incident.entity)
        return _Seen(view, Room.of(tx, incident), card, stands, self._users(tx, view), office, job)

    # --- the steps ---

    async def _opened(self, seen: _Seen) -> Room:
        """A new channel, or the one that an attempt in doubt has left behind."""
        incident = seen.view.incident
        for name in names(self._desk.settings.slack.own_channel_prefix, incident):
            try:
                answer = await living.call(seen.office, seen.job, "conversations.create", name=name)
                channel = str(answer["channel"]["id"])
            except SlackFault as fault:
                if fault.code != "name_taken":
                    raise
                channel = await _ours(seen, name)
            if channel:
                room = Room(incident.id, channel, name)
                await self._desk.store.write(lambda tx, room=room: self._put_down(tx, room, incident))  # type: ignore[misc]
                return room
        raise SlackFault("conversations.create", "name_taken")

    async def _furnish(self, seen: _Seen, room: Room) -> None:
        incident, w = seen.view.incident, language.channels(self._desk)
        room = await self._once(
            seen, room, "topic", "conversations.setTopic", channel=room.channel, topic=topic(incident)
        )
        message = cards.incident_card(seen.view, self._desk.clock.now(), w)
        since = incident.opened_at - living.BEFORE
        living_card = living.Living(f"own/{incident.id}", message, (room.channel,), since)
        post = await living.keep(seen.office, seen.job, living_card, seen.stands) or seen.stands
        if post is not None and post != seen.stands:
            await self._desk.store.write(lambda tx: posts.save(tx, post))
        room = await self._invite(seen, room)
        if post is not None:
            room = await self._once(seen, room, "pin", "pins.add", channel=room.channel, timestamp=post.ts)
        if seen.card is not None and "bookmark" not in room.done:
            await self._bookmark(seen, room, seen.card)

    async def _once(self, seen: _Seen, room: Room, step: str, method: str, **arguments: str) -> Room:
        """Do a step that may be repeated without harm; what Slack does not allow is left out."""
        if step in room.done:
            return room
        await self._allowed(seen, method, **arguments)
        return await self._save(room.having(step))

    async def _invite(self, seen: _Seen, room: Room) -> Room:
        """Whoever is not there yet; a bad id does not keep the others out, and nobody is asked in twice."""
        missing = [user for user in seen.users if user not in room.done][:AT_ONCE]
        if not missing:
            return room
        users = ",".join(missing)
        await self._allowed(seen, "conversations.invite", channel=room.channel, users=users, force=True)
        return await self._save(room.having(*missing))

    async def _bookmark(self, seen: _Seen, room: Room, card: posts.Post) -> None:
        """Leads to the card; Slack would take the same bookmark twice, so it is written down before."""
        link = await living.call(seen.office, seen.job, "chat.getPermalink", channel=card.channel, message_ts=card.ts)
        title = words.fill(language.channels(self._desk).card.bookmark, incident=room.incident)
        await self._save(room.having("bookmark"))
        told = {"channel_id": room.channel, "title": title, "type": "link", "link": str(link["permalink"])}
        try:
            await living.call(seen.office, seen.job, "bookmarks.add", **told)
        except SlackFault as fault:
            if fault.after is not None:  # nothing was attempted
                await self._save(room)
                raise
            log.info("slack.no_bookmark", incident=room.incident, code=fault.code, do=fault.do)

    async def _allowed(self, seen: _Seen, method: str, **arguments: object) -> None:
        try:
            await living.call(seen.office, seen.job, method, **arguments)
        except SlackFault as fault:
            if _passes(fault) or fault.code in living.ELSEWHERE - {"restricted_action"}:
                raise
            log.info("slack.left_out", method=method, incident=seen.room.incident, code=fault.code, do=fault.do)

    # --- what is written down ---

    async def _save(self, room: Room) -> Room:
        await self._desk.store.write(room.put_down)
        return room

    def _put_down(self, tx: Tx, room: Room, incident: Incident) -> None:
        """The card says where the channel is, so it is drawn anew."""
        room.put_down(tx)
        payload = {"incident": incident.id}
        jobs.put(tx, NewJob(f"card/{incident.id}", "card", Lane.CARD, tx.now, payload))

    def _refused(self, seen: _Seen, fault: SlackFault) -> Callable[[Tx], None]:
        """The owner of the policy is told once of each reason, not of each incident."""
        desk, incident = self._desk, seen.view.incident
        card = language.channels(desk).card
        text = words.fill(card.no_channel, incident=incident.id, title=incident.title, code=fault.code)

        def then(tx: Tx) -> None:
            seen.room.having(REFUSED).put_down(tx)
            key, whole = f"own-channel/{fault.code}", f"{text} {fault.do}".strip()
            for told in escalate.tell_owner(desk, incident, desk.roster(tx, tx.now), key, whole):
                jobs.put_once(tx, told)

        return then

    def _users(self, tx: Tx, view: View) -> tuple[str, ...]:
        """The holder, everybody who was paged, the team that owns the model; those who are in Slack."""
        people = self._desk.people(tx)
        team = people.teams.get(view.owner_team or "")
        paged = [sheet.person for sheet in view.pages if sheet.state not in (PageState.FAILED, PageState.MOOT)]
        names = [view.incident.holder, *paged, *(team.members if team else ()), team.lead if team else None]
        known = (people.persons.get(name) for name in dict.fromkeys(names) if name)
        return tuple(person.slack for person in known if person and person.slack)


def names(prefix: str, incident: Incident) -> Iterator[str]:
    """Names for the channel, by Slack's rules: `inc-7-churn-feature-drift`, then with -2, -3 behind it."""
    number = incident.id.removeprefix("INC-")
    said = " ".join((incident.model or incident.entity, incident.title))[:400].replace("ı", "i")
    plain = unicodedata.normalize("NFKD", said).encode("ascii", "ignore").decode().lower()
    whole = "-".join([prefix, number, *re.findall(r"[a-z0-9_]+", plain)])
    base = whole[: LONGEST - 2].rstrip("-")
    yield base
    yield from (f"{base}-{again}" for again in range(2, NAMES + 1))


def topic(incident: Incident) -> str:
    """What stands on top of the channel, as Slack's markup shows it literally."""
    whole = f"{incident.id} · {incident.severity.upper()} · {facts.title(incident)}"
    drawn = (pieces.escape(pieces.shorten(whole, most)) for most in (200, 100))
    return next((text for text in drawn if len(text) <= TOPIC), incident.id)


async def _ours(seen: _Seen, name: str) -> str:
    """The id of the channel that has this name when it was opened by us and for this incident; else empty."""
    try:
        channel = await seen.office.directory.channel(name)
        answer = await living.call(seen.office, seen.job, "conversations.info", channel=channel)
    except SlackFault as fault:
        if _passes(fault):
            raise
        return ""
    told = answer["channel"]
    since = (seen.view.incident.opened_at - living.BEFORE).timestamp()
    ours = told.get("creator") == seen.office.bot_user and int(told.get("created") or 0) >= since
    return channel if ours and not told.get("is_archived") else ""


def _passes(fault: SlackFault) -> bool:
    """Whether trying again may help; a scope that is missing is not waited for."""
    return fault.retry and fault.code != "missing_scope"


def _archive(incident: Incident) -> NewJob:
    due: datetime = (incident.resolved_at or incident.changed_at) + KEPT
    return NewJob(f"archive/{incident.id}", "archive", Lane.DIGEST, due, {"incident": incident.id})
