"""A source that also stands at its vendor's own addresses, and answers there as the vendor does.

Whoever holds that vendor's client library then needs only another URL. `Source.parse` reads the request as at any
other address: `request.path` and `request.params` tell where it came in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from bot.contract.source import Request
from bot.errors import TocsinError
from bot.model.standing import Standing


@dataclass(frozen=True, slots=True)
class Place:
    """An address of the vendor's: a method, and a path whose parts in braces become `request.params`.

    A body over `limit` bytes (None: the bot's own `web.body_limit`) is refused as TooLarge, in the vendor's form.
    """

    method: str
    path: str
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a request, committed; or, with a `letter`, that it authenticates but cannot be read."""

    new: int = 0
    repeats: int = 0
    resolved: int = 0
    dropped: int = 0
    held: int = 0
    acted: int = 0  #: how many of its acts found an incident to act on
    incidents: tuple[str, ...] = ()
    standings: Mapping[str, Standing] = field(default_factory=dict)  #: of every problem it named, by problem
    earlier: Mapping[str, Any] | None = None  #: what became of the request it asked for; None: nobody knows that id
    skipped: tuple[str, ...] = ()  #: what of it was left out and why, as its delivery said
    letter: str | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer."""

    status: int
    body: bytes = b""
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


class Counter(Protocol):
    """What a source promises beside `Source` to stand at addresses of its own; all of it pure and quick."""

    places: ClassVar[tuple[Place, ...]]

    def mine(self, request: Request) -> bool:
        """Whether the request carries this connection's key; compare in constant time."""
        ...

    def answer(self, request: Request, outcome: Taken | TocsinError) -> Answer:
        """The vendor's own answer to what became of it, errors included.

        Also asked, of any connection at the address, about a NotAuthentic that belongs to none of them.
        """
        ...
