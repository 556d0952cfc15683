"""Open an incident by hand: what a person says is an alert like any other, routed by the same rules, but never grouped.

Its grouping key is its own, so no open incident swallows it; the same `key` twice opens it once.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from bot import documents, words
from bot.contract import reading
from bot.engine import escalate, ladder, notes, onset, opening, summon
from bot.engine.desk import Desk
from bot.engine.ladder import Rung
from bot.errors import BadInput
from bot.model.alert import Alert, Kind, Status
from bot.model.entry import Entry
from bot.model.incident import SEVERITIES, Incident
from bot.model.runbook import Policy
from bot.model.verdict import Verdict
from bot.rules import written
from bot.store import Tx, alerts, incidents, jobs

SOURCE, CONNECTION = "person", "by-hand"
DRAWN = "INC-0"  #: the id of an incident that is only thought of
TITLE, DETAILS = reading.TITLE, 3_000  #: how many characters of each are kept


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody declares; what is left out is None."""

    title: str
    model: str | None = None  #: its name or one of its aliases; one nobody has catalogued is taken as it is
    entity: str | None = None  #: asked only where the model does not tell
    environment: str | None = "production"
    kind: str = "failure"
    severity: str | None = None  #: goes before what the runbook says
    details: str = ""
    target: str | None = None  #: paged in place of the start tier; the tiers above it stay
    source_link: str | None = None
    language: str = "en"  #: of the sentences in the answer


@dataclass(frozen=True, slots=True)
class Preview:
    """What `open_` would do: by which runbook, how severe it is and why, who is paged when, and which tier is not."""

    runbook: str
    title: str  #: of the runbook
    severity: str
    why: str
    steps: tuple[Rung, ...]
    gaps: tuple[str, ...]  #: a sentence for each tier that reaches nobody


@dataclass(frozen=True, slots=True)
class Declared:
    """The verdict, its sentence, and the incident that is open now; None when nothing was opened."""

    verdict: Verdict
    sentence: str
    incident: Incident | None


async def preview(desk: Desk, draft: Draft, now: datetime) -> Preview:
    """What declaring `draft` would do; a title may still be missing. BadInput for all else that `open_` refuses."""
    _, incident = _draw(desk, draft, "", now)
    climb = await desk.store.read(lambda tx: ladder.climb(tx, desk, incident, now, draft.language))
    book = desk.runbooks.get(incident.runbook)
    title = book.title if book else incident.runbook
    return Preview(incident.runbook, title, incident.severity, incident.why, climb.rungs, climb.gaps)


async def open_(desk: Desk, draft: Draft, by: str, at: datetime, via: str, key: str) -> Declared:
    """Open it and page at once, all in one transaction. ALREADY with its incident when `key` opened one before.

    STRANGER when `by` is nobody we know. BadInput: no title, or a severity, kind, entity, target or link that is none.
    """
    if not written.line(draft.title, TITLE):
        raise BadInput("An incident needs a title.", "Say in a few words what is wrong.")
    thought = _draw(desk, draft, key, at)
    return await desk.store.write(lambda tx: _open(tx, desk, draft, thought, (by, via)))


def _open(tx: Tx, desk: Desk, draft: Draft, thought: tuple[Alert, Incident], who: tuple[str, str]) -> Declared:
    (alert, incident), (by, via) = thought, who
    say = words.of(draft.language).answer
    person = desk.person(tx, by)
    if person is None:
        sentence = say.verdicts.get(Verdict.STRANGER.name, Verdict.STRANGER.sentence)
        return Declared(Verdict.STRANGER, sentence, None)
    if before := alerts.latest(tx, [alert.problem]).get(alert.problem):
        known = incidents.get(tx, before.incident_id)
        return Declared(Verdict.ALREADY, words.fill(say.declared_already, incident=known.id), known)
    (number,) = incidents.numbers(tx, 1)
    why = f"Opened by hand by {person}. {incident.why}"
    incident = replace(incident, id=f"INC-{number}", why=why, alerts_firing=1, alerts_total=1)
    (step,) = escalate.decide(tx, desk, [incident], incident.opened_at)
    incidents.add(tx, [step.incident])
    tx.note(_opened(incident, draft, alert, person, {"via": via, "as": by}))
    escalate.put_down(tx, desk, [step], f"person:{person}", incident.opened_at)
    alerts.add(tx, [(alert, incident.id, True)], (), incident.opened_at)
    escalate.redraw(tx, step.incident, tx.now)
    jobs.put(tx, *onset.wanted(desk, [step.incident], tx.now))
    names = ", ".join(dict.fromkeys(page.person for page in step.pages))
    sentence = words.fill(say.declared if names else say.declared_nobody, incident=incident.id, names=names)
    return Declared(Verdict.GO, sentence, step.incident)


def _draw(desk: Desk, draft: Draft, key: str, at: datetime) -> tuple[Alert, Incident]:
    """The alert that `draft` is, and the incident it opens."""
    alert = _alert(desk, draft, key, at)
    route = opening.route(desk, alert)
    if draft.severity:
        route.severity, route.why = draft.severity, f"{draft.severity} as said by hand."
    route.key = alert.problem
    incident = opening.incident(desk, DRAWN, alert, route, at)
    if draft.target is None:
        return alert, incident
    target = summon.target(desk, draft.target)
    return alert, replace(incident, policy=_first(incident.policy, target))


def _alert(desk: Desk, draft: Draft, key: str, at: datetime) -> Alert:
    estate = desk.settings.estate
    model = estate.find(draft.model)
    if draft.severity and draft.severity not in SEVERITIES:
        raise BadInput(f"There is no severity {draft.severity[:40]!r}.", f"Choose one of {', '.join(SEVERITIES)}.")
    if draft.kind not in list(Kind):
        raise BadInput(f"There is no kind {draft.kind[:40]!r}.", f"Choose one of {', '.join(Kind)}.")
    if draft.entity and not model and draft.entity not in estate.entities:
        cure = documents.closest(draft.entity, estate.entities) or "Name one from config/estate.yaml, or none."
        raise BadInput(f"There is no entity {draft.entity[:40]!r}.", cure)
    if draft.source_link and reading.link(draft.source_link) is None:
        raise BadInput("That is no link.", "Give one that begins with https://.")
    return Alert(
        source=SOURCE,
        connection=CONNECTION,
        problem=f"hand/{key}",
        title=written.line(draft.title, TITLE),
        status=Status.FIRING,
        kind=Kind(draft.kind),
        started_at=at,
        model=model.name if model else written.line(draft.model or "", reading.NAME) or None,
        environment=written.line(draft.environment or "", reading.NAME) or None,
        entity=model.entity if model else draft.entity,
        severity=draft.severity,
        summary=written.text(draft.details, DETAILS),
        links=(draft.source_link,) if draft.source_link else (),
    )


def _first(policy: Policy, target: str) -> Policy:
    """The policy with `target` in place of whoever its start tier pages; its waits and the tiers above it stay."""
    tiers = (replace(tier, page=(target,)) if tier.name == policy.start else tier for tier in policy.tiers)
    return replace(policy, tiers=tuple(tiers))


def _opened(incident: Incident, draft: Draft, alert: Alert, person: str, door: dict[str, object]) -> Entry:
    """The entry that begins its timeline; it holds everything that was said."""
    entry = notes.opened(incident, incident.opened_at, f"person:{person}")
    said = {"details": alert.summary, "target": draft.target, "link": draft.source_link, "given": draft.severity}
    given = {name: value for name, value in said.items() if value}
    return replace(entry, after={**entry.after, **given, **door, "digest": notes.digest([alert])})
