"""Who is paged when, if nobody answers: found by firing the steps as the bot itself would, without writing anything."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot import words
from bot.engine.desk import Desk
from bot.model.incident import Incident, Phase
from bot.rules import escalation
from bot.store import Tx


@dataclass(frozen=True, slots=True)
class Rung:
    """One tier of the climb: how long after its beginning, whom it pages, and why them."""

    after: timedelta
    tier: str
    persons: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Ladder:
    """The first round of an incident, and for each tier that reaches nobody a sentence."""

    rungs: tuple[Rung, ...]
    gaps: tuple[str, ...] = ()


def climb(tx: Tx, desk: Desk, incident: Incident, at: datetime, language: str = "en") -> Ladder:
    """What silence leads to if `incident` opened at `at` with the policy it has; up to the end of the first round."""
    say = words.of(language).answer
    now, standing = at, _fresh(incident)
    rungs: list[Rung] = []
    gaps: list[str] = []
    while standing.round == 0:
        step = escalation.fire(standing, desk.roster(tx, now), now)
        gaps += [words.fill(say.gap, tier=tier, why=why) for tier, why in step.skipped]
        standing = step.incident
        if step.pages and standing.round == 0:
            persons = tuple(dict.fromkeys(page.person for page in step.pages))
            rungs.append(Rung(now - at, step.pages[0].tier, persons, step.why))
        if standing.next_step_at is None:
            break
        now = standing.next_step_at
    return Ladder(tuple(rungs), tuple(dict.fromkeys(gaps)))


def _fresh(incident: Incident) -> Incident:
    """The same before its first step."""
    start = incident.policy.start
    return replace(incident, phase=Phase.TRIGGERED, tier=start, round=0, step=0, next_step_at=None, exhausted=False)
