"""Which version answers, whatever the pointer says: the server's word in `probe.json`, or a program that asks it."""

import asyncio
from pathlib import Path

from bot.contract import NotDelivered, Probe, Unreadable, reading
from plugins.local import disk, program

FILE, PROGRAM = "probe.json", "probe"
PATIENCE = 5.0  #: seconds a program may take


async def asked(folder: Path, run: bool) -> Probe | None:
    """What answers; None where nobody can be asked. NotDelivered when somebody was asked and nobody knows."""
    if run and await asyncio.to_thread(program.runnable, folder / PROGRAM):
        return _read(await _run(folder), f"The program {PROGRAM}")
    body = await asyncio.to_thread(disk.read, folder / FILE)
    return None if body is None else _read(body, FILE)


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
    """What the program prints."""
    async with program.running(folder / PROGRAM, patience=PATIENCE) as asks:
        said = await _printed(asks)
        code = await asks.wait()
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
