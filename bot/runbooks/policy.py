"""How an incident escalates by its runbook: copied into it when it opens."""

from dataclasses import replace

from bot.model.escalation import Escalation
from bot.model.estate import Model
from bot.model.runbook import Policy, Runbook
from bot.runbooks import templates


def policy(runbook: Runbook, severity: str, model: Model | None, defaults: Escalation) -> Policy:
    """The policy for an incident of `severity` about `model` (None: nobody has catalogued it).

    Targets are filled in from the catalogue alone, never from an alert. Never raises: a target that cannot be filled
    in stays as written, so that the resolver finds nobody behind it and says so.
    """
    fallback = runbook.fallback or defaults.fallback
    return Policy(
        tiers=tuple(replace(tier, page=tuple(templates.target(t, model) for t in tier.page)) for tier in runbook.tiers),
        start=runbook.start.get(severity, runbook.tiers[0].name),
        repeats=defaults.repeats if runbook.repeats is None else runbook.repeats,
        fallback=tuple(templates.target(t, model) for t in fallback),
        urgency=runbook.urgency.get(severity) or defaults.urgency.get(severity, "low"),
        owner=templates.target(runbook.owner, model),
    )
