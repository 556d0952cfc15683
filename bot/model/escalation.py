"""How an incident escalates where its runbook does not say otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

URGENCIES = ("high", "low")


@dataclass(frozen=True, slots=True)
class Escalation:
    """What every runbook starts from; severities without an urgency of their own are `low`."""

    repeats: int = 2  #: how often all tiers are tried again after the first round
    fallback: tuple[str, ...] = ()  #: targets paged when every tier is exhausted
    urgency: Mapping[str, str] = field(default_factory=lambda: {"sev1": "high", "sev2": "high"})
    remind: timedelta = timedelta(hours=1)  #: its holder is asked whether they are at it so long after; 0: never
    give_back: timedelta = timedelta(minutes=30)  #: so long after that it is unanswered again; 0: never
    test: str = "weekly"  #: how often whoever is on call gets a test page: weekly | off
