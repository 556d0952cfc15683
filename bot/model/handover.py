"""The handover of a shift: what was drafted, posted, and whether the incoming people have accepted it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from bot.errors import BadMove
from bot.model.rota import Override

#: By whom the outgoing people are kept on call until somebody accepts; no person can be called that.
BY = "the handover"
#: Later than that is late: jobs ring within seconds, but what changes at once is seen within a minute.
PROMPT = timedelta(minutes=2)


class Standing(StrEnum):
    """How far a handover has come."""

    DRAFT = "draft"  #: the outgoing people may edit
    POSTED = "posted"  #: the shift has changed; both sides are paged until somebody accepts
    ACCEPTED = "accepted"
    LAPSED = "lapsed"  #: nobody accepted before the shift after it began, or nobody comes in
    MOVED = "moved"  #: the rota changed, so there is no such change of shift, unless it changes back


NEXT: dict[Standing, frozenset[Standing]] = {
    Standing.DRAFT: frozenset({Standing.POSTED, Standing.MOVED}),
    Standing.POSTED: frozenset({Standing.ACCEPTED, Standing.LAPSED}),
    Standing.ACCEPTED: frozenset(),
    Standing.LAPSED: frozenset(),
    Standing.MOVED: frozenset({Standing.DRAFT, Standing.POSTED}),
}


@dataclass(frozen=True, slots=True)
class Remark:
    """What an outgoing person wrote into it; the text is theirs, to be shown literally."""

    by: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Handover:
    """One change of shift of one rota; there is one for each (rota, at)."""

    id: str  #: HND-<number>
    rota: str
    at: datetime  #: the end of one shift and the beginning of the next
    since: datetime  #: when the shift that ends began
    outgoing: tuple[str, ...]
    incoming: tuple[str, ...]
    standing: Standing
    changed_at: datetime
    version: int = 1
    remarks: tuple[Remark, ...] = ()
    report: Mapping[str, Any] = field(default_factory=dict)  #: the draft as it was posted, frozen; {} before
    posted_at: datetime | None = None  #: later than `at` where it is late
    reminded_at: datetime | None = None
    lead_told_at: datetime | None = None
    accepted_by: str | None = None
    accepted_at: datetime | None = None
    cover: str | None = None  #: the changes by hand that keep the outgoing people on call meanwhile, by commas

    @property
    def covers(self) -> tuple[str, ...]:
        """The ids of those changes by hand, one for each outgoing person who could be kept on call."""
        return tuple(self.cover.split(",")) if self.cover else ()

    @property
    def kept(self) -> tuple[str, ...]:
        """Who of the outgoing is paged as well until somebody accepts; nobody who is away or stood in for."""
        return tuple(self.report.get("kept", self.outgoing))

    @property
    def went_back(self) -> bool:
        """Whether it lapsed because the shift went back to who had it."""
        return bool(self.report.get("went_back"))

    @property
    def open(self) -> bool:
        """Whether something can still become of it."""
        return self.standing in (Standing.DRAFT, Standing.POSTED)

    @property
    def late(self) -> timedelta | None:
        """How long after the change it was posted; None where that was at once, or has not been."""
        wait = self.posted_at - self.at if self.posted_at else timedelta(0)
        return wait if wait > PROMPT else None

    @property
    def waited(self) -> timedelta | None:
        """How long after the change somebody accepted; None where nobody has."""
        return self.accepted_at - self.at if self.accepted_at else None


def move(handover: Handover, to: Standing, at: datetime, **facts: Any) -> Handover:
    """The handover in that standing; BadMove when its own does not allow that."""
    if to not in NEXT[handover.standing]:
        raise BadMove(f"{handover.id} is {handover.standing}, so it cannot become {to}.")
    return replace(handover, standing=to, changed_at=at, version=handover.version + 1, **facts)


def own(override: Override) -> bool:
    """Whether a change by hand is only there until a handover is accepted; it makes no shift of its own."""
    return override.by == BY
