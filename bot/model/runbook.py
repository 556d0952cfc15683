"""What to do about a kind of incident, and the policy an incident copies from it when it opens."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from bot.model.matcher import Matcher
from bot.model.noise import Calm, Confirm, Grouping
from bot.model.rota import Window

TIERS = ("L1", "L2", "L3")


@dataclass(frozen=True, slots=True)
class Only:
    """When a stage of a tier is taken; otherwise it is passed over at once."""

    more_than: int = 0  #: alerts of the incident, within ...
    within: timedelta = timedelta(0)
    hours: tuple[Window, ...] = ()  #: of the entity's own zone


@dataclass(frozen=True, slots=True)
class Stage:
    """One thing a tier does, and how long silence lasts before the next.

    Targets: rota:NAME, rota:NAME/next, rota:NAME/everyone, person:NAME, team:NAME, lead:TEAM, usergroup:HANDLE,
    channel:#NAME, agent:CONNECTION.
    """

    page: tuple[str, ...] = ()  #: nobody where it only waits
    wait: timedelta = timedelta(0)
    until: tuple[Window, ...] = ()  #: it is not taken before the first of these hours, of the entity's own zone
    only: Only | None = None
    in_turn: bool = False  #: one of those behind the targets, each incident the next
    all_must: bool = False  #: each of those who are paged must acknowledge, and is paged until they do
    back_to: int | None = None  #: go back to the stage of that number, from 1, ...
    times: int = 0  #: ... so often
    spend: float = 0.0  #: what an agent may spend, in the entity's currency


@dataclass(frozen=True, slots=True)
class Tier:
    """Who answers at this level, in how long, and what they may do alone."""

    name: str
    page: tuple[str, ...]  #: everybody its stages name
    answer_within: timedelta  #: the waits of its stages together
    may: tuple[str, ...] = ()
    stages: tuple[Stage, ...] = ()  #: empty: one, which pages `page` and waits `answer_within`

    @property
    def course(self) -> tuple[Stage, ...]:
        """What it does, in order; at least one stage."""
        return self.stages or (Stage(self.page, self.answer_within),)


@dataclass(frozen=True, slots=True)
class Grade:
    """A severity and the conditions, all of which must hold, that give it."""

    severity: str
    conditions: tuple[Matcher, ...] = ()


@dataclass(frozen=True, slots=True)
class Action:
    """A reversible lever a runbook offers, with the approval it needs."""

    name: str
    approval: str = "one"  #: none | one | two | tier (whoever's tier may pull it needs nobody else)
    options: Mapping[str, object] = field(default_factory=dict)
    break_glass: bool = False  #: one person may pull it alone, loudly, with a reason


@dataclass(frozen=True, slots=True)
class Policy:
    """How an incident escalates: copied into it when it opens, so that an edit cannot derail it.

    Targets are final here (templates rendered); the people behind them are found when a step fires.
    """

    tiers: tuple[Tier, ...]
    start: str
    repeats: int = 2  #: how often all tiers are tried again after the first round
    fallback: tuple[str, ...] = ()  #: paged when every tier is exhausted
    urgency: str = "high"
    owner: str | None = None  #: target told when a step reaches nobody
    remind: timedelta = timedelta(0)  #: so long after it was taken its holder is asked whether they are at it; 0: never
    give_back: timedelta = timedelta(0)  #: so long after that it is unanswered again; 0: never


@dataclass(frozen=True, slots=True)
class Runbook:
    """One Markdown file with its checked head; `revision` is a digest of the text."""

    name: str
    file: str
    revision: str
    title: str
    owner: str
    review_by: date
    match: tuple[Matcher, ...]
    severity: tuple[Grade, ...]
    tiers: tuple[Tier, ...]  #: page targets may still hold templates
    start: Mapping[str, str]  #: severity -> tier name
    actions: tuple[Action, ...] = ()
    group: Grouping = field(default_factory=Grouping)
    confirm: Confirm | None = None  #: None: the first breach opens an incident
    calm: Calm = field(default_factory=Calm)
    repeats: int | None = None  #: None leaves it to the configuration
    fallback: tuple[str, ...] = ()
    urgency: Mapping[str, str] = field(default_factory=dict)  #: severity -> high | low
    remind: timedelta | None = None  #: as in the policy; None leaves it to the configuration
    give_back: timedelta | None = None  #: the same
    body: str = ""  #: Markdown; may hold templates over the documented context
