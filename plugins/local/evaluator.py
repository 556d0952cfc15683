"""What versions said and what became true: the files of a model's folder `rows`, or a program that runs them."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event

from bot.contract import Asked, Check, Context, Health, NotDelivered, NotFound, Refused, Scored, reading
from plugins.local import disk, program, versions
from plugins.local.rows import SAID, Rows
from plugins.local.settings import LocalSettings

FOLDER, PROGRAM, FORMS = "rows", "score", (".jsonl", ".csv")
FILES = 10_000  #: of one folder of rows that are looked at
READ = 4 * 1_073_741_824  #: bytes that are read, the newest files first
PATIENCE = 570.0  #: seconds the program may take
_WRITE = 'Write lines such as {"at": "2026-11-23T02:14:00Z", "truth": 1, "said": {"7": 0.31}} there.'
_TABLE = f"Let it write CSV below a header: at, truth, {SAID}6, {SAID}7 and columns."
_LOUD = 2_000  # bytes of the end of what a program printed that are looked at


class Shelf:
    """The rows of the models below one folder."""

    def __init__(self, settings: LocalSettings, context: Context) -> None:
        """Nothing is looked at until it is asked for."""
        self._settings = settings
        self._connection = context.connection

    async def scored(self, ref: Mapping[str, str], asked: Asked) -> Scored:
        """What the program `score` writes, where it may be run and is there; else what the files of `rows` hold."""
        stop = Event()
        try:
            folder = await asyncio.to_thread(disk.kept_by, self._settings.root, ref)
            for version in asked.versions:
                disk.named(version)
            if self._settings.run_score and await asyncio.to_thread(program.runnable, folder / PROGRAM):
                return await _run(folder, asked, stop)
            return await asyncio.to_thread(_kept, folder, asked, stop)
        finally:
            stop.set()  # who gave up waiting leaves no thread behind that reads on

    async def check(self) -> list[Check]:
        """Whether the folder can be read, and which programs of its models are not run."""
        return await asyncio.to_thread(self._check)

    def _check(self) -> list[Check]:
        root = Path(self._settings.root)
        if not root.is_dir() or not os.access(root, os.R_OK | os.X_OK):
            do = f"Make the folder that `root` names ({root}), and let the bot's user read there."
            return [Check("rows", Health.MISSING, do)]
        if self._settings.run_score:
            return [Check("rows", Health.OK)]
        idle = [name for name in disk.folders(root) if program.runnable(root / name / PROGRAM)]
        do = f"The program {PROGRAM} of a model is not run; set `run_score: true` if it shall be."
        return [Check("rows", Health.OK), *(Check(name, Health.UNKNOWN, do) for name in idle)]


def _kept(folder: Path, asked: Asked, stop: Event) -> Scored:
    """What the files of `rows` hold; NotFound for a version that is nowhere, Refused where there is nothing of it."""
    rows = Rows(asked, READ, stop)
    above = disk.inside(folder, FOLDER)
    for file in _files(above) if above else []:
        rows.read(file)
    _known(folder, [version for version in asked.versions if version not in rows.spoken])
    if not rows.fit:
        raise Refused(f"{folder.name} has no {FOLDER} to evaluate{rows.complaint}.", _WRITE)
    return _answer(rows, asked, f"read from {FOLDER}: {rows.told}")


async def _run(folder: Path, asked: Asked, stop: Event) -> Scored:
    """What the program writes; it gets nothing of our environment."""
    if await asyncio.to_thread(disk.inside, folder, versions.FOLDER):
        await asyncio.to_thread(_known, folder, asked.versions)
    with TemporaryDirectory(prefix="tocsin-score-") as place:
        out, log = Path(place) / "rows.csv", Path(place) / "log"
        with log.open("wb") as heard:
            run = program.running(folder / PROGRAM, *_arguments(asked, out), patience=PATIENCE, out=heard)
            async with run as process:
                code = await process.wait()
        if code:
            said = await asyncio.to_thread(_last, log)
            raise NotDelivered(f"The program {PROGRAM} of {folder.name} ended with {code}.", said or "Run it by hand.")
        rows = Rows(asked, READ, stop)
        await asyncio.to_thread(rows.read, out)
        await asyncio.to_thread(_known, folder, [one for one in asked.versions if rows.fit and one not in rows.spoken])
    if not rows.fit:
        raise Refused(f"The program {PROGRAM} of {folder.name} wrote no rows{rows.complaint}.", _TABLE)
    return _answer(rows, asked, f"run by the program {PROGRAM}: {rows.told}")


def _arguments(asked: Asked, out: Path) -> list[str]:
    """What the program is told; columns whose names would not come through whole are not asked for."""
    columns = [name for name in asked.columns if name == reading.clean(name) and "," not in name]
    return [
        f"--versions={','.join(asked.versions)}",
        f"--since={asked.start.isoformat()}",
        f"--until={asked.end.isoformat()}",
        f"--columns={','.join(columns)}",
        f"--most={asked.most}",
        f"--out={out}",
    ]


def _answer(rows: Rows, asked: Asked, how: str) -> Scored:
    """The rows, when each version said something of them or there are none."""
    for version in asked.versions if rows.sample.seen else ():
        if not rows.sample.said(version):
            do = f"Write what it says of the same rows beside the others, as `{SAID}{version}`."
            raise Refused(f"No row of these days says what version {version} said.", do)
    return rows.sample.scored(rows.whole, how)


def _known(folder: Path, asked: Sequence[str]) -> None:
    """Returns when each of these versions has a folder; raises NotFound for one that has none."""
    above = disk.inside(folder, versions.FOLDER)
    for version in asked:
        if above is None or disk.inside(above, version) is None:
            raise NotFound(f"{folder.name} has no version {version}.", "Choose one that is there.")


def _files(above: Path) -> list[Path]:
    """The files of rows, the newest first."""
    found: list[tuple[float, str]] = []
    try:
        with os.scandir(above) as entries:
            fit = (entry for entry in entries if entry.name.endswith(FORMS) and not entry.name.startswith("."))
            for entry in islice(fit, FILES):
                found.append((entry.stat(follow_symlinks=False).st_mtime, entry.name))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise disk.unreadable(above, error) from None
    return [above / name for _, name in sorted(found, reverse=True)]


def _last(log: Path) -> str:
    """The last line a program printed, to be shown to people."""
    body, _ = disk.tail(log, _LOUD)
    lines = [line for line in (body or b"").decode("utf-8", "replace").splitlines() if line.strip()]
    return reading.clean(lines[-1])[: reading.TITLE] if lines else ""
