"""Alerts made beforehand, the same for both: as Alertmanager's webhook tells them, and as Prometheus posts them."""

import zlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

ZERO = "0001-01-01T00:00:00Z"


def name(number: int) -> str:
    """The alert's name, by which it is known again in Slack and in a webhook; no name is part of another."""
    return f"PsiHigh{number:06d}"


def labels(number: int, causes: int, prefix: str) -> dict[str, str]:
    """The labels of one alert; alerts of one cause have one model."""
    return {
        "alertname": name(number),
        "cluster": "prod-eu",
        "environment": "production",
        "feature": f"f{number}",
        "job": "drift-monitor",
        "kind": "drift",
        "model": f"{prefix}-{number % causes:05d}",
        "model_version": "7",
        "severity": "warning",
    }


def _alert(number: int, causes: int, started: str, prefix: str = "model") -> dict[str, Any]:
    return {
        "labels": labels(number, causes, prefix),
        "annotations": {"summary": f"PSI of f{number} is 0.27 (threshold 0.2)", "value": "0.27"},
        "startsAt": started,
        "generatorURL": "http://prometheus.example.com:9090/graph?g0.expr=model_feature_psi+%3E+0.2&g0.tab=1",
    }


def _batches(count: int, size: int) -> list[range]:
    return [range(at, min(at + size, count)) for at in range(0, count, size)]


def webhook(count: int, size: int, causes: int, prefix: str = "model") -> list[bytes]:
    """`count` distinct alerts in deliveries of `size`, as Alertmanager tells them by webhook; models are `prefix`-N."""
    started = datetime.now(UTC).isoformat()
    mark = f"{zlib.crc32(prefix.encode()):08x}"
    return [
        _delivery(
            [
                {
                    **_alert(n, causes, started, prefix),
                    "status": "firing",
                    "endsAt": ZERO,
                    "fingerprint": f"{mark}{n:08x}",
                }
                for n in batch
            ]
        )
        for batch in _batches(count, size)
    ]


def _delivery(alerts: Sequence[dict[str, Any]]) -> bytes:
    return orjson.dumps(
        {
            "receiver": "tocsin",
            "status": "firing",
            "alerts": alerts,
            "groupLabels": {"kind": "drift"},
            "commonLabels": {"environment": "production", "kind": "drift"},
            "commonAnnotations": {},
            "externalURL": "http://alertmanager.example.com:9093",
            "version": "4",
            "groupKey": f'{{}}:{{kind="drift", first="{alerts[0]["fingerprint"]}"}}',
            "truncatedAlerts": 0,
        }
    )


def prometheus(count: int, size: int, causes: int) -> list[bytes]:
    """The same alerts as Prometheus posts them to /api/v2/alerts."""
    started = datetime.now(UTC).isoformat()
    return [orjson.dumps([_alert(n, causes, started) for n in batch]) for batch in _batches(count, size)]
