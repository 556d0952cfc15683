"""Who is paged when a step fires, and when the next one does."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from bot.model.incident import Incident, Phase
from bot.model.page import ASKED, Page, PageState
from bot.model.people import People
from bot.model.rota import Override, Rota
from bot.model.runbook import Policy, Tier
from bot.rules import reach

FALLBACK = "fallback"  #: the tier name of the last resort
NO_WAIT: Final[dict[str, Any]] = {"waits": "", "storm": None}  #: of an incident whose step fires: it speaks for itself
_DECIDED = PageState.DECIDED


@dataclass(frozen=True)
class Roster:
    """Everything needed to say who answers at a moment; `channels` are those the bot can send by."""

    rotas: Mapping[str, Rota]
    people: People
    overrides: Sequence[Override] = ()
    channels: Collection[str] = ("slack",)


@dataclass(frozen=True)
class Fired:
    """What one step does: the incident after it, the pages it decides, and the tiers that reached nobody."""

    incident: Incident
    pages: tuple[Page, ...]
    why: str
    skipped: tuple[tuple[str, str], ...] = ()  #: (tier, why nobody)


@dataclass
class _Crew:
    pages: list[Page] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)


def fire(incident: Incident, roster: Roster, now: datetime) -> Fired:
    """Fire the next step: the start tier first, then upwards, then round again, at last the fallback.

    A tier that reaches nobody is passed over at once, not waited out.
    """
    number = incident.step + 1
    position: tuple[int, str] | None
    position = (
        (incident.round, incident.tier)
        if incident.step == 0
        else following(incident.policy, incident.round, incident.tier)
    )
    skipped: list[tuple[str, str]] = []
    while position is not None:
        round_, name = position
        tier = tier_of(incident.policy, name)
        crew = _crew(incident, number, tier, roster, now)
        if crew.pages:
            after = replace(
                incident,
                tier=name,
                round=round_,
                step=number,
                next_step_at=now + tier.answer_within,
                changed_at=now,
                version=incident.version + 1,
                **NO_WAIT,
            )
            return Fired(after, tuple(crew.pages), " ".join(crew.reasons), tuple(skipped))
        skipped.append((name, " ".join(crew.reasons) or "no target"))
        position = following(incident.policy, round_, name)
        if position is not None and position[1] in dict(skipped):  # a whole round in vain: another would be as well
            position = None
    return _last_resort(incident, number, roster, now, skipped)


def summon(incident: Incident, persons: Collection[str], roster: Roster, now: datetime, why: str) -> Fired:
    """Fire a step that pages exactly `persons`; silence escalates from the tier in force, after that tier's time.

    When it holds no page nobody can be reached, and such a step is not to be taken.
    """
    number = incident.step + 1
    blank = Page(f"{incident.id}/{number}", incident.id, number, incident.tier, "", "", why, _DECIDED, now, now)
    after = replace(
        incident,
        step=number,
        next_step_at=now + tier_of(incident.policy, incident.tier).answer_within,
        exhausted=False,
        changed_at=now,
        version=incident.version + 1,
        **NO_WAIT,
    )
    return Fired(after, _each(blank, persons, incident, roster), why)


def ask(
    incident: Incident, persons: Collection[str], roster: Roster, now: datetime, why: str, nth: int
) -> tuple[Page, ...]:
    """The pages that ask `persons` to join; `nth` counts such requests within the step in force, which goes on."""
    label = f"{incident.id}/{incident.step}.{nth}"
    blank = Page(label, incident.id, incident.step, ASKED, "", "", why, _DECIDED, now, now)
    return _each(blank, persons, incident, roster)


def _each(blank: Page, persons: Collection[str], incident: Incident, roster: Roster) -> tuple[Page, ...]:
    """The page for every way of every one of `persons` that `roster` knows."""
    known = [name for name in dict.fromkeys(persons) if name in roster.people.persons]
    return tuple(page for name in known for page in _ways(replace(blank, person=name), incident.policy.urgency, roster))


def _last_resort(
    incident: Incident, number: int, roster: Roster, now: datetime, skipped: list[tuple[str, str]]
) -> Fired:
    """Every tier is exhausted: page the fallback, and let no further step be due."""
    last = Tier(FALLBACK, incident.policy.fallback, answer_within=now - now)
    crew = _crew(incident, number, last, roster, now)
    if not crew.pages:
        skipped.append((FALLBACK, " ".join(crew.reasons) or "no fallback is named"))
    after = replace(
        incident,
        step=number,
        next_step_at=None,
        exhausted=True,
        changed_at=now,
        version=incident.version + 1,
        **NO_WAIT,
    )
    return Fired(after, tuple(crew.pages), " ".join(crew.reasons), tuple(skipped))


def following(policy: Policy, round_: int, tier: str) -> tuple[int, str] | None:
    """The (round, tier) after this one, or None when all rounds are over."""
    names = [t.name for t in policy.tiers]
    at = names.index(tier)
    if at + 1 < len(names):
        return round_, names[at + 1]
    return (round_ + 1, policy.start) if round_ < policy.repeats else None


def worse(incident: Incident, severity: str, policy: Policy) -> tuple[Incident, bool]:
    """The incident at a graver severity, and whether its next step is due at once.

    Only where to start and how urgently is taken from `policy` (the runbook's for that severity); tiers, waits and
    targets stay those copied when it opened. The step is due when nobody has answered and the start lies above the
    tier that looks now; the incident is then left one tier below it, so that the step fires there.
    """
    names = [tier.name for tier in incident.policy.tiers]
    first = policy.start if policy.start in names else incident.policy.start
    after = replace(incident, severity=severity, policy=replace(incident.policy, start=first, urgency=policy.urgency))
    if incident.step == 0:  # it has yet to open: its first step begins there
        return replace(after, tier=first), False
    start = names.index(first)
    if incident.phase is not Phase.TRIGGERED or incident.exhausted or start <= names.index(incident.tier):
        return after, False
    return replace(after, tier=names[start - 1]), True


def tier_of(policy: Policy, name: str) -> Tier:
    """The tier with this name."""
    return next(t for t in policy.tiers if t.name == name)


def _crew(incident: Incident, step: int, tier: Tier, roster: Roster, now: datetime) -> _Crew:
    """One page for each reachable person and way; reasons tell who was found and who was not."""
    crew = _Crew()
    chosen: set[str] = set()
    for target in tier.page:
        reached = reach.people(target, roster.rotas, roster.people, roster.overrides, now)
        crew.reasons.append(reached.why)
        for name in reached.persons:
            if name not in chosen:
                chosen.add(name)
                label = f"{incident.id}/{step}"
                blank = Page(label, incident.id, step, tier.name, name, "", reached.why, _DECIDED, now, now)
                crew.pages += _ways(blank, incident.policy.urgency, roster)
    if chosen and not crew.pages:
        crew.reasons.append(f"No channel that works reaches {', '.join(sorted(chosen))}.")
    return crew


def _ways(blank: Page, urgency: str, roster: Roster) -> Iterator[Page]:
    """The page once for each way its person wants, leaving out channels that cannot reach them.

    `blank` is named for what it is part of; each page adds its person and its channel to that.
    """
    person = roster.people.persons[blank.person]
    for way in dict.fromkeys(person.ways(urgency)):
        if way.channel in roster.channels and not (way.channel == "slack" and not (person.slack or person.email)):
            again = f"+{int(way.after.total_seconds())}s" if way.after else ""
            id_ = f"{blank.id}/{blank.person}/{way.channel}{again}"
            yield replace(blank, id=id_, channel=way.channel, due_at=blank.decided_at + way.after)


def responders(incident: Incident, roster: Roster, now: datetime) -> frozenset[str]:
    """Everybody any tier of this incident names at `now`."""
    found: set[str] = set()
    for target in (*(t for tier in incident.policy.tiers for t in tier.page), *incident.policy.fallback):
        found.update(reach.people(target, roster.rotas, roster.people, roster.overrides, now).persons)
    return frozenset(found)
