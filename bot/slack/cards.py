"""Drawings of incidents and pages: pure functions from what is known to what Slack shows, never a place of truth."""

from collections.abc import Sequence
from datetime import datetime

from bot.engine import headline
from bot.engine.respond import Verb
from bot.model.alert import KeptAlert, Status
from bot.model.entry import Entry
from bot.model.incident import Incident, Phase
from bot.model.page import Page, PageState
from bot.model.view import View
from bot.slack import buttons, pieces
from bot.slack.pieces import Json, Message

#: Which buttons stand on a card of this phase.
OFFERED: dict[Phase, tuple[Verb, ...]] = {
    Phase.TRIGGERED: (Verb.ACKNOWLEDGE, Verb.ESCALATE, Verb.RESOLVE),
    Phase.ACKNOWLEDGED: (Verb.ESCALATE, Verb.RESOLVE),
    Phase.MITIGATED: (Verb.ESCALATE, Verb.RESOLVE),
    Phase.RESOLVED: (),
}
TOLD = 10  #: how many of the newest entries of the log a drawing wants to know
ON_A_PAGE = (Verb.ACKNOWLEDGE, Verb.ESCALATE)


def incident_card(view: View, now: datetime) -> Message:
    """The living message of an incident: six lines, then the buttons of its phase."""
    incident = view.incident
    blocks = [
        pieces.header(f"{_state(incident)} · {_title(incident)}"),
        pieces.lines([pieces.loud(_wrong(view))], _since(view), _holding(view), _next(view, now)),
        pieces.small(f"{incident.id} · {view.runbook_title or 'no runbook'} · {incident.why}"),
    ]
    offered = [verb for verb in OFFERED[incident.phase] if not (verb is Verb.ESCALATE and incident.exhausted)]
    return Message(_push(view), (*blocks, *_buttons(incident, offered)))


def page_dm(view: View, page: Page, now: datetime) -> Message:
    """What one paged person reads; once it is answered, by whom and when instead of buttons."""
    incident = view.incident
    blocks = [
        pieces.header(f"{_state(incident)} · {_title(incident)}"),
        pieces.lines(
            [pieces.loud(_wrong(view))], _since(view), [pieces.say(f"You are paged as {page.tier}: {page.why}")]
        ),
    ]
    if page.state is PageState.ANSWERED or incident.phase is not Phase.TRIGGERED:
        blocks.append(pieces.lines(_answered(view, page)))
        return Message(_push(view), (*blocks, pieces.small(f"{incident.id} · nothing more is asked of you here")))
    offered = [verb for verb in ON_A_PAGE if not (verb is Verb.ESCALATE and incident.exhausted)]
    blocks += [pieces.lines(_next(view, now)), *_buttons(incident, offered)]
    return Message(_push(view), (*blocks, pieces.small(f"{incident.id} · {view.runbook_title or 'no runbook'}")))


def notice(text: str) -> Message:
    """A plain sentence of the bot's own; what it quotes is shown literally."""
    return Message(pieces.push(text), (pieces.lines([pieces.say(text, 2000)]),))


# --- the lines ---


def _state(incident: Incident) -> str:
    severity = incident.severity.upper()
    return severity if incident.phase is Phase.TRIGGERED else f"{severity} {incident.phase.value.upper()}"


def subject(incident: Incident) -> str:
    """The model and its version, or the entity when no model is named."""
    parts = [part for part in (incident.model, headline.version(incident)) if part]
    return " ".join(parts) or incident.entity


def _title(incident: Incident) -> str:
    return f"{pieces.shorten(subject(incident), 60)} · {incident.title}"


def _first(alerts: Sequence[KeptAlert]) -> KeptAlert | None:
    """The alert that is told of: the newest that fires, else the newest."""
    return next((kept for kept in alerts if kept.status is Status.FIRING), alerts[0] if alerts else None)


def _wrong(view: View) -> str:
    first = _first(view.alerts)
    if first is None:
        return view.incident.title
    measures = [m for m in first.alert.measures if m.breached is not False] or list(first.alert.measures)
    if not measures:
        return first.alert.summary or first.alert.title
    more = f" and {len(measures) - 1} more measures" if len(measures) > 1 else ""
    return pieces.shorten(headline.measure(measures[0]), 200) + more


def _push(view: View) -> str:
    """The top-level text: whole on a lock screen."""
    incident = view.incident
    severity = f"[{incident.severity.upper()}]"
    what = f"{pieces.shorten(subject(incident), 80)}: {pieces.shorten(_wrong(view), 300)}."
    match incident.phase:
        case Phase.TRIGGERED:
            return pieces.push(f"{severity} {what} Ack: /incident ack {incident.id}")
        case Phase.RESOLVED:
            return pieces.push(f"{severity} RESOLVED {incident.id}. {what}")
        case _:
            return pieces.push(f"{severity} {incident.phase.value.upper()} {incident.id} by {_holder(view)}. {what}")


def _holder(view: View) -> str:
    return (view.holder.name if view.holder else view.incident.holder) or "nobody"


def _since(view: View) -> list[Json]:
    incident = view.incident
    counted = f"{incident.alerts_firing} of {incident.alerts_total} alerts firing"
    if incident.alerts_total == 1:
        counted = "1 alert, firing" if incident.alerts_firing else "1 alert, no longer firing"
    repeats = f", {incident.repeats} repeats" if incident.repeats else ""
    where = f" in {incident.environment}" if incident.environment else ""
    return [pieces.say("Since "), pieces.when(incident.opened_at), pieces.say(f"{where}: {counted}{repeats}")]


def _holding(view: View) -> list[Json]:
    incident = view.incident
    if incident.phase is Phase.RESOLVED:
        return _resolved(view)
    if view.holder:
        return [pieces.say("Held by "), pieces.who(view.holder), pieces.say(f" ({incident.tier})")]
    if incident.holder:
        return [pieces.say("Held by "), pieces.loud(incident.holder, 80)]
    if view.waiting_for:
        tier = "the fallback" if incident.exhausted else incident.tier
        return [pieces.say(f"Waiting for {tier}: "), *pieces.named(view.waiting_for)]
    return [pieces.say(f"Nobody has been reached yet ({incident.tier})")]


def _resolved(view: View) -> list[Json]:
    spans = [pieces.say("Resolved ")]
    if view.incident.resolved_at:
        spans.append(pieces.when(view.incident.resolved_at))
    entry = _entry(view, "incident.resolved")
    by = _actor(entry) if entry else None
    return [*spans, *([pieces.say(" by "), pieces.loud(by, 80)] if by else [pieces.say(": no alert fires any more")])]


def _next(view: View, now: datetime) -> list[Json]:
    incident, step = view.incident, view.next_step
    if incident.phase is Phase.RESOLVED:
        return []
    if incident.phase is not Phase.TRIGGERED:
        return [pieces.say("Escalation has stopped")]
    if step is None:
        tried = "Every tier and the fallback have been paged; nobody has answered"
        return [pieces.loud(tried if incident.exhausted else "No further step is due")]
    whom = f"{step.tier} ({step.who})" if step.who else step.tier
    if step.at <= now:
        return [pieces.say(f"Next, now: {whom} is paged")]
    return [pieces.say("Next: "), pieces.when(step.at), pieces.say(f" {whom} is paged, unless somebody acknowledges")]


def _answered(view: View, page: Page) -> list[Json]:
    incident = view.incident
    if incident.phase is Phase.RESOLVED:
        return _resolved(view)
    spans = [pieces.say("Answered by ")]
    if page.state is PageState.ANSWERED:
        spans.append(pieces.loud(page.person, 80))
        return [*spans, pieces.say(" "), pieces.when(page.answered_at or incident.changed_at)]
    spans.append(pieces.who(view.holder) if view.holder else pieces.loud(_holder(view), 80))
    times = [sheet.answered_at for sheet in view.pages if sheet.answered_at and sheet.person == incident.holder]
    return [*spans, pieces.say(" "), pieces.when(max(times, default=incident.changed_at))]


def _entry(view: View, kind: str) -> Entry | None:
    """The newest entry of this kind."""
    found = [sealed for sealed in view.timeline if sealed.entry.kind == kind]
    return max(found, key=lambda sealed: sealed.seq).entry if found else None


def _actor(entry: Entry) -> str | None:
    """The person who did it; None when it was a monitor or the bot."""
    kind, _, name = entry.actor.partition(":")
    return name if kind == "person" else None


# --- the buttons ---


def _buttons(incident: Incident, verbs: Sequence[Verb]) -> list[Json]:
    return [pieces.row(*(_button(verb, incident) for verb in verbs))] if verbs else []


def _button(verb: Verb, incident: Incident) -> Json:
    value = buttons.encode(buttons.Meant(verb, incident.id, incident.version))
    name = f"{incident.id} ({pieces.shorten(subject(incident), 60)})"
    match verb:
        case Verb.ACKNOWLEDGE:
            return pieces.button("Acknowledge", verb.value, value, style="primary")
        case Verb.ESCALATE:
            asked = pieces.confirm("Escalate now?", f"The next step of {name} pages people at once.", "Escalate")
            return pieces.button("Escalate", verb.value, value, style="danger", confirm=asked)
        case Verb.RESOLVE:
            asked = pieces.confirm("Resolve?", f"{name} is closed and nobody is paged for it any more.", "Resolve")
            return pieces.button("Resolve", verb.value, value, confirm=asked)
