"""Facts of an incident that never was, whole and with nothing known: templates are tried on both."""

from collections.abc import Mapping
from typing import Any

AT = "2026-11-24 03:12:00 UTC"
SCORE = {"metric": "auc", "champion": "0.56 (0.5 to 0.6)", "challenger": "0.82 (0.8 to 0.9)", "difference": "0.25"}
TRAINED = {
    "change": "CHG-1",
    "run": "run",
    "link": "https://example.com/run",
    "ended": AT,
    "since": AT,
    "until": AT,
    "excluded": [f"{AT} to {AT}"],
    "approved_by": ["bo"],
    "passed": True,
    "metrics": [{"name": "auc", "value": 0.8}],
}
FULL: Mapping[str, Any] = {
    "document": {"id": "PM-1", "at": AT, "owner": "ada", "due": "2026-11-29", "open": True, "fault": "why"},
    "incident": {
        "id": "INC-1",
        "title": "text",
        "severity": "sev1",
        "phase": "resolved",
        "open": True,
        "resolution": "resolved",
        "entity": "retail",
        "kind": "drift",
        "model": "churn",
        "team": "churn-ml",
        "holder": "ada",
        "opened": AT,
        "resolved": AT,
        "ended_by": "ada",
        "merged_into": "INC-2",
        "runbook": "drift",
        "runbook_title": "text",
        "revision": "0123456789ab",
    },
    "summary": {"sentences": ["text"]},
    "impact": {
        "predictions": 12_000,
        "how": "text",
        "rate": "1 a minute",
        "since": AT,
        "at": AT,
        "duration": "2 h",
        "segments": ["web"],
        "features": ["age"],
        "entities": ["retail"],
        "downstream": ["price"],
        "by_segment": [{"segment": "web", "count": 7}],
        "alerts": 2,
        "repeats": 3,
    },
    "detection": {
        "by": "monitor prom",
        "person": True,
        "source": "webhook",
        "title": "text",
        "onset": AT,
        "onset_inferred": True,
        "detected": AT,
        "after": "5 s",
        "runbook": "drift",
        "revision": "0",
        "why": "text",
    },
    "identity": {
        "model": "churn",
        "catalogued": True,
        "kind": "model",
        "team": "churn-ml",
        "entity": "retail",
        "criticality": "high",
        "platform": "mlflow",
        "environment": "production",
        "version": "7",
        "by_monitor": "7",
        "by_ledger": "7",
        "since": AT,
        "first_look": True,
        "brought_by": "ada",
        "approved_by": ["bo"],
        "trained": TRAINED,
        "now": "6",
        "way_back": "6",
        "way_back_why": "text",
        "moves": [{"at": AT, "until": AT, "serving": "7", "by": "ada", "change": "CHG-1", "why": "text"}],
    },
    "signal": {
        "measures": [
            {
                "metric": "psi",
                "of": "age",
                "value": 0.4,
                "limit": "> 0.25",
                "baseline": 0.1,
                "sample_size": 1_000,
                "window": "6h",
                "at": AT,
                "monitor": "prom",
            }
        ],
        "more": 3,
        "held": [{"at": AT, "title": "text", "measures": "psi 0.4", "why": "text"}],
        "pictures": [{"name": "INC-1-drift.png", "alt": "text"}],
        "bars": ["text"],
        "no_pictures": "text",
        "links": ["https://example.com"],
    },
    "failure": {
        "likely": "bad release",
        "guesses": [{"title": "bad release", "speaks_for": ["text"], "speaks_against": ["text"]}],
    },
    "timers": [{"name": "detected", "at": AT, "after": "5 s", "since_first": "5 s", "known": True, "how": "text"}],
    "evaluation": {
        "trials": [
            {
                "id": "TRL-1",
                "at": AT,
                "champion": "7",
                "challenger": "6",
                "since": AT,
                "until": AT,
                "state": "done",
                "finding": "better",
                "why": "text",
                "samples": 500,
                "scores": [SCORE],
                "slices": [{"name": "tenure = new", "samples": 50, "finding": "better", **SCORE}],
                "checks": [{"what": "enough rows", "ok": True, "why": "text"}],
            }
        ],
        "after": [{"change": "CHG-1", "at": AT, "found": "recovered", "why": "text"}],
    },
    "trail": [
        {
            "id": "CHG-1",
            "what": "rollback of churn to 6",
            "effect": "text",
            "why": "text",
            "requested_by": "ada",
            "approved_by": ["bo"],
            "needs": 1,
            "glass": "text",
            "digest": "0123456789ab",
            "step": "done",
            "outcome": "text",
            "elsewhere": True,
            "rows": [{"at": AT, "step": "request", "who": "ada", "what": "text", "ref": "retail/7"}],
        }
    ],
    "denials": [{"at": AT, "who": "kim", "what": "text"}],
    "hints": {"well": ["text"], "badly": ["text"], "luckily": ["text"]},
    "gap": {"facts": ["text"], "late": True},
    "follow_ups": [
        {
            "id": "FU-1",
            "what": "text",
            "owner": "ada",
            "due": "2026-12-01",
            "standing": "open",
            "link": "https://a.example",
        }
    ],
    "clocks": [
        {
            "regime": "eu-ai-act",
            "step": "report",
            "why": "text",
            "reference": "text",
            "by": "ada",
            "since": AT,
            "due": AT,
            "standing": "running",
        }
    ],
    "timeline": {
        "lines": [
            {
                "at": AT,
                "recorded": AT,
                "late": True,
                "who": "ada",
                "what": "text",
                "kind": "incident.opened",
                "ref": "retail/7",
            }
        ],
        "hidden": 1,
        "more": 1,
        "total": 3,
    },
}


def bare(said: Any) -> Any:
    """The same with nothing in it: every list is empty, every value unknown; counts are none, and yes is no."""
    if isinstance(said, Mapping):
        return {name: bare(value) for name, value in said.items()}
    if isinstance(said, list):
        return []
    return False if isinstance(said, bool) else None


SAMPLES: tuple[Mapping[str, Any], ...] = (FULL, bare(FULL))
