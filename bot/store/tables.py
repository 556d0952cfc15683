"""Every table, as SQLModel classes; their names end in Row so that no noun is mistaken for one."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Float, Index, Integer, String, Table, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from bot.store.columns import Instant, Json

#: BIGINT on PostgreSQL; SQLite numbers rows by itself only for INTEGER.
Number = BigInteger().with_variant(Integer, "sqlite")


def instant(*, null: bool = False) -> Any:
    """A column that holds a moment."""
    return Field(sa_column=Column(Instant, nullable=null), default=None)


def json() -> Any:
    """A column that holds a JSON value."""
    return Field(sa_column=Column(Json, nullable=False), default=None)


class CounterRow(SQLModel, table=True):
    """Numbers handed out without gaps."""

    __tablename__ = "counters"

    name: str = Field(primary_key=True)
    value: int = Field(sa_column=Column(BigInteger, nullable=False))


class IncidentRow(SQLModel, table=True):
    """One incident, as `model.incident.Incident` has it."""

    __tablename__ = "incidents"
    __table_args__ = (
        Index("incidents_one_open", "key", unique=True, postgresql_where=text("open"), sqlite_where=text("open = 1")),
        Index("incidents_by_time", "open", "number"),
    )

    id: str = Field(primary_key=True)
    number: int = Field(sa_column=Column(BigInteger, nullable=False, unique=True))
    key: str
    open: bool
    title: str
    phase: str
    severity: str
    entity: str
    kind: str
    model: str | None
    model_version: str | None
    environment: str | None
    runbook: str
    runbook_revision: str
    why: str
    policy: str  #: JSON, see incidents.freeze
    tier: str
    round: int
    step: int
    opened_at: datetime = instant()
    changed_at: datetime = instant()
    version: int
    holder: str | None
    next_step_at: datetime | None = instant(null=True)
    exhausted: bool
    resolved_at: datetime | None = instant(null=True)
    alerts_firing: int
    alerts_total: int
    repeats: int = Field(sa_column=Column(BigInteger, nullable=False))
    resolution: str = Field(sa_column=Column(String, nullable=False, server_default=""))
    snoozed_until: datetime | None = instant(null=True)
    ended_by: str | None
    merged_into: str | None  #: no foreign key: SQLite would have to write the table anew to add one


class MergedKeyRow(SQLModel, table=True):
    """Which incident goes on for a grouping key whose own incident was merged away."""

    __tablename__ = "merged_keys"
    __table_args__ = (Index("merged_keys_by_incident", "incident_id"),)

    key: str = Field(primary_key=True)
    incident_id: str = Field(foreign_key="incidents.id")


class AlertRow(SQLModel, table=True):
    """One episode of one problem; `latest` marks the newest of its problem."""

    __tablename__ = "alerts"
    __table_args__ = (
        Index(
            "alerts_latest", "problem", unique=True, postgresql_where=text("latest"), sqlite_where=text("latest = 1")
        ),
        Index("alerts_of_incident", "incident_id", "status", "id"),
    )

    id: int | None = Field(sa_column=Column(Number, primary_key=True), default=None)
    problem: str
    started_at: datetime = instant()
    latest: bool
    status: str
    incident_id: str = Field(foreign_key="incidents.id")
    body: Any = json()
    repeats: int
    first_seen_at: datetime = instant()
    last_seen_at: datetime = instant()
    ended_at: datetime | None = instant(null=True)


class JobRow(SQLModel, table=True):
    """A durable intention; pending while `outcome` is null. `lease_until` is in seconds of the database's own clock."""

    __tablename__ = "jobs"
    __table_args__ = (
        Index(
            "jobs_pending",
            "lane",
            "due_at",
            postgresql_where=text("outcome IS NULL"),
            sqlite_where=text("outcome IS NULL"),
        ),
    )

    id: int | None = Field(sa_column=Column(Number, primary_key=True), default=None)
    key: str = Field(unique=True)
    kind: str
    lane: int
    due_at: datetime = instant()
    payload: Any = json()
    revision: int
    fence: int
    attempts: int
    lease_owner: str | None
    lease_until: float | None = Field(sa_column=Column(Float(53), nullable=True), default=None)
    claimed_at: datetime | None = instant(null=True)
    outcome: str | None
    note: str = ""
    settled_at: datetime | None = instant(null=True)


class PageRow(SQLModel, table=True):
    """The ledger of one page."""

    __tablename__ = "pages"
    __table_args__ = (Index("pages_of_incident", "incident"),)

    id: str = Field(primary_key=True)
    incident: str = Field(foreign_key="incidents.id")
    step: int
    tier: str
    person: str
    channel: str
    why: str
    state: str
    decided_at: datetime = instant()
    due_at: datetime = instant()
    claimed_at: datetime | None = instant(null=True)
    sent_at: datetime | None = instant(null=True)
    provider_id: str | None
    delivered_at: datetime | None = instant(null=True)
    answered_at: datetime | None = instant(null=True)
    failure: str | None


class LogRow(SQLModel, table=True):
    """One sealed entry of the append-only log."""

    __tablename__ = "log"
    __table_args__ = (Index("log_by_subject", "subject"),)

    chain: str = Field(primary_key=True)
    seq: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    at: datetime = instant()
    recorded_at: datetime = instant()
    actor: str
    kind: str
    subject: str
    why: str
    before: Any = json()
    after: Any = json()
    previous: str
    hash: str


class HeadRow(SQLModel, table=True):
    """The last entry of each chain; locking it orders the writers of that chain."""

    __tablename__ = "log_heads"

    chain: str = Field(primary_key=True)
    seq: int = Field(sa_column=Column(BigInteger, nullable=False))
    hash: str


class LetterRow(SQLModel, table=True):
    """A dead letter: authenticated, but it could not be read; kept so that it can be replayed."""

    __tablename__ = "letters"

    id: str = Field(primary_key=True)
    connection: str
    received_at: datetime = instant()
    why: str
    headers: Any = json()
    body: bytes
    replayed_at: datetime | None = instant(null=True)


class PostRow(SQLModel, table=True):
    """Where a drawing stands in the chat, and the digest of what was drawn last."""

    __tablename__ = "posts"

    key: str = Field(primary_key=True)
    channel: str
    ts: str
    digest: str


class SeenRow(SQLModel, table=True):
    """What was handled already and must not be handled twice: deliveries, events, signatures."""

    __tablename__ = "seen"
    __table_args__ = (Index("seen_until", "until"),)

    key: str = Field(primary_key=True)
    until: datetime = instant()


class OverrideRow(SQLModel, table=True):
    """A change of a rota made by hand."""

    __tablename__ = "overrides"
    __table_args__ = (UniqueConstraint("rota", "kind", "start", "person", "replaces"),)

    id: str = Field(primary_key=True)
    rota: str
    kind: str
    start: datetime = instant()
    end: datetime = instant()
    person: str | None
    replaces: str | None
    by: str
    why: str


class LinkRow(SQLModel, table=True):
    """A chat user who is a person of the configuration, and how we know."""

    __tablename__ = "links"
    __table_args__ = (Index("links_by_person", "person", unique=True),)

    slack_user: str = Field(primary_key=True)
    team: str
    person: str
    linked_at: datetime = instant()
    how: str


class LinkRequestRow(SQLModel, table=True):
    """A chat user who says which person they are, until somebody vouches for it; `replay` is what they wanted to do."""

    __tablename__ = "link_requests"

    id: str = Field(primary_key=True)
    slack_user: str = Field(unique=True)
    team: str
    person: str
    replay: Any = json()
    asked_at: datetime = instant()
    expires_at: datetime = instant()


class OfferRow(SQLModel, table=True):
    """What a chat user nobody knew yet wanted to do when they were asked who they are."""

    __tablename__ = "offers"

    slack_user: str = Field(primary_key=True)
    replay: Any = json()
    until: datetime = instant()


class InstallationRow(SQLModel, table=True):
    """A workspace that the app was installed in; `token` is sealed, and empty once the app was taken away."""

    __tablename__ = "installations"

    team: str = Field(primary_key=True)
    name: str
    bot_user: str
    scopes: str
    token: str
    installed_by: str
    installed_at: datetime = instant()
    removed_at: datetime | None = instant(null=True)


class NotedRow(SQLModel, table=True):
    """In which incident's timeline a message of the chat stands, and the names of those who still want it there."""

    __tablename__ = "noted"

    message: str = Field(primary_key=True)
    incident_id: str = Field(foreign_key="incidents.id")
    wanted_by: Any = json()


def table(row: type[SQLModel]) -> Table:
    """The Core table behind a row class, for statements that touch many rows at once."""
    core: Table = row.__table__  # type: ignore[attr-defined]
    return core
