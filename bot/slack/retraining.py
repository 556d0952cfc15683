"""Orders and presses about retrains: which form they open, how models stand, and the end of a run that goes on."""

from bot import words
from bot.engine import propose, retrain_report, train
from bot.engine.desk import Desk
from bot.engine.retrain_report import Status
from bot.model.change import Change
from bot.model.retraining import Training
from bot.settings import Settings
from bot.slack import (
    change_wishes,
    changing,
    commands,
    forms,
    lists,
    pieces,
    retrain_card,
    retrain_terms,
    served,
    watch_lines,
)
from bot.slack.buttons import Meant
from bot.slack.change_wishes import Wish
from bot.slack.commands import Order
from bot.slack.forms import outlook
from bot.slack.identity import Caller
from bot.slack.payloads import Asked
from bot.slack.pieces import Json, Message
from bot.slack.talk import Talk
from bot.words import Words

STATUS = frozenset({"status", "durum"})
#: Small words that may stand beside a length of time.
FILLERS = frozenset({"last", "past", "with", "of", "data", "window", "son", "veri", "veriyle", "ile"})
MOST, PAST, ASKED = 20, 3, 5  #: models of an answer; runs of each; buttons


def seed(settings: Settings, asked: Asked, order: Order) -> forms.Seed | None:
    """What the form starts from; None where no form is the answer: to `status`, and to words that make no sense."""
    wish = change_wishes.read(order.words, settings)
    window = _window(wish)
    if _of_status(order, settings) is not None or wish.unknown or window is None:
        return None
    return forms.Seed(
        text=wish.why,
        model=wish.model,
        of=wish.model,
        window=window,
        channel=asked.channel or "",
        message=asked.thread or "",
    )


async def ordered(talk: Talk, caller: Caller, order: Order) -> Message | None:
    """Tell how it stands, open the form, or say what is wrong with the words. NotFound."""
    settings = talk.desk.settings
    if (named := _of_status(order, settings)) is not None:
        return await _status(talk, caller, named)
    start = seed(settings, caller.asked, order)
    if start is None:
        return changing.unclear(order, change_wishes.read(order.words, settings), caller.words)
    await forms.open_(talk, caller, order.command.form, start)
    return None


def offered(desk: Desk) -> bool:
    """Whether there is a trainer, and a model that says how it is retrained."""
    return bool(desk.forges) and any(model.retrain for model in desk.settings.estate.models.values())


async def called_off(talk: Talk, caller: Caller, meant: Meant) -> propose.Proposed:
    """End the run of a change; who may is asked now. NotFound."""
    via = "home" if caller.asked.via == "home" else "button"
    now, language = talk.desk.clock.now(), caller.words.language
    return await train.call_off(talk.desk, meant.detail, caller.by, now, via, language=language)


def _of_status(order: Order, settings: Settings) -> str | None:
    """The model that `status` is asked of, empty for all; None where it is no such order."""
    first, _, rest = order.words.strip().partition(" ")
    return rest.strip() if first.casefold() in STATUS and settings.estate.find(first) is None else None


def _window(wish: Wish) -> str | None:
    """How much data was said, empty where nothing was; None where that is no length of time."""
    said = [word for word in f"{wish.version} {wish.beyond}".split() if word.casefold() not in FILLERS]
    return " ".join(said) if not said or outlook.window(" ".join(said)) is not None else None


async def _status(talk: Talk, caller: Caller, named: str) -> Message:
    w = caller.words
    found = await retrain_report.status(talk.desk, named or None)
    if not found:
        return commands.hint(w.retrain.no_policy)
    rows = [row for one in found[:MOST] for row in _standing(one, w) if row]
    more = len(found) - MOST
    rows += [[pieces.say(words.fill(w.talk.more, count=more))]] if more > 0 else []
    text = words.fill(w.retrain.status, names=", ".join(served.name(one.model) for one in found[:MOST]))
    going = [one.going[0].id for one in found if one.going][:ASKED]
    shown = [lists.order(change, f"change {change}", place) for place, change in enumerate(going)]
    return Message(pieces.push(text), (pieces.lines(*rows), *([pieces.row(*shown)] if shown else [])))


def _standing(one: Status, w: Words) -> list[list[Json]]:
    """How one model stands: what goes on, what stands in the way, what comes next, what was, what it cost."""
    say = w.retrain
    lines: list[list[Json]] = [[pieces.loud(served.name(one.model))]]
    lines += [_going(*one.going, w)] if one.going else []
    if one.obstacle and not one.going:
        lines.append(pieces.line(say.obstacle, why=pieces.say(one.obstacle, 400)))
    elif not one.going:
        cost = retrain_terms.amount(one.foreseen, one.currency, w)
        lines.append([pieces.say(words.fill(say.free, cost=cost))])
    lines += [pieces.line(say.rests, until=pieces.when(one.rests_until))] if one.rests_until else []
    lines += [pieces.line(say.next_at, when=pieces.when(one.next_at))] if one.next_at else []
    if one.watch is not None and one.watch.ended_at is not None:
        lines.append([pieces.say(watch_lines.over(one.watch, w), 400)])
    elif one.watch is not None:
        until = pieces.when(one.watch.until)
        lines.append(pieces.line(say.watch_on, version=served.name(one.watch.version), until=until))
    lines += [_past(*past, w) for past in one.past[:PAST]] or [[pieces.say(say.past_none)]]
    if one.left is not None:
        spent = {"spent": f"{one.spent:g}", "left": f"{one.left:g}", "currency": pieces.shorten(one.currency, 12)}
        lines.append([pieces.say(words.fill(say.spent, **spent))])
    return lines


def _going(change: Change, training: Training, w: Words) -> list[Json]:
    run = retrain_card.Run(training)
    step = f"{retrain_card.step(change, run, w)}. {retrain_card.told(change, run, w)}"
    return pieces.line(w.retrain.goes_on, change=pieces.loud(change.id), step=pieces.say(step))


def _past(change: Change, training: Training, w: Words) -> list[Json]:
    say = w.retrain
    template = {True: say.past_passed, False: say.past_fell}.get(training.passed, say.past_broke)  # type: ignore[arg-type]
    ended = pieces.when(training.ended_at or change.changed_at)
    outcome = words.fill(template, version=served.name(training.version or ""))
    return pieces.line(say.past, change=pieces.loud(change.id), when=ended, outcome=pieces.say(outcome))
