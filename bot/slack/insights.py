"""`/insights`: the figures of a span beside those before it, for whoever asks; buttons for other spans."""

from collections.abc import Iterator
from datetime import timedelta

from bot import documents, words
from bot.engine import figures
from bot.engine import insights as telling
from bot.engine.figures import About, Report
from bot.errors import BadInput, NotFound
from bot.settings import Settings
from bot.settings.tocsin import OURS
from bot.slack import lists, pieces
from bot.slack.commands import Order
from bot.slack.identity import Caller
from bot.slack.pieces import Json, Message
from bot.slack.talk import Talk
from bot.words import Words
from bot.words.insights import Insights

ORDER = "insights"
DAY = timedelta(days=1)
SPANS = (7, 30, 90)  #: days, each a button
USUAL, LONGEST = 30 * DAY, 1_098 * DAY
NAMED = 5  #: monitors, and people, that are told of
NAME, TOLD = 80, 300  # characters of a name, and of a line


async def ordered(talk: Talk, caller: Caller, order: Order, entity: str | None) -> Message:
    """The figures of what is named, else of the entity whose channel it is, else of everything. NotFound; BadInput."""
    desk = talk.desk
    span, name = read(order.words)
    about = named(name, desk.settings, caller.words.insights) if name else About(entity=entity or "")
    now = desk.clock.now()
    return draw(await figures.report(desk, about, now - span, now), caller.words)


def read(said: str) -> tuple[timedelta, str]:
    """How far back, and of what: `7d retail`, `retail 7d`, `retail`, `7d`. BadInput for a span that is none."""
    span, rest = USUAL, []
    for word in said.split():
        if word[0].isascii() and word[0].isdigit():
            span = documents.duration(word)
        else:
            rest.append(word)
    if not timedelta(hours=1) <= span <= LONGEST:
        raise BadInput("The figures of such a span say nothing.", "Write 7d, 30d or 52w; at most three years.")
    return span, " ".join(rest)


def named(name: str, own: Settings, say: Insights) -> About:
    """What is called so: an entity, a team, a model or a monitor, in this order. NotFound."""
    monitors = {*OURS, *(one.name for one in own.connections)}
    if name in own.estate.entities:
        return About(entity=name)
    if name in own.people.teams:
        return About(team=name)
    if own.estate.find(name):
        return About(model=name)
    if name in monitors:
        return About(monitor=name)
    near = documents.closest(
        name[:NAME], (*own.estate.entities, *own.people.teams, *own.estate.names, *sorted(monitors))
    )
    raise NotFound(words.fill(say.unknown, name=repr(name[:NAME])), near)


def draw(found: Report, w: Words) -> Message:
    """The figures, the monitors and the load; names in it are shown literally."""
    say = w.insights
    about = telling.about(found.about, say)
    title = words.fill(say.title, about=about)
    length = words.fill(say.days, count=f"{(found.end - found.start) / DAY:.3g}")
    span = pieces.line(say.span, start=pieces.when(found.start), end=pieces.when(found.end), length=length)
    told = list(telling.lines(found, w))
    blocks = [pieces.header(title), pieces.lines(span), pieces.lines(*([pieces.say(line, TOLD)] for line in told))]
    for block in (list(_monitors(found, say)), list(_people(found, say))):
        if block:
            blocks.append(pieces.lines(*block))
    return Message(pieces.push(f"{title}. {told[0]}"), (*blocks, pieces.row(*_buttons(found.about, say))))


def _monitors(found: Report, say: Insights) -> Iterator[list[Json]]:
    groups = found.now.monitors
    if groups:
        yield [pieces.loud(say.monitors)]
    for one in groups[:NAMED]:
        yield [pieces.say(telling.monitor(one, say), TOLD)]
    if more := len(groups[NAMED:]):
        yield [pieces.say(words.fill(say.more, count=more, by="monitor"))]


def _people(found: Report, say: Insights) -> Iterator[list[Json]]:
    people = found.now.people
    if people:
        yield [pieces.loud(say.people)]
    for one in people[: 2 * NAMED]:
        yield [pieces.say(telling.person(one, say), TOLD)]
    if more := len(people[2 * NAMED :]):
        yield [pieces.say(words.fill(say.more, count=more, by="person"))]


def _buttons(about: About, say: Insights) -> Iterator[Json]:
    """The same of other spans."""
    name = about.entity or about.team or about.model or about.monitor
    for place, days in enumerate(SPANS):
        yield lists.order(words.fill(say.days, count=days), f"{ORDER} {days}d {name}".rstrip(), place)
