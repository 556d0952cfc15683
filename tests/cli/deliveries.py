"""Bodies that an Alertmanager could have sent."""

import json


def firing(fingerprint: str = "abcd", summary: str = "psi is high", status: str = "firing") -> str:
    """One alert about the model churn."""
    labels = {"alertname": "PSIHigh", "model": "churn", "kind": "drift"}
    ended = "2026-11-02T10:00:00Z" if status == "resolved" else "0001-01-01T00:00:00Z"
    alert = {
        "status": status,
        "labels": labels,
        "annotations": {"summary": summary},
        "startsAt": "2026-11-02T09:00:00Z",
        "endsAt": ended,
        "generatorURL": "http://prometheus.example/graph?g0.expr=psi",
        "fingerprint": fingerprint,
    }
    message = {"version": "4", "groupKey": "{}:{}", "truncatedAlerts": 0, "status": status, "receiver": "tocsin"}
    groups: dict[str, object] = {"groupLabels": {}, "commonLabels": labels, "commonAnnotations": {}}
    return json.dumps({**message, **groups, "externalURL": "http://alertmanager.example", "alerts": [alert]})
