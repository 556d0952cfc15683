"""What served when: our own ledger of it, a platform's memory of it, and the versions there are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.model.change import Serving


@dataclass(frozen=True, slots=True)
class Version:
    """Something that could serve."""

    id: str
    created_at: datetime | None = None
    by: str = ""
    note: str = ""
    metrics: Mapping[str, float] = field(default_factory=dict)
    usable: bool = True  #: it is still there, whole, and may serve
    why_not: str = ""
    inputs: Mapping[str, str] = field(default_factory=dict)  #: columns it wants, with types; empty: nobody says


@dataclass(frozen=True, slots=True)
class Served:
    """One entry of the platform's own history: what served from when on."""

    serving: Serving
    at: datetime
    by: str = ""


@dataclass(frozen=True, slots=True)
class Moved:
    """An entry of our ledger: from `at` on, `serving` served; `until` is when the next one did."""

    model: str
    at: datetime
    serving: Serving
    by: str  #: person:NAME, platform:WHO as it says, or seen (nobody told us)
    change: str | None = None  #: the change of ours that did it
    why: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class WayBack:
    """Whether a model can be rolled back now, to what, and if not, why not."""

    model: str
    possible: bool
    to: str | None
    why: str
    looked_at: datetime
    rehearsed_at: datetime | None = None
