"""Whether what was wrong is right again after a change: from the metric's samples, and from what fires."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.model.alert import Alert, KeptAlert, Measure, Status

ENOUGH = 3  #: samples of one series that must agree before anything is said
LISTED = 5  #: series, and samples of one, that are spelled out
_OVER = {">": 1.0, ">=": 1.0, "<": -1.0, "<=": -1.0}  #: which way is worse


class Recovery(StrEnum):
    """What a change did to the trouble it was made for."""

    RECOVERED = "recovered"
    INCONCLUSIVE = "inconclusive"
    WORSE = "worse"


@dataclass(frozen=True, slots=True)
class Sample:
    """One value of a metric as a monitor said it, and when we heard."""

    at: datetime
    problem: str
    measure: Measure

    @property
    def series(self) -> tuple[str, str, str]:
        """What it can be compared with: the same problem, feature and segment."""
        return self.problem, self.measure.feature or "", self.measure.segment or ""

    @property
    def beyond(self) -> float | None:
        """How far it is over its limit, negative within; None where the sender did not say enough."""
        own = self.measure
        if own.value is None or own.threshold is None or own.op not in _OVER:
            return None
        return (own.value - own.threshold) * _OVER[own.op]

    @property
    def breaches(self) -> bool | None:
        """Whether it is over its limit: by its sender's word, else by its numbers; None where neither tells."""
        if self.measure.breached is not None:
            return self.measure.breached
        if self.beyond is None:
            return None
        return self.beyond > 0 or (self.beyond == 0 and self.measure.op in (">=", "<="))


@dataclass(frozen=True, slots=True)
class Found:
    """What can be said, None while nothing can; why; and how many samples it rests on."""

    recovery: Recovery | None
    why: str
    samples: int = 0


Series = Mapping[tuple[str, str, str], Sequence[Sample]]


def samples(alert: Alert, metric: str, at: datetime) -> list[Sample]:
    """The samples of `metric` in what an alert says, heard at `at`."""
    wanted = [measure for measure in alert.measures if measure.metric == metric and measure.value is not None]
    return [Sample(at, alert.problem, measure) for measure in wanted]


def judge(metric: str, before: Sequence[Sample], after: Sequence[Sample]) -> Found:
    """What the samples of `metric` after a change say, beside those from before it.

    Worse: the last ENOUGH samples of a series are each further over the limit than the newest from before. Recovered:
    of every series that breached before, the last ENOUGH are within it, and no other series breaches.
    """
    was, now = _by_series(before), _by_series(after)
    if worse := [key for key in now if _worse(was.get(key, ()), now[key])]:
        return Found(
            Recovery.WORSE, f"{metric} is further over its limit than before: {_told(now, worse)}.", len(after)
        )
    wrong = [key for key, own in was.items() if own[-1].breaches] or list(now)
    good = wrong and all(_good(now.get(key, ())) for key in wrong)
    if good and not any(own[-1].breaches for own in now.values()):
        return Found(Recovery.RECOVERED, f"{metric} is within its limit again: {_told(now, wrong)}.", len(after))
    return Found(None, _too_little(metric, now, len(after)), len(after))


def ended(alerts: Sequence[KeptAlert], since: datetime) -> Found:
    """What the state of an incident's alerts says: all of them resolved, and one at least after `since`."""
    firing = [kept for kept in alerts if kept.status is Status.FIRING]
    if not alerts or firing:
        return Found(None, f"{len(firing)} of {len(alerts)} alerts still fire." if alerts else "It has no alerts.")
    late = [kept for kept in alerts if (kept.ended_at or kept.last_seen_at) >= since]
    if not late:
        why = "Its alerts had resolved before the change served, so nothing can be told of what the change did."
        return Found(Recovery.INCONCLUSIVE, why)
    last = max(kept.ended_at or kept.last_seen_at for kept in late)
    over = "Its alert fires no more" if len(alerts) == 1 else f"None of its {len(alerts)} alerts fires any more"
    return Found(Recovery.RECOVERED, f"{over}, since {_clock(last)}.")


def _by_series(given: Sequence[Sample]) -> Series:
    found: dict[tuple[str, str, str], list[Sample]] = {}
    for sample in sorted(given, key=lambda one: one.at):
        if sample.breaches is not None:
            found.setdefault(sample.series, []).append(sample)
    return found


def _worse(before: Sequence[Sample], after: Sequence[Sample]) -> bool:
    """Only over the limit: what was within it and still is, is no trouble, however it moved."""
    if not before or before[-1].beyond is None or len(after) < ENOUGH or before[-1].measure.op != after[-1].measure.op:
        return False
    limit = before[-1].beyond
    last = after[-ENOUGH:]
    return all(one.breaches and one.beyond is not None and one.beyond > limit for one in last)


def _good(after: Sequence[Sample]) -> bool:
    return len(after) >= ENOUGH and not any(one.breaches for one in after[-ENOUGH:])


def _told(now: Series, keys: Sequence[tuple[str, str, str]]) -> str:
    """Which samples, and of what."""
    said = []
    for key in keys[:LISTED]:
        last = now[key][-ENOUGH:]
        own = last[-1].measure
        of = " ".join(part for part in key[1:] if part) or key[0]
        limit = f" (limit {own.op} {own.threshold:g})" if own.op and own.threshold is not None else ""
        values = ", ".join(f"{one.measure.value:g}" for one in last)
        said.append(f"{values}{limit} for {of}, {_clock(last[0].at)} to {_clock(last[-1].at)}")
    more = f" and {len(keys) - LISTED} more" if len(keys) > LISTED else ""
    return "; ".join(said) + more


def _too_little(metric: str, now: Series, count: int) -> str:
    if not count:
        return f"No sample of {metric} was heard since it serves."
    most = max((len(own) for own in now.values()), default=0)
    if most < ENOUGH:
        return f"{count} samples of {metric} were heard since it serves; {ENOUGH} of one series are needed."
    return f"{count} samples of {metric} since it serves do not agree: {_told(now, list(now))}."


def _clock(at: datetime) -> str:
    return f"{at:%H:%M:%S} UTC"
