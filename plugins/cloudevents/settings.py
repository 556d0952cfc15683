"""What a connection of CloudEvents may be told: which types are alerts, and where their parts stand."""

import re

from pydantic import ConfigDict, Field, field_validator

from bot.contract import ConnectionSettings, Kind, Status
from bot.contract.mapping import AlertFields, AnyPick, KindMap, StatusMap, Strict

PARTS = ("model", "version", "environment", "entity", "feature", "segment")  #: what a subject may hold
_HOLE = re.compile(r"\{([^{}]*)\}")


class TypeRule(Strict):
    """What events of a type are."""

    kind: Kind | None = None
    status: Status | None = None
    ignore: bool = False


class EventFields(AlertFields):
    """Where the parts of an alert stand: `$` is the event's data, `$$` the whole event."""

    problem: AnyPick | None = None


class CloudEventsSettings(ConnectionSettings):
    """How to read the events; without `types`, those whose type speaks of trouble are alerts."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    types: dict[str, TypeRule] = Field(default_factory=dict)
    subject: str = "{model}"
    fields: EventFields = EventFields()
    status_map: StatusMap = Field(default_factory=dict)
    kind_map: KindMap = Field(default_factory=dict)
    origins: tuple[str, ...] = ()

    @field_validator("subject")
    @classmethod
    def _readable(cls, given: str) -> str:
        names = _HOLE.findall(given)
        if strange := [name for name in names if name not in PARTS]:
            raise ValueError(f"a subject holds {', '.join(PARTS)}, not {strange[0][:40]}")
        if len(set(names)) < len(names) or "}{" in given:
            raise ValueError("write each part once, with something between two of them, as in models/{model}/{feature}")
        return given

    def subject_pattern(self) -> re.Pattern[str]:
        """What a subject must look like, its parts as named groups; the last of them takes what is left."""
        pieces = _HOLE.split(self.subject)
        last = len(pieces) - 2
        groups = [
            (f"(?P<{piece}>.+)" if at == last else f"(?P<{piece}>[^/]+?)") if at % 2 else re.escape(piece)
            for at, piece in enumerate(pieces)
        ]
        return re.compile("".join(groups), re.DOTALL)
