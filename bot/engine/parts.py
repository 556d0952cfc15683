"""An explanation as titled parts of short lines: the same for a terminal and for Slack, in either language. Pure.

Words of an alert stand in the lines as they came; whoever shows them makes them harmless.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot import words
from bot.engine import headline
from bot.engine.explain import Change, Explanation, tiers
from bot.engine.foresee import DRAWN, Path, Told
from bot.engine.ladder import Mark, Rung
from bot.model.alert import Alert
from bot.model.incident import Phase
from bot.rules import reach
from bot.words import Words

MEASURES = 10  # of an alert that are told


@dataclass(frozen=True, slots=True)
class Part:
    """A title, and the lines below it."""

    title: str
    lines: tuple[str, ...]


def alert(told: Told, w: Words) -> list[Part]:
    """Everything about one alert, in the order in which it is decided."""
    say = w.explain
    parts = [
        (say.read, _read(told.alert, told.path, w)),
        (say.identity, _identity(told, w)),
        (say.known, [words.fill(say.meant[told.meaning.value], why=told.meant)]),
        (say.noise, _noise(told, w)),
        (say.incident, _incident(told, w)),
        (say.runbook, _runbook(told.path, w)),
        (say.severity, [told.path.graded, words.fill(say.starts, tier=told.path.policy.start)]),
        (say.paged, [*_climb(told.climb.waits, told.marks, w), *rungs(told.climb.rungs, w), *told.climb.gaps]),
    ]
    return [Part(title, tuple(lines)) for title, lines in parts]


def incident(found: Explanation, w: Words) -> list[Part]:
    """Everything about an incident beyond its first round: who comes next, its first alert, what would differ."""
    say, its, first = w.explain, found.view.incident, found.first
    revision = words.fill(say.revision, runbook=its.runbook, revision=its.runbook_revision or "-")
    copied = [revision, words.fill(say.tiers, tiers=tiers(its.policy)), words.fill(say.starts, tier=its.policy.start)]
    parts = [Part(say.paged, tuple(_from_now(found, w))), Part(say.copied, tuple(copied))]
    if first is None:
        return parts
    now = [*_read(first.alert, first.path, w), *_identity(first, w), *_noise(first, w), *_runbook(first.path, w)]
    changed = [_change(one, w) for one in found.changes] or [say.same]
    return [*parts, Part(say.first, (*now, first.path.graded)), Part(say.changed, tuple(changed))]


def rungs(found: Sequence[Rung], w: Words) -> Iterator[str]:
    """A line for each tier and when, and one for why it is them."""
    for rung in found:
        told = {"tier": rung.tier, "minutes": minutes(rung.after), "who": _names(rung.persons, w)}
        first = min((page.due_at - page.decided_at for page in rung.pages), default=timedelta(0))
        if first >= timedelta(minutes=1):  # as in hours that are quiet for all of them
            yield words.fill(w.explain.rung_waits, **told, later=minutes(rung.after + first))
        else:
            yield words.fill(w.explain.rung, **told)
        yield words.fill(w.explain.because, why=rung.why)


def minutes(span: timedelta) -> str:
    """A span in minutes, without needless digits."""
    return f"{round(span.total_seconds() / 60, 1):g}"


def _read(alert: Alert, path: Path, w: Words) -> Iterator[str]:
    say, model = w.explain, path.model
    name = (model.name if model else alert.model) or "-"
    about = {"kind": alert.kind.value, "subject": f"{name} {alert.version}" if alert.version else name}
    yield words.fill(say.about, status=alert.status.value, environment=alert.environment or "-", **about)
    yield alert.title
    yield from (headline.measure(one) for one in alert.measures[:MEASURES])
    yield words.fill(say.through, connection=alert.connection, source=alert.source, since=_at(alert.started_at))
    if alert.started_inferred:
        yield say.inferred
    if model is not None:
        yield words.fill(say.owned, team=model.team, entity=model.entity, criticality=model.criticality)
    elif alert.model:
        yield words.fill(say.uncatalogued, model=alert.model)


def _identity(told: Told, w: Words) -> Iterator[str]:
    say = w.explain
    yield words.fill(say.problem, problem=told.alert.problem)
    fields = ", ".join(f"{name}={value or '-'}" for name, value in told.path.group)
    yield words.fill(say.grouped, fields=fields or say.nothing)


def _noise(told: Told, w: Words) -> Iterator[str]:
    if told.hold is None:
        yield w.explain.free
    else:
        yield told.hold.why
        if told.hold.until:
            yield words.fill(w.explain.until, until=_at(told.hold.until))
    yield from told.shadows


def _incident(told: Told, w: Words) -> Iterator[str]:
    say = w.explain
    if told.opens:
        yield say.opens
    elif told.incident == DRAWN:
        yield say.joins_this
    elif told.incident is None:
        yield say.in_none
    else:
        yield words.fill(say.joins if told.joins else say.within, incident=told.incident)
    if told.raises:
        yield words.fill(say.raises, severity=told.path.severity)
    if told.storm:
        yield told.storm


def _runbook(path: Path, w: Words) -> Iterator[str]:
    yield words.fill(w.explain.chosen, title=path.title or path.runbook, why=path.chosen)
    for passed in path.passed:
        yield words.fill(w.explain.not_this, runbook=passed.runbook, why=passed.why)


def _from_now(found: Explanation, w: Words) -> Iterator[str]:
    """Who is paged from now on, or why nobody is."""
    incident, say = found.view.incident, w.explain
    if not incident.open:
        yield say.over
    elif incident.phase is not Phase.TRIGGERED:
        yield words.fill(say.held_by, who=incident.holder or "-")
    else:
        yield from _climb(found.ahead.waits, found.marks, w)


def _climb(waits: Sequence[str], found: Sequence[Mark], w: Words) -> Iterator[str]:
    say = w.explain
    yield from waits
    for mark in found:
        at = minutes(mark.after)
        if mark.paged:
            yield words.fill(say.at_mark, minutes=at, who=", ".join(_paged(mark)))
        elif mark.rung:
            who = _names(mark.rung.persons, w)
            yield words.fill(say.at_mark_again, minutes=at, tier=mark.rung.tier, who=who)
        else:
            yield words.fill(say.at_mark_nobody, minutes=at)
    if not found:
        yield say.nobody


def _paged(mark: Mark) -> Iterator[str]:
    """Each person with the tier and the ways that were tried since the mark before."""
    ways: dict[tuple[str, str], dict[str, None]] = {}
    for page in mark.paged:
        ways.setdefault((page.person, page.tier), {})[page.channel] = None
    for (person, tier), channels in ways.items():
        yield f"{reach.shown(person)} ({tier}: {' + '.join(channels)})"


def _names(persons: Sequence[str], w: Words) -> str:
    return ", ".join(persons) or w.explain.nobody


def _change(one: Change, w: Words) -> str:
    say = w.explain
    if one.what == "held":
        return words.fill(say.change_held, now=one.now)
    if one.what == "revision":
        return words.fill(say.change_revision, was=one.was or "-")
    return words.fill(say.change, what=say.names[one.what], now=one.now or "-", was=one.was or "-")


def _at(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
