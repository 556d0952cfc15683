"""What a monitor's reader promises: authenticate a request, then turn it into alerts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.contract.plugin import Check
from bot.model.alert import Alert


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP delivery as it came in; header names are lower case, the body is untouched."""

    body: bytes
    received_at: datetime
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one request said: none, one or many alerts, and how to reply where the sender wants an own answer."""

    alerts: tuple[Alert, ...] = ()
    id: str | None = None  #: the sender's own id of this delivery, if it has one; a second copy is dropped
    reply: bytes | None = None  #: body of the answer (handshakes); None = Tocsin's own
    skipped: tuple[str, ...] = ()  #: what was left out and why, in words


class Source(Protocol):
    """Reads one monitor's messages. Built as `Part(settings, context)`; both methods are pure and quick."""

    def authenticate(self, request: Request) -> None:
        """Return when the sender proved who it is; raise NotAuthentic otherwise. Compare in constant time."""
        ...

    def parse(self, request: Request) -> Delivery:
        """The alerts of an authenticated request; raise Unreadable with the reason when it makes no sense."""
        ...

    async def check(self) -> list[Check]:
        """The state of what this part needs, one row for each scope."""
        ...
