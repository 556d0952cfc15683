"""What may be done and by whom: tokens, trigger_ids, response_urls, and the refusal when it may not."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.sandbox.workspace.nouns import Message

HOME_TEAM = "T01WORKSPACE"
TRIGGER_LIFE = 3.0  # seconds by the clock's own measure, as for every wait of the wire: people's time may run faster
RESPONSE_LIFE = timedelta(minutes=30)
RESPONSE_USES = 5


class Denied(Exception):
    """An answer `ok: false` with Slack's own error name and whatever Slack sends beside it."""

    def __init__(self, code: str, **extra: object) -> None:
        super().__init__(code)
        self.code = code
        self.extra = extra


@dataclass(repr=False)
class Token:
    """A token's kind (bot: xoxb, app: xapp, none: a method that asks for none) and what it may do."""

    kind: str
    scopes: set[str]


@dataclass(frozen=True, repr=False)
class Secrets:
    """What the app and the workspace know of each other; made up anew for each workspace unless given."""

    bot_token: str = field(default_factory=lambda: f"xoxb-{secrets.token_hex(16)}")
    app_token: str = field(default_factory=lambda: f"xapp-1-{secrets.token_hex(16)}")
    signing_secret: str = field(default_factory=lambda: secrets.token_hex(16))
    control_token: str = field(default_factory=lambda: secrets.token_hex(16))
    team_id: str = HOME_TEAM


@dataclass
class Trigger:
    """A person's permission to be shown a modal, good once and for three seconds."""

    user: str
    at: float  # monotonic
    used: bool = False


@dataclass
class ResponseUrl:
    """Where the app may answer one interaction, five times within thirty minutes."""

    user: str
    channel: str
    at: datetime
    original: Message | None = None
    uses: int = 0
    responses: list[Message] = field(default_factory=list)
