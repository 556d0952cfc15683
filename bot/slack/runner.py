"""Runs what a listener hands over after its ack: watched, counted, and finished before the process ends."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine

from bot import telemetry
from bot.errors import TocsinError

Tell = Callable[[str], Awaitable[None]]

log = telemetry.logger("slack")
SORRY = "That went wrong on my side; the log has the details. Look at the card, then try again if it is still needed."


class Runner:
    """Holds on to every task, so that none is collected half way and none fails unseen."""

    def __init__(self) -> None:
        """Nothing runs yet."""
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, name: str, work: Coroutine[object, object, None], tell: Tell | None = None) -> None:
        """Run `work` in the background; when it fails, `tell` its person so in a sentence."""
        task = asyncio.get_running_loop().create_task(self._watch(name, work, tell), name=f"slack:{name}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @property
    def busy(self) -> int:
        """How many are running."""
        return len(self._tasks)

    async def idle(self) -> None:
        """Return once nothing is running; what is started meanwhile counts too."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def drain(self, deadline: float) -> int:
        """Let what runs finish for `deadline` seconds, cancel the rest; returns how many were cancelled."""
        if self._tasks and deadline:
            await asyncio.wait(self._tasks, timeout=deadline)
        late = [task for task in self._tasks if not task.done()]
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        if late and deadline:
            log.warning("slack.work_cut_off", tasks=sorted(task.get_name() for task in late))
        return len(late)

    async def _watch(self, name: str, work: Coroutine[object, object, None], tell: Tell | None) -> None:
        try:
            await work
        except TocsinError as error:
            telemetry.SLACK_CALLS.labels(f"work:{name}", "refused").inc()
            log.warning("slack.work_refused", work=name, reason=str(error))
            await self._say(tell, str(error))
        except Exception:  # a door: whatever it was, its presser reads a sentence and the log has the trace
            telemetry.SLACK_CALLS.labels(f"work:{name}", "failed").inc()
            log.exception("slack.work_failed", work=name)
            await self._say(tell, SORRY)
        else:
            telemetry.SLACK_CALLS.labels(f"work:{name}", "done").inc()

    async def _say(self, tell: Tell | None, sentence: str) -> None:
        if tell is None:
            return
        try:
            await tell(sentence)
        except TocsinError as error:
            log.warning("slack.person_not_told", reason=str(error), sentence=sentence)
