"""What people tell the bot in words, obeyed: by slash command, mention, direct message or the button of a menu."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from bot import words
from bot.engine import declare, explain, report, respond
from bot.model.change import Lever
from bot.model.incident import SEVERITIES, Incident
from bot.slack import (
    cards,
    changing,
    commands,
    evaluating,
    forms,
    handovers,
    incident_pictures,
    insights,
    legal,
    lists,
    menus,
    oncall,
    payloads,
    pieces,
    postmortems,
    retraining,
    reviews,
    serious,
    silencing,
    spoken,
    strangers,
    where,
)
from bot.slack.commands import Command, Order, Second
from bot.slack.identity import Caller
from bot.slack.pieces import Message
from bot.slack.talk import Talk
from bot.slack.wanted import Wanted
from bot.store import Tx, incidents

#: What precedes the words of a command, so that `/oncall churn` is the order `oncall churn`.
NAMED: Mapping[str, str] = {
    f"/{name}": f"{name} "
    for name in (
        *("oncall", "page", "rollback", "promote", "pause", "resume", "retrain", "models", "approvals"),
        *("postmortem", "insights"),
    )
} | {"/handover": "handovers "}  # bare, it is the order that gives an incident to somebody
understand = commands.understand


async def command(talk: Talk, typed: payloads.Typed) -> None:
    """Obey a slash command; its person alone reads the answer. What only opens a form waits for nothing before it."""
    text = NAMED.get(typed.name, "") + typed.text
    order = understand(text, words.ENGLISH)
    if isinstance(order, Order) and (seed := _bare(talk, typed.asked, order)):
        screen = forms.Screen(talk, typed.asked)
        if caller := await screen.meet(forms.waiting):
            await forms.open_(talk, caller, order.command.form, seed, screen)
    elif await talk.first(typed.asked.key):
        await answer(talk, typed.asked, text)


def _bare(talk: Talk, asked: payloads.Asked, order: Order) -> forms.Seed | None:
    """What the form starts from where nothing but a form can be the answer, wherever it was said."""
    if order.act == Lever.RETRAIN:
        return retraining.seed(talk.desk.settings, asked, order)
    if order.act in changing.LEVERS:
        return changing.seed(talk.desk.settings, asked, order)
    bare = not (order.incident or order.second or order.words)
    return forms.Seed() if bare and order.act == "declare" else None


async def pressed(talk: Talk, click: payloads.Click) -> None:
    """Obey the order on a button of a menu."""
    if await talk.first(click.asked.key):
        await answer(talk, click.asked, click.value)


async def answer(talk: Talk, asked: payloads.Asked, text: str) -> None:
    """Understand what somebody said, do it, and tell them what came of it. Refused where they may not ask at all."""
    await said(talk, await talk.identity.caller(asked), text)


async def said(talk: Talk, caller: Caller, text: str) -> None:
    """The same for a caller who is known; a stranger's order is kept until they are."""
    order = understand(text, caller.words)
    if isinstance(order, Order) and caller.person is None and not order.command.anybody:
        await strangers.meet(talk, caller, Wanted.order(caller.asked, text, talk.desk.clock.now()))
        return
    told = await obey(talk, caller, order) if isinstance(order, Order) else order
    if told is not None:
        await talk.answer(caller.asked, told)


async def obey(talk: Talk, caller: Caller, order: Order) -> Message | None:
    """Do it; the answer, or None where a form is the answer. NotFound and BadInput as the engine says."""
    return await _DO[order.act](_Errand(talk, caller, order))


@dataclass(frozen=True)
class _Errand:
    """One order on its way: for whom, and from where."""

    talk: Talk
    caller: Caller
    order: Order

    @property
    def command(self) -> Command:
        return self.order.command

    async def place(self) -> where.Place:
        asked = self.caller.asked
        return await where.place(self.talk.desk, self.talk.offices.of(asked.at_home), asked)

    async def incident(self, *, guess: bool = True) -> "str | Message | None":
        """The incident that is meant: as named, the place's own, or the only open one; else the question which."""
        named, order, desk = self.order.incident, self.order, self.talk.desk
        asked = self.caller.asked
        if named and not order.loose:
            return named
        if here := await desk.store.read(lambda tx: where.incident(tx, asked.channel, asked.thread)):
            return here
        if named or not guess:
            return named
        found, total = await desk.store.read(_open)
        if len(found) == 1:
            return found[0].id
        return lists.which(self.command, found, total, self.caller.words)

    async def open(self, incident: str = "", target: str = "", words_: str = "") -> None:
        """Ask for what is missing, with what is known filled in."""
        seed = forms.Seed(incident=incident, text=words_, target=target)
        await forms.open_(self.talk, self.caller, self.command.form, seed)

    def say(self, template: str, **parts: object) -> Message:
        return commands.hint(words.fill(template, **parts))


async def _answer(errand: _Errand) -> Message | None:
    """An order that is one of the engine's verbs on an incident."""
    incident = await errand.incident()
    if isinstance(incident, Message) or incident is None:
        return incident
    order = errand.order
    if order.loose and incident != order.incident:  # the number belonged to the words
        order = replace(order, words=f"{order.incident.removeprefix('INC-') if order.incident else ''} {order.words}")
    order = replace(order, words=spoken.readable(order.words.strip(), errand.talk.desk.settings.people))
    missing = errand.command.second and not order.second
    if missing or (order.act == "note" and not order.words):
        await errand.open(incident, words_=order.words)
        return None
    detail = _detail(errand, order)
    if isinstance(detail, Message):
        return detail
    return await _take(errand, incident, detail, order.words if order.act != "note" else "")


async def _take(errand: _Errand, incident: str, detail: str, why: str) -> Message:
    verb, caller, desk = errand.command.verb, errand.caller, errand.talk.desk
    assert verb is not None  # noqa: S101  (only rows with a verb come here)
    press = respond.Press(
        verb,
        incident,
        caller.by,
        desk.clock.now(),
        caller.asked.via,
        detail=detail,
        why=why,
        language=caller.words.language,
    )
    return cards.notice((await respond.take(desk, press)).sentence)


def _detail(errand: _Errand, order: Order) -> str | Message:
    """What the verb needs besides, as the engine wants it; what is wrong with it otherwise."""
    w, word = errand.caller.words.talk, pieces.shorten(order.second, 60)
    match errand.command.second:
        case Second.TARGET:
            return _target(errand, order.second)
        case Second.MINUTES:
            span = spoken.minutes(order.second)
            return errand.say(w.no_minutes, word=word) if span is None else str(span)
        case Second.SEVERITY:
            grade = spoken.severity(order.second)
            return grade or errand.say(w.no_severity, word=word, known=", ".join(SEVERITIES))
        case Second.GOAL:
            return order.second
    return order.words if order.act == "note" else ""


def _target(errand: _Errand, word: str) -> str | Message:
    settings, w = errand.talk.desk.settings, errand.caller.words.talk
    if word.lower() in ("me", "ben", "bana") and errand.caller.person:
        return f"person:{errand.caller.person.name}"
    if found := spoken.target(word, settings):
        return found
    if spoken.user(word):
        return commands.hint(w.no_account)
    near = spoken.closest(word.rpartition(":")[2].removeprefix("@"), spoken.everybody(settings))
    said = [words.fill(w.no_target, word=pieces.shorten(word, 60))]
    return commands.hint(" ".join([*said, *([words.fill(w.closest, names=", ".join(near))] if near else [])]))


async def _page(errand: _Errand) -> Message | None:
    """With an incident its people are asked to join; without one an incident is opened that pages them."""
    order, desk, caller = errand.order, errand.talk.desk, errand.caller
    incident = await errand.incident(guess=False)
    target = _target(errand, order.second) if order.second else ""
    if isinstance(target, Message):
        return target
    said = spoken.readable(order.words, desk.settings.people)
    if isinstance(incident, str) and target:
        return await _take(errand, incident, target, said)
    if isinstance(incident, str):
        await errand.open(incident, words_=said)
        return None
    if not target or not said:
        await forms.open_(
            errand.talk, caller, "page" if not target else "declare", forms.Seed(target=target, text=said)
        )
        return None
    return await _opened(errand, declare.Draft(said, target=target, language=caller.words.language))


async def _declare(errand: _Errand) -> Message | None:
    said = spoken.readable(errand.order.words, errand.talk.desk.settings.people)
    if not said:
        await errand.open()
        return None
    entity = (await errand.place()).entity
    return await _opened(errand, declare.Draft(said, entity=entity, language=errand.caller.words.language))


async def _opened(errand: _Errand, draft: declare.Draft) -> Message:
    desk, asked = errand.talk.desk, errand.caller.asked
    key = f"{asked.team}/{asked.key}"
    found = await declare.open_(desk, draft, errand.caller.by, desk.clock.now(), asked.via, key)
    return cards.notice(found.sentence)


async def _list(errand: _Errand) -> Message:
    found, total = await errand.talk.desk.store.read(_open)
    return lists.incidents(found, total, errand.caller.words)


async def _mine(errand: _Errand) -> Message:
    person = errand.caller.person
    found = await report.mine(errand.talk.desk, person.name) if person else []
    return lists.incidents(found, len(found), errand.caller.words, mine=True)


async def _show(errand: _Errand) -> Message | None:
    incident = await errand.incident()
    if not isinstance(incident, str):
        return incident
    desk = errand.talk.desk
    view = await report.view(desk, incident, timeline=cards.TOLD)
    return cards.incident_card(view, desk.clock.now(), errand.caller.words)


async def _hold(errand: _Errand) -> Message | None:
    incident = errand.order.incident or await errand.incident()
    if not isinstance(incident, str):
        return incident
    return await legal.hold(errand.talk, errand.caller, errand.order, incident)


async def _serious(errand: _Errand) -> Message | None:
    incident = errand.order.incident or await errand.incident()
    if not isinstance(incident, str):
        return incident
    return await serious.order(errand.talk, errand.caller, errand.order, incident)


async def _explain(errand: _Errand) -> Message | None:
    incident = await errand.incident()
    if not isinstance(incident, str):
        return incident
    desk, w = errand.talk.desk, errand.caller.words
    return lists.explained(await explain.incident(desk, incident, desk.clock.now(), w.language), w)


async def _pages(errand: _Errand) -> Message | None:
    incident = await errand.incident()
    if not isinstance(incident, str):
        return incident
    return lists.ledger(await report.view(errand.talk.desk, incident), errand.caller.words)


async def _picture(errand: _Errand) -> Message | None:
    incident = await errand.incident()
    if not isinstance(incident, str):
        return incident
    return await incident_pictures.send(errand.talk, errand.caller, incident)


async def _postmortem(errand: _Errand) -> Message:
    named = await errand.incident(guess=False)
    return await postmortems.ordered(errand.talk, errand.caller, named if isinstance(named, str) else None)


async def _insights(errand: _Errand) -> Message:
    entity = None if errand.order.words else (await errand.place()).entity
    return await insights.ordered(errand.talk, errand.caller, errand.order, entity)


async def _menu(errand: _Errand) -> Message:
    desk, caller = errand.talk.desk, errand.caller
    here = await errand.place()
    if here.incident:
        view = await report.view(desk, here.incident)
        allowed = await respond.allowed(desk, here.incident, caller.by)
        return menus.incident(caller, view, allowed)
    if here.entity:
        entity = here.entity
        found = await report.incidents_list(desk, entity=entity, limit=lists.MOST + 1)
        return menus.entity(caller, entity, found, len(found))
    tried, trained = bool(evaluating.models(desk.settings)), retraining.offered(desk)
    return menus.anywhere(caller, hosts=bool(desk.hosts), tried=tried, trained=trained)


async def _help(errand: _Errand) -> Message:
    desk, asked, by = errand.talk.desk, errand.caller.asked, errand.caller.by
    here = await desk.store.read(lambda tx: where.incident(tx, asked.channel, asked.thread))
    return menus.help_(errand.caller, await respond.allowed(desk, here, by) if here else None)


async def _link(errand: _Errand) -> None:
    await strangers.meet(errand.talk, errand.caller)


async def _evaluate(errand: _Errand) -> Message:
    asked = errand.caller.asked
    here = await errand.talk.desk.store.read(lambda tx: where.incident(tx, asked.channel, asked.thread))
    return await evaluating.ordered(errand.talk, errand.caller, errand.order, here)


async def _silences(errand: _Errand) -> Message:
    return await silencing.listed(errand.talk, errand.caller)


def _open(tx: Tx) -> tuple[list[Incident], int]:
    """The newest open incidents, and how many there are."""
    return incidents.listing(tx, limit=lists.MOST + 1), incidents.count_open(tx)


def _plain(
    act: Callable[[Talk, Caller, Order], Awaitable[Message | None]],
) -> Callable[[_Errand], Awaitable[Message | None]]:
    """An order that needs nothing but its words."""
    return lambda errand: act(errand.talk, errand.caller, errand.order)


_DO: Mapping[str, Callable[[_Errand], Awaitable[Message | None]]] = dict.fromkeys(
    (row.name for row in commands.TABLE if row.verb), _answer
) | {
    "page": _page,
    "declare": _declare,
    "list": _list,
    "mine": _mine,
    "show": _show,
    "silence": _plain(silencing.ask),
    "silence-now": _plain(silencing.ask),
    "maintenance": _plain(silencing.ask),
    "silences": _silences,
    "unsilence": _plain(silencing.over),
    "evaluate": _evaluate,
    "models": _plain(changing.models),
    "approvals": _plain(changing.shown),
    "change": _plain(changing.shown),
    **dict.fromkeys(changing.LEVERS, _plain(changing.ask)),
    "retrain": _plain(retraining.ordered),
    "hold": _hold,
    "serious": _serious,
    "reported": _serious,
    "review": _plain(reviews.note),
    "unhold": _hold,
    "explain": _explain,
    "pages": _pages,
    "picture": _picture,
    "oncall": _plain(oncall.ordered),
    "handovers": _plain(handovers.ordered),
    "postmortem": _postmortem,
    "insights": _insights,
    "menu": _menu,
    "help": _help,
    "link": _link,
}
