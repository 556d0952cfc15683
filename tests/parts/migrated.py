"""Databases whose schema is up to date already: brought there once in a test run, and copied for each test.

What migrating itself does is told in tests/store/test_migrations.py; the bots that are processes of their own start on
empty databases, too.
"""

import tempfile
from functools import cache
from pathlib import Path

from bot.store import engines


def bring(url: str) -> None:
    """Bring the database at `url` up to date."""
    engine = engines.create(url)
    engines.prepare(engine, True)
    engine.dispose()


@cache
def _image() -> bytes:
    with tempfile.TemporaryDirectory(prefix="tocsin-migrated-") as folder:
        file = Path(folder) / "tocsin.db"
        bring(f"sqlite:///{file}")
        assert [each.name for each in Path(folder).iterdir()] == [file.name], "what is in the journal is not copied"
        return file.read_bytes()


def sqlite(home: Path) -> str:
    """The address of a new SQLite database in this folder, `tocsin.db`; FileExistsError where there is one already."""
    file = home / "tocsin.db"
    with file.open("xb") as new:
        new.write(_image())
    return f"sqlite:///{file}"
