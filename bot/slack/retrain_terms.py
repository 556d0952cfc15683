"""What a retrain would take, as people read it before they agree: the data, the price, what is left. Pure."""

import math

from bot import words
from bot.engine import headline
from bot.model.change import Plan
from bot.slack import pieces, served
from bot.slack.pieces import Json
from bot.words import Words


def price(plan: Plan, w: Words) -> str:
    """`about 40 EUR`, or that nobody knows."""
    return amount(plan.parameters.get("cost"), str(plan.parameters.get("currency") or ""), w)


def amount(cost: object, currency: str, w: Words) -> str:
    """Money as people write it, roughly; of what is no number that nobody knows."""
    if (money := _number(cost)) is None:
        return w.retrain.unpriced
    return words.fill(w.retrain.about, amount=headline.number(money), currency=_short(currency)).rstrip()


def head(plan: Plan, w: Words) -> list[list[Json]]:
    """What would happen, on which data, at what price."""
    say, left = w.retrain, _number(plan.parameters.get("left"))
    money = {"cost": price(plan, w), "currency": _short(str(plan.parameters.get("currency") or ""))}
    cost = say.cost if left is None else say.cost_left
    rest = "" if left is None else headline.number(left)
    return [
        [pieces.loud(stays(plan, w))],
        [pieces.say(plan.why_after, 400)] if plan.why_after else [],
        [pieces.say(words.fill(cost, left=rest, **money))],
    ]


def stays(plan: Plan, w: Words) -> str:
    """That nothing that serves is changed by it."""
    return words.fill(w.retrain.stays, model=served.name(plan.model), serving=served.state(plan.before, w))


def _short(currency: str) -> str:
    return pieces.shorten(currency, 12)


def _number(said: object) -> float | None:
    known = isinstance(said, int | float) and not isinstance(said, bool) and math.isfinite(said)
    return float(said) if known else None  # type: ignore[arg-type]
