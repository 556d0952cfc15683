"""Whether a model may be retrained now, on which data, at what price, and how many must agree to that."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from statistics import median
from zoneinfo import ZoneInfo

from bot import documents
from bot.errors import Refused
from bot.model.retraining import Budget, Policy, Training

Span = tuple[datetime, datetime]  #: half-open

RECENT = 5  #: runs that tell what the next one costs
LISTED = 3  #: runs that are named
DIGITS = 4  #: of money, behind the point: sums of cents in binary are off by less
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Window:
    """The data of a run: from `since` on and before `until`, without `excluded`: in order, apart, and inside."""

    since: datetime
    until: datetime
    excluded: tuple[Span, ...] = ()

    @property
    def clean(self) -> timedelta:
        """How much of it is used."""
        return (self.until - self.since) - sum((end - start for start, end in self.excluded), timedelta(0))


class Obstacle(StrEnum):
    """What can stand in the way of a retrain."""

    NO_POLICY = "no-policy"
    RUNNING = "running"
    COOLDOWN = "cooldown"
    SPOILED = "spoiled"  #: its window has data in it that is not to be trusted, and would be learnt from


@dataclass(frozen=True, slots=True)
class Reason:
    """Why not, what to do about it, and from when on it stands in the way no more, where that is known."""

    obstacle: Obstacle
    what: str
    do: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A model that somebody wants to be retrained, and what is known of it."""

    model: str
    policy: Policy | None
    trainings: Sequence[Training] = ()  #: those of this model, and whatever else its platform runs for it now
    data: Window | None = None  #: what it would learn from; None: nobody has looked yet
    spoiled: Sequence[Span] = ()  #: when its data was not to be trusted, as known now
    by_itself: bool = False  #: a runbook or the clock asks, nobody else


def reach(policy: Policy, now: datetime) -> Span:
    """From when until when data is wanted: as much as `window`, all of it old enough for its truth to be known.

    The newest of that is kept back, so that nothing is tried on what it has learnt.
    """
    until = now - policy.label_delay - policy.holdout
    return until - policy.window, until


def window(policy: Policy, now: datetime, spoiled: Iterable[Span]) -> Window:
    """The data of a run that starts at `now`, without the spans `spoiled`; those at its ends make it shorter.

    Refused when nothing is left of it.
    """
    since, until = reach(policy, now)
    inside: list[Span] = []
    for start, end in _merged(spoiled, since, until):
        if start == since:
            since = end
        elif end == until:
            until = start
        else:
            inside.append((start, end))
    if since >= until:
        told = " until ".join(map(_minute, reach(policy, now)))
        what = f"There is no clean data from {told}: all that time it was broken, late or missing."
        raise Refused(what, "Widen `retrain.window`, or wait until enough has come in since.")
    return Window(since, until, tuple(inside))


def may(case: Case, now: datetime) -> Reason | None:
    """What stands in the way of starting a run at `now`, the gravest first; None when nothing does.

    Asked before a run is proposed and again before it starts, since more may be known of its data by then.
    """
    policy = case.policy
    if policy is None:
        return Reason(Obstacle.NO_POLICY, *no_policy(case.model))
    if running := [one for one in case.trainings if one.ended_at is None]:
        return _running(case.model, running)
    return _rests(case, policy, now) or _spoiled(case)


def expected(trainings: Iterable[Training], policy: Policy) -> float | None:
    """What a run will cost: the median of the last RECENT that ran through and told, else what the policy says.

    None where neither says. One that broke off tells nothing of what a whole one costs.
    """
    told = [
        (one.ended_at, one.cost)
        for one in trainings
        if one.done and one.ended_at is not None and one.cost is not None and _is_money(one.cost)
    ]
    last = sorted(told)[-RECENT:]
    return round(median(cost for _, cost in last), DIGITS) if last else policy.cost


def month(now: datetime, zone: ZoneInfo) -> datetime:
    """When the calendar month of `now` began on the clocks of `zone`."""
    first = now.astimezone(zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0, fold=0)
    return first.astimezone(UTC)


def spent(trainings: Iterable[Training], since: datetime) -> float:
    """What those that ended at `since` or later cost, whatever came of them, and what those that go on will cost.

    One whose platform does not tell counts as foreseen; one that goes on as what is more of both.
    """
    return round(math.fsum(_owed(one) for one in trainings if one.ended_at is None or one.ended_at >= since), DIGITS)


def left(budget: Budget, used: float) -> float:
    """What is left of a month's budget; below nothing by what was spent beyond it."""
    return round(budget.monthly - used, DIGITS)


def over(cost: float | None, rest: float | None) -> bool:
    """Whether a run of that cost is beyond the `rest` of a budget; where there is none (None), nothing is.

    A cost that nobody knows is not known to fit.
    """
    if rest is None:
        return False
    return cost is None or not _is_money(cost) or cost > rest


def needs(base: int, over_budget: bool) -> int:
    """How many must agree who are not the requester, where policy asks for `base`: one more when it is over budget."""
    return base + 1 if over_budget else base


def no_policy(model: str) -> tuple[str, str]:
    """Why a model without a policy is not retrained, and what to do."""
    return f"{model} has no `retrain` in config/estate.yaml.", "Say there how it is retrained."


def _running(model: str, running: Sequence[Training]) -> Reason:
    names = ", ".join(one.id for one in running[:LISTED])
    more = f" and {len(running) - LISTED} more" if len(running) > LISTED else ""
    what = f"{model} is being retrained already: {names}{more}."
    return Reason(Obstacle.RUNNING, what, "Wait until it has ended, or cancel it.")


def _rests(case: Case, policy: Policy, now: datetime) -> Reason | None:
    """The pause after the last run; machines would try for ever, people may at once what broke off or did not pass."""
    over = ((one.ended_at, one.done and one.passed is not False) for one in case.trainings)
    ends = [ended_at for ended_at, good in over if ended_at is not None and (good or case.by_itself)]
    if not ends or now >= (until := max(ends) + policy.cooldown):
        return None
    rest = documents.written(policy.cooldown)
    what = f"The last run of {case.model} ended at {_minute(max(ends))}, and it rests for {rest} after one."
    return Reason(Obstacle.COOLDOWN, what, f"Try again at {_minute(until, up=True)}.", until)


def _spoiled(case: Case) -> Reason | None:
    """Data that is not to be trusted and would be learnt from all the same."""
    if case.data is None:
        return None
    held = _merged(case.data.excluded, case.data.since, case.data.until)
    for start, end in _merged(case.spoiled, case.data.since, case.data.until):
        if not any(first <= start and end <= last for first, last in held):
            span = f"from {_minute(start)} until {_minute(end, up=True)}"
            what = f"The data of {case.model} was broken, late or missing {span}, and this run would learn from it."
            return Reason(Obstacle.SPOILED, what, "Propose it again: that span is left out then.")
    return None


def _merged(spans: Iterable[Span], since: datetime, until: datetime) -> list[Span]:
    """What of `spans` lies within `[since, until)`, in order, none touching another."""
    found: list[Span] = []
    for start, end in sorted((max(start, since), min(end, until)) for start, end in spans):
        if start >= end:
            continue
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found


def _is_money(amount: float) -> bool:
    """A platform may say anything."""
    return math.isfinite(amount) and amount >= 0


def _owed(one: Training) -> float:
    told = [amount for amount in (one.cost, one.foreseen) if amount is not None and _is_money(amount)]
    if one.ended_at is None:
        return max(told, default=0.0)
    return told[0] if told else 0.0


def _minute(at: datetime, *, up: bool = False) -> str:
    """To the minute, in UTC; `up`: not before `at`."""
    whole = at.astimezone(UTC).replace(second=0, microsecond=0)
    return f"{whole + MINUTE if up and whole < at else whole:%Y-%m-%d %H:%M} UTC"
