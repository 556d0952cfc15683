"""One attempt to reach one person by one channel, with its ledger."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

ASKED = "asked"  #: the tier of a page that asks somebody to join, whoever holds the incident


class PageState(StrEnum):
    """How far a page has come."""

    DECIDED = "decided"
    SENT = "sent"
    DELIVERED = "delivered"
    ANSWERED = "answered"
    FAILED = "failed"
    MOOT = "moot"  #: the incident was answered before this one was sent


@dataclass(frozen=True, slots=True)
class Page:
    """The ledger of one page: each field is set once, when it happened."""

    #: <incident>/<step>/<person>/<channel>, so one step pages one person by one channel once; <step>.<n> where asked
    id: str
    incident: str
    step: int
    tier: str
    person: str
    channel: str
    why: str
    state: PageState
    decided_at: datetime
    due_at: datetime  #: when this way's turn comes; later than `decided_at` for a second way
    claimed_at: datetime | None = None
    sent_at: datetime | None = None
    provider_id: str | None = None
    delivered_at: datetime | None = None
    answered_at: datetime | None = None
    failure: str | None = None
    rank: int = 0  #: 0 the first page of its incident, 1 one of a later step, 2 one of a later round
    bundled: str | None = None  #: the page with which it went as one message

    @property
    def asked(self) -> bool:
        """It belongs to no step: its person is asked to join, and nothing waits for an answer."""
        return self.tier == ASKED

    @property
    def pending(self) -> bool:
        """It is still to be sent, or was sent and not answered yet."""
        return self.state in (PageState.DECIDED, PageState.SENT, PageState.DELIVERED)
