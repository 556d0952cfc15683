"""Everything a report of a shift is made of, read once, with few questions that are each about all of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.engine.desk import Desk
from bot.engine.handover_scope import Scope
from bot.model.change import Change
from bot.model.incident import Incident
from bot.store import Tx, changes, incidents, shifts
from bot.store.shifts import Brief, Paged

OPEN = 2_000  #: open incidents, and changes, that are looked at; the newest
ACKNOWLEDGED = "incident.acknowledged"
Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Shift:
    """One shift of one scope: what is open, what happened in it, and in the spans before it."""

    desk: Desk
    scope: Scope
    since: datetime
    until: datetime
    now: datetime
    zone: str
    leaving: frozenset[str]  #: who is on call no more once it is over
    past: Sequence[Span]  #: the shifts before, the oldest first
    open: Sequence[Incident] = ()
    changes: Sequence[Change] = ()
    briefs: Sequence[Brief] = ()  #: that opened in this or an earlier shift, or were resolved in this; newest first
    pages: Sequence[Paged] = ()  #: of all those shifts
    acknowledged: Mapping[str, datetime] = field(default_factory=dict)  #: when each incident first was

    @property
    def opened(self) -> list[Brief]:
        """The incidents that opened in it."""
        return [one for one in self.briefs if self.since <= one.opened_at < self.until]

    @property
    def resolved(self) -> list[Brief]:
        """The incidents that were resolved in it."""
        return [one for one in self.briefs if one.resolved_at and self.since <= one.resolved_at < self.until]

    @property
    def paged(self) -> list[Paged]:
        """The pages of it."""
        return [one for one in self.pages if self.since <= one.at < self.until]


def gather(tx: Tx, bare: Shift) -> Shift:
    """The shift with everything read."""
    scope, first = bare.scope, min((bare.since, *(start for start, _ in bare.past)))
    held = [one for one in incidents.listing(tx, limit=OPEN) if scope.answers(one.model, one.entity, one.policy)]
    briefs = [
        one
        for one in shifts.seen(tx, first, bare.since, bare.until)
        if scope.answers(one.model, one.entity, one.policy)
    ]
    ids = {one.id for one in held} | {one.id for one in briefs}
    flying = [
        one
        for one in changes.listing(tx, open_only=True, limit=OPEN)
        if scope.holds(one.plan.model) or one.incident in ids or (scope.entity and one.entity == scope.entity)
    ]
    paged = [one for one in shifts.paged(tx, first, bare.until) if one.incident in ids]
    acked: dict[str, datetime] = {}
    for said in shifts.said(tx, {brief.id for brief in briefs}, {ACKNOWLEDGED}, first):
        acked.setdefault(said.subject, said.at)
    return replace(bare, open=held, changes=flying, briefs=briefs, pages=paged, acknowledged=acked)
