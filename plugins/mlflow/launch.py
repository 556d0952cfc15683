"""Becomes a training that outlives whoever asked: `launch.py FOLDER PROGRAM ARGUMENT...`, run as a file.

The process writes its own number into the folder before it becomes the program, in one step that only the first can
take. So however often it is asked for, and whoever was killed meanwhile, the program is run once.
"""

import json
import os
import signal
import sys
from pathlib import Path

PROCESS, LOG = "process.json", "log.txt"
UNFIT = 126  #: what a program that cannot be run ends with, as a shell has it


def mark(pid: int) -> str | None:
    """What no other process of this machine has that ever had this number; None when none lives."""
    fields = _fields(pid)
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return None
    return f"{boot}/{fields[19].decode('ascii')}" if fields else None


def members(session: int) -> list[int]:
    """The processes that live in a session, which its leader's number names."""
    pids = (int(entry) for entry in os.listdir("/proc") if entry.isdecimal())
    return [pid for pid in pids if (fields := _fields(pid)) and int(fields[3]) == session]


def _fields(pid: int) -> list[bytes]:
    """What the machine tells of a process that lives, from its state on; [] when there is none."""
    try:
        told = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return []
    # The name stands before it in brackets, and may hold any sign.
    fields = told.rpartition(b")")[2].split()
    return [] if fields[0] in (b"Z", b"X") else fields


def main(folder: Path, command: list[str]) -> None:
    """Return at once in this process, and become the program in another, unless that was done before."""
    if os.fork():
        return
    os.setsid()
    if not _first(folder):
        return
    log = os.open(folder / LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    for ignored in (signal.SIGPIPE, signal.SIGXFSZ):  # Python's own habit, which the program shall not inherit
        signal.signal(ignored, signal.SIG_DFL)
    try:
        os.execvp(command[0], command)  # noqa: S606
    except OSError as error:
        os.write(2, f"{command[0]} cannot be run: {error.strerror}.\n".encode())
        os._exit(UNFIT)


def _first(folder: Path) -> bool:
    """Whether this process is the one to be the run; its number is on the disk before this returns."""
    new = folder / f".{os.getpid()}"
    with new.open("w", encoding="utf-8") as opened:
        said = {"pid": os.getpid(), "mark": mark(os.getpid())}
        json.dump(said, opened)
        opened.flush()
        os.fsync(opened.fileno())
    try:
        os.link(new, folder / PROCESS)  # unlike a rename, it fails where one stands already
    except FileExistsError:
        return False
    finally:
        new.unlink()
    above = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    os.fsync(above)
    os.close(above)
    return True


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
