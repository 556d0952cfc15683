"""Models trained anew, and how what that made does once it serves."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from bot.store.tables.base import instant, json


class TrainingRow(SQLModel, table=True):
    """One run, as `model.retraining.Training` has it."""

    __tablename__ = "trainings"
    __table_args__ = (
        Index("trainings_of_model", "model", "asked_at"),
        Index("trainings_of_entity", "entity", "ended_at"),
    )

    id: str = Field(primary_key=True, foreign_key="changes.id")
    model: str
    entity: str
    connection: str
    phase: str
    asked_at: datetime = instant()
    run: str | None
    going: str
    stage: str
    share: float | None
    link: str
    log: str
    started_at: datetime | None = instant(null=True)
    heard_at: datetime | None = instant(null=True)
    ended_at: datetime | None = instant(null=True)
    done: bool
    cost: float | None
    foreseen: float | None
    version: str | None
    metrics: Any = json()
    trial: str | None
    passed: bool | None
    findings: Any = json()
    called_off: str
    called_off_why: str


class WatchRow(SQLModel, table=True):
    """One watch, as `model.watch.Watch` has it."""

    __tablename__ = "watches"
    __table_args__ = (Index("watches_of_model", "model", "since"),)

    id: str = Field(primary_key=True, foreign_key="changes.id")
    model: str
    entity: str
    version: str
    since: datetime = instant()
    until: datetime = instant()
    metric: str | None
    baseline: Any = json()
    allowed: float | None
    finding: str
    why: str
    samples: int
    ended_at: datetime | None = instant(null=True)
