"""The steps of a runbook as an incident works them off."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: `text` is Markdown, `number` what it bears in its list, `id` outlives changes of other steps."""

    id: str
    number: int
    section: str
    text: str


@dataclass(frozen=True, slots=True)
class Item:
    """A step, and who ticked it when; None while nobody has, or once it was unticked."""

    step: Step
    ticked_by: str | None = None  #: the person's name
    ticked_at: datetime | None = None
