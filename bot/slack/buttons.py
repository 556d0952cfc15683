"""What a button carries: which verb, on which incident, and the version its presser saw. Ids only, no state."""

import re
from dataclasses import dataclass

from bot.engine.respond import Verb
from bot.errors import BadInput

FORM = 1  #: grows when the parts change, so that an old button is recognised as old
_INCIDENT = re.compile(r"INC-[0-9]{1,15}")


@dataclass(frozen=True, slots=True)
class Meant:
    """What its presser wants."""

    verb: Verb
    incident: str
    seen_version: int


def encode(meant: Meant) -> str:
    """The value of a button, e.g. `1|acknowledge|INC-7|3`."""
    return f"{FORM}|{meant.verb.value}|{meant.incident}|{meant.seen_version}"


def decode(value: str) -> Meant:
    """The reverse of `encode`; BadInput when the value is none of ours."""
    form, verb, incident, seen = [*value[:200].split("|"), "", "", "", ""][:4]
    known = form == str(FORM) and value.count("|") == 3 and verb in set(Verb)
    if not known or not _INCIDENT.fullmatch(incident) or not re.fullmatch(r"[0-9]{1,9}", seen):
        raise BadInput("This button comes from another version of me.", "Use /incident list, then the newer card.")
    return Meant(Verb(verb), incident, int(seen))
