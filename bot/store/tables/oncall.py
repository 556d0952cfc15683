"""What rotas were, who asks whom to take a shift, the calendars that others read, and which tiers reach nobody."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index
from sqlmodel import Field, SQLModel

from bot.store.tables.base import Number, instant, json


class RotaRow(SQLModel, table=True):
    """What a rota was from `since` on, until the next row of the same name."""

    __tablename__ = "rotas"
    __table_args__ = (Index("rotas_of_name", "name", "since"),)

    id: int | None = Field(sa_column=Column(Number, primary_key=True), default=None)
    name: str
    since: datetime = instant()
    digest: str
    form: Any = json()  #: a Rota without its past


class CoverRow(SQLModel, table=True):
    """One wish for cover, as `model.cover.Request` has it; none is ever deleted."""

    __tablename__ = "covers"
    __table_args__ = (Index("covers_by_standing", "standing", "start"), Index("covers_of_rota", "rota", "start"))

    id: str = Field(primary_key=True)
    number: int = Field(sa_column=Column(BigInteger, nullable=False, unique=True))
    rota: str
    person: str
    start: datetime = instant()
    end: datetime = instant()
    asked_by: str
    asked_at: datetime = instant()
    standing: str
    changed_at: datetime = instant()
    version: int
    offered: Any = json()
    in_return: Any = json()  #: [start, end], or null
    why: str
    taken_by: str | None
    overrides: Any = json()


class CalendarRow(SQLModel, table=True):
    """What the calendar of a layer said when it could be read last, as `model.calendar.Kept` has it."""

    __tablename__ = "calendars"

    rota: str = Field(primary_key=True)
    layer: str = Field(primary_key=True)
    spans: Any = json()  #: [start, end, person] each
    changed_at: datetime = instant()
    read_at: datetime | None = instant(null=True)
    fault: str


class FeedRow(SQLModel, table=True):
    """One calendar feed, as `model.feed.Feed` has it."""

    __tablename__ = "feeds"
    __table_args__ = (Index("feeds_about", "about"),)

    digest: str = Field(primary_key=True)
    about: str
    made_by: str
    made_at: datetime = instant()
    read_at: datetime | None = instant(null=True)
    revoked_at: datetime | None = instant(null=True)


class FeedEventRow(SQLModel, table=True):
    """One event that feeds about something have shown, as `model.feed.Shown` has it."""

    __tablename__ = "feed_events"
    __table_args__ = (Index("feed_events_by_end", "about", "end"),)

    about: str = Field(primary_key=True)
    uid: str = Field(primary_key=True)
    start: datetime = instant()
    end: datetime = instant()
    summary: str
    sequence: int
    changed_at: datetime = instant()
    cancelled: bool


class ArmedRow(SQLModel, table=True):
    """What the last look at all tiers found: one row for the look itself, and one for each `model.armed.Matter`."""

    __tablename__ = "armed"

    key: str = Field(primary_key=True)
    since: datetime = instant()
    until: datetime = instant()
    form: Any = json()
