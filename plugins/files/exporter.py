"""The exporter into a folder: PM-7.md, PM-7.html, PM-7/ with the pictures, and index.html over all of them.

Each file is whole at any moment. What people changed in a Markdown file is kept beside it as PM-7.theirs.md: the last
line of ours tells (`bot.contract.stamp`), also after a crash.
"""

import asyncio
import errno
import fcntl
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.contract import Check, Context, Document, Exported, Health, NotDelivered, stamp
from plugins.files import index
from plugins.files.settings import FilesSettings

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,60}")
_PICTURE = re.compile(r"[A-Za-z0-9_-]{1,100}\.png")
_HIDDEN = ".tocsin"  # the folder of what we need to know
#: What does not pass by itself, as a full disk or a share that is away does.
_LASTING = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.ENAMETOOLONG})


class Folder:
    """Implements `Exporter`; a reference is the name of the Markdown file."""

    def __init__(self, settings: FilesSettings, context: Context) -> None:
        """Nothing is opened or made."""
        self._settings = settings

    async def put(self, document: Document) -> Exported:
        """Write its files; NotDelivered, with `retry` where the disk may be well again later."""
        _plain(document)
        try:
            await asyncio.to_thread(self._write, document)
        except OSError as error:
            raise self._told(error) from None
        name = f"{document.id}.html"
        link = f"{self._settings.link}/{name}" if self._settings.link else (self._folder / name).as_uri()
        return Exported(f"{document.id}.md", link)

    async def check(self) -> list[Check]:
        """Whether the folder is there, or can be made, and takes files."""
        try:
            await asyncio.to_thread(self._try)
        except OSError as error:
            return [Check("folder", Health.MISSING, str(self._told(error)))]
        return [Check("folder", Health.OK)]

    @property
    def _folder(self) -> Path:
        return self._settings.folder.absolute()

    def _write(self, document: Document) -> None:
        with self._alone():
            where, text = (
                self._folder / f"{document.id}.md",
                stamp.stamped(document, stamp.beside(document, document.id)),
            )
            data = text.encode("utf-8", "replace")
            for picture in document.pictures:
                place = self._folder / document.id
                place.mkdir(exist_ok=True)
                _replace(place / picture.name, picture.png)
            _replace(self._folder / f"{document.id}.html", document.html.encode("utf-8", "replace"))
            if not _same(where, data):
                _keep(where, document.id)
                _replace(where, data)
            hidden = self._folder / _HIDDEN
            _replace(hidden / f"{document.id}.json", index.row(document))
            _replace(self._folder / "index.html", index.page(hidden))

    def _try(self) -> None:
        with self._alone():
            handle, name = tempfile.mkstemp(dir=self._folder, prefix=".tocsin-")
            os.close(handle)
            os.unlink(name)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """No other process of ours writes here meanwhile."""
        hidden = self._folder / _HIDDEN
        hidden.mkdir(parents=True, exist_ok=True)
        with (hidden / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _told(self, error: OSError) -> NotDelivered:
        why = errno.errorcode.get(error.errno or 0, "") or type(error).__name__
        what = f"The folder {self._settings.folder} cannot be written to: {why}."
        return NotDelivered(what, "Look whether it is there and is ours to write.", retry=error.errno not in _LASTING)


def _plain(document: Document) -> None:
    """Names that could leave the folder are refused, whoever thought of them."""
    if not _ID.fullmatch(document.id) or not all(_PICTURE.fullmatch(one.name) for one in document.pictures):
        raise NotDelivered(f"{document.id[:40]!r} or one of its pictures has no plain name.", "Tell Tocsin's makers.")


def _same(path: Path, data: bytes) -> bool:
    try:
        return path.read_bytes() == data
    except FileNotFoundError:
        return False


def _keep(path: Path, document_id: str) -> None:
    """Put what people made of our file beside it, under a name that nothing has yet."""
    try:
        text = path.read_bytes().decode("utf-8", "replace")
    except FileNotFoundError:
        return
    if stamp.untouched(text, document_id):
        return
    number = 1
    while (beside := path.with_name(f"{path.stem}.theirs{f'-{number}' if number > 1 else ''}.md")).exists():
        if _same(beside, path.read_bytes()):
            return
        number += 1
    os.replace(path, beside)


def _replace(path: Path, data: bytes) -> None:
    """The file is the old one or the new one, whole, whatever happens meanwhile."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".tocsin-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
