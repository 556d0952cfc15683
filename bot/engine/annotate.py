"""Put people's words into an incident's timeline, and take them out again; a timeline is a reading of the log.

A message of the chat stands there once, however many people put it there, until the last of them takes it away.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot import words
from bot.engine import escalate
from bot.engine.desk import Desk
from bot.errors import BadInput
from bot.model.entry import Entry, Sealed
from bot.model.incident import Incident
from bot.model.verdict import Verdict
from bot.model.view import Remark
from bot.rules import written
from bot.store import Tx, incidents, log, noted

LONGEST = 3_000  #: characters of a note that are kept
ADDED, SECONDED, WITHDRAWN, REMOVED = KINDS = ("note.added", "note.seconded", "note.withdrawn", "note.removed")


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody adds; of a message of the chat also where it stands (CHANNEL/TS) and who wrote it."""

    incident: str
    text: str
    by: str  #: slack:USERID or person:NAME
    at: datetime
    via: str  #: command | form | shortcut | reaction | mention | message | cli
    author: str | None = None  #: slack:USERID or person:NAME
    message: str | None = None
    permalink: str | None = None
    language: str = "en"  #: of the sentence in the answer


@dataclass(frozen=True, slots=True)
class Noted:
    """The verdict, its sentence, and the incident whose timeline it is about."""

    verdict: Verdict
    sentence: str
    incident: Incident


async def add(desk: Desk, note: Note) -> Noted:
    """Add it for whoever we know, resolved or not: what was learned is worth keeping. NotFound; BadInput: no words."""
    return await desk.store.write(lambda tx: _add(tx, desk, note))


def _add(tx: Tx, desk: Desk, note: Note) -> Noted:
    incident = incidents.find(tx, note.incident)
    say = words.of(note.language).answer
    person = desk.person(tx, note.by)
    if person is None:
        sentence = say.verdicts.get(Verdict.STRANGER.name, Verdict.STRANGER.sentence)
        return Noted(Verdict.STRANGER, sentence, incident)
    if put(tx, incident, note, person):
        escalate.redraw(tx, incident, tx.now)
        return Noted(Verdict.GO, words.fill(say.noted, incident=incident.id), incident)
    standing = noted.find(tx, note.message or "")
    held = incidents.get(tx, standing.incident) if standing else incident
    return Noted(Verdict.ALREADY, words.fill(say.noted_already, incident=held.id), held)


def put(tx: Tx, incident: Incident, note: Note, person: str) -> bool:
    """The same within a transaction that has judged `person` and redraws by itself; BadInput when there are no words.

    False when the message stands in a timeline already; that `person` wants it there is kept all the same.
    """
    text = written.text(note.text, LONGEST)
    if not text:
        raise BadInput("A note needs words.", "Write what happened, or what you found.")
    after: dict[str, object] = {"via": note.via, "as": note.by}
    if note.message:
        after["message"] = note.message
        if standing := noted.find(tx, note.message):
            _second(tx, standing, note, person, after)
            return False
        noted.add(tx, noted.Standing(note.message, incident.id, (person,)))
    said = {"text": text, "author": note.author, "permalink": note.permalink}
    after |= {name: value for name, value in said.items() if value}
    tx.note(Entry(incident.entity, ADDED, note.at, f"person:{person}", incident.id, after=after))
    return True


def _second(tx: Tx, standing: noted.Standing, note: Note, person: str, after: dict[str, object]) -> None:
    """Somebody else wants the message to stay, too."""
    if person in standing.wanted_by:
        return
    incident = incidents.get(tx, standing.incident)
    noted.want(tx, standing.message, (*standing.wanted_by, person))
    tx.note(Entry(incident.entity, SECONDED, note.at, f"person:{person}", incident.id, after=after))


async def remove(desk: Desk, message: str, by: str, at: datetime, via: str) -> str | None:
    """Whoever put `message` (CHANNEL/TS) into a timeline takes it away; when nobody is left who wants it, it goes.

    The incident it has left; None when it stays, or stood nowhere, or `by` had not put it there.
    """
    return await desk.store.write(lambda tx: _remove(tx, desk, (message, by, at, via)))


def _remove(tx: Tx, desk: Desk, taken: tuple[str, str, datetime, str]) -> str | None:
    message, by, at, via = taken
    standing, person = noted.find(tx, message), desk.person(tx, by)
    if standing is None or person is None or person not in standing.wanted_by:
        return None
    incident = incidents.get(tx, standing.incident)
    left = tuple(name for name in standing.wanted_by if name != person)
    noted.want(tx, message, left)
    after = {"message": message, "via": via, "as": by}
    tx.note(Entry(incident.entity, WITHDRAWN if left else REMOVED, at, f"person:{person}", incident.id, after=after))
    if left:
        return None
    escalate.redraw(tx, incident, tx.now)
    return incident.id


def timeline(sealed: Sequence[Sealed]) -> tuple[Sealed, ...]:
    """What a person reads of `sealed` (oldest first): without notes that were taken out, and who else wanted them."""
    gone = _gone(sealed)
    return tuple(each for each in sealed if each.entry.kind not in KINDS[1:] and each not in gone)


def remarks(tx: Tx, incident: Incident) -> tuple[Remark, ...]:
    """The notes that stand in an incident's timeline, oldest first."""
    return tuple(_remark(each.entry) for each in timeline(log.of_kinds(tx.sql, incident.id, KINDS)))


def _gone(sealed: Iterable[Sealed]) -> list[Sealed]:
    standing: dict[str, Sealed] = {}
    gone = []
    for each in sealed:
        message = str(each.entry.after.get("message", ""))
        if each.entry.kind == ADDED and message:
            standing[message] = each
        elif each.entry.kind == REMOVED and message in standing:
            gone.append(standing.pop(message))
    return gone


def _remark(entry: Entry) -> Remark:
    said = {name: entry.after.get(name) for name in ("author", "message", "permalink")}
    person = entry.actor.removeprefix("person:")
    return Remark(str(entry.after.get("text", "")), person, entry.at, str(entry.after.get("via", "")), **said)
