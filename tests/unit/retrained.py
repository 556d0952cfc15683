"""Retrains as their cards see them, at every step there is; and what they made, once it serves."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.model.change import Agreement, Change, Lever, Plan, Serving, Step
from bot.model.retraining import Finding, Phase, Training
from bot.model.watch import Watch
from bot.slack.change_card import Shown
from bot.slack.retrain_card import Run
from tests.unit import changed
from tests.unit.changed import BO, CY, SEVEN
from tests.unit.seen import NOW

HOUR = timedelta(hours=1)
SAID: dict[str, Any] = {
    "since": (NOW - 30 * 24 * HOUR).isoformat(),
    "until": NOW.isoformat(),
    "window": 30 * 86_400.0,
    "holdout": 0.0,
    "excluded": [[(NOW - 50 * HOUR).isoformat(), (NOW - 26 * HOUR).isoformat()]],
    "cost": 40.0,
    "left": 310.0,
    "currency": "EUR",
    "over": False,
    "gate": {"metric": "auc"},
    "options": {},
}
PLAN = Plan(
    Lever.RETRAIN,
    "churn",
    "forge",
    {"name": "churn"},
    SEVEN,
    SEVEN,
    why_after="It learns from 10-24 03:40 until 11-23 03:40 (29d of data). Left out: 1 spans (1d).",
    effect="churn is trained anew. What serves stays 7, until a version that passes is promoted.",
    warnings=("The runbook has no gate for it: it must only not be worse than what serves.",),
    runbook="feature-drift",
    revision="r1",
    verify_within=6 * HOUR,
    parameters=SAID,
)
OVER = replace(PLAN, parameters=SAID | {"left": 12.5, "over": True})
UNPRICED = replace(PLAN, parameters=SAID | {"cost": None, "left": None, "currency": ""})
AGREED = Agreement("bo", "slack:U01BO", NOW, PLAN.digest, "button")
TRAIL = (
    changed.AGREED,
    changed.FROZEN,
    changed.APPLYING,
    changed.entry("training.started", why="The trainer took it: run-17.", minutes=3),
)
TOOK = {"started_at": NOW, "ended_at": NOW + timedelta(minutes=95), "cost": 36.4}
FOUND = (
    Finding("auc", "at least 0.7", "0.78 (0.76 to 0.8)", True),
    Finding("auc beside 7", "not below by 0.01", "+0.02 (-0.005 to +0.04)", True),
    Finding("auc on country=fr", "at least 0.7", "0.64 (0.6 to 0.68)", False),
    Finding("latency", "at most 50 ms", "61 ms", False),
)
LOG = "epoch 3/10\nepoch 4/10\nTraceback (most recent call last):\n  MemoryError: 31 GiB were asked for"


def change(**more: Any) -> Change:
    """Ada asked for a retrain of churn, and one other must agree."""
    return changed.change(**{"plan": PLAN, "why": "it drifts", **more})


def training(**more: Any) -> Training:
    """It runs, and was heard of a moment ago."""
    facts: dict[str, Any] = {
        "id": "CHG-3",
        "model": "churn",
        "entity": "retail",
        "connection": "forge",
        "phase": Phase.TRAINING,
        "asked_at": NOW,
        "started_at": NOW + timedelta(minutes=1),
        "heard_at": NOW + timedelta(minutes=43),
        "run": "run-17",
        "going": "running",
        "stage": "epoch 4 of 10",
        "share": 0.42,
        "cost": 14.25,
        "link": "https://forge.example/runs/17",
    }
    return Training(**(facts | more))


def going(run: Training | None = None, usual: timedelta | None = 2 * HOUR, **more: Any) -> Shown:
    """While it goes on."""
    facts = {"step": Step.VERIFYING, "agreements": (AGREED,), "deadline": NOW + 6 * HOUR} | more
    return Shown(change(**facts), trail=TRAIL, incident=changed.INCIDENT, run=Run(run or training(), usual, "7"))


def over(step: Step, outcome: str, run: Training | None, after: Change | None = None) -> Shown:
    """At its end."""
    done = changed.entry(f"change.{step.value}", why=outcome, minutes=99)
    facts = change(step=step, outcome=outcome, agreements=(AGREED,), incident=None)
    return Shown(facts, trail=(*TRAIL, done), run=Run(run, 2 * HOUR, "7") if run else None, after=after)


def judged(findings: tuple[Finding, ...], *, passed: bool) -> Training:
    """It made version 9, and that was judged."""
    facts = {"phase": Phase.ENDED, "done": True, "version": "9", "trial": "TRL-4", "passed": passed}
    return training(**facts, **TOOK, going="done", findings=findings)


NINE = Serving({"9": 100.0})
PROMOTE = replace(changed.PLAN, lever=Lever.PROMOTE, after=NINE, parameters={"version": "9"})
PROMOTION = change(id="CHG-4", plan=PROMOTE, follows="CHG-3")
FAILED = training(phase=Phase.ENDED, going="failed", log=LOG, **TOOK)
UNFIT = "9 did not pass its gate against 7 (TRL-4): auc on country=fr: wanted at least 0.7, found 0.64."


def shown(**more: Any) -> Shown:
    """While people decide."""
    return Shown(change(**more), (BO, CY), changed.TICKETS, (changed.PROPOSED,), changed.INCIDENT)


def watched(finding: str = "", why: str = "", ended: datetime | None = None, metric: str | None = None) -> Shown:
    """Its promotion, once it serves."""
    watch = Watch(
        "CHG-4", "churn", "retail", "9", NOW, NOW + 24 * HOUR, metric, finding=finding, why=why, ended_at=ended
    )
    drawn = changed.over(Step.DONE, "It was seen to serve 9.", plan=PROMOTE, follows="CHG-3", seen=NINE)
    return replace(drawn, watch=watch)


def canary(at: int) -> Shown:
    """A step of it."""
    steps = [10.0, 50.0]
    share = [*steps, 100.0][at]
    said = {"canary": {"version": "9", "steps": steps, "wait": 1800.0, "at": at, "raw": {}}}
    after = Serving({"9": share} | ({"7": 100.0 - share} if share < 100 else {}))
    plan = replace(PROMOTE, lever=Lever.SHIFT if share < 100 else Lever.PROMOTE, after=after, parameters=said)
    return changed.shown(tickets=changed.TICKETS, plan=plan, follows="CHG-3")


SILENT: dict[str, Any] = {"started_at": None, "stage": "", "share": None, "cost": None, "link": ""}
TOLD = training(phase=Phase.STARTING, heard_at=None, run=None, going="", **SILENT)
JUDGING = training(phase=Phase.JUDGING, done=True, version="9", going="done", **TOOK)
CARDS: dict[str, Shown] = {
    "proposed": shown(),
    "over_budget": shown(plan=OVER, needs=2, incident=None),
    "unpriced": shown(plan=UNPRICED),
    "starting": going(TOLD, step=Step.APPLYING, deadline=None),
    "waiting": going(training(going="waiting", **SILENT)),
    "training": going(),
    "training_first": going(usual=None),
    "stopping": going(training(called_off="person:ada", called_off_why="wrong window")),
    "made": going(JUDGING),
    "judging": going(replace(JUDGING, trial="TRL-4")),
    "passed": over(Step.DONE, "9 passed its gate against 7 (TRL-4).", judged(FOUND[:2], passed=True), PROMOTION),
    "passed_alone": over(Step.DONE, "9 passed its gate against 7 (TRL-4).", judged(FOUND[:2], passed=True)),
    "unfit": over(Step.FAILED, UNFIT, judged(FOUND, passed=False)),
    "unjudged": over(Step.FAILED, "9, which it made, cannot be loaded: no file.", judged((), passed=False)),
    "failed": over(Step.FAILED, "The run failed at: epoch 4 of 10.", FAILED),
    "refused": over(Step.FAILED, "The trainer says: it is full. Nothing was trained.", None),
    "unknown": over(Step.UNKNOWN, "Whether a run was started nobody can say.", training(link="")),
    "expired": replace(shown(step=Step.EXPIRED, outcome="Nobody agreed in time."), tickets={}, approvers=()),
    "watched": watched(),
    "watched_metric": watched(metric="auc"),
    "watched_well": watched("well", "auc 0.78 against 0.74 before.", NOW + 24 * HOUR),
    "watched_wrong": replace(
        watched("wrong", "auc 0.61 against 0.74 before; 0.01 was allowed.", NOW + 3 * HOUR),
        after=changed.change(id="CHG-5", follows="CHG-4"),
    ),
    "canary": canary(0),
    "canary_last": canary(2),
}
