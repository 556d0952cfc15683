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


def labels(number: int, cause: int, prefix: str) -> dict[str, str]:
    """The labels of one alert; alerts of one cause have one model."""
    return {
        "alertname": name(number),
        "cluster": "prod-eu",
        "environment": "production",
        "feature": f"f{number}",
        "job": "drift-monitor",
        "kind": "drift",
        "model": f"{prefix}-{cause:05d}",
        "model_version": "7",
        "severity": "warning",
    }


def _alert(number: int, cause: int, started: str, prefix: str = "model") -> dict[str, Any]:
    return {
        "labels": labels(number, cause, prefix),
        "annotations": {"summary": f"PSI of f{number} is 0.27 (threshold 0.2)", "value": "0.27"},
        "startsAt": started,
        "generatorURL": "http://prometheus.example.com:9090/graph?g0.expr=model_feature_psi+%3E+0.2&g0.tab=1",
    }


def _batches(count: int, size: int, causes: int) -> list[list[tuple[int, int]]]:
    """The (number, cause) of the alerts of each delivery.

    A delivery is one group, as Alertmanager sends them, so its alerts have one cause, unless there are to be more
    causes than deliveries.
    """
    starts = range(0, count, size)
    spread = causes > len(starts)
    return [[(n, (n if spread else at // size) % causes) for n in range(at, min(at + size, count))] for at in starts]


def webhook(count: int, size: int, causes: int, prefix: str = "model") -> list[bytes]:
    """`count` distinct alerts in deliveries of `size`, as Alertmanager tells them by webhook; models are `prefix`-N."""
    started = datetime.now(UTC).isoformat()
    mark = f"{zlib.crc32(prefix.encode()):08x}"
    return [
        _delivery(
            [
                {
                    **_alert(n, cause, started, prefix),
                    "status": "firing",
                    "endsAt": ZERO,
                    "fingerprint": f"{mark}{n:08x}",
                }
                for n, cause in batch
            ]
        )
        for batch in _batches(count, size, causes)
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
    return [orjson.dumps([_alert(n, cause, started) for n, cause in batch]) for batch in _batches(count, size, causes)]
