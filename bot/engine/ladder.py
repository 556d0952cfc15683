"""Who is paged when, if nobody answers: found by firing the steps as the bot itself would, without writing anything."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot import words
from bot.engine import staging, waiting
from bot.engine.desk import Desk
from bot.model.incident import Incident, Phase
from bot.model.page import Page
from bot.rules import escalation, reach
from bot.store import Tx

MARKS = tuple(timedelta(minutes=minutes) for minutes in (0, 5, 15, 60))  #: at which people ask who is paged
FARTHEST = timedelta(days=8)  # a climb is looked at no farther: longer than any hours are quiet


@dataclass(frozen=True, slots=True)
class Rung:
    """One tier of the climb: how long after its beginning, whom it pages, and why them."""

    after: timedelta
    tier: str
    persons: tuple[str, ...]
    why: str
    pages: tuple[Page, ...] = ()  #: one for each person and way, each due at its own moment


@dataclass(frozen=True, slots=True)
class Ladder:
    """The steps of an incident in order, for each tier that reaches nobody a sentence, and what the steps wait for."""

    rungs: tuple[Rung, ...] = ()
    gaps: tuple[str, ...] = ()
    waits: tuple[str, ...] = ()


NOBODY = Ladder()


@dataclass(frozen=True, slots=True)
class Mark:
    """So long after: the pages that went out since the mark before, and the rung that waits for an answer then."""

    after: timedelta
    paged: tuple[Page, ...]
    rung: Rung | None


def climb(tx: Tx, desk: Desk, incident: Incident, at: datetime, language: str = "en") -> Ladder:
    """What silence leads to if `incident` opened at `at` with the policy it has; up to the end of the first round."""
    found = _Climb(at, language)
    for now, step in found.steps(tx, desk, _fresh(incident, at), at):
        found.take(now, step, pages=step.incident.round == 0)
        if step.incident.round > 0:
            break
    return found.ladder


def ahead(
    tx: Tx, desk: Desk, standing: Incident, at: datetime, language: str = "en", *, at_once: bool = False
) -> Ladder:
    """What silence leads to from `at` on with the incident as it stands: to the last of MARKS, or to its first step.

    Where no step has fired and none is due, the first one fires at `at`; with `at_once` the next one does, whatever it
    would wait for. What is held, calm or in a storm does not climb.
    """
    found = _Climb(at, language)
    if standing.phase is not Phase.TRIGGERED or standing.exhausted or standing.calm_since or standing.storm:
        return found.ladder
    first = at if standing.step == 0 and standing.next_step_at is None else standing.next_step_at
    first = at if at_once else first and max(first, at)
    for now, step in found.steps(tx, desk, standing, first, at_once=at_once):
        if now - at > MARKS[-1] and found.rungs:
            break
        found.take(now, step)
    return found.ladder


def marks(found: Ladder, at: datetime) -> tuple[Mark, ...]:
    """How a climb that was asked for at `at` stands at each of MARKS."""
    drawn, since = [], timedelta(-1)
    for mark in MARKS:
        due = [page for rung in found.rungs for page in rung.pages if since < page.due_at - at <= mark]
        rung = next((rung for rung in reversed(found.rungs) if rung.after <= mark), None)
        drawn.append(Mark(mark, tuple(sorted(due, key=lambda page: page.due_at)), rung))
        since = mark
    return tuple(drawn)


class _Climb:
    """A climb as it is found, step by step."""

    def __init__(self, at: datetime, language: str) -> None:
        self.at, self.say = at, words.of(language).answer
        self.rungs: list[Rung] = []
        self.gaps: list[str] = []
        self.waits: list[str] = []
        self.turns = Counter[str]()

    def steps(
        self, tx: Tx, desk: Desk, standing: Incident, now: datetime | None, *, at_once: bool = False
    ) -> Iterator[tuple[datetime, escalation.Fired]]:
        """Each step of what nobody answers and when it fires, from the one at `now` on; endless rounds do end."""
        while now is not None and now - self.at < FARTHEST:
            wait = None if at_once else waiting.asked(desk, standing, now)
            if wait and wait.until > now:
                self.waits.append(wait.why)
                now = wait.until
                continue
            more = staging.facts(tx, desk, standing, now, self.turns)
            step = escalation.fire(standing, desk.roster(tx, now), now, more)
            self.turns.update(step.turns)
            yield now, step
            at_once = False
            standing, now = step.incident, step.incident.next_step_at

    def take(self, now: datetime, step: escalation.Fired, *, pages: bool = True) -> None:
        """Keep what a step does; with `pages` off only whom it does not reach."""
        self.gaps += [words.fill(self.say.gap, tier=tier, why=why) for tier, why in step.skipped]
        if step.waits:
            self.waits.append(step.why)
        self.waits += [f"{step.incident.tier}: the agent of {agent} looks first." for agent in step.agents]
        if step.pages and pages:
            persons = tuple(dict.fromkeys(reach.shown(page.person) for page in step.pages))
            self.rungs.append(Rung(now - self.at, step.pages[0].tier, persons, step.why, step.pages))

    @property
    def ladder(self) -> Ladder:
        return Ladder(tuple(self.rungs), tuple(dict.fromkeys(self.gaps)), tuple(dict.fromkeys(self.waits)))


def _fresh(incident: Incident, at: datetime) -> Incident:
    """The same before its first step, opened at `at`."""
    start = incident.policy.start
    blank = replace(
        incident, round=0, step=0, stage=0, loops=0, next_step_at=None, exhausted=False, waits="", opened_at=at
    )
    return replace(blank, phase=Phase.TRIGGERED, tier=start)
