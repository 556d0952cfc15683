"""Whether enough evaluations of a problem breached to open an incident, and enough were clean to end one."""

from bisect import bisect_right
from datetime import datetime, timedelta

from bot.model.alert import Alert, Status
from bot.model.evaluation import Evaluation, History
from bot.model.held import Cause, Hold
from bot.model.noise import Confirm

KEPT = 20  #: evaluations of one problem; no rule looks further back
UNHEARD = timedelta(days=8)  #: so long after its monitor's last word an alert is held no more: a week's job is over


def noted(history: History, alert: Alert, now: datetime) -> History:
    """The history with what `alert` says; the same object when that evaluation counts already, or when it is none.

    One evaluation for each moment at which the monitor looked; where it does not say, each delivery is one.
    """
    if alert.status is Status.NO_DATA:
        return history
    at = alert.evaluated_at
    if at is not None and any(one.at == at for one in history):
        return history
    place = bisect_right(history, at or now, key=lambda one: one.at)
    said = Evaluation(at or now, alert.status is Status.FIRING)
    return (*history[:place], said, *history[place:])[-KEPT:]


def hold(confirm: Confirm, runbook: str, history: History, now: datetime) -> Hold | None:
    """How `runbook` holds an alert of which too few of the last evaluations breached; None where enough did.

    Nothing is held for ever: where nothing more is heard, the breach counts at last.
    """
    last = history[-confirm.of :]
    breached = sum(one.breached for one in last)
    if breached >= confirm.breaches:
        return None
    until = last[-1].at + UNHEARD if last else None
    if until is not None and now >= until:
        return None
    said = f"{breached} of its last {confirm.of} evaluations breached, and {confirm.breaches} must"
    return Hold(Cause.UNCONFIRMED, runbook, f"Held by {runbook}: {said}.", until=until)


def clean(history: History) -> int:
    """How many evaluations in a row, up to the last one, were clean."""
    return next((n for n, one in enumerate(reversed(history)) if one.breached), len(history))
