"""Rows of JSON lines or CSV: when it was, what became true, what each version said, and what tells the row apart.

Reads as much as is promised and no more; what makes no sense is passed over and counted.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from math import isfinite, nan
from pathlib import Path
from threading import Event
from typing import Any, BinaryIO

from bot.contract import Asked, Unreadable, reading
from plugins.local import disk
from plugins.local.sample import Sample

SAID = "said."  #: how the header of a CSV begins the name of a version
TEXT = 100  #: characters of one column of one row
_TRUTHS = {"true": 1.0, "false": 0.0, "": nan, "nan": nan, "null": nan}

Row = tuple[object, object, Mapping[str, object], Mapping[str, object]]  # at, truth, said, columns; all as written


class Rows:
    """Reads file after file into a sample of the rows that were asked for."""

    def __init__(self, asked: Asked, budget: int, stop: Event) -> None:
        """At most `budget` bytes are read, and nothing more once `stop` is set."""
        self.sample = Sample(asked)
        self.files, self.fit, self.odd = 0, 0, 0  #: files that were read, rows of any time, lines that are none
        self.spoken: set[str] = set()  #: of the versions, those that any row, of any time, speaks of
        self._asked, self._budget, self._stop = asked, budget, stop
        self._first_odd = ""
        self._start, self._end = asked.start.timestamp(), asked.end.timestamp()
        self._texts: dict[str, str] = {}

    @property
    def whole(self) -> bool:
        """Whether everything was read."""
        return self._budget > 0

    @property
    def told(self) -> str:
        """What was read, and what of it made no sense."""
        short = "" if self.whole else "; the oldest of it was not read, for it is too much"
        return (
            f"{self.sample.seen:,} rows of {self.files} {'file' if self.files == 1 else 'files'}{short}{self.complaint}"
        )

    @property
    def complaint(self) -> str:
        """How many lines made no sense, and where the first stands; nothing when all did."""
        return f"; {self.odd:,} rows make no sense, the first is {self._first_odd}" if self.odd else ""

    def read(self, file: Path) -> None:
        """All rows of a file, by the end of its name; Refused when it is no plain file."""
        if not self.whole or (there := disk.opened(file)) is None:
            return
        self.files += 1
        forms: dict[str, Callable[[Iterable[bytes]], Iterator[Row | None]]] = {".csv": _tabled, ".jsonl": _spelled}
        try:
            with there:
                for number, row in enumerate(forms[file.suffix](self._lines(there)), 1):
                    if row is None or not self._take(row):
                        self.odd += 1
                        self._first_odd = self._first_odd or f"number {number} of {reading.clean(file.name)[:TEXT]}"
        except OSError as error:
            raise disk.unreadable(file, error) from None

    def _lines(self, there: BinaryIO) -> Iterator[bytes]:
        """Line after line; one that is longer than a line may be comes as one that is no row."""
        while self._budget > 0 and not self._stop.is_set() and (line := there.readline(disk.LARGEST)):
            self._budget -= len(line)
            long = len(line) == disk.LARGEST and not line.endswith(b"\n")
            while long and self._budget > 0 and (rest := there.readline(disk.LARGEST)):
                self._budget -= len(rest)
                long = not rest.endswith(b"\n")
                line = b"-\n"
            yield line

    def _take(self, row: Row) -> bool:
        """Whether the row makes sense; it is kept when its time is one that was asked for."""
        moment, truth, said, columns = row
        at = _moment(moment)
        if at is None:
            return False
        versions = self._asked.versions
        if len(self.spoken) < len(versions):
            self.spoken.update(version for version in versions if version in said)
        seconds = at.timestamp()
        if self._start <= seconds < self._end:
            read = (_value(truth), *(_value(said.get(version)) for version in versions))
            numbers = tuple(number for number in read if number is not None)
            if len(numbers) < len(read):
                return False
            self.sample.add((seconds, *numbers), tuple(self._text(columns.get(name)) for name in self._asked.columns))
        self.fit += 1
        return True

    def _text(self, given: object) -> str:
        """As text in one line, one object for all that are equal."""
        words = reading.text(given, TEXT) or ""
        found = self._texts.get(words)
        if found is None:
            found = self._texts[words] = reading.clean(words)
        return found


def _spelled(lines: Iterable[bytes]) -> Iterator[Row | None]:
    """JSON lines; None for one that is none. Empty lines are passed over."""
    for line in lines:
        if not line.strip():
            continue
        try:
            row: Any = reading.loads(line)
        except Unreadable:
            yield None
            continue
        if not isinstance(row, dict):
            yield None
            continue
        said, columns = row.get("said"), row.get("columns", {})
        if isinstance(said, dict) and isinstance(columns, dict):
            yield row.get("at"), row.get("truth"), said, columns
        else:
            yield None


def _tabled(lines: Iterable[bytes]) -> Iterator[Row | None]:
    """CSV below a header: at, truth, said.VERSION, and columns; None for what does not fit it."""
    table = csv.reader(line.decode("utf-8", "replace") for line in lines)
    header: Sequence[str] = ()
    while True:
        try:
            cells = next(table)
        except StopIteration:
            return
        except csv.Error:
            yield None
            continue
        if not cells:
            continue
        if not header:
            header = [cell.strip().removeprefix("\ufeff") for cell in cells]
            continue
        if len(cells) != len(header):
            yield None
            continue
        row = dict(zip(header, cells, strict=True))
        said = {name[len(SAID) :]: cell for name, cell in row.items() if name.startswith(SAID) and cell}
        yield row.get("at"), row.get("truth"), said, row


def _moment(given: object) -> datetime | None:
    """When it was; a CSV has seconds as text, with a fraction too."""
    return reading.instant(given) or (reading.instant(reading.number(given)) if isinstance(given, str) else None)


def _value(given: object) -> float | None:
    """A number, NaN for one that is not known; None for what is none."""
    if type(given) is float and isfinite(given):  # nearly always
        return given
    if given is None:
        return nan
    if isinstance(given, bool):
        return float(given)
    if isinstance(given, str):
        known = _TRUTHS.get(given.strip().lower())
        return reading.number(given) if known is None else known
    return reading.number(given)
