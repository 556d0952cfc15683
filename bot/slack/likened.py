"""Tells, once, in the thread of an incident's card which past incidents it is like, in what, and what ended them."""

from collections.abc import Sequence
from datetime import timedelta

from bot import words
from bot.engine import likened as telling
from bot.engine import likeness, work
from bot.engine.desk import Desk
from bot.model.incident import Incident
from bot.model.job import Job, Lane
from bot.model.likeness import Alike
from bot.slack import language, living, pieces
from bot.slack.living import Living
from bot.slack.office import Offices
from bot.slack.pieces import Json, Message
from bot.store import Tx, incidents, posts
from bot.store.posts import Post
from bot.words import Words

CARD_FIRST = timedelta(seconds=2)  # until the card is looked for again, in whose thread it belongs
PATIENCE = 20  # times that is done; then nobody reads it but in `tocsin incident show`
TITLE, NAME, WHY, HOW = 150, 60, 400, 900  # characters of what others wrote


class Likened:
    """The handler of the jobs `likened`."""

    def __init__(self, desk: Desk, offices: Offices) -> None:
        """What ended them is read when the job is done."""
        self._desk = desk
        self._offices = offices

    async def told(self, job: Job) -> work.Outcome:
        """Post it in the card's thread; never twice, and never where no card stands."""
        its = str(job.payload["incident"])
        incident, found, card, stands = await self._desk.store.read(lambda tx: _load(tx, its))
        if stands is not None or not found:
            return work.Done()
        if card is None:
            if job.attempts > PATIENCE:
                return work.Done()
            return work.Later(self._desk.clock.now() + CARD_FIRST, "the card goes first")
        message = draw(incident, found, language.channels(self._desk))
        since = incident.opened_at - living.BEFORE
        wanted = Living(_key(its), message, (card.channel,), since, card.ts, Lane.DIGEST)
        post = await living.keep(self._offices.entity(incident.entity), job, wanted, None)
        return work.Done(None if post is None else lambda tx: posts.save(tx, post))


def draw(incident: Incident, found: Sequence[Alike], w: Words) -> Message:
    """A few lines for each; what monitors and people wrote is shown literally."""
    title = words.fill(w.likeness.title, incident=incident.id)
    blocks = [pieces.header(title), *(pieces.lines(*_lines(one, w)) for one in found)]
    first = words.fill(w.likeness.card, incident=found[0].like.incident, why=telling.because(found[0].like, w.likeness))
    return Message(pieces.push(pieces.shorten(first, 300)), tuple(blocks))


def _lines(one: Alike, w: Words) -> list[list[Json]]:
    say, ending = w.likeness, one.ending
    about = pieces.loud(ending.model or ending.title, NAME)
    head = pieces.line(
        say.line, incident=pieces.loud(ending.incident), about=about, title=pieces.say(ending.title, TITLE)
    )
    head += [pieces.say(" · "), *pieces.line(say.when, when=pieces.when(ending.opened_at))]
    return [
        head,
        pieces.line(say.because, why=pieces.say(telling.because(one.like, say), WHY)),
        pieces.line(say.ended, how=pieces.say(telling.how(ending, say), HOW)),
    ]


def _load(tx: Tx, its: str) -> tuple[Incident, tuple[Alike, ...], Post | None, Post | None]:
    found = likeness.alike(tx, likeness.last(tx, its))
    return incidents.get(tx, its), found, posts.get(tx, f"card/{its}"), posts.get(tx, _key(its))


def _key(its: str) -> str:
    return f"likened/{its}"
