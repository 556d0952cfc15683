"""Orders and presses about duty: who is on call, one's own shifts, the forms that change them, offers of cover."""

import re
from dataclasses import dataclass

from bot.engine import ahead, cover, report, roster
from bot.engine.cover import Answer
from bot.engine.roster import Done
from bot.settings import Settings
from bot.slack import buttons, cards, forms, oncall_card, strangers, weeks
from bot.slack.buttons import Meant
from bot.slack.commands import Order
from bot.slack.forms import covering
from bot.slack.identity import Caller
from bot.slack.pieces import Message
from bot.slack.talk import Talk
from bot.slack.wanted import Wanted

KINDS = ("model", "agent", "team", "rota", "entity")
#: What people call their own shifts, and what asks for a form.
MINE = frozenset({"mine", "my shifts", "when am i on call", "benim", "nöbetlerim", "ne zaman nöbetçiyim"})
WEEKS = frozenset({"weeks", "picture", "haftalar", "resim"})
COVERS = frozenset({"covers", "offers", "öneriler"})
FORMS = {
    "ask": covering.ASK,
    "cover me": covering.ASK,
    "yerime biri": covering.ASK,
    "swap": covering.SWAP,
    "takas": covering.SWAP,
    "override": "rota-override",
    "yerine": "rota-override",
    "cover": "rota-cover",
    "destek": "rota-cover",
    "absence": "rota-absence",
    "away": "rota-absence",
    "yokluk": "rota-absence",
}
_VOTE = re.compile(r"(accept|withdraw|kabul|vazgeç)\s+((?:CVR-)?[0-9]{1,15})", re.IGNORECASE)
_VERBS = {"accept": "accept", "kabul": "accept", "withdraw": "withdraw", "vazgeç": "withdraw"}


@dataclass(frozen=True, slots=True)
class _Meant:
    """What an order about duty wants: to `look` at something, a `form` with a rota, or a `vote` about a request."""

    look: str = ""
    form: str = ""
    vote: str = ""
    about: str = ""


async def ordered(talk: Talk, caller: Caller, order: Order) -> Message | None:
    """Show it, open the form, or take a side in an offer; who is nobody yet is asked who they are. NotFound."""
    wanted = read(order.words, talk.desk.settings)
    if caller.person is None and (wanted.form or wanted.vote or wanted.look == "mine"):
        said = Wanted.order(caller.asked, f"oncall {order.words}", talk.desk.clock.now())
        await strangers.meet(talk, caller, said)
        return None
    if wanted.form:
        person = caller.person.name if caller.person else ""
        seed = forms.Seed(rota=wanted.about, person=person if wanted.form == "rota-absence" else "")
        await forms.open_(talk, caller, wanted.form, seed)
        return None
    if wanted.look == "weeks":
        return await weeks.send(talk, caller, wanted.about)
    if wanted.vote:
        answer = await _voted(talk, caller, wanted.vote, wanted.about, caller.asked.via)
        return cards.notice(answer.sentence)
    return await _shown(talk, caller, wanted)


async def pressed(talk: Talk, caller: Caller, meant: Meant) -> Answer | Done:
    """Accept or withdraw an offer as it was seen, or take a change by hand back. NotFound; BadInput: an old button."""
    if meant.verb == oncall_card.BACK:
        now, language = talk.desk.clock.now(), caller.words.language
        return await roster.take_back(talk.desk, meant.detail, caller.by, now, _via(caller), language)
    verb, _, request = meant.detail.partition(" ")
    if verb not in _VERBS.values() or not request:
        raise buttons.old()
    return await _voted(talk, caller, verb, request, _via(caller), meant.seen_version)


def read(said: str, settings: Settings) -> _Meant:
    """What the words after `oncall` want; what is called like a model, a team, a rota or an entity is that."""
    words = " ".join(said.split())
    folded = words.casefold()
    known = (settings.rotas, settings.people.teams, settings.estate.entities)
    if any(words in names for names in known) or settings.estate.find(words):
        return _Meant(look="answering", about=words)
    if not words:
        return _Meant(look="overview")
    if folded in MINE:
        return _Meant(look="mine")
    if folded in COVERS:
        return _Meant(look="covers")
    if folded.partition(" ")[0] in WEEKS:
        return _Meant(look="weeks", about=words.partition(" ")[2])
    if found := _VOTE.fullmatch(words):
        return _Meant(vote=_VERBS[found[1].casefold()], about=found[2])
    for phrase, form in FORMS.items():
        if folded == phrase or folded.startswith(f"{phrase} "):
            rest = words[len(phrase) :].split()
            return _Meant(form=form, about=next((word for word in rest if word in settings.rotas), ""))
    return _Meant(look="answering", about=words)


async def _shown(talk: Talk, caller: Caller, wanted: _Meant) -> Message:
    desk, w, now, person = talk.desk, caller.words, talk.desk.clock.now(), caller.person
    if wanted.look == "mine" and person is not None:
        return oncall_card.mine(await ahead.mine(desk, person.name, now, now + ahead.MONTH), person, now, w)
    if wanted.look == "covers":
        name = person.name if person else None
        return oncall_card.covers(await ahead.offers(desk, name, now), person, w)
    if wanted.look == "overview":
        found = await report.on_call(desk, now)
        own = await ahead.mine(desk, person.name, now, now + ahead.MONTH) if person else []
        offers = await ahead.offers(desk, person.name, now) if person else []
        return oncall_card.overview(found, own[0] if own else None, len(offers), person, w)
    bare = wanted.about.removeprefix("#").removeprefix("@")
    kind, colon, name = bare.partition(":")
    answering = await report.on_call_for(desk, name if colon and kind in KINDS else bare, now)
    rotas = [one.rota for one in answering.rotas]
    each = oncall_card.COMING if len(rotas) == 1 else 3
    coming = await ahead.coming(desk, rotas[: oncall_card.MOST], now, each)
    byhand = await roster.standing(desk, now, rotas[0]) if len(rotas) == 1 else []
    return oncall_card.standing(answering, coming, byhand, person, w)


async def _voted(talk: Talk, caller: Caller, verb: str, request: str, via: str, seen: int | None = None) -> Answer:
    act = {"accept": cover.accept, "withdraw": cover.withdraw}[verb]
    now, language = talk.desk.clock.now(), caller.words.language
    return await act(talk.desk, request, caller.by, now, via, cover.Seen(seen, language))


def _via(caller: Caller) -> str:
    return "home" if caller.asked.via == "home" else "button"
