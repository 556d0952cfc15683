"""What an evaluator promises: what versions of a model said about the same rows, and what became true of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.contract.plugin import Check


@dataclass(frozen=True, slots=True)
class Asked:
    """Which rows are wanted: those from `start` on and before `end`, by the moment of the prediction."""

    versions: tuple[str, ...]
    start: datetime
    end: datetime
    columns: tuple[str, ...] = ()  #: to tell slices and groups apart
    most: int = 1_000_000  #: rows; where there are more, a fair sample of them


@dataclass(frozen=True, slots=True)
class Scored:
    """Rows in columns, all of one length: numpy arrays or lists.

    `said` has for each version that was asked for what it said of each row: a probability or a score where the
    truth is 0 or 1, a number where it is one; NaN where it said nothing. `truth` is NaN where nobody knows yet.
    """

    at: Sequence[float]  #: seconds since 1970, of the prediction
    truth: Sequence[float]
    said: Mapping[str, Sequence[float]]
    columns: Mapping[str, Sequence[str]] = field(default_factory=dict)
    whole: bool = True  #: not a sample
    how: str = ""  #: where it came from, in one sentence


class Evaluator(Protocol):
    """Built as `Part(settings, context)`; reads, and changes nothing that serves.

    Raises NotFound (no such model or version), Refused (it has no predictions or labels to give), NotDelivered.
    """

    async def scored(self, ref: Mapping[str, str], asked: Asked) -> Scored:
        """The rows; a version that did not serve then is run on the same inputs where the evaluator can."""
        ...

    async def check(self) -> list[Check]:
        """The state of what this part needs, one row for each scope."""
        ...
