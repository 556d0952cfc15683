"""What an alert means beside what is known of its problem: new, a repeat, a resolve, or nothing."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.model.alert import Alert, Status


class Meaning(StrEnum):
    """What to do with an alert."""

    NEW = "new"
    REPEAT = "repeat"
    RESOLVE = "resolved"
    DROP = "dropped"


@dataclass(frozen=True, slots=True)
class Known:
    """The newest episode of a problem."""

    started_at: datetime
    firing: bool
    evaluated_at: datetime | None = None  #: of its last breach, where its monitor says


def judge(alert: Alert, known: Known | None) -> tuple[Meaning, str]:
    """The meaning and its reason.

    Fails open: when in doubt whether something fires, it does. A resolve counts once for each episode; one of
    something unknown, or older than what is known, is dropped; so is one that rests on no newer evaluation than the
    last breach. `no_data` never resolves.
    """
    if alert.status is Status.FIRING:
        return _firing(alert, known)
    if alert.status is Status.NO_DATA:
        return (
            (Meaning.REPEAT, "no data is not a resolve")
            if known and known.firing
            else (Meaning.DROP, "no data, nothing fires")
        )
    if known is None:
        return Meaning.DROP, "a resolve of something unknown"
    if not known.firing:
        return Meaning.DROP, "it is resolved already"
    if alert.started_at < known.started_at and not alert.started_inferred:
        return Meaning.DROP, "a resolve of an earlier episode"
    looked = alert.evaluated_at or alert.ended_at
    if looked is not None and known.evaluated_at is not None and looked <= known.evaluated_at:
        return Meaning.DROP, "no newer evaluation than the last breach"
    return Meaning.RESOLVE, "the monitor says that it is over"


def _firing(alert: Alert, known: Known | None) -> tuple[Meaning, str]:
    if known is None:
        return Meaning.NEW, "first seen"
    if known.firing:
        if alert.started_at <= known.started_at or alert.started_inferred:
            return Meaning.REPEAT, "it fires already"
        return Meaning.NEW, "a new episode began before the last one was resolved"
    if alert.started_at < known.started_at:
        return Meaning.DROP, "older than the last episode, which is resolved"
    # The same start after a resolve: Alertmanager does this when its feed broke off for a while.
    return Meaning.NEW, "it fires again"
