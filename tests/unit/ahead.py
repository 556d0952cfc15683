"""What the forms that change production may know before they are sent."""

from dataclasses import replace
from datetime import timedelta

from bot.model.change import Lever, Serving
from bot.model.served import Version
from bot.slack.forms.form import Known, Seed
from bot.slack.forms.outlook import Outlook
from tests.unit import retrained, seen
from tests.unit.changed import BO, CY, PLAN, SEVEN
from tests.unit.seen import NOW

VERSIONS = (
    Version("8", NOW - timedelta(minutes=20), "ada", "retrained on last week"),
    Version("6", NOW - timedelta(days=12), "ci", metrics={"auc": 0.912, "psi": 0.1}),
    Version("5"),
)
PLANNED = Outlook(
    "churn",
    SEVEN,
    VERSIONS,
    hidden=2,
    metrics={"auc": 0.891},
    good="6",
    plan=PLAN,
    needs=1,
    approvers=(BO, CY),
)
NONE_GOOD = replace(PLANNED, good="", plan=None, hidden=0)
SILENT = Outlook("churn", trouble="The registry does not answer. It is tried again by itself.")
GLASS = replace(PLANNED, plan=replace(PLAN, lever=Lever.PROMOTE, after=Serving({"8": 100.0})), good="", glass=True)
SHARED = Outlook("churn", SEVEN, needs=2, approvers=(BO,))
PAUSE = replace(PLAN, lever=Lever.PAUSE, after=replace(SEVEN, paused=True), why_after="")
HALTED = Outlook("churn", SEVEN, plan=PAUSE, needs=0)
FORBIDDEN = Outlook(
    "churn",
    replace(SEVEN, paused=True),
    plan=replace(PAUSE, lever=Lever.RESUME, before=PAUSE.after, after=SEVEN),
    needs=2,
    approvers=(BO,),
    forbidden="Changes of retail are frozen until 2026-12-01 18:00 (year-end, by config): the books are closed",
)
TRAINED = Outlook("churn", plan=retrained.PLAN, needs=1, approvers=(BO, CY))
HINDERED = Outlook(
    "churn", trouble="churn is being retrained already: nightly-17. Wait until it has ended, or cancel it."
)
SEED, INCIDENT = Seed("INC-7", 3), Known(seen.incident(), "[SEV2] churn v7: Feature drift")
#: What each golden view is drawn from: the form, what it was opened for, what stands in it, what is known.
DRAWN: dict[str, tuple[str, Seed, dict[str, str], Known | None]] = {
    "rollback": ("rollback", SEED, {"model": "churn", "why": "it fell"}, replace(INCIDENT, outlook=PLANNED)),
    "rollback_reading": ("rollback", SEED, {}, None),
    "rollback_pick": ("rollback", Seed(), {"model": "churn"}, Known(outlook=NONE_GOOD)),
    "rollback_silent": ("rollback", Seed(), {"model": "churn"}, Known(outlook=SILENT)),
    "promote": ("promote", Seed(of="churn", version="8"), {"model": "churn"}, Known(outlook=GLASS)),
    "shift": ("shift", Seed(), {"model": "churn", "split": "7 = 90"}, Known(outlook=SHARED)),
    "pause": ("pause", Seed(), {"model": "churn"}, Known(outlook=HALTED)),
    "retrain": ("retrain", SEED, {"model": "churn", "window": "30d"}, replace(INCIDENT, outlook=TRAINED)),
    "retrain_hindered": ("retrain", Seed(), {"model": "churn"}, Known(outlook=HINDERED)),
    "retrain_window": ("retrain", Seed(), {"model": "churn", "window": "long"}, Known(outlook=Outlook("churn"))),
    "resume": ("resume", Seed(of="churn", undoes="CHG-3"), {"model": "churn"}, Known(outlook=FORBIDDEN)),
}
