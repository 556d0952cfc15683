"""The figures of a span as lines: the same for a terminal and for Slack, in either language. Pure.

What is too little to be compared is said to be: a median of three is an anecdote.
"""

from collections.abc import Iterator
from datetime import timedelta

from bot import documents, words
from bot.engine.figures import About, Report
from bot.model.figures import Figures, Group, Load, Spread
from bot.rules import figures
from bot.words import Words
from bot.words.insights import Insights

MINUTE, HOUR = 60, 3_600
TIMES = ("detect", "acknowledge", "mitigate", "verify", "resolve")


def about(asked: About, say: Insights) -> str:
    """What is counted, in words; an entity and a model narrow each other."""
    named = {"entity": asked.entity, "team": asked.team, "model": asked.model, "monitor": asked.monitor}
    templates = {"entity": say.of_entity, "team": say.of_team, "model": say.of_model, "monitor": say.of_monitor}
    told = [words.fill(templates[what], name=name) for what, name in named.items() if name]
    return ", ".join(told) or say.everything


def lines(found: Report, w: Words) -> Iterator[str]:
    """A line for each figure there is something to say of, in this span or the one before it."""
    say, now, before = w.insights, found.now, found.before
    if found.cut:
        yield say.cut
    if not _anything(now) and not _anything(before):
        yield say.empty
        return
    yield words.fill(
        say.incidents, count=now.incidents, open=now.open, before=_count(now.incidents, before.incidents, say)
    )
    for name in TIMES:
        yield from _time(name, now, before, say)
    yield from _pages(now, before, say)
    yield from _worth(now, before, say)
    yield from _work(now, before, say)


def monitor(one: Group, say: Insights) -> str:
    """How much of what a monitor told of was worth it."""
    told = {"useful": one.useful, "noise": one.noise, "unknown": one.unknown}
    return words.fill(
        say.monitor, name=one.name or say.by_hand, share=share(one.precision, one.useful + one.noise, say), **told
    )


def person(one: Load, say: Insights) -> str:
    """What somebody was asked."""
    return words.fill(say.person, name=one.person, pages=one.pages, night=one.night_pages, nights=one.nights)


def length(seconds: float) -> str:
    """45s, 4m30s, 1h12m: as exact as it is of use."""
    step = 1 if seconds < 10 * MINUTE else MINUTE if seconds < 24 * HOUR else HOUR
    return documents.written(timedelta(seconds=round(seconds / step) * step))


def share(of: float | None, count: int, say: Insights) -> str:
    """As a percentage; of few, and of none, that it is not said."""
    return say.few_share if of is None or count < figures.FEW else f"{of:.0%}"


def _anything(one: Figures) -> bool:
    return bool(one.incidents or one.pages or one.changes or one.failed or one.handovers)


def _time(name: str, now: Figures, before: Figures, say: Insights) -> Iterator[str]:
    """One of TIMES, where there is any; which were left out of the time to acknowledge."""
    told, was = _spread(now, name), _spread(before, name)
    if told.median is not None and told.mean is not None and told.p90 is not None:
        spelt = {"median": length(told.median), "mean": length(told.mean), "p90": length(told.p90)}
        spread = words.fill(say.spread, **spelt, count=told.count, before=_compared(told, was, say))
        templates = {
            "detect": say.detect,
            "acknowledge": say.acknowledge,
            "mitigate": say.mitigate,
            "verify": say.verify,
            "resolve": say.resolve,
        }
        yield words.fill(templates[name], spread=spread)
    if name == "acknowledge" and (now.waiting or now.unanswered):
        yield words.fill(say.unanswered, waiting=now.waiting, over=now.unanswered)


def _spread(one: Figures, name: str) -> Spread:
    found: Spread = getattr(one, name)
    return found


def _compared(told: Spread, was: Spread, say: Insights) -> str:
    if told.count < figures.FEW or was.count < figures.FEW or told.median is None or was.median is None:
        return words.fill(say.few, count=told.count, was=was.count)
    if not was.median:
        return words.fill(say.before, was=length(was.median))
    return words.fill(say.before_change, was=length(was.median), change=f"{told.median / was.median - 1:+.0%}")


def _count(now: int, before: int, say: Insights) -> str:
    """A count beside the one before; by how much it differs only where both are more than a few."""
    if min(now, before) < figures.FEW:
        return words.fill(say.before, was=before)
    return words.fill(say.before_change, was=before, change=f"{now / before - 1:+.0%}")


def _pages(now: Figures, before: Figures, say: Insights) -> Iterator[str]:
    if now.pages or before.pages:
        each = f"{now.pages_each:.1f}" if now.pages_each is not None else "–"
        yield words.fill(say.pages, count=now.pages, each=each, before=_count(now.pages, before.pages, say))
    if now.night_pages or before.night_pages:
        was = _count(now.night_pages, before.night_pages, say)
        yield words.fill(say.night, count=now.night_pages, nights=now.nights, before=was)
    if now.escalations or before.escalations:
        was = _count(now.escalations, before.escalations, say)
        yield words.fill(say.escalations, count=now.escalations, before=was)


def _worth(now: Figures, before: Figures, say: Insights) -> Iterator[str]:
    known, was = now.useful + now.noise, before.useful + before.noise
    if now.incidents:
        told = {"useful": now.useful, "noise": now.noise, "unknown": now.unknown}
        shares = {"share": share(now.precision, known, say), "before": _shares(before.precision, known, was, say)}
        yield words.fill(say.worth, **told, **shares)
    if now.closed:
        shares = {"share": share(now.alone, now.closed, say)}
        shares["before"] = _shares(before.alone, now.closed, before.closed, say)
        yield words.fill(say.alone, count=now.ended, all=now.closed, **shares)


def _shares(of: float | None, count: int, was: int, say: Insights) -> str:
    if of is None or min(count, was) < figures.FEW:
        return words.fill(say.few, count=count, was=was)
    return words.fill(say.before, was=f"{of:.0%}")


def _work(now: Figures, before: Figures, say: Insights) -> Iterator[str]:
    if now.changes or now.failed or before.changes:
        told = {"count": now.changes, "rollbacks": now.rollbacks, "back": now.taken_back, "failed": now.failed}
        yield words.fill(say.changes, **told, before=_count(now.changes, before.changes, say))
    if now.handovers or before.handovers:
        was = words.fill(say.before, was=before.late)
        yield words.fill(say.handovers, count=now.handovers, late=now.late, before=was)
