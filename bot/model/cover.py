"""A wish that somebody else takes a shift: offered to a team, taken by the first to accept, or swapped for another."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.errors import BadMove


class Standing(StrEnum):
    """How it stands with the wish."""

    OPEN = "open"
    TAKEN = "taken"
    WITHDRAWN = "withdrawn"
    PAST = "past"  #: its shift began, and nobody had taken it


@dataclass(frozen=True, slots=True)
class Request:
    """One wish for cover; with `in_return` a swap: whoever takes the one gives the other."""

    id: str  #: CVR-<number>
    rota: str
    person: str  #: whose shift it is
    start: datetime
    end: datetime
    asked_by: str  #: person:NAME
    asked_at: datetime
    standing: Standing
    changed_at: datetime
    version: int = 1
    offered: tuple[str, ...] = ()  #: to whom; the first of them to accept has it
    in_return: tuple[datetime, datetime] | None = None  #: the span that `person` takes from whoever accepts
    why: str = ""
    taken_by: str | None = None
    overrides: tuple[str, ...] = ()  #: the ids of what came of it


def move(request: Request, to: Standing, at: datetime, **facts: Any) -> Request:
    """The wish as it stands then; BadMove once it is not open any more."""
    if request.standing is not Standing.OPEN:
        raise BadMove(f"{request.id} is {request.standing}, so it cannot become {to}.")
    return replace(request, standing=to, changed_at=at, version=request.version + 1, **facts)
