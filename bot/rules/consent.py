"""Who may do what to an incident, and why not."""

from collections.abc import Collection

from bot.model.incident import Incident, Phase
from bot.model.verdict import Verdict

ACKNOWLEDGE = "acknowledge"
ESCALATE = "escalate"
RESOLVE = "resolve"


def may_respond(
    verb: str, incident: Incident, *, person: str | None, responders: Collection[str], seen_version: int | None
) -> Verdict:
    """Whether `person` (None: nobody we know) may do `verb` now, having seen the incident at `seen_version`.

    `seen_version` None means it was typed, not pressed on a card. What is done already is said before staleness:
    a second press of the same button is no fault of its presser.
    """
    if person is None:
        return Verdict.STRANGER
    if not incident.open:
        return Verdict.ALREADY if verb == RESOLVE else Verdict.RESOLVED
    if verb == ACKNOWLEDGE and incident.phase is not Phase.TRIGGERED:
        return Verdict.ALREADY
    if person not in responders:
        return Verdict.NOT_ALLOWED
    if verb == ESCALATE:
        if seen_version is not None and seen_version < incident.version:
            return Verdict.STALE
        if incident.exhausted:
            return Verdict.EXHAUSTED
    return Verdict.GO
