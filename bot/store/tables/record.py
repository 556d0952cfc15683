"""The record: checkpoints of the log, regulatory clocks, postmortems with their follow-ups and where they were sent."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index
from sqlmodel import Field, SQLModel

from bot.store.tables.base import instant, json


class CheckpointRow(SQLModel, table=True):
    """A signed statement of how long a chain was, and what stood in it, as `model.checkpoint.Checkpoint` has it."""

    __tablename__ = "checkpoints"

    chain: str = Field(primary_key=True)
    size: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    at: datetime = instant()
    root: str
    head: str
    peaks: Any = json()
    note: str
    posted: Any = json()


class ClockRow(SQLModel, table=True):
    """One regulatory clock of an incident, as `model.serious.Clock` has it."""

    __tablename__ = "serious_clocks"
    __table_args__ = (Index("serious_clocks_by_due", "standing", "due_at"),)

    incident: str = Field(primary_key=True)
    regime: str = Field(primary_key=True)
    step: str = Field(primary_key=True)
    since: datetime = instant()
    due_at: datetime = instant()
    standing: str
    by: str
    why: str
    settled_at: datetime | None = instant(null=True)
    settled_by: str | None
    reference: str = ""
    told: Any = json()


class PostmortemRow(SQLModel, table=True):
    """One postmortem, as `model.postmortem.Postmortem` has it."""

    __tablename__ = "postmortems"
    __table_args__ = (Index("postmortems_by_standing", "standing"),)

    id: str = Field(primary_key=True)
    number: int = Field(sa_column=Column(BigInteger, nullable=False, unique=True))
    incident: str = Field(unique=True)
    entity: str
    title: str
    standing: str
    text: str
    owner: str | None
    created_at: datetime = instant()
    changed_at: datetime = instant()
    version: int
    due_at: datetime | None = instant(null=True)
    published_at: datetime | None = instant(null=True)
    reminded_at: datetime | None = instant(null=True)


class FollowUpRow(SQLModel, table=True):
    """Something to be done after an incident, as `model.postmortem.FollowUp` has it."""

    __tablename__ = "follow_ups"
    __table_args__ = (
        Index("follow_ups_by_postmortem", "postmortem"),
        Index("follow_ups_by_due", "standing", "due_at"),
    )

    id: str = Field(primary_key=True)
    number: int = Field(sa_column=Column(BigInteger, nullable=False, unique=True))
    postmortem: str
    incident: str
    what: str
    owner: str | None
    due_at: datetime | None = instant(null=True)
    standing: str
    changed_at: datetime = instant()
    version: int
    link: str = ""
    reminded_at: datetime | None = instant(null=True)


class ExportRow(SQLModel, table=True):
    """Where a document was sent, as `model.postmortem.Export` has it: one for each document and connection."""

    __tablename__ = "exports"

    document: str = Field(primary_key=True)
    connection: str = Field(primary_key=True)
    standing: str
    version: int
    changed_at: datetime = instant()
    attempts: int
    reference: str = ""
    link: str = ""
    failure: str = ""
