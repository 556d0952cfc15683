"""The settings: frozen, complete, and safe to print."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from pathlib import Path

from pydantic import SecretStr

from bot.model.connection import Connection
from bot.model.escalation import Escalation
from bot.model.estate import Estate
from bot.model.freeze import Freeze
from bot.model.noise import Noise
from bot.model.people import People
from bot.model.rota import Override, Rota
from bot.model.serious import REGIMES, Regime


@dataclass(frozen=True, slots=True)
class OAuth:
    """How several workspaces install the app, each with a token of its own; the secrets come from the environment."""

    client_id: str
    url: str  #: the bot's own address as browsers reach it, without a slash at its end
    client_secret: SecretStr
    keys: tuple[SecretStr, ...]  #: for the tokens in the database: the first seals, each of them opens

    @property
    def install_url(self) -> str:
        """Where an admin of a workspace begins."""
        return f"{self.url}/slack/install"

    @property
    def redirect_url(self) -> str:
        """Where Slack sends them back to."""
        return f"{self.url}/slack/oauth_redirect"


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
    index: str | None = None  #: the channel with one living line for each incident
    own_channel: tuple[str, ...] = ()  #: the severities that get a channel of their own
    own_channel_prefix: str = "inc"  #: how the names of those begin
    language: str = "en"  #: of what is written into channels
    reaction: str = "pushpin"  #: the emoji that puts a message into the timeline, without its colons
    usergroups: Mapping[str, str] = field(default_factory=dict)  #: rota -> the user group that is kept equal to it
    topics: Mapping[str, str] = field(default_factory=dict)  #: rota -> the channel whose topic says who is on call
    oauth: OAuth | None = None  #: None: one workspace, that of the bot token
    workspace: str | None = None  #: with oauth, the team id of the workspace that serves whatever names none


@dataclass(frozen=True, slots=True)
class Web:
    """The HTTP door; `body_limit` in bytes."""

    host: str = "127.0.0.1"
    port: int = 8080
    body_limit: int = 1_048_576
    tokens: Mapping[str, SecretStr] = field(default_factory=dict)  #: by name: who may read and silence by the API
    address: str | None = None  #: where others reach this door, without a slash at its end


@dataclass(frozen=True, slots=True)
class Calendar:
    """Where the calendar of a rota's layer is read: a file, or an address that may hold a secret."""

    rota: str
    layer: str
    file: Path | None = None
    address: SecretStr | None = None


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """Something that must be heard of every `every`, at most `grace` late; the rest is what its alert says."""

    name: str
    every: timedelta
    grace: timedelta = timedelta(0)
    secret: SecretStr | None = None  #: what the sender must prove it knows
    entity: str | None = None
    model: str | None = None
    environment: str | None = None
    severity: str | None = None  #: in the sender's own word, as an alert has it


@dataclass(frozen=True, slots=True)
class Changes:
    """How changes of production are agreed to and watched where a runbook does not say otherwise."""

    approval: Mapping[str, str] = field(default_factory=dict)  #: by criticality, the least: none | one | two
    expires: timedelta = timedelta(hours=1)  #: how long a proposal waits for people
    verify_within: timedelta = timedelta(minutes=10)
    good_after: timedelta = timedelta(hours=24)  #: what served so long without an incident is known to be good
    poll: timedelta = timedelta(minutes=5)  #: between two looks at what serves
    call_within: timedelta = timedelta(seconds=20)  #: how long one call to a platform or a trainer may take
    freezes: tuple[Freeze, ...] = ()

    def least(self, criticality: str) -> str:
        """The least approval for a model of that criticality."""
        return self.approval.get(criticality, "one")


@dataclass(frozen=True, slots=True)
class Digest:
    """The summary of a shift that goes to a channel by the calendar: of a rota, of a team's or of an entity's rotas."""

    channel: str
    every: str = "daily"  #: daily | weekly, on Mondays
    at: time = field(default=time(9))  #: by the wall clock
    timezone: str | None = None  #: None: that of what it is about
    rota: str | None = None
    team: str | None = None
    entity: str | None = None


@dataclass(frozen=True, slots=True)
class Handovers:
    """Which changes of shift are handed over, and by when."""

    rotas: frozenset[str] | None = None  #: None: every rota there is
    draft: timedelta = timedelta(minutes=30)  #: so long before the change the outgoing people see their draft
    remind: timedelta = timedelta(minutes=15)  #: so long after it was posted the incoming people are reminded
    lead: timedelta = timedelta(minutes=30)  #: and after so long their lead is told
    channel: str | None = None  #: where all of them are posted; None: where the team reads that owns the rota
    least: timedelta = timedelta(hours=1)  #: a shift shorter than that is not handed over
    digests: tuple[Digest, ...] = ()

    def of(self, rota: str) -> bool:
        """Whether the shifts of that rota are handed over."""
        return self.rotas is None or rota in self.rotas


@dataclass(frozen=True, slots=True)
class Audit:
    """How the log is made good to whoever trusts nobody."""

    name: str = "tocsin"  #: of this installation, in its checkpoints
    key: Path | None = None  #: the private key (Ed25519, PEM) that signs checkpoints; None: they are not signed
    every: timedelta = timedelta(hours=1)
    post: tuple[str, ...] = field(default=(), repr=False)  #: channel:#x, a path, or an address, which may hold a secret
    keep: timedelta | None = None  #: how long entries keep what they say; None: for ever
    high_risk: timedelta | None = None  #: the same for entities with a model of high risk; None: as `keep`
    regimes: tuple[Regime, ...] = REGIMES
    serious_to: tuple[str, ...] = ()  #: targets paged about reports nobody has made, and who may say they were


@dataclass(frozen=True, slots=True)
class Postmortems:
    """Which incidents get a postmortem, and where it goes."""

    severities: frozenset[str] = frozenset({"sev1", "sev2"})  #: owed one when they are resolved
    due: timedelta = timedelta(days=5)  #: after it was resolved
    remind: timedelta = timedelta(days=1)  #: how often whoever owes it, or a follow-up, hears once it is late
    template: Path | None = None  #: of their own; None: the one that comes with it
    exports: tuple[str, ...] = ()  #: the connections it goes to when it is published


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
    calendars: tuple[Calendar, ...] = ()  #: of layers
    overrides: tuple[Override, ...] = ()
    escalation: Escalation = field(default_factory=Escalation)
    noise: Noise = field(default_factory=Noise)
    heartbeats: tuple[Heartbeat, ...] = ()
    changes: Changes = field(default_factory=Changes)
    handover: Handovers = field(default_factory=Handovers)
    audit: Audit = field(default_factory=Audit)
    postmortems: Postmortems = field(default_factory=Postmortems)
