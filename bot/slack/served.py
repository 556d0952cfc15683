"""What serves, and what could: as words of a language; whatever a platform calls its versions is shown literally."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from bot import words
from bot.engine import headline
from bot.model.change import Change, Plan, Serving
from bot.model.served import Version
from bot.slack import pieces
from bot.words import Words

NAME, SHARES, METRICS = 60, 4, 3  #: characters of a version's name; versions of a split; metrics that are compared
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


def state(serving: Serving, w: Words) -> str:
    """`6`, `6 90 %, 7 10 %`, `paused (6)` or `nothing`."""
    said = _shares(serving, w)
    return words.fill(w.change.paused, version=said) if serving.paused else said


def _shares(serving: Serving, w: Words) -> str:
    if serving.version is not None:
        return name(serving.version)
    shares = sorted(serving.split.items(), key=lambda each: (-each[1], each[0]))
    said = [
        words.fill(w.change.share, version=name(version), percent=headline.number(percent))
        for version, percent in shares[:SHARES]
    ]
    more = len(shares) - len(said)
    said += [words.fill(w.change.more_shares, count=more)] if more > 0 else []
    return ", ".join(said) or w.change.nothing


def name(version: str) -> str:
    """A version's name in one short line."""
    return pieces.shorten(version, NAME) or "?"


def what(change: Change, w: Words) -> str:
    """What shall be done to which model: `roll back churn`."""
    return words.fill(w.change.levers[change.plan.lever.value], model=name(change.plan.model))


def step(change: Change, w: Words) -> str:
    """How far it has come, as its lever calls it."""
    return words.step(w, change.plan.lever.value, change.step.value)


def parts(plan: Plan, w: Words) -> dict[str, str]:
    """The model, what serves before, and what after."""
    return {"model": name(plan.model), "before": state(plan.before, w), "after": state(plan.after, w)}


def becomes(plan: Plan, w: Words) -> str:
    """What is different, in one line."""
    return words.fill(w.change.becomes, **parts(plan, w))


def about(version: Version, against: Mapping[str, float], now: datetime, w: Words) -> str:
    """What tells a version from what serves: its metrics with their differences, its age, and who made it."""
    said = [_metric(key, value, against.get(key), w) for key, value in list(version.metrics.items())[:METRICS]]
    said += [age(now - version.created_at, w)] if version.created_at else []
    said += [words.fill(w.change.made_by, who=pieces.shorten(version.by, 30))] if version.by else []
    said += [pieces.shorten(version.note, NAME)] if version.note.strip() else []
    return " · ".join(said) or w.change.unsaid


def age(span: timedelta, w: Words) -> str:
    """How old something is, in the largest unit that says something."""
    if span >= DAY:
        return words.fill(w.change.days, count=span // DAY)
    if span >= HOUR:
        return words.fill(w.change.hours, count=span // HOUR)
    return words.fill(w.change.minutes, count=max(0, span // MINUTE))


def _metric(metric: str, value: float, other: float | None, w: Words) -> str:
    named = {"metric": pieces.shorten(metric, 24), "value": headline.number(value)}
    if other is None:
        return words.fill(w.change.measured, **named)
    gap = value - other
    return words.fill(w.change.differs, **named, difference=f"{'+' if gap >= 0 else ''}{headline.number(gap)}")
