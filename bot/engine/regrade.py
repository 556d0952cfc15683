"""Change how severe an incident is, by hand."""

from dataclasses import replace

from bot import documents, words
from bot.engine import escalate, opening, storm, waiting
from bot.engine.deed import Answer, Deed
from bot.errors import BadInput
from bot.model.incident import SEVERITIES, Incident, turn
from bot.model.runbook import Policy
from bot.model.verdict import Verdict
from bot.rules import consent, escalation
from bot.store import incidents, pages


def regrade(deed: Deed) -> Answer:
    """A graver one pages whoever starts at that severity, unless they look already; a lighter one pages nobody."""
    before, said = deed.before, deed.press.words
    severity = severity_of(deed.press.detail)
    verdict = consent.may_regrade(before, severity)
    if verdict is not Verdict.GO:
        return deed.refused(verdict, words.fill(said.already_severity, incident=before.id, severity=severity))
    after, due = _graded(deed, severity)
    after = turn(after, deed.press.at)
    told = {"severity": severity, "urgency": after.policy.urgency}
    deed.note("incident.regraded", told, was={"severity": before.severity, "urgency": before.policy.urgency})
    if not due and not waiting.over(deed.desk, after, deed.tx.now):
        incidents.save(deed.tx, [(before, after)])
        escalate.redraw(deed.tx, after, deed.tx.now)
        storm.worsened(deed.tx, deed.desk, [after])
        return deed.done(after, said.regraded, severity=severity)
    fired = escalate.fire(deed.tx, deed.desk, before, after, deed.actor)
    paged = sorted({sheet.person for sheet in pages.of(deed.tx, before.id, fired.step) if not sheet.asked})
    return deed.done(fired, said.regraded_up, severity=severity, names=deed.names(paged))


def severity_of(typed: str) -> str:
    """The severity somebody means by sev1, SEV1 or 1; BadInput otherwise."""
    said = typed.strip().lower()
    found = f"sev{said}" if said.isdigit() else said
    if found in SEVERITIES:
        return found
    do = documents.closest(said[:40], SEVERITIES) or f"Write one of {', '.join(SEVERITIES)}."
    raise BadInput(f"{typed.strip()[:40]!r} is no severity.", do)


def _graded(deed: Deed, severity: str) -> tuple[Incident, bool]:
    """The incident at that severity, and whether its next step is due at once."""
    before = deed.before
    policy = _policy(deed, severity)
    if SEVERITIES.index(severity) < SEVERITIES.index(before.severity):
        return escalation.worse(before, severity, policy)
    return replace(before, severity=severity, policy=replace(before.policy, urgency=policy.urgency)), False


def _policy(deed: Deed, severity: str) -> Policy:
    """The runbook's for this severity; what the incident copied when the runbook is gone."""
    desk, before = deed.desk, deed.before
    book = desk.runbooks.get(before.runbook)
    return opening.policy(desk, book, severity, desk.settings.estate.find(before.model)) if book else before.policy
