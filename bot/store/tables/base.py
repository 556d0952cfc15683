"""What the tables are made of: columns that mean the same on every engine."""

from typing import Any

from sqlalchemy import BigInteger, Column, Integer, Table
from sqlmodel import Field, SQLModel

from bot.store.columns import Instant, Json

#: BIGINT on PostgreSQL; SQLite numbers rows by itself only for INTEGER.
Number = BigInteger().with_variant(Integer, "sqlite")


def instant(*, null: bool = False) -> Any:
    """A column that holds a moment."""
    return Field(sa_column=Column(Instant, nullable=null), default=None)


def json() -> Any:
    """A column that holds a JSON value."""
    return Field(sa_column=Column(Json, nullable=False), default=None)


def table(row: type[SQLModel]) -> Table:
    """The Core table behind a row class, for statements that touch many rows at once."""
    core: Table = row.__table__  # type: ignore[attr-defined]
    return core
