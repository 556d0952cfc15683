"""What a monitor's reader promises: authenticate a request, then turn it into alerts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.contract.plugin import Check
from bot.model.alert import Alert
from bot.model.change_event import ChangeEvent


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP delivery as it came in; header names are lower case, the body is untouched."""

    body: bytes
    received_at: datetime
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    method: str = "POST"
    path: str = ""  #: where it came in
    params: Mapping[str, str] = field(default_factory=dict)  #: the parts of the path that its place names


class Does(StrEnum):
    """What a sender may do to the incident of a problem, beside telling of it."""

    ACKNOWLEDGE = "acknowledge"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Act:
    """One such act; `by` and `text` are the sender's words, so they are data."""

    does: Does
    problem: str
    by: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """A platform says that a pointer was moved: the reference as the catalogue writes it, and what serves now.

    It is a hint: the platform is asked before anything is believed.
    """

    ref: Mapping[str, str]
    at: datetime
    version: str | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one request said: none, one or many alerts, and how to reply where the sender wants an own answer."""

    alerts: tuple[Alert, ...] = ()
    id: str | None = None  #: the sender's own id of this delivery, if it has one; a second copy is dropped
    reply: bytes | None = None  #: body of the answer (handshakes); None = Tocsin's own
    skipped: tuple[str, ...] = ()  #: what was left out and why, in words
    acts: tuple[Act, ...] = ()  #: done after its alerts are taken in
    changes: tuple[ChangeEvent, ...] = ()  #: what was changed elsewhere
    moves: tuple[Move, ...] = ()  #: pointers of its platform that were moved
    asks: tuple[str, ...] = ()  #: problems whose standing the sender wants to know
    keep_as: str | None = None  #: under which id its sender may ask, for a day, what became of it
    look_up: str | None = None  #: the id of an earlier one that it asks for


class Source(Protocol):
    """Reads one monitor's messages. Built as `Part(settings, context)`; both methods are pure and quick.

    A class attribute `once = True` says that the monitor tells each state once, so that evaluations cannot be counted.
    """

    def authenticate(self, request: Request) -> None:
        """Return when the sender proved who it is; raise NotAuthentic otherwise. Compare in constant time."""
        ...

    def parse(self, request: Request) -> Delivery:
        """The alerts of an authenticated request; raise Unreadable with the reason when it makes no sense.

        What is Unreadable is kept, to be read once more when it can be; NotFound (there is nothing at that address)
        and TooLarge are refused and forgotten.
        """
        ...

    async def check(self) -> list[Check]:
        """The state of what this part needs, one row for each scope."""
        ...
