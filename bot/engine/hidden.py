"""Leave lines of a timeline out of documents, with a reason: nothing leaves the log, and any line can come back.

What is hidden follows from the entries `entry.hidden` and `entry.shown` alone.
"""

from dataclasses import dataclass
from datetime import datetime

from bot.engine import left_out, timeline
from bot.engine.desk import Desk
from bot.errors import BadInput, NotFound
from bot.model.entry import Entry
from bot.model.incident import Incident
from bot.model.verdict import Verdict
from bot.rules import authorship, written
from bot.store import Tx, incidents

LONGEST, REF = 1_000, 300  # characters of a reason, and of what names a line


@dataclass(frozen=True, slots=True)
class Wish:
    """Which line of which incident, by whom and why; `ref` is SEQ of the incident's own chain, or a `Line.ref`."""

    incident: str
    ref: str
    by: str  #: slack:USERID or person:NAME
    at: datetime
    why: str
    via: str = "cli"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdict, its sentence, the incident, and the line it is about."""

    verdict: Verdict
    sentence: str
    incident: Incident
    ref: str


async def hide(desk: Desk, wish: Wish) -> Outcome:
    """Leave it out of documents from the next refresh on. NotFound; BadInput without a reason."""
    if not written.line(wish.why, LONGEST):
        raise BadInput("Nothing is left out of a document without a reason.", "Say why, with --why.")
    return await desk.store.write(lambda tx: _put(tx, desk, wish, left_out.HIDDEN))


async def show(desk: Desk, wish: Wish) -> Outcome:
    """Have it told again. NotFound."""
    return await desk.store.write(lambda tx: _put(tx, desk, wish, left_out.SHOWN))


def _put(tx: Tx, desk: Desk, wish: Wish, kind: str) -> Outcome:
    incident = incidents.find(tx, wish.incident)
    person = desk.person(tx, wish.by)
    ref = f"{incident.entity}/{wish.ref}" if wish.ref.isdigit() else wish.ref[:REF]
    verdict = authorship.may_write(person, desk.settings.people, desk.owner_team(incident), (incident.holder,))
    if verdict is not Verdict.GO:
        after = {"verb": "hide", "verdict": verdict.name, "via": wish.via, "ref": ref}
        tx.note(Entry(incident.entity, "press.refused", wish.at, wish.by, incident.id, verdict.sentence, after=after))
        return Outcome(verdict, verdict.sentence, incident, ref)
    if all(one.ref != ref for one in timeline.lines_in(tx, desk, incident, every=True)):
        do = f"`tocsin incident timeline {incident.id}` has what to write."
        raise NotFound(f"The timeline of {incident.id} has no line {wish.ref[:60]!r}.", do)
    if (ref in left_out.of(tx, incident)) is (kind == left_out.HIDDEN):
        said = "hidden" if kind == left_out.HIDDEN else "told"
        return Outcome(Verdict.ALREADY, f"{ref} is {said} already.", incident, ref)
    told = {"ref": ref, "via": wish.via, "as": wish.by}
    why = written.line(wish.why, LONGEST)
    tx.note(Entry(incident.entity, kind, wish.at, f"person:{person}", incident.id, why, after=told))
    done = "is left out of documents; it stays in the log" if kind == left_out.HIDDEN else "is told again"
    return Outcome(Verdict.GO, f"{ref} {done}.", incident, ref)
