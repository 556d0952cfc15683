"""Calendars that others read: made for whom one may, under an address that is shown once, and taken back."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import documents
from bot.engine import calendar, windows
from bot.engine.desk import Desk
from bot.errors import BadInput, NotFound, Refused
from bot.model.entry import Entry
from bot.model.feed import Feed
from bot.settings import Settings
from bot.store import Tx, feeds

BYTES = 32  #: of chance in a key
NAMED = 12  # characters of a digest by which people name a feed
READ = timedelta(hours=1)  # how exactly it is known when a calendar was read last
MOST = 100  # feeds about one thing that are worth something at once

_STRANGER = "Nobody we know asks for it."


@dataclass(frozen=True, slots=True)
class Made:
    """A new feed and its address, which nobody can read anywhere again."""

    feed: Feed
    address: str


async def make(desk: Desk, about: str, by: str, at: datetime, via: str) -> Made:
    """Make a feed about person:NAME, rota:NAME or team:NAME.

    BadInput for anything else, NotFound with the nearest name, Refused for somebody whom it is no business of;
    `calendar.Missing` where the library is.
    """
    calendar.library()
    key = secrets.token_urlsafe(BYTES)
    _checked(desk.settings, about)
    feed = await desk.store.write(lambda tx: _make(tx, desk, Feed(digest(key), about, by, at), via))
    return Made(feed, f"{base(desk.settings)}/calendars/{key}.ics")


async def listing(desk: Desk) -> list[Feed]:
    """Those that are worth something, by what they are about."""
    return [feed for feed in await desk.store.read(feeds.listing) if feed.revoked_at is None]


async def revoke(desk: Desk, typed: str, by: str, at: datetime, via: str) -> Feed:
    """Let an address be worth nothing from now on; whoever made it may, and whoever might make one like it.

    NotFound; Refused.
    """
    return await desk.store.write(lambda tx: _revoke(tx, desk, typed.strip().lower(), Feed("", "", by, at), via))


async def opened(desk: Desk, key: str, at: datetime) -> Feed | None:
    """The feed behind a key; None for one that is unknown or revoked, or whose maker has left.

    The same work is done for each: one digest, one row looked for.
    """
    its = digest(key)
    feed = await desk.store.read(lambda tx: feeds.find(tx, its))
    maker = feed.made_by.partition(":")[2] if feed else ""
    if feed is None or feed.revoked_at is not None or maker not in desk.settings.people.persons:
        return None
    if feed.read_at is None or at - feed.read_at >= READ:
        await desk.store.write(lambda tx: feeds.read(tx, its, at), durable=False)
    return feed


def digest(key: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def name(feed: Feed) -> str:
    """What people call it."""
    return feed.digest[:NAMED]


def base(settings: Settings) -> str:
    """Where others reach the HTTP door, without a slash at its end."""
    oauth = settings.slack.oauth
    return settings.web.address or (oauth.url if oauth else f"http://{settings.web.host}:{settings.web.port}")


def _checked(settings: Settings, about: str) -> None:
    kind, _, its = about.partition(":")
    known = {"person": settings.people.persons, "rota": settings.rotas, "team": settings.people.teams}
    if kind not in known or not its:
        shapes = ", ".join(f"{one}:NAME" for one in calendar.KINDS)
        raise BadInput(f"{about[:80]!r} has no calendar.", f"Write one of {shapes}.")
    if its not in known[kind]:
        raise NotFound(f"There is no {kind} {its[:80]!r}.", documents.closest(its[:80], known[kind]) or "")


def _make(tx: Tx, desk: Desk, feed: Feed, via: str) -> Feed:
    person = desk.person(tx, feed.made_by)
    if person is None:
        raise Refused(_STRANGER, "Say who you are in config/people.yaml.")
    if not _may(desk.settings, person, feed.about):
        do = "A person's is for that person; a rota's and a team's for the team, its lead, and whoever takes turns."
        raise Refused(f"The calendar of {feed.about} is not yours to hand out.", f"{do} Or ask an admin.")
    alive = [one for one in feeds.listing(tx) if one.about == feed.about and one.revoked_at is None]
    if len(alive) >= MOST:
        raise Refused(f"There are {MOST} feeds of {feed.about}.", "Revoke some: `tocsin oncall feed --list`.")
    made = Feed(feed.digest, feed.about, f"person:{person}", feed.made_at)
    feeds.add(tx, made)
    tx.note(_entry(desk.settings, made, "feed.made", made.made_by, made.made_at, via))
    return made


def _revoke(tx: Tx, desk: Desk, typed: str, asking: Feed, via: str) -> Feed:
    found = [feed for feed in feeds.listing(tx) if len(typed) >= 4 and feed.digest.startswith(typed)]
    if len(found) != 1:
        what = "There is no such feed." if not found else "Several feeds begin so."
        raise NotFound(what, "See `tocsin oncall feed --list`.")
    feed, person = found[0], desk.person(tx, asking.made_by)
    if person is None:
        raise Refused(_STRANGER, "Say who you are in config/people.yaml.")
    if feed.made_by != f"person:{person}" and not _may(desk.settings, person, feed.about):
        raise Refused("That feed is not yours to revoke.", "Ask whoever made it, or an admin.")
    if feed.revoked_at is None:
        feeds.revoke(tx, feed.digest, asking.made_at)
        tx.note(_entry(desk.settings, feed, "feed.revoked", f"person:{person}", asking.made_at, via))
    return feed


def _may(settings: Settings, person: str, about: str) -> bool:
    """Oneself; the owner team with its lead, and whoever takes turns in a rota; the admins."""
    kind, _, its = about.partition(":")
    if person in settings.people.admins:
        return True
    if kind == "person":
        return person == its
    rota = settings.rotas.get(its) if kind == "rota" else None
    team = settings.people.teams.get((rota.owner or "") if rota else its)
    crew = (*team.members, team.lead) if team and (rota or kind == "team") else ()
    return person in crew or (rota is not None and person in rota.persons)


def _entry(settings: Settings, feed: Feed, kind: str, actor: str, at: datetime, via: str) -> Entry:
    what, _, its = feed.about.partition(":")
    owner = settings.rotas[its].owner if what == "rota" and its in settings.rotas else its
    team = settings.people.teams.get(owner or "") if what != "person" else None
    chain = team.entity if team else windows.CHAIN
    return Entry(chain, kind, at, actor, feed.about, after={"feed": name(feed), "made_by": feed.made_by, "via": via})
