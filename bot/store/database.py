"""Transactions: one writer thread that commits many works together, a few readers, never the event loop.

A work is a plain function of a transaction, so nothing can be awaited (no network) inside one. Works that wait at
the same moment share one commit, each within its own savepoint: one that fails takes nothing with it.
"""

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError, SQLAlchemyError

from bot import __version__
from bot.clock import Clock
from bot.errors import BadInput, Conflict, StoreDown
from bot.model.entry import Entry
from bot.store import engines, log, stamping

T = TypeVar("T")

_NOTIFY = text("SELECT pg_notify('tocsin_jobs', :due)")
TOGETHER = 64  # works in one commit; a work is small, and all of them wait for the slowest
TRIES = 5
#: Threads that read. SQLite gives up the interpreter at each statement, so more of them only fight over it: with
#: four, a card took 30 ms at 100 alerts a second, with one 7 ms.
READERS = {"sqlite": 1, "postgresql": 4}
_CLOSED = "The database is closed, because the bot is stopping."
_DOWN = (OperationalError, OSError)  # the database's own trouble, whatever the works are

_Outcomes = list[tuple[Any, Exception | None]]  # of each work: its result, or why there is none


@dataclass
class Tx:
    """One work's view of its transaction."""

    sql: Connection
    now: datetime  #: the clock's time when the transaction began
    dialect: str
    entries: list[Entry] = field(default_factory=list)
    due: datetime | None = None  #: the earliest job this work asked for
    known: dict[str, str] = field(default_factory=dict)  #: by actor, as whom they came: person:ada is slack:U01ADA
    stamp: stamping.Stamp = field(default_factory=stamping.Stamp)

    def note(self, *entries: Entry) -> None:
        """Append to the log, in this very transaction; who came by an account of somebody we know is that person."""
        mapped = {came: person for person, came in self.known.items()}
        self.entries.extend(replace(one, actor=mapped.get(one.actor, one.actor)) if mapped else one for one in entries)

    def contexts(self) -> list[bytes]:
        """The context of each entry, in its canonical form."""
        return stamping.contexts(self.entries, self.known, self.stamp)

    def expect(self, due: datetime) -> None:
        """Tell the workers, after the commit, that a job is due at `due`."""
        if self.due is None or due < self.due:
            self.due = due


@dataclass
class _Work:
    act: Callable[[Tx], Any]
    done: "Future[Any]"
    durable: bool = True


class Store:
    """The database behind the bot; safe to share between tasks of one loop."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        """Use `Store.open`."""
        self.engine = engine
        self.clock = clock
        self.dialect = engine.dialect.name
        self.stamp = stamping.Stamp(clock.name, __version__)  #: swapped whole when other rules are in force
        self.on_jobs: list[Callable[[datetime], None]] = []  #: told (in the loop) when new jobs were committed
        self._works: queue.SimpleQueue[_Work | None] = queue.SimpleQueue()
        self._readers = ThreadPoolExecutor(READERS[self.dialect], thread_name_prefix="store-read")
        self._writer = threading.Thread(target=self._write_forever, name="store-write", daemon=True)
        self._link: Connection | None = None  # the writer's own, kept between commits
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False

    @classmethod
    async def open(cls, url: str, *, clock: Clock, migrate: bool = True) -> "Store":
        """Connect, bring the schema up to date unless `migrate` is off, and start the writer.

        StoreDown when the database cannot be reached or its schema is not ours.
        """
        store = cls(engines.create(url), clock)
        store._loop = asyncio.get_running_loop()
        try:
            await asyncio.to_thread(engines.prepare, store.engine, migrate)
        except StoreDown:
            store.engine.dispose()
            raise
        except (SQLAlchemyError, OSError) as error:
            store.engine.dispose()
            raise StoreDown(
                f"The database {engines.shown(url)} cannot be used: {engines.reason(error)}.",
                "Check DATABASE_URL and that the server runs, then start again.",
            ) from error
        store._writer.start()
        return store

    async def close(self) -> None:
        """Finish what was handed over, then let go of the database."""
        if self._closed:
            return
        self._closed = True
        self._works.put(None)
        await asyncio.to_thread(self._writer.join)
        self._readers.shutdown()
        self.engine.dispose()

    async def write(self, act: Callable[[Tx], T], *, durable: bool = True) -> T:
        """Run `act` in a transaction and return after the commit. It may run more than once; only the last counts.

        Raises what `act` raises (nothing is written then), StoreDown, or BadInput for a value that cannot be kept.
        Not `durable`, SQLite may lose it in a power cut (not in a crash of ours), so it must be safe to lose.
        Cancelled before its turn came, it does not run; once it runs, it runs to its end.
        """
        for _ in range(TRIES):
            if self._closed:
                raise StoreDown(_CLOSED)
            work = _Work(act, Future(), durable)
            self._works.put(work)
            try:
                result: T = await asyncio.wrap_future(work.done)
            except IntegrityError:  # another replica wrote the same key first; the next try sees it
                continue
            return result
        raise Conflict("Others keep writing the same record first.", "Try again.")

    async def read(self, query: Callable[[Tx], T]) -> T:
        """Run `query` on a snapshot. StoreDown when the database does not answer."""
        if self._closed:
            raise StoreDown(_CLOSED)
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, query)

    def _read(self, query: Callable[[Tx], T]) -> T:
        try:
            with self.engine.connect().execution_options(tocsin_read=True) as connection:
                return query(Tx(connection, self.clock.now(), self.dialect, stamp=self.stamp))
        except DBAPIError as error:
            raise StoreDown(f"The database did not answer: {engines.reason(error)}.", "Try again.") from error

    def _write_forever(self) -> None:
        while (first := self._works.get()) is not None:
            batch = [first]
            stop = False
            while len(batch) < TOGETHER and not self._works.empty():
                work = self._works.get()
                if work is None:
                    stop = True
                    break
                batch.append(work)
            if ready := [work for work in batch if work.done.set_running_or_notify_cancel()]:
                self._commit(ready)
            if stop:
                break
        self._unlink()

    def _commit(self, batch: list[_Work]) -> None:
        """One transaction for all of `batch`; when one work's values break it, one for each, so that only it fails."""
        try:
            outcomes, due = self._try(batch)
        except Exception as failure:  # whoever asked for the work is told; the writer goes on
            if len(batch) > 1 and not isinstance(failure, StoreDown):
                for work in batch:
                    self._commit([work])
                return
            outcomes, due = [(None, failure)] * len(batch), None
        for work, (result, trouble) in zip(batch, outcomes, strict=True):
            if trouble is None:
                work.done.set_result(result)
            else:
                work.done.set_exception(trouble)
        if due is not None:
            self._announce(due)

    def _try(self, batch: list[_Work]) -> tuple[_Outcomes, datetime | None]:
        """Commit `batch`, tried again where the engine says that it may be; StoreDown when it cannot be now."""
        attempt = 1
        while True:
            try:
                return self._attempt(batch)
            except (SQLAlchemyError, OSError) as error:
                self._unlink()
                passing = engines.passing(error)
                if passing and attempt < TRIES:
                    attempt += 1
                    continue
                if not passing and len(batch) > 1 and not isinstance(error, _DOWN):
                    raise
                what = f"The database did not take it: {engines.reason(error)}."
                raise StoreDown(what, "Try again in a moment.") from error

    def _attempt(self, batch: list[_Work]) -> tuple[_Outcomes, datetime | None]:
        outcomes: _Outcomes = []
        entries: list[Entry] = []
        contexts: list[bytes] = []
        due: datetime | None = None
        now = self.clock.now()
        durable = any(work.durable for work in batch)
        connection = self._link = self._link or self.engine.connect()
        with connection.execution_options(tocsin_durable=durable).begin() as whole:
            for work in batch:
                tx = Tx(connection, now, self.dialect, stamp=self.stamp)
                # A work that is alone needs no savepoint: when it fails, everything is rolled back.
                part = connection.begin_nested() if len(batch) > 1 else whole
                outcome = _do(work, tx)
                outcomes.append(outcome)
                if outcome[1] is not None:
                    part.rollback()
                    continue
                if part is not whole:
                    part.commit()
                entries += tx.entries
                contexts += tx.contexts()
                if tx.due is not None and (due is None or tx.due < due):
                    due = tx.due
            if whole.is_active:
                log.append(connection, entries, now, contexts)
                if due is not None and self.dialect == "postgresql":
                    connection.execute(_NOTIFY, {"due": due.isoformat()})
        return outcomes, due

    def _unlink(self) -> None:
        """Let go of the writer's connection; the next commit takes a fresh one."""
        if self._link is not None:
            self._link.close()
            self._link = None

    def _announce(self, due: datetime) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._tell, due)

    def _tell(self, due: datetime) -> None:
        for listener in self.on_jobs:
            listener(due)


def _do(work: _Work, tx: Tx) -> tuple[Any, Exception | None]:
    """What the work returns, or its own failure; errors that concern the whole transaction are raised."""
    try:
        return work.act(tx), None
    except DataError as failure:
        return None, BadInput(f"The database cannot keep a value of this: {engines.reason(failure)}.")
    except DBAPIError as failure:
        if not isinstance(failure, IntegrityError):
            raise
        return None, failure
    except Exception as failure:  # it belongs to whoever asked for the work
        return None, failure
