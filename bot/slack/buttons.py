"""What a button carries: what its presser wants, of which incident, and the version they saw. Ids only, no state."""

import re
from dataclasses import dataclass

from bot.errors import BadInput

FORM = 2  #: grows when the parts change, so that an old button is recognised as old
LONGEST = 2_000  #: characters Slack takes in the value of a button
_INCIDENT = re.compile(r"(INC-[0-9]{1,15})?")
_VERB = re.compile(r"[a-z][a-z-]{0,39}")
_SEEN = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Meant:
    """What its presser wants: a `Verb`, the name of a form, or another word that `presses` knows.

    `incident` is empty where none is meant; `detail` is what the verb needs besides (a step, minutes, a target).
    """

    verb: str
    incident: str = ""
    seen_version: int = 0
    detail: str = ""


def encode(meant: Meant) -> str:
    """The value of a button, e.g. `2|snooze|INC-7|3|30`; a detail is cut where Slack's limit ends."""
    return f"{FORM}|{meant.verb}|{meant.incident}|{meant.seen_version}|{meant.detail}"[:LONGEST]


def decode(value: str) -> Meant:
    """The reverse of `encode`; BadInput when the value is none of ours, or of a form we no longer write."""
    form, verb, incident, seen, detail = [*value[:LONGEST].split("|", 4), "", "", "", ""][:5]
    known = form == str(FORM) and value.count("|") >= 4
    if not (known and _VERB.fullmatch(verb) and _INCIDENT.fullmatch(incident) and _SEEN.fullmatch(seen)):
        raise old()
    return Meant(verb, incident, int(seen), detail)


def old() -> BadInput:
    """What the presser of a button reads that this version of the bot does not know."""
    return BadInput("This button comes from another version of me.", "Use /incident list, then the newer card.")
