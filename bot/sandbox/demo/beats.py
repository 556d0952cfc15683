"""What the headless demo has to tell, piece by piece; how it is printed is up to whoever listens."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.sandbox.workspace import Message


@dataclass(frozen=True, slots=True)
class Beat:
    """One thing that happened: its name, when (by the demo's clock), a sentence, and the facts for programs."""

    name: str
    at: datetime
    text: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    message: Message | None = None  #: as it stands in the workspace

    def spelled(self) -> dict[str, Any]:
        """All of it as JSON; of a message, the words a reader sees."""
        told = {"beat": self.name, "at": self.at.isoformat(), "text": self.text, **self.facts}
        return told | ({"shown": self.message.shown} if self.message else {})
