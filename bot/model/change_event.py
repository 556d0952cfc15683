"""Something that was changed elsewhere, told to us so that it can be shown beside what broke; it never pages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ChangeEvent:
    """A deploy, a retraining, a new prompt, a changed table: its text is the sender's, so it is data."""

    id: str  #: within its connection; the same once more is the same event
    connection: str
    at: datetime
    summary: str
    source: str = ""  #: who or what changed it, in the sender's words
    model: str | None = None
    entity: str | None = None
    links: tuple[str, ...] = ()
    details: Mapping[str, str] = field(default_factory=dict)
