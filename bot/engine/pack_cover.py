"""The cover of an evidence pack: what is in it, what came of the incident, and what is not known; pure, escaped."""

import html
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from bot import words
from bot.engine import serious_say
from bot.engine.export import Bundle
from bot.engine.pack_read import LONGEST, MOST, Found
from bot.model.change import Change, Step
from bot.model.page import PageState
from bot.model.serious import Standing

CUT = 500  #: characters of one cell
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#1b1f24}"
    "table{border-collapse:collapse;width:100%;margin:.5rem 0 2rem}th,td{text-align:left;vertical-align:top;"
    "padding:.3rem .6rem;border-bottom:1px solid #d0d7de;overflow-wrap:break-word;max-width:30rem}"
    "th{background:#f6f8fa}"
    ".unknown{border-left:4px solid #b35900;background:#fff8f0;padding:.5rem 1rem}code{font-size:.9em}"
)
#: What each file is, for whoever opens the zip.
FILES = {
    "alerts.json": "Every alert, with its measures.",
    "changes.json": "Every change of production: its plan, who agreed to what they saw, what was done and seen.",
    "clocks.json": "Reports that a law wants: by when, and what was made of each.",
    "evidence.json": "What was frozen before each change: what served, the alerts, an estimate of the predictions.",
    "follow-ups.json": "What is to be done after it.",
    "incident.json": "The incident as it stands, its policy as it was when it opened, and what was merged into it.",
    "log.zip": "Its part of the log; proves itself: tocsin audit verify log.zip --key key.pub",
    "oncall.json": "Who was on call in every rota that its policy pages, while it was open.",
    "pages.json": "Every page: decided, claimed, sent, delivered, answered.",
    "postmortem.md": "The postmortem, as it stands.",
    "runbook.md": "The runbook's text.",
    "summary.html": "This page.",
    "timeline.html": "The timeline for people: a copy of what stands in log.zip.",
    "timeline.jsonl": "The timeline for programs: a copy of what stands in log.zip.",
}


def unknown(found: Found, bundle: Bundle, erased: int) -> tuple[str, ...]:
    """What the pack cannot say, a sentence each."""
    return tuple(_unknown(found, bundle, erased))


def page(found: Found, bundle: Bundle, missing: Sequence[str], files: Iterable[str]) -> str:
    """The whole page, without script and without anything from elsewhere."""
    incident = found.incident
    title = f"{incident.id}: evidence"
    body = (
        f"<h1>{_safe(title)}</h1><p>{_safe(incident.title)}</p>",
        _table((), _facts(found, bundle)),
        f'<h2>What is not known</h2><div class="unknown"><ul>{"".join(f"<li>{_safe(one)}</li>" for one in missing)}'
        "</ul></div>",
        "<h2>Reports to authorities</h2>",
        _rows(("Report", "How it stands"), _reports(found)),
        "<h2>Changes of production</h2>",
        _rows(("Change", "What", "Asked by", "Agreed by", "Result"), map(_change, found.changes)),
        "<h2>Alerts</h2>",
        _rows(("First seen", "Status", "Title", "Measures"), _alerts(found)),
        "<h2>Who was paged</h2>",
        _rows(("Decided", "Who", "By", "State"), _pages(found)),
        "<h2>Who was on call</h2>",
        _rows(("Rota", "From", "Until", "Who"), _shifts(found)),
        "<h2>What is in this pack</h2>",
        _rows(("File", "What it is"), ((name, FILES.get(name, "")) for name in sorted(files))),
        "<p>Flags for legal; no legal advice. Times are UTC.</p>",
    )
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{_safe(title)}</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{html.escape(_POLICY)}"><style>{_STYLE}</style></head>'
        f"<body>{''.join(body)}</body></html>\n"
    )


def _unknown(found: Found, bundle: Bundle, erased: int) -> Iterator[str]:
    incident = found.incident
    if not bundle.size:
        yield "No checkpoint covers these entries: that the log was not rewritten as a whole rests on its keeper alone."
    if erased:
        yield f"{erased} entries have lost what they said, by erasure or by age; the log says when and why."
    if incident.open:
        yield f"It is {incident.phase.value} still: whatever follows is not in this pack."
    if not found.frozen:
        changed = "no change was applied" if not found.changes else "no change came so far"
        yield f"No evidence was frozen, since {changed}."
    if found.runbook is None:
        yield f"The runbook {incident.runbook} is gone; its text is not here, only its revision, in incident.json."
    elif not found.as_in_force:
        was, now = incident.runbook_revision or "unknown", found.runbook.revision
        yield f"The runbook was changed since: revision {was} was in force, the text here is revision {now}."
    doubtful = [one.id for one in found.changes if one.step is Step.UNKNOWN]
    if doubtful:
        yield f"Nobody can say what came of {', '.join(doubtful)}."
    silent = [one for one in found.pages if one.sent_at and not one.delivered_at and not one.answered_at]
    if silent:
        yield f"{len(silent)} pages were sent, and nothing tells whether they arrived or were read."
    failed = sum(one.state is PageState.FAILED for one in found.pages)
    if failed:
        yield f"{failed} pages could not be delivered; why stands in pages.json."
    yield from _unknown_of_people(found)


def _unknown_of_people(found: Found) -> Iterator[str]:
    incident = found.incident
    total = incident.alerts_total  # what was merged into it is counted there
    if total > len(found.alerts):
        yield f"{total} alerts were counted, {len(found.alerts)} are spelled out (at most {MOST} of each incident)."
    vacant = [one for one in found.on_call if not one.holders]
    if vacant:
        yield f"Nobody was on call in {', '.join(sorted({one.rota for one in vacant}))} for part of the time."
    if found.until - incident.opened_at > LONGEST:
        yield f"Who was on call is told for the first {LONGEST.days} days alone."
    if found.on_call:
        yield "Who was on call is worked out from the rotas as they are kept now and the changes made by hand."
    if found.postmortem is None:
        yield "There is no postmortem."
    if not found.clocks:
        yield "It was not marked as serious under any law; whether one applies is for legal to say."
    elif open_ := [clock for clock, _ in found.clocks if clock.standing is Standing.RUNNING]:
        yield f"{len(open_)} reports that a law wants have not been said to be made."
    yield "What happened outside Tocsin is not here: telephone calls, messages elsewhere, the data behind the measures."


def _facts(found: Found, bundle: Bundle) -> Iterator[tuple[str, str]]:
    incident = found.incident
    yield "Entity", incident.entity
    yield "Model", " ".join(filter(None, (incident.model, incident.model_version))) or "none named"
    yield "Severity", incident.severity
    yield "Opened", _moment(incident.opened_at)
    yield "Phase", incident.phase.value
    if incident.resolved_at:
        yield "Resolved", f"{_moment(incident.resolved_at)}, {incident.resolution or ''}"
    if found.parts:
        yield "Merged into it", ", ".join(one.id for one in found.parts)
    yield "Runbook", f"{incident.runbook}, revision {incident.runbook_revision or 'unknown'}"
    if hold := found.hold:
        ended = f"lifted {_moment(hold.lifted_at)}" if hold.lifted_at else "in force"
        yield "Legal hold", f"since {_moment(hold.at)} by {hold.by}, {ended}: {hold.why}"
    covered = f"covered by a checkpoint of {bundle.size}" if bundle.size else "covered by no checkpoint"
    yield "Log", f"{bundle.entries} entries of {bundle.chain}, {covered}; SHA-256 of log.zip {bundle.digest}"
    yield "Packed", _moment(found.read_at)


def _reports(found: Found) -> Iterator[tuple[str, str]]:
    for clock, duty in found.clocks:
        said = serious_say.stands((clock, duty), found.read_at, "UTC", words.ENGLISH)
        yield f"{clock.incident} {clock.regime}/{clock.step}", said


def _change(change: Change) -> tuple[str, ...]:
    plan = change.plan
    what = f"{plan.lever.value} {plan.model}: {_split(change.plan.before.split)} to {_split(change.plan.after.split)}"
    agreed = ", ".join(one.by for one in change.agreements) or "nobody"
    return change.id, what, change.requested_by, agreed, change.step.value


def _split(split: Mapping[str, float]) -> str:
    return ", ".join(split) or "nothing"


def _alerts(found: Found) -> Iterator[tuple[str, ...]]:
    for kept in found.alerts:
        measures = "; ".join(f"{one.metric} {one.value} (threshold {one.threshold})" for one in kept.alert.measures)
        yield _moment(kept.first_seen_at), kept.status.value, kept.alert.title, measures


def _pages(found: Found) -> Iterator[tuple[str, ...]]:
    for one in found.pages:
        yield _moment(one.decided_at), one.person, one.channel, one.state.value


def _shifts(found: Found) -> Iterator[tuple[str, ...]]:
    for one in found.on_call:
        who = ", ".join(holder.person for holder in one.holders) or "nobody"
        yield one.rota, _moment(one.start), _moment(one.end), who


def _rows(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    found = list(rows)
    return _table(head, found) if found else "<p>None.</p>"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    titles = f"<tr>{''.join(f'<th>{_safe(each)}</th>' for each in head)}</tr>" if head else ""
    cells = ("".join(f"<td>{_safe(cell)}</td>" for cell in row) for row in rows)
    return f"<table>{titles}{''.join(f'<tr>{row}</tr>' for row in cells)}</table>"


def _safe(text: str) -> str:
    """Text of others as it may stand in a page: cut, escaped, without what a parser must not see."""
    cut = text if len(text) <= CUT else f"{text[: CUT - 1]}…"
    clean = "".join("\ufffd" if ord(char) < 32 and char not in "\n\t" else char for char in cut)
    return html.escape(clean.encode("utf-8", "replace").decode())


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%SZ")
