"""How a model is retrained: on which data, how often, by whom, at what price; each run of it; what may be spent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

ENOUGH = "data"  #: what a finding is about that says whether there were rows enough


@dataclass(frozen=True, slots=True)
class Policy:
    """What the estate says about retraining a model; one without a policy is never retrained."""

    window: timedelta = timedelta(days=90)  #: how much data it learns from
    label_delay: timedelta = timedelta(0)  #: how long it takes until what is true is known; newer data is left out
    holdout: timedelta = timedelta(0)  #: the newest data, kept back: what it made is tried on it alone
    cooldown: timedelta = timedelta(days=1)  #: after a run has ended, before the next one may start
    longest: timedelta = timedelta(hours=12)  #: a run that goes on for longer is stopped
    cost: float | None = None  #: of a run, until runs have told; in the currency of the entity's budget
    watch: timedelta = timedelta(days=1)  #: how long what it made is watched once it serves
    connection: str | None = None  #: whose trainer is asked; None: that of the platform
    every: timedelta | None = None  #: how often it is proposed by itself


@dataclass(frozen=True, slots=True)
class Budget:
    """What an entity may spend on retraining in a calendar month of its zone before one more person has to agree."""

    monthly: float
    currency: str = "USD"  #: ISO 4217


class Phase(StrEnum):
    """How far a training has come; its change says what came of it."""

    STARTING = "starting"  #: the platform is being told; whether it took it is not known yet
    TRAINING = "training"
    JUDGING = "judging"  #: its version is compared with the champion, and held against the gate
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the gate wanted, and what was found."""

    what: str
    wanted: str
    got: str
    ok: bool


@dataclass(frozen=True, slots=True)
class Training:
    """One run, by the id of the change that asked for it: how it goes on, what it made, and whether that is fit."""

    id: str  #: CHG-<number>; also the trainer's token. Of a run that is not ours, what its platform calls it
    ended_at: datetime | None = None  #: when the run itself ended; None: it goes on
    done: bool = False  #: it ran through and made a version
    cost: float | None = None  #: what it cost so far; None where its platform does not say
    foreseen: float | None = None  #: what it was expected to cost
    model: str = ""
    entity: str = ""
    connection: str = ""  #: whose trainer runs it
    phase: Phase = Phase.STARTING
    asked_at: datetime | None = None  #: when the platform was first told
    run: str | None = None  #: what the platform calls it; None until it has answered
    going: str = ""  #: as `contract.trainer.Going`, when it was last heard of
    stage: str = ""  #: what it is at, in a few words
    share: float | None = None  #: how much of it is done, 0 to 1
    link: str = ""
    log: str = ""  #: the last lines of its log
    started_at: datetime | None = None
    heard_at: datetime | None = None  #: when its platform last told of it
    version: str | None = None  #: what it made
    metrics: Mapping[str, float] = field(default_factory=dict)  #: as its platform tells them
    trial: str | None = None  #: the trial that compares it with the champion
    passed: bool | None = None  #: whether it passed the gate; None: not judged
    findings: tuple[Finding, ...] = ()  #: the gate's verdict in full
    called_off: str = ""  #: by whom: person:NAME
    called_off_why: str = ""
