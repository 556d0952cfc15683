"""Serious incidents: by when a law wants a report, and whether it was made. Flags for legal; gives no legal advice."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.errors import BadMove


@dataclass(frozen=True, slots=True)
class Duty:
    """One report that a regime wants, counted from when somebody became aware."""

    step: str  #: e.g. report
    title: str
    within: timedelta
    source: str = ""  #: the article


@dataclass(frozen=True, slots=True)
class Regime:
    """A set of duties of one law for one kind of incident."""

    name: str  #: e.g. eu-ai-act-death
    title: str
    duties: tuple[Duty, ...]


class Standing(StrEnum):
    """How it stands with one clock."""

    RUNNING = "running"
    MET = "met"
    LATE = "late"  #: made, after it was due
    DROPPED = "dropped"  #: somebody who may said why it does not apply


NEXT: dict[Standing, frozenset[Standing]] = {
    Standing.RUNNING: frozenset({Standing.MET, Standing.LATE, Standing.DROPPED}),
    Standing.MET: frozenset(),
    Standing.LATE: frozenset(),
    Standing.DROPPED: frozenset({Standing.RUNNING}),
}


@dataclass(frozen=True, slots=True)
class Clock:
    """One duty of one incident; there is one for each (incident, regime, step)."""

    incident: str
    regime: str
    step: str
    since: datetime  #: when somebody became aware
    due_at: datetime
    standing: Standing
    by: str  #: who marked it
    why: str
    settled_at: datetime | None = None
    settled_by: str | None = None
    reference: str = ""  #: of the report, in the authority's words
    told: Mapping[str, str] = field(default_factory=dict)  #: which warnings were given, and when


def move(clock: Clock, to: Standing, at: datetime, by: str, reference: str = "") -> Clock:
    """The clock in that standing; BadMove when its own does not allow that."""
    if to not in NEXT[clock.standing]:
        raise BadMove(f"The clock {clock.regime} of {clock.incident} is {clock.standing}, so it cannot become {to}.")
    return replace(clock, standing=to, settled_at=at, settled_by=by, reference=reference or clock.reference)


def _eu(name: str, title: str, days: int) -> Regime:
    duty = Duty("report", "Report to the market surveillance authority", timedelta(days=days), "AI Act, Art. 73")
    return Regime(name, title, (duty,))


#: Those that come with it; `audit.serious` of tocsin.yaml adds to them or takes their place.
REGIMES: tuple[Regime, ...] = (
    _eu("eu-ai-act", "Serious incident of a high-risk AI system", 15),
    _eu("eu-ai-act-death", "Death of a person", 10),
    _eu("eu-ai-act-widespread", "Widespread infringement, or critical infrastructure disrupted", 2),
    Regime(
        "dora",
        "Major ICT-related incident of a financial entity",
        (
            Duty("initial", "Initial notification, once classified as major", timedelta(hours=4), "Art. 19"),
            Duty("aware", "Initial notification (24 h after becoming aware)", timedelta(hours=24), "Art. 19"),
            Duty("intermediate", "Intermediate report", timedelta(hours=72), "Art. 19"),
        ),
    ),
    Regime(
        "nis2",
        "Significant incident of an essential or important entity",
        (
            Duty("warning", "Early warning", timedelta(hours=24), "Art. 23"),
            Duty("notification", "Incident notification", timedelta(hours=72), "Art. 23"),
        ),
    ),
)
