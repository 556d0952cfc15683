"""A night as monitors tell it: 10,000 messages of 40 causes within five minutes, as Prometheus posts them.

Each message is one alert at one moment: what fires is sent again every minute, as Prometheus does. The causes:

| causes | what happens | messages of each |
|---|---|---|
| 10 | a table is not filled; then 49 features of the three models it feeds drift | 50 alerts, 5 times |
| 15 | 50 features of one model drift, one after the other within a minute | 50 alerts, 5 times |
| 5 | the 50 tools of an agent fail one after the other | 50 alerts, 5 times |
| 10 | 25 latency alerts of a model flap: 25 s on, 25 s off | 25 alerts, 5 times on, 5 times off |
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

ENTITIES = ("retail", "lending", "market", "travel")
TABLES, DRIFTS, AGENTS, FLAPS = 10, 15, 5, 10
CAUSES = TABLES + DRIFTS + AGENTS + FLAPS
SENDS, EVERY = 5, 55.0  #: how often what fires is told, and the seconds between
SPREAD = 20.0  #: seconds within which the causes begin
ENDS = timedelta(minutes=4)  #: what Prometheus says of the end of an alert that fires


@dataclass(frozen=True, slots=True)
class Told:
    """One message: when, of which cause, about which alert, and whether it fires."""

    at: float  #: seconds from the beginning
    cause: int
    labels: dict[str, str]
    since: float  #: when the alert began to fire
    firing: bool = True


def entity(cause: int) -> str:
    """Whose business a cause touches."""
    return ENTITIES[cause % len(ENTITIES)]


def models(cause: int) -> list[str]:
    """What a cause is about; the first is where it lies."""
    if cause < TABLES:
        return [f"table-{cause:02d}", *(f"fed-{cause:02d}-{letter}" for letter in "abc")]
    return [f"{'model' if not TABLES + DRIFTS <= cause < TABLES + DRIFTS + AGENTS else 'agent'}-{cause:02d}"]


def night() -> list[Told]:
    """All of it, in the order in which it is told."""
    found = [told for cause in range(CAUSES) for told in _cause(cause)]
    return sorted(found, key=lambda told: told.at)


def _cause(cause: int) -> Iterator[Told]:
    start = SPREAD * cause / CAUSES
    if cause < TABLES:
        yield from _steady(cause, [("TableStale", models(cause)[0], "rows", "freshness")], start, 0.0)
        fed = models(cause)[1:]
        drifting = [("FeatureDrift", fed[n % 3], f"f{n:02d}", "drift") for n in range(49)]
        yield from _steady(cause, drifting, start + 5, 20.0)
    elif cause < TABLES + DRIFTS:
        yield from _steady(cause, _fifty(cause, "FeatureDrift", "drift"), start, 40.0)
    elif cause < TABLES + DRIFTS + AGENTS:
        yield from _steady(cause, _fifty(cause, "ToolFailing", "failure"), start, 40.0)
    else:
        for n in range(25):
            for turn in range(10):
                labels = _labels(cause, "LatencyHigh", models(cause)[0], f"route{n:02d}", "latency")
                began = start + 50.0 * (turn // 2)
                yield Told(began + (25.0 if turn % 2 else 0.0) + n / 25, cause, labels, began, turn % 2 == 0)


def _fifty(cause: int, name: str, kind: str) -> list[tuple[str, str, str, str]]:
    return [(name, models(cause)[0], f"f{n:02d}", kind) for n in range(50)]


def _steady(cause: int, alerts: list[tuple[str, str, str, str]], start: float, within: float) -> Iterator[Told]:
    """Alerts that begin one after the other within so many seconds, and go on firing."""
    for n, alert in enumerate(alerts):
        began = start + within * n / len(alerts)
        for send in range(SENDS):
            yield Told(began + EVERY * send, cause, _labels(cause, *alert), began)


def _labels(cause: int, name: str, model: str, feature: str, kind: str) -> dict[str, str]:
    return {
        "alertname": name,
        "cluster": "prod-eu",
        "entity": entity(cause),
        "environment": "production",
        "feature": feature,
        "job": "monitors",
        "kind": kind,
        "model": model,
        "severity": "warning",
    }


def body(told: list[Told], began: datetime) -> bytes:
    """Some messages of one moment as Prometheus posts them; `began` is the beginning of the night."""
    return orjson.dumps([_alert(one, began) for one in told])


def _alert(told: Told, began: datetime) -> dict[str, Any]:
    now = began + timedelta(seconds=told.at)
    feature, model = told.labels["feature"], told.labels["model"]
    return {
        "labels": told.labels,
        "annotations": {"summary": f"{told.labels['alertname']} of {feature} of {model}", "value": "0.27"},
        "startsAt": (began + timedelta(seconds=told.since)).isoformat(),
        "endsAt": (now + ENDS if told.firing else now).isoformat(),
        "generatorURL": "http://prometheus.example.com:9090/graph?g0.expr=model_feature_psi+%3E+0.2&g0.tab=1",
    }
