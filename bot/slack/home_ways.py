"""The part of a person's own page about each of their ways: whether pages go there, and what came of its last test."""

from collections.abc import Mapping, Sequence

from bot import words
from bot.engine.addresses import Reached
from bot.model.paged import Test
from bot.slack import forms, pieces
from bot.slack.buttons import Meant, encode
from bot.slack.pieces import Json
from bot.words import Words

OPEN_TO = ("asked", "unconfirmed")  #: what a code can change


def draw(reached: Sequence[Reached], w: Words, tests: Mapping[str, Test] | None = None) -> list[Json]:
    """A line for each way that needs an address or was tested, a button for each address that is not confirmed.

    `tests` are the last ones, by way; nothing where there is nothing to say.
    """
    tests = tests or {}
    shown = [one for one in reached if one.kind or one.channel in tests]
    if not shown:
        return []
    lines = [[pieces.say(_standing(one, w), 300), *_tested(tests.get(one.channel), w)] for one in shown]
    waiting = {one.kind: one for one in shown if one.kind and one.standing in OPEN_TO}
    return [pieces.lines(*lines), *([pieces.row(*(_button(one, w) for one in waiting.values()))] if waiting else ())]


def _standing(one: Reached, w: Words) -> str:
    return words.fill(w.confirming.standings.get(one.standing, w.tested.way), **_named(one))


def _tested(test: Test | None, w: Words) -> list[Json]:
    """When it was tested last, and whether that was answered."""
    if test is None:
        return []
    when = pieces.when(test.sent_at)
    if test.answered_at is not None:
        return pieces.line(w.tested.answered, when=when, answered=pieces.when(test.answered_at))
    if test.failure is not None:
        return pieces.line(w.tested.failed, when=when, why=pieces.say(test.failure, 200))
    return pieces.line(w.tested.waiting, when=when)


def _named(one: Reached) -> dict[str, str]:
    return {"channel": pieces.shorten(one.channel, 40), "to": pieces.shorten(one.to, 80)}


def _button(one: Reached, w: Words) -> Json:
    label = words.fill(w.confirming.button, to=pieces.shorten(one.to, 60))
    value = encode(Meant(forms.OPEN, "", 0, forms.Seed(address=one.kind).card("confirm")))
    return pieces.button(label, f"open.confirm.{one.kind}", value)
