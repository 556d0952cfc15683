"""Which version answers, whatever the pointer says: the server's word in `probe.json`, or a program that asks it."""

import asyncio
import os
import signal
import stat
from pathlib import Path

from bot.contract import NotDelivered, Probe, Unreadable, reading
from plugins.local import disk

FILE, PROGRAM = "probe.json", "probe"
PATIENCE = 5.0  #: seconds a program may take


async def asked(folder: Path, run: bool) -> Probe | None:
    """What answers; None where nobody can be asked. NotDelivered when somebody was asked and nobody knows."""
    if run and await asyncio.to_thread(runnable, folder):
        return _read(await _run(folder), f"The program {PROGRAM}")
    body = await asyncio.to_thread(disk.read, folder / FILE)
    return None if body is None else _read(body, FILE)


def runnable(folder: Path) -> bool:
    """Whether there is a program to ask: a plain file that may be run, no link."""
    try:
        mode = os.lstat(folder / PROGRAM).st_mode
    except OSError:
        return False
    return stat.S_ISREG(mode) and os.access(folder / PROGRAM, os.X_OK)


def _read(body: bytes, who: str) -> Probe:
    """`{"version": "7", "why": "..."}`, or the version alone."""
    words = body.decode("utf-8", "replace").strip()
    try:
        said = reading.loads(body) if words.startswith("{") else {"version": words}
    except Unreadable:
        said = None
    if not isinstance(said, dict) or "version" not in said:
        raise NotDelivered(f"{who} says nothing that can be read.", 'Let it say {"version": "7"}.')
    version = reading.text(said["version"], reading.NAME)
    why = reading.clean(reading.text(said.get("why"), reading.TITLE) or f"{who} says so.")
    return Probe(reading.clean(version) or None if version else None, why)


async def _run(folder: Path) -> bytes:
    """What the program prints; it gets no environment of ours, and takes its children with it when it is cut off."""
    try:
        asks = await asyncio.create_subprocess_exec(
            str(folder / PROGRAM),
            cwd=folder,
            env={"PATH": os.defpath},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise NotDelivered(f"The program {PROGRAM} of {folder.name} cannot be run.", f"{error.strerror}.") from None
    try:
        async with asyncio.timeout(PATIENCE):
            said = await _printed(asks)
            code = await asks.wait()
    except TimeoutError:
        raise NotDelivered(f"The program {PROGRAM} of {folder.name} took longer than {PATIENCE:g} s.") from None
    finally:
        try:
            os.killpg(asks.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        await asks.wait()
    if code:
        raise NotDelivered(f"The program {PROGRAM} of {folder.name} ended with {code}.", "Run it by hand.")
    return said


async def _printed(asks: asyncio.subprocess.Process) -> bytes:
    said = b""
    while asks.stdout is not None and (part := await asks.stdout.read(disk.LARGEST)):
        said += part
        if len(said) > disk.LARGEST:
            raise NotDelivered(f"The program {PROGRAM} says more than {disk.LARGEST:,} bytes.", "Let it say less.")
    return said
