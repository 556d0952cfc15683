"""The parts of a person's own page about duty: their next shift, covers they may take, gaps they answer for; pure."""

from bot import words
from bot.engine.ahead import Ahead
from bot.model.armed import Gap, Lack
from bot.model.people import Person
from bot.slack import forms, lists, oncall_card, pieces
from bot.slack.pieces import Json
from bot.words import Words

MOST = 5  #: covers and gaps of the page
NAMED, WHY = 120, 200  # characters of what has a gap, and of why


def draw(ahead: Ahead, person: Person, w: Words) -> list[Json]:
    """Its blocks: a section for the next shift, and one each for covers and gaps where there are any."""
    return [*_next(ahead, person, w), *_offers(ahead, person, w), *_gaps(ahead, w)]


def _next(ahead: Ahead, person: Person, w: Words) -> list[Json]:
    wish = ahead.next.wish if ahead.next else None
    offered = pieces.line(w.oncall.wished, cover=pieces.loud(wish.id)) if wish else []
    mine = lists.order(w.oncall.my_shifts, "oncall mine", 60)
    ask = oncall_card.opens(oncall_card.ASK, w.oncall.ask, forms.Seed(), 60)
    line = oncall_card.next_shift(ahead.next, w)
    return [pieces.header(w.oncall.duty_title), pieces.lines(line, offered), pieces.row(mine, ask)]


def _offers(ahead: Ahead, person: Person, w: Words) -> list[Json]:
    if not ahead.offers:
        return []
    drawn = [
        block
        for place, one in enumerate(ahead.offers[:MOST])
        for block in oncall_card.wanted(one, person, 60 + place, w)
    ]
    return [pieces.header(w.oncall.offers_title), *drawn, *_rest(len(ahead.offers), "/oncall covers", w)]


def _gaps(ahead: Ahead, w: Words) -> list[Json]:
    rows = [_gap(gap, w) for gap in ahead.gaps[:MOST]] + [_lack(lack, w) for lack in ahead.lacks[:MOST]]
    if not rows:
        return []
    more = _rest(max(len(ahead.gaps), len(ahead.lacks)), "tocsin oncall gaps", w)
    return [pieces.header(w.oncall.gaps_title), pieces.lines(*rows), *more]


def _gap(gap: Gap, w: Words) -> list[Json]:
    span = {"start": pieces.when(gap.start), "until": pieces.when(gap.end)}
    what = pieces.loud(", ".join(gap.targets), NAMED)
    return pieces.line(w.oncall.gap, what=what, why=pieces.say(gap.why, WHY), **span)


def _lack(lack: Lack, w: Words) -> list[Json]:
    """Who is needed and cannot be reached, and what to do."""
    template = str(getattr(w.armed, lack.flaw.value)).removeprefix("• ")
    return pieces.line(
        template, person=pieces.loud(lack.person, 80), targets=pieces.say(", ".join(lack.targets), NAMED)
    )


def _rest(total: int, command: str, w: Words) -> list[Json]:
    """How many are left out, and how to see them."""
    return [pieces.small(words.fill(w.home.and_more, count=total - MOST, command=command))] if total > MOST else []
