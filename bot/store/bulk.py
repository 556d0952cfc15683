"""Inserts many rows at the driver's own speed: a statement for each table, made once, and values processed by us."""

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import Connection, Table

_Process = Callable[[Any], Any]
_known: dict[tuple[Table, tuple[str, ...], str], tuple[str, list[_Process | None]]] = {}


def add(
    sql: Connection, table: Table, columns: tuple[str, ...], rows: Iterable[tuple[Any, ...]], otherwise: str = ""
) -> None:
    """Insert `rows`, each a tuple with one value for each of `columns`; what is left out becomes null.

    `otherwise` is SQL of ours for rows that are there already (ON CONFLICT ...).
    """
    key = (table, columns, sql.dialect.name)
    if key not in _known:
        _known[key] = _prepared(sql, table, columns)
    statement, processors = _known[key]
    at = [(place, process) for place, process in enumerate(processors) if process is not None]
    seen: dict[int, tuple[Any, Any]] = {}  # one moment stands in every row of a batch, so it is written once
    values = []
    for row in rows:
        raw = list(row)
        for place, process in at:
            given = raw[place]
            before = seen.get(place)
            if before is None or before[0] is not given:
                before = seen[place] = (given, process(given))
            raw[place] = before[1]
        values.append(tuple(raw))
    if values:
        sql.exec_driver_sql(f"{statement} {otherwise}", values)


def _prepared(sql: Connection, table: Table, columns: tuple[str, ...]) -> tuple[str, list[_Process | None]]:
    dialect = sql.dialect
    quote = dialect.identifier_preparer.quote
    mark = "?" if dialect.name == "sqlite" else "%s"
    names = ", ".join(quote(name) for name in columns)
    marks = ", ".join([mark] * len(columns))
    processors: list[_Process | None] = [
        table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in columns
    ]
    return f"INSERT INTO {quote(table.name)} ({names}) VALUES ({marks})", processors  # noqa: S608  (our own names)
