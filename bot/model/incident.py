"""Alerts about one cause, and the moves an incident can make."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.errors import BadMove
from bot.model.runbook import Policy


class Phase(StrEnum):
    """How far people have come with it."""

    TRIGGERED = "triggered"
    ACKNOWLEDGED = "acknowledged"
    MITIGATED = "mitigated"
    RESOLVED = "resolved"


NEXT: dict[Phase, frozenset[Phase]] = {
    Phase.TRIGGERED: frozenset({Phase.ACKNOWLEDGED, Phase.MITIGATED, Phase.RESOLVED}),
    Phase.ACKNOWLEDGED: frozenset({Phase.TRIGGERED, Phase.MITIGATED, Phase.RESOLVED}),
    Phase.MITIGATED: frozenset({Phase.TRIGGERED, Phase.ACKNOWLEDGED, Phase.RESOLVED}),
    Phase.RESOLVED: frozenset(),
}

SEVERITIES = ("sev1", "sev2", "sev3", "sev4", "sev5")
#: How an incident came to its end: by hand, as nothing, by its monitor, or as part of another.
RESOLVED, FALSE_ALARM, ENDED, MERGED = RESOLUTIONS = ("resolved", "false alarm", "ended", "merged")


@dataclass(frozen=True, slots=True)
class Incident:
    """What is wrong, how bad it is, which tier looks at it and who holds it."""

    id: str  #: INC-<number>
    key: str  #: the grouping key; one open incident for each
    title: str
    phase: Phase
    severity: str
    entity: str
    kind: str
    model: str | None
    model_version: str | None
    environment: str | None
    runbook: str
    runbook_revision: str
    why: str  #: why it was routed so, in one sentence
    policy: Policy
    tier: str
    round: int  #: 0 is the first pass through the tiers
    step: int  #: how many steps have fired; names the next one
    opened_at: datetime
    changed_at: datetime
    version: int = 1
    holder: str | None = None
    next_step_at: datetime | None = None  #: when silence escalates; None when nothing is due
    exhausted: bool = False  #: every round and the fallback have been paged
    resolved_at: datetime | None = None
    alerts_firing: int = 0
    alerts_total: int = 0
    repeats: int = 0
    resolution: str = ""  #: once resolved: one of RESOLUTIONS
    snoozed_until: datetime | None = None  #: held, and quiet until then
    merged_into: str | None = None  #: the incident that goes on in its place
    ended_by: str | None = None  #: the person who resolved it; None when its alerts ended by themselves
    waits: str = ""  #: why nobody is paged yet, in one sentence; it stays where it ended before anybody was
    storm: str | None = None  #: the incident that pages for it
    calm_since: datetime | None = None  #: since when nothing fires; it ends by itself once that has lasted
    stage: int = 0  #: which stage of its tier fired last
    loops: int = 0  #: how often that tier has gone back to an earlier stage
    attended_at: datetime | None = None  #: when its holder last said that they are at it

    @property
    def open(self) -> bool:
        """Not resolved yet."""
        return self.phase is not Phase.RESOLVED

    @property
    def held_elsewhere(self) -> bool:
        """Whether a connection holds it: a sender says that somebody works on it, and nobody here need know them."""
        return (self.holder or "").startswith("connection:")


def imagined(policy: Policy, at: datetime, **facts: Any) -> Incident:
    """An incident that is only thought of: it bears a number that no real one has, and `facts` as its fields."""
    thought = Incident(
        id="INC-0",
        key="",
        title="",
        phase=Phase.TRIGGERED,
        severity="sev3",
        entity="",
        kind="failure",
        model=None,
        model_version=None,
        environment=None,
        runbook="none",
        runbook_revision="",
        why="",
        policy=policy,
        tier=policy.start,
        round=0,
        step=0,
        opened_at=at,
        changed_at=at,
    )
    return replace(thought, **facts)


def move(incident: Incident, to: Phase, at: datetime) -> Incident:
    """The incident in phase `to`; BadMove when its phase does not allow that."""
    if to not in NEXT[incident.phase]:
        raise BadMove(f"{incident.id} is {incident.phase}, so it cannot become {to}.")
    return replace(incident, phase=to, changed_at=at, version=incident.version + 1)


def turn(incident: Incident, at: datetime, **facts: Any) -> Incident:
    """The incident with these fields changed while its phase stays; a version later."""
    return replace(incident, changed_at=at, version=incident.version + 1, **facts)


def close(incident: Incident, resolution: str, at: datetime, **facts: Any) -> Incident:
    """The incident resolved, and how; nothing is due of it any more. BadMove when it is resolved already."""
    over = move(incident, Phase.RESOLVED, at)
    ended: dict[str, Any] = {"next_step_at": None, "snoozed_until": None, "calm_since": None}
    return replace(over, resolution=resolution, resolved_at=at, **ended, **facts)
