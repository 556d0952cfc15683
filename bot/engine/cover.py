"""Ask for cover or a swap: offered to everybody who could take the shift, and the first to accept has it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.engine import cover_news, roster, rota_news
from bot.engine.desk import Desk
from bot.engine.roster import Asking
from bot.engine.rota_news import Told
from bot.model.cover import Request, Standing, move
from bot.model.entry import Context, Entry
from bot.model.job import Job
from bot.model.rota import Amendment, Override, Rota
from bot.model.verdict import Verdict
from bot.rules import rota as rota_rule
from bot.rules import standin, written
from bot.rules.standin import Clash, Span
from bot.store import Tx, covers, overrides

KIND = cover_news.KIND


@dataclass(frozen=True, slots=True)
class CoverWish:
    """Whose shift is to be taken; with `in_return` a swap: whoever accepts is on call then, and gives that for it."""

    rota: str
    person: str
    start: datetime
    end: datetime
    in_return: tuple[datetime, datetime] | None = None
    why: str = ""
    language: str = "en"  #: of the answer
    timezone: str = ""  #: of times without one; empty: the rota's


@dataclass(frozen=True, slots=True)
class Answer:
    """The verdict, its sentence, and the wish as it is now; None where there is none."""

    verdict: Verdict
    sentence: str
    request: Request | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What its presser had before them: which version of the wish (None: it was typed), and in which language."""

    version: int | None = None
    language: str = "en"


UNSEEN = Seen()


async def ask(desk: Desk, wish: CoverWish, by: str, at: datetime, via: str) -> Answer:
    """Offer it to everybody who could take it, if the rules consent. A refusal is an entry, too. NotFound: the rota."""
    rota, asking = roster.find(desk, wish.rota), Asking(by, at, via, wish.language)
    return await desk.store.write(lambda tx: _ask(tx, desk, rota, wish, asking))


async def accept(desk: Desk, typed: str, by: str, at: datetime, via: str, seen: Seen = UNSEEN) -> Answer:
    """Take the shift: the first to accept has it, all others hear who. STALE where another version was seen.

    The change of the rota, of a swap both, is made in the same transaction. NotFound.
    """
    asking = Asking(by, at, via, seen.language)
    return await desk.store.write(lambda tx: _accept(tx, desk, typed, asking, seen.version))


async def withdraw(desk: Desk, typed: str, by: str, at: datetime, via: str, seen: Seen = UNSEEN) -> Answer:
    """Ask nobody any more; whose shift it is keeps it. STALE where another version was seen. NotFound."""
    asking = Asking(by, at, via, seen.language)
    return await desk.store.write(lambda tx: _withdraw(tx, desk, typed, asking, seen.version))


async def standing(desk: Desk) -> list[Request]:
    """Those that nobody has taken yet, in the order of their starts."""
    return await desk.store.read(covers.standing)


async def listing(desk: Desk, limit: int = 50) -> list[Request]:
    """The newest, newest first."""
    return await desk.store.read(lambda tx: covers.listing(tx, limit))


async def get(desk: Desk, typed: str) -> Request:
    """The one somebody means by CVR-7 or 7. NotFound."""
    return await desk.store.read(lambda tx: covers.find(tx, typed))


# Asking


def _ask(tx: Tx, desk: Desk, rota: Rota, wish: CoverWish, asking: Asking) -> Answer:
    overrides.lock(tx)  # whoever asks for the same at this moment waits, and then hears of it
    person, people = desk.person(tx, asking.by), desk.settings.people
    verdict = standin.may_amend(person, rota, people, own=person == wish.person)
    draft, wrong = _draft(desk, rota, wish, asking, person)
    if verdict is Verdict.GO and wrong is None:
        wrong = _hindrance(tx, desk, rota, draft)
    if wrong and verdict is Verdict.GO:
        verdict = Verdict.NOT_POSSIBLE
    if verdict is not Verdict.GO:
        return _refused(tx, desk, rota, draft, asking, (verdict, _why(verdict, wrong, rota, asking)))
    request = replace(draft, id=covers.next_id(tx))
    covers.add(tx, request)
    _note(tx, desk, rota, "cover.asked", request, asking)
    names = able(tx, desk, rota, request)
    cover_news.asked(tx, request)
    told = {"request": request.id, "names": ", ".join(names), "who": request.person}
    sentence = rota_news.filled(asking.words.roster.asked, rota.timezone, **told)
    return Answer(Verdict.GO, sentence, request)


def _draft(desk: Desk, rota: Rota, wish: CoverWish, asking: Asking, person: str | None) -> tuple[Request, Clash | None]:
    """The wish as a request without its number; and why its spans cannot be."""
    zone, at = wish.timezone or rota.timezone, asking.at
    span, wrong = roster.spanned((wish.start, wish.end), zone, at)
    back = None
    if wish.in_return and wrong is None:
        back, wrong = roster.spanned(wish.in_return, zone, at)
        if wrong is None and back.start < span.end and span.start < back.end:
            wrong = Clash("same_time")
    who = written.line(wish.person, roster.NAME)
    offered = tuple(name for name in standin.crew(rota, desk.settings.people) if name != who)
    by = f"person:{person}" if person else asking.by
    made = Request("cover", rota.name, who, *span, by, at, Standing.OPEN, at, offered=offered)
    return replace(made, in_return=back and (back.start, back.end), why=written.text(wish.why, roster.WHY)), wrong


def _hindrance(tx: Tx, desk: Desk, rota: Rota, draft: Request) -> Clash | None:
    """Why nobody can be asked; None where somebody can."""
    found = _changes(tx, desk, draft)
    half, *_ = _halves(draft, draft.offered[0] if draft.offered else "nobody")
    persons, who = desk.settings.people.persons, draft.person
    if who not in persons:
        return standin.clashes(replace(half, person=who, replaces=None), rota, found, persons, draft.asked_at)[0]
    span = Span(draft.start, draft.end)
    if wrong := standin.twice(half, found) or standin.on_call_in(who, rota, span, found) or _asked(tx, draft):
        return wrong
    if draft.in_return and (wrong := standin.cannot_take(who, rota, Span(*draft.in_return), found)):
        return wrong
    if not draft.offered:
        return Clash("nobody_to_ask", {"rota": rota.name})
    if able(tx, desk, rota, draft):
        return None
    if draft.in_return:
        start, end = draft.in_return
        return Clash("nobody_to_swap", {"rota": rota.name, "start": start, "end": end})
    return Clash("nobody_able", {"rota": rota.name, "names": ", ".join(draft.offered)})


def _asked(tx: Tx, draft: Request) -> Clash | None:
    """The wish that is open already for the same shift."""
    for one in covers.standing(tx):
        same = (one.rota, one.person) == (draft.rota, draft.person) and one.id != draft.id
        if same and one.start < draft.end and one.end > draft.start:
            return Clash("asked_already", {"request": one.id, "start": one.start, "end": one.end})
    return None


def able(tx: Tx, desk: Desk, rota: Rota, request: Request) -> list[str]:
    """Those of the offered who could take it as things stand."""
    found = _changes(tx, desk, request)
    return [name for name in request.offered if next(_unable(name, rota, request, found), None) is None]


def _unable(who: str, rota: Rota, request: Request, found: Sequence[Override]) -> Iterator[Clash]:
    """Why `who` cannot take the shift: on call then anyhow, away, or with nothing to give for it."""
    if wrong := standin.cannot_take(who, rota, Span(request.start, request.end), found):
        yield wrong
    if request.in_return and (wrong := standin.on_call_in(who, rota, Span(*request.in_return), found)):
        yield wrong


# Taking


def _accept(tx: Tx, desk: Desk, typed: str, asking: Asking, seen: int | None) -> Answer:
    overrides.lock(tx)
    request = covers.find(tx, typed, lock=True)
    rota, person = roster.known(desk, request.rota), desk.person(tx, asking.by)
    found = _changes(tx, desk, request)
    if (no := _settled(request, rota, person, asking, seen)) or (no := _no(desk, rota, request, person, asking, found)):
        return _refused(tx, desk, rota, request, asking, no)
    taker = person or ""
    made: list[Override] = []
    for half in _halves(request, taker):
        against = standin.clashes(half, rota, [*found, *made], desk.settings.people.persons, asking.at)
        if against:
            sentence = rota_news.clash(against[0], asking.words, rota.timezone)
            return _refused(tx, desk, rota, request, asking, (Verdict.NOT_POSSIBLE, sentence))
        made.append(half)
    made = [roster.make(tx, desk, rota, half, asking) for half in made]
    ids = tuple(one.id for one in made)
    taken = move(request, Standing.TAKEN, asking.at, taken_by=taker, overrides=ids)
    covers.save(tx, request, taken)
    _note(tx, desk, rota, "cover.taken", taken, asking)
    end = max(one.end for one in made) + standin.AROUND
    before, after = (rota_rule.shifts(rota, asking.at, end, each) for each in (found, [*found, *made]))
    told = Told(f"{request.id}/taken", lambda w, zone: cover_news.taken(taken, w, zone))
    rota_news.tell(tx, desk, rota, standin.moved(before, after), told)
    cover_news.redraw(tx, taken)
    return Answer(Verdict.GO, cover_news.taken(taken, asking.words, rota.timezone), taken)


def _settled(
    request: Request, rota: Rota, person: str | None, asking: Asking, seen: int | None
) -> tuple[Verdict, str] | None:
    """Why nothing can be done to the wish any more, by anybody; None where it is open and as it was seen."""
    say = asking.words.roster
    told = {"request": request.id, "taker": request.taken_by, "start": request.start}
    given, template = {
        Standing.TAKEN: (Verdict.ALREADY, say.yours_already if person == request.taken_by else say.taken_already),
        Standing.WITHDRAWN: (Verdict.DECIDED, say.withdrawn_already),
        Standing.PAST: (Verdict.EXPIRED, say.begun_already),
        Standing.OPEN: (Verdict.GO, ""),
    }[request.standing]
    if person is None:
        return Verdict.STRANGER, roster.verdict(Verdict.STRANGER, asking.words)
    if given is Verdict.GO and asking.at >= request.start:
        given, template = Verdict.EXPIRED, say.begun_already
    if given is Verdict.GO and seen is not None and seen != request.version:
        given, template = Verdict.STALE, say.offer_changed
    return None if given is Verdict.GO else (given, rota_news.filled(template, rota.timezone, **told))


def _no(
    desk: Desk, rota: Rota, request: Request, person: str | None, asking: Asking, found: Sequence[Override]
) -> tuple[Verdict, str] | None:
    """Why this very person cannot take it."""
    who, say = person or "", asking.words.roster
    if who == request.person:
        return Verdict.NOT_POSSIBLE, say.your_own
    if who not in (*request.offered, *standin.crew(rota, desk.settings.people)):
        return Verdict.NOT_ALLOWED, say.not_asked
    wrong = next(_unable(who, rota, request, found), None)
    return (Verdict.NOT_POSSIBLE, rota_news.clash(wrong, asking.words, rota.timezone)) if wrong else None


def _halves(request: Request, taker: str) -> list[Override]:
    """What changes when `taker` accepts: they stand in, and in a swap so does whose shift it was."""
    why = f"{request.id} {request.why}".strip()
    first = Override(
        "planned", request.rota, Amendment.OVERRIDE, request.start, request.end, taker, request.person, taker, why
    )
    if request.in_return is None:
        return [first]
    start, end = request.in_return
    return [first, replace(first, start=start, end=end, person=request.person, replaces=taker)]


# Ending


def _withdraw(tx: Tx, desk: Desk, typed: str, asking: Asking, seen: int | None) -> Answer:
    overrides.lock(tx)
    request = covers.find(tx, typed, lock=True)
    rota, person = roster.known(desk, request.rota), desk.person(tx, asking.by)
    own = f"person:{person}" in (request.asked_by, f"person:{request.person}")
    verdict = standin.may_amend(person, rota, desk.settings.people, own=own)
    if verdict is not Verdict.GO:
        return _refused(tx, desk, rota, request, asking, (verdict, roster.verdict(verdict, asking.words)))
    if no := _settled(request, rota, person, asking, seen):
        return _refused(tx, desk, rota, request, asking, no)
    gone = move(request, Standing.WITHDRAWN, asking.at)
    covers.save(tx, request, gone)
    _note(tx, desk, rota, "cover.withdrawn", gone, asking)
    if person != request.person:
        told = Told(f"{gone.id}/withdrawn", lambda w, zone: cover_news.withdrawn(gone, w, zone))
        rota_news.write(tx, desk, [gone.person], told)
    cover_news.redraw(tx, gone)
    return Answer(Verdict.GO, cover_news.withdrawn(gone, asking.words, rota.timezone), gone)


def ring(tx: Tx, desk: Desk, job: Job) -> None:
    """Remind of a wish that nobody has taken, or, once its shift has begun, say that nobody did."""
    request = covers.get(tx, str(job.payload["request"]), lock=True)
    if request.standing is not Standing.OPEN:
        return
    rota = roster.known(desk, request.rota)
    found = _changes(tx, desk, request)
    tocsin = Asking("tocsin", tx.now, "clock", desk.settings.slack.language)
    if moot := standin.on_call_in(request.person, rota, Span(request.start, request.end), found):
        gone = move(request, Standing.WITHDRAWN, tx.now)
        _end(tx, desk, rota, (request, gone, "cover.withdrawn"), tocsin)
        cover_news.moot(tx, desk, gone, moot)
    elif tx.now >= request.start:
        past = move(request, Standing.PAST, tx.now)
        _end(tx, desk, rota, (request, past, "cover.past"), tocsin)
        cover_news.past(tx, desk, rota, past)
    elif not cover_news.late(request, job, tx.now):
        cover_news.remind(tx, desk, rota, job.key, (request, able(tx, desk, rota, request)))


def _end(tx: Tx, desk: Desk, rota: Rota, moved: tuple[Request, Request, str], asking: Asking) -> None:
    before, after, kind = moved
    covers.save(tx, before, after)
    _note(tx, desk, rota, kind, after, asking)
    cover_news.redraw(tx, after)


# What all of them need


def _changes(tx: Tx, desk: Desk, request: Request) -> list[Override]:
    """What changes the rota by hand around both spans of the wish, and where the nearest shifts are looked for."""
    moments = (request.start, request.end, *(request.in_return or ()))
    return roster.changes(tx, desk, min(moments) - standin.AROUND, max(moments) + standin.NEXT)


def _why(verdict: Verdict, wrong: Clash | None, rota: Rota, asking: Asking) -> str:
    if verdict is Verdict.NOT_POSSIBLE and wrong:
        return rota_news.clash(wrong, asking.words, rota.timezone)
    return roster.verdict(verdict, asking.words)


def _refused(tx: Tx, desk: Desk, rota: Rota, request: Request, asking: Asking, said: tuple[Verdict, str]) -> Answer:
    given, sentence = said
    _note(tx, desk, rota, "cover.refused", replace(request, why=sentence), asking, verdict=given.name)
    return Answer(given, sentence, request if request.id != "cover" else None)


def _note(tx: Tx, desk: Desk, rota: Rota, kind: str, request: Request, asking: Asking, **more: Any) -> None:
    person = desk.person(tx, asking.by)
    about = {
        "rota": request.rota,
        "person": request.person,
        "start": request.start.isoformat(),
        "end": request.end.isoformat(),
        "in_return": [one.isoformat() for one in request.in_return] if request.in_return else None,
        "offered": list(request.offered),
        "taken_by": request.taken_by,
        "overrides": list(request.overrides),
        "via": asking.via,
        "as": asking.by,
        **more,
    }
    actor = f"person:{person}" if person else asking.by
    chain = rota_news.chain(desk, rota)
    whose = f"person:{request.person}"
    context = Context(behalf="" if actor == whose else whose)
    tx.note(Entry(chain, kind, asking.at, actor, request.id, request.why, after=about, context=context))
