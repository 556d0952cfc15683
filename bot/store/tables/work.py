"""What shall be done, and what was."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Float, Index, Integer, String, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from bot.store.tables.base import Number, instant, json


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


class LogRow(SQLModel, table=True):
    """One sealed entry of the append-only log, as `model.seal` has it; never changed, never deleted."""

    __tablename__ = "log"
    __table_args__ = (Index("log_by_time", "recorded_at"),)

    chain: str = Field(primary_key=True)
    seq: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    at: datetime = instant()
    recorded_at: datetime = instant()
    kind: str
    previous: str
    hash: str
    form: int = Field(sa_column=Column(Integer, nullable=False, server_default="1"))
    commitment: str = Field(sa_column=Column(String, nullable=False, server_default=""))


class SaidRow(SQLModel, table=True):
    """What an entry of the log says: all that may be about a person, so that it can be erased."""

    __tablename__ = "log_said"
    __table_args__ = (Index("log_said_by_subject", "subject"),)

    chain: str = Field(primary_key=True)
    seq: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    salt: str
    actor: str
    subject: str
    why: str
    before: Any = json()
    after: Any = json()
    context: Any = json()
    erased: str = ""


class HeadRow(SQLModel, table=True):
    """The last entry of each chain; locking it orders the writers of that chain."""

    __tablename__ = "log_heads"

    chain: str = Field(primary_key=True)
    seq: int = Field(sa_column=Column(BigInteger, nullable=False))
    hash: str


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
