"""What a demo has to tell, piece by piece; how it is drawn is up to whoever listens."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.model.view import View
from bot.sandbox.workspace import Message
from bot.store.log import Broken


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of the narrator: what is about to be done, never what came of it."""

    text: str


@dataclass(frozen=True, slots=True)
class Posted:
    """An alert that was delivered, and the bot's answer to its sender."""

    path: str
    alert: str
    at: datetime  #: when it was sent
    seconds: float  #: until the answer was there
    status: int
    reply: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as it stands in the workspace."""

    place: str
    message: Message


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button somebody pressed: whether the bot acknowledged it, and what it whispered back."""

    button: str
    by: str
    acked: bool
    whispers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ledger:
    """The incident as the store has it: every page with its times, and the log."""

    view: View


@dataclass(frozen=True, slots=True)
class Audited:
    """What `tocsin audit verify` found."""

    entries: int
    broken: tuple[Broken, ...]


Beat = Said | Posted | Shown | Pressed | Ledger | Audited
