"""A small configuration for tests of the whole bot: two people, one model, one runbook, your connections."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

PEOPLE = ("ada", "bo")  #: ada is on call; bo is her second tier
CHANNELS = ("#ml-oncall",)

_RUNBOOK = """\
---
title: Something is wrong with a model
owner: churn-ml
review_by: 2099-01-01
match: {}
severity:
  - {is: sev2}
tiers:
  L1: {page: "person:ada", answer_within: 10m}
  L2: {page: "person:bo", answer_within: 15m}
start: {sev2: L1}
fallback: "person:bo"
---
## Check first
1. What changed last?
"""


def write(home: Path, *connections: Mapping[str, Any], notify: Mapping[str, str] | None = None) -> Path:
    """The configuration folder below `home`, its runbook beside it.

    Each connection is its keys as in tocsin.yaml; `notify` is how somebody wants to be reached, as in
    {"ada": "slack, mine after 2m"} (not given: Slack).
    """
    ways = notify or {}
    config = home / "config"
    config.mkdir(parents=True)
    (home / "runbooks").mkdir()
    (home / "runbooks" / "anything.md").write_text(_RUNBOOK, "utf-8")
    files: dict[str, dict[str, Any]] = {
        "tocsin": {
            "database": f"sqlite:///{home / 'tocsin.db'}",
            "slack": {"mode": "socket", "channel": CHANNELS[0]},
            "web": {"port": 0},
            "connections": [dict(connection) for connection in connections],
        },
        "people": {
            "people": [
                {"name": name, "slack": f"U01{name.upper()}"}
                | ({"notify": {"high": [way.strip() for way in ways[name].split(",")]}} if name in ways else {})
                for name in PEOPLE
            ],
            "teams": [{"name": "churn-ml", "entity": "retail", "members": list(PEOPLE), "lead": "bo"}],
        },
        "estate": {
            "entities": [{"name": "retail"}],
            "models": [{"name": "churn", "kind": "model", "entity": "retail", "team": "churn-ml"}],
        },
        "rotas": {"rotas": []},
    }
    for name, content in files.items():
        (config / f"{name}.yaml").write_text(json.dumps(content, indent=1), "utf-8")  # JSON is YAML
    return config
