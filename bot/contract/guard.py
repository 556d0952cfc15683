"""The one way to call a plugin: deadline, retry where it is safe, circuit breaker, metrics, redacted log."""

import asyncio
import random
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, ParamSpec, TypeVar

from bot import telemetry
from bot.clock import Clock
from bot.errors import NotDelivered, PluginFault, PluginOpen, PluginSilent, TocsinError

T = TypeVar("T")
P = ParamSpec("P")

HUNG = 2  #: threads that may hang before nothing more is run
_BACKOFF = (0.25, 1.0)  # seconds before the second and the third attempt, jittered by half
_PATIENCE = 5.0  # a destination that asks for a longer wait than this is left to the job's own retry
_jitter = random.SystemRandom()
_log = telemetry.logger("guard")


class Guard:
    """Stands around every call to one connection's plugin, so that nothing it does reaches further than its caller.

    What passes through: the answer, and errors of our own tree. Everything else becomes PluginFault or PluginSilent.
    """

    def __init__(
        self, name: str, clock: Clock, *, deadline: float = 5.0, failures: int = 5, rest: float = 30.0
    ) -> None:
        """`deadline` and `rest` in seconds; after `failures` faults in a row the plugin is left alone for `rest`."""
        self.name = name
        self.deadline = deadline
        self._clock = clock
        self._failures = failures
        self._rest = rest
        self._faults = 0
        self._open_until = 0.0
        self._trying = False
        self._threads = _Threads(name, deadline)

    async def call(
        self, part: str, act: Callable[[], Awaitable[T]], *, idempotent: bool = False, deadline: float | None = None
    ) -> T:
        """Await `act()` within the deadline (seconds, for each attempt).

        Only an idempotent act is tried again, twice at most, and only after an error that says so. Raises PluginOpen,
        PluginSilent, PluginFault, or what the plugin says in our own words (BadInput, NotDelivered and the like).
        """
        for pause in _BACKOFF:
            try:
                return await self._once(part, act, deadline or self.deadline)
            except TocsinError as error:
                asked = error.after if isinstance(error, NotDelivered) and error.after is not None else pause
                if not (idempotent and error.retry) or isinstance(error, PluginOpen) or asked > _PATIENCE:
                    raise
            await self._clock.sleep(asked * _jitter.uniform(1.0, 1.5))
        return await self._once(part, act, deadline or self.deadline)

    async def run(self, part: str, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call the synchronous `function` in this guard's own thread, under the same deadline and breaker.

        The deadline counts from when it begins. A thread that hangs is left behind and another takes its place; while
        two hang, nothing more is run.
        """
        return await self._once(part, lambda: self._threads.run(part, lambda: function(*args, **kwargs)), None)

    @property
    def open(self) -> bool:
        """True while the plugin is left alone."""
        resting = self._faults >= self._failures and self._clock.monotonic() < self._open_until
        return resting or self._threads.hung >= HUNG

    def close(self) -> None:
        """Let the thread go; one that hangs ends with the process."""
        self._threads.close()

    async def _once(self, part: str, act: Callable[[], Awaitable[T]], deadline: float | None) -> T:
        trial = self._admit(part)
        started = self._clock.monotonic()
        outcome = "cancelled"
        try:
            answer = await self._timed(part, act, deadline)
            outcome, self._faults = "ok", 0
            return answer
        except PluginFault as fault:
            outcome = "silent" if isinstance(fault, PluginSilent) else "fault"
            if not isinstance(fault, _NeverBegan):
                self._count(part, fault)
            raise
        except TocsinError as error:
            outcome = "refused"
            if isinstance(error, NotDelivered) and error.retry and error.after is None:
                self._count(part, error)
            else:
                self._faults = 0
            raise
        finally:
            self._trying = self._trying and not trial
            telemetry.PLUGIN_CALLS.labels(self.name, part, outcome).inc()
            telemetry.PLUGIN_SECONDS.labels(self.name, part).observe(max(0.0, self._clock.monotonic() - started))

    def _admit(self, part: str) -> bool:
        """True when this call tries out whether the plugin works again; raises PluginOpen while it is left alone."""
        trial = self._faults >= self._failures
        if self.open or (trial and self._trying):
            telemetry.PLUGIN_CALLS.labels(self.name, part, "open").inc()
            cure = "Its threads hang: restart Tocsin." if self._threads.hung >= HUNG else "It is tried again by itself."
            raise PluginOpen(f"{self.name} failed so often lately that it is left alone.", cure)
        self._trying = self._trying or trial
        return trial

    async def _timed(self, part: str, act: Callable[[], Awaitable[T]], deadline: float | None) -> T:
        timer = asyncio.timeout(deadline)
        try:
            async with timer:
                return await act()
        except TocsinError:
            raise
        # SystemExit too: a plugin may end its own work, never the bot.
        except (Exception, SystemExit) as error:
            if isinstance(error, TimeoutError):
                within = f" within {deadline:g} s" if timer.expired() else " in its own time"
                raise PluginSilent(f"{self.name} did not answer {part}{within}.", "Look whether it is up.") from error
            raise PluginFault(
                f"{self.name} failed in {part}: {type(error).__name__}.", "The log has the rest; tell its author."
            ) from error

    def _count(self, part: str, error: TocsinError) -> None:
        self._faults += 1
        rests = self._faults >= self._failures
        if rests:
            self._open_until = self._clock.monotonic() + self._rest
        # A destination that does not answer needs no traceback each time; a plugin that broke does.
        trace = error if isinstance(error, PluginFault) else None
        told = {"plugin": self.name, "part": part, "in_a_row": self._faults, "left_alone": rests}
        _log.warning("plugin.fault", **told, reason=str(error), exc_info=trace)


class _NeverBegan(PluginSilent):
    """It waited behind hanging calls, which is no fault of its own."""


class _Job:
    """A call on its way to the thread and back; `begun` is when the thread took it, by the loop's time."""

    def __init__(self, act: Callable[[], Any], time: Callable[[], float]) -> None:
        self.future: Future[Any] = Future()
        self.begun: float | None = None
        self._act = act
        self._time = time

    def do(self) -> None:
        """In the thread: run it, unless its caller has gone."""
        if self.future.set_running_or_notify_cancel():
            self.begun = self._time()
            try:
                self.future.set_result(self._act())
            except BaseException as error:
                self.future.set_exception(error)


class _Threads:
    """One daemon thread at a time: an executor's would keep the process from ending when one of them hangs."""

    def __init__(self, name: str, deadline: float) -> None:
        self._name = name
        self.deadline = deadline
        self._queue: SimpleQueue[_Job | None] = SimpleQueue()
        self._current: threading.Thread | None = None
        self._left: list[Future[Any]] = []

    @property
    def hung(self) -> int:
        """How many calls were left behind and still have not come back."""
        if self._left:
            self._left = [future for future in self._left if not future.done()]
        return len(self._left)

    async def run(self, part: str, act: Callable[[], T]) -> T:
        """The answer of `act`, run in the thread; raises PluginSilent when it takes longer than the deadline."""
        loop = asyncio.get_running_loop()
        job = _Job(act, loop.time)
        self._queue.put(job)
        if self._current is None:
            self._start()
        answer: asyncio.Future[T] = asyncio.wrap_future(job.future)
        patience = loop.time() + self.deadline * (HUNG + 1)
        wait = self.deadline
        try:
            while not (await asyncio.wait((answer,), timeout=wait))[0]:
                if job.begun is None:
                    if self.hung >= HUNG or loop.time() >= patience:
                        raise _NeverBegan(f"{self._name} had no time for {part}: other calls hang.")
                elif not job.future.done() and loop.time() >= job.begun + self.deadline:
                    raise PluginSilent(f"{self._name} did not answer {part} within {self.deadline:g} s.")
                wait = self.deadline if job.begun is None else max(0.0, job.begun + self.deadline - loop.time())
            return answer.result()
        finally:
            if not answer.done():
                answer.cancel()
                self._leave(job.future)

    def close(self) -> None:
        """Let the thread end once it has done what it was given."""
        if self._current is not None:
            self._queue.put(None)
            self._current = None

    def _leave(self, future: Future[Any]) -> None:
        if not future.cancel() and not future.done():
            self._left.append(future)
            if self.hung < HUNG:
                self._start()

    def _start(self) -> None:
        self._current = threading.Thread(target=self._work, name=f"tocsin-{self._name}", daemon=True)
        self._current.start()

    def _work(self) -> None:
        mine = threading.current_thread()
        while (job := self._queue.get()) is not None:
            job.do()
            if self._current is not mine:
                break
