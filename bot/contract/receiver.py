"""What hears a channel answer: delivery reports, and what people send back.

A connection's receiver stands at `POST /pages/{connection}`. Each method is pure and quick.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from bot.contract.counter import Answer
from bot.contract.source import Request


class Says(StrEnum):
    """What somebody asks for by an answer."""

    ACKNOWLEDGE = "acknowledge"
    RESOLVE = "resolve"
    ESCALATE = "escalate"
    CONFIRM = "confirm"  #: `code` is the one that was sent to confirm this address
    STOP = "stop"  #: nothing more to this address
    START = "start"  #: again
    HELP = "help"  #: or whatever could not be understood


@dataclass(frozen=True, slots=True)
class Report:
    """What a channel says became of a message: `arrived` None while it is still on its way."""

    provider_id: str
    arrived: bool | None
    why: str = ""  #: it did not, in the channel's words


@dataclass(frozen=True, slots=True)
class Reply:
    """What a person sent back; all of it is data.

    Who it was: `page`, the key of a page only they were sent (`Call.key`); or the address it came from, by kind.
    """

    says: Says
    code: str = ""  #: the number of an incident, or a code to confirm
    page: str = ""
    phone: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    id: str = ""  #: the channel's own id of this answer; a second copy is dropped


@dataclass(frozen=True, slots=True)
class Heard:
    """What one request said; a request may say nothing at all."""

    reports: Sequence[Report] = ()
    replies: Sequence[Reply] = ()


class Receiver(Protocol):
    """Reads what a channel posts to us."""

    def authenticate(self, request: Request) -> None:
        """Return when the channel proved who it is; raise NotAuthentic otherwise. Compare in constant time."""
        ...

    def hear(self, request: Request) -> Heard:
        """What an authenticated request says; raise Unreadable with the reason when it makes no sense."""
        ...

    def answer(self, request: Request, sentences: Sequence[str]) -> Answer:
        """What the channel is answered: one sentence for each reply, for the person who sent it."""
        ...
