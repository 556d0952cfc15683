"""What a page becomes at Opsgenie: an alert, under an alias that is the page's own key."""

from typing import Any
from urllib.parse import quote

from bot.contract import Call, reading
from plugins.opsgenie import asked
from plugins.opsgenie.settings import OpsgenieSettings

SOURCE = "Tocsin"  #: who we are to Opsgenie; its webhooks say it again
_PRIORITY = {"sev1": "P1", "sev2": "P2", "sev3": "P3", "sev4": "P4"}  #: whatever is milder: P5
_SLASH = "|"  # stands in no key
_MEASURES = 5  # that one alert shows


def alias(key: str) -> str:
    """The name there of the page with this key; without a slash, for it stands in addresses."""
    return key.replace("/", _SLASH)


def key(alias_: str) -> str:
    """The key of the page behind an alias, or whatever else it may be."""
    return alias_.replace(_SLASH, "/")


def alert(call: Call, settings: OpsgenieSettings) -> dict[str, Any]:
    """The body that creates it: Opsgenie only counts a second one of the same alias."""
    incident, view = call.view.incident, call.view
    why = f"{call.person.name} ({call.page.tier}): {call.page.why}"
    body = {
        "message": _words(f"{incident.id} {view.headline}", asked.MESSAGE),
        "alias": alias(call.key),
        "description": _words(f"{view.headline} - {why}", reading.SUMMARY),
        "source": SOURCE,
        "user": SOURCE,
        "entity": _words(incident.model or incident.entity, reading.NAME),
        "priority": _PRIORITY.get(incident.severity, "P5"),
        "details": _details(call),
    }
    responders = _responders(call, settings)
    return {**body, "responders": responders} if responders else body


def follow(call: Call) -> tuple[str, dict[str, Any]] | None:
    """Where to say how our incident stands, and what; None where it is not answered."""
    incident, name = call.view.incident, call.page.provider_id or alias(call.key)
    if incident.phase == "triggered":
        return None
    if not incident.open:
        return _acted(name, "close", f"{incident.id} is {incident.resolution or 'resolved'}.")
    return _acted(name, "acknowledge", f"{incident.id} is held by {incident.holder or 'somebody'}.")


def superseded(call: Call) -> tuple[str, dict[str, Any]] | None:
    """The end of this person's page before this one, if there was any: one stays open there, and the new one rings."""
    mine = [page for page in call.view.pages if (page.person, page.channel) == (call.page.person, call.page.channel)]
    sent = [page for page in mine if page.id != call.page.id and page.sent_at and page.provider_id]
    if not sent:
        return None
    last = max(sent, key=lambda page: (page.sent_at, page.step))
    return _acted(str(last.provider_id), "close", f"{call.view.incident.id} pages anew.")


def _acted(name: str, action: str, note: str) -> tuple[str, dict[str, Any]]:
    where = f"v2/alerts/{quote(name, safe='')}/{action}?identifierType=alias"
    return where, {"user": SOURCE, "source": SOURCE, "note": _words(note)}


def _responders(call: Call, settings: OpsgenieSettings) -> list[dict[str, Any]]:
    """Those the settings name for this person, or for all; else the person."""
    given = settings.responders_of.get(call.person.name, settings.responders)
    if given is not None:
        return [one.model_dump(exclude_none=True) for one in given]
    return [{"type": "user", "username": call.person.email}] if call.person.email else []


def _details(call: Call) -> dict[str, str]:
    """The facts of the incident; words of an alert stay words."""
    view, incident = call.view, call.view.incident
    said: dict[str, Any] = {
        "incident": incident.id,
        "severity": incident.severity,
        "kind": incident.kind,
        "model": incident.model,
        "version": incident.model_version,
        "environment": incident.environment,
        "team": view.owner_team,
        "runbook": view.runbook_title,
        "also": "; ".join(f"{one.incident.id} {one.headline}" for one in call.also),
    }
    measures = [measure for kept in view.alerts for measure in kept.alert.measures][:_MEASURES]
    shown = "; ".join(f"{one.metric} {one.value:g}" for one in measures if one.value is not None)
    return {name: _words(str(one), 500) for name, one in {**said, "measures": shown}.items() if one}


def _words(said: str, limit: int = reading.LABEL) -> str:
    return (reading.text(reading.clean(said), limit) or "-").strip()
