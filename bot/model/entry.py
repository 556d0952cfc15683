"""One line of the append-only log: who did what to what, when, why, before and after."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Step(StrEnum):
    """Which of the three records of one act an entry is; they share an action id."""

    FACT = "fact"  #: nobody asked and nobody decided: it happened
    REQUEST = "request"
    DECISION = "decision"  #: denials, too
    RESULT = "result"


@dataclass(frozen=True, slots=True)
class Context:
    """What an auditor asks of an entry beside who, what, when and why; empty is not known, or does not apply."""

    action: str = ""  #: what request, decision and result have in common, e.g. CHG-7
    step: Step = Step.FACT
    identity: str = ""  #: who stood at the door, before it was mapped to the actor, e.g. slack:U01ADA
    method: str = ""  #: how that was made sure of: slack | command line | secret | web
    behalf: str = ""  #: for whom it was done, where that is not the actor
    role: str = ""  #: as what they were allowed to: approver, holder, owner, warden ...
    policy: str = ""  #: the digest of the configuration and the runbooks that were in force
    seen: str = ""  #: SHA-256 of the exact text that was before them when they decided
    automation: bool = False  #: no human did it
    clock: str = ""  #: where `at` comes from: whose clock was read
    version: str = ""  #: of Tocsin


NO_CONTEXT = Context()  #: of an entry whose writer knows no more than what it is stamped with


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact, before it has its place in the chain.

    `at` is when it happened; when it was recorded is added by the log. `actor` is `person:NAME`, `slack:USERID`,
    `connection:NAME` or `tocsin` (automation).
    """

    chain: str  #: the entity, or `tocsin` for what belongs to none
    kind: str  #: noun.verb-in-past-tense, e.g. incident.opened
    at: datetime
    actor: str
    subject: str  #: what it was done to, e.g. INC-7
    why: str = ""
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    context: Context = NO_CONTEXT


@dataclass(frozen=True, slots=True)
class Sealed:
    """An entry in its place: its number, when it was recorded, and the hashes that chain it."""

    entry: Entry
    seq: int
    recorded_at: datetime
    previous: str
    hash: str
    form: int = 2  #: by which rule it was sealed: one of `bot.model.seal`
    commitment: str = ""  #: what the seal holds of what the entry says; empty in form 1, whose seal holds it itself
    salt: str = ""  #: what the commitment was made with; empty in form 1
    erased: str = ""  #: where some of what it said was erased: the entry that says so, as CHAIN/SEQ
