"""Who may do what to an incident, and why not."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from bot.model.incident import Incident, Phase
from bot.model.people import People
from bot.model.verb import Verb
from bot.model.verdict import Verdict

OPEN_TO_ALL = frozenset({Verb.PAGE, Verb.NOTE})  #: anybody we know may ask for help and say what they know
ENDINGS = frozenset({Verb.RESOLVE, Verb.FALSE_ALARM})
#: What somebody with an old screen would do to an incident that is not what they see.
DECISIVE = frozenset({Verb.ESCALATE, Verb.HAND_OVER, Verb.SNOOZE, Verb.REGRADE, Verb.MERGE, Verb.ATTEND})


def may_respond(
    verb: Verb, incident: Incident, *, person: str | None, responders: Collection[str], seen_version: int | None
) -> Verdict:
    """Whether `person` (None: nobody we know) may do `verb` now, having seen the incident at `seen_version`.

    `seen_version` None means it was typed, not pressed on a card. What is done already is said before staleness:
    a second press of the same button is no fault of its presser.
    """
    if person is None:
        return Verdict.STRANGER
    if not incident.open and verb is not Verb.NOTE:  # what is known of it is worth writing down afterwards, too
        return Verdict.ALREADY if verb in ENDINGS else Verdict.RESOLVED
    answered = incident.phase is not Phase.TRIGGERED and incident.snoozed_until is None
    if verb is Verb.ACKNOWLEDGE and answered and not incident.held_elsewhere:
        return Verdict.ALREADY
    if verb is Verb.ATTEND and person == incident.holder:  # however old the reminder is that they press on
        return Verdict.GO
    if verb not in OPEN_TO_ALL and person not in responders:
        return Verdict.NOT_ALLOWED
    if verb in DECISIVE and seen_version is not None and seen_version < incident.version:
        return Verdict.STALE
    if verb is Verb.ESCALATE and incident.exhausted:
        return Verdict.EXHAUSTED
    return Verdict.GO


def may_hand_over(incident: Incident, persons: Collection[str]) -> Verdict:
    """Whether the incident may go to `persons`, those behind the target; whoever holds it need not be given it."""
    if not persons:
        return Verdict.UNREACHABLE
    return Verdict.ALREADY if incident.holder is not None and set(persons) == {incident.holder} else Verdict.GO


def may_ask(person: str, persons: Collection[str], waiting: Collection[str]) -> Verdict:
    """Whether `person` may have `persons` asked to join, of whom `waiting` were asked a moment ago.

    Nobody can ask themselves: being asked gives the right to respond, and that is another's to give.
    """
    others = set(persons) - {person}
    if not others:
        return Verdict.YOURSELF if persons else Verdict.UNREACHABLE
    return Verdict.GO if others - set(waiting) else Verdict.ALREADY


def may_regrade(incident: Incident, severity: str) -> Verdict:
    """Whether there is anything to change."""
    return Verdict.ALREADY if incident.severity == severity else Verdict.GO


def may_merge(incident: Incident, into: Incident, *, person: str, responders: Collection[str]) -> Verdict:
    """Whether `incident` may become part of `into`, to which `responders` may respond; entities may differ.

    No circle can arise: what was merged is resolved, and nothing becomes part of what is resolved.
    """
    if incident.id == into.id:
        return Verdict.ITSELF
    if not into.open:
        return Verdict.OVER
    return Verdict.GO if person in responders else Verdict.NOT_ALLOWED_THERE


def may_tick(ticked: bool, wanted: bool) -> Verdict:
    """Whether a step of the checklist is not yet as it is wanted."""
    return Verdict.ALREADY if ticked is wanted else Verdict.GO


@dataclass(frozen=True, slots=True)
class Reach:
    """What a silence would hold back, as far as consent asks."""

    everything: bool  #: no alert could escape it
    teams: Collection[str]  #: those whose model or entity it names
    responders: Iterable[Collection[str]]  #: of each open incident whose alerts it hits; read as far as needed, once


def may_silence(person: str | None, reach: Reach, people: People, *, sure: bool) -> Verdict:
    """Whether `person` (None: nobody we know) may make a silence of that reach.

    Admins and the leads of teams may; so may who belongs to a team that it names, and who may respond to every
    incident it hits. One that hits everything is for admins, who say it twice (`sure`).
    """
    if person is None:
        return Verdict.STRANGER
    admin = person in people.admins
    if reach.everything and not admin:
        return Verdict.ADMINS_ONLY
    own = {team.name for team in people.teams.values() if person in (*team.members, team.lead)}
    lead = any(team.lead == person for team in people.teams.values())
    if not (admin or lead or own & set(reach.teams) or _answers(person, reach.responders)):
        return Verdict.NOT_YOURS
    return Verdict.UNSURE if reach.everything and not sure else Verdict.GO


def _answers(person: str, responders: Iterable[Collection[str]]) -> bool:
    """Whether `person` may respond to all of them, and there is one at all."""
    found = False
    for each in responders:
        if person not in each:
            return False
        found = True
    return found


def may_end_silence(person: str | None, *, over: bool) -> Verdict:
    """Whether `person` may end a silence before its time: anybody we know may have alerts heard again."""
    if person is None:
        return Verdict.STRANGER
    return Verdict.ALREADY if over else Verdict.GO


def may_forbid(person: str | None, wardens: Collection[str], *, done: bool) -> Verdict:
    """Whether `person` (None: nobody we know) may lay or lift what forbids changes; `done`: it stands so already."""
    if person is None:
        return Verdict.STRANGER
    if person not in wardens:
        return Verdict.LEADS_ONLY
    return Verdict.ALREADY if done else Verdict.GO
