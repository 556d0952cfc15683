"""Run until it is done or somebody has seen enough: Ctrl-C, a polite kill and a closed terminal end it alike."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any

import uvloop

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def whole(work: Coroutine[Any, Any, None]) -> bool:
    """Run `work` in a loop of its own; False when a signal ended it. What it closes then is not cut short."""
    return uvloop.run(_told(work))


async def _told(work: Coroutine[Any, Any, None]) -> bool:
    loop, task = asyncio.get_running_loop(), asyncio.ensure_future(work)

    def stop() -> None:
        if not task.cancelling():
            task.cancel()

    for number in SIGNALS:
        loop.add_signal_handler(number, stop)
    try:
        await task
    except asyncio.CancelledError:
        return False
    return True
