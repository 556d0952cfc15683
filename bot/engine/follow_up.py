"""Follow-ups: what shall be done after an incident, by whom, by when; written, taken, done, dropped with a reason.

They belong to the incident, so they may come before its postmortem and go on after it was published.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from bot import documents, words
from bot.engine import follow_up_news, postmortem_news
from bot.engine.desk import Desk
from bot.engine.roster import Asking
from bot.errors import BadInput, NotFound
from bot.model.entry import Entry
from bot.model.postmortem import Doing, FollowUp
from bot.model.verdict import Verdict
from bot.rules import following, written
from bot.store import Tx, follow_ups, incidents

ADDED, MOVED, DONE, DROPPED = (f"follow_up.{verb}" for verb in ("added", "moved", "done", "dropped"))
WHAT, WHY, LINK = 500, 1_000, 500  #: characters that are kept
MOST = 100  #: follow-ups of one incident
ME = ("me", "ben", "bana")


@dataclass(frozen=True, slots=True)
class Wish:
    """What shall be done; `owner` is a name or `me`, `due` is 2026-12-01, or 2w from today; empty: nobody, no day."""

    incident: str
    what: str
    owner: str = ""
    due: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Amended:
    """What of it shall be otherwise; None stays as it is, empty takes away."""

    what: str | None = None
    owner: str | None = None
    due: str | None = None
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The verdict, its sentence, and the follow-up as it is now; None where there is none."""

    verdict: Verdict
    sentence: str
    follow_up: FollowUp | None = None


async def add(desk: Desk, wish: Wish, asking: Asking) -> Answer:
    """Write it down. NotFound: the incident, the owner; BadInput: no words, no day, no address, too many."""
    return await desk.store.write(lambda tx: put(tx, desk, wish, asking))


async def take(desk: Desk, typed: str, asking: Asking) -> Answer:
    """It is theirs from now on. NotFound."""
    return await desk.store.write(lambda tx: _take(tx, desk, typed, asking))


async def amend(desk: Desk, typed: str, amended: Amended, asking: Asking) -> Answer:
    """Say it otherwise: what, whose, by when, its ticket. NotFound; BadInput as in `add`."""
    return await desk.store.write(lambda tx: _amend(tx, desk, typed, amended, asking))


async def done(desk: Desk, typed: str, asking: Asking) -> Answer:
    """It is done. NotFound."""
    return await desk.store.write(lambda tx: _end(tx, desk, typed, (Doing.DONE, ""), asking))


async def drop(desk: Desk, typed: str, why: str, asking: Asking) -> Answer:
    """It will not be done, and why. NotFound; BadInput: no reason."""
    kept = written.text(why, WHY)
    if not kept:
        raise BadInput("Dropping a follow-up needs a reason.", "Say why it need not be done.")
    return await desk.store.write(lambda tx: _end(tx, desk, typed, (Doing.DROPPED, kept), asking))


async def get(desk: Desk, typed: str) -> FollowUp:
    """The one somebody means by FU-7 or 7. NotFound."""
    return await desk.store.read(lambda tx: follow_ups.find(tx, typed))


async def of_incident(desk: Desk, incident: str) -> list[FollowUp]:
    """All of an incident, oldest first. NotFound: the incident."""
    return await desk.store.read(lambda tx: follow_ups.of_incident(tx, incidents.find(tx, incident).id))


async def listing(desk: Desk, limit: int = 50, owner: str | None = None, *, all_: bool = False) -> list[FollowUp]:
    """The open ones, what is due first first; of one person only, if given. `all_`: those that are over, too."""
    return await desk.store.read(lambda tx: follow_ups.listing(tx, limit, owner, all_=all_))


def put(tx: Tx, desk: Desk, wish: Wish, asking: Asking) -> Answer:
    """The same as `add` within a transaction."""
    incident, person = incidents.find(tx, wish.incident), desk.person(tx, asking.by)
    if person is None:
        return _stranger(asking)
    if len(follow_ups.of_incident(tx, incident.id)) >= MOST:
        raise BadInput(f"{incident.id} has {MOST} follow-ups already.", "Finish some of them first.")
    follow_up = FollowUp(
        follow_ups.next_id(tx),
        follow_ups.document(tx, incident.id),
        incident.id,
        _what(wish.what),
        _owner(desk, wish.owner, person),
        _day(desk, wish.due, person, asking.at),
        Doing.OPEN,
        asking.at,
        link=_link(wish.link),
    )
    follow_ups.add(tx, follow_up)
    _note(tx, (ADDED, None, follow_up), person, asking)
    return _stands(tx, desk, follow_up, person, (asking, asking.words.follow_up.added))


def _take(tx: Tx, desk: Desk, typed: str, asking: Asking) -> Answer:
    person = desk.person(tx, asking.by)
    if person is None:
        return _stranger(asking)
    before = follow_ups.find(tx, typed, lock=True)
    if before.standing is Doing.OPEN and before.owner == person:
        return Answer(Verdict.ALREADY, words.fill(asking.words.follow_up.yours_already, follow_up=before.id), before)
    return _moved(tx, desk, before, replace(before, owner=person), (asking, asking.words.follow_up.yours))


def _amend(tx: Tx, desk: Desk, typed: str, amended: Amended, asking: Asking) -> Answer:
    person = desk.person(tx, asking.by)
    if person is None:
        return _stranger(asking)
    before = follow_ups.find(tx, typed, lock=True)
    facts: dict[str, Any] = {}
    if amended.what is not None:
        facts["what"] = _what(amended.what)
    if amended.owner is not None:
        facts["owner"] = _owner(desk, amended.owner, person)
    if amended.due is not None:
        facts["due_at"] = _day(desk, amended.due, person, asking.at)
    if amended.link is not None:
        facts["link"] = _link(amended.link)
    return _moved(tx, desk, before, replace(before, **facts), (asking, asking.words.follow_up.is_moved))


def _moved(tx: Tx, desk: Desk, before: FollowUp, wanted: FollowUp, said: tuple[Asking, str]) -> Answer:
    asking = said[0]
    if before.standing is not Doing.OPEN:
        return _over(before, asking)
    if wanted == before:
        sentence = words.fill(asking.words.follow_up.same_already, follow_up=before.id)
        return Answer(Verdict.ALREADY, sentence, before)
    after = replace(wanted, changed_at=asking.at, version=before.version + 1)
    follow_ups.save(tx, before, after)
    person = str(desk.person(tx, asking.by))
    _note(tx, (MOVED, before, after), person, asking)
    return _stands(tx, desk, after, person if after.owner != before.owner else None, said)


def _end(tx: Tx, desk: Desk, typed: str, how: tuple[Doing, str], asking: Asking) -> Answer:
    person, (standing, why), say = desk.person(tx, asking.by), how, asking.words.follow_up
    if person is None:
        return _stranger(asking)
    before = follow_ups.find(tx, typed, lock=True)
    if before.standing is not Doing.OPEN:
        return _over(before, asking)
    after = replace(before, standing=standing, changed_at=asking.at, version=before.version + 1)
    follow_ups.save(tx, before, after)
    _note(tx, (DONE if standing is Doing.DONE else DROPPED, before, after), person, asking, why)
    postmortem_news.redraw(tx, after.incident)
    template = say.is_done if standing is Doing.DONE else say.is_dropped
    return Answer(Verdict.GO, words.fill(template, follow_up=after.id, what=after.what, why=why), after)


def _stands(tx: Tx, desk: Desk, follow_up: FollowUp, by: str | None, said: tuple[Asking, str]) -> Answer:
    """It is as wanted: its owner hears of it where somebody else (`by`) gave it to them, its bell is set anew."""
    asking, template = said
    if by and follow_up.owner and follow_up.owner != by:
        follow_up_news.given(tx, desk, follow_up, by)
    follow_up_news.set_bell(tx, desk, follow_up)
    postmortem_news.redraw(tx, follow_up.incident)
    parts = follow_up_news.parts(follow_up, asking.words)
    return Answer(Verdict.GO, words.fill(template, **parts), follow_up)


def _stranger(asking: Asking) -> Answer:
    said = asking.words.answer.verdicts.get(Verdict.STRANGER.name, Verdict.STRANGER.sentence)
    return Answer(Verdict.STRANGER, said)


def _over(follow_up: FollowUp, asking: Asking) -> Answer:
    say = asking.words.follow_up
    standing = follow_up_news.standing(follow_up, asking.words)
    said = words.fill(say.over_already, follow_up=follow_up.id, standing=standing)
    return Answer(Verdict.ALREADY, said, follow_up)


def _what(typed: str) -> str:
    kept = written.line(typed, WHAT)
    if not kept:
        raise BadInput("A follow-up needs words.", "Say what shall be done.")
    return kept


def _owner(desk: Desk, typed: str, me: str) -> str | None:
    name, persons = typed.strip().removeprefix("@").removeprefix("person:"), desk.settings.people.persons
    if not name:
        return None
    if name.casefold() in ME and name not in persons:
        return me
    if name not in persons:
        near = documents.closest(name[:80], persons)
        raise NotFound(f"There is nobody called {name[:80]!r}.", near or "See config/people.yaml.")
    return name


def _day(desk: Desk, typed: str, me: str, now: datetime) -> datetime | None:
    return following.day(typed, desk.settings.people.persons[me].timezone, now) if typed.strip() else None


def _link(typed: str) -> str:
    """The address of a ticket; BadInput for one that a browser would not open."""
    said = typed.strip()
    parts = urlsplit(said) if said and len(said) <= LINK and not any(map(str.isspace, said)) else None
    if said and (parts is None or parts.scheme not in ("http", "https") or not parts.netloc):
        raise BadInput(f"{said[:80]!r} is no address of a ticket.", "Write it as https://…")
    return said


def _note(tx: Tx, told: tuple[str, FollowUp | None, FollowUp], person: str, asking: Asking, why: str = "") -> None:
    kind, before, after = told
    chain = incidents.get(tx, after.incident).entity
    facts = {"incident": after.incident, "postmortem": after.postmortem, "via": asking.via, "as": asking.by}
    was = {} if before is None else _facts(before)
    tx.note(Entry(chain, kind, asking.at, f"person:{person}", after.id, why, was, _facts(after) | facts))


def _facts(follow_up: FollowUp) -> dict[str, Any]:
    due = follow_up.due_at.date().isoformat() if follow_up.due_at else None
    said = {"what": follow_up.what, "owner": follow_up.owner, "due": due, "link": follow_up.link}
    return said | {"standing": follow_up.standing.value}
