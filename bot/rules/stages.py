"""Whether a stage of a tier is taken now: its conditions, the hours it waits for, and whose turn it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

from bot import documents
from bot.model.rota import Every, Layer, Unit, Window
from bot.model.runbook import Policy, Stage, Tier
from bot.rules import clocks, turns

_DAY = datetime(2001, 1, 1)  # noqa: DTZ001  (wall-clock time, as in a rota)
LONGEST = timedelta(days=400)  # hours that do not come within it never come


@dataclass(frozen=True)
class Facts:
    """What a stage may ask about its incident; the default knows of nothing."""

    zone: str = "UTC"  #: of the entity, in which hours are meant
    alerts: Mapping[timedelta, int] = field(default_factory=dict)  #: how many came, by the length of the time up to now
    turns: Mapping[str, int] = field(default_factory=dict)  #: how many turns were taken so far, by `turn`


NOTHING = Facts()


def passed_over(stage: Stage, facts: Facts, now: datetime) -> str:
    """Why it is not taken, in a sentence; empty when its conditions hold."""
    only = stage.only
    if only is None:
        return ""
    count = facts.alerts.get(only.within, 0)
    if only.more_than and count <= only.more_than:
        within = documents.written(only.within)
        return f"It is for more than {only.more_than} alerts within {within}; there were {count}."
    if only.hours and not open_at(only.hours, facts.zone, now):
        return f"It is not for this hour ({facts.zone})."
    return ""


def opens(stage: Stage, facts: Facts, now: datetime) -> datetime | None:
    """Until when it has to wait for its hours; None when it need not."""
    if not stage.until or open_at(stage.until, facts.zone, now):
        return None
    layer = _layer(stage.until)
    at = now
    while at < now + LONGEST:
        _, end = _cell(layer, facts.zone, at)
        if end <= at:
            return None
        at = end
        if open_at(stage.until, facts.zone, at):
            return at
    return None


def waiting(stage: Stage, until: datetime, zone: str) -> str:
    """Why nobody is paged until then, in one sentence."""
    local = until.astimezone(turns.zone(zone))
    return f"Its hours begin at {local:%Y-%m-%d %H:%M %Z}."


def open_at(windows: tuple[Window, ...], zone: str, at: datetime) -> bool:
    """Whether one of the windows is open, by the wall clock of `zone`."""
    return _ready(_layer(windows), zone).seat(clocks.instant(at)) is not None


def turn(targets: Sequence[str]) -> str:
    """The name of the counter by which those behind `targets` take turns."""
    return f"turn/{'+'.join(targets)}"


def of(policy: Policy, tier: str) -> Tier | None:
    """The tier of that name; None where a changed policy has it no more."""
    return next((one for one in policy.tiers if one.name == tier), None)


def staged(policy: Policy) -> bool:
    """Whether any tier has stages of its own."""
    return any(tier.stages for tier in policy.tiers)


def in_force(policy: Policy, tier: str, stage: int) -> Stage | None:
    """The stage of a tier that fired last; None before its first."""
    found = of(policy, tier)
    return found.course[stage] if found and 0 <= stage < len(found.course) else None


def patience(tier: Tier, stage: int) -> timedelta:
    """How long whoever is given an incident within this tier has: as long as the stage, or its longest one, says."""
    if not tier.stages:
        return tier.answer_within
    now = tier.stages[stage].wait if 0 <= stage < len(tier.stages) and tier.stages[stage].page else timedelta(0)
    return now or max((one.wait for one in tier.stages), default=timedelta(0)) or tier.answer_within


@cache
def _layer(windows: tuple[Window, ...]) -> Layer:
    return Layer("", _DAY, Every(1, Unit.DAY), ("somebody",), only=windows)


@cache
def _ready(layer: Layer, zone: str) -> turns.Turns:
    return turns.Turns(layer, zone)


def _cell(layer: Layer, zone: str, at: datetime) -> tuple[datetime, datetime]:
    start, end = _ready(layer, zone).cell(clocks.instant(at))
    return clocks.moment(start), clocks.moment(end)
