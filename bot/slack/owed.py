"""Reports that a law wants and nobody has made yet: the line of a card, and what somebody's own page says. Pure."""

from collections.abc import Sequence
from datetime import datetime

from bot import words
from bot.engine import serious_say
from bot.engine.serious_say import Owed
from bot.model.view import View
from bot.rules import serious
from bot.slack import pieces
from bot.slack.pieces import Json
from bot.words import Words

MOST = 10  #: lines of somebody's own page


def lines(view: View, now: datetime, w: Words) -> list[Json]:
    """A block that tells how long is left for the nearest, and how many there are besides."""
    if not view.clocks:
        return []
    (clock, duty), *others = view.clocks
    template = w.serious.over if serious.left(clock, now)[2] else w.serious.due
    left, name = serious_say.left(clock, now, w), pieces.loud(serious_say.named(duty, w))
    said = pieces.line(template, duty=name, left=pieces.loud(left), when=pieces.when(clock.due_at))
    more = [pieces.say(f" {words.fill(w.serious.more, count=len(others))}")] if others else []
    return [pieces.lines([*said, *more])]


def page(found: Sequence[Owed], w: Words) -> list[Json]:
    """The reports somebody would be paged for, nearest first; nothing where there is none."""
    if not found:
        return []
    rows = [
        pieces.line(
            w.serious.home_line,
            incident=pieces.loud(clock.incident),
            duty=pieces.say(serious_say.named(duty, w), 300),
            when=pieces.when(clock.due_at),
        )
        for clock, duty in found[:MOST]
    ]
    more = [[pieces.say(words.fill(w.serious.more, count=len(found) - MOST))]] if len(found) > MOST else []
    return [pieces.header(w.serious.home_title), pieces.lines(*rows, *more)]
