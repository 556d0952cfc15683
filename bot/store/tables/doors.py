"""What came in at the HTTP door and must be remembered."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from bot.store.tables.base import instant, json


class HeartbeatRow(SQLModel, table=True):
    """When a heartbeat was heard last; `since` is when it was first waited for."""

    __tablename__ = "heartbeats"

    name: str = Field(primary_key=True)
    since: datetime = instant()
    beat_at: datetime | None = instant(null=True)
    silent: bool  #: its silence is an alert already


class LapseRow(SQLModel, table=True):
    """Until when a firing alert counts, where its monitor sends it again and again as long as it fires."""

    __tablename__ = "lapses"
    __table_args__ = (Index("lapses_until", "until"),)

    problem: str = Field(primary_key=True)
    connection: str
    until: datetime = instant()
    told_at: datetime = instant()  #: when the monitor said so


class ChangeEventRow(SQLModel, table=True):
    """A change elsewhere that somebody told us of."""

    __tablename__ = "change_events"
    __table_args__ = (
        Index("change_events_of_model", "model", "at"),
        Index("change_events_of_entity", "entity", "at"),
        Index("change_events_by_time", "received_at"),
    )

    connection: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    at: datetime = instant()
    received_at: datetime = instant()
    summary: str
    source: str
    model: str | None
    entity: str | None
    links: Any = json()
    details: Any = json()


class ReceiptRow(SQLModel, table=True):
    """What became of a request whose sender may ask for that later."""

    __tablename__ = "receipts"
    __table_args__ = (Index("receipts_until", "until"),)

    connection: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    said: Any = json()
    until: datetime = instant()


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


class SeenRow(SQLModel, table=True):
    """What was handled already and must not be handled twice: deliveries, events, signatures."""

    __tablename__ = "seen"
    __table_args__ = (Index("seen_until", "until"),)

    key: str = Field(primary_key=True)
    until: datetime = instant()
