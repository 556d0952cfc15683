"""What a page becomes at PagerDuty: one event that triggers, and later ones that follow our incident."""

from typing import Any

from bot.contract import Call, reading
from plugins.pagerduty import event

_SEVERITY = {"sev1": "critical", "sev2": "error", "sev3": "warning"}  #: whatever is milder: info
_LINKS, _MEASURES = 5, 5  # that one event shows


def trigger(call: Call, address: str | None) -> dict[str, Any]:
    """The event that pages: PagerDuty drops copies by its key, which is the page's own."""
    incident = call.view.incident
    body: dict[str, Any] = {
        "event_action": "trigger",
        "dedup_key": call.key,
        "client": "Tocsin",
        "payload": {
            "summary": _words(f"{incident.id} {call.view.headline}", event.SUMMARY),
            "source": _words(incident.model or incident.entity or call.page.channel),
            "severity": _SEVERITY.get(incident.severity, "info"),
            "timestamp": incident.opened_at.isoformat(),
            "class": incident.kind,
            **{name: _words(said) for name, said in _place(call).items() if said},
            "custom_details": _details(call),
        },
    }
    if address:
        body["client_url"] = address
    links = [link for kept in call.view.alerts for link in kept.alert.links if reading.link(link)]
    if links:
        body["links"] = [{"href": link, "text": "From the monitor"} for link in dict.fromkeys(links[:_LINKS])]
    return body


def follow(call: Call) -> dict[str, Any] | None:
    """What PagerDuty is told of how our incident stands; None where it is not answered."""
    incident, key = call.view.incident, call.page.provider_id or call.key
    if incident.phase == "triggered":
        return None
    return {"event_action": "acknowledge" if incident.open else "resolve", "dedup_key": key}


def superseded(call: Call) -> dict[str, Any] | None:
    """The end of this person's page before this one, if there was any: one stays open there, and the new one rings."""
    before = [page for page in call.view.pages if _same(call, page.person, page.channel) and page.id != call.page.id]
    sent = [page for page in before if page.sent_at and page.provider_id]
    if not sent:
        return None
    last = max(sent, key=lambda page: (page.sent_at, page.step))
    return {"event_action": "resolve", "dedup_key": last.provider_id}


def _same(call: Call, person: str, channel: str) -> bool:
    return (person, channel) == (call.page.person, call.page.channel)


def _place(call: Call) -> dict[str, str]:
    incident = call.view.incident
    return {"component": incident.model or "", "group": incident.entity}


def _details(call: Call) -> dict[str, Any]:
    """The facts of the incident, and how to answer; words of an alert stay words."""
    view, incident = call.view, call.view.incident
    said: dict[str, Any] = {
        "incident": incident.id,
        "paged": f"{call.person.name} ({call.page.tier}): {call.page.why}",
        "severity": incident.severity,
        "model": incident.model,
        "version": incident.model_version,
        "environment": incident.environment,
        "team": view.owner_team,
        "runbook": view.runbook_title,
        "alerts": incident.alerts_firing,
    }
    facts = {name: _words(str(one)) for name, one in said.items() if one not in (None, "")}
    measures = [measure for kept in view.alerts for measure in kept.alert.measures][:_MEASURES]
    shown = {_words(one.metric, reading.NAME): one.value for one in measures if one.value is not None}
    return {**facts, **({"measures": shown} if shown else {}), **_also(call)}


def _also(call: Call) -> dict[str, str]:
    """The incidents that the same message pages for."""
    lines = [f"{view.incident.id} {view.headline}" for view in call.also]
    return {"also": _words("; ".join(lines))} if lines else {}


def _words(said: str, limit: int = reading.LABEL) -> str:
    return (reading.text(reading.clean(said), limit) or "-").strip()
