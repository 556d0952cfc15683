"""Everything a postmortem is written from, read in one transaction, so that its parts cannot contradict each other."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.engine import blast, timeline
from bot.engine.desk import Desk
from bot.model.alert import Alert, KeptAlert
from bot.model.blast import Blast
from bot.model.change import Change
from bot.model.entry import Entry, Sealed
from bot.model.estate import Model
from bot.model.incident import Incident
from bot.model.page import Page
from bot.model.served import Moved
from bot.model.timeline import Line
from bot.model.trial import Trial
from bot.store import Tx, alerts, incidents, moved, pages, trials

ALERTS = 200  #: of one incident, the newest
Facts = dict[str, Any]


@dataclass(frozen=True)
class Scene:
    """What was read of an incident at `now`."""

    desk: Desk
    incident: Incident
    now: datetime
    model: Model | None
    kept: Sequence[KeptAlert]
    first: Alert | None  #: the alert that opened it
    lines: Sequence[Line]  #: with those that were hidden
    told: Sequence[Sealed]  #: the entries they are read from
    changes: Sequence[Change]
    trials: Sequence[Trial]
    pages: Sequence[Page]
    moves: Sequence[Moved]  #: the newest first
    blast: Blast | None
    upstream: Sequence[Incident]  #: of what feeds its model, open at the same time

    @property
    def onset(self) -> datetime:
        """When the first of its alerts says that it began."""
        known = [one.alert.started_at for one in self.kept] + ([self.first.started_at] if self.first else [])
        return min(known, default=self.incident.opened_at)

    def entries(self, *kinds: str) -> list[Entry]:
        """Those of these kinds, oldest first."""
        return [one.entry for one in self.told if one.entry.kind in kinds]

    @property
    def elsewhere(self) -> list[Moved]:
        """What came to serve while it was open without a change of ours, oldest first."""
        until = self.incident.resolved_at or self.now
        own = (one for one in self.moves if one.change is None and one.why != "the first look")
        return sorted((one for one in own if self.incident.opened_at < one.at <= until), key=lambda one: one.at)

    def served(self, at: datetime) -> Moved | None:
        """What the ledger says served then; None where nobody had looked yet."""
        return next((one for one in self.moves if one.at <= at), None)


def read(tx: Tx, desk: Desk, incident: Incident) -> Scene:
    """Everything, as it stands."""
    model = desk.settings.estate.find(incident.model)
    acts = timeline.changes_of(tx, desk, incident)
    told = timeline.entries(tx, incident, acts)
    return Scene(
        desk=desk,
        incident=incident,
        now=tx.now,
        model=model,
        kept=alerts.of(tx, incident.id, ALERTS),
        first=alerts.first(tx, incident),
        lines=timeline.lines_in(tx, desk, incident, every=True),
        told=sorted(told, key=lambda one: (one.entry.at, one.recorded_at, one.seq)),
        changes=acts,
        trials=trials.of_incident(tx, incident.id),
        pages=pages.of(tx, incident.id),
        moves=moved.listing(tx, model.name) if model else [],
        blast=blast.last(tx, incident.id),
        upstream=_upstream(tx, desk, incident, model),
    )


def _upstream(tx: Tx, desk: Desk, incident: Incident, model: Model | None) -> list[Incident]:
    estate = desk.settings.estate
    if model is None:
        return []
    feeding = {one.name for one in estate.models.values() if model.name in estate.downstream(one.name)}
    until = incident.resolved_at or tx.now
    found = incidents.listing(tx, open_only=False, limit=ALERTS) if feeding else []
    near = (one for one in found if one.opened_at <= until and (one.resolved_at or tx.now) >= incident.opened_at)
    return [one for one in near if (its := estate.find(one.model)) and its.name in feeding]


def when(at: datetime | None) -> str | None:
    """An instant for a document: UTC, to the second; None stays what it is: unknown."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC") if at else None


def length(span: timedelta | None) -> str | None:
    """How long, to the second: 2 m 10 s, 1 h 4 m, 3 d 2 h; None stays unknown."""
    if span is None:
        return None
    left = max(0, round(span.total_seconds()))
    parts = []
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2]) or "0 s"


def listed(names: Iterable[str], most: int = 8) -> str:
    """Several names in a sentence."""
    found = list(dict.fromkeys(names))
    return ", ".join(found[:most]) + (f" and {len(found) - most} more" if len(found) > most else "")
