"""Where somebody speaks: the incident whose channel or thread it is, or the entity whose channel."""

from dataclasses import dataclass

from bot.engine.desk import Desk
from bot.slack.client import SlackFault
from bot.slack.office import Office
from bot.slack.payloads import Asked
from bot.store import Tx, incidents, posts

CARD, OWN = "card", "own-channel"  #: what a post is called that is an incident's card, and one that is its channel


@dataclass(frozen=True, slots=True)
class Place:
    """What is known of a channel; both None in one that has nothing to do with us."""

    incident: str | None = None
    entity: str | None = None


def incident(tx: Tx, channel: str | None, thread: str | None) -> str | None:
    """The incident a channel was opened for, or in whose card's thread somebody speaks."""
    if channel is None:
        return None
    found = posts.standing(tx, CARD, channel, thread) if thread else []
    found = found or posts.standing(tx, OWN, channel)
    return found[-1].key.partition("/")[2] if found else None


def tied(tx: Tx, channel: str) -> list[str]:
    """The open incidents whose cards stand in a channel, or for which it was opened, the newest first."""
    keys = {post.key.partition("/")[2] for kind in (CARD, OWN) for post in posts.standing(tx, kind, channel)}
    known = incidents.by_ids(tx, keys).values() if keys else ()
    return [each.id for each in sorted(known, key=lambda each: each.opened_at, reverse=True) if each.open]


async def place(desk: Desk, office: Office, asked: Asked) -> Place:
    """Where they ask: an incident's place, or else an entity's channel, as far as it can be told."""
    found = await desk.store.read(lambda tx: incident(tx, asked.channel, asked.thread))
    if found or asked.channel is None:
        return Place(found)
    return Place(None, await _entity(desk, office, asked.channel))


async def _entity(desk: Desk, office: Office, channel: str) -> str | None:
    named = {
        each.channel.removeprefix("#"): each.name for each in desk.settings.estate.entities.values() if each.channel
    }
    if channel in named or not named:
        return named.get(channel)
    try:
        name = await office.directory.name(channel)
    except SlackFault:
        return None  # a menu without its channel's name is still a menu
    return named.get(name or "")
