"""Addresses count only once their owner has sent back the code that went there; STOP ends that, START revives it."""

import hmac
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot import words
from bot.contract.pager import CHANNELS, Note, Teller
from bot.engine import escalate
from bot.engine.desk import Desk, Way
from bot.errors import NotDelivered, NotFound, PluginFault, Refused
from bot.model import address
from bot.model.address import Address, Standing
from bot.model.entry import Context, Entry
from bot.model.people import Person
from bot.store import Tx, addresses, jobs, seen
from bot.words import Words

KINDS = tuple(dict.fromkeys(address.NEEDS.values()))
GOOD = timedelta(minutes=10)  # how long a code can be sent back
AGAIN = timedelta(minutes=1)  # until a second one is sent: a form is drawn twice, and people press twice
TRIES = 5  # wrong codes that end it: of a million codes that is nobody's luck
MOST, SPAN = 3, timedelta(hours=1)  # codes to one address: whoever asks for more floods somebody, or pays for it
_MINUTES = int(GOOD.total_seconds()) // 60


@dataclass(frozen=True, slots=True)
class Said:
    """What came of an answer: whether it was done, and the sentence for whoever sent it."""

    ok: bool
    sentence: str


async def ask(desk: Desk, person: str, kind: str, by: str, at: datetime) -> str:
    """Send a code to the address of that kind (phone, email, push, or a channel that needs one); what to do with it.

    Within a minute no second one is sent. NotFound: nobody is called that. Refused: it is confirmed, was stopped,
    nothing can carry the code, `by` is neither they themselves nor their lead nor an admin, or three codes were sent
    there within the hour. NotDelivered, PluginFault: the channel did not take it.
    """
    known, kind = _known(desk, person), address.NEEDS.get(kind, kind)
    said = address.value(known, kind)
    if kind not in KINDS:
        raise Refused(f"{kind[:20]} needs no confirming.", f"One of {', '.join(KINDS)} can be asked.")
    if not said:
        raise Refused(f"{person} has no {kind[:20]} in config/people.yaml.", f"One of {', '.join(KINDS)} can be asked.")
    name, way = _teller(desk, kind)
    code = f"{secrets.randbelow(10**6):06d}"
    told = words.fill(_words(desk, known).confirming.asked, to=masked(kind, said), way=name, minutes=_MINUTES)
    if not await desk.store.write(lambda tx: _keep(tx, desk, (known, kind, name), code, (by, at))):
        return told
    text = words.fill(_words(desk, known).confirming.note, code=code, minutes=_MINUTES)
    note = Note(f"code/{person}/{kind}/{at.isoformat()}", known, text, at)
    teller: Teller = way.pager  # type: ignore[assignment]  # it says that it tells
    try:
        await way.guard.call("pager", lambda: teller.tell(note))
    except (NotDelivered, PluginFault):
        await desk.store.write(lambda tx: _unsent(tx, known, kind))
        raise
    return told


def _keep(tx: Tx, desk: Desk, whom: tuple[Person, str, str], code: str, word: tuple[str, datetime]) -> bool:
    """Put down that a code is on its way; False where one is that was sent just now. Refused where none may be."""
    (person, kind, way), (by, at) = whom, word
    _may_ask(tx, desk, person, by)
    said = address.value(person, kind) or ""
    before = _current(addresses.get(tx, person.name, kind, lock=True), said)
    if before is not None and before.standing is Standing.CONFIRMED:
        raise Refused(f"{person.name} has confirmed {masked(kind, said)} already.", "Nothing is left to do.")
    if before is not None and before.standing is Standing.STOPPED:
        raise Refused(f"STOP came from {masked(kind, said)}.", "START from there brings pages back.")
    if before is not None and before.code and before.expires_at and at < before.expires_at - GOOD + AGAIN:
        return False
    slots = [f"code/{person.name}/{kind}/{address.digest(said)[:16]}/{number}" for number in range(MOST)]
    if not any(seen.first(tx, slot, at + SPAN) for slot in slots):
        again = min(filter(None, (seen.until(tx, slot) for slot in slots)), default=at + SPAN)
        when = f"Try again after {again:%H:%M} UTC, or use the code that came last."
        raise Refused(f"{MOST} codes were sent to {masked(kind, said)} within the hour.", when)
    asked = Address(person.name, kind, address.digest(said), Standing.ASKED, at, address.digest(code), at + GOOD)
    addresses.put(tx, asked)
    _note(tx, "address.asked", asked, said, by=by, via=way)
    jobs.put(tx, escalate.homes(tx.now))
    return True


def _unsent(tx: Tx, person: Person, kind: str) -> None:
    """The code did not go out, so it is worth nothing."""
    row = addresses.get(tx, person.name, kind, lock=True)
    if row is not None and row.standing is Standing.ASKED:
        addresses.put(tx, replace(row, code="", expires_at=None))


async def confirm(desk: Desk, person: str, code: str, by: str, at: datetime, kind: str | None = None) -> str:
    """The code that came to one of their addresses (of that kind, where given) was sent back; that address counts now.

    NotFound: nobody is called that. Refused: `by` is somebody else; none was sent; it is wrong (five wrong ones end
    it), or has run out.
    """
    known = _known(desk, person)

    def prove(tx: Tx) -> Said:
        if desk.person(tx, by) != person:
            raise Refused(f"Only {person} can confirm an address of theirs.", "The code proves that pages reach them.")
        return proven(tx, desk, [(known, one) for one in KINDS if kind in (None, one)], code, "typed", at)

    said = await desk.store.write(prove)
    if not said.ok:
        raise Refused(said.sentence)
    return said.sentence


def proven(tx: Tx, desk: Desk, whose: Iterable[tuple[Person, str]], code: str, via: str, at: datetime) -> Said:
    """Confirm whichever of these (person, kind) the code was sent to; a wrong one counts against each of them."""
    asked = list(_asked(tx, whose))
    pending = [(row, person) for row, person in asked if row.code and row.expires_at and row.expires_at > at]
    given = address.digest(code)
    for row, person in pending:
        if hmac.compare_digest(row.code, given):
            said = address.value(person, row.kind) or ""
            after = replace(row, standing=Standing.CONFIRMED, changed_at=at, code="", expires_at=None, confirmed_at=at)
            addresses.put(tx, after)
            _note(tx, "address.confirmed", after, said, by=f"person:{person.name}", via=via)
            jobs.put(tx, escalate.homes(tx.now))
            say = _words(desk, person).confirming
            return Said(True, words.fill(say.confirmed, to=masked(row.kind, said)))
    return _wrong(tx, desk, asked, pending, at)


def _wrong(
    tx: Tx, desk: Desk, asked: list[tuple[Address, Person]], pending: list[tuple[Address, Person]], at: datetime
) -> Said:
    say = words.of(desk.settings.slack.language).confirming if not asked else _words(desk, asked[0][1]).confirming
    if not pending:
        return Said(False, say.expired if any(row.code for row, _ in asked) else say.none)
    left = TRIES
    for row, _ in pending:
        tries = row.tries + 1
        left = min(left, TRIES - tries)
        ended = tries >= TRIES
        addresses.put(tx, replace(row, tries=tries, code="" if ended else row.code, changed_at=at))
    return Said(False, words.fill(say.wrong, left=left) if left > 0 else say.ended)


def stop(tx: Tx, desk: Desk, kind: str, said: str, via: str, at: datetime) -> list[Person]:
    """STOP came from this address: it is not used any more, whoever has it, and they and their leads are told of it."""
    found = holders(tx, desk, kind, said)
    for person in found:
        before = _current(addresses.get(tx, person.name, kind, lock=True), said)
        if before is not None and before.standing is Standing.STOPPED:
            continue
        kept = before.confirmed_at if before else None
        after = Address(person.name, kind, address.digest(said), Standing.STOPPED, at, confirmed_at=kept)
        addresses.put(tx, after)
        _note(tx, "address.stopped", after, said, by=f"person:{person.name}", via=via)
        _tell(tx, desk, person, "told_stopped", masked(kind, said), at)
    return found


def start(tx: Tx, desk: Desk, kind: str, said: str, via: str, at: datetime) -> list[tuple[Person, bool]]:
    """START came from this address: whoever has it, and whether it counts again, which it does if it ever did."""
    found = []
    for person in holders(tx, desk, kind, said):
        before = _current(addresses.get(tx, person.name, kind, lock=True), said)
        counts = before is not None and before.confirmed_at is not None
        if before is not None and before.standing is Standing.STOPPED:
            after = replace(before, standing=Standing.CONFIRMED if counts else Standing.ASKED, changed_at=at)
            addresses.put(tx, after)
            _note(tx, "address.started", after, said, by=f"person:{person.name}", via=via)
            if counts:
                _tell(tx, desk, person, "told_started", masked(kind, said), at)
        found.append((person, counts))
    return found


def holders(tx: Tx, desk: Desk, kind: str, said: str) -> list[Person]:
    """Everybody whose configured address of that kind is this one, confirmed or not."""
    wanted, people = address.digest(said), desk.people(tx).persons.values()
    return [one for one in people if (own := address.value(one, kind)) and address.digest(own) == wanted]


def confirmed_by(tx: Tx, desk: Desk, kind: str, said: str) -> list[Person]:
    """Everybody who has confirmed that this address is theirs, and still has it."""
    rows = {row.person: row.standing for row in addresses.of_digest(tx, kind, address.digest(said))}
    return [one for one in holders(tx, desk, kind, said) if rows.get(one.name) is Standing.CONFIRMED]


@dataclass(frozen=True, slots=True)
class Reached:
    """One way of a person: `standing` is fine (needs no confirming), confirmed, asked, unconfirmed, stopped, missing
    (no address) or absent (nothing here sends by it); `to` is as much of the address as may be shown."""

    person: str
    channel: str
    kind: str
    standing: str
    to: str = ""

    @property
    def counts(self) -> bool:
        """Pages go there."""
        return self.standing in ("fine", "confirmed")


def listing(tx: Tx, desk: Desk, persons: Iterable[str] | None = None) -> list[Reached]:
    """Each way of everybody (of `persons`, where given), in the order in which it would wake them."""
    rows = {(row.person, row.kind): row for row in addresses.listing(tx)}
    people = desk.people(tx).persons
    return [
        _reached(desk, people[name], channel, rows)
        for name in (people if persons is None else persons)
        if name in people
        for channel in dict.fromkeys(step.channel for urgency in ("high", "low") for step in people[name].ways(urgency))
    ]


def _reached(desk: Desk, person: Person, channel: str, rows: dict[tuple[str, str], Address]) -> Reached:
    way = desk.ways.get(channel)
    kind = address.NEEDS.get(way.kind, "") if way else ""
    if way is None:
        return Reached(person.name, channel, "", "absent")
    if not kind:
        known = channel != "slack" or person.slack or person.email
        return Reached(person.name, channel, "", "fine" if known else "missing")
    said = address.value(person, kind)
    if not said:
        return Reached(person.name, channel, kind, "missing")
    row = _current(rows.get((person.name, kind)), said)
    return Reached(person.name, channel, kind, row.standing.value if row else "unconfirmed", masked(kind, said))


def masked(kind: str, said: str) -> str:
    """As much of an address as may stand in a log or on a screen."""
    said = said.strip()
    if kind == "phone":
        return f"…{said[-2:]}"
    name, at, domain = said.rpartition("@")
    return f"{name[:1]}…@{domain}" if at else f"{said[:1]}…"


def _known(desk: Desk, person: str) -> Person:
    known = desk.settings.people.persons.get(person)
    if known is None:
        raise NotFound(f"There is nobody called {person[:40]!r}.", "Name somebody from config/people.yaml.")
    return known


def _teller(desk: Desk, kind: str) -> tuple[str, Way]:
    """The channel that carries a code to an address of that kind, one to be read before one to be heard. Refused."""
    able = [
        (CHANNELS.index(way.kind), name, way)
        for name, way in desk.ways.items()
        if address.NEEDS.get(way.kind) == kind and getattr(way.pager, "tells", False)
    ]
    if not able:
        raise Refused(f"Nothing here can send a code to a {kind}.", "Connect a plugin that can, in config/tocsin.yaml.")
    _, name, way = min(able, key=lambda one: one[0])
    return name, way


def _may_ask(tx: Tx, desk: Desk, person: Person, by: str) -> None:
    """Refused unless it is theirs, or they answer for that person."""
    people = desk.settings.people
    if desk.person(tx, by) not in (person.name, *people.leads(person.name), *people.admins):
        raise Refused(f"You may not have a code sent to {person.name}.", "They may, their lead, and the admins.")


def _asked(tx: Tx, whose: Iterable[tuple[Person, str]]) -> Iterator[tuple[Address, Person]]:
    """Those of them that wait for a code, and are still in the configuration as they were asked about."""
    for person, kind in whose:
        said = address.value(person, kind)
        row = addresses.get(tx, person.name, kind, lock=True) if said else None
        if row is not None and said and _current(row, said) and row.standing is Standing.ASKED:
            yield row, person


def _current(row: Address | None, said: str) -> Address | None:
    """What is known of this very address; another one in the configuration begins anew."""
    return row if row is not None and row.digest == address.digest(said) else None


def _tell(tx: Tx, desk: Desk, person: Person, sentence: str, to: str, at: datetime) -> None:
    """They and their leads read of it in the chat, which does not depend on that address."""
    for name in dict.fromkeys((person.name, *desk.settings.people.leads(person.name))):
        reader = desk.settings.people.persons.get(name)
        said = getattr(_words(desk, reader).confirming, sentence)
        text = words.fill(said, person=person.name, to=to)
        escalate.owe(tx, f"{sentence}/{person.name}/{name}/{at.isoformat()}", f"person:{name}", text, at)
    jobs.put(tx, escalate.homes(tx.now))


def _words(desk: Desk, person: Person | None) -> Words:
    return words.of((person.language if person else None) or desk.settings.slack.language)


def _note(tx: Tx, kind: str, row: Address, said: str, *, by: str, via: str) -> None:
    after = {"kind": row.kind, "to": masked(row.kind, said), "via": via}
    whose = f"person:{row.person}"
    context = Context(behalf="" if by == whose else whose)
    tx.note(Entry("tocsin", kind, row.changed_at, by, whose, after=after, context=context))
