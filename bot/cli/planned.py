"""How a plan is told before it is done: what would be, who must agree, and what stands in the way."""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.cli import models, say

if TYPE_CHECKING:
    from bot.engine.preview import Preview
    from bot.model.change import Plan


def lines(plan: "Plan") -> Iterator[str]:
    """A plan, for whoever decides about it."""
    from bot.model.change import Lever

    yield f"{plan.lever} of {plan.model}, run by {plan.connection}"
    yield from _learns(plan) if plan.lever is Lever.RETRAIN else _moves(plan)
    for warning in plan.warnings:
        yield f"  mind:        {warning}"
    yield f"  plan:        {plan.digest[:12]}{f', runbook {plan.runbook}' if plan.runbook else ''}"


def preview(shown: "Preview") -> Iterator[str]:
    """The same, with who must agree to it and what stands in its way now."""
    yield from lines(shown.plan)
    others = ", ".join(shown.approvers) or "nobody, so it will be refused"
    short = (
        ", which are too few, so it will be refused" if shown.approvers and len(shown.approvers) < shown.needs else ""
    )
    yield f"  must agree:  {f'{shown.needs} of {others}{short}' if shown.needs else 'nobody else'}"
    if shown.forbidden:
        yield f"  FORBIDDEN:   {shown.forbidden}"
    if shown.lock:
        yield f"  LOCKED:      {shown.lock.id} by {shown.lock.requested_by} is {shown.lock.step} for the same model"


def data(shown: "Preview") -> dict[str, Any]:
    """What programs read of a preview."""
    held = {"forbidden": shown.forbidden, "locked_by": shown.lock.id if shown.lock else None}
    who = {"needs": shown.needs, "approvers": list(shown.approvers)}
    return {"plan": spelled(shown.plan), **who, **held, "possible": shown.possible}


def spelled(plan: "Plan") -> dict[str, Any]:
    """What programs read of a plan, with the digest that an agreement binds to."""
    return {**plan.spelled(), "digest": plan.digest}


def money(amount: float | None, currency: str) -> str:
    """`40 EUR`, `40` where nobody says of what, `nobody knows` where nobody says how much."""
    return "nobody knows" if amount is None else f"{amount:g} {currency}".strip()


def _moves(plan: "Plan") -> Iterator[str]:
    """Of what changes what serves."""
    yield f"  serves now:  {models.serves(plan.before)}"
    yield f"  would serve: {models.serves(plan.after)}"
    yield f"  why that:    {plan.why_after}"
    yield f"  effect:      {plan.effect}"
    metric = f", then {plan.metric} must recover" if plan.metric else ""
    yield f"  must be seen within {plan.verify_within.total_seconds() / 60:g} min{metric}"


def _learns(plan: "Plan") -> Iterator[str]:
    """Of a retrain."""
    from bot.engine import retrain_plan

    window, said = retrain_plan.window_of(plan), plan.parameters
    yield f"  serves now:  {models.serves(plan.before)}, and goes on serving"
    yield f"  learns from: {say.span(window.since, window.until)}, {say.length(window.clean)} of data"
    if cut := said["window"] - (window.until - window.since).total_seconds():
        yield f"  left out:    {say.length(timedelta(seconds=cut))} at its ends: the data was not to be trusted"
    for start, end in window.excluded:
        yield f"  left out:    {say.span(start, end)}: the data was not to be trusted"
    yield f"  costs:       {money(said['cost'], said['currency'])}"
    left = said["left"]
    yield f"  left:        {'no budget is set' if left is None else money(left, said['currency']) + ' this month'}"
    gate = ", ".join(f"{key} {value}" for key, value in (said["gate"] or {}).items() if value is not None)
    yield f"  gate:        {gate or 'none, so it must only not be worse'}"
    yield f"  effect:      {plan.effect}"
    yield f"  is stopped after {say.length(plan.verify_within)}"
