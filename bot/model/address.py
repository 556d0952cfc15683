"""Where a person is reached beside their chat; an address counts only once its owner has confirmed it by a code."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.model.people import People, Person

#: What each kind of channel needs to know of a person; whatever is not named here needs nothing that can be confirmed.
NEEDS = {"sms": "phone", "call": "phone", "email": "email", "push": "push"}


class Standing(StrEnum):
    """How it stands with an address."""

    ASKED = "asked"  #: a code was sent
    CONFIRMED = "confirmed"
    STOPPED = "stopped"  #: its owner wrote STOP


@dataclass(frozen=True, slots=True)
class Address:
    """One address of a person; the value and the code are kept as digests alone."""

    person: str
    kind: str  #: phone | email | push
    digest: str  #: of the value that was asked about; another one in the configuration begins anew
    standing: Standing
    changed_at: datetime
    code: str = ""  #: digest of the code that was sent
    expires_at: datetime | None = None  #: of that code
    tries: int = 0  #: wrong codes since it was sent
    confirmed_at: datetime | None = None


def value(person: Person, kind: str) -> str | None:
    """The address of that kind; None where the configuration has none."""
    return {"phone": person.phone, "email": person.email, "push": person.push}.get(kind)


def digest(said: str) -> str:
    """What an address, or a code, is kept and compared as."""
    return hashlib.sha256(said.strip().casefold().encode()).hexdigest()


def counting(people: People, confirmed: Collection[tuple[str, str, str]]) -> frozenset[tuple[str, str]]:
    """(person, kind) of each address that was confirmed (person, kind, digest) and is still the configured one."""
    persons = people.persons
    return frozenset(
        (name, kind)
        for name, kind, kept in confirmed
        if name in persons and (said := value(persons[name], kind)) and digest(said) == kept
    )
