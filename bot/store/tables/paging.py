"""Addresses that were confirmed, tests of how people are reached, and handovers of shifts."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from bot.store.tables.base import instant, json


class AddressRow(SQLModel, table=True):
    """One address of a person, as `model.address.Address` has it: digests alone."""

    __tablename__ = "addresses"
    __table_args__ = (Index("addresses_by_digest", "kind", "digest"),)

    person: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    digest: str
    standing: str
    changed_at: datetime = instant()
    code: str
    expires_at: datetime | None = instant(null=True)
    tries: int
    confirmed_at: datetime | None = instant(null=True)


class PageTestRow(SQLModel, table=True):
    """The last test of one way to reach a person, as `model.paged.Test` has it."""

    __tablename__ = "page_tests"

    person: str = Field(primary_key=True)
    channel: str = Field(primary_key=True)
    key: str
    sent_at: datetime = instant()
    failure: str | None
    provider_id: str | None
    answered_at: datetime | None = instant(null=True)


class HandoverRow(SQLModel, table=True):
    """One change of shift, as `model.handover.Handover` has it; none is ever deleted."""

    __tablename__ = "handovers"
    __table_args__ = (
        UniqueConstraint("rota", "at", name="handovers_once"),
        Index("handovers_by_standing", "standing", "at"),
    )

    id: str = Field(primary_key=True)
    number: int = Field(sa_column=Column(BigInteger, nullable=False, unique=True))
    rota: str
    at: datetime = instant()
    since: datetime = instant()
    outgoing: Any = json()
    incoming: Any = json()
    standing: str
    changed_at: datetime = instant()
    version: int
    remarks: Any = json()
    report: Any = json()
    posted_at: datetime | None = instant(null=True)
    reminded_at: datetime | None = instant(null=True)
    lead_told_at: datetime | None = instant(null=True)
    accepted_by: str | None
    accepted_at: datetime | None = instant(null=True)
    cover: str | None
