"""The right to one press of a button that decides about a change."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Ticket:
    """Which verb, of which change, as its plan was when the button was drawn."""

    id: str  #: opaque; all that the button carries
    change: str
    digest: str
    verb: str
    until: datetime
    used_at: datetime | None = None
    used_by: str | None = None  #: the account that used it
