"""Alerts about one cause, and the moves an incident can make."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

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

    @property
    def open(self) -> bool:
        """Not resolved yet."""
        return self.phase is not Phase.RESOLVED


def move(incident: Incident, to: Phase, at: datetime) -> Incident:
    """The incident in phase `to`; BadMove when its phase does not allow that."""
    if to not in NEXT[incident.phase]:
        raise BadMove(f"{incident.id} is {incident.phase}, so it cannot become {to}.")
    return replace(incident, phase=to, changed_at=at, version=incident.version + 1)
