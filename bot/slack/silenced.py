"""Silences and what they hit, as lines of a message, a form or a page; pure drawing."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from bot import words
from bot.engine import windows
from bot.engine.hits import Hits
from bot.model.matcher import Matcher
from bot.model.silence import Silence
from bot.rules import window, written
from bot.slack import lists, pieces
from bot.slack.pieces import Json
from bot.words import Words

NAMED = 5  #: firing alerts that a preview names
MATCHERS, WHY = 300, 200  # characters of each in a line


def blocks(found: Sequence[Silence], w: Words, *, may: bool = True) -> list[Json]:
    """Each in a line, with a button that ends it where the reader `may` do anything at all."""
    drawn: list[Json] = []
    for place, silence in enumerate(found):
        drawn.append(pieces.lines(one(silence, w)))
        drawn += [pieces.row(end(silence, place, w))] if may else []
    return drawn


def one(silence: Silence, w: Words) -> list[Json]:
    """What it holds back, when, whose it is and why."""
    planned = silence.starts_at > silence.made_at
    return pieces.line(
        w.silence.listed_planned if planned else w.silence.listed,
        silence=pieces.loud(silence.id),
        what=windows.kind(silence, w),
        matchers=pieces.say(matchers(silence.matchers, w)),
        start=pieces.when(silence.starts_at),
        until=pieces.when(silence.ends_at),
        who=pieces.say(windows.author(silence), 80),
        why=pieces.say(silence.why, WHY),
    )


def end(silence: Silence, place: int, w: Words) -> Json:
    """The button that ends it, as if its presser had typed that."""
    label = words.fill(w.silence.end, silence=silence.id)
    asked = pieces.confirm(label, w.silence.sure_end, label, w.card.not_yet)
    return pieces.button(label, f"{lists.ORDER}{place}", f"unsilence {silence.id}", confirm=asked)


def matchers(found: Iterable[Matcher], w: Words) -> str:
    """What it hits, in one line."""
    said = ", ".join(window.written(matcher) for matcher in found)
    return written.line(said, MATCHERS) or w.silence.anything


def span(starts_at: datetime | None, ends_at: datetime, w: Words) -> list[Json]:
    """From when until when."""
    if starts_at is None:
        return pieces.line(w.silence.span_now, until=pieces.when(ends_at))
    return pieces.line(w.silence.span, start=pieces.when(starts_at), until=pieces.when(ends_at))


def hits(found: Hits, w: Words) -> list[list[Json]]:
    """What it would hit now, by name and number, and what it would have hit of late."""
    say = w.silence
    week = words.fill(say.hits_week_cut if found.cut else say.hits_week, count=found.week)
    warning = [[pieces.loud(say.hits_everything)]] if found.everything else []
    if not found.firing_total:
        return [*warning, [pieces.say(say.hits_nothing)], [pieces.say(week)]]
    counts = {"firing": found.firing_total, "incidents": len(found.incidents)}
    named = [
        pieces.line(say.hits_alert, incident=pieces.loud(incident), title=pieces.say(alert.title, 150))
        for incident, alert in found.firing[:NAMED]
    ]
    rest = found.firing_total - len(named)
    more = [pieces.line(say.hits_more, count=rest)] if rest else []
    goes_on = [pieces.say(say.goes_on)]
    return [*warning, [pieces.loud(words.fill(say.hits_now, **counts))], *named, *more, [pieces.say(week)], goes_on]
