"""What holds alerts back."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from bot.store.tables.base import instant, json


class SilenceRow(SQLModel, table=True):
    """A silence or a maintenance window; rows are never deleted."""

    __tablename__ = "silences"
    __table_args__ = (Index("silences_by_end", "ends_at"),)

    id: str = Field(primary_key=True)
    matchers: Any = json()  #: [[field, op, value], ...]
    starts_at: datetime = instant()
    ends_at: datetime = instant()
    by: str
    why: str
    made_at: datetime = instant()
    maintenance: bool
    shadow: bool
    incident: str | None
    ended_at: datetime | None = instant(null=True)
    ended_by: str | None


class HeldRow(SQLModel, table=True):
    """An alert that fires and is in no incident, one for each problem, and what holds it."""

    __tablename__ = "held"
    __table_args__ = (Index("held_by_incident", "incident"), Index("held_by_cause", "cause", "by"))

    problem: str = Field(primary_key=True)
    started_at: datetime = instant()
    body: Any = json()
    cause: str
    by: str
    why: str
    until: datetime | None = instant(null=True)
    incident: str | None  #: that pages for the cause
    repeats: int
    first_seen_at: datetime = instant()
    last_seen_at: datetime = instant()
    evaluated_at: datetime | None = instant(null=True)


class InhibitorRow(SQLModel, table=True):
    """A firing alert in an open incident that holds others: those whose `key` by that rule is the same."""

    __tablename__ = "inhibitors"
    __table_args__ = (Index("inhibitors_by_incident", "incident_id"), Index("inhibitors_by_problem", "problem"))

    rule: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    problem: str = Field(primary_key=True)
    incident_id: str = Field(foreign_key="incidents.id")


class EvaluationsRow(SQLModel, table=True):
    """What the last evaluations of a problem said, oldest first, where its runbook counts them."""

    __tablename__ = "evaluations"
    __table_args__ = (Index("evaluations_by_time", "last_at"),)

    problem: str = Field(primary_key=True)
    history: Any = json()  #: [[moment, breached], ...]
    last_at: datetime = instant()
