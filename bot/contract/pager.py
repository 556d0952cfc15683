"""What a channel that reaches people promises: send one page, say what is known of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Protocol

from bot.contract.plugin import Check
from bot.model.page import Page
from bot.model.people import Person
from bot.model.view import View

#: What `Pager.channel` may say: the word by which people ask for such a channel; "" is known by its connection alone.
CHANNELS = ("", "slack", "sms", "call", "email", "push")


@dataclass(frozen=True, slots=True)
class Call:
    """One page to send: `key` is the same at every attempt, `attempt` counts from 1 (above 1: look before sending)."""

    key: str
    attempt: int
    page: Page
    person: Person
    view: View  #: the incident as it stands; its `headline` makes sense on a lock screen, and is not escaped
    at: datetime
    also: Sequence[View] = ()  #: incidents this person is paged for by the same message, the gravest first

    @property
    def code(self) -> str:
        """The incident's number: what they send back, with a letter for what to do."""
        return self.view.incident.id.removeprefix("INC-")


@dataclass(frozen=True, slots=True)
class Note:
    """A few plain words for one person, such as a code; they come from us alone and hold nothing of an alert."""

    key: str
    person: Person
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Sent:
    """The channel took it; `provider_id` finds it again."""

    provider_id: str
    delivered: bool = False  #: the channel also knows that it arrived
    quiet: bool = False  #: the person's device will make no sound: other ways need not wait for an answer


class Pager(Protocol):
    """Reaches a person by one channel.

    Class attributes say what it can do, and each is optional: `channel`, one of CHANNELS; `once = True`, it cannot be
    looked up or told apart, so a page in doubt is never sent again; `tells = True`, it has `Teller.tell`;
    `follows = True`, it has `Follower.follow`; `unpaced = True`, nobody is spared anything, as in a benchmark. A static
    method `wanted(settings)` says False of a connection whose settings are for its other parts: it has no such channel.
    """

    async def send(self, call: Call) -> Sent:
        """Send it once; raise NotDelivered (its `retry` tells whether another attempt makes sense)."""
        ...

    async def check(self) -> list[Check]:
        """The state of what this part needs, one row for each scope."""
        ...


class Teller(Protocol):
    """A pager that also carries plain words, as codes to confirm an address."""

    tells: ClassVar[bool]

    async def tell(self, note: Note) -> Sent:
        """Send them once; raise NotDelivered as `send` does."""
        ...


class Follower(Protocol):
    """A pager whose far end keeps an incident of its own, which follows ours."""

    follows: ClassVar[bool]

    async def follow(self, call: Call) -> None:
        """Let what `call.page.provider_id` names stand as `call.view.incident` does: acknowledged or resolved.

        Where it is None the page may have gone out by `call.key`, and nobody noted what came of it. It may be asked for
        again, so it must be harmless twice, and where nothing is there; raise NotDelivered as `send` does.
        """
        ...
