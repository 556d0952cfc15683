"""The course of the world: what happens to production and when. What comes of it nobody has written down."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.sandbox.estate import agent, churn, delivery, features

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that somebody did, so long after the world began; one with a version is a deploy of its model."""

    after: timedelta
    model: str
    by: str
    summary: str
    version: str | None = None

    @property
    def name(self) -> str:
        """What it is remembered by."""
        return f"{self.model} {self.version}" if self.version else happened(self.model)

    def told(self, at: datetime) -> Json:
        """The change event that whoever did it sends, as PagerDuty's Events API v2 has it, without a routing key."""
        details = {"model": self.model, **({"version": self.version} if self.version else {})}
        payload = {"summary": self.summary, "source": self.by, "timestamp": at.isoformat(), "custom_details": details}
        return {"payload": payload}


def happened(model: str) -> str:
    """What it is remembered by that something happened to a model without a deploy of it."""
    return f"{model} world"


#: What was deployed here nobody had tried out before.
COURSE: Sequence[Event] = (
    Event(timedelta(0), churn.NAME, "marketing", "Every customer was sent a promotion"),
    Event(timedelta(minutes=4), features.NAME, "upstream", "Schema 2: area in square feet, for the London desk", "2"),
    Event(timedelta(minutes=8), agent.NAME, "bo", "Agent 4: prompt tidied up, searches all orders, 40 steps", "4"),
    Event(
        timedelta(minutes=12),
        delivery.NAME,
        "logistics",
        "The carrier reports at last: one hub sorts everything now",
    ),
)
