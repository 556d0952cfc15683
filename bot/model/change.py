"""A typed act on production: what exactly shall happen, who agreed, how far it has come, and how it ended."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import orjson

from bot.errors import BadMove


class Lever(StrEnum):
    """What can be done to a model or agent."""

    ROLLBACK = "rollback"
    PROMOTE = "promote"
    SHIFT = "shift"  #: another split of the traffic
    PAUSE = "pause"
    RESUME = "resume"
    RETRAIN = "retrain"  #: nothing that serves is changed by it


class Lock(StrEnum):
    """What an open change of a model keeps other changes of it away from."""

    SERVING = "serving"
    TRAINING = "training"


#: What can be offered by a platform; the others are a trainer's.
SWITCHES = frozenset(Lever) - {Lever.RETRAIN}


class Step(StrEnum):
    """How far a change has come."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    APPLYING = "applying"
    VERIFYING = "verifying"
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"  #: nobody can say what came of it: a human looks
    REJECTED = "rejected"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


NEXT: dict[Step, frozenset[Step]] = {
    Step.PROPOSED: frozenset({Step.APPROVED, Step.REJECTED, Step.EXPIRED, Step.WITHDRAWN}),
    Step.APPROVED: frozenset({Step.APPLYING, Step.EXPIRED, Step.WITHDRAWN}),
    Step.APPLYING: frozenset({Step.VERIFYING, Step.FAILED, Step.UNKNOWN}),
    Step.VERIFYING: frozenset({Step.DONE, Step.FAILED, Step.UNKNOWN}),
    Step.DONE: frozenset(),
    Step.FAILED: frozenset(),
    #: once a human, or the platform, has said; a run that was found again goes on
    Step.UNKNOWN: frozenset({Step.VERIFYING, Step.DONE, Step.FAILED}),
    Step.REJECTED: frozenset(),
    Step.EXPIRED: frozenset(),
    Step.WITHDRAWN: frozenset(),
}
OPEN = frozenset({Step.PROPOSED, Step.APPROVED, Step.APPLYING, Step.VERIFYING, Step.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Serving:
    """What a platform serves under one reference: shares of the traffic by version, and whatever restores it whole."""

    split: Mapping[str, float]  #: version -> share in percent; nothing at all serves when it is empty
    paused: bool = False
    raw: Mapping[str, Any] = field(default_factory=dict)  #: the platform's own state, enough to put it back
    guard: str | None = None  #: the platform's mark of this state (an etag, a resource version); None: it has none

    @property
    def version(self) -> str | None:
        """The version that has all of the traffic; None where it is split, or nothing serves."""
        return next(iter(self.split)) if len(self.split) == 1 else None

    def same(self, other: "Serving") -> bool:
        """Whether people and programs are served the same."""
        return dict(self.split) == dict(other.split) and self.paused == other.paused

    def spelled(self) -> dict[str, Any]:
        """All of it as JSON; `read` makes the same of it again."""
        return {"split": dict(self.split), "paused": self.paused, "raw": dict(self.raw), "guard": self.guard}

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> "Serving":
        """What was `spelled` so."""
        return cls(**said)


@dataclass(frozen=True, slots=True)
class Plan:
    """The exact act that is agreed to; any difference makes another digest, and needs another approval."""

    lever: Lever
    model: str
    connection: str
    ref: Mapping[str, str]  #: how the platform names it
    before: Serving
    after: Serving
    why_after: str  #: why that version: asked for, or last known good and how that is known
    effect: str  #: what will be different, in one sentence
    warnings: tuple[str, ...] = ()
    runbook: str = ""
    revision: str = ""
    verify_within: timedelta = timedelta(minutes=10)
    metric: str | None = None  #: which measure must recover
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def lock(self) -> Lock:
        """What it needs for itself: while a model is trained, what serves can be changed."""
        return Lock.TRAINING if self.lever is Lever.RETRAIN else Lock.SERVING

    @property
    def digest(self) -> str:
        """SHA-256 over all of it, in hexadecimal: what an approval binds to."""
        return hashlib.sha256(orjson.dumps(self.spelled(), option=orjson.OPT_SORT_KEYS)).hexdigest()

    def spelled(self) -> dict[str, Any]:
        """All of it as JSON; `read` makes the same plan of it again."""
        said = {f.name: getattr(self, f.name) for f in fields(self)}
        both = {name: said[name].spelled() for name in ("before", "after")}
        plain = {"lever": self.lever.value, "verify_within": self.verify_within.total_seconds()}
        lists = {"warnings": list(self.warnings), "ref": dict(self.ref), "parameters": dict(self.parameters)}
        return {**said, **both, **plain, **lists}

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> "Plan":
        """The plan that was `spelled` so."""
        both = {name: Serving.read(said[name]) for name in ("before", "after")}
        plain = {"lever": Lever(said["lever"]), "verify_within": timedelta(seconds=said["verify_within"])}
        return cls(**{**said, **both, **plain, "warnings": tuple(said["warnings"])})


@dataclass(frozen=True, slots=True)
class Agreement:
    """One person's yes to exactly this plan."""

    by: str  #: the person
    as_: str  #: the account they used: slack:USERID or person:NAME
    at: datetime
    digest: str
    via: str


@dataclass(frozen=True, slots=True)
class Change:
    """A plan on its way through people and the platform."""

    id: str  #: CHG-<number>; also the platform's idempotency key
    plan: Plan
    step: Step
    entity: str
    requested_by: str
    requested_at: datetime
    why: str
    needs: int  #: how many must agree who are not the requester
    expires_at: datetime
    changed_at: datetime
    version: int = 1
    incident: str | None = None
    agreements: tuple[Agreement, ...] = ()
    undoes: str | None = None  #: the change it takes back
    follows: str | None = None  #: the change it came of by itself: a retrain's promotion, the next step of a canary
    glass: str = ""  #: why nobody was asked, where policy lets one break the glass
    outcome: str = ""  #: how it ended, in one sentence
    seen: Serving | None = None  #: what was last seen to serve
    deadline: datetime | None = None  #: until when it must be seen

    @property
    def open(self) -> bool:
        """Not at its end: it holds the lock on its model."""
        return self.step in OPEN

    @property
    def serves(self) -> bool:
        """It was seen to serve and is only watched on: it need not stand in the way of the next one."""
        return self.step is Step.VERIFYING and self.seen is not None


def move(change: Change, to: Step, at: datetime, **facts: Any) -> Change:
    """The change at step `to`; BadMove when its step does not allow that."""
    if to not in NEXT[change.step]:
        raise BadMove(f"{change.id} is {change.step}, so it cannot become {to}.")
    return replace(change, step=to, changed_at=at, version=change.version + 1, **facts)
