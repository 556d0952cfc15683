"""Versions of models scored on the same data."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index
from sqlmodel import Field, SQLModel

from bot.store.tables.base import instant, json


class TrialRow(SQLModel, table=True):
    """One trial, as `model.trial.Trial` has it."""

    __tablename__ = "trials"
    __table_args__ = (
        Index("trials_of_model", "model", "number"),
        Index("trials_of_incident", "incident"),
    )

    id: str = Field(primary_key=True)
    number: int = Field(sa_column=Column(BigInteger, nullable=False, unique=True))
    model: str
    entity: str
    champion: str
    challenger: str | None
    since: datetime = instant()
    until: datetime = instant()
    excluded: Any = json()
    terms: Any = json()
    stage: str
    asked_by: str
    asked_at: datetime = instant()
    changed_at: datetime = instant()
    version: int
    why: str
    incident: str | None
    change: str | None
    outcome: str
    scorecard: Any = json()  #: a Scorecard, or null
