"""A postmortem: drafted from the log, written on by people, reviewed, published; and what shall be done after it."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.errors import BadMove


class Standing(StrEnum):
    """How far a postmortem has come."""

    DRAFT = "draft"
    REVIEW = "in review"
    PUBLISHED = "published"


NEXT: dict[Standing, frozenset[Standing]] = {
    Standing.DRAFT: frozenset({Standing.REVIEW, Standing.PUBLISHED}),
    Standing.REVIEW: frozenset({Standing.DRAFT, Standing.PUBLISHED}),
    Standing.PUBLISHED: frozenset({Standing.DRAFT}),  #: to be corrected; every version is in the log
}


@dataclass(frozen=True, slots=True)
class Postmortem:
    """The one of an incident. `text` is Markdown in which what the bot owns stands between marks."""

    id: str  #: PM-<number>
    incident: str
    entity: str
    title: str
    standing: Standing
    text: str
    owner: str | None
    created_at: datetime
    changed_at: datetime
    version: int = 1
    due_at: datetime | None = None
    published_at: datetime | None = None
    reminded_at: datetime | None = None


def move(postmortem: Postmortem, to: Standing, at: datetime, **facts: Any) -> Postmortem:
    """The postmortem in that standing; BadMove when its own does not allow that."""
    if to not in NEXT[postmortem.standing]:
        raise BadMove(f"{postmortem.id} is {postmortem.standing}, so it cannot become {to}.")
    return replace(postmortem, standing=to, changed_at=at, version=postmortem.version + 1, **facts)


class Doing(StrEnum):
    """How it stands with a follow-up."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Something that shall be done after an incident, by somebody, by a day."""

    id: str  #: FU-<number>
    postmortem: str
    incident: str
    what: str
    owner: str | None
    due_at: datetime | None
    standing: Doing
    changed_at: datetime
    version: int = 1
    link: str = ""  #: a ticket
    reminded_at: datetime | None = None


class Sent(StrEnum):
    """How it stands with a document at one destination."""

    OWED = "owed"
    DONE = "done"
    FAILED = "failed"  #: it is not tried again by itself


@dataclass(frozen=True, slots=True)
class Export:
    """A document at one destination; there is one for each (document, connection)."""

    document: str  #: PM-7
    connection: str
    standing: Sent
    version: int  #: of the document
    changed_at: datetime
    attempts: int = 0
    reference: str = ""  #: what finds it there again
    link: str = ""
    failure: str = ""
