"""Orders about silences: make one with a preview before it counts, list them, end one."""

import re
from dataclasses import replace

from bot import words
from bot.engine import silence
from bot.engine.silence import Draft, Outcome
from bot.model.verdict import Verdict
from bot.rules import window
from bot.slack import buttons, cards, commands, forms, lists, pieces, silenced, spoken, where, wishes
from bot.slack.buttons import Meant
from bot.slack.commands import Order
from bot.slack.identity import Caller
from bot.slack.pieces import Json, Message
from bot.slack.talk import Talk
from bot.slack.wishes import Wish
from bot.words import Words

NOW = "silence-now"  #: the order on the button under a preview
FORM = "silence"
MOST = 20  #: silences of one answer
_ID = re.compile(r"#?(?:sil[-_ ]?)?([0-9]{1,15})[.,;!]?", re.IGNORECASE)


async def ask(talk: Talk, caller: Caller, order: Order) -> Message | None:
    """Show what it would hit, with a button that makes it; where something is missing a form is the answer.

    NotFound and BadInput as the engine says.
    """
    settings, now, zone = talk.desk.settings, talk.desk.clock.now(), _zone(caller)
    wish = wishes.read(spoken.readable(order.words, settings.people), settings, zone, now)
    wish = replace(wish, maintenance=wish.maintenance or order.act == "maintenance")
    incident = order.incident or ("" if wish.matchers else await _here(talk, caller))
    drawn = await _draft(talk, wish, incident)
    if order.act == NOW:
        return await _made(talk, caller, drawn, wish, incident)
    button = "" if drawn is None else f"{NOW} {pieces.escape(wishes.write(wish, incident))}"
    if drawn is None or not drawn.matchers or drawn.ends_at is None or not wish.why or len(button) > buttons.LONGEST:
        await forms.open_(talk, caller, FORM, _seed(wish, incident))
        return None
    found = await silence.preview(talk.desk, drawn, now)
    w, everything = caller.words, found.everything
    head = [pieces.loud(silenced.matchers(drawn.matchers, w))]
    told = [head, silenced.span(drawn.starts_at, drawn.ends_at, w), [pieces.say(wish.why, 500)]]
    shadow = [[pieces.loud(w.silence.shadow)]] if wish.shadow else []
    row = pieces.row(_confirm(_label(wish, everything, w), button, w, danger=everything), _change(wish, incident, w))
    text = pieces.push(silenced.matchers(drawn.matchers, w))
    return Message(text, (pieces.lines(*told, *shadow, *silenced.hits(found, w)), row))


async def listed(talk: Talk, caller: Caller) -> Message:
    """Those in force and planned, each with its button."""
    found = await silence.standing(talk.desk, talk.desk.clock.now())
    w = caller.words
    if not found:
        return commands.hint(w.silence.none)
    text = words.fill(w.silence.standing, names=", ".join(one.id for one in found[:MOST]))
    more = len(found) - MOST
    rest = [pieces.small(words.fill(w.talk.more, count=more))] if more > 0 else []
    return Message(pieces.push(text), (*silenced.blocks(found[:MOST], w, may=caller.person is not None), *rest))


async def over(talk: Talk, caller: Caller, order: Order) -> Message:
    """End one; asks which where none is named and there is more than one. NotFound."""
    desk, now, w = talk.desk, talk.desk.clock.now(), caller.words
    said = _ID.fullmatch(order.words.strip())
    if said is None:
        shown = await listed(talk, caller)
        hint = pieces.lines([pieces.say(words.fill(w.silence.which, example=order.command.usage))])
        return Message(shown.text, (hint, *shown.blocks))
    ended = await silence.end(desk, f"SIL-{int(said[1])}", caller.by, now, caller.asked.via, w.language)
    return cards.notice(ended.sentence)


async def _draft(talk: Talk, wish: Wish, incident: str) -> Draft | None:
    """What would be made; None where nothing says what it shall hit. NotFound, BadInput."""
    now = talk.desk.clock.now()
    matchers = wish.matchers or (await silence.fitting(talk.desk, incident) if incident else ())
    if not matchers:
        return None
    return Draft(
        matchers,
        wish.end(now),
        wish.why,
        wish.starts_at,
        wish.maintenance,
        wish.shadow,
        incident or None,
        sure=wish.sure,
    )


async def _made(talk: Talk, caller: Caller, drawn: Draft | None, wish: Wish, incident: str) -> Message:
    """It is made, unless the rules say no; what hits everything is asked once more."""
    desk, w = talk.desk, caller.words
    draft = drawn or Draft((), wish.end(desk.clock.now()), wish.why, sure=wish.sure)
    via = caller.asked.via
    outcome: Outcome = await silence.make(desk, draft, caller.by, desk.clock.now(), via, w.language)
    if outcome.verdict is not Verdict.UNSURE:
        return cards.notice(outcome.sentence)
    button = f"{NOW} {pieces.escape(wishes.write(replace(wish, sure=True), incident))}"
    row = pieces.row(_confirm(w.silence.confirm_everything, button, w, danger=True))
    return Message(pieces.push(outcome.sentence), (pieces.lines([pieces.loud(outcome.sentence)]), row))


def _label(wish: Wish, everything: bool, w: Words) -> str:
    if everything:
        return w.silence.confirm_everything
    if wish.starts_at is not None:
        return w.silence.confirm_plan
    return w.silence.confirm_maintenance if wish.maintenance else w.silence.confirm


def _confirm(label: str, text: str, w: Words, *, danger: bool) -> Json:
    sure = pieces.confirm(label, w.silence.sure, label, w.card.not_yet) if danger else None
    style = "danger" if danger else "primary"
    return pieces.button(label, f"{lists.ORDER}0", text, style=style, confirm=sure)


def _change(wish: Wish, incident: str, w: Words) -> Json:
    """The button that opens the form with all of this in it."""
    value = buttons.encode(Meant(forms.OPEN, incident, 0, _seed(wish, incident).card(FORM)))
    return pieces.button(w.silence.change, f"open.{FORM}", value)


def _seed(wish: Wish, incident: str) -> forms.Seed:
    boxes = [name for name in ("shadow", "maintenance") if getattr(wish, name)]
    return forms.Seed(
        incident=incident,
        text=wish.why,
        matchers="\n".join(window.written(matcher) for matcher in wish.matchers),
        starts=wish.starts_at.isoformat() if wish.starts_at else "",
        ends=wish.ends_at.isoformat() if wish.ends_at else wish.span,
        boxes=",".join(boxes),
    )


async def _here(talk: Talk, caller: Caller) -> str:
    asked = caller.asked
    return await talk.desk.store.read(lambda tx: where.incident(tx, asked.channel, asked.thread)) or ""


def _zone(caller: Caller) -> str:
    return caller.person.timezone if caller.person else "UTC"
