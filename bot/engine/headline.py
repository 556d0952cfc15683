"""The one line that says what is wrong: on a lock screen, in a list, at the head of a card."""

from bot.model.alert import KeptAlert, Measure
from bot.model.incident import Incident


def of(incident: Incident, first: KeptAlert | None) -> str:
    """`[SEV2] churn v7: psi of age 0.31 (threshold 0.2)`; plain text, not escaped."""
    subject = " ".join(part for part in (incident.model, version(incident)) if part) or incident.entity
    what = incident.title
    if first and first.alert.measures:
        breach = measure(first.alert.measures[0])
        # A monitor that names no metric is known by its title, which is said once.
        what = breach if breach.startswith(incident.title) else f"{incident.title} - {breach}"
    return f"[{incident.severity.upper()}] {subject}: {what}"


def version(incident: Incident) -> str:
    """`v7`, or nothing when no monitor named a version."""
    given = incident.model_version or ""
    return f"v{given}" if given[:1].isdigit() else given


def measure(m: Measure) -> str:
    """`psi of age 0.31 (threshold > 0.2)`, leaving out what the sender did not say."""
    where = " ".join(
        part for part in (f"of {m.feature}" if m.feature else "", f"in {m.segment}" if m.segment else "") if part
    )
    value = number(m.value) if m.value is not None else "breached"
    limit = f" (threshold {m.op + ' ' if m.op else ''}{number(m.threshold)})" if m.threshold is not None else ""
    return f"{m.metric}{' ' + where if where else ''} {value}{limit}"


def number(value: float) -> str:
    """At most four significant digits, no exponent where it can be helped."""
    return f"{value:.4g}" if abs(value) < 1e6 else f"{value:,.0f}"
