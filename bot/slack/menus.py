"""Menus and help: what somebody can do here, each line a button, nothing that the rules would refuse them."""

from collections.abc import Collection, Iterable, Sequence

from bot import words
from bot.model.change import Lever
from bot.model.incident import Incident
from bot.model.verb import Verb
from bot.model.view import View
from bot.slack import buttons, cards, commands, lists, pieces
from bot.slack.commands import COMMANDS, Command
from bot.slack.identity import Caller
from bot.slack.pieces import Json, Message
from bot.words import Words

ROW = 5  # buttons in a row; a phone shows them two by two
LOOKING = ("list", "oncall", "link")
LOOKS = ("show", "explain", "picture")  # of an incident
ANYWHERE = ("list", "declare", "oncall", "mine", "silences", "models", "approvals", "insights")


def anywhere(caller: Caller, *, hosts: bool = False, tried: bool = False, trained: bool = False) -> Message:
    """The menu of a place that has nothing to do with an incident.

    `hosts`: whether any platform can be asked; `tried`: any model evaluated, `trained`: any trained anew.
    """
    more = [name for name, there in (("rollback", hosts), ("evaluate", tried), ("retrain", trained)) if there]
    names = (*ANYWHERE, *more) if caller.person else LOOKING
    return _menu(caller, caller.words.talk.menu, _orders(names, caller.words))


def entity(caller: Caller, name: str, found: Sequence[Incident], total: int) -> Message:
    """The menu of an entity's channel: its open incidents, and declaring one."""
    w = caller.words
    listed = lists.incidents(found, total, w)
    shown = [lists.order(one.id, f"show {one.id}", place) for place, one in enumerate(found[: lists.ASKED])]
    names = ("declare", "oncall", "mine") if caller.person else LOOKING
    drawn = _menu(caller, words.fill(w.talk.menu_entity, entity=name), _orders(names, w))
    return Message(drawn.text, (*listed.blocks, *_rows(shown), *drawn.blocks))


def incident(caller: Caller, view: View, allowed: Collection[Verb]) -> Message:
    """The menu of an incident's own place: what the caller may do to it now, and to its model."""
    found, w = view.incident, caller.words
    parts = {"incident": found.id, "severity": found.severity.upper(), "about": cards.subject(found)}
    title = words.fill(w.talk.menu_incident, **parts)
    if not found.open:
        title = words.fill(w.talk.menu_done, incident=found.id, phase=w.talk.phases[found.phase.value])
    acts = [_verb(command, found, w) for command in commands.TABLE if command.verb in allowed and command.verb]
    looks = [lists.order(w.talk.labels[name], f"{name} {found.id}", n) for n, name in enumerate(LOOKS)]
    looks = [*_levers(view, w), *looks] if caller.person is not None else looks
    others = _orders(("link",) if caller.person is None else ("list", "declare"), w)
    return _menu(caller, title, [*acts, *looks, *others])


def help_(caller: Caller, allowed: Collection[Verb] | None = None) -> Message:
    """Every order the caller can give, with its button; in an incident's place those it `allowed` only."""
    w = caller.words
    rows = [_line(command, w) for command in commands.TABLE if _may(command, caller, allowed)]
    title = pieces.lines([pieces.loud(w.talk.help_title)], *rows)
    return Message(pieces.push(w.talk.help_title), (title, pieces.small(_hint(caller)), *_orders_row(caller)))


def _line(command: Command, w: Words) -> list[Json]:
    about = {"what": w.talk.help[command.name], "label": commands.label(command, w)}
    return pieces.line(w.talk.help_line, command=pieces.loud(command.usage), **about)


def _may(command: Command, caller: Caller, allowed: Collection[Verb] | None) -> bool:
    if command.hidden or (caller.person is None and not command.anybody):
        return False
    if command.name == "link":
        return caller.person is None
    # Paging somebody needs no incident.
    return allowed is None or command.verb in (None, Verb.PAGE) or command.verb in allowed


def _hint(caller: Caller) -> str:
    w = caller.words.talk
    return w.menu_stranger if caller.person is None else w.menu_admin if caller.admin else w.help_hint


def _orders_row(caller: Caller) -> list[Json]:
    return _rows(_orders(ANYWHERE if caller.person else LOOKING, caller.words))


def _menu(caller: Caller, title: str, row: Sequence[Json]) -> Message:
    blocks = [pieces.lines([pieces.loud(title)]), *_rows(row)]
    if caller.person is None or caller.admin:
        blocks.append(pieces.small(_hint(caller)))
    return Message(pieces.push(title), tuple(blocks))


def _orders(names: Iterable[str], w: Words) -> list[Json]:
    primary = {"declare": "primary"}
    return [
        lists.order(w.talk.labels[name], name, place, style=primary.get(name))
        for place, name in enumerate(names, 10)
        if name in COMMANDS
    ]


def _verb(command: Command, found: Incident, w: Words) -> Json:
    """As on the card: it carries the version its presser saw, and opens the form where something is missing."""
    verb = str(command.verb)
    meant = command.form or verb
    value = buttons.encode(buttons.Meant(meant, found.id, found.version))
    label, about = commands.label(command, w), {"incident": found.id, "subject": cards.subject(found)}
    asked = {
        Verb.ESCALATE: (w.card.escalate_title, w.card.escalate_asked),
        Verb.RESOLVE: (w.card.resolve_title, w.card.resolve_asked),
    }.get(command.verb or Verb.NOTE)
    confirm = pieces.confirm(asked[0], words.fill(asked[1], **about), label, w.card.not_yet) if asked else None
    return pieces.button(label, verb, value, confirm=confirm)


def _levers(view: View, w: Words) -> list[Json]:
    """What can be done to the model of an open incident: each but evaluating opens its form, filled in."""
    found = view.incident
    offered = [lever.value for lever in Lever if lever in view.levers] + ([cards.EVALUATE] if view.evaluates else [])
    return [
        pieces.button(
            w.talk.labels[name], f"lever.{name}", buttons.encode(buttons.Meant(name, found.id, found.version))
        )
        for name in (offered if found.open else ())
    ]


def _rows(each: Sequence[Json]) -> list[Json]:
    return [pieces.row(*each[start : start + ROW]) for start in range(0, len(each), ROW)]
