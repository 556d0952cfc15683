"""Orders about changes of production: which form they open, what serves, what waits for somebody, and one press."""

from collections.abc import Iterator, Mapping
from typing import Any

from bot import words
from bot.engine import agree, estate_report
from bot.engine.estate_report import ModelStanding
from bot.errors import NotFound, Refused
from bot.model.change import Change, Lever
from bot.model.entry import Entry
from bot.rules.agreement import VERBS
from bot.settings import Settings
from bot.slack import buttons, change_card, change_view, change_wishes, commands, forms, lists, pieces, served
from bot.slack.buttons import Meant
from bot.slack.commands import Order
from bot.slack.identity import Caller
from bot.slack.payloads import Asked, Click
from bot.slack.pieces import Json, Message
from bot.slack.talk import Talk
from bot.store import Tx, changes
from bot.words import Words

LEVERS = tuple(lever.value for lever in Lever)  #: the orders that change something
MOST = 20  #: lines of one answer
ASKED = 5  #: buttons of one answer
LONGEST = 1_000  #: characters of a version that a form carries
MOST_SHOWN = 12_000  #: characters of what stood before somebody who decided


def seed(settings: Settings, asked: Asked, order: Order) -> forms.Seed | None:
    """What the form of such an order starts from; None where the words make no sense. Pure."""
    wish = change_wishes.read(order.words, settings)
    versioned = order.act in ("rollback", "promote") and len(wish.version) <= LONGEST
    if wish.unknown or wish.beyond or (wish.version and not versioned):
        return None
    return forms.Seed(
        text=wish.why,
        model=wish.model,
        of=wish.model,
        version=wish.version,
        channel=asked.channel or "",
        message=asked.thread or "",
    )


async def ask(talk: Talk, caller: Caller, order: Order) -> Message | None:
    """Open the form, filled in with what was said; what is wrong with the words otherwise."""
    start = seed(talk.desk.settings, caller.asked, order)
    if start is not None:
        await forms.open_(talk, caller, order.command.form, start)
        return None
    return unclear(order, change_wishes.read(order.words, talk.desk.settings), caller.words)


def unclear(order: Order, wish: change_wishes.Wish, w: Words) -> Message:
    """What is wrong with the words of an order that names a model."""
    if not wish.unknown:
        return commands.usage(order.command, w)
    said = [words.fill(w.change.no_model, word=pieces.shorten(wish.unknown, 60))]
    said += [words.fill(w.change.closest, names=", ".join(wish.near))] if wish.near else []
    return commands.hint(" ".join(said))


async def models(talk: Talk, caller: Caller, order: Order) -> Message:
    """What serves of every model and agent, or of one: since when, by whom, and the way back. NotFound."""
    desk, w = talk.desk, caller.words
    named = order.words.strip()
    found = [await estate_report.one(desk, named)] if named else await estate_report.models(desk)
    if not found:
        return commands.hint(w.change.no_models)
    rows = [row for one in found[:MOST] for row in _model(one, w)]
    more = len(found) - MOST
    rows += [[pieces.say(words.fill(w.talk.more, count=more))]] if more > 0 else []
    text = pieces.push(words.fill(w.change.models, count=len(found)))
    may = [one for one in found if one.model.platform in desk.hosts] if caller.person and named else []
    row = [pieces.row(*(_roll_back(one, w) for one in may))] if may else []
    return Message(text, (pieces.lines(*rows), *row))


async def shown(talk: Talk, caller: Caller, order: Order) -> Message:
    """The open changes, or the card of the one that is named, with buttons of its own. NotFound."""
    desk, w, named = talk.desk, caller.words, order.words.split()
    if named:
        view = await desk.store.write(lambda tx: change_view.of(tx, desk, changes.find(tx, named[0]).id, tx.now))
        return change_card.card(view, w)
    found = await estate_report.changes(desk, open_only=True, limit=MOST + 1)
    if not found:
        return commands.hint(w.change.none_open)
    text = words.fill(w.change.waiting, names=", ".join(one.id for one in found[:MOST]))
    rows = [change_card.line(one, w) for one in found[:MOST]]
    row = pieces.row(*(show(one, place) for place, one in enumerate(found[:ASKED])))
    return Message(pieces.push(text), (pieces.lines(*rows), row))


def show(change: Change, place: int) -> Json:
    """The button that shows a change to whoever presses it."""
    return lists.order(change.id, f"change {change.id}", place)


async def pressed(talk: Talk, caller: Caller, click: Click, meant: Meant) -> agree.Voted:
    """Count a press on a change's card; what its ticket stands for is in the database. BadInput: none of ours."""
    change, _, ticket = meant.detail.partition("/")
    verb = click.action.rpartition(".")[2]
    if verb not in VERBS:
        raise buttons.old()
    via = "home" if click.asked.via == "home" else "button"
    now, told = talk.desk.clock.now(), {"ticket": ticket, "language": caller.words.language, "shown": shown_on(click)}
    return await agree.vote(talk.desk, agree.Vote(verb, change, caller.by, now, via, **told))


def shown_on(click: Click) -> str:
    """What stood before whoever pressed, line by line, as Slack itself says; empty where it does not say."""
    blocks = (click.message or click.view or {}).get("blocks")
    return "\n".join(_texts(blocks))[:MOST_SHOWN] if isinstance(blocks, list) else ""


def _texts(part: Any) -> Iterator[str]:
    if isinstance(part, Mapping):
        if isinstance(said := part.get("text"), str):
            yield said
        for name, inner in part.items():
            if name != "text" or not isinstance(inner, str):
                yield from _texts(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _texts(inner)


async def turned_away(talk: Talk, click: Click, reason: Refused) -> None:
    """Write down that somebody pressed who may not ask anything at all: a guest, a stranger, a closed account."""
    change = buttons.decode(click.value).detail.partition("/")[0]

    def note(tx: Tx) -> None:
        try:
            about = changes.find(tx, change)
        except NotFound:
            return  # whatever the payload says, it is about nothing of ours
        after = {"verb": click.action.rpartition(".")[2][:40], "verdict": "TURNED_AWAY", "via": click.asked.via}
        by = f"slack:{click.asked.user}"
        tx.note(Entry(about.entity, "change.refused", tx.now, by, about.id, reason.what, after=after))

    await talk.desk.store.write(note)


def _model(one: ModelStanding, w: Words) -> list[list[Json]]:
    """A model or agent in two or three lines."""
    named = {"model": pieces.loud(one.model.name, 80), "team": one.model.team}
    if one.model.platform is None:
        return [pieces.line(w.change.model_unseen, **named, serving=w.change.no_platform)]
    if one.serving is None:
        return [pieces.line(w.change.model_unseen, **named, serving=w.change.unseen)]
    kind, _, who = one.by.partition(":")
    by = pieces.say(who if kind in ("person", "platform") and who else w.change.nobody_told, 80)
    when = pieces.when(one.since) if one.since else pieces.say("?")
    now = pieces.line(w.change.model, **named, serving=pieces.say(served.state(one.serving, w)), since=when, who=by)
    way = one.way
    if way is None:
        return [now]
    good = words.fill(w.change.last_good, version=served.name(way.to)) if way.to else w.change.no_good
    template = w.change.way_back if way.possible else w.change.no_way_back
    back = words.fill(template, to=served.name(way.to or ""), why=pieces.shorten(way.why, 250))
    return [now, [pieces.say(good)], [pieces.say(back)]]


def _roll_back(one: ModelStanding, w: Words) -> Json:
    start = forms.Seed(model=one.model.name, of=one.model.name)
    value = buttons.encode(Meant(forms.OPEN, detail=start.card(Lever.ROLLBACK.value)))
    return pieces.button(w.talk.labels[Lever.ROLLBACK.value], "open.rollback", value)
