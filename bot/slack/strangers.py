"""Somebody whom nobody has linked to a person: asked who they are, vouched for by somebody, told what came of it."""

from dataclasses import replace

from bot import words
from bot.engine import link
from bot.slack import buttons, pieces, vouching
from bot.slack.buttons import Meant
from bot.slack.identity import Caller
from bot.slack.office import Office
from bot.slack.payloads import Asked
from bot.slack.pieces import Json, Message
from bot.slack.talk import Talk
from bot.slack.wanted import FRESH, Wanted
from bot.store import Tx, links, offers
from bot.store.links import Request
from bot.words import Words

CHOSEN = "link-as"  #: what choosing a name means
CHOICES = 100  # options Slack takes in a select


async def meet(talk: Talk, caller: Caller, wanted: Wanted | None = None) -> None:
    """Ask who they are, and keep what they wanted; an answer that only they read."""
    await talk.answer(_apart(caller.asked), await offer(talk, caller, wanted))


async def offer(talk: Talk, caller: Caller, wanted: Wanted | None = None) -> Message:
    """What asks them; for somebody who is known, that they are."""
    say = caller.words.link
    if caller.person is not None:
        return _said([words.fill(say.known, person=caller.person.name)])
    now = talk.desk.clock.now()
    await talk.desk.store.write(
        lambda tx: offers.keep(tx, caller.account, wanted.pack() if wanted else {}, now + link.PATIENCE)
    )
    office = talk.offices.of(caller.asked.at_home)
    names = await talk.desk.store.read(lambda tx: _free(tx, talk, office))
    return _drawn(names, wanted, ", ".join(talk.desk.settings.people.admins) or say.nobody, caller.words)


async def chosen(talk: Talk, caller: Caller, person: str) -> None:
    """They say who they are: whoever may vouch for that is asked. NotFound and Refused as the engine says."""
    desk, say, now = talk.desk, caller.words.link, talk.desk.clock.now()
    names = link.vouchers(desk, person)
    again = await desk.store.read(lambda tx: links.asked_by(tx, caller.account))
    if again is None or again.person != person or again.expires_at <= now:
        replay = await desk.store.read(lambda tx: offers.kept(tx, caller.account))
        team = talk.offices.of(caller.asked.at_home).team or caller.asked.at_home
        request = await link.ask(desk, caller.account, team, person, replay, now)
        await desk.store.write(lambda tx: vouching.ask(tx, request, names))
    await talk.answer(caller.asked, _said([words.fill(say.asked, names=", ".join(names), person=person)]))


async def decided(talk: Talk, caller: Caller, said: str) -> Wanted | None:
    """Somebody vouches or does not: everybody is told; what is to be done now for whoever is linked.

    NotFound when it was decided already, Refused for who may not vouch.
    """
    desk, now = talk.desk, talk.desk.clock.now()
    id_, _, word = said.partition("/")
    if word not in (vouching.YES, vouching.NO):
        raise buttons.old()
    end = await link.decide(desk, id_, caller.by, word == vouching.YES, now, caller.words.language)
    request = end.request
    by = caller.person.name if caller.person else caller.by
    names = link.vouchers(desk, request.person)
    await desk.store.write(lambda tx: vouching.tell(tx, request, names, by, end.linked))
    wanted = Wanted.unpack(request.replay)
    late = wanted is not None and now - wanted.at > FRESH
    await _tell(talk, request, by, wanted if late or not end.linked else None, linked=end.linked)
    return wanted.again(f"replay/{request.id}") if wanted and end.linked and not late else None


async def _tell(talk: Talk, request: Request, by: str, undone: Wanted | None, *, linked: bool) -> None:
    """The asker hears it by direct message, with what was not done because it is too old by now."""
    desk = talk.desk
    person = desk.settings.people.persons.get(request.person)
    w = words.of((person.language if person and linked else None) or desk.settings.slack.language)
    lines = [words.fill(w.link.linked if linked else w.link.refused, person=request.person, voucher=by)]
    if linked and undone is not None:
        minutes = int((desk.clock.now() - undone.at).total_seconds() // 60)
        lines.append(words.fill(w.link.late, what=undone.what, minutes=minutes))
    asked = Asked(vouching.bare(request.slack_user), request.team, request.team, f"linked/{request.id}", "link")
    await talk.answer(asked, _said(lines))


def _free(tx: Tx, talk: Talk, office: Office) -> list[str]:
    """The people of this workspace who have no Slack account yet, one more than can be shown."""
    people = talk.desk.settings.people.persons.values()
    own = sorted(each.name for each in people if each.slack is None and talk.identity.belongs(each.name, office))
    free = (name for name in own if links.of_person(tx, name) is None)
    return [name for name, _ in zip(free, range(CHOICES + 1), strict=False)]


def _drawn(names: list[str], wanted: Wanted | None, admins: str, w: Words) -> Message:
    say = w.link
    lines = [words.fill(say.unknown, what=wanted.what)] if wanted else []
    if not names:
        return _said([*lines, words.fill(say.nobody_left, admins=admins)])
    lines.append(say.who)
    if wanted:
        lines.append(words.fill(say.then, minutes=int(FRESH.total_seconds() // 60)))
    if len(names) > CHOICES:
        lines.append(words.fill(say.more_people, count=CHOICES, admins=admins))
    said = _said(lines)
    return Message(said.text, (*said.blocks, pieces.row(_select(names[:CHOICES], w))))


def _select(names: list[str], w: Words) -> Json:
    say = w.link
    options = [{"text": _plain(name), "value": buttons.encode(Meant(CHOSEN, detail=name))} for name in names]
    return {
        "type": "static_select",
        "action_id": CHOSEN,
        "placeholder": _plain(say.choose),
        "options": options,
        "confirm": pieces.confirm(say.ask, say.ask_whoever, say.ask, say.not_me),
    }


def _plain(text: str) -> Json:
    return {"type": "plain_text", "text": pieces.shorten(text, 75), "emoji": False}


def _said(lines: list[str]) -> Message:
    return Message(pieces.push(" ".join(lines)), (pieces.lines(*([pieces.say(line, 500)] for line in lines)),))


def _apart(asked: Asked) -> Asked:
    """Even what was said aloud is answered for their eyes only: it is about who they are."""
    return replace(asked, via="link")
