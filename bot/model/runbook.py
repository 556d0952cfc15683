"""What to do about a kind of incident, and the policy an incident copies from it when it opens."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from bot.model.matcher import Matcher
from bot.model.noise import Calm, Confirm, Grouping

TIERS = ("L1", "L2", "L3")


@dataclass(frozen=True, slots=True)
class Tier:
    """Who answers at this level, in how long, and what they may do alone."""

    name: str
    page: tuple[str, ...]  #: targets: rota:NAME | person:NAME | team:NAME | lead:TEAM
    answer_within: timedelta
    may: tuple[str, ...] = ()


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
    body: str = ""  #: Markdown; may hold templates over the documented context
