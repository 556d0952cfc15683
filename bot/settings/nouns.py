"""The settings: frozen, complete, and safe to print."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr

from bot.model.connection import Connection
from bot.model.escalation import Escalation
from bot.model.estate import Estate
from bot.model.people import People
from bot.model.rota import Override, Rota


@dataclass(frozen=True, slots=True)
class Slack:
    """How the bot stands in Slack; the tokens come from the environment alone."""

    mode: str = "socket"  #: socket | http | off
    channel: str = ""  #: where the card of an incident goes whose entity has no channel of its own
    sockets: int = 2  #: connections held open at once in socket mode
    bot_token: SecretStr | None = None
    app_token: SecretStr | None = None
    signing_secret: SecretStr | None = None
    api_url: str | None = None  #: another server than Slack's


@dataclass(frozen=True, slots=True)
class Web:
    """The HTTP door; `body_limit` in bytes."""

    host: str = "127.0.0.1"
    port: int = 8080
    body_limit: int = 1_048_576


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the operator said; `overrides` are those written in rotas.yaml."""

    folder: Path
    database: str = field(repr=False)  #: an SQLAlchemy URL, which may hold a password
    slack: Slack = field(default_factory=Slack)
    web: Web = field(default_factory=Web)
    connections: tuple[Connection, ...] = ()
    people: People = field(default_factory=People)
    estate: Estate = field(default_factory=Estate)
    rotas: Mapping[str, Rota] = field(default_factory=dict)
    overrides: tuple[Override, ...] = ()
    escalation: Escalation = field(default_factory=Escalation)
