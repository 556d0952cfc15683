"""What a channel that reaches people promises: send one page, say what is known of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.contract.plugin import Check
from bot.model.page import Page
from bot.model.people import Person
from bot.model.view import View


@dataclass(frozen=True, slots=True)
class Call:
    """One page to send: `key` is the same at every attempt, `attempt` counts from 1 (above 1: look before sending)."""

    key: str
    attempt: int
    page: Page
    person: Person
    view: View  #: the incident as it stands; its `headline` makes sense on a lock screen, and is not escaped
    at: datetime


@dataclass(frozen=True, slots=True)
class Sent:
    """The channel took it; `provider_id` finds it again."""

    provider_id: str
    delivered: bool = False  #: the channel also knows that it arrived


class Pager(Protocol):
    """Reaches a person by one channel."""

    async def send(self, call: Call) -> Sent:
        """Send it once; raise NotDelivered (its `retry` tells whether another attempt makes sense)."""
        ...

    async def check(self) -> list[Check]:
        """The state of what this part needs, one row for each scope."""
        ...
