"""What became of a run: read from its folder alone, so whoever reads it may have been killed and started again.

`runs/TOKEN` of a model holds `order.json`, `log.txt` and `process.json` of ours, `cancelled.json` once it was to stop,
and what the program writes: `progress.json` as it goes, `result.json` at its end.
"""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.contract import Going, Refused, Run, Unreadable, reading
from plugins.local import disk, launch, versions

FOLDER, ORDER, LOG, PROCESS = "runs", launch.ORDER, launch.LOG, launch.PROCESS
PROGRESS, RESULT, CANCELLED = "progress.json", "result.json", "cancelled.json"
LINES, HEARD = 20, 4_000  #: of the end of a log that are shown, and bytes of it that are read
STAGE = 120  #: characters
COSTS = 1e12  #: more is not believed


@dataclass(frozen=True, slots=True)
class Process:
    """The process of a run, as it wrote itself down."""

    pid: int
    mark: str

    @property
    def lives(self) -> bool:
        """Whether it is there; another that was given its number later is not it."""
        return launch.mark(self.pid) == self.mark

    @property
    def all(self) -> list[int]:
        """The numbers of all that live of what it started, its own too; [] when its number is another's by now."""
        # As long as one of its session lives, the number is given to nobody else.
        return launch.members(self.pid) if launch.mark(self.pid) in (None, self.mark) else []


def made(model: Path, token: str) -> Path:
    """The folder of a run, there from now on; Refused when it cannot be made."""
    above = model / FOLDER
    try:
        above.mkdir(exist_ok=True)
        disk.inside(model, FOLDER)  # or Refused, when it leads out of there
        (above / disk.named(token)).mkdir(exist_ok=True)
    except OSError as error:
        raise disk.unwritable(above, error) from None
    found = one(model, token)
    if found is None:
        raise Refused(f"{FOLDER}/{token} of {model.name} is no folder.", "Move away what stands there.")
    return found


def one(model: Path, token: str) -> Path | None:
    """The folder of a run; None when there is none."""
    above = disk.inside(model, FOLDER)
    return disk.inside(above, disk.named(token)) if above else None


def process(folder: Path) -> Process | None:
    """The process of the run; None when none was ever started."""
    said = _object(folder / PROCESS)
    pid, mark = said.get("pid"), said.get("mark")
    # A group's number below 2 would mean our own group, or everybody.
    return Process(pid, mark) if type(pid) is int and pid > 1 and isinstance(mark, str) else None


def told(model: Path, token: str) -> Run | None:
    """How the run stands; None when there is none: it was never begun, and nobody is about to begin it."""
    folder = one(model, token)
    if folder is None:
        return None
    if (mine := process(folder)) is None:
        with disk.locked(folder, look=True) as lock:
            # Looked at again, for whoever had the lock may just have let it go.
            if lock is None:
                return Run(token, Going.WAITING, "about to begin")
            if (mine := process(folder)) is None:
                return None
    lives = mine.lives  # before its files are read: what it wrote last is there when it is gone
    order, progress = _object(folder / ORDER), _object(folder / PROGRESS)
    run = replace(
        _progress(Run(token, Going.RUNNING), progress), log=last(folder), started_at=reading.instant(order.get("at"))
    )
    ended = _result(run, model, folder, order)
    if ended.going is Going.DONE:
        return ended
    if lives:
        return replace(run, stage="being stopped") if (folder / CANCELLED).exists() else run
    if (folder / CANCELLED).exists():
        return replace(run, going=Going.CANCELLED, ended_at=_changed(folder / CANCELLED))
    return ended


def last(folder: Path) -> str:
    """The last lines of the log, to be shown to people."""
    try:
        body, whole = disk.tail(folder / LOG, HEARD)
    except Refused as error:
        return error.what
    lines = (body or b"").decode("utf-8", "replace").splitlines()[0 if whole else 1 :]
    clean = [reading.clean(line)[: reading.TITLE] for line in lines]
    return "\n".join([line for line in clean if line][-LINES:])


def _progress(run: Run, said: dict[str, Any]) -> Run:
    """The run with what its program says of itself, as far as that makes sense."""
    share, cost = reading.number(said.get("share")), reading.number(said.get("cost"))
    return replace(
        run,
        stage=reading.clean(reading.text(said.get("stage"), STAGE) or "") or run.stage,
        share=share if share is not None and 0 <= share <= 1 else None,
        cost=cost if cost is not None and 0 <= cost <= COSTS else run.cost,
        metrics=_metrics(said.get("metrics")) or run.metrics,
    )


def _result(run: Run, model: Path, folder: Path, order: dict[str, Any]) -> Run:
    """The run done, with the version it made; failed, and why, when there is none."""
    failed = replace(run, going=Going.FAILED, ended_at=_changed(folder / LOG))
    try:
        body = disk.read(folder / RESULT)
        said = reading.loads(body) if body is not None else None
    except (Refused, Unreadable) as error:
        return replace(failed, stage=f"its {RESULT} makes no sense: {error.what}")
    if body is None:
        return replace(failed, stage=f"it ended without a {RESULT}")
    failed = replace(failed, ended_at=_changed(folder / RESULT))
    if not isinstance(said, dict) or not disk.fit(name := reading.text(said.get("version"))):
        return replace(failed, stage=f"it succeeded without a model: {RESULT} names no version")
    version, before = str(name), order.get("versions")
    if isinstance(before, list) and version in before:
        return replace(failed, stage=f"it succeeded without a model: version {version} was there before it")
    found = versions.one(model, version)
    if not found.usable:
        return replace(failed, stage=f"it succeeded without a model: version {version} is none. {found.why_not}")
    # What a program says at its end is whole; the stage and share it was at before say nothing any more.
    ended = _progress(replace(run, stage=""), {key: said.get(key) for key in ("cost", "metrics")})
    return replace(ended, going=Going.DONE, share=1.0, version=version, ended_at=failed.ended_at)


def _metrics(given: object) -> dict[str, float]:
    read = {name: reading.number(value) for name, value in given.items()} if isinstance(given, dict) else {}
    fit = {reading.clean(name)[: reading.NAME]: value for name, value in read.items() if value is not None}
    return dict(list(fit.items())[: versions.METRICS])


def _object(file: Path) -> dict[str, Any]:
    """What a small file says; {} when it is not there or makes no sense."""
    with suppress(Refused, Unreadable):
        said = reading.loads(disk.read(file) or b"{}")
        return said if isinstance(said, dict) else {}
    return {}


def _changed(file: Path) -> datetime | None:
    """When a file was written last: the last that was heard of who writes it."""
    with suppress(OSError):
        return datetime.fromtimestamp(file.stat(follow_symlinks=False).st_mtime, UTC)
    return None
