"""Keeps the card of a change true wherever it stands: its incident's thread, its entity's channel, its approvers."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot import telemetry
from bot.engine import course, escalate, work
from bot.engine.desk import Desk
from bot.errors import NotFound
from bot.model.job import Job, Lane
from bot.model.people import Person
from bot.slack import accounts, change_card, change_view, language, living
from bot.slack.change_card import Shown
from bot.slack.client import SlackFault
from bot.slack.living import Living
from bot.slack.office import Office, Offices
from bot.store import Tx, changes, jobs, posts
from bot.store.posts import Post

log = telemetry.logger("slack")


@dataclass(frozen=True)
class _Stand:
    """The change, and where its drawings stand."""

    shown: Shown
    card: Post | None  # of its incident
    places: dict[str, Post]


class Changes:
    """The handler of the jobs `change`."""

    def __init__(self, desk: Desk, offices: Offices) -> None:
        """What is drawn is read when the job is done, so many steps in a moment are one edit."""
        self._desk = desk
        self._offices = offices

    async def change(self, job: Job) -> work.Outcome:
        """Draw it in every place it has; with a `person` in the payload, ask that person by direct message."""
        id_, asked = str(job.payload["change"]), str(job.payload.get("person", ""))
        now = self._desk.clock.now()
        try:
            stand = await self._desk.store.write(lambda tx: self._load(tx, id_))
        except NotFound as missing:
            return work.Dead(str(missing))
        if asked and now >= stand.shown.change.expires_at:
            return work.Done()
        waiting: SlackFault | None = None
        for office, wanted in [*self._places(stand, asked), *await self._people(stand, asked)]:
            try:
                post = await living.keep(office, job, wanted, stand.places.get(wanted.key))
            except SlackFault as fault:
                log.warning("slack.change_not_shown", key=wanted.key, reason=str(fault))
                waiting = waiting or (fault if fault.retry else None)  # where one cannot stand, the others still can
                continue
            if post is not None:
                await self._desk.store.write(lambda tx, post=post: _stands(tx, post))  # type: ignore[misc]
        if waiting is not None:
            raise waiting
        return work.Done()

    def _load(self, tx: Tx, change_id: str) -> _Stand:
        shown = change_view.of(tx, self._desk, change_id, tx.now)
        incident = shown.change.incident
        card = posts.get(tx, f"card/{incident}") if incident else None
        found = {post.key: post for post in posts.called(tx, f"change/{change_id}")}
        if shown.change.follows and not found:  # the card of the change it came of names it from now on
            course.redraw(tx, changes.get(tx, shown.change.follows))
        return _Stand(shown, card, found)

    def _places(self, stand: _Stand, asked: str) -> Iterator[tuple[Office, Living]]:
        """The channel's drawing, and the one in the thread of the incident's card; none where one person is asked."""
        if asked:
            return
        shown, change = stand.shown, stand.shown.change
        office, since = self._offices.entity(change.entity), change.requested_at - living.BEFORE
        message = change_card.card(shown, language.channels(self._desk))
        entity = self._desk.settings.estate.entities.get(change.entity)
        everywhere = self._desk.settings.slack.channel
        channels = tuple(dict.fromkeys(((entity.channel if entity else None) or everywhere, everywhere)))
        yield office, Living(f"change/{change.id}/channel:", message, channels, since)
        if stand.card is not None:
            where = (stand.card.channel,)
            yield office, Living(f"change/{change.id}/thread:", message, where, since, stand.card.ts)

    async def _people(self, stand: _Stand, asked: str) -> list[tuple[Office, Living]]:
        """Those who were asked before, and whoever is asked now."""
        change = stand.shown.change
        prefix = f"change/{change.id}/"
        names = {key.removeprefix(prefix) for key in stand.places}
        wanted = [asked] if asked else sorted(name for name in names if not name.endswith(":"))
        persons = self._desk.settings.people.persons
        return [await self._person(stand, persons[name]) for name in wanted if name in persons]

    async def _person(self, stand: _Stand, person: Person) -> tuple[Office, Living]:
        change, key = stand.shown.change, f"change/{stand.shown.change.id}/{person.name}"
        office = self._offices.person(person.name)
        message = change_card.asked(stand.shown, person, language.person(self._desk, person.name))
        stands = stand.places.get(key)
        if stands is not None:
            channel = stands.channel
        else:
            channel = await office.directory.direct(await accounts.of(self._desk, self._offices, person))
        return office, Living(key, message, (channel,), change.requested_at - living.BEFORE, lane=Lane.PAGE)


def _stands(tx: Tx, post: Post) -> None:
    """Where it stands is remembered; people's own pages show it, too."""
    posts.save(tx, post)
    jobs.put(tx, escalate.homes(tx.now))
