"""Column types that mean the same on SQLite and PostgreSQL."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import TIMESTAMP, Dialect, String, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

from bot.model.seal import canonical


class Instant(TypeDecorator[datetime]):
    """An aware UTC moment to the microsecond: TIMESTAMPTZ on PostgreSQL, ISO 8601 text (which sorts) on SQLite.

    The processors are given to the engine as they are, since these columns are most of what intake writes.
    """

    impl = TIMESTAMP(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """SQLite has no type for moments."""
        return dialect.type_descriptor(String(32) if dialect.name == "sqlite" else TIMESTAMP(timezone=True))

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any]:
        """Refuses naive times, which name no moment."""
        return _write_text if dialect.name == "sqlite" else _write_aware

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:
        """Always aware, always UTC."""
        return _read_text if dialect.name == "sqlite" else _read_aware


def _write_text(value: datetime | None) -> str | None:
    if value is None:
        return None
    return (value if value.tzinfo is UTC else _write_aware(value).astimezone(UTC)).isoformat(" ", "microseconds")


def _write_aware(value: datetime | None) -> Any:
    if value is not None and value.tzinfo is None:
        raise ValueError(f"{value} has no time zone, so it names no moment.")
    return value


def _read_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)


def _read_aware(value: datetime | None) -> datetime | None:
    return None if value is None else value.astimezone(UTC)


class Json(TypeDecorator[Any]):
    """A JSON value kept as canonical text: sorted keys, UTF-8, no spaces."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        """Canonical text."""
        return canonical(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """The value back."""
        return None if value is None else orjson.loads(value)
