"""Writes a configuration folder for a bot under test: three people, one runbook, one Alertmanager connection."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

SECRET = "a-secret-of-the-tests"
PEOPLE = ("ada", "bo", "cy")
CHANNEL = "ml-oncall"

MAIN = """\
database: ${{DATABASE_URL:-sqlite:///tocsin.db}}
slack: {{mode: {mode}, channel: "#{channel}"}}
web: {{host: 127.0.0.1, port: {port}}}
connections:
  - {{name: prom, plugin: alertmanager, secret: "${{PROM_SECRET}}"}}
"""

RUNBOOK = """\
---
title: Something is wrong with a model
owner: churn-ml
review_by: 2099-01-01
match: {{}}
severity:
  - {{is: sev2}}
tiers:
{tiers}
start: {{sev2: L1}}
repeats: {repeats}
fallback: "{fallback}"
---
## Check first
1. What changed last?
"""


@dataclass(frozen=True)
class Ladder:
    """Who is paged at which tier and how long it waits for them."""

    page: Mapping[str, str]  #: tier -> target
    answer_within: Mapping[str, str]  #: tier -> a duration in the configuration's words
    repeats: int = 0
    fallback: str = "person:ada"


#: Nobody climbs it within a test: for everything that is not about escalation.
CALM = Ladder(
    {"L1": "person:ada", "L2": "person:bo", "L3": "person:cy"}, {"L1": "10m", "L2": "15m", "L3": "30m"}, repeats=2
)


def env(database: str, slack: str, bot_token: str, app_token: str) -> dict[str, str]:
    """The environment of a bot over this folder, with the workspace at `slack` for its Slack and posts unpaced."""
    return {
        "DATABASE_URL": database,
        "PROM_SECRET": SECRET,
        "SLACK_API_URL": slack,
        "SLACK_BOT_TOKEN": bot_token,
        "SLACK_APP_TOKEN": app_token,
        "TOCSIN_SLACK_PACE": "off",
    }


def write(home: Path, port: int, *, ladder: Ladder = CALM, mode: str = "socket", models: Sequence[str] = ()) -> Path:
    """The folder for TOCSIN_CONFIG, with the runbooks beside it; `models` are catalogued."""
    config = home / "config"
    (home / "runbooks").mkdir(parents=True)
    config.mkdir()
    (config / "tocsin.yaml").write_text(MAIN.format(mode=mode, channel=CHANNEL, port=port), encoding="utf-8")
    people = [
        f"  - {{name: {name}, slack: U01{name.upper()}, email: {name}@example.com, timezone: UTC}}" for name in PEOPLE
    ]
    team = f"teams:\n  - {{name: churn-ml, entity: retail, members: [{', '.join(PEOPLE)}], lead: cy}}"
    (config / "people.yaml").write_text("\n".join(["people:", *people, team, ""]), encoding="utf-8")
    kept = [f"  - {{name: {name}, kind: model, entity: retail, team: churn-ml}}" for name in models]
    estate = ["entities:", "  - {name: retail}", *(["models:", *kept] if kept else []), ""]
    (config / "estate.yaml").write_text("\n".join(estate), encoding="utf-8")
    (config / "rotas.yaml").write_text("rotas: []\n", encoding="utf-8")
    tiers = "\n".join(
        f'  {name}: {{page: "{target}", answer_within: {ladder.answer_within[name]}}}'
        for name, target in ladder.page.items()
    )
    text = RUNBOOK.format(tiers=tiers, repeats=ladder.repeats, fallback=ladder.fallback)
    (home / "runbooks" / "anything.md").write_text(text, encoding="utf-8")
    return config
