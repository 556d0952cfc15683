"""One line of the append-only log: who did what to what, when, why, before and after."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact, before it has its place in the chain.

    `at` is when it happened; when it was recorded is added by the log. `actor` is `person:NAME`, `slack:USERID`,
    `connection:NAME` or `tocsin` (automation).
    """

    chain: str  #: the entity, or `tocsin` for what belongs to none
    kind: str  #: noun.verb-in-past-tense, e.g. incident.opened
    at: datetime
    actor: str
    subject: str  #: what it was done to, e.g. INC-7
    why: str = ""
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sealed:
    """An entry in its place: its number, when it was recorded, and the hashes that chain it."""

    entry: Entry
    seq: int
    recorded_at: datetime
    previous: str
    hash: str
