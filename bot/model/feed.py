"""A calendar that others read: whose shifts it shows, and what it has shown."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed; its address holds a key that is kept as a digest alone."""

    digest: str  #: SHA-256 of the key, in hexadecimal
    about: str  #: person:NAME | rota:NAME | team:NAME
    made_by: str  #: person:NAME
    made_at: datetime
    read_at: datetime | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """An event that was shown: one that is gone is shown as cancelled for a while, so that calendars take it out."""

    about: str
    uid: str
    start: datetime
    end: datetime
    summary: str
    sequence: int  #: rises with every change
    changed_at: datetime
    cancelled: bool = False
