"""What was changed in production, what served when, and what forbids changes."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index, String, text
from sqlmodel import Field, SQLModel

from bot.store.tables.base import Number, instant, json


class ChangeRow(SQLModel, table=True):
    """One change, as `model.change.Change` has it; at most one is open for each lock of a model."""

    __tablename__ = "changes"
    __table_args__ = (
        Index(
            *("changes_one_open", "model", "lock"),
            unique=True,
            postgresql_where=text("open"),
            sqlite_where=text("open = 1"),
        ),
        Index("changes_once_after", "follows", unique=True),
        Index("changes_by_time", "open", "number"),
        Index("changes_of_incident", "incident"),
    )

    id: str = Field(primary_key=True)
    number: int = Field(sa_column=Column(BigInteger, nullable=False, unique=True))
    model: str
    lock: str = Field(sa_column=Column(String, nullable=False, server_default="serving"))
    open: bool
    plan: Any = json()
    digest: str
    step: str
    entity: str
    requested_by: str
    requested_at: datetime = instant()
    why: str
    needs: int
    expires_at: datetime = instant()
    changed_at: datetime = instant()
    version: int
    incident: str | None
    agreements: Any = json()
    undoes: str | None
    follows: str | None
    glass: str
    outcome: str
    seen: Any = json()  #: a Serving, or null
    deadline: datetime | None = instant(null=True)


class MovedRow(SQLModel, table=True):
    """The ledger of what served: rows are added and closed, never changed otherwise."""

    __tablename__ = "moved"
    __table_args__ = (Index("moved_of_model", "model", "at"),)

    id: int | None = Field(sa_column=Column(Number, primary_key=True), default=None)
    model: str
    at: datetime = instant()
    serving: Any = json()
    by: str
    change: str | None
    why: str
    until: datetime | None = instant(null=True)


class TicketRow(SQLModel, table=True):
    """What a button stands for, once: its id is opaque, the plan stays here."""

    __tablename__ = "tickets"
    __table_args__ = (Index("tickets_until", "until"),)

    id: str = Field(primary_key=True)
    change: str
    digest: str
    verb: str
    until: datetime = instant()
    used_at: datetime | None = instant(null=True)
    used_by: str | None


class FreezeRow(SQLModel, table=True):
    """A span without changes that somebody declared."""

    __tablename__ = "freezes"
    __table_args__ = (Index("freezes_by_end", "ends_at"),)

    id: str = Field(primary_key=True)
    entity: str | None
    starts_at: datetime = instant()
    ends_at: datetime = instant()
    by: str
    why: str
    made_at: datetime = instant()
    ended_at: datetime | None = instant(null=True)
    ended_by: str | None


class LegalHoldRow(SQLModel, table=True):
    """A legal hold on an incident; a lifted one may be laid again, as another row."""

    __tablename__ = "legal_holds"
    __table_args__ = (Index("legal_holds_of_incident", "incident"),)

    id: int | None = Field(sa_column=Column(Number, primary_key=True), default=None)
    incident: str = Field(foreign_key="incidents.id")
    by: str
    why: str
    at: datetime = instant()
    lifted_at: datetime | None = instant(null=True)
    lifted_by: str | None


class WayBackRow(SQLModel, table=True):
    """Whether a model can be rolled back, as the last look found it."""

    __tablename__ = "ways_back"

    model: str = Field(primary_key=True)
    looked_at: datetime = instant()
    possible: bool
    to: str | None
    why: str
    rehearsed_at: datetime | None = instant(null=True)
