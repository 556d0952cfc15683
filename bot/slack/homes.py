"""Everybody's own page: drawn when somebody opens it, and kept true for a day after that.

One job, `homes`, keeps them all: changes within a moment are one run, equal drawings are not sent, and what Slack does
not take now is left to the next run.
"""

import hashlib
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot import telemetry, words
from bot.contract.plugin import Health
from bot.engine import addresses, ahead, report, serious, work
from bot.errors import Refused
from bot.model.handover import Handover, Standing
from bot.model.job import Job, Lane
from bot.model.paged import Test
from bot.model.people import Person
from bot.slack import change_view, examine, home, payloads, readers
from bot.slack.client import SlackFault
from bot.slack.office import Office
from bot.slack.payloads import Asked, Happened
from bot.slack.pieces import Json
from bot.slack.readers import Opened, Reader
from bot.slack.talk import Talk
from bot.store import Tx, follow_ups, handovers, page_tests

AGAIN = timedelta(minutes=5)  #: how old what nobody tells us of (a plugin's health, a change of the rota) may get
SOON = timedelta(minutes=1)  # until what Slack did not take is tried again
FOLLOW_UPS = 1_000  #: open ones of everybody that are looked through
MOST = 25  #: pages sent in one run; the others follow in the next
PUBLISH = "views.publish"
log = telemetry.logger("slack")

Healthy = Callable[[], Awaitable[Sequence[home.Row]]]


@dataclass(frozen=True, slots=True)
class _Page:
    """One page as it should be."""

    reader: Reader
    blocks: list[Json]

    @property
    def digest(self) -> str:
        drawn = json.dumps(self.blocks, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(drawn.encode()).hexdigest()[:32]


class Homes:
    """What happens when a page is opened, and the handler of the job `homes`."""

    def __init__(self, talk: Talk, health: Healthy | None = None) -> None:
        """`health` tells those who see to the bot how its parts are: (what, whether it stands, what to do)."""
        self._talk = talk
        self._desk = talk.desk
        self._health = health

    async def opened(self, talk: Talk, happened: Happened) -> None:
        """Show somebody their page; what Slack does not take now is tried again soon. SlackFault."""
        if happened.event.get("tab", "home") != "home":
            return
        asked = replace(payloads.wrote(happened), via="home")
        try:
            caller = await talk.identity.caller(asked)
        except Refused as refused:
            await self._turn_away(asked, str(refused))
            return
        language = caller.words.language
        reader = Reader(asked.at_home, asked.user, caller.account or asked.user, language)
        now, shows = self._desk.clock.now(), readers.NOTHING
        async with talk.alone(reader.key):
            try:
                office = talk.offices.of(reader.team)
                await talk.turn(office, PUBLISH, "", reader.key)
                (page,), due = await self._draw([reader], self._desk.clock.now())
                await self._publish(office, reader.user, page.blocks)
                shows = page.digest
            except SlackFault as fault:
                log.warning("slack.home_not_shown", user=reader.user, reason=str(fault))
                due = now + _pause(fault)
            await self._desk.store.write(lambda tx: readers.opened(tx, Opened(reader, now, shows), due))

    async def _turn_away(self, asked: Asked, reason: str) -> None:
        """Show one sentence, and nothing of ours any more, whatever they saw before."""
        key = readers.key(asked.at_home, asked.user)
        await self._desk.store.write(lambda tx: readers.forget(tx, [key], None))
        async with self._talk.alone(key):
            office = self._talk.offices.of(asked.at_home)
            await self._talk.turn(office, PUBLISH, "", key)
            await self._publish(office, asked.user, home.refused(reason))

    async def refresh(self, job: Job) -> work.Outcome:
        """Send the pages that have changed, of those that were opened within a day; plan the next look at them."""
        now = self._desk.clock.now()
        found = await self._desk.store.read(readers.all_)
        shows = {one.reader.key: one.shows for one in found if one.at > now - readers.KEPT}
        gone = {one.reader.key for one in found} - shows.keys()
        if not shows:
            return work.Done(lambda tx: readers.forget(tx, gone, None))
        pages, due = await self._draw([one.reader for one in found if one.reader.key in shows], now)
        changed = [page for page in pages if shows[page.reader.key] != page.digest]
        resting: set[str] = set()  # the workspaces that take nothing now; the others need not wait for them
        for page in changed[:MOST]:
            if page.reader.team in resting:
                continue
            try:
                stays = await self._send(page)
            except SlackFault as fault:
                resting.add(page.reader.team)
                due = min(due, now + _pause(fault))
            else:
                gone |= set() if stays else {page.reader.key}
        due = now if len(changed) > MOST and not resting else due
        next_look = due if shows.keys() - gone else None
        return work.Done(lambda tx: readers.forget(tx, gone, next_look))

    async def _send(self, page: _Page) -> bool:
        """Whether it is worth keeping true from now on; SlackFault when it is not the time to send any."""
        key = page.reader.key
        async with self._talk.alone(key):
            try:
                office = self._talk.offices.of(page.reader.team)
                if wait := office.limiter.ask(PUBLISH, "", Lane.DIGEST, key):
                    raise SlackFault(PUBLISH, "waiting", after=wait)
                await self._publish(office, page.reader.user, page.blocks)
            except SlackFault as fault:
                log.info("slack.home_not_shown", user=page.reader.user, reason=str(fault))
                if fault.retry:
                    raise
                return False
            await self._desk.store.write(lambda tx: readers.shown(tx, page.reader, page.digest))
            return True

    async def _publish(self, office: Office, user: str, blocks: list[Json]) -> None:
        await office.client.call(PUBLISH, user_id=user, view={"type": "home", "blocks": blocks})

    # --- what they show ---

    async def _draw(self, whose: Sequence[Reader], now: datetime) -> tuple[list[_Page], datetime]:
        """The pages as they should be, all from one reading, and when the next look is due."""
        known, waits, lies = await self._desk.store.read(lambda tx: self._known(tx, whose, now))
        handed = await self._desk.store.read(_handed)
        following = await self._desk.store.read(lambda tx: follow_ups.listing(tx, FOLLOW_UPS))
        crew = {person.name for person in known.values()}
        owing = await self._desk.store.read(lambda tx: serious.owing(tx, self._desk, crew))
        ways = await self._desk.store.read(lambda tx: self._ways(tx, known.values()))
        tests = await self._desk.store.read(_tests)
        seen = await report.overview(self._desk, {person.name for person in known.values()}, now)
        admins = self._desk.settings.people.admins
        health = await self._rows() if any(person.name in admins for person in known.values()) else ()
        bare = {reader: self._shown(reader, known.get(reader), seen, health) for reader in whose}
        names = {reader: _name(known.get(reader)) for reader in bare}
        shown = {
            reader: replace(
                page,
                waiting=waits.get(names[reader]),
                ahead=lies.get(names[reader]),
                reached=ways.get(names[reader], ()),
                tests=tests.get(names[reader], {}),
                handovers=[one for one in handed if names[reader] in _asked(one)],
                follow_ups=[one for one in following if one.owner and one.owner == names[reader]],
                now=now,
                owed=owing.get(names[reader], ()),
            )
            for reader, page in bare.items()
        }
        pages = [_Page(reader, home.draw(page, self._words(reader, page.person))) for reader, page in shown.items()]
        return pages, min([now + AGAIN, *(one.shift.end for one in seen.on_call)])

    def _known(
        self, tx: Tx, whose: Iterable[Reader], now: datetime
    ) -> tuple[Mapping[Reader, Person], Mapping[str, change_view.Waiting], Mapping[str, ahead.Ahead]]:
        """Who the readers are, what waits for each, and what lies ahead of them."""
        known = self._persons(tx, whose)
        names = {one.name for one in known.values()}
        waits = change_view.waiting(tx, self._desk, names, now)
        return known, waits, ahead.pages(tx, self._desk, names, now)

    def _ways(self, tx: Tx, persons: Iterable[Person]) -> Mapping[str, Sequence[addresses.Reached]]:
        """How it stands with each way of each."""
        found: dict[str, list[addresses.Reached]] = {}
        for one in addresses.listing(tx, self._desk, dict.fromkeys(person.name for person in persons)):
            found.setdefault(one.person, []).append(one)
        return found

    def _persons(self, tx: Tx, whose: Iterable[Reader]) -> Mapping[Reader, Person]:
        """Who the readers are, those whom the configuration or a link knows."""
        people = self._desk.settings.people.persons
        named = {reader: self._desk.person(tx, f"slack:{reader.account}") for reader in whose}
        return {reader: people[name] for reader, name in named.items() if name}

    def _words(self, reader: Reader, person: Person | None) -> words.Words:
        return words.of((person.language if person else None) or reader.language)

    def _shown(
        self, reader: Reader, person: Person | None, seen: report.Overview, health: Sequence[home.Row]
    ) -> home.Shown:
        settings = self._desk.settings
        admin = person is not None and person.name in settings.people.admins
        return home.Shown(
            person,
            seen,
            self._theirs_first(person, seen.on_call),
            settings.escalation.urgency,
            frozenset(self._desk.ways),
            [*health, *self._scopes(reader)] if admin else None,
        )

    def _theirs_first(self, person: Person | None, found: Iterable[report.OnCall]) -> list[report.OnCall]:
        """The rotas they take turns in, then those of their teams, then the others."""
        teams = self._desk.settings.people.teams.values()
        own = [team for team in teams if person and person.name in (*team.members, team.lead)]
        named = {team.name for team in own}
        crew = {name for team in own for name in (*team.members, team.lead)}

        def far(one: report.OnCall) -> tuple[int, str]:
            rota = self._desk.settings.rotas[one.rota]
            members = set(rota.persons)
            turn = person is not None and person.name in members
            return (0 if turn else 1 if rota.owner in named or members & crew else 2), one.rota

        return sorted(found, key=far)

    async def _rows(self) -> Sequence[home.Row]:
        return await self._health() if self._health else ()

    def _scopes(self, reader: Reader) -> list[home.Row]:
        """What the token of their workspace lacks."""
        try:
            granted = self._talk.offices.of(reader.team).scopes
        except SlackFault as fault:
            return [("slack workspace", False, str(fault))]
        rows = examine.scopes(granted) if granted is not None else []
        return [(row.what, False, f"{row.found} {row.do}") for row in rows if row.health is Health.MISSING]


def _tests(tx: Tx) -> Mapping[str, Mapping[str, Test]]:
    """The last test of each way of everybody, by person and way."""
    found: dict[str, dict[str, Test]] = {}
    for one in page_tests.listing(tx):
        found.setdefault(one.person, {})[one.channel] = one
    return found


def _handed(tx: Tx) -> list[Handover]:
    """The handovers that wait for somebody: to accept them, or to add what they know."""
    return handovers.standing(tx, Standing.POSTED, Standing.DRAFT)


def _asked(handover: Handover) -> tuple[str, ...]:
    """Whose move it is."""
    return handover.incoming if handover.standing is Standing.POSTED else handover.outgoing


def _name(person: Person | None) -> str:
    return person.name if person else ""


def _pause(fault: SlackFault) -> timedelta:
    return timedelta(seconds=fault.after) if fault.after is not None else SOON
