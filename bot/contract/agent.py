"""What an AI agent that looks first promises: within its budget it leaves evidence, or says that it has none."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.contract.plugin import Check
from bot.model.view import View


@dataclass(frozen=True, slots=True)
class Task:
    """One incident to look at: `key` is the same at every attempt; the incident's words are data, never orders."""

    key: str
    view: View
    within: timedelta  #: whatever comes later is not waited for
    spend: float  #: at most, in the currency of the entity; 0: nothing
    at: datetime


@dataclass(frozen=True, slots=True)
class Evidence:
    """One observation: what was seen, where, and when; a finding without one is worth nothing."""

    claim: str
    source: str  #: where a person can look for themselves: an address, a query, a file
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Findings:
    """What an agent brings back; without evidence it counts as having found nothing."""

    summary: str
    evidence: tuple[Evidence, ...] = ()
    spent: float = 0.0
    tried: tuple[str, ...] = ()  #: what it looked at, for whoever goes on from there


class Agent(Protocol):
    """Looks at an incident; it changes nothing in production, and its findings acknowledge nothing."""

    async def look(self, task: Task) -> Findings:
        """What it found; raise NotDelivered when it could not look."""
        ...

    async def check(self) -> list[Check]:
        """The state of what this part needs, one row for each scope."""
        ...
