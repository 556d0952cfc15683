"""Lines of an incident's card: how far the fault has reached, what it is like, the legal hold on changes."""

from collections.abc import Iterator, Sequence

from bot import words
from bot.engine import likened
from bot.model.blast import Blast
from bot.model.view import View
from bot.slack import pieces
from bot.slack.pieces import Json
from bot.words import Words

NAMES, NAME, WHY = 3, 40, 150  # names of each sort that are told, characters of each, and of a reason


def lines(view: View, w: Words) -> list[Json]:
    """A block with a line for each of them that there is; the names in it are somebody else's, shown literally."""
    found = [*([_blast(view.blast, w)] if view.blast else []), *([_like(view, w)] if view.likes else [])]
    found += [_hold(view, w)] if view.hold else []
    return [pieces.lines(*found)] if found else []


def _blast(blast: Blast, w: Words) -> list[Json]:
    say, what = w.blast, "".join(_what(blast, w))
    when = pieces.when(blast.since)
    if blast.predictions is None:
        why = pieces.say(blast.how or say.unsaid, WHY)
        return pieces.line(say.unknown, when=when, what=pieces.say(what) if what else [], why=why)
    count = pieces.loud(f"{blast.predictions:,}".replace(",", say.thousands))
    return pieces.line(say.about, count=count, when=when, what=pieces.say(what) if what else [])


def _like(view: View, w: Words) -> list[Json]:
    """The most alike past incident and in what; the thread has the others, and what ended them."""
    why = pieces.say(likened.because(view.likes[0], w.likeness), WHY)
    return pieces.line(w.likeness.card, incident=pieces.loud(view.likes[0].incident), why=why)


def _what(blast: Blast, w: Words) -> Iterator[str]:
    """What it is about; the incident's own entity is said elsewhere, so one alone is none to tell."""
    say = w.blast
    told = [(say.segments, blast.segments), (say.features, blast.features)]
    told += [(say.entities, blast.entities)] if len(blast.entities) > 1 else []
    for template, names in told:
        if names:
            yield words.fill(template, names=_listed(names, w))


def _listed(names: Sequence[str], w: Words) -> str:
    said = ", ".join(pieces.shorten(name, NAME) for name in names[:NAMES])
    more = len(names) - NAMES
    return words.fill(w.blast.more, names=said, count=more) if more > 0 else said


def _hold(view: View, w: Words) -> list[Json]:
    hold = view.hold
    if hold is None:
        return []
    who, why = pieces.loud(hold.by.partition(":")[2] or hold.by, NAME), pieces.say(hold.why, WHY)
    said = {"incident": view.incident.id, "since": pieces.when(hold.at), "who": who, "why": why}
    return pieces.line(w.forbidding.held, **said)
