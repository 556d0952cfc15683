"""Changes of production as drawings see them, at every step there is."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.model.change import Agreement, Change, Lever, Plan, Serving, Step
from bot.model.entry import Entry
from bot.model.people import Person
from bot.slack.change_card import Shown
from tests.unit.seen import ADA, BO, NOW

CY = Person("cy", slack="U01CY")
SEVEN, SIX = Serving({"7": 100.0}, guard="g7"), Serving({"6": 100.0})
PLAN = Plan(
    Lever.ROLLBACK,
    "churn",
    "registry",
    {"name": "churn"},
    SEVEN,
    SIX,
    why_after="6 served from 11-20 03:38 until 11-23 01:38 without an incident, by our own ledger.",
    effect="churn will serve 6 in place of 7.",
    warnings=("The signature of 6 differs from that of 7.",),
    runbook="feature-drift",
    revision="r1",
    metric="auc",
    parameters={"version": "6"},
)
TICKETS = {"agree": "t-agree", "reject": "t-reject", "withdraw": "t-withdraw"}


def change(**more: Any) -> Change:
    """Ada asked for a rollback of churn, and one other must agree."""
    facts: dict[str, Any] = {
        "id": "CHG-3",
        "plan": PLAN,
        "step": Step.PROPOSED,
        "entity": "retail",
        "requested_by": "ada",
        "requested_at": NOW,
        "why": "accuracy fell by half",
        "needs": 1,
        "expires_at": NOW + timedelta(hours=1),
        "changed_at": NOW,
        "incident": "INC-7",
    }
    return Change(**(facts | more))


def entry(kind: str, by: str = "tocsin", why: str = "", minutes: int = 1, **after: Any) -> Entry:
    """A line of the log about it."""
    return Entry("retail", kind, NOW + timedelta(minutes=minutes), by, "CHG-3", why, after=after)


PROPOSED = entry("change.proposed", "person:ada", "accuracy fell by half", 0)
AGREED = entry("change.agreed", "person:bo")
FROZEN = entry("evidence.frozen", minutes=2, alerts_total=3, predictions={"estimate": 48_000, "how": "a count"})
APPLYING = entry("change.applying", minutes=2)
YES = (Agreement("bo", "slack:U01BO", NOW, PLAN.digest, "button"),)
INCIDENT = "[SEV2] churn v7: psi of age 0.31 (threshold > 0.2)"


def shown(trail: tuple[Entry, ...] = (), tickets: Any = None, **more: Any) -> Shown:
    """What its card is drawn from."""
    return Shown(change(**more), (BO, CY), tickets or {}, (PROPOSED, *trail), INCIDENT)


def over(step: Step, outcome: str, *trail: Entry, **more: Any) -> Shown:
    """At its end."""
    facts = {"step": step, "outcome": outcome, "agreements": YES} | more
    return replace(shown((AGREED, FROZEN, APPLYING, *trail), **facts), approvers=())


def done(recovery: str | None) -> Shown:
    """Seen to serve, with what that did."""
    ended = entry("change.done", why="It was seen to serve 6.", minutes=4, recovery=recovery)
    return over(Step.DONE, "It was seen to serve 6.", ended, seen=SIX)


SHARED = {"7": 90.0, "6": 10.0}
SPLIT = replace(PLAN, lever=Lever.SHIFT, after=Serving(SHARED), parameters={"split": SHARED})
CARDS: dict[str, Shown] = {
    "proposed": shown(tickets=TICKETS),
    "proposed_two": shown(tickets=TICKETS, needs=2, incident=None),
    "proposed_nobody": replace(shown(tickets=TICKETS), approvers=()),
    "half_agreed": shown((AGREED,), TICKETS, needs=2, agreements=YES),
    "approved": shown((AGREED,), {"withdraw": "t-withdraw"}, step=Step.APPROVED, agreements=YES),
    "glass": shown(step=Step.APPLYING, needs=0, glass="nobody answers, and it costs us customers"),
    "applying": over(Step.APPLYING, ""),
    "verifying": over(Step.VERIFYING, "", deadline=NOW + timedelta(minutes=12)),
    "recovering": over(Step.VERIFYING, "", deadline=NOW + timedelta(minutes=30), seen=SIX),
    "done": done(None),
    "recovered": done("recovered"),
    "inconclusive": done("inconclusive"),
    "worse": done("worse"),
    "failed": over(Step.FAILED, "It was not seen to serve within 600 s. 7 serves.", seen=SEVEN),
    "unknown": over(Step.UNKNOWN, "What serves cannot be read.", entry("change.unknown", why="Nobody answers.")),
    "rejected": shown((entry("change.rejected", "person:bo", "6 had the same fault"),), step=Step.REJECTED),
    "withdrawn": shown((entry("change.withdrawn", "person:ada"),), step=Step.WITHDRAWN),
    "expired": shown((entry("change.expired", why="Nobody agreed in time."),), step=Step.EXPIRED),
    "undoing": shown(tickets=TICKETS, undoes="CHG-2"),
    "split": shown(tickets=TICKETS, plan=SPLIT),
    "paused": shown(tickets=TICKETS, plan=replace(PLAN, lever=Lever.PAUSE, after=replace(SEVEN, paused=True))),
}
__all__ = ["ADA", "BO", "CARDS", "CY", "PLAN", "TICKETS", "change", "done", "entry", "over", "shown"]
