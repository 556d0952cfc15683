"""What differs between SQLite and PostgreSQL: connecting, pragmas, which errors pass, migrating."""

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import QueuePool

from bot.errors import StoreDown

HEAD = "0010"  #: the newest migration; compared at start so that alembic is imported only when there is work

#: The database's own time in seconds, so that leases do not depend on a replica's clock.
DB_NOW = {
    "sqlite": "((julianday('now') - 2440587.5) * 86400.0)",
    "postgresql": "extract(epoch from clock_timestamp())",
}

_USE = "Use sqlite:///FILE or postgresql://..."


def create(url: str) -> Engine:
    """An engine for `url` (sqlite:///FILE or postgresql://...); StoreDown for any other."""
    try:
        parsed = make_url(url)
    except ArgumentError:  # the address is not shown: it may hold a password
        raise StoreDown("DATABASE_URL is no address of a database.", _USE, retry=False) from None
    name = parsed.get_backend_name()
    if name == "sqlite":
        return _sqlite(url)
    if name == "postgresql":
        try:
            return _postgresql(parsed)
        except ModuleNotFoundError as missing:
            what, do = "The driver of PostgreSQL is not installed.", "Get it with: pip install 'tocsin[postgres]'"
            raise StoreDown(what, do, retry=False) from missing
    raise StoreDown(f"{name} is not a database Tocsin keeps its records in.", _USE, retry=False)


_PRAGMAS = (
    "busy_timeout=10000",  # first: the next one may have to wait already
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "wal_autocheckpoint=8000",  # pages, 32 MB: a checkpoint every 4 MB holds up a storm
    "cache_size=-8000",  # KiB
)


def _sqlite(url: str) -> Engine:
    engine = create_engine(
        url, poolclass=QueuePool, pool_size=6, hide_parameters=True, connect_args={"check_same_thread": False}
    )

    @event.listens_for(engine, "connect")
    def _pragmas(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get("tocsin_read"):
            connection.exec_driver_sql("BEGIN")
            return
        wanted = "FULL" if options.get("tocsin_durable", True) else "NORMAL"
        if connection.info.get("synchronous", "FULL") != wanted:
            connection.exec_driver_sql(f"PRAGMA synchronous={wanted}")
            connection.info["synchronous"] = wanted
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _postgresql(url: URL) -> Engine:
    options = "-c idle_in_transaction_session_timeout=10000 -c lock_timeout=10000 -c timezone=UTC"
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=6,
        pool_pre_ping=True,
        hide_parameters=True,
        isolation_level="READ COMMITTED",
        connect_args={"options": options, "connect_timeout": 5},
    )
    return engine


def prepare(engine: Engine, migrate: bool) -> None:
    """Reach the database and see that its schema is ours; bring it up to date when `migrate` is set."""
    if engine.dialect.name == "sqlite" and engine.url.database:
        Path(engine.url.database).resolve().parent.mkdir(parents=True, exist_ok=True)
    with engine.connect() as connection:
        found = revision(connection)
    if found == HEAD:
        return
    if found and found > HEAD:
        what = f"The database is at revision {found}, and this version of Tocsin knows none after {HEAD}."
        do = "Start the version that wrote it, or put back a copy from before that one was started."
        raise StoreDown(what, do, retry=False)
    if not migrate:
        raise StoreDown(
            f"The database is at revision {found or 'none'}, this version needs {HEAD}.", "Run `tocsin migrate`."
        )
    from bot.store import migrations

    migrations.upgrade(engine)


def revision(connection: Connection) -> str | None:
    """The migration the database is at, or None when it is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def passing(error: Exception) -> bool:
    """Whether the same transaction may succeed when it is tried again at once."""
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    original = error.orig
    if isinstance(original, sqlite3.Error):
        return getattr(original, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))
    state = getattr(original, "sqlstate", None) or ""
    return state.startswith("08") or state in {"40001", "40P01", "57P01", "57P02", "57P03", "25P03", "55P03"}


def reason(error: Exception) -> str:
    """What the engine said, in one line and without parameters."""
    original = getattr(error, "orig", None) or error
    name = getattr(original, "sqlite_errorname", "")
    said = str(original).strip().splitlines()
    return f"{name} {said[0] if said else type(original).__name__}".strip()


def shown(url: str) -> str:
    """The address without its password."""
    return make_url(url).render_as_string(hide_password=True)
