"""What Prometheus Alertmanager posts to a webhook (version 4), about one feature of one model."""

import hashlib
from datetime import datetime
from typing import Any

RULE = "FeatureDriftPSIHigh"
NEVER = "0001-01-01T00:00:00Z"  # how Go writes that something has not ended


def delivery(model: str, started: datetime, ended: datetime | None = None) -> dict[str, Any]:
    """A message with one alert: firing since `started`, or resolved when it `ended`."""
    labels = {"alertname": RULE, "model": model, "model_version": "7", "environment": "production"}
    labels |= {"feature": "tenure", "kind": "drift", "severity": "warning"}
    notes = {"summary": f"PSI of tenure on {model} is 0.31", "value": "0.31"}
    status = "resolved" if ended else "firing"
    alert = {
        "status": status,
        "labels": labels,
        "annotations": notes,
        "startsAt": started.isoformat(),
        "endsAt": ended.isoformat() if ended else NEVER,
        "generatorURL": "http://prometheus.example/graph?g0.expr=model_feature_psi+%3E+0.2&g0.tab=1",
        "fingerprint": hashlib.sha256(repr(sorted(labels.items())).encode()).hexdigest()[:16],
    }
    return {
        "version": "4",
        "groupKey": f'{{}}:{{alertname="{RULE}"}}',
        "truncatedAlerts": 0,
        "status": status,
        "receiver": "tocsin",
        "groupLabels": {"alertname": RULE},
        "commonLabels": labels,
        "commonAnnotations": notes,
        "externalURL": "http://alertmanager.example",
        "alerts": [alert],
    }
