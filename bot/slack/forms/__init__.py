"""The forms of the chat door: opened in time, checked at the field, sent once, and never losing what was typed."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from bot import telemetry, words
from bot.engine.desk import Desk
from bot.errors import StoreDown, TocsinError
from bot.slack import buttons, pieces
from bot.slack.buttons import Meant
from bot.slack.client import SlackFault
from bot.slack.forms import (
    change,
    choices,
    confirm,
    covering,
    declare,
    false_alarm,
    fields,
    follow_up,
    hand_over,
    handover_note,
    looks,
    merge,
    more,
    note,
    page,
    postmortem,
    regrade,
    rostering,
    serious,
    sheets,
    silence,
    snooze,
    timeline_add,
)
from bot.slack.forms.form import Again, Done, Errand, Form, Known, Problem, Scene
from bot.slack.forms.form import Seed as Seed
from bot.slack.forms.screen import Screen as Screen
from bot.slack.identity import Caller
from bot.slack.payloads import Body, Click, Looking, Sent
from bot.slack.pieces import Json, Message
from bot.slack.talk import Talk
from bot.words import Words

FORMS: Mapping[str, Form] = {
    form.name: form
    for form in (
        declare.FORM,
        hand_over.FORM,
        snooze.FORM,
        silence.FORM,
        false_alarm.FORM,
        regrade.FORM,
        merge.FORM,
        page.FORM,
        note.FORM,
        more.FORM,
        declare.FROM_MESSAGE,
        timeline_add.FORM,
        looks.EXPLAIN,
        looks.TIMELINE,
        *change.FORMS,
        *rostering.FORMS,
        *covering.FORMS,
        *serious.FORMS,
        handover_note.FORM,
        *postmortem.FORMS,
        *follow_up.FORMS,
        confirm.FORM,
    )
}
NAMES = frozenset(FORMS)
OPEN = "open"  #: what a button means that opens a form with a seed of its own
log = telemetry.logger("slack")


async def open_(talk: Talk, caller: Caller, name: str, seed: Seed | None = None, screen: Screen | None = None) -> None:
    """Show the form `name` to the caller, or tell them why it cannot be shown.

    A copy of the same delivery opens nothing. Where nothing can be opened (a mention), a button that does is offered.
    """
    form, seed = FORMS[name], seed or Seed()
    screen = screen or Screen(talk, caller.asked)
    if caller.asked.trigger is None and not screen.opened:
        await talk.answer(caller.asked, opener(name, seed, caller.words))
        return
    first = asyncio.ensure_future(_first(talk, f"{caller.asked.key}/open/{name}"))
    try:
        await _open(Errand(talk, caller, seed, form.first(seed)), form, screen, first)
    except SlackFault as fault:
        if not await first:
            return  # a copy of this delivery was quicker
        await screen.failed(fault, form.typed, caller.words)
    except TocsinError as error:
        await screen.say(str(error), caller.words)
    finally:
        first.cancel()


async def _open(errand: Errand, form: Form, screen: Screen, first: asyncio.Future[bool]) -> None:
    """What it shows is read within the patience of a trigger, or it opens without and is drawn again."""
    w, now = errand.caller.words, errand.now

    def drawn(known: Known | None, unread: str = "") -> Json:
        return sheets.sheet(form, Scene(errand.seed, errand.filled, known, now, w, unread=unread))

    async def read() -> Json | None:
        try:
            view = drawn(await form.load(errand))
        except StoreDown:
            view = drawn(None, w.form.unread)
        return view if await asyncio.shield(first) else None

    early = not screen.opened
    view = await screen.meanwhile(read(), lambda: drawn(None))
    if view is None:
        return
    if early and screen.opened:
        await screen.exchange(view)  # unless they have begun to fill it in, and saw it drawn again already
    else:
        await screen.show(view)


async def changed(talk: Talk, caller: Caller, click: Click) -> None:
    """Draw a form again after something was chosen in it: it shows what it would do now, and keeps what was typed."""
    view = click.view or {}
    form = FORMS.get(str(view.get("callback_id", "")))
    if form is None:
        raise buttons.old()
    seed, _ = sheets.carried(view)
    errand = Errand(talk, caller, seed, fields.read(view))
    screen = Screen.of(talk, caller.asked, view)
    try:
        drawn = sheets.sheet(form, Scene(seed, errand.filled, await form.load(errand), errand.now, caller.words))
    except TocsinError as error:
        scene = Scene(seed, errand.filled, None, errand.now, caller.words, unread=str(error))
        drawn = sheets.sheet(form, scene)
    if not await screen.exchange(drawn):
        await screen.show(drawn)  # an earlier choice was drawn meanwhile; this one is later


def errors(sent: Sent) -> dict[str, str]:
    """What is wrong with the fields of a form, by block_id: all that can be said without asking anybody. Pure."""
    form = FORMS.get(sent.form)
    if form is None:
        return {}
    asked = {block.get("block_id") for block in sent.view.get("blocks") or () if block.get("type") == "input"}
    found = form.check(fields.read(sent.view), _words(sent.view))
    return {name: sentence for name, sentence in found.items() if name in asked}


def working(sent: Sent) -> Json:
    """What stands there until the outcome is known. Pure."""
    w, form = _words(sent.view), FORMS.get(sent.form)
    if form is None:
        return sheets.told([pieces.say(str(buttons.old()))], w)
    return sheets.working(form, sent.view, w)


def options(desk: Desk, looking: Looking) -> Json:
    """What a select offers for what is typed into it, from memory: `options` or `option_groups`. Pure."""
    w = _words(looking.view or {})
    if looking.action == f"{fields.ACTION}model":
        return choices.models(desk, looking.typed, w)
    if looking.action == f"{fields.ACTION}target":
        return choices.targets(desk, looking.typed, w)
    if looking.action == f"{fields.ACTION}person":
        return choices.persons(desk, looking.typed)
    if looking.action == f"{fields.ACTION}rota":
        return choices.rotas(desk, looking.typed)
    return {"options": []}


async def submitted(talk: Talk, caller: Caller, sent: Sent) -> None:
    """Do what a form asks for, once, and say in its place what was done; or show it again with the reason."""
    form = FORMS.get(sent.form)
    if form is None or form.send is None:
        raise buttons.old()
    seed, _ = sheets.carried(sent.view)
    errand = Errand(talk, caller, seed, fields.read(sent.view), f"form/{sent.view.get('id', '')}")
    try:
        if not await talk.first(sent.asked.key):
            return
        ended = await form.send(errand)
    except TocsinError as error:
        ended = Again(Problem(str(error)))
    screen = Screen.after(talk, caller.asked, sent.view)
    if isinstance(ended, Done):
        await _put(screen, sheets.done(form, ended.lines, caller.words), ended.sentence, caller.words)
    else:
        await _again(form, errand, screen, ended)


def tell(talk: Talk, sent: Sent) -> Callable[[str], Awaitable[None]]:
    """How the sender of a form hears a sentence: in the form, with everything they typed."""

    async def say(sentence: str) -> None:
        w, form = _words(sent.view), FORMS.get(sent.form)
        screen = Screen.after(talk, sent.asked, sent.view)
        if form is None:
            await screen.say(sentence, w)
            return
        seed, _ = sheets.carried(sent.view)
        filled = fields.read(sent.view)
        scene = Scene(seed, filled, None, talk.desk.clock.now(), w, Problem(sentence), w.form.unread)
        await _put(screen, sheets.sheet(form, scene), sentence, w)

    return say


def waiting() -> Json:
    """What stands there while we find out who asks and what to show."""
    return sheets.waiting(words.ENGLISH)


def sow(meant: Meant) -> tuple[str, Seed]:
    """The form that a button opens, and what the button knows of it; BadInput when there is no such form."""
    carried, form = Seed.uncard(meant.detail)
    name = form if meant.verb == OPEN else meant.verb
    if name not in FORMS:
        raise buttons.old()
    seen = meant.seen_version if meant.incident and meant.seen_version else None
    return name, replace(carried, incident=meant.incident, seen_version=seen)


def opener(name: str, seed: Seed, w: Words) -> Message:
    """A message with a button that opens the form, for where Slack gives us nothing to open it with."""
    form = FORMS[name]
    label = str(getattr(w.form, form.title))
    value = buttons.encode(Meant(OPEN, seed.incident, seed.seen_version or 0, seed.card(name)))
    said = words.fill(w.form.press_to_open, form=label)
    row = pieces.row(pieces.button(label, f"open.{name}", value, style="primary"))
    return Message(pieces.push(said), (pieces.lines([pieces.say(said)]), row))


async def _again(form: Form, errand: Errand, screen: Screen, again: Again) -> None:
    """The form as it was sent, with the reason, over what is known by now."""
    w = errand.caller.words
    seen = again.seen_version if errand.seed.seen_version is not None else None
    seed = replace(errand.seed, seen_version=seen if seen is not None else errand.seed.seen_version)
    unread, known = "", None
    try:
        known = await form.load(errand)
    except TocsinError:
        unread = w.form.unread
    scene = Scene(seed, errand.filled, known, errand.now, w, again.problem, unread)
    await _put(screen, sheets.sheet(form, scene), again.problem.sentence, w)


async def _put(screen: Screen, view: Json, sentence: str, w: Words) -> None:
    """Exchange what stands there; when its person has closed it, they read the sentence where Slack lets them."""
    try:
        await screen.show(view)
    except SlackFault as fault:
        log.info("slack.form_gone", code=fault.code)
        await screen.say(sentence, w)


async def _first(talk: Talk, key: str) -> bool:
    """Whether nobody has opened a form for this delivery; when the store cannot tell, opening one does no harm."""
    try:
        return await talk.first(key)
    except StoreDown:
        return True


def _words(view: Body) -> Words:
    return words.of(sheets.carried(view)[1])


def asked_in(click: Click) -> bool:
    """Whether it was a field of a form that was filled in, and no button pressed."""
    return click.view is not None and click.action.startswith(fields.ACTION)
