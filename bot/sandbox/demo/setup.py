"""How to go on with a Slack of one's own: the manifest for both transports, each scope's reason, two variables."""

import json
from typing import Any

from bot.slack import manifest

EXAMPLE = "https://tocsin.example.com"  #: stands for the bot's own address, which only its operator knows
ENVIRONMENT = (
    ("SLACK_BOT_TOKEN", "xoxb-..., from OAuth & Permissions, once the app is installed"),
    ("SLACK_APP_TOKEN", "xapp-..., from Basic Information, App-Level Tokens, with the scope connections:write"),
)


def told() -> dict[str, Any]:
    """What the page shows under "Use your own Slack": the same that `tocsin manifest` prints."""
    return {
        "sockets": _spelled(manifest.manifest("socket")),
        "http": _spelled(manifest.manifest("http", EXAMPLE)),
        "scopes": [{"scope": one.name, "why": one.used, "without": one.lost} for one in manifest.SCOPES.values()],
        "env": [list(pair) for pair in ENVIRONMENT],
    }


def _spelled(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False)
