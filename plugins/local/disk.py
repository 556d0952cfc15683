"""Names that lead nowhere else, reads that end, writes that are whole or not at all: all that touches the disk.

Everything here blocks, so it is called in a thread. What the disk refuses becomes Refused; nothing was changed then.
"""

import difflib
import fcntl
import os
import re
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from bot.contract import NotDelivered, NotFound, Refused, reading

LARGEST = 65_536  #: bytes of one document
FOLDERS = 1_000  #: how many names of one folder are looked at
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_SHOWN = 60
_PLAIN = os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK  # no links, and no pipe that waits for somebody


def fit(name: object) -> bool:
    """Whether a folder may be called so."""
    return isinstance(name, str) and _NAME.fullmatch(name) is not None


def named(name: object) -> str:
    """The name, when a folder may be called so; Refused otherwise."""
    if isinstance(name, str) and fit(name):
        return name
    shown = reading.clean(str(name))[:_SHOWN] or "nothing"
    raise Refused(f"'{shown}' is no name of a folder.", "Use letters, digits, dots, hyphens and underscores.")


def model(root: str, ref: Mapping[str, str]) -> Path:
    """The folder of the model that `ref` names; NotFound with the nearest names, Refused for a name that is none."""
    if set(ref) != {"name"}:
        raise Refused("The reference must have `name` and nothing else.", "Write `ref: {name: churn}`.")
    name = named(ref["name"])
    folder = inside(Path(root), name)
    if folder is None:
        close = difflib.get_close_matches(name, folders(Path(root)), n=3)
        raise NotFound(f"There is no model {name}.", f"There is {', '.join(close)}." if close else "Make its folder.")
    return folder


def kept_by(root: str, ref: Mapping[str, str]) -> Path:
    """The folder of `ref: {name: ...}`, or, for a model of another platform, the one that a value of its ref names."""
    if set(ref) <= {"name"}:
        return model(root, ref)
    found = [name for name in dict.fromkeys(ref.values()) if fit(name) and inside(Path(root), name)]
    if len(found) == 1:
        return model(root, {"name": found[0]})
    what = "More than one folder has a name of its reference" if found else "No folder has a name of its reference"
    raise NotFound(f"{what}.", "Give one folder below `root` the name that one value of `ref` has.")


def inside(above: Path, name: str) -> Path | None:
    """The folder of that name below `above`; None when there is none, Refused when it leads out of there."""
    try:
        home, folder = above.resolve(), (above / name).resolve()
        there = folder.is_dir()
    except (OSError, RuntimeError) as error:
        raise unreadable(above / name, error) from None
    if not folder.is_relative_to(home) or folder == home:
        raise Refused(f"{name} is a link that leads out of {above.name}.", "Put the folder itself there.")
    return folder if there else None


def folders(above: Path) -> list[str]:
    """The names of the folders there, links to folders too, the newest first; [] when there is nothing at all."""
    found: list[tuple[float, str]] = []
    try:
        with os.scandir(above) as entries:
            fit = (entry for entry in entries if _NAME.fullmatch(entry.name) and entry.is_dir())
            for entry in islice(fit, FOLDERS):
                with suppress(FileNotFoundError):  # gone since
                    found.append((entry.stat().st_mtime, entry.name))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise unreadable(above, error) from None
    return [name for _, name in sorted(found, reverse=True)]


def read(file: Path) -> bytes | None:
    """All of a small file; None when it is not there, Refused when it is no plain file or too large."""
    body, whole = tail(file, LARGEST)
    if body is not None and not whole:
        raise Refused(f"{file.name} of {file.parent.name} is larger than {LARGEST:,} bytes.", "Make it smaller.")
    return body


def tail(file: Path, limit: int) -> tuple[bytes | None, bool]:
    """The last `limit` bytes of a file and whether they are all of it; None when it is not there."""
    there = opened(file)
    if there is None:
        return None, True
    with there:
        try:
            size = os.fstat(there.fileno()).st_size
            there.seek(max(0, size - limit))
            return there.read(limit), size <= limit
        except OSError as error:
            raise unreadable(file, error) from None


def opened(file: Path) -> BinaryIO | None:
    """A plain file, open at its start; None when it is not there, Refused when it is a link, a pipe or a folder."""
    try:
        there = open(file, "rb", opener=lambda path, flags: os.open(path, flags | _PLAIN))  # noqa: SIM115
    except FileNotFoundError:
        return None
    except OSError as error:
        raise unreadable(file, error) from None
    if stat.S_ISREG(os.fstat(there.fileno()).st_mode):
        return there
    there.close()
    raise Refused(f"{file.name} of {file.parent.name} is no plain file.", "Put a file there.")


@contextmanager
def locked(folder: Path, *, look: bool = False) -> Iterator[int | None]:
    """Holds the lock of a folder as long as the block runs, and gives its descriptor; None when somebody else has it.

    Any number may `look` at once. A program that inherits the descriptor holds the lock too, until it closes it.
    """
    try:
        lock = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | _PLAIN, 0o666)
    except OSError as error:
        raise unwritable(folder / ".lock", error) from None
    try:
        try:
            fcntl.flock(lock, (fcntl.LOCK_SH if look else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
            return
        except OSError as error:
            raise unwritable(folder / ".lock", error) from None
        yield lock
    finally:
        os.close(lock)  # which unlocks, unless it was inherited


def append(file: Path, line: bytes) -> None:
    """One more line, on the disk before this returns; what a crash left unfinished stays a line of its own."""
    try:
        with open(os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND | _PLAIN, 0o666), "r+b", buffering=0) as opened:
            size = os.fstat(opened.fileno()).st_size
            torn = size > 0 and os.pread(opened.fileno(), 1, size - 1) != b"\n"
            opened.write(b"\n" * torn + line + b"\n")
            os.fsync(opened.fileno())
    except OSError as error:
        raise unwritable(file, error) from None


def replace(file: Path, body: bytes) -> None:
    """The file holds `body` or what it held before, never a part; NotDelivered when the disk may have lost it."""
    new = file.with_name(f".{file.name}.new")
    try:
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _PLAIN, 0o666), "wb") as opened:
            opened.write(body)
            opened.flush()
            os.fsync(opened.fileno())
        os.replace(new, file)
    except OSError as error:
        raise unwritable(file, error) from None
    try:
        above = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(above)
        finally:
            os.close(above)
    except OSError as error:
        raise NotDelivered(
            f"{file.name} was swapped, and the disk does not say that it is kept.", _why(error)
        ) from None


def unreadable(path: Path, error: Exception) -> Refused:
    """Why something cannot be read, without the path above its folder."""
    return Refused(f"{path.parent.name}/{path.name} cannot be read.", _why(error))


def unwritable(path: Path, error: Exception) -> Refused:
    """Why something cannot be written."""
    return Refused(f"{path.parent.name}/{path.name} cannot be written.", _why(error))


def _why(error: Exception) -> str:
    said = error.strerror if isinstance(error, OSError) else None
    return f"The disk says: {said or type(error).__name__}."
