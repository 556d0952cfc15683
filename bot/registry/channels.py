"""The names by which people ask for the channels that connections are."""

from collections.abc import Mapping

from bot.contract.pager import CHANNELS
from bot.registry.linking import Linked


def way(connection: str, channel: str, several: int = 1) -> str:
    """The name of one channel of a connection: `pd`, or where its plugin has several `twilio-eu.sms`."""
    return f"{connection}.{channel}" if several > 1 else connection


def offered(linked: Mapping[str, Linked]) -> Mapping[str, tuple[str, str]]:
    """By name, the connection and the channel behind it; what a connection's settings do not want is no channel.

    Each is known by its connection's name; by the plain word, as in `sms`, too, where it is the first of its kind.
    """
    there = [(name, kind, len(one.plugin.pagers)) for name, one in linked.items() for kind in one.pagers]
    own = {way(name, kind, several): (name, kind) for name, kind, several in there}
    plain: dict[str, tuple[str, str]] = {}
    for name, kind, _ in there:
        if kind in CHANNELS[1:]:
            plain.setdefault(kind, (name, kind))
    return {**plain, **own}
