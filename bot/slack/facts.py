"""What drawings say of an incident, as words of a language: its state, its subject, what is wrong, who has it."""

from collections.abc import Sequence

from bot import words
from bot.engine import headline
from bot.model.alert import KeptAlert, Measure, Status
from bot.model.change_event import ChangeEvent
from bot.model.entry import Entry
from bot.model.incident import FALSE_ALARM, MERGED, Incident, Phase
from bot.model.view import View
from bot.slack import pieces
from bot.words import Words

NAMED = 4  # of what is held back


def phase(incident: Incident, w: Words) -> str:
    """One word for how far it has come."""
    card = w.card
    match incident.phase:
        case Phase.TRIGGERED:
            return card.triggered
        case Phase.ACKNOWLEDGED:
            return card.snoozed if incident.snoozed_until else card.acknowledged
        case Phase.MITIGATED:
            return card.mitigated
        case Phase.RESOLVED:
            return {FALSE_ALARM: card.false_alarm, MERGED: card.merged}.get(incident.resolution, card.resolved)


def changed(event: ChangeEvent) -> str:
    """What was changed and by what, in the sender's words."""
    source = f" ({pieces.shorten(event.source, 60)})" if event.source else ""
    return f"{pieces.shorten(event.summary, 150)}{source}"


def state(incident: Incident, w: Words) -> str:
    """Its severity, and its phase once somebody has answered."""
    severity = incident.severity.upper()
    return severity if incident.phase is Phase.TRIGGERED else f"{severity} {phase(incident, w)}"


def subject(incident: Incident) -> str:
    """The model and its version, or the entity when no model is named."""
    parts = [part for part in (incident.model, headline.version(incident)) if part]
    return " ".join(parts) or incident.entity


def title(incident: Incident) -> str:
    """The subject and what an alert or a person called the trouble."""
    return f"{pieces.shorten(subject(incident), 60)} · {incident.title}"


def gathered(incident: Incident, w: Words) -> str:
    """One incident among those that a storm pages for."""
    said = {"incident": incident.id, "severity": incident.severity.upper(), "state": phase(incident, w)}
    return words.fill(w.card.gathered, what=pieces.shorten(title(incident), 150), **said)


def behind(view: View, w: Words) -> str:
    """What the alerts that it holds back are about: the first four, and how many more."""
    names = [pieces.shorten(name, 40) for name in view.holds_about[:NAMED]]
    more = len(view.holds_about) - len(names)
    return ", ".join(names) + (f" {words.fill(w.card.and_others, count=more)}" if more else "")


def first(alerts: Sequence[KeptAlert]) -> KeptAlert | None:
    """The alert that is told of: the newest that fires, else the newest."""
    return next((kept for kept in alerts if kept.status is Status.FIRING), alerts[0] if alerts else None)


def wrong(view: View, w: Words) -> str:
    """What is wrong in one line: the first measure that was breached, else the monitor's own words."""
    kept = first(view.alerts)
    if kept is None:
        return view.incident.title
    measures = [m for m in kept.alert.measures if m.breached is not False] or list(kept.alert.measures)
    if not measures:
        return kept.alert.summary or kept.alert.title
    more = words.fill(w.card.more_measures, count=len(measures) - 1) if len(measures) > 1 else ""
    return pieces.shorten(measure(measures[0], w), 240) + more


def measure(m: Measure, w: Words, *, most: int = 80) -> str:
    """`psi of age 0.31 (threshold > 0.2, n = 48000, window 6h)`, leaving out what the sender did not say.

    Each name has at most `most` characters.
    """
    card = w.card
    name = pieces.shorten(m.metric, most)
    name += words.fill(card.of_feature, feature=pieces.shorten(m.feature, most)) if m.feature else ""
    name += words.fill(card.in_segment, segment=pieces.shorten(m.segment, most)) if m.segment else ""
    notes = ", ".join(_notes(m, w, most))
    value = headline.number(m.value) if m.value is not None else card.breached
    return words.fill(card.measured, name=name, value=value, notes=f" ({notes})" if notes else "")


def _notes(m: Measure, w: Words, most: int) -> list[str]:
    card, notes = w.card, []
    if m.threshold is not None:
        limit = f"{m.op + ' ' if m.op else ''}{headline.number(m.threshold)}"
        notes.append(words.fill(card.threshold, limit=limit))
    if m.baseline is not None:
        notes.append(words.fill(card.baseline, value=headline.number(m.baseline)))
    if m.sample_size is not None:
        notes.append(words.fill(card.sample, count=m.sample_size))
    if m.window:
        notes.append(words.fill(card.window, window=pieces.shorten(m.window, most)))
    return notes


def holder(view: View, w: Words) -> str:
    """The name of whoever holds it."""
    return (view.holder.name if view.holder else view.incident.holder) or w.card.nobody


def push(view: View, w: Words, *, joining: bool = False) -> str:
    """The top-level text: severity, subject, what is wrong, and what to do; whole on a lock screen, escaped.

    `joining` is for somebody who is asked to join whoever holds it.
    """
    incident, card = view.incident, w.card
    what = f"{pieces.shorten(subject(incident), 80)}: {pieces.shorten(wrong(view, w), 300)}"
    what += "" if what.endswith((".", "!", "?", "…")) else "."
    template = {Phase.TRIGGERED: card.push_open, Phase.RESOLVED: card.push_over}.get(incident.phase, card.push_held)
    template = card.push_join if joining else template
    said = {"incident": incident.id, "state": phase(incident, w), "who": pieces.shorten(holder(view, w), 60)}
    return pieces.push(words.fill(template, severity=incident.severity.upper(), what=what, **said))


def about(count: int) -> str:
    """How much it is, in steps of 1, 2, 5, 10, 20 and so on: Slack takes 50 edits a minute for all cards together."""
    steps = (step * 10**power for power in range(len(str(count))) for step in (1, 2, 5))
    return str(count) if count <= 2 else f"{max(step for step in steps if step <= count)}+"


def entry(view: View, *kinds: str) -> Entry | None:
    """The newest entry of one of these kinds, where the view has it."""
    found = [sealed for sealed in view.timeline if sealed.entry.kind in kinds]
    return max(found, key=lambda sealed: sealed.seq).entry if found else None


def actor(of: Entry | None) -> str | None:
    """The person who did it; None when it was a monitor or the bot."""
    kind, _, name = of.actor.partition(":") if of else ("", "", "")
    return name if kind == "person" else None
