"""How a model is retrained: on which data, how often, by whom, at what price; and what its entity may spend on it."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Policy:
    """What the estate says about retraining a model; one without a policy is never retrained."""

    window: timedelta = timedelta(days=90)  #: how much data it learns from
    label_delay: timedelta = timedelta(0)  #: how long it takes until what is true is known; newer data is left out
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


@dataclass(frozen=True, slots=True)
class Training:
    """One run, as far as time and money ask."""

    id: str
    ended_at: datetime | None = None  #: None: it goes on
    done: bool = False  #: it ran through and made a version
    cost: float | None = None  #: what it cost so far; None where its platform does not say
    foreseen: float | None = None  #: what it was expected to cost
