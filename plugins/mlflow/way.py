"""What every way to have a training done promises, and what it is given."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from bot.contract import Check


class State(StrEnum):
    """How the work stands, as far as it can be seen without MLflow."""

    UNSEEN = "unseen"  #: nobody can tell from here
    ABSENT = "absent"  #: there certainly is none
    WAITING = "waiting"
    GOING = "going"
    ENDED = "ended"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Seen:
    """The work as it was seen."""

    state: State
    why: str = ""  #: it failed or waits, in one line
    log: str = ""  #: its last lines


@dataclass(frozen=True, slots=True)
class Errand:
    """A training that was claimed: nobody else hands it on."""

    token: str
    run: str  #: its run in MLflow
    model: str  #: the registered model's name
    host: str  #: the machine whose bot claimed it


UNSEEN = Seen(State.UNSEEN)


class Way(Protocol):
    """Has a training done elsewhere."""

    name: str
    again: bool  #: `begin` begins what was begun already no second time, and `look` knows whether it was

    async def begin(self, errand: Errand, variables: Mapping[str, str]) -> dict[str, str]:
        """Begin it; tags for its run. Refused, or NotDelivered with `retry`: certainly nothing was begun."""
        ...

    async def look(self, errand: Errand) -> Seen:
        """How it stands."""
        ...

    async def stop(self, errand: Errand) -> None:
        """Have it ended, as far as that can be done; what has ended stays as it is."""
        ...

    async def check(self) -> list[Check]:
        """Whether it could begin."""
        ...
