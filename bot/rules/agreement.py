"""Who may decide about a change, and when enough people have agreed: never fewer than it needs, never its requester."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.model.change import Change, Lever, Step
from bot.model.ticket import Ticket
from bot.model.verdict import Verdict

AGREE, REJECT, WITHDRAW = VERBS = ("agree", "reject", "withdraw")
AUTOMATION: Final = "tocsin"  #: the requester of what no person asked for
SHORTEST = 8  #: characters of a digest that people type in place of all of it
_COUNTS = {"none": 0, "one": 1, "two": 2}
#: Runbooks name the levers an on-call engineer pulls; the others are the same act another way round.
_SAME_AS = {Lever.SHIFT: Lever.PROMOTE, Lever.RESUME: Lever.PAUSE}


@dataclass(frozen=True, slots=True)
class Ballot:
    """What somebody decides, and what they saw when they did."""

    verb: str  #: one of VERBS
    person: str | None  #: None: nobody we know
    at: datetime
    digest: str | None = None  #: of the plan they saw; None: they typed no more than the change
    pressed: bool = False  #: by a button, which is worth no more than its ticket
    ticket: Ticket | None = None


def action_name(lever: Lever) -> str:
    """Under which name runbooks speak of the lever."""
    return _SAME_AS.get(lever, lever).value


def needed(approval: str, least: str, *, alone: bool) -> int:
    """How many must agree who are not the requester: what the runbook or the model's criticality asks, if that is more.

    `alone`: the requester is on a tier that may pull the lever, which is all that approval `tier` asks.
    """
    asked = (0 if alone else 1) if approval == "tier" else _COUNTS[approval]
    return max(asked, _COUNTS[least])


def may_propose(person: str | None, entitled: Collection[str]) -> Verdict:
    """Whether `person` (None: nobody we know) may propose a change of what `entitled` answer for."""
    if person is None:
        return Verdict.STRANGER
    return Verdict.GO if person == AUTOMATION or person in entitled else Verdict.NOT_YOUR_MODEL


def may_decide(ballot: Ballot, change: Change, approvers: Collection[str]) -> Verdict:
    """Whether the ballot counts, with `approvers` as they are now; that it is over is said before what is wrong."""
    if ballot.person is None:
        return Verdict.STRANGER
    if ballot.verb not in VERBS or (ballot.pressed and not _worth(ballot, change)):
        return Verdict.WORTHLESS
    if (over := _over(ballot, change)) is not None:
        return over
    if ballot.ticket is not None and ballot.ticket.used_at is not None:
        return Verdict.USED
    if not _saw(ballot, change):
        return Verdict.PLAN_STALE
    if change.step is Step.PROPOSED and ballot.at >= change.expires_at:
        return Verdict.EXPIRED
    return _may(ballot, change, approvers)


def agreed(change: Change, approvers: Collection[str]) -> frozenset[str]:
    """The people whose agreement counts: to exactly this plan, by those who still may, and never the requester's."""
    plan = change.plan.digest
    return frozenset(
        one.by
        for one in change.agreements
        if one.digest == plan and one.by in approvers and one.by != change.requested_by
    )


def _worth(ballot: Ballot, change: Change) -> bool:
    ticket = ballot.ticket
    return ticket is not None and ticket.change == change.id and ticket.verb == ballot.verb


def _over(ballot: Ballot, change: Change) -> Verdict | None:
    """Whether there is nothing left to decide."""
    if ballot.verb == AGREE and any(one.by == ballot.person for one in change.agreements):
        return Verdict.ALREADY
    still = (Step.PROPOSED, Step.APPROVED) if ballot.verb == WITHDRAW else (Step.PROPOSED,)
    if change.step in still:
        return None
    return Verdict.EXPIRED if change.step is Step.EXPIRED else Verdict.DECIDED


def _saw(ballot: Ballot, change: Change) -> bool:
    """Whether it is this very plan they decide about."""
    seen = ballot.ticket.digest if ballot.ticket else ballot.digest
    if seen is None:
        return True
    plan = change.plan.digest
    return plan == seen or (ballot.ticket is None and len(seen) >= SHORTEST and plan.startswith(seen.lower()))


def _may(ballot: Ballot, change: Change, approvers: Collection[str]) -> Verdict:
    own = ballot.person == change.requested_by
    if ballot.verb == WITHDRAW:
        return Verdict.GO if own or ballot.person in approvers else Verdict.NOT_YOURS_TO_WITHDRAW
    if own:
        return Verdict.SAME_PERSON
    if not set(approvers) - {change.requested_by}:
        return Verdict.NO_APPROVERS
    return Verdict.GO if ballot.person in approvers else Verdict.NOT_AN_APPROVER
