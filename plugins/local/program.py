"""Programs that a model's folder brings along: run without an environment of ours, ended with all their children."""

import asyncio
import os
import signal
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import IO

from bot.contract import NotDelivered


def runnable(file: Path) -> bool:
    """Whether it is a plain file that may be run, no link."""
    try:
        mode = os.lstat(file).st_mode
    except OSError:
        return False
    return stat.S_ISREG(mode) and os.access(file, os.X_OK)


@asynccontextmanager
async def running(
    file: Path, *arguments: str, patience: float, out: IO[bytes] | int = asyncio.subprocess.PIPE
) -> AsyncIterator[asyncio.subprocess.Process]:
    """The program, run in its own folder as long as the block runs, at most `patience` seconds.

    What it prints goes to `out`, its complaints with it where that is a file. NotDelivered when it cannot be run or
    takes longer.
    """
    starting = asyncio.ensure_future(
        asyncio.create_subprocess_exec(
            str(file),
            *arguments,
            cwd=file.parent,
            env={"PATH": os.defpath},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=out,
            stderr=asyncio.subprocess.DEVNULL if out == asyncio.subprocess.PIPE else asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
    )
    name = f"The program {file.name} of {file.parent.name}"
    try:
        async with asyncio.timeout(patience):
            # Whoever is cancelled while it begins must still learn its number, or its children could not be ended.
            try:
                process = await asyncio.shield(starting)
            except OSError as error:
                raise NotDelivered(f"{name} cannot be run.", f"{error.strerror}.") from None
            yield process
    except TimeoutError:
        raise NotDelivered(f"{name} took longer than {patience:g} s.") from None
    finally:
        await asyncio.wait([starting])
        if starting.exception() is None:
            await _ended(starting.result())


async def _ended(process: asyncio.subprocess.Process) -> None:
    """The program is gone, with whatever it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
