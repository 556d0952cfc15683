"""Starts the program of a run so that it outlives whoever asked: `launch.py LOCK FOLDER PROGRAM`, run as a file.

The program's process writes down its own number before it becomes the program, and holds the lock of the run's folder
until then. So whoever has the lock and finds no number knows that nothing was started, whatever was killed before.
"""

import json
import os
import signal
import sys
from pathlib import Path

ORDER, LOG, PROCESS = "order.json", "log.txt", "process.json"
ENVIRONMENT = {"PATH": os.defpath}
UNFIT = 126  #: what a program that cannot be run ends with, as a shell has it


def mark(pid: int) -> str | None:
    """What no other process has that ever had this number; None when there is none that lives."""
    fields = _fields(pid)
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return None
    return f"{boot}/{fields[19].decode('ascii')}" if fields else None


def members(session: int) -> list[int]:
    """The processes that live in a session, which its leader's number names: whatever that started, in any group."""
    pids = (int(entry) for entry in os.listdir("/proc") if entry.isdecimal())
    return [pid for pid in pids if (fields := _fields(pid)) and int(fields[3]) == session]


def _fields(pid: int) -> list[bytes]:
    """What the machine tells of a process that lives: its state, and so on; [] when there is none."""
    try:
        told = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return []
    # The name stands before it in brackets, and may hold any sign.
    fields = told.rpartition(b")")[2].split()
    return [] if fields[0] in (b"Z", b"X") else fields


def main(lock: int, folder: Path, program: Path) -> None:
    """Return at once in this process, and become the program in another that nobody waits for."""
    if os.fork():
        return
    os.setsid()
    log = os.open(folder / LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o666)
    nothing = os.open(os.devnull, os.O_RDONLY)
    _keep(folder / PROCESS, {"pid": os.getpid(), "mark": mark(os.getpid())})
    os.set_inheritable(lock, False)
    os.dup2(nothing, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    for ignored in (signal.SIGPIPE, signal.SIGXFSZ):  # Python's own habit, which the program shall not inherit
        signal.signal(ignored, signal.SIG_DFL)
    try:
        given = [str(program), "--order", str(folder / ORDER), "--out", str(folder)]
        os.execve(program, given, ENVIRONMENT)  # noqa: S606
    except OSError as error:
        os.write(2, f"{program.name} cannot be run: {error.strerror}.\n".encode())
        os._exit(UNFIT)


def _keep(file: Path, said: dict[str, object]) -> None:
    """Whole, or not at all, and on the disk before this returns."""
    new = file.with_name(f".{file.name}.new")
    with new.open("w", encoding="utf-8") as opened:
        json.dump(said, opened)
        opened.flush()
        os.fsync(opened.fileno())
    os.replace(new, file)
    above = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY)
    os.fsync(above)
    os.close(above)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))
