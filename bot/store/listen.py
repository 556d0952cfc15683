"""Hears of new jobs from other replicas: PostgreSQL's LISTEN, a hint that may get lost without harm."""

import threading
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from bot.store.database import Store

AGAIN = 2.0  # seconds until a lost connection is tried anew; the sweep covers the gap


class Listener:
    """A thread that waits for NOTIFY and tells the store's loop; it does nothing on SQLite."""

    def __init__(self, store: Store, tell: Callable[[datetime], None]) -> None:
        """`tell` is called in a thread with the due time of the new job."""
        self._store = store
        self._tell = tell
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="store-listen", daemon=True)

    def start(self) -> None:
        """Listen, if the database can."""
        if self._store.dialect == "postgresql":
            self._thread.start()

    def stop(self) -> None:
        """Stop listening; the thread ends within a second."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=3)

    def _run(self) -> None:
        import psycopg

        while not self._stop.is_set():
            try:
                self._listen()
            except (SQLAlchemyError, psycopg.Error, OSError):
                self._stop.wait(AGAIN)

    def _listen(self) -> None:
        raw = self._store.engine.raw_connection()
        try:
            raw.detach()  # this connection is not given back to the pool with a LISTEN on it
            driver = raw.dbapi_connection
            assert driver is not None  # noqa: S101  (it was just opened)
            driver.autocommit = True
            driver.execute("LISTEN tocsin_jobs")
            while not self._stop.is_set():
                for note in driver.notifies(timeout=1.0):
                    self._tell(datetime.fromisoformat(note.payload))
        finally:
            raw.close()
