"""What an exporter promises: a document stands where people read, once, and the same one is brought up to date."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.contract.plugin import Check


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a document, which names it as `![alt](name)`."""

    name: str  #: a file name: letters, digits, `-`, `_`, ending in .png
    png: bytes = field(repr=False)
    alt: str = ""  #: the finding, as a sentence


@dataclass(frozen=True, slots=True)
class Document:
    """One version of a document; its words may come from alerts and people, so all of it is data."""

    id: str  #: the same for every version, e.g. PM-7; letters, digits and `-`
    version: int
    title: str
    incident: str
    entity: str
    at: datetime  #: when it was last changed
    markdown: str  #: CommonMark with tables
    html: str  #: the same, self-contained, pictures within
    pictures: tuple[Picture, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)  #: severity, model, team ...
    reference: str = ""  #: what `put` returned for the version before; empty: it was never there, or nobody knows


@dataclass(frozen=True, slots=True)
class Exported:
    """Where it stands now."""

    reference: str  #: what finds it again, in the exporter's own terms
    link: str = ""  #: where people open it


class Exporter(Protocol):
    """Puts documents somewhere; what somebody else wrote there beside ours stays."""

    async def put(self, document: Document) -> Exported:
        """Let the document stand there as it is; raise NotDelivered (its `retry` tells whether to try again).

        It may be asked for again, also after an attempt whose outcome nobody knows: look for `document.id` first where
        `reference` is empty, so that there is never a second copy.
        """
        ...

    async def check(self) -> list[Check]:
        """The state of what this part needs, one row for each scope."""
        ...
