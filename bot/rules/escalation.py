"""Who is paged when a step fires, and when the next one does."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from bot import documents
from bot.model.incident import Incident, Phase
from bot.model.page import ASKED, Page, PageState
from bot.model.people import People, Person
from bot.model.rota import Override, Rota
from bot.model.runbook import TIERS, Policy, Stage, Tier
from bot.rules import reach, resting, stages, turns

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
    needs: Mapping[str, str] = field(default_factory=dict)  #: by channel, the kind of address that must be confirmed
    confirmed: Collection[tuple[str, str]] | None = None  #: (person, kind) that are; None: nobody can say, all count
    agents: Collection[str] | None = None  #: connections that have one; None: nobody can say, all count

    def reaches(self, person: Person, channel: str) -> bool:
        """Whether this channel works and may be used for this person."""
        if channel not in self.channels or (channel == "slack" and not (person.slack or person.email)):
            return False
        kind = self.needs.get(channel)
        return kind is None or self.confirmed is None or (person.name, kind) in self.confirmed


@dataclass(frozen=True)
class Fired:
    """What one step does: the incident after it, the pages it decides, and the tiers that reached nobody."""

    incident: Incident
    pages: tuple[Page, ...]
    why: str
    skipped: tuple[tuple[str, str], ...] = ()  #: (tier, why nobody)
    passed: tuple[tuple[str, str], ...] = ()  #: (stage of a tier, why it was not for now)
    agents: tuple[str, ...] = ()  #: connections whose agent looks while the step lasts
    spend: float = 0.0  #: what each of them may spend
    turns: tuple[str, ...] = ()  #: counters of which one more turn is taken
    waits: bool = False  #: it pages nobody because the policy says to wait
    all_must: bool = False  #: each of those it pages must answer


@dataclass
class _Crew:
    pages: list[Page] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    agents: list[str] = field(default_factory=list)
    turn: str = ""

    @property
    def reached(self) -> bool:
        return bool(self.pages or self.agents)


@dataclass(frozen=True)
class _Place:
    """Where in its policy an incident is: `stage` fired last, or comes next."""

    round: int
    tier: str
    stage: int = 0
    loops: int = 0


def fire(incident: Incident, roster: Roster, now: datetime, facts: stages.Facts = stages.NOTHING) -> Fired:
    """Fire the next step: the start tier first, then upwards, then round again, at last the fallback.

    A tier is taken stage by stage. One that reaches nobody is passed over at once, not waited out; so is a stage that
    is not for now.
    """
    number = incident.step + 1
    walk = _Walk(incident, number, roster, now, facts)
    place: _Place | None = (
        _Place(incident.round, incident.tier) if incident.step == 0 else _after(incident.policy, standing(incident))
    )
    while place is not None:
        tier = tier_of(incident.policy, place.tier)
        if place.stage == 0 and place.loops == 0:
            if place.tier in walk.whole:  # a whole round in vain: another would be as well
                break
            walk.whole.add(place.tier)
        stage = tier.course[place.stage]
        if fired := walk.taken(stage, place):
            return fired
        place = walk.back(stage, place) or _after(incident.policy, place)
    return _last_resort(incident, number, roster, now, walk)


class _Walk:
    """One search for the stage that fires; what was passed over on the way is kept."""

    def __init__(self, incident: Incident, number: int, roster: Roster, now: datetime, facts: stages.Facts) -> None:
        self.incident, self.number, self.roster, self.now, self.facts = incident, number, roster, now, facts
        self.skipped: list[tuple[str, str]] = []
        self.passed: list[tuple[str, str]] = []
        self.whole: set[str] = set()  # tiers that were looked at from their beginning
        self.nobody = False  # the last stage that pages had nobody: there is nothing to wait for

    def taken(self, stage: Stage, place: _Place) -> Fired | None:
        """What the stage does; None when it is passed over."""
        tier = tier_of(self.incident.policy, place.tier)
        if until := stages.opens(stage, self.facts, self.now):
            before = replace(place, stage=place.stage - 1)  # it is looked at anew then
            return self._waits(before, until, stages.waiting(stage, until, self.facts.zone))
        if reason := stages.passed_over(stage, self.facts, self.now):
            self.passed.append((_named(tier, place.stage), reason))
            return None
        if not stage.page and tier.stages:
            if self.nobody:
                return None
            if stage.back_to is not None or not stage.wait:
                return self._waits_before(stage, place)
            return self._waits(place, self.now + stage.wait, f"It waits for {documents.written(stage.wait)}.")
        crew = self._crew(tier, stage)
        if crew.reached:
            return self._fired(place, stage, crew)
        self.nobody = True
        self.skipped.append((_named(tier, place.stage), " ".join(crew.reasons) or "no target"))
        return None

    def back(self, stage: Stage, place: _Place) -> _Place | None:
        """Where a stage that goes back goes at once; None where it goes on."""
        if stage.back_to is None or stage.wait or not self._goes_back(stage, place):
            return None
        return _Place(place.round, place.tier, stage.back_to - 1, place.loops + 1)

    def _goes_back(self, stage: Stage, place: _Place) -> bool:
        return place.loops < stage.times and not self.nobody and not stages.passed_over(stage, self.facts, self.now)

    def _waits_before(self, stage: Stage, place: _Place) -> Fired | None:
        """The wait of a stage that goes back; that it will is written down already."""
        if stage.back_to is None or not stage.wait or not self._goes_back(stage, place):
            return None
        gone = _Place(place.round, place.tier, stage.back_to - 2, place.loops + 1)
        why = f"It waits for {documents.written(stage.wait)}, then begins again at stage {stage.back_to}."
        return self._waits(gone, self.now + stage.wait, why)

    def _waits(self, place: _Place, until: datetime, why: str) -> Fired:
        after = replace(self._at(place), next_step_at=until, waits=why, storm=None)
        return Fired(after, (), why, tuple(self.skipped), tuple(self.passed), waits=True)

    def _fired(self, place: _Place, stage: Stage, crew: _Crew) -> Fired:
        ranked = tuple(replace(page, rank=_rank(page.step, place.round)) for page in crew.pages)
        why, turned = " ".join(crew.reasons), (crew.turn,) if crew.turn else ()
        due, waits = _heard(ranked, self.now, stage.wait), "" if ranked else why  # while an agent looks nobody is paged
        after = replace(self._at(place), next_step_at=due, waits=waits, storm=None)
        left = tuple(self.skipped), tuple(self.passed)
        return Fired(after, ranked, why, *left, tuple(crew.agents), stage.spend, turned, all_must=stage.all_must)

    def _at(self, place: _Place) -> Incident:
        where = {"tier": place.tier, "round": place.round, "stage": place.stage, "loops": place.loops}
        version = self.incident.version + 1
        return replace(self.incident, **where, step=self.number, changed_at=self.now, version=version)  # type: ignore[arg-type]

    def _crew(self, tier: Tier, stage: Stage) -> _Crew:
        crew = _crew(self.incident, self.number, replace(tier, page=stage.page), self.roster, self.now)
        return _one(crew, stage, self.facts) if stage.in_turn else crew


def standing(incident: Incident) -> "_Place":
    """Where the incident stands in its policy."""
    return _Place(incident.round, incident.tier, incident.stage, incident.loops)


def _after(policy: Policy, place: _Place) -> _Place | None:
    """The place after this one, or None when all rounds are over."""
    tier = stages.of(policy, place.tier)
    if tier and place.stage + 1 < len(tier.course):
        return replace(place, stage=place.stage + 1)
    found = following(policy, place.round, place.tier)
    return _Place(*found) if found else None


def _named(tier: Tier, stage: int) -> str:
    return f"{tier.name} stage {stage + 1}" if tier.stages else tier.name


def _one(crew: _Crew, stage: Stage, facts: stages.Facts) -> _Crew:
    """Only whoever's turn it is, of those who can be reached."""
    names = list(dict.fromkeys(page.person for page in crew.pages))
    if not names:
        return crew
    key = stages.turn(stage.page)
    chosen = names[facts.turns.get(key, 0) % len(names)]
    mine = [page for page in crew.pages if page.person == chosen]
    return _Crew(mine, [*crew.reasons, f"It is {chosen}'s turn."], crew.agents, key)


def summon(incident: Incident, persons: Collection[str], roster: Roster, now: datetime, why: str) -> Fired:
    """Fire a step that pages exactly `persons`; silence escalates from the tier in force, after that tier's time.

    When it holds no page nobody can be reached, and such a step is not to be taken.
    """
    number = incident.step + 1
    blank = Page(f"{incident.id}/{number}", incident.id, number, incident.tier, "", "", why, _DECIDED, now, now)
    after = replace(
        incident,
        step=number,
        next_step_at=now + stages.patience(tier_of(incident.policy, incident.tier), incident.stage),
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


def _last_resort(incident: Incident, number: int, roster: Roster, now: datetime, walk: _Walk) -> Fired:
    """Every tier is exhausted: page the fallback, and let no further step be due."""
    last = Tier(FALLBACK, incident.policy.fallback, answer_within=now - now)
    crew = _crew(incident, number, last, roster, now)
    if not crew.pages:
        walk.skipped.append((FALLBACK, " ".join(crew.reasons) or "no fallback is named"))
    after = replace(
        incident,
        step=number,
        next_step_at=None,
        exhausted=True,
        changed_at=now,
        version=incident.version + 1,
        **NO_WAIT,
    )
    return Fired(after, tuple(crew.pages), " ".join(crew.reasons), tuple(walk.skipped), tuple(walk.passed))


def following(policy: Policy, round_: int, tier: str) -> tuple[int, str] | None:
    """The (round, tier) after this one, or None when all rounds are over."""
    names = [t.name for t in policy.tiers]
    # A policy that was changed while it ran may have lost the tier in force: the next one above it follows.
    above = names[names.index(tier) + 1 :] if tier in names else [n for n in names if _height(n) > _height(tier)]
    if above:
        return round_, above[0]
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
    if incident.tier not in names:
        return after, False
    if incident.phase is not Phase.TRIGGERED or incident.exhausted or start <= names.index(incident.tier):
        return after, False
    below = incident.policy.tiers[start - 1]
    return replace(after, tier=below.name, stage=len(below.course) - 1, loops=0), True


def tier_of(policy: Policy, name: str) -> Tier:
    """The tier with this name; one that a changed policy has no more pages nobody and waits as its first one."""
    return stages.of(policy, name) or Tier(name, (), policy.tiers[0].answer_within)


def _height(tier: str) -> int:
    return TIERS.index(tier) if tier in TIERS else len(TIERS)


def _crew(incident: Incident, step: int, tier: Tier, roster: Roster, now: datetime) -> _Crew:
    """One page for each reachable person and way; reasons tell who was found and who was not."""
    crew = _Crew()
    chosen: set[str] = set()
    for target in tier.page:
        reached = reach.people(target, roster.rotas, roster.people, roster.overrides, now)
        crew.reasons.append(reached.why)
        crew.agents += [name for name in reached.agents if roster.agents is None or name in roster.agents]
        if missing := [name for name in reached.agents if name not in crew.agents]:
            crew.reasons[-1] = f"The connection {missing[0]} has no agent."
        if reached.places and "slack" not in roster.channels:
            crew.reasons[-1] = f"{reach.shown(target)} is in Slack, which is off."
        for place in reached.places if "slack" in roster.channels else ():
            if place not in chosen:
                chosen.add(place)
                blank = Page(
                    f"{incident.id}/{step}",
                    incident.id,
                    step,
                    tier.name,
                    place,
                    "slack",
                    reached.why,
                    _DECIDED,
                    now,
                    now,
                )
                crew.pages.append(replace(blank, id=f"{blank.id}/{place}/slack"))
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

    `blank` is named for what it is part of; each page adds its person and its channel to that. What is not urgent
    waits for the end of their quiet hours.
    """
    person = roster.people.persons[blank.person]
    for way in dict.fromkeys(person.ways(urgency)):
        if roster.reaches(person, way.channel):
            due, why = rested(person, urgency, blank.decided_at + way.after)
            id_ = f"{blank.id}/{blank.person}/{way.name}"
            yield replace(blank, id=id_, channel=way.channel, due_at=due, why=f"{blank.why} {why}".strip())


def rested(person: Person, urgency: str, due: datetime) -> tuple[datetime, str]:
    """When a page that is due may really go, and why that is later where it is; high urgency passes."""
    end = resting.until(person, due) if urgency != "high" else None
    if end is None:
        return due, ""
    shown = end.astimezone(turns.zone(person.timezone))
    return end, f"It waits for the end of {person.name}'s quiet hours at {shown:%H:%M} ({person.timezone})."


def _heard(pages: Sequence[Page], now: datetime, wait: timedelta) -> datetime:
    """When a step has been answered by nobody: where all wait for longer than it does, it counts from the first."""
    first = min((page.due_at for page in pages), default=now)
    return (first if first >= now + wait else now) + wait


def _rank(step: int, round_: int) -> int:
    """How much a page tells its reader: the first of its incident, one of a later step, one of a later round."""
    return 2 if round_ > 0 else min(step - 1, 1)


def responders(incident: Incident, roster: Roster, now: datetime) -> frozenset[str]:
    """Everybody any tier of this incident names at `now`."""
    found: set[str] = set()
    for target in (*(t for tier in incident.policy.tiers for t in tier.page), *incident.policy.fallback):
        found.update(reach.people(target, roster.rotas, roster.people, roster.overrides, now).persons)
    return frozenset(found)
