"""How quickly a span's incidents were noticed, answered and ended, and what it cost people: as docs/figures.md says.

People are never ranked: what a person was asked is there to share the load, so they stand in the order of their names.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from bot.model.figures import Case, Facts, Figures, Group, Load, Made, Ring, Spread, Worth
from bot.model.incident import ENDED, FALSE_ALARM, RESOLVED

NIGHT: Final = (22, 7)  #: from that hour to that one a page wakes somebody, on their own clocks
FEW: Final = 5  #: below so many a median, or a share, says too little to be compared
BACK: Final = "rollback"


def count(facts: Facts, late: timedelta) -> Figures:
    """Everything; a handover that took longer than `late`, or that nobody accepted, is late."""
    cases, rings = facts.cases, facts.rings
    worth = Counter(map(judge, cases))
    closed = [one for one in cases if one.resolved_at]
    done = [one for one in facts.changes if one.done]
    dark = {(one.person, night) for one in rings if (night := night_of(one))}
    return Figures(
        incidents=len(cases),
        open=len(cases) - len(closed),
        detect=spread(_between(cases, lambda one: (one.started_at, one.opened_at))),
        acknowledge=acknowledge(cases),
        mitigate=spread(_between(cases, lambda one: (one.opened_at, one.mitigated_at))),
        verify=spread(_between(done, lambda one: (one.applied_at, one.verified_at))),
        resolve=resolve(cases),
        waiting=sum(one.acknowledged_at is None and one.resolved_at is None for one in cases),
        unanswered=sum(one.acknowledged_at is None and one.resolved_at is not None for one in cases),
        useful=worth[Worth.USEFUL],
        noise=worth[Worth.NOISE],
        unknown=worth[Worth.UNKNOWN],
        ended=sum(one.resolution == ENDED and not (one.acted or one.mitigated_at) for one in closed),
        closed=len(closed),
        pages=len(rings),
        paged=len({one.incident for one in rings}),
        night_pages=sum(night_of(one) is not None for one in rings),
        nights=len(dark),
        hours=hours(rings),
        escalations=len({(one.incident, one.step) for one in rings if one.rank}),
        changes=len(done),
        failed=len(facts.changes) - len(done),
        taken_back=sum(one.taken_back for one in done),
        rollbacks=sum(one.lever == BACK for one in done),
        handovers=len(facts.handovers),
        late=sum(one.waited is None or one.waited > late for one in facts.handovers),
        people=tuple(people(rings)),
        monitors=tuple(groups(facts, lambda one: one.monitor)),
        models=tuple(groups(facts, lambda one: one.model or "")),
    )


def judge(case: Case) -> Worth:
    """Whether it was worth somebody's time; what a person said goes before what was done."""
    if case.resolution == FALSE_ALARM:
        return Worth.NOISE
    if case.acted or case.mitigated_at or (case.resolution == RESOLVED and case.by_hand):
        return Worth.USEFUL
    if case.resolution == ENDED and case.acknowledged_at is None:
        return Worth.NOISE
    return Worth.UNKNOWN


def acknowledge(cases: Iterable[Case]) -> Spread:
    """From the opening until somebody took it; those that nobody took are in none of it, and counted beside it."""
    return spread(_between(cases, lambda one: (one.opened_at, one.acknowledged_at)))


def resolve(cases: Iterable[Case]) -> Spread:
    """From the opening to the end, of what was something: false alarms have nothing to be restored."""
    real = (one for one in cases if one.resolution != FALSE_ALARM)
    return spread(_between(real, lambda one: (one.opened_at, one.resolved_at)))


def spread(seconds: Iterable[float]) -> Spread:
    """Median, mean and 90th percentile, between the two nearest ones (Hyndman and Fan 1996, type 7)."""
    found = np.fromiter(seconds, float)
    if not len(found):
        return Spread()
    median, p90 = np.quantile(found, (0.5, 0.9))
    return Spread(len(found), float(median), float(found.mean()), float(p90))


def people(rings: Sequence[Ring]) -> Iterator[Load]:
    """What each person was asked, in the order of their names."""
    for name in sorted({one.person for one in rings}):
        own = [one for one in rings if one.person == name]
        nights = [night for one in own if (night := night_of(one))]
        yield Load(name, len(own), len(nights), len(set(nights)))


def hours(rings: Iterable[Ring]) -> tuple[int, ...]:
    """How many came in each hour of the day, on the clocks of whoever was paged."""
    found = Counter(_local(one).hour for one in rings)
    return tuple(found[hour] for hour in range(24))


def night_of(ring: Ring) -> date | None:
    """The evening whose night it came in, on the clocks of whoever was paged; None by day."""
    start, end = NIGHT
    local = _local(ring)
    if end <= local.hour < start:
        return None
    return local.date() - timedelta(days=local.hour < end)


def groups(facts: Facts, key: Callable[[Case], str]) -> Iterator[Group]:
    """What came of the incidents of each, the most incidents first."""
    rung, named = Counter(one.incident for one in facts.rings), defaultdict[str, list[Case]](list)
    for case in facts.cases:
        named[key(case)].append(case)
    for name, own in sorted(named.items(), key=lambda each: (-len(each[1]), each[0])):
        worth = Counter(map(judge, own))
        yield Group(
            name,
            len(own),
            worth[Worth.USEFUL],
            worth[Worth.NOISE],
            worth[Worth.UNKNOWN],
            sum(rung[one.id] for one in own),
            acknowledge(own),
            resolve(own),
        )


def _between(
    found: Iterable[Case] | Iterable[Made], ends: Callable[..., tuple[datetime | None, datetime | None]]
) -> Iterator[float]:
    """Seconds from one moment to the other, where both are known; a clock that runs ahead makes none negative."""
    for one in found:
        start, end = ends(one)
        if start and end:
            yield max(0.0, (end - start).total_seconds())


def _local(ring: Ring) -> datetime:
    return ring.at.astimezone(ZoneInfo(ring.zone))
