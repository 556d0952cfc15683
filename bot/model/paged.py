"""What is known of how a person can be reached: the last test of each of their ways."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Test:
    """The last test page by one way; `answered_at` is the only proof that it woke somebody."""

    __test__ = False  # pytest takes it for one of its own otherwise

    person: str
    channel: str
    key: str  #: of the call it was
    sent_at: datetime
    failure: str | None = None
    provider_id: str | None = None
    answered_at: datetime | None = None
