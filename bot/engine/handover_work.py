"""What the incoming must do first: open incidents with their next action, approvals that wait, changes in flight."""

from collections.abc import Iterable

from bot.engine import course
from bot.engine import handover_lines as lines
from bot.engine.handover_gather import Shift
from bot.engine.handover_lines import Line, Section
from bot.model.change import Change, Lever, Step
from bot.model.incident import SEVERITIES, Incident, Phase
from bot.rules import escalation

_PHASES = (Phase.TRIGGERED, Phase.ACKNOWLEDGED, Phase.MITIGATED)


def sections(shift: Shift) -> Iterable[Section]:
    """The three of them."""
    yield lines.section("open", sorted(shift.open, key=_urgency), lambda one: _open(one, shift))
    wanted = [one for one in shift.changes if one.step is Step.PROPOSED and one.expires_at > shift.now]
    yield lines.section("approvals", sorted(wanted, key=lambda one: (one.expires_at, one.id)), _approval)
    flying = [one for one in shift.changes if one.step is not Step.PROPOSED]
    yield lines.section("changes", sorted(flying, key=_late), _change)


def _urgency(incident: Incident) -> tuple[int, int, bool, float, int]:
    """Nobody's before somebody's, the graver first, then whichever pages next."""
    due = incident.next_step_at.timestamp() if incident.next_step_at else float("inf")
    grave = SEVERITIES.index(incident.severity) if incident.severity in SEVERITIES else len(SEVERITIES)
    quiet = bool(incident.snoozed_until or incident.storm or incident.calm_since)
    return _PHASES.index(incident.phase), grave, quiet, due, int(incident.id.removeprefix("INC-"))


def _open(incident: Incident, shift: Shift) -> Line:
    owner = incident.holder or shift.desk.owner_team(incident) or incident.entity
    next_ = _next(incident, shift)
    if waits := _waits(incident, shift):
        next_ = lines.line("next_both", first=next_, second=waits)
    about = {"incident": incident.id, "severity": incident.severity.upper()}
    said = {"about": lines.name(incident.model or incident.entity), "owner": lines.name(owner)}
    return lines.line("open_line", **about, **said, title=lines.title(incident.title), next=next_)


def _next(incident: Incident, shift: Shift) -> Line:
    """What happens to it if nobody does anything, or who is at it."""
    who = lines.name(incident.holder)
    if incident.storm:
        return lines.line("next_storm", storm=incident.storm)
    if incident.snoozed_until:
        return lines.line("next_snoozed", who=who, until=lines.at(incident.snoozed_until))
    if incident.calm_since:
        return lines.line("next_calm", since=lines.at(incident.calm_since))
    if incident.phase is not Phase.TRIGGERED and incident.holder:
        if incident.held_elsewhere:
            return lines.line("next_elsewhere", who=lines.name(incident.holder.partition(":")[2]))
        return lines.line("next_leaving" if incident.holder in shift.leaving else "next_held", who=who)
    if incident.exhausted:
        return lines.line("next_exhausted")
    return _step(incident)


def _step(incident: Incident) -> Line:
    if incident.next_step_at is None:
        return lines.line("next_none")
    when, policy = lines.at(incident.next_step_at), incident.policy
    if incident.step == 0:
        whom = ", ".join(escalation.tier_of(policy, incident.tier).page)
        return lines.line("next_first", tier=incident.tier, whom=lines.why(whom), when=when)
    tier = escalation.tier_of(policy, incident.tier) if incident.tier in {one.name for one in policy.tiers} else None
    if tier is not None and incident.stage + 1 < len(tier.course):
        coming: tuple[int, str] | None = (incident.round, tier.name)
    else:
        coming = escalation.following(policy, incident.round, incident.tier) if tier else None
    if coming is None:
        return lines.line("next_last", whom=lines.why(", ".join(policy.fallback) or "-"), when=when)
    whom = ", ".join(escalation.tier_of(policy, coming[1]).page)
    return lines.line("next_step", tier=coming[1], whom=lines.why(whom), when=when)


def _waits(incident: Incident, shift: Shift) -> Line | None:
    """The change of production that it waits for."""
    own = [one for one in shift.changes if one.incident == incident.id]
    if wanted := next((one for one in own if one.step is Step.PROPOSED), None):
        return lines.line("next_approval", change=wanted.id, until=lines.at(wanted.expires_at))
    return lines.line("next_change", change=own[0].id) if own else None


def _approval(change: Change) -> Line:
    needs = max(1, change.needs - len(change.agreements))
    who = lines.name(change.requested_by)
    until = lines.at(change.expires_at)
    return lines.line("approval_line", change=change.id, what=lines.what(change), who=who, needs=needs, until=until)


def _late(change: Change) -> tuple[bool, float, str]:
    """What nobody can say anything of comes first, then whatever ends soonest."""
    return change.step is not Step.UNKNOWN, (change.deadline or change.expires_at).timestamp(), change.id


def _change(change: Change) -> Line:
    told = {"what": lines.what(change), "step": lines.step(change), "back": _back(change)}
    return lines.line("change_line", change=change.id, **told)


def _back(change: Change) -> Line:
    """What would make it go back, and until when that can be."""
    plan = change.plan
    until = change.deadline or change.changed_at + plan.verify_within
    both = {"before": lines.why(course.split(plan.before)), "after": lines.why(course.split(plan.after))}
    if change.step is Step.APPROVED:
        return lines.line("back_waits", until=lines.at(change.expires_at))
    if change.step is Step.UNKNOWN:
        return lines.line("back_unknown", before=both["before"])
    if plan.lever is Lever.RETRAIN:
        return lines.line("back_retrain", until=lines.at(until))
    if change.serves and plan.metric:
        return lines.line("back_metric", metric=lines.name(plan.metric), until=lines.at(until), **both)
    return lines.line("back_watched" if change.serves else "back_seen", until=lines.at(until), **both)
