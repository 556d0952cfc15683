"""How it stands with the database itself, asked without using it: it may be of another version."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot.clock import Clock
from bot.errors import StoreDown
from bot.store import engines

_SIZE = {
    "sqlite": "SELECT (SELECT page_count FROM pragma_page_count()) * (SELECT page_size FROM pragma_page_size())",
    "postgresql": "SELECT pg_database_size(current_database())",
}


@dataclass(frozen=True, slots=True)
class Vitals:
    """What it is, the migration it is at (None: empty), the one this version needs, its bytes, and its clock.

    `ahead` is by how many seconds its clock is ahead of ours.
    """

    dialect: str
    revision: str | None
    needed: str
    size: int
    ahead: float


def look(url: str, clock: Clock) -> Vitals:
    """Ask the database at `url`, which must be there already. StoreDown when it does not answer."""
    engine = engines.create(url)
    try:
        with engine.connect().execution_options(tocsin_read=True) as connection:
            dialect = engine.dialect.name
            before = clock.now()
            seconds = float(connection.execute(text(f"SELECT {engines.DB_NOW[dialect]}")).scalar_one())
            asked = before + (clock.now() - before) / 2
            size = connection.execute(text(_SIZE[dialect])).scalar_one()
            revision = engines.revision(connection)
            return Vitals(dialect, revision, engines.HEAD, int(size), seconds - asked.timestamp())
    except (SQLAlchemyError, OSError) as error:
        what = f"The database {engines.shown(url)} cannot be used: {engines.reason(error)}."
        raise StoreDown(what, "Check DATABASE_URL, and that the server runs.") from error
    finally:
        engine.dispose()
