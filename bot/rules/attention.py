"""Whether whoever holds an incident is still at it: when they are asked, and when it is taken back from them."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot import documents
from bot.model.incident import Incident, Phase, move

NEVER = timedelta(0)


@dataclass(frozen=True, slots=True)
class Later:
    """There is nothing to do before `at`; `asked` is since when an answer is waited for, where one is."""

    at: datetime
    asked: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """Its holder is to be asked now; without an answer it goes back at `back_at` (None: never)."""

    why: str
    back_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class GiveBack:
    """It is to be unanswered again, now."""

    why: str


Decision = Later | Ask | GiveBack | None


def watched(incident: Incident) -> bool:
    """Whether a person of ours has it in hand, and its policy wants them asked."""
    held = incident.holder is not None and not incident.held_elsewhere
    return incident.phase is Phase.ACKNOWLEDGED and held and incident.policy.remind > NEVER


def due(incident: Incident, last: datetime) -> datetime | None:
    """When its holder, who last did something about it at `last`, is asked; None: not at all.

    A snooze counts until its end: nobody is to be at it before.
    """
    if not watched(incident):
        return None
    return max(last, incident.snoozed_until or last) + incident.policy.remind


def decide(
    incident: Incident, last: datetime, asked: datetime | None, now: datetime, *, rested: datetime | None = None
) -> Decision:
    """What is to be done at `now` about an incident whose holder last did something about it at `last`.

    `asked`: since when they are asked and have not answered; `rested`: until when they are not to be disturbed with
    what is not urgent. None: it is in nobody's hands, or nobody is to be asked.
    """
    first = due(incident, last)
    if first is None:
        return None
    if asked is not None and last < asked:
        return _unanswered(incident, asked, now)
    if first > now:
        return Later(first)
    if incident.calm_since:  # nothing fires, and it ends by itself
        return Later(now + incident.policy.remind)
    if incident.policy.urgency != "high" and rested is not None and rested > now:
        return Later(rested)
    back = now + incident.policy.give_back if _returns(incident) else None
    return Ask(f"{incident.holder} has done nothing about it for {documents.written(now - last)}.", back)


def returned(incident: Incident, at: datetime) -> Incident:
    """The incident in nobody's hands, placed before the first stage of its start tier, which fires next."""
    start = {"tier": incident.policy.start, "round": 0, "stage": -1, "loops": 0, "exhausted": False}
    mine = {"holder": None, "snoozed_until": None, "attended_at": None}
    return replace(move(incident, Phase.TRIGGERED, at), **start, **mine)  # type: ignore[arg-type]


def _returns(incident: Incident) -> bool:
    return incident.policy.urgency == "high" and incident.policy.give_back > NEVER


def _unanswered(incident: Incident, asked: datetime, now: datetime) -> Decision:
    """They were asked and have not answered: what is urgent goes back, with the rest a sign of life is waited for."""
    policy = incident.policy
    if not _returns(incident):
        return Later(now + policy.remind, asked)
    if asked + policy.give_back > now:
        return Later(asked + policy.give_back, asked)
    waited = documents.written(policy.give_back)
    return GiveBack(f"{incident.holder} was asked whether they are at it, and did not answer for {waited}.")
