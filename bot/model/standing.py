"""How it stands with one problem: whether it fires, and the incident it is part of or what holds it back."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with one problem."""

    problem: str
    title: str
    firing: bool
    started_at: datetime
    last_seen_at: datetime
    repeats: int
    incident: str | None = None  #: INC-7; None while it is held back
    phase: str = ""  #: of the incident
    holder: str | None = None  #: of the incident
    held: str = ""  #: why it is held back
    priority: str = ""  #: the incident's severity
