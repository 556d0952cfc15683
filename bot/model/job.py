"""A durable intention with a due time: timer, outbox and work queue in one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any


class Lane(IntEnum):
    """What goes before what; each lane is worked on its own, so none waits for another's destination."""

    PAGE = 0
    STATE = 1
    CARD = 2
    DIGEST = 3


@dataclass(frozen=True, slots=True)
class NewJob:
    """What shall be done, from when on, under a unique key."""

    key: str
    kind: str
    lane: Lane
    due_at: datetime
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed job: `fence` proves the claim, `revision` tells whether it was asked for again meanwhile."""

    id: int
    key: str
    kind: str
    lane: Lane
    due_at: datetime
    payload: Mapping[str, Any]
    fence: int
    revision: int
    attempts: int
    claimed_at: datetime
