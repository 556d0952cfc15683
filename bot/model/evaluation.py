"""One look of a monitor at one problem."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Evaluation:
    """When it looked, and whether it saw a breach."""

    at: datetime
    breached: bool


History = tuple[Evaluation, ...]  #: of one problem, oldest first
