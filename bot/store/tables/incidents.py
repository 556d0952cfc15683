"""What broke: incidents, their alerts, and who was paged."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index, Integer, String, text
from sqlmodel import Field, SQLModel

from bot.store.tables.base import Number, instant, json

_DECIDED = "state = 'decided'"


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
        Index("incidents_of_entity", "entity", "opened_at"),
        Index("incidents_of_storm", "storm"),
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
    waits: str = Field(sa_column=Column(String, nullable=False, server_default=""))
    storm: str | None
    calm_since: datetime | None = instant(null=True)
    stage: int = Field(sa_column=Column(Integer, nullable=False, server_default="0"))
    loops: int = Field(sa_column=Column(Integer, nullable=False, server_default="0"))
    attended_at: datetime | None = instant(null=True)


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
    evaluated_at: datetime | None = instant(null=True)  #: of its last breach, where its monitor says


class PageRow(SQLModel, table=True):
    """The ledger of one page."""

    __tablename__ = "pages"
    __table_args__ = (
        Index("pages_of_incident", "incident"),
        Index("pages_of_person", "person", "channel", "sent_at"),
        Index("pages_of_provider", "provider_id"),
        Index(
            "pages_waiting", "person", "channel", "due_at", postgresql_where=text(_DECIDED), sqlite_where=text(_DECIDED)
        ),
    )

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
    rank: int = Field(sa_column=Column(Integer, nullable=False, server_default="0"))
    bundled: str | None
