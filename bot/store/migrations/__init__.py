"""The way from any earlier schema to today's, by alembic; imported only when there is something to do."""

import threading
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, text

_ALEMBIC = threading.Lock()  # alembic keeps the connection it works on in a global


def upgrade(engine: Engine) -> None:
    """Bring the schema up to date; on PostgreSQL one replica does it while the others wait."""
    with _ALEMBIC, engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(7061745)"))
        command.upgrade(config(connection), "head")


def config(connection: object) -> Config:
    """Alembic's settings, bound to an open connection."""
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent))
    settings.attributes["connection"] = connection
    return settings
