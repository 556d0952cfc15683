"""How an incident escalates by its runbook: copied into it when it opens."""

from dataclasses import replace

from bot.model.escalation import Escalation
from bot.model.estate import Model
from bot.model.runbook import Policy, Runbook, Tier
from bot.runbooks import templates


def policy(runbook: Runbook, severity: str, model: Model | None, defaults: Escalation) -> Policy:
    """The policy for an incident of `severity` about `model` (None: nobody has catalogued it).

    Targets are filled in from the catalogue alone, never from an alert. Never raises: a target that cannot be filled
    in stays as written, so that the resolver finds nobody behind it and says so.
    """
    fallback = runbook.fallback or defaults.fallback
    return Policy(
        tiers=tuple(_filled(tier, model) for tier in runbook.tiers),
        start=runbook.start.get(severity, runbook.tiers[0].name),
        repeats=defaults.repeats if runbook.repeats is None else runbook.repeats,
        fallback=tuple(templates.target(t, model) for t in fallback),
        urgency=runbook.urgency.get(severity) or defaults.urgency.get(severity, "low"),
        owner=templates.target(runbook.owner, model),
        remind=defaults.remind if runbook.remind is None else runbook.remind,
        give_back=defaults.give_back if runbook.give_back is None else runbook.give_back,
    )


def _filled(tier: Tier, model: Model | None) -> Tier:
    """Its targets, and those of its stages, for this model."""
    stages = tuple(replace(stage, page=_targets(stage.page, model)) for stage in tier.stages)
    return replace(tier, page=_targets(tier.page, model), stages=stages)


def _targets(given: tuple[str, ...], model: Model | None) -> tuple[str, ...]:
    return tuple(templates.target(target, model) for target in given)
