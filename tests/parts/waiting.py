"""Waits for another process by looking at it: until it answers, or is gone."""

import asyncio
import subprocess
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import aiohttp

T = TypeVar("T")
LOOK = 0.02  #: seconds between two looks


async def until(seen: Callable[[], Awaitable[T]], *, within: float, what: str, every: float = LOOK) -> T:
    """The first truthy answer of `seen`; AssertionError that names `what` after `within` seconds."""
    end = time.monotonic() + within
    while True:
        if answer := await seen():
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"{within:g} s went by without {what}.")
        await asyncio.sleep(every)


async def reachable(url: str, process: subprocess.Popen[bytes], log: Path, *, within: float = 30.0) -> None:
    """Returns when `url` answers 200; RuntimeError with the end of `log` when the process ends or time is up."""
    end = time.monotonic() + within
    last = "no connection"
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as http:
        while process.poll() is None and time.monotonic() < end:
            try:
                async with http.get(url) as reply:
                    if reply.status == 200:
                        return
                    last = f"{reply.status} {(await reply.text())[:500]}"
            except (aiohttp.ClientError, TimeoutError) as error:
                last = repr(error)
            await asyncio.sleep(LOOK)
    ended = f"it ended with {process.returncode}" if process.poll() is not None else f"{within:g} s went by ({last})"
    written = log.read_text(encoding="utf-8", errors="replace")[-4000:] if log.exists() else ""
    raise RuntimeError(f"{url} was never ready: {ended}.\n{written}")
