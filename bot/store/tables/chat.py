"""Where things stand in the chat, and who is who there."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from bot.store.tables.base import instant, json


class PostRow(SQLModel, table=True):
    """Where a drawing stands in the chat, and the digest of what was drawn last."""

    __tablename__ = "posts"

    key: str = Field(primary_key=True)
    channel: str
    ts: str
    digest: str


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
